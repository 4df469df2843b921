/** Causes in routes and policy rules: where the kernel sends packets. */
import { MAIN } from '../../kernel/routes.ts';
import type { KernelRoute, KernelRule } from '../../kernel/types.ts';
import { contains, parseCidr, parseIp } from '../../model/ip.ts';
import type { Family } from '../../model/types.ts';
import type { Facts } from '../facts.ts';
import { cause, type FindCause, named, unanswered } from './cause.ts';
import { takers } from './filters.ts';

/** The kernel sends packets by another link than the intent, or refuses to. */
export const routeElsewhere: FindCause = ({ probes }) =>
  probes
    .filter(({ expected, link }) => expected !== undefined && link !== expected)
    .map((probe) => {
      const { link, expected, refusal } = probe;
      const where =
        link === undefined
          ? `The kernel refuses packets to the ${named(probe)} (${refusal})`
          : `Packets to the ${named(probe)} leave by \`${link}\``;
      return cause('route-elsewhere', `${where}, not by \`${expected}\`.`, {
        ...(link !== undefined && { link }),
        hint: `\`ip route get ${probe.address}\` shows the route, \`ip rule\` and \`ip route show table all\` where it comes from: a container network with the subnet of the LAN, a tunnel, a blackhole. Change its subnet, or remove it.`,
      });
    });

/** Who is in the subnet of a link gets packets from there; a rule or route sends them to a gateway first. */
export const detour: FindCause = (facts) =>
  unanswered(facts)
    .filter(
      ({ expected, link, via, address }) =>
        expected !== undefined &&
        link === expected &&
        via !== undefined &&
        via !== address &&
        isInSubnet(facts, expected, address) &&
        !isByIntent(facts, via, address),
    )
    .map((probe) =>
      cause(
        'route-elsewhere',
        `Packets to the ${named(probe)} go to the gateway ${probe.via}, although \`${probe.expected}\` is in its subnet.`,
        {
          ...(probe.link !== undefined && { link: probe.link }),
          certainty: 'likely',
          hint: `\`ip route get ${probe.address}\` shows the route, \`ip rule\` the rule that chose its table: add the route of the subnet to that table (\`scope: link\`), or remove the rule.`,
        },
      ),
    );

/** A gateway may be outside of the subnets of its link (`on-link`): for its own address there is no such route. */
export function isInSubnet({ model, state }: Facts, name: string, address: string): boolean {
  const ip = parseIp(address);
  const routes = [...model.shims, ...model.parents].find((link) => link.name === name)?.routes;
  const networks = [
    ...(state.links.find((link) => link.name === name)?.addresses ?? []).map(
      (own) => `${own.address}/${own.prefix}`,
    ),
    ...(routes ?? []).filter(({ via }) => via === undefined).map(({ to }) => to),
  ].map(parseCidr);
  return networks.some((one) => ip !== undefined && one !== undefined && contains(one, ip));
}

/** A route of the intent sends a part of the subnet to that gateway. */
export function isByIntent({ model }: Facts, via: string, address: string): boolean {
  const ip = parseIp(address);
  return [...model.shims, ...model.parents].some(({ routes }) =>
    routes.some((route) => {
      const network = parseCidr(route.to);
      const isFit = ip !== undefined && network !== undefined && contains(network, ip);
      return route.via === via && !isDefault(route) && isFit;
    }),
  );
}

/** What the host starts leaves by the right link, and its answers and connections do not. */
export const answersElsewhere: FindCause = ({ probes }) =>
  probes
    .filter(
      ({ expected, link, fromOwn }) =>
        expected !== undefined && link === expected && fromOwn !== undefined && fromOwn !== link,
    )
    .slice(0, 2)
    .map((probe) =>
      cause(
        'route-elsewhere',
        `Answers and connections to the ${named(probe)} leave by \`${probe.fromOwn}\`, not by \`${probe.expected}\`: a rule chooses by their source address.`,
        {
          hint: `\`ip rule\` shows a rule \`from\` the subnet or the address of \`${probe.expected}\`; limit it by \`iif\`, or put one with a lower priority before it: \`to\` the LAN, \`lookup main\`.`,
        },
      ),
    );

