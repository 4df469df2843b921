/** Several links of one LAN that take their addresses from it. */
import { diagnostic } from '../../diagnostics/diagnostic.ts';
import { dynamicTable, type Family, type Link } from '../types.ts';
import { type Context, isDynamic, label } from './context.ts';

/** Links on one parent get addresses of one subnet: with routes in one table one of them sends for all. */
export function checkLeases({ model, report }: Context): void {
  const seen = new Map<string, string>();
  const check = (link: Link, lan: string, family: Family): void => {
    if (!isDynamic(link, family)) return;
    const key = `${lan} ${family} ${dynamicTable(link, family) ?? 'main'}`;
    const other = seen.get(key);
    if (other === undefined) {
      seen.set(key, link.name);
      return;
    }
    const [own, overrides] =
      family === 'ipv4'
        ? (['dhcp4', 'dhcp4-overrides'] as const)
        : ([link.dhcp6 ? 'dhcp6' : 'accept-ra', 'ra-overrides'] as const);
    const message = `\`${link.name}\` gets its ${label(family)} subnet from the LAN of \`${other}\`: the host sends from one of the two.`;
    const hint = `Add \`${overrides}: {table: 101}\` to \`${link.name}\` and a rule that selects the table, as in \`routing-policy: [{from: ADDRESS, table: 101}]\`, or by \`oif: ${link.name}\` where the address is not known.`;
    report(diagnostic('shim-overlap', [...link.origin, own], message, { hint }));
  };
  for (const family of ['ipv4', 'ipv6'] as const) {
    for (const shim of model.shims) check(shim, shim.parent.name, family);
  }
}
