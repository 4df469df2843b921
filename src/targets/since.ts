/**
 * Since which version each key exists that is written. One line a key, in a table for each manual
 * page; entries call their authority by page and key. A name that is in no table does not compile,
 * so that no typo makes a key one that every version has.
 *
 * What a target lacks is left out, with a note, unless the line says `refused`. `newer` marks the
 * older spelling of a key.
 */
import type { Lines, Since } from './since/line.ts';
import { NETPLAN } from './since/netplan.ts';
import { CONF, KEYFILE } from './since/networkmanager.ts';
import { NETDEV } from './since/systemd-netdev.ts';
import { NETWORK } from './since/systemd-network.ts';
import { SERVICE, UNIT, WAIT_ONLINE } from './since/systemd-units.ts';
import { LINK, SYSCTL } from './since/udev.ts';
import { type Daemon, isAtLeast, parseVersion, type Target, type Version } from './target.ts';

export type { Since } from './since/line.ts';

/** Each manual page whose keys have versions, and whose versions these are. */
const MANUALS = {
  'systemd.network(5)': { daemon: 'systemd', lines: NETWORK },
  'systemd.netdev(5)': { daemon: 'systemd', lines: NETDEV },
  'systemd.link(5)': { daemon: 'udev', lines: LINK },
  'sysctl.d(5)': { daemon: 'udev', lines: SYSCTL },
  'systemd.unit(5)': { daemon: 'systemd', lines: UNIT },
  'systemd.service(5)': { daemon: 'systemd', lines: SERVICE },
  'systemd-networkd-wait-online.service(8)': { daemon: 'systemd', lines: WAIT_ONLINE },
  'nm-settings-keyfile(5)': { daemon: 'NetworkManager', lines: KEYFILE },
  'NetworkManager.conf(5)': { daemon: 'NetworkManager', lines: CONF },
  'netplan-yaml(5)': { daemon: 'netplan', lines: NETPLAN },
} as const satisfies Readonly<Record<string, { readonly daemon: Daemon; readonly lines: Lines }>>;

type Manual = keyof typeof MANUALS;
type KeyOf<M extends Manual> = keyof (typeof MANUALS)[M]['lines'] & string;

/** Keys of keyfiles that are numbered: `routeN_options` is `route1_options`, `route2_options` and so on. */
type Numbered<K extends string> = K extends `${infer Stem}N${infer Rest}`
  ? K | `${Stem}${number}${Rest}`
  : K;

/** A key that has a version, with its manual page in front: `systemd.link(5), [Link] Name=`. */
export type Versioned =
  | { [M in Exclude<Manual, 'nm-settings-keyfile(5)'>]: `${M}, ${KeyOf<M>}` }[Exclude<
      Manual,
      'nm-settings-keyfile(5)'
    >]
  | `nm-settings-keyfile(5), ${Numbered<KeyOf<'nm-settings-keyfile(5)'>>}`;

/**
 * What has no versions here: kernel, iproute2 and udev's rules, whose options are older than every target;
 * ifupdown, which has no version that all three programs share; libvirt; and this program.
 */
type Unversioned = `${
  | 'ip'
  | 'udev(7)'
  | 'Linux '
  | 'interfaces'
  | 'ifupdown'
  | 'dhclient'
  | 'libvirt'
  | 'POSIX'
  | 'RFC '
  | 'ssh(1)'
  | 'macvtap-render'}${string}`;

/** By what authority an entry is written. */
export type Authority = Versioned | Manual | Unversioned;

/** A key of one section, as `systemd.network(5)` has them; of several sections, one that all have. */
type KeyInSection<M extends Manual, S extends string> = {
  [K in KeyOf<M>]: K extends `[${string}] ${infer Key}=`
    ? `[${S}] ${Key}=` extends KeyOf<M>
      ? Key
      : never
    : never;
}[KeyOf<M>];

export type NetworkSection = SectionOf<KeyOf<'systemd.network(5)'>>;
export type NetworkKey<S extends NetworkSection> = KeyInSection<'systemd.network(5)', S>;
export type NetdevSection = SectionOf<KeyOf<'systemd.netdev(5)'>>;
export type NetdevKey<S extends NetdevSection> = KeyInSection<'systemd.netdev(5)', S>;
type SectionOf<K extends string> = K extends `[${infer Section}]${string}` ? Section : never;