/** Routes that refuse half of all addresses, or all of them before the default route does anything. */
export const refusedNetworks: FindCause = ({ state }) => {
  return state.routes
    .filter((route) => {
      const { type, to, metric, family, table } = route;
      if (table !== MAIN || !REFUSING.has(type)) return false;
      if (/^(?:0\.0\.0\.0|128\.0\.0\.0|::|8000::)\/1$/.test(to)) return true;
      const other = state.routes.filter(
        (own) =>
          own.family === family && own.table === MAIN && own.type === 'unicast' && isDefault(own),
      );
      return isDefault(route) && other.length > 0 && other.every((own) => own.metric > metric);
    })
    .map(({ type, to, family }) =>
      cause('route-elsewhere', `The kernel refuses packets to ${to}: a route of type ${type}.`, {
        hint: `Find what made it (a VPN that blocks all else, a script), or run \`ip ${family === 'ipv6' ? '-6 ' : ''}route delete ${type} ${to}\`.`,
      }),
    );
};

const REFUSING: ReadonlySet<string> = new Set(['blackhole', 'unreachable', 'prohibit']);

/** RT_TABLE_LOCAL: addresses of the host. */
const LOCAL = 255;

const choosesNothing = ({ from, to, iif, oif, mark, typeOfService }: KernelRule): boolean =>
  [from, to, iif, oif].every((one) => one === undefined) && mark === 0 && typeOfService === 0;

/** The kernel makes a rule for each of its own tables, and anybody may delete it (ip-rule(8)). */
export const coreRules: FindCause = ({ state }) =>
  FAMILIES.filter((family) => state.rules.some((rule) => rule.family === family))
    .filter(
      (family) =>
        !state.rules.some(
          (rule) => rule.family === family && rule.table === MAIN && choosesNothing(rule),
        ),
    )
    .map((family) => {
      const six = family === 'ipv6' ? '-6 ' : '';
      return cause(
        'rule-missing',
        `No rule looks up the table \`main\` of ${family === 'ipv6' ? 'IPv6' : 'IPv4'}: the kernel does not use its routes.`,
        { hint: `Run \`ip ${six}rule add priority 32766 lookup main\`, and find what removed it.` },
      );
    });

const FAMILIES: readonly Family[] = ['ipv4', 'ipv6'];

/** What comes in for the host is its own by the table `local`; a rule before that one may choose another. */
export const ownAddresses: FindCause = ({ notDelivered, state }) =>
  [...notDelivered].slice(0, 2).map(([address, link]) => {
    const family = address.includes(':') ? 'ipv6' : 'ipv4';
    const own = state.rules.filter((rule) => rule.family === family);
    const local = own.find((rule) => rule.table === LOCAL && choosesNothing(rule));
    const isFirst = (rule: KernelRule): boolean =>
      rule.table !== LOCAL && rule.priority < (local?.priority ?? Number.POSITIVE_INFINITY);
    const before = own.find(isFirst);
    const by = before === undefined ? '' : `: the rule ${before.priority} comes first`;
    const six = family === 'ipv6' ? '-6 ' : '';
    return cause(
      'route-elsewhere',
      `The kernel sends packets for ${address}, its own address, to \`${link}\`${by}.`,
      {
        link,
        hint: `The rule that looks up \`local\` has to be the first: \`ip ${six}rule add priority 0 lookup local\`.`,
      },
    );
  });

/** A packet filter marks packets, and the kernel routes them again: by a rule for that mark. */
export const markedElsewhere: FindCause = (facts) =>
  unanswered(facts).flatMap((probe) => {
    const taken = takers(facts, probe).filter(({ kind }) => kind === 'mark');
    return (probe.marked ?? [])
      .filter(({ leaves }) => leaves !== probe.link)
      .flatMap(({ mark, leaves }) => {
        // A rule may look at some of its bits only.
        const by = taken.find((one) => one.mark === undefined || (one.mark & mark) === mark);
        if (!by) return [];
        return cause(
          'route-elsewhere',
          `Packets to the ${named(probe)} get a mark, and a rule sends those of mark ${mark} to \`${leaves}\`: ${by.where}.`,
          {
            certainty: by.isCertain && by.mark !== undefined ? 'likely' : 'possible',
            hint: 'Except the LAN from the mark (a transparent proxy, policy routing); `ip rule` shows the rule by its `fwmark`.',
          },
        );
      })
      .slice(0, 1);
  });

