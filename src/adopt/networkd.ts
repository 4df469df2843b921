/** Files of systemd-networkd → what they set for a link (systemd.network(5), .netdev(5); 247 to 262). */
import type { Claim, HostFile } from '../backends/host/foreign.ts';
import { type Unit, unitsOf } from '../backends/host/networkd/judge.ts';
import { type Answer, matchOf } from '../backends/host/networkd/match.ts';
import { wordsOf } from '../backends/host/systemd-file.ts';
import {
  type FoundLink,
  type Kind,
  kindOfClaim,
  leave,
  newLink,
  type Origin,
  set,
} from './found.ts';
import { readDevice } from './networkd-device.ts';
import { readGateway } from './networkd-dhcp.ts';
import { readNetwork } from './networkd-keys.ts';
import { isVendor, matchWords, sectionsOf } from './networkd-sections.ts';
import type { Reader } from './reader.ts';
import { tablesOfNetworkd } from './table-names.ts';
import { linkFiles, nameGiven, readUdev, withMac } from './udev.ts';
import { entryOf, flagOf } from './values.ts';

const KINDS: Readonly<Record<string, Kind>> = {
  vlan: 'vlan',
  bond: 'bond',
  bridge: 'bridge',
  macvlan: 'macvlan',
  macvtap: 'macvtap',
};

/** `/run` is empty at the next boot. */
const atBoot = (files: readonly HostFile[]): HostFile[] =>
  files.filter(({ folder }) => !folder.startsWith('/run/'));

const isPattern = (word: string): boolean => /[*?[\]!]/.test(word);

interface Device {
  readonly unit: Unit;
  readonly name: string;
  readonly kind: Kind;
}

const devicesOf = (files: readonly HostFile[]): Device[] =>
  unitsOf(files, '.netdev').flatMap((unit) => {
    const value = (key: string): string | undefined =>
      unit.settings.findLast((item) => item.section === 'NetDev' && item.key === key)?.value;
    const name = value('Name');
    return name === undefined
      ? []
      : [{ unit, name, kind: entryOf(KINDS, value('Kind') ?? '') ?? 'other' }];
  });

/** The `.netdev` file that creates a device. */
export const deviceFile = (files: readonly HostFile[], name: string): string | undefined =>
  devicesOf(atBoot(files)).find((device) => device.name === name)?.unit.path;

export const networkdReader: Reader = {
  id: 'networkd',
  names(files) {
    const own = atBoot(files);
    const found = new Map<string, Kind>();
    for (const unit of unitsOf(own, '.network')) {
      for (const name of matchWords(unit, 'Name')) {
        if (!isPattern(name) && !isVendor(unit)) found.set(name, 'ethernet');
      }
    }
    for (const unit of linkFiles(own)) {
      const name = nameGiven(unit);
      if (name !== undefined) found.set(name, 'ethernet');
    }
    for (const { name, kind } of devicesOf(own)) found.set(name, kind);
    return found;
  },
  patterns(files) {
    return unitsOf(atBoot(files), '.network')
      .filter((unit) => !isVendor(unit))
      .flatMap(({ path, settings }) => {
        const match = settings.filter(({ section }) => section === 'Match');
        const name = match.find(({ key }) => key === 'Name');
        const first = name ?? match[0];
        const isNamed = name && wordsOf(name.value, 'unescaped').every((word) => !isPattern(word));
        return first && !isNamed
          ? [{ path, line: first.line, pattern: `${first.key}=${first.value}` }]
          : [];
      });
  },
  read: (files, claim) => readNetworkd(atBoot(files), claim),
};

function readNetworkd(files: readonly HostFile[], claim: Claim): FoundLink | undefined {
  const device = devicesOf(files).find(({ name }) => name === claim.name);
  const kind = device?.kind ?? (claim.kind as Kind);
  const named = withMac(claim, files);
  const answers = unitsOf(files, '.network').map((unit) => ({
    unit,
    answer: matchOf(unit.settings, { ...named, kind: kindOfClaim(kind) }, 'network'),
  }));
  const unit = firstOf(answers, 'yes') ?? firstOf(answers, 'maybe');
  const path = unit?.path ?? device?.unit.path;
  if (path === undefined) return undefined;
  const line = unit?.settings.find(({ section }) => section === 'Match')?.line;
  const link = newLink(claim.name, kind, { path, ...(line !== undefined && { line }) });
  link.tables = tablesOfNetworkd(files);
  for (const section of device ? sectionsOf(device.unit, files) : []) readDevice(link, section);
  readUdev(link, files, named);
  for (const section of unit ? sectionsOf(unit, files) : []) readNetwork(link, section);
  readGateway(link, unit?.settings ?? []);
  joinOthers(link, files);
  reportUnused(link, answers, unit);
  addDefaults(link, unit);
  return link;
}

