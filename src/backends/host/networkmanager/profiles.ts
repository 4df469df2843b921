/** Profiles that NetworkManager reads: keyfiles, and ifcfg files of Enterprise Linux. */
import {
  type Claim,
  fits,
  type HostFile,
  merged,
  type Setting,
  settingsOf,
  type Watch,
} from '../foreign.ts';
import { booleanOf, keyfileSettings, listItems } from './keyfile.ts';

/** NetworkManager.conf(5), [keyfile] path: a name in an earlier folder hides the same name in a later one. */
const FOLDERS = [
  '/etc/NetworkManager/system-connections',
  '/run/NetworkManager/system-connections',
  '/usr/lib/NetworkManager/system-connections',
];
const [ETC] = FOLDERS;
const IFCFG = '/etc/sysconfig/network-scripts';

export const profileWatches: readonly Watch[] = [
  // In /etc a profile needs no file extension; hidden files, backups and certificates are not profiles.
  ...FOLDERS.map((folder) => ({
    folder,
    name: folder === ETC ? /^[^.].*(?<!~|\.pem|\.der)$/i : /^[^.].*\.nmconnection$/,
  })),
  { folder: IFCFG, name: /^ifcfg-.*(?<!~|\.(?:bak|orig|rej|rpmnew|augnew|augtmp))$/ },
];

export interface Profile {
  readonly path: string;
  /** The line with its match. */
  readonly line: number;
  readonly type: string;
  readonly uuid?: string;
  readonly interfaceName?: string;
  /** `[match] interface-name=`. */
  readonly patterns: readonly string[];
  readonly mac?: string;
  /** Permanent MACs that it excludes. */
  readonly deniedMacs: readonly string[];
  /** It has more conditions (driver, path, kernel command line), which depend on the host. */
  readonly hasMoreConditions: boolean;
  readonly priority: number;
  readonly autoconnects: boolean;
  /** Of a port: the interface or UUID of its controller, and the line. */
  readonly controller?: { readonly name: string; readonly line: number };
  /** It activates its ports itself. */
  readonly activatesPorts: boolean;
  /** Addresses with prefix length. */
  readonly addresses: readonly string[];
}

export const profilesOf = (files: readonly HostFile[]): Profile[] => [
  ...merged(files, FOLDERS).flatMap((file) => profileOf(file) ?? []),
  ...files.filter(({ folder, name }) => folder === IFCFG && name.startsWith('ifcfg-')).map(ifcfgOf),
];

function profileOf({ path, text = '' }: HostFile): Profile | undefined {
  const settings = keyfileSettings(text);
  if (!settings) return undefined;
  const find = (section: string, ...keys: readonly string[]): Setting | undefined =>
    settings.findLast((setting) => setting.section === section && keys.includes(setting.key));
  const ofNic = (key: string): string | undefined =>
    (find('ethernet', key) ?? find('802-3-ethernet', key))?.value;
  const type = find('connection', 'type');
  if (!type) return undefined;
  const name = find('connection', 'interface-name');
  const interfaceName = name?.value ?? (type.value === 'vlan' ? vlanName(find) : undefined);
  const mac = ofNic('mac-address');
  const uuid = find('connection', 'uuid');
  const priority = find('connection', 'autoconnect-priority');
  const controller = find('connection', 'controller') ?? find('connection', 'master');
  // Only for a user's session, not at boot.
  const isOfUser = (find('connection', 'permissions')?.value ?? '') !== '';
  const activates =
    find('connection', 'autoconnect-ports') ?? find('connection', 'autoconnect-slaves');
  return {
    path,
    line: (priority ?? name ?? type).line,
    type: type.value.replace(/^802-3-/, ''),
    ...(uuid && { uuid: uuid.value.toLowerCase() }),
    ...(interfaceName !== undefined && { interfaceName }),
    patterns: listItems(find('match', 'interface-name')?.value ?? ''),
    ...(mac !== undefined && { mac: mac.toLowerCase() }),
    deniedMacs: listItems(
      (ofNic('mac-address-denylist') ?? ofNic('mac-address-blacklist') ?? '').toLowerCase(),
    ),
    hasMoreConditions: ['driver', 'path', 'kernel-command-line'].some((key) => find('match', key)),
    priority: Number(priority?.value ?? 0),
    autoconnects: booleanOf(find('connection', 'autoconnect')?.value) !== false && !isOfUser,
    ...(controller && { controller: { name: controller.value, line: controller.line } }),
    activatesPorts: booleanOf(activates?.value) === true,
    addresses: addressesOf(settings),
  };
}

/** nm-settings-nmcli(5), vlan: without a name it is called after its parent, unless that is a UUID (15 bytes are the longest name). */
function vlanName(
  find: (section: string, ...keys: readonly string[]) => Setting | undefined,
): string | undefined {
  const own = find('vlan', 'interface-name')?.value;
  const [parent, id] = [find('vlan', 'parent')?.value, find('vlan', 'id')?.value];
  if (own !== undefined) return own;
  return parent === undefined || id === undefined || parent.length > 15
    ? undefined
    : `${parent}.${id}`;
}

