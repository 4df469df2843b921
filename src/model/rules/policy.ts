/** Rules and tables of policy routing against each other. */
import { diagnostic } from '../../diagnostics/diagnostic.ts';
import { type Ip, type Network, prefixKey } from '../ip.ts';
import { type Family, isSingle, type Link, type PolicyRule } from '../types.ts';
import { type Context, linksOf } from './context.ts';

/** Tables that the kernel's own rules lead to (ip-rule(8)): default, main, local. */
const KERNEL_TABLES: ReadonlySet<number> = new Set([253, 254, 255]);

export function checkPolicy({ model, damaged, report }: Context): void {
  const links = linksOf(model);
  const led = new Set<string>();
  const seen = new Set<string>();
  for (const link of links) {
    for (const rule of link.rules) {
      led.add(keyOf(rule.family, rule.table));
      const { origin, ...rest } = rule;
      const key = JSON.stringify(rest);
      if (seen.has(key)) {
        report(diagnostic('duplicate-rule', origin, 'There is another rule just like this.'));
      }
      seen.add(key);
    }
  }
  checkOrder(links, report);
  const tables = tablesOf(links);
  const isDamaged = (key: string): boolean => links.some(({ origin }) => damaged([...origin, key]));
  const isComplete = { routes: !isDamaged('routes'), rules: !isDamaged('routing-policy') };
  for (const link of links) {
    const subnetOf = link.rules.length > 0 ? subnetsOf(link) : () => undefined;
    for (const rule of link.rules) {
      if (KERNEL_TABLES.has(rule.table)) continue;
      const table = tables.get(keyOf(rule.family, rule.table));
      if (!table && isComplete.routes) {
        const message = `No route is in table ${rule.table}.`;
        report(diagnostic('table-empty', [...rule.origin, 'table'], message));
      }
      const subnet = table?.hasDefault ? subnetOf(rule) : undefined;
      if (table && subnet && !covers(table, subnet.ip)) {
        const message = `Table ${rule.table} has no route to the LAN of \`${link.name}\`.`;
        report(diagnostic('table-without-subnet', [...rule.origin, 'table'], message));
      }
    }
    for (const { family, table, origin } of link.routes) {
      if (table === undefined || KERNEL_TABLES.has(table)) continue;
      if (!led.has(keyOf(family, table)) && isComplete.rules) {
        const message = `No rule leads to table ${table}.`;
        report(diagnostic('table-unused', [...origin, 'table'], message));
      }
    }
  }
}

const keyOf = (family: Family, table: number): string => `${family} ${table}`;

/** The kernel asks rules of one priority in the order in which they came, which is a race. */
function checkOrder(links: readonly Link[], report: Context['report']): void {
  const tables = new Map<string, number>();
  for (const { family, priority, table, origin } of links.flatMap(({ rules }) => rules)) {
    const key = `${family} ${priority}`;
    const other = tables.get(key);
    if (other !== undefined && other !== table) {
      const message = `Another rule of priority ${priority} leads to table ${other}.`;
      report(diagnostic('rules-out-of-order', [...origin, 'priority'], message));
    } else tables.set(key, table);
  }
}

/** What is in one routing table, of one family. */
interface Table {
  hasDefault: boolean;
  /** Other destinations, by `prefixKey`, and the prefix lengths that these have. */
  readonly networks: Set<string>;
  readonly lengths: Set<number>;
}

function tablesOf(links: readonly Link[]): ReadonlyMap<string, Table> {
  const tables = new Map<string, Table>();
  for (const { family, table, isDefault, network } of links.flatMap(({ routes }) => routes)) {
    if (table === undefined) continue;
    const key = keyOf(family, table);
    const known = tables.get(key) ?? { hasDefault: false, networks: new Set(), lengths: new Set() };
    tables.set(key, known);
    if (isDefault) known.hasDefault = true;
    else {
      known.networks.add(prefixKey(network.ip, network.prefix));
      known.lengths.add(network.prefix);
    }
  }
  return tables;
}

const covers = ({ networks, lengths }: Table, ip: Ip): boolean =>
  [...lengths].some((length) => networks.has(prefixKey(ip, length)));

/** Answers from which of the link's own subnets the packets of a rule come. */
function subnetsOf({ addresses, rules }: Link): (rule: PolicyRule) => Network | undefined {
  const lengths = new Set(rules.flatMap(({ source }) => source?.prefix ?? []));
  const byFrom = new Map<string, Network>();
  for (const address of addresses) {
    if (isSingle(address)) continue;
    for (const length of lengths) {
      const key = prefixKey(address.network.ip, length);
      if (!byFrom.has(key)) byFrom.set(key, address.network);
    }
  }
  return ({ source, to }) =>
    source && to === undefined ? byFrom.get(prefixKey(source.ip, source.prefix)) : undefined;
}
