/** Names of routing tables: those of iproute2, and those of systemd-networkd, which does not read the former. */
import type { HostFile, Watch } from '../backends/host/foreign.ts';
import { merged } from '../backends/host/foreign.ts';
import { systemdSettings, wordsOf } from '../backends/host/systemd-file.ts';
import type { FoundLink } from './found.ts';
import { wholeOf } from './values.ts';

export type TableNames = ReadonlyMap<string, number>;

/** ip-route(8), FILES; since 6.7 the distribution's files are below /usr. */
const IPROUTE2 = ['/etc/iproute2', '/usr/share/iproute2', '/usr/lib/iproute2'];
const DROP_INS = IPROUTE2.map((folder) => `${folder}/rt_tables.d`);

/** networkd.conf(5). */
const NETWORKD = ['/etc/systemd', '/run/systemd', '/usr/local/lib/systemd', '/usr/lib/systemd'];
const NETWORKD_DROP_INS = NETWORKD.map((folder) => `${folder}/networkd.conf.d`);

export const tableNameWatches: readonly Watch[] = [
  ...IPROUTE2.map((folder): Watch => ({ folder, name: /^rt_tables$/ })),
  ...NETWORKD.map((folder): Watch => ({ folder, name: /^networkd\.conf$/ })),
  ...[...DROP_INS, ...NETWORKD_DROP_INS].map((folder): Watch => ({ folder, name: /\.conf$/ })),
];

/** A limit for names: `rt_tables` of a router may have thousands, and no more than that are read. */
const MOST = 4096;

/** What `ip` takes for a table: its own names, then those of `rt_tables` and of `rt_tables.d/*.conf`. */
export function tablesOfIp(files: readonly HostFile[]): TableNames {
  const all = [...merged(files, IPROUTE2), ...merged(files, DROP_INS)];
  const found = all
    .filter(({ folder, name }) => DROP_INS.includes(folder) || name === 'rt_tables')
    .flatMap(({ text = '' }) => text.split('\n'))
    .flatMap((line): [string, number][] => {
      const [number, name] = (line.split('#')[0] ?? '').trim().split(/\s+/);
      const table = wholeOf(number);
      return name === undefined || table === undefined ? [] : [[name, table]];
    });
  return new Map([...found.slice(0, MOST), ...KERNEL]);
}

/**
 * What `Table=` and `RouteTable=` take: networkd's own names, and pairs `NAME:NUMBER` of networkd.conf(5), since 248.
 * The first pair of a name or number counts (networkd-route-util.c, config_parse_route_table_names).
 */
export function tablesOfNetworkd(files: readonly HostFile[]): TableNames {
  const main = merged(files, NETWORKD).filter(({ name }) => name === 'networkd.conf');
  const found = new Map<string, number>();
  const taken = new Set<number>();
  const isFree = (name: string, table: number): boolean =>
    found.size < MOST && !found.has(name) && !taken.has(table) && isPair(name, table);
  for (const { text = '' } of [...main, ...merged(files, NETWORKD_DROP_INS)]) {
    for (const { section, key, value } of systemdSettings(text) ?? []) {
      if (section !== 'Network' || key !== 'RouteTable') continue;
      if (value === '') {
        found.clear();
        taken.clear();
      }
      for (const word of wordsOf(value, 'unquoted')) {
        const [, name = '', number] = /^([^:]+):([^:]+)$/.exec(word) ?? [];
        const table = wholeOf(number);
        if (table !== undefined && isFree(name, table)) {
          found.set(name, table);
          taken.add(table);
        }
      }
    }
  }
  return new Map([...found, ...KERNEL]);
}

/** rtnetlink(7); nobody renames them. */
const KERNEL = [
  ['default', 253],
  ['main', 254],
  ['local', 255],
] as const;

const OF_KERNEL: TableNames = new Map(KERNEL);

/** A name of digits would be a number, and the kernel's tables have names of their own. */
const isPair = (name: string, table: number): boolean =>
  !/^\d+$/.test(name) &&
  table !== 0 &&
  !KERNEL.some((pair) => pair[0] === name || pair[1] === table);

/** A table by number, or by a name of the system that the link is configured by. */
export const tableOf = (
  { tables }: Pick<FoundLink, 'tables'>,
  text: string | undefined,
): number | undefined => wholeOf(text) ?? (tables ?? OF_KERNEL).get(text?.trim() ?? '');
