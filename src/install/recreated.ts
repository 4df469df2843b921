/**
 * What a change of files asks of devices that exist: nothing can be read from the model here, as an
 * installation knows only the files before and after it. `diff`, the installation and the printed
 * steps all ask this.
 */
import { MACVLAN_MODES } from '../backends/networkmanager/generated.ts';
import { allOf, sectionsOf } from '../backends/shared/sections.ts';

/** One file before and after a change; absent: it is not there. */
export interface FileChange {
  /** Absolute, on the target. */
  readonly path: string;
  readonly before?: string | undefined;
  readonly after?: string | undefined;
}

export type Aspect = 'kind' | 'parent' | 'mode' | 'mac' | 'vlan' | 'parameters';

export interface Recreated {
  readonly device: string;
  /**
   * `live`: the device that exists is changed. `recreate`: it is deleted and created, within a
   * second. `reboot`: only a reboot does it.
   */
  readonly how: 'live' | 'recreate' | 'reboot';
  readonly aspect: Aspect;
}

/** What files say of one virtual device, in the words of ip-link(8). */
interface Device {
  readonly system: 'networkd' | 'networkmanager' | 'ifupdown' | 'netplan';
  readonly kind?: string;
  readonly parent?: string;
  readonly mode?: string;
  readonly mac?: string;
  readonly vlan?: string;
  readonly parameters?: string;
}

const ASPECTS = ['kind', 'parent', 'mode', 'mac', 'vlan', 'parameters'] as const;

/**
 * Devices that are there before and after the change and differ; those that are only created or only
 * removed are not among them. In the order of the files, each device and aspect once.
 */
export function recreated(files: readonly FileChange[]): Recreated[] {
  const before = devicesIn(files.map(({ path, before: text }) => ({ path, text })));
  const after = devicesIn(files.map(({ path, after: text }) => ({ path, text })));
  return [...after].flatMap(([device, now]) => {
    const was = before.get(device);
    if (!was) return [];
    return ASPECTS.filter((aspect) => differs(aspect, was, now)).map((aspect) => ({
      device,
      how: howOf(aspect, was, now),
      aspect,
    }));
  });
}

/** What one side alone does not say is no difference, but for a MAC: then it is the kernel's own. */
function differs(aspect: Aspect, was: Device, now: Device): boolean {
  if (aspect === 'parameters') return was.system === now.system && was[aspect] !== now[aspect];
  if (was[aspect] === undefined && aspect !== 'mac') return false;
  return was[aspect] !== now[aspect] && now[aspect] !== undefined;
}

/** Modes among which ip-link(8) changes a macvlan that exists; to or from others the kernel refuses. */
const LIVE_MODES: ReadonlySet<string> = new Set(['bridge', 'private', 'vepa']);

function howOf(aspect: Aspect, was: Device, now: Device): Recreated['how'] {
  if (now.system === 'ifupdown') return 'recreate';
  const isMacvlan = now.kind === 'macvlan' || now.kind === 'macvtap';
  // networkd keeps the definition of a device in memory (seen on 252), and changes none that exists.
  if (!isMacvlan) return now.system === 'networkmanager' ? 'recreate' : 'reboot';
  if (aspect === 'mac') return 'live';
  // The sources of a macvlan in mode source (ip-link(8), macaddr set).
  if (aspect === 'parameters') return now.system === 'networkd' ? 'live' : 'recreate';
  const isLive =
    aspect === 'mode' && LIVE_MODES.has(was.mode ?? '') && LIVE_MODES.has(now.mode ?? '');
  return isLive && now.system === 'networkd' ? 'live' : 'recreate';
}

/** Devices by name; what several files say of one is put together. */
function devicesIn(
  files: readonly { readonly path: string; readonly text: string | undefined }[],
): Map<string, Device> {
  const devices = new Map<string, Device>();
  const parents = new Map<string, string>();
  for (const { path, text } of files) {
    if (text === undefined || text === '') continue;
    for (const [name, device] of readDevices(path, text)) {
      devices.set(name, { ...devices.get(name), ...device });
    }
    for (const [name, parent] of readParents(path, text)) parents.set(name, parent);
  }
  for (const [name, parent] of parents) {
    const device = devices.get(name);
    if (device) devices.set(name, { ...device, parent });
  }
  return devices;
}

type Named = readonly (readonly [string, Device])[];

function readDevices(path: string, text: string): Named {
  if (path.endsWith('.netdev')) return readNetdev(text);
  if (path.endsWith('.nmconnection')) return readProfile(text);
  if (path.startsWith('/etc/network/interfaces.d/')) return readStanzas(text);
  if (path.startsWith('/etc/netplan/')) return readNetplan(text);
  return [];
}

/** Section and key → values, in their order. */
function readSections(text: string): (section: string, key: string) => string[] {
  const sections = sectionsOf(text);
  return (section, key) => allOf(sections, section, key);
}

/** Lines of the sections, without those that are read by name. */
const restOf = (text: string, section: string): string => {
  const [, after = ''] = text.split(`\n[${section}]\n`);
  return after.split('\n[', 1)[0]?.trim() ?? '';
};

function readNetdev(text: string): Named {
  const valuesOf = readSections(text);
  const [name] = valuesOf('NetDev', 'Name');
  const [kind] = valuesOf('NetDev', 'Kind');
  if (name === undefined || kind === undefined) return [];
  const [mac] = valuesOf('NetDev', 'MACAddress');
  const [mode] = valuesOf(kind.toUpperCase(), 'Mode');
  const [vlan] = valuesOf('VLAN', 'Id');
  const isMacvlan = kind === 'macvlan' || kind === 'macvtap';
  return [
    [
      name,
      {
        system: 'networkd',
        kind,
        ...(mac !== undefined && { mac: mac.toLowerCase() }),
        ...(isMacvlan && mode !== undefined && { mode }),
        ...(vlan !== undefined && { vlan }),
        parameters: isMacvlan
          ? valuesOf(kind.toUpperCase(), 'SourceMACAddress').join(' ')
          : restOf(text, kind === 'bond' ? 'Bond' : 'Bridge'),
      },
    ],
  ];
}

