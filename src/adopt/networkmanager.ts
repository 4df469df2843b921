/** NetworkManager's profiles → what they set for a link: keyfiles, and ifcfg files (nm-settings-keyfile(5), nm-settings-ifcfg-rh(5)). */
import type { Claim, HostFile, Setting } from '../backends/host/foreign.ts';
import { keyfileSettings } from '../backends/host/networkmanager/keyfile.ts';
import { fitsProfile, type Profile, profilesOf } from '../backends/host/networkmanager/profiles.ts';
import { type FoundLink, type Kind, leave, newLink, set } from './found.ts';
import { readIfcfg } from './ifcfg.ts';
import { addManagerDefaults } from './networkmanager-defaults.ts';
import { readIp } from './networkmanager-ip.ts';
import { readProfileKey } from './networkmanager-keys.ts';
import type { Reader } from './reader.ts';

const KINDS: Readonly<Record<string, Kind>> = {
  ethernet: 'ethernet',
  vlan: 'vlan',
  bond: 'bond',
  bridge: 'bridge',
  macvlan: 'macvlan',
};

const kindOf = (type: string): Kind => (type === 'vlan' ? 'vlan' : (KINDS[type] ?? 'other'));

const atBoot = (files: readonly HostFile[]): HostFile[] =>
  files.filter(({ folder }) => !folder.startsWith('/run/'));

/** Profiles that may be activated at boot, those with more priority first. */
const startedProfiles = (files: readonly HostFile[]): Profile[] =>
  profilesOf(atBoot(files))
    .filter(({ autoconnects }) => autoconnects)
    .sort((a, b) => b.priority - a.priority);

export const networkmanagerReader: Reader = {
  id: 'networkmanager',
  names: (files) =>
    new Map(
      startedProfiles(files)
        .reverse()
        .flatMap(({ interfaceName, type }) =>
          interfaceName === undefined || type === 'loopback'
            ? []
            : [[interfaceName, kindOf(type)] as const],
        ),
    ),
  patterns: (files) =>
    startedProfiles(files)
      .filter(({ type, interfaceName }) => type === 'ethernet' && interfaceName === undefined)
      .map(({ path, line, mac, patterns }) => ({
        path,
        line,
        pattern: mac ?? patterns[0] ?? 'any NIC',
      })),
  read: (files, claim) => readManager(atBoot(files), claim),
};

/** A profile for a link; without one, NetworkManager's automatic profile of a NIC. */
function readManager(files: readonly HostFile[], claim: Claim): FoundLink | undefined {
  const fits = startedProfiles(files)
    .map((profile) => ({ profile, fit: fitsProfile(profile, claim) }))
    .filter(({ fit }) => fit !== 'no');
  const named = fits.filter(({ profile }) => profile.interfaceName === claim.name);
  const [first] = [...named, ...fits].sort((a, b) => b.profile.priority - a.profile.priority);
  if (!first) return automatic(claim);
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
  addManagerDefaults(link);
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
  for (const { path, controller, interfaceName: port } of startedProfiles(files)) {
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