const firstOf = (
  answers: readonly { readonly unit: Unit; readonly answer: Answer | undefined }[],
  wanted: Answer,
): Unit | undefined => answers.find(({ answer }) => answer === wanted)?.unit;

/** What other files set for it: a VLAN or macvlan is named in the file of the link under it. */
function joinOthers(link: FoundLink, files: readonly HostFile[]): void {
  const { name } = link;
  for (const unit of unitsOf(files, '.network')) {
    const matched = matchWords(unit, 'Name');
    const names = matched.filter((word) => !isPattern(word));
    const [only] = names;
    for (const { section, key, value, path, line } of unit.settings) {
      if (section !== 'Network') continue;
      const isAbove =
        /^(?:VLAN|MACVLAN|MACVTAP)$/.test(key) && wordsOf(value, 'unquoted').includes(name);
      if (isAbove && only !== undefined) {
        link.below = only;
        set(link, link.kind === 'vlan' ? 'link' : 'parent', only, { path, line });
      }
      if (/^(?:Bond|Bridge)$/.test(key) && value === name) {
        if (key === 'Bond') readPrimary(link, unit, matched);
        if (names.length === 0 || names.length < matched.length)
          leave(link, { path, line }, `${key}=${value}`, PORTS_UNNAMED);
        for (const port of names) {
          if (!link.ports.includes(port)) link.ports.push(port);
          link.entries.push({
            key: 'interfaces',
            value: port,
            isItem: true,
            origin: { path, line },
          });
        }
      }
    }
  }
}

const PORTS_UNNAMED = 'The file matches ports by MAC or pattern: add their names to `interfaces`.';

/** Of several settings the last that is a boolean counts; a file of several ports does not say which one it means. */
function readPrimary(link: FoundLink, unit: Unit, matched: readonly string[]): void {
  const last = unit.settings.findLast(
    ({ section, key, value }) =>
      section === 'Network' && key === 'PrimarySlave' && flagOf(value) !== undefined,
  );
  if (!last || flagOf(last.value) !== true) return;
  const { path, line } = last;
  const [only, ...others] = matched;
  if (only !== undefined && others.length === 0 && !isPattern(only))
    set(link, 'parameters.primary', only, { path, line });
  else
    leave(
      link,
      { path, line },
      `PrimarySlave=${last.value}`,
      'The file does not match one port by its name: add `parameters.primary`.',
    );
}

/** Files that match the link, and are not read because another matches it first. */
function reportUnused(
  link: FoundLink,
  answers: readonly { readonly unit: Unit; readonly answer: Answer | undefined }[],
  used: Unit | undefined,
): void {
  if (!used) return;
  for (const { unit, answer } of answers) {
    if (unit === used || answer !== 'yes' || isVendor(unit)) continue;
    const why = `\`${used.path}\` matches \`${link.name}\` first.`;
    if (matchWords(unit, 'Name').includes(link.name))
      leave(link, { path: unit.path }, unit.name, why);
  }
}

/** systemd.network(5), [Network] and [DHCPv4]: what holds where a file has nothing. */
function addDefaults(link: FoundLink, unit: Unit | undefined): void {
  if (!unit || link.master !== undefined) return;
  const has = (key: string): boolean => link.entries.some((entry) => entry.key === key);
  const origin: Origin = { note: 'default of systemd-networkd' };
  const forwards = unit.settings.some(
    ({ section, key, value }) =>
      section === 'Network' &&
      /^(?:IPForward|IPv6Forwarding)$/.test(key) &&
      (flagOf(value) === true || value === 'ipv6'),
  );
  if (!has('accept-ra') && !forwards) set(link, 'accept-ra', true, origin);
  if (!has('link-local')) set(link, 'link-local', ['ipv6'], origin);
  if (!link.entries.some(({ key, value }) => key === 'dhcp4' && value === true)) return;
  if (!has('dhcp4-overrides.route-metric')) set(link, 'dhcp4-overrides.route-metric', 1024, origin);
  if (!has('dhcp4-overrides.use-mtu')) set(link, 'dhcp4-overrides.use-mtu', false, origin);
}