/** Device → what it is on top of (systemd.network(5), [Network] MACVLAN=, MACVTAP=, VLAN=). */
function readParents(path: string, text: string): (readonly [string, string])[] {
  const file = /\/(?:00-macvtap-|10-netplan-)([^/]+)\.network$/.exec(path)?.[1];
  if (file === undefined) return [];
  const valuesOf = readSections(text);
  const parent = valuesOf('Match', 'Name')[0] ?? file;
  return ['MACVLAN', 'MACVTAP', 'VLAN']
    .flatMap((key) => valuesOf('Network', key))
    .map((name) => [name, parent] as const);
}

function readProfile(text: string): Named {
  const valuesOf = readSections(text);
  const [type = ''] = valuesOf('connection', 'type');
  const [name] = valuesOf('connection', 'interface-name');
  if (name === undefined || !/^(?:macvlan|vlan|bond|bridge)$/.test(type)) return [];
  const [mac] = [
    ...valuesOf('ethernet', 'cloned-mac-address'),
    ...valuesOf('bridge', 'mac-address'),
  ];
  const [parent] = [...valuesOf('macvlan', 'parent'), ...valuesOf('vlan', 'parent')];
  const [mode] = valuesOf('macvlan', 'mode');
  const [vlan] = valuesOf('vlan', 'id');
  return [
    [
      name,
      {
        system: 'networkmanager',
        kind: valuesOf('macvlan', 'tap')[0] === 'true' ? 'macvtap' : type,
        ...(mac !== undefined && { mac: mac.toLowerCase() }),
        ...(parent !== undefined && { parent }),
        ...(mode !== undefined && { mode: MACVLAN_MODES[mode] ?? mode }),
        ...(vlan !== undefined && { vlan }),
        ...(/^(?:bond|bridge)$/.test(type) && { parameters: restOf(text, type) }),
      },
    ],
  ];
}

/** `ip link add` of our stanzas: `NAME link PARENT address MAC type KIND mode MODE`. */
function readStanzas(text: string): Named {
  return text.split('\n').flatMap((line): Named => {
    const [, command] = line.split(' ip link add ');
    if (command === undefined) return [];
    const words = ` ${command.trim()}`.split(' ').slice(1);
    const after = (key: string): string | undefined => {
      const at = words.indexOf(key);
      return at < 0 ? undefined : words[at + 1];
    };
    const name = after('name') ?? words[0] ?? '';
    const kind = after('type') ?? '';
    const isMacvlan = kind === 'macvlan' || kind === 'macvtap';
    const at = words.indexOf('type');
    const described = {
      system: 'ifupdown',
      kind,
      parent: after('link'),
      mac: after('address'),
      mode: isMacvlan ? after('mode') : undefined,
      vlan: kind === 'vlan' ? after('id') : undefined,
      parameters: isMacvlan || kind === 'vlan' ? undefined : words.slice(at).join(' '),
    };
    const known = Object.entries(described).filter(([, value]) => value !== undefined);
    return [[name, Object.fromEntries(known) as unknown as Device]];
  });
}

const NETPLAN_KINDS: Readonly<Record<string, string>> = {
  vlans: 'vlan',
  bonds: 'bond',
  bridges: 'bridge',
  'nm-devices': 'macvlan',
};

/** Our own YAML, or one of ours that was edited: kinds are indented by two spaces, ids by four. */
function readNetplan(text: string): Named {
  const found: [string, string, string[]][] = [];
  let kind = '';
  for (const line of text.split('\n')) {
    const at = line.length - line.trimStart().length;
    const word = unquoted(line.trim().replace(/:$/, ''));
    if (at === 2) kind = word;
    else if (at === 4 && kind in NETPLAN_KINDS) found.push([NETPLAN_KINDS[kind] ?? '', word, []]);
    else if (at > 4 && kind in NETPLAN_KINDS) found.at(-1)?.[2].push(line.trim());
  }
  return found.map(([type, name, lines]) => [name, netplanDevice(type, lines)] as const);
}

function netplanDevice(type: string, lines: readonly string[]): Device {
  const settingOf = (key: string): string | undefined => {
    const line = lines.find((item) => item.startsWith(`${key}:`) || item.startsWith(`"${key}":`));
    return line === undefined ? undefined : unquoted(line.slice(line.indexOf(': ') + 1).trim());
  };
  const isMacvlan = type === 'macvlan';
  const mode = isMacvlan ? settingOf('macvlan.mode') : undefined;
  const parameters = lines.indexOf('parameters:');
  const isOfNetworkManager = isMacvlan || settingOf('renderer') === 'NetworkManager';
  const described = {
    system: isOfNetworkManager ? 'networkmanager' : 'netplan',
    kind: isMacvlan && settingOf('macvlan.tap') === 'true' ? 'macvtap' : type,
    parent: isMacvlan ? settingOf('macvlan.parent') : settingOf('link'),
    mac: settingOf('macaddress')?.toLowerCase(),
    mode: mode === undefined ? undefined : (MACVLAN_MODES[mode] ?? mode),
    vlan: type === 'vlan' ? settingOf('id') : undefined,
    parameters: type === 'bond' && parameters >= 0 ? lines.slice(parameters).join('\n') : undefined,
  };
  const known = Object.entries(described).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known) as unknown as Device;
}

const unquoted = (word: string): string => word.replace(/^(["'])(.*)\1$/, '$2');
