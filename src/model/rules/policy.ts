/** Rules and tables of policy routing against each other. */
import { diagnostic } from '../../diagnostics/diagnostic.ts';
import { removeItem } from '../../diagnostics/fix.ts';
import { type Ip, type Network, prefixKey } from '../ip.ts';
import { type Family, isSingle, type Link, type PolicyRule, type Route } from '../types.ts';
import { type Context, linksOf } from './context.ts';

/** Tables that the kernel's own rules select (ip-rule(8)): default, main, local. */
const KERNEL_TABLES: ReadonlySet<number> = new Set([253, 254, 255]);

export function checkDuplicateRules({ model, report }: Context): void {
  const seen = new Set<string>();
  for (const link of linksOf(model)) {
    const own = new Set<string>();
    for (const { origin, source: _, ...rule } of link.rules) {
      const key = JSON.stringify(rule);
      // Of two links, each may be the one that is to have it.
      const fix = own.has(key) && removeItem('Remove this rule, which is there already.');
      if (seen.has(key)) {
        report(diagnostic('duplicate-rule', origin, 'Duplicate rule.', fix ? { fix } : {}));
      }
      seen.add(key);
      own.add(key);
    }
  }
}

/** The kernel asks rules of one priority in the order in which they came, which is a race. */
export function checkRuleOrder({ model, report }: Context): void {
  const tables = new Map<string, number>();
  const rules = linksOf(model).flatMap((link) => link.rules);
  for (const { family, priority, table, origin } of rules) {
    const key = `${family} ${priority}`;
    const other = tables.get(key);
    if (other !== undefined && other !== table) {
      const message = `Another rule of priority ${priority} selects table ${other}.`;
      report(diagnostic('rules-out-of-order', [...origin, 'priority'], message));
    } else tables.set(key, table);
  }
}

/** A table that a rule selects has routes, and reaches the LAN that the packets come from. */
export function checkTables({ model, damaged, report }: Context): void {
  const links = linksOf(model);
  const tables = tablesOf(links);
  const isComplete = !links.some(({ origin }) => damaged([...origin, 'routes']));
  for (const link of links) {
    const subnetOf = link.rules.length > 0 ? subnetsOf(link) : () => undefined;
    for (const rule of link.rules) {
      if (KERNEL_TABLES.has(rule.table)) continue;
      const table = tables.get(keyOf(rule.family, rule.table));
      if (!table && isComplete) {
        const message = `Table ${rule.table} has no routes.`;
        report(diagnostic('table-empty', [...rule.origin, 'table'], message));
      }
      const subnet = table?.hasDefault ? subnetOf(rule) : undefined;
      if (table && subnet && !covers(table, subnet.ip)) {
        const message = `Table ${rule.table} has no route to the LAN of \`${link.name}\`.`;
        report(diagnostic('table-without-subnet', [...rule.origin, 'table'], message));
      }
    }
  }
}

/** A table with routes is one that a rule selects. */
export function checkUnusedTables({ model, damaged, report }: Context): void {
  const links = linksOf(model);
  if (links.some(({ origin }) => damaged([...origin, 'routing-policy']))) return;
  const rules = links.flatMap((link) => link.rules);
  const used = new Set(rules.map(({ family, table }) => keyOf(family, table)));
  for (const { family, table, origin } of links.flatMap(inTables)) {
    if (table === undefined || KERNEL_TABLES.has(table) || used.has(keyOf(family, table))) continue;
    const message = `No rule selects table ${table}.`;
    report(diagnostic('table-unused', [...origin, 'table'], message));
  }
}

/** Routes of the intent, and those of leases and advertisements that are put into a table. */
const inTables = ({
  routes,
  dhcp4,
  raOverrides,
}: Link): readonly Pick<Route, 'family' | 'table' | 'origin'>[] => [
  ...routes,
  ...(dhcp4?.useRoutes ? [{ ...dhcp4, family: 'ipv4' as const }] : []),
  ...(raOverrides ? [{ ...raOverrides, family: 'ipv6' as const }] : []),
];

const keyOf = (family: Family, table: number): string => `${family} ${table}`;

/** What is in one routing table, of one family. */
interface Table {
  hasDefault: boolean;
  /** Other destinations, by `prefixKey`, and the prefix lengths that these have. */
  readonly networks: Set<string>;
  readonly lengths: Set<number>;
}

function tablesOf(links: readonly Link[]): ReadonlyMap<string, Table> {
  const tables = new Map<string, Table>();
  const tableOf = (family: Family, table: number): Table => {
    const key = keyOf(family, table);
    const known = tables.get(key) ?? { hasDefault: false, networks: new Set(), lengths: new Set() };
    tables.set(key, known);
    return known;
  };
  for (const { family, table } of links.flatMap(inTables)) {
    if (table !== undefined) tableOf(family, table);
  }
  for (const { family, table, isDefault, network } of links.flatMap(({ routes }) => routes)) {
    if (table === undefined) continue;
    const known = tableOf(family, table);
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
