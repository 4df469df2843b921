/** Routes and policy rules. */
import { MAIN } from '../kernel/routes.ts';
import type { KernelRoute, KernelRule, KernelState } from '../kernel/types.ts';
import { contains, parseCidr } from '../model/ip.ts';
import {
  dynamicTable,
  type Family,
  hasAddress,
  type PolicyRule,
  type Route,
} from '../model/types.ts';
import { type Context, type Expected, isUsable, reapply } from './context.ts';
import { type Drift, drift } from './finding.ts';

/** @param before the state before a change: what it had must still be there */
export function routeDrift(context: Context, before: KernelState | undefined): Drift[] {
  return [
    ...context.links.flatMap((expected) => [
      ...missingRoutes(context, expected),
      ...missingSubnets(context, expected),
      ...routesOfBareLink(context, expected),
      ...missingRules(context, expected),
      ...otherTables(context, expected),
    ]),
    ...(before ? lostDefault(context, before) : []),
  ];
}

/** `192.0.2.0/24 via 198.51.100.254 dev veth0 metric 50 table 100`, as ip-route(8) writes it. */
const show = (
  { to, via, metric, table }: Pick<Route, 'to' | 'via' | 'metric' | 'table'>,
  link: string,
): string =>
  [
    /^(?:0\.0\.0\.0|::)\/0$/.test(to) ? 'default' : to,
    ...(via === undefined ? [] : [`via ${via}`]),
    `dev ${link}`,
    ...(metric === 0 ? [] : [`metric ${metric}`]),
    ...(table === undefined || table === MAIN ? [] : [`table ${table}`]),
  ].join(' ');

function missingRoutes(context: Context, expected: Expected): Drift[] {
  const { name, routes, ignoreCarrier } = expected.link;
  if (!context.kernelLink(name)) return [];
  // Without a carrier a daemon takes them away, and the kernel uses none of them.
  if (!isUsable(context, name) && !ignoreCarrier) return [];
  return routes.flatMap((route): Drift[] => {
    const near = context.state.routes.filter(
      (own) =>
        own.link === name &&
        own.to === route.to &&
        own.table === (route.table ?? MAIN) &&
        own.via === route.via,
    );
    const same = near.filter(({ from }) => route.from === undefined || from === route.from);
    if (same.some(({ metric }) => metric === route.metric)) {
      return secondGateway(context, expected, route);
    }
    const [other] = same;
    if (other) {
      return [
        drift(
          'route-metric-drift',
          `The route \`${show(route, name)}\` has the metric ${other.metric}, not ${route.metric}.`,
          { link: name, hint: `Run \`${reapply(context, expected)}\`.` },
        ),
      ];
    }
    const source = near.length > 0 ? ` from ${route.from}` : '';
    return [
      drift('route-missing', `There is no route \`${show(route, name)}${source}\`.`, {
        link: name,
        hint: `Run \`${reapply(context, expected)}\`; until then \`ip route replace ${show(route, name)}\`.`,
        mayStillCome: true,
      }),
    ];
  });
}

/** A route with two next hops sends half of all connections to the other one: it is not that of the intent. */
function secondGateway(
  { state }: Context,
  { link }: Expected,
  { to, via, metric, table }: Route,
): Drift[] {
  const isDynamic = link.dhcp4 !== undefined || link.dhcp6 !== undefined || link.acceptRa === true;
  if (via === undefined || isDynamic) return [];
  const isOwn = (gateway: string): boolean =>
    link.routes.some((one) => one.to === to && one.via === gateway);
  return state.routes
    .filter(
      (one) =>
        one.link === link.name &&
        one.type === 'unicast' &&
        one.to === to &&
        one.table === (table ?? MAIN) &&
        one.metric === metric,
    )
    .flatMap((one) => (one.via === undefined || isOwn(one.via) ? [] : one.via))
    .map((other) =>
      drift(
        'route-missing',
        `The route \`${show({ to, via, metric, ...(table !== undefined && { table }) }, link.name)}\` has a second gateway, ${other}, which is not in the intent.`,
        {
          link: link.name,
          hint: `Find what added it, then \`ip route replace ${show({ to, via, metric, ...(table !== undefined && { table }) }, link.name)}\`.`,
        },
      ),
    );
}

/** Every address comes with a route to its subnet, made by the kernel or by the daemon. */
function missingSubnets(context: Context, expected: Expected): Drift[] {
  const { name, addresses } = expected.link;
  const own = context.kernelLink(name)?.addresses ?? [];
  if (!isUsable(context, name)) return [];
  return addresses
    .filter(({ address, prefix, family, network }) => {
      const found = own.find((one) => one.address === address && one.prefix === prefix);
      // That of an address which is not there yet comes with it; an address of its own has none.
      const isReady = found && !found.isTentative && !found.isDuplicate && !found.isLinkLocal;
      if (!isReady || prefix >= (family === 'ipv4' ? 31 : 127)) return false;
      return !context.state.routes.some((route) => {
        const to = route.link === name && route.via === undefined && parseCidr(route.to);
        return to && to.prefix === prefix && contains(to, network.ip);
      });
    })
    .map(({ address, prefix }) =>
      drift(
        'route-missing',
        `There is no route by \`${name}\` to the subnet of its own address ${address}/${prefix}.`,
        { link: name, hint: `Run \`${reapply(context, expected)}\`.`, mayStillCome: true },
      ),
    );
}