/** Answers go to the source address: where it is on another link, nobody on this one answers ARP for it. */
export const sourceElsewhere: FindCause = (facts) =>
  unanswered(facts)
    .filter(({ source, link, expected }) => {
      const own = facts.state.links.find(({ name }) => name === link)?.addresses ?? [];
      return (
        source !== undefined &&
        link === expected &&
        own.length > 0 &&
        !own.some(({ address }) => address === source)
      );
    })
    .map((probe) =>
      cause(
        'source-address-differs',
        `Packets to the ${named(probe)} have the source address ${probe.source}, which is not on \`${probe.link}\`.`,
        {
          ...(probe.link !== undefined && { link: probe.link }),
          certainty: 'likely',
          hint: `\`ip route get ${probe.address}\` shows the route; remove its \`src\`, or set an address of \`${probe.link}\`.`,
        },
      ),
    );

const isDefault = ({ to }: Pick<KernelRoute, 'to'>): boolean => /^(?:0\.0\.0\.0|::)\/0$/.test(to);

/** Default routes of `main` that are not of the intent, and that the kernel prefers to its own, or uses beside it. */
function otherDefaults({ model, state }: Facts): readonly KernelRoute[] {
  const links = [...model.parents, ...model.shims];
  const all = state.routes.filter(
    (route) => route.table === MAIN && route.type === 'unicast' && isDefault(route),
  );
  const isOwn = ({ family, link, via }: KernelRoute): boolean => {
    const own = links.find(({ name }) => name === link);
    if (!own) return false;
    const isDynamic = family === 'ipv4' ? own.dhcp4 !== undefined : own.acceptRa;
    return isDynamic || own.routes.some((route) => isDefault(route) && route.via === via);
  };
  return FAMILIES.flatMap((family) => {
    const of = all.filter((route) => route.family === family);
    const best = Math.min(...of.filter(isOwn).map(({ metric }) => metric));
    return of.filter((route) => !isOwn(route) && Number.isFinite(best) && route.metric <= best);
  });
}

const show = ({ via, link, metric }: KernelRoute): string =>
  ['default', ...(via === undefined ? [] : ['via', via]), 'dev', link, 'metric', metric].join(' ');

/**
 * By a link of the intent, to another router of the LAN: a script set it. On a link with `dhcp4` (IPv4) or
 * `accept-ra` (IPv6) every default route counts as its own, that of a rogue server or router included.
 */
export const otherGateway: FindCause = (facts) =>
  otherDefaults(facts)
    .filter(({ link }) =>
      [...facts.model.parents, ...facts.model.shims].some((one) => one.name === link),
    )
    .map((route) =>
      cause(
        'route-elsewhere',
        `The kernel prefers a default route that is not in the intent, or uses it beside that of the intent: \`${show(route)}\`.`,
        {
          ...(route.link !== undefined && { link: route.link }),
          hint: `Find what made it (\`ip -d route show default\` shows its \`proto\`), then \`ip ${route.family === 'ipv6' ? '-6 ' : ''}route delete ${show(route)}\`.`,
        },
      ),
    );

const mentionOf = ({ model }: Facts, { link }: KernelRoute): string =>
  model.unmanaged.some(({ name }) => name === link) ? 'has `managed: false`' : 'is not';

/** By another link, to a gateway there: a modem, a second NIC. A tunnel has none, and is the first on purpose. */
export const otherUplink: FindCause = (facts) =>
  otherDefaults(facts)
    .filter(
      ({ link, via }) =>
        via !== undefined &&
        ![...facts.model.parents, ...facts.model.shims].some((one) => one.name === link),
    )
    .map((route) =>
      cause(
        'route-elsewhere',
        `What is not for the LAN leaves by \`${route.link}\`, which ${mentionOf(facts, route)} in the intent: the kernel prefers \`${show(route)}\`.`,
        {
          ...(route.link !== undefined && { link: route.link }),
          severity: 'warning',
          certainty: 'possible',
          hint: `If it is not intended, give it a higher metric than the default route of the intent has, or remove it.`,
        },
      ),
    );