/** A key of netplan's YAML, as the table calls it: `routes, to`. */
export type NetplanKey = KeyOf<'netplan-yaml(5)'>;
/** A key below `parameters` of a bond or bridge in netplan's YAML. */
export type ParameterWord = NetplanKey extends infer K
  ? K extends `parameters, ${infer Word}`
    ? Word
    : never
  : never;

export type KeyfileSection = SectionOf<KeyOf<'nm-settings-keyfile(5)'>>;
/** A key of a section of a keyfile; of several sections, of any of them. */
export type KeyfileKey<S extends KeyfileSection> =
  Numbered<KeyOf<'nm-settings-keyfile(5)'>> extends infer K
    ? K extends `[${S}] ${infer Key}`
      ? Key
      : never
    : never;

/** With what each entry of each host is compared by, worked out once. */
interface Dated extends Since {
  readonly version: Version;
  readonly daemon: Daemon;
}

interface Table {
  readonly lines: ReadonlyMap<string, Dated>;
  /** Keys some of whose values are younger than they are. */
  readonly valued: ReadonlySet<string>;
}

/** By manual page, each read when a key of it is first asked for. */
const tables = new Map<Manual, Table>();

function tableOf(manual: Manual): Table {
  const there = tables.get(manual);
  if (there) return there;
  const { daemon, lines: all } = MANUALS[manual];
  const lines = new Map(
    Object.entries<Lines[string]>(all).map(([key, [since, source, extra]]): [string, Dated] => {
      const version = parseVersion(since);
      if (!version) throw new Error(`no version: ${since}`);
      return [key, { key, since, source, ...extra, version, daemon }];
    }),
  );
  const valued = new Set(
    [...lines.keys()].flatMap((line) => {
      const end = line.indexOf('=');
      return end < 0 || end === line.length - 1 ? [] : [line.slice(0, end), line.slice(0, end + 1)];
    }),
  );
  const table = { lines, valued };
  tables.set(manual, table);
  return table;
}

const NUMBERED = /\b(address|route|routing-rule)[0-9]+/;

/** Every line of the tables, for tests and the README. */
export const sinceLines = (): readonly (readonly [authority: string, since: Since])[] =>
  (Object.keys(MANUALS) as Manual[]).flatMap((manual) =>
    [...tableOf(manual).lines].map(([key, since]) => [`${manual}, ${key}`, since] as const),
  );

/** Which daemon's versions an authority speaks of; undefined for the kernel and for this program. */
export function daemonOf(authority: string): Daemon | undefined {
  const [manual = ''] = authority.split(', ', 1);
  return isManual(manual) ? MANUALS[manual].daemon : undefined;
}

const isManual = (text: string): text is Manual => Object.hasOwn(MANUALS, text);

/**
 * The line of a key, or of the key with this value where the value came later. Numbers of
 * addresses, routes and rules do not count; `text` may be a whole line `key=value`.
 */
export function sinceOf(authority: string, text?: string): Dated | undefined {
  const end = authority.indexOf(', ');
  const manual = authority.slice(0, Math.max(end, 0));
  if (!isManual(manual)) return undefined;
  const { lines, valued } = tableOf(manual);
  const name = authority.slice(end + ', '.length);
  const key = NUMBERED.test(name) ? name.replace(NUMBERED, '$1N') : name;
  if (text !== undefined && valued.has(key)) {
    const value = text.replace(/^[A-Za-z0-9_.-]+(?:=|: "?)/, '').replace(/"$/, '');
    const withValue = lines.get(key.endsWith('=') ? `${key}${value}` : `${key}=${value}`);
    if (withValue) return withValue;
  }
  return lines.get(key);
}

/** Whether the target's versions know a key; `authority` is as entries have it. */
export function knows(target: Target, authority: Authority): boolean {
  const since = sinceOf(authority);
  return since === undefined || isKnown(target, since);
}

export const isKnown = ({ versions }: Target, { daemon, version }: Dated): boolean =>
  isAtLeast(versions[daemon], version);
