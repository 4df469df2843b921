/**
 * The whole state of a host's network: what the kernel has of every link, address, route and rule,
 * the kernel's settings of every link, and what the daemon says. As text, a line for each value, so
 * that two states are compared without knowing what matters.
 */

import type { Manager } from '../../drive/look.ts';
import type { Running } from '../../drive/machine.ts';
import { must, run } from '../../process.ts';

/** What it is, `link eth0 mtu` → its value. */
export type State = ReadonlyMap<string, string>;

/** Numbers of links, and what counts down or up. */
const PASSING =
  /^(?:ifindex|link_index|.*_life_time|expires|.*_timer|topology_change.*|stats.*|parentbus|parentdev|age|error|fdb_n_learned)$/;

/** As `ip -j` prints it: whatever has a name has its values by their names. */
type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
type Named = Readonly<Record<string, Json>>;

function* valuesOf(value: Json, name: string): Generator<[string, string]> {
  if (Array.isArray(value)) {
    yield [name, value.map((item) => text(item as Json)).join(' ')];
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value as Named)) {
      if (!PASSING.test(key)) yield* valuesOf(item, `${name} ${key}`);
    }
  } else {
    yield [name, String(value)];
  }
}

/** One line for a value, with its keys in order and without what passes. */
function text(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((item) => text(item as Json)).join(' ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const keys = Object.keys(value).filter((key) => !PASSING.test(key));
  return keys
    .sort()
    .map((key) => `${key}=${text((value as Named)[key] ?? null)}`)
    .join(' ');
}

/** Equal entries count: `route … #2`. */
function* counted(lines: Iterable<string>): Generator<[string, string]> {
  const seen = new Map<string, number>();
  for (const line of lines) {
    const count = (seen.get(line) ?? 0) + 1;
    seen.set(line, count);
    yield [count === 1 ? line : `${line} #${count}`, 'there'];
  }
}

const SETTINGS = ['ipv4/conf', 'ipv4/neigh', 'ipv6/conf', 'ipv6/neigh'].map(
  (folder) => `/proc/sys/net/${folder}`,
);

export async function readState(running: Running, manager: Manager): Promise<State> {
  const json = async (...words: readonly string[]): Promise<Named[]> => {
    const printed = await must(running.inside(['ip', '-j', '-d', ...words]));
    return (JSON.parse(printed.trim() || '[]') as Named[]).filter(
      (item) => Object.keys(item).length > 0,
    );
  };
  const links = await json('addr');
  const values: [string, string][] = [];
  for (const { ifname, addr_info: addresses, ...link } of links) {
    values.push(...valuesOf(link, `link ${ifname}`));
    const lines = ((addresses ?? []) as readonly Json[]).map(
      (item) => `link ${ifname} address ${text(item)}`,
    );
    values.push(...counted(lines.sort()));
  }
  for (const family of ['-4', '-6']) {
    const routes = await json(family, 'route', 'show', 'table', 'all');
    values.push(...counted(routes.map((item) => `route ${family} ${text(item)}`)));
    const rules = await json(family, 'rule');
    values.push(...counted(rules.map((item) => `rule ${family} ${text(item)}`)));
  }
  values.push(...(await readSettings(running)));
  for (const [link, state] of await manager.states(running)) {
    if (link !== 'lo') values.push([`daemon ${link}`, state]);
  }
  const resolver = manager.resolver(running);
  if (resolver) {
    values.push(['resolver servers', [...resolver.servers].sort().join(' ')]);
    values.push(['resolver domains', [...resolver.domains].sort().join(' ')]);
  }
  return new Map(values.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** networkd sets it of each link that it manages, and nobody takes it back. */
const OF_NETWORKD = /\/promote_secondaries$/;

async function readSettings(running: Running): Promise<[string, string][]> {
  // Some cannot be read (stable_secret), and a link may go meanwhile.
  const { stdout } = await run(running.inside(['grep', '-rs', '.', ...SETTINGS]));
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [path = '', value = ''] = line.split(/:(.*)/s);
      return [`setting ${path.slice('/proc/sys/'.length)}`, value] as [string, string];
    })
    .filter(([name]) => !OF_NETWORKD.test(name));
}

/** What a reboot may change: what the kernel got live and a boot need not set. */
const OF_ONE_BOOT = /^setting /;

/** What `after` has otherwise than `before`, where it is not what a boot gives either. */
export function unlike(before: State, after: State, booted: State): string[] {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const own = names.filter((name) => after.get(name) !== booted.get(name));
  const only = (state: State): State =>
    new Map(own.flatMap((name) => (state.has(name) ? [[name, state.get(name) ?? '']] : [])));
  return compare(only(before), only(after));
}

/** @returns a line for each value that differs */
export function compare(before: State, after: State): string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].sort().flatMap((name) => {
    const [was, is] = [before.get(name), after.get(name)];
    if (was === is) return [];
    if (is === undefined) return [`${name}: gone, was ${was}`];
    return [`${name}: ${is}, was ${was ?? 'not there'}`];
  });
}

/** Without what another boot need not have. */
export const lasting = (state: State): State =>
  new Map([...state].filter(([name]) => !OF_ONE_BOOT.test(name)));

export const show = (state: State): string =>
  [...state].map(([name, value]) => `${name}: ${value}`).join('\n');

/** The MAC of the link that has an address: what the LAN must have learnt. */
export function ownerOf(state: State, address: string): string {
  const owners = [...state.keys()].filter(
    (name) =>
      name.startsWith('link ') && name.includes(` address `) && name.includes(` local=${address} `),
  );
  const [link = ''] = owners.map((name) => name.split(' ')[1] ?? '');
  return owners.length === 1
    ? (state.get(`link ${link} address`) ?? '')
    : `${owners.length} links have the address`;
}