/** rtnetlink(7), rtm_protocol: the kernel's own routes come with an address, and go with it. */
const KERNEL = 2;

function routesOfBareLink({ state }: Context, { link }: Expected): Drift[] {
  if (hasAddress(link) || link.routes.length > 0) return [];
  const isOdd = (route: KernelRoute): boolean =>
    route.link === link.name && route.type === 'unicast' && route.protocol !== KERNEL;
  return state.routes.filter(isOdd).map((route) =>
    drift(
      'route-on-bare-link',
      `The route \`${show(route, link.name)}\` leaves by \`${link.name}\`, which the intent leaves without addresses.`,
      {
        link: link.name,
        hint: `Find what configures \`${link.name}\` (\`macvtap-render check\`), then \`ip ${route.family === 'ipv6' ? '-6 ' : ''}route delete ${show(route, link.name)}\`.`,
      },
    ),
  );
}

/** A default route by a lease is not in the intent: what there was before a change is known. */
function lostDefault({ state, links }: Context, before: KernelState): Drift[] {
  // A lease or an advertisement may have its routes in a table that rules select.
  const tables = (family: Family): readonly (number | undefined)[] => [
    MAIN,
    ...links.map(({ link }) => dynamicTable(link, family)),
  ];
  const has = ({ routes }: KernelState, family: Family): boolean =>
    routes.some(
      (route) =>
        route.family === family &&
        tables(family).includes(route.table) &&
        route.type === 'unicast' &&
        /^(?:0\.0\.0\.0|::)\/0$/.test(route.to),
    );
  return (['ipv4', 'ipv6'] as const)
    .filter((family) => has(before, family) && !has(state, family))
    .map((family) =>
      drift(
        'default-route-lost',
        `There is no ${family === 'ipv4' ? 'IPv4' : 'IPv6'} default route any more.`,
        // IPv6 may have gone by intention, with a host that has IPv4.
        { mayStillCome: true, severity: family === 'ipv4' ? 'error' : 'warning' },
      ),
    );
}

/** rtnetlink(7), rtm_protocol: of router advertisements, and of DHCP. */
const DYNAMIC: ReadonlySet<number> = new Set([9, 16]);

/** Which routes a lease or an advertisement gives is not known; in which table they are, is. */
function otherTables({ state, ...context }: Context, expected: Expected): Drift[] {
  const { link } = expected;
  return (['ipv4', 'ipv6'] as const).flatMap((family) => {
    const table = dynamicTable(link, family);
    const other = state.routes.find(
      (route) =>
        route.link === link.name &&
        route.family === family &&
        DYNAMIC.has(route.protocol) &&
        route.table !== table,
    );
    if (table === undefined || !other) return [];
    const message = `The route \`${show(other, link.name)}\` is in table ${other.table}, not ${table}.`;
    const hint = `Run \`${reapply({ state, ...context }, expected)}\`.`;
    return [drift('route-table-drift', message, { link: link.name, hint, mayStillCome: true })];
  });
}

function missingRules(context: Context, expected: Expected): Drift[] {
  const { name, rules } = expected.link;
  if (!isUsable(context, name)) return [];
  return rules
    .filter((rule) => !context.state.rules.some((own) => isSame(own, rule)))
    .map((rule) =>
      drift('rule-missing', `There is no rule \`${showRule(rule)}\`.`, {
        link: name,
        hint: `Run \`${reapply(context, expected)}\`.`,
        mayStillCome: true,
      }),
    );
}

/** The kernel keeps no network of everything. */
const selector = (network: string | undefined): string | undefined =>
  network?.endsWith('/0') ? undefined : network;

const isSame = (own: KernelRule, rule: PolicyRule): boolean =>
  own.family === rule.family &&
  own.priority === rule.priority &&
  own.from === selector(rule.from) &&
  own.to === selector(rule.to) &&
  own.iif === rule.iif &&
  own.oif === rule.oif &&
  own.table === rule.table &&
  own.typeOfService === (rule.typeOfService ?? 0) &&
  own.mark === (rule.mark ?? 0) &&
  own.others.length === 0;

const showRule = (rule: PolicyRule): string => {
  const { family, priority, from, to, iif, oif, typeOfService, mark, table } = rule;
  return [
    ...(family === 'ipv6' ? ['-6'] : []),
    `priority ${priority}`,
    `from ${from ?? 'all'}`,
    ...(to === undefined ? [] : [`to ${to}`]),
    ...(iif === undefined ? [] : [`iif ${iif}`]),
    ...(oif === undefined ? [] : [`oif ${oif}`]),
    ...(typeOfService === undefined ? [] : [`tos ${typeOfService}`]),
    ...(mark === undefined ? [] : [`fwmark ${mark}`]),
    `lookup ${table}`,
  ].join(' ');
};
