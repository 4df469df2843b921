/** NetworkManager's profiles → what they set for a link: keyfiles, and ifcfg files (nm-settings-keyfile(5), nm-settings-ifcfg-rh(5)). */
import type { Claim, HostFile, Setting } from '../backends/host/foreign.ts';
import { booleanOf, keyfileSettings } from '../backends/host/networkmanager/keyfile.ts';
import { fitsProfile, type Profile, profilesOf } from '../backends/host/networkmanager/profiles.ts';
import { type FoundLink, type Kind, leave, newLink, set } from './found.ts';
import { nicWith } from './host-facts.ts';
import { readIfcfg } from './ifcfg.ts';
import { addManagerDefaults } from './networkmanager-defaults.ts';
import { readIp } from './networkmanager-ip.ts';
import { readProfileKey } from './networkmanager-keys.ts';
import { dropDefaultRoutes } from './never-default.ts';
import type { Reader } from './reader.ts';
import { entryOf } from './values.ts';

const KINDS: Readonly<Record<string, Kind>> = {
  ethernet: 'ethernet',
  vlan: 'vlan',
  bond: 'bond',
  bridge: 'bridge',
  macvlan: 'macvlan',
};

const kindOf = (type: string): Kind =>
  type === 'vlan' ? 'vlan' : (entryOf(KINDS, type) ?? 'other');

const atBoot = (files: readonly HostFile[]): HostFile[] =>
  files.filter(({ folder }) => !folder.startsWith('/run/'));

/** Profiles that may be activated at boot, those with more priority first. */
const startedProfiles = (files: readonly HostFile[]): Profile[] =>
  profilesOf(atBoot(files))
    .filter(({ autoconnects }) => autoconnects)
    .sort((a, b) => b.priority - a.priority);

/** The link that a profile names, or the NIC with its MAC, where the host's are known. */
const linkOf = (
  { interfaceName, mac, type }: Profile,
  files: readonly HostFile[],
): string | undefined =>
  interfaceName ?? (mac !== undefined && type === 'ethernet' ? nicWith(files, mac) : undefined);

export const networkmanagerReader: Reader = {
  id: 'networkmanager',
  names: (files) =>
    new Map(
      startedProfiles(files)
        .reverse()
        .flatMap((profile) => {
          const name = linkOf(profile, files);
          return name === undefined ? [] : [[name, kindOf(profile.type)] as const];
        }),
    ),
  patterns: (files) =>
    startedProfiles(files)
      .filter((profile) => profile.type === 'ethernet' && linkOf(profile, files) === undefined)
      .map(({ path, line, mac, patterns }) => ({
        path,
        line,
        pattern: mac ?? patterns[0] ?? 'any NIC',
      })),
  read: (files, claim) => readManager(atBoot(files), claim),
};

/** network-scripts read the same files, with no metrics and no profile of their own. */
export const networkScriptsReader: Reader = {
  ...networkmanagerReader,
  read: (files, claim) => readManager(atBoot(files), claim, true),
};

/** A profile for a link; without one, NetworkManager's automatic profile of a NIC. */
function readManager(
  files: readonly HostFile[],
  claim: Claim,
  isByScripts = false,
): FoundLink | undefined {
  const fits = startedProfiles(files)
    .map((profile) => ({ profile, fit: fitsProfile(profile, claim) }))
    .filter(({ fit }) => fit !== 'no');
  const named = fits.filter(({ profile }) => profile.interfaceName === claim.name);
  const [first] = [...named, ...fits].sort((a, b) => b.profile.priority - a.profile.priority);
  if (!first) return isByScripts ? undefined : automatic(claim);
  const { profile } = first;
  const link = newLink(claim.name, kindOf(profile.type), {
    path: profile.path,
    line: profile.line,
  });
  readProfile(link, profile, files);
  for (const { profile: other } of named) {
    if (other === profile) continue;
    leave(
      link,
      { path: other.path, line: other.line },
      other.interfaceName ?? other.path,
      `\`${profile.path}\` is adopted for \`${claim.name}\`.`,
    );
  }
  addPorts(link, profile, files);
  if (!isByScripts) addManagerDefaults(link);
  return link;
}

function readProfile(link: FoundLink, { path }: Profile, files: readonly HostFile[]): void {
  const text = files.find((file) => file.path === path)?.text ?? '';
  if (/\/ifcfg-[^/]*$/.test(path)) {
    readIfcfg(link, path, text, files);
    return;
  }
  const settings = keyfileSettings(text) ?? [];
  const last = new Map<string, Setting>();
  // The last of repeated ones counts.
  for (const setting of settings) last.set(`${setting.section}.${setting.key}`, setting);
  for (const setting of last.values()) {
    const at = { path, line: setting.line };
    if (setting.section === 'ipv4' || setting.section === 'ipv6') readIp(link, setting, at);
    else readProfileKey(link, setting, at, (name) => nameOf(name, files));
  }
  for (const family of ['ipv4', 'ipv6'] as const) {
    const setting = last.get(`${family}.never-default`);
    if (setting && booleanOf(setting.value) === true) {
      const at = { path, line: setting.line };
      dropDefaultRoutes(link, family, at, `[${family}] never-default=${setting.value}`);
    }
  }
}

/** A controller or parent is named by its interface or by its UUID. */
const nameOf = (word: string, files: readonly HostFile[]): string =>
  profilesOf(atBoot(files)).find(({ uuid }) => uuid === word.toLowerCase())?.interfaceName ?? word;

/** Members of a bond or bridge name it. */
function addPorts(
  link: FoundLink,
  { uuid, interfaceName }: Profile,
  files: readonly HostFile[],
): void {
  if (link.kind !== 'bond' && link.kind !== 'bridge') return;
  for (const profile of startedProfiles(files)) {
    const { path, controller } = profile;
    const port = linkOf(profile, files);
    const isOwn = controller && [uuid, interfaceName].includes(controller.name.toLowerCase());
    const isNamed = controller && controller.name === interfaceName;
    if (!controller || port === undefined || !(isOwn || isNamed) || link.ports.includes(port))
      continue;
    link.ports.push(port);
    link.entries.push({
      key: 'interfaces',
      value: port,
      isItem: true,
      origin: { path, line: controller.line },
    });
  }
}

/** `Wired connection 1`: a lease, and what routers advertise (NetworkManager.conf(5), no-auto-default). */
function automatic(claim: Claim): FoundLink | undefined {
  if (claim.kind !== 'ethernet') return undefined;
  const origin = { note: 'automatic profile of NetworkManager' };
  const link = newLink(claim.name, 'ethernet', origin);
  set(link, 'dhcp4', true, origin);
  set(link, 'accept-ra', true, origin);
  return link;
}