/** `address1=192.0.2.1/24,192.0.2.254`, `addresses=192.0.2.1/24;…`. */
const addressesOf = (settings: readonly Setting[]): string[] =>
  settings
    .filter(
      ({ section, key }) => /^ipv[46]$/.test(section) && /^address(?:es|[0-9]{0,3})$/.test(key),
    )
    .flatMap(({ value }) => listItems(value).map((item) => item.split(',')[0] ?? ''));

/** An ifcfg file: variables of the shell. */
function ifcfgOf({ path, text = '' }: HostFile): Profile {
  const settings = settingsOf(text);
  const find = (...keys: readonly string[]): Setting | undefined =>
    settings.findLast(({ key }) => keys.includes(key));
  const value = (...keys: readonly string[]): string | undefined => {
    const setting = find(...keys);
    return setting && shellWord(setting.value);
  };
  const name = value('DEVICE');
  const mac = value('HWADDR');
  const uuid = value('UUID');
  const controller = find(
    'BRIDGE',
    'BRIDGE_UUID',
    'MASTER',
    'MASTER_UUID',
    'TEAM_MASTER',
    'TEAM_MASTER_UUID',
  );
  const address = value('IPADDR', 'IPADDR0');
  return {
    path,
    line: find('DEVICE')?.line ?? 1,
    type: ifcfgType((key) => value(key)),
    ...(uuid !== undefined && { uuid: uuid.toLowerCase() }),
    ...(name !== undefined && { interfaceName: name }),
    patterns: [],
    ...(mac !== undefined && { mac: mac.toLowerCase() }),
    deniedMacs: [],
    hasMoreConditions: false,
    priority: Number(value('AUTOCONNECT_PRIORITY') ?? 0),
    autoconnects: value('ONBOOT')?.toLowerCase() !== 'no',
    ...(controller && { controller: { name: shellWord(controller.value), line: controller.line } }),
    activatesPorts: value('AUTOCONNECT_SLAVES')?.toLowerCase() === 'yes',
    addresses: address === undefined ? [] : [`${address}/${value('PREFIX', 'PREFIX0') ?? ''}`],
  };
}

/** sysconfig.txt of initscripts, and NetworkManager after it: other keys show what kind `Ethernet` stands for. */
function ifcfgType(value: (key: string) => string | undefined): string {
  const type = (value('TYPE') ?? value('DEVICETYPE') ?? 'Ethernet').toLowerCase();
  if (type !== 'ethernet') return type;
  if (value('VLAN')?.toLowerCase() === 'yes') return 'vlan';
  const isBond = value('BONDING_OPTS') !== undefined || value('BONDING_MASTER') === 'yes';
  return isBond ? 'bond' : type;
}

/** The first word, without its quotes. */
function shellWord(value: string): string {
  const [first = ''] = value;
  if (first === '"' || first === "'") return value.slice(1).split(first)[0] ?? '';
  return value.split(/[\s#]/)[0] ?? '';
}

export type Fit = 'yes' | 'no' | 'maybe';

/** Whether a profile is for a link: by its type, name, MAC and `[match]`; all must fit. */
export function fitsProfile(profile: Profile, claim: Claim): Fit {
  const { type, interfaceName, mac, deniedMacs } = profile;
  const isNic = claim.kind === 'ethernet';
  // A profile of a virtual link matches by name, regardless of its kind.
  if (isNic && type !== 'ethernet') return 'no';
  if (interfaceName === undefined ? !isNic : interfaceName !== claim.name) return 'no';
  if (!fitsPatterns(profile.patterns, claim.name)) return 'no';
  const { permanentMac } = claim;
  if (permanentMac !== undefined && deniedMacs.includes(permanentMac)) return 'no';
  if (isNic && mac !== undefined && permanentMac !== undefined && mac !== permanentMac) return 'no';
  const isKnown = mac === undefined || permanentMac !== undefined || interfaceName !== undefined;
  return isKnown && !profile.hasMoreConditions ? 'yes' : 'maybe';
}

/**
 * nm-settings-nmcli(5), match.interface-name: a pattern after `|` is one of several, after `&`
 * mandatory; `!` inverts, and alone means `&!`; `\` escapes the next character.
 */
export function fitsPatterns(patterns: readonly string[], name: string): boolean {
  let hasOptional = false;
  let isAnyMet = false;
  for (const text of patterns) {
    const [, sign = '', inverted = '', rest = ''] = /^([|&]?)(!?)([\s\S]*)$/.exec(text) ?? [];
    const isMandatory = sign === '&' || (sign === '' && inverted !== '');
    const isMet = fits(rest.replace(/^\\/, ''), name) === (inverted === '');
    if (isMandatory && !isMet) return false;
    if (!isMandatory) hasOptional = true;
    if (!isMandatory && isMet) isAnyMet = true;
  }
  return isAnyMet || !hasOptional;
}
