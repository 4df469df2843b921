/** Rules and tables of policy routing against each other. */
import { diagnostic } from '../../diagnostics.ts';
import { contains, parseCidr } from '../ip.ts';
import type { Family, Link, PolicyRule, Route } from '../types.ts';
import { type Context, linksOf } from './context.ts';

/** Tables that the kernel's own rules lead to (ip-rule(8)): default, main, local. */
const KERNEL_TABLES: ReadonlySet<number> = new Set([253, 254, 255]);

export function checkPolicy({ model, damaged, report }: Context): void {
  const links = linksOf(model);
  const keyOf = (family: Family, table: number): string => `${family} ${table}`;
  const led = new Set<string>();
  const filled = new Set<string>();
  const seen = new Set<string>();
  const isDamaged = (key: string): boolean => links.some(({ origin }) => damaged([...origin, key]));
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
    for (const { family, table } of link.routes) {
      if (table !== undefined) filled.add(keyOf(family, table));
    }
  }
  checkOrder(links, report);
  for (const link of links) {
    for (const rule of link.rules) {
      if (KERNEL_TABLES.has(rule.table)) continue;
      if (!filled.has(keyOf(rule.family, rule.table)) && !isDamaged('routes')) {
        const message = `No route is in table ${rule.table}.`;
        report(diagnostic('table-empty', [...rule.origin, 'table'], message));
      }
      if (lacksSubnet(link, rule, links)) {
        const message = `Table ${rule.table} has no route to the LAN of \`${link.name}\`.`;
        report(diagnostic('table-without-subnet', [...rule.origin, 'table'], message));
      }
    }
    for (const { family, table, origin } of link.routes) {
      if (table === undefined || KERNEL_TABLES.has(table)) continue;
      if (!led.has(keyOf(family, table)) && !isDamaged('routing-policy')) {
        const message = `No rule leads to table ${table}.`;
        report(diagnostic('table-unused', [...origin, 'table'], message));
      }
    }
  }
}

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

/** Whether packets from the link's own addresses would go to their neighbours by the gateway. */
function lacksSubnet(link: Link, rule: PolicyRule, links: readonly Link[]): boolean {
  if (rule.to !== undefined || rule.from === undefined) return false;
  const from = parseCidr(rule.from);
  const own = link.addresses.find(({ family, address, prefix }) => {
    const ip = parseCidr(`${address}/${prefix}`);
    const bits = family === 'ipv4' ? 32 : 128;
    return from && ip && family === rule.family && prefix < bits && contains(from, ip.ip);
  });
  const subnet = own && parseCidr(`${own.address}/${own.prefix}`);
  if (!subnet) return false;
  const inTable = (route: Route): boolean =>
    route.family === rule.family && route.table === rule.table;
  const routes = links.flatMap(({ routes: all }) => all.filter(inTable));
  const covers = (route: Route): boolean => {
    const to = parseCidr(route.to);
    return !route.isDefault && to !== undefined && contains(to, subnet.ip);
  };
  return routes.some((route) => route.isDefault) && !routes.some(covers);
}
