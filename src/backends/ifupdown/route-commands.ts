/** Commands once a link has its addresses: routes, rules, and what boot waits for. */
import type { Link, PolicyRule, Route } from '../../model/types.ts';
import type { Entry } from '../../view/rendered.ts';
import { quote } from '../../view/shell.ts';
import { routeWords, ruleWords, shellWords } from '../shared/ip-words.ts';
import { WHY_ROUTE, WHY_RULE } from '../shared/reasons.ts';
import { hook, type Moment } from './hook.ts';

/** Routes and rules; what waits, and what the kernel refuses without a carrier, comes last. */
export function commandsAfter(link: Link): Entry[] {
  const routes = (some: readonly Route[]): Entry[] =>
    some.map((route) => routeCommand(link, route));
  return [
    ...routes(link.routes.filter((route) => !hasSource6(route))),
    ...link.rules.flatMap(ruleCommands),
    ...waitCommand(link),
    ...routes(link.routes.filter(hasSource6)),
  ];
}

/** An address that is still tentative (RFC 4862, 5.4) cannot be the source of a route. */
const hasSource6 = ({ family, from }: Route): boolean => family === 'ipv6' && from !== undefined;

/**
 * A tentative IPv6 address cannot be used, and one by router advertisement may come at any time: boot
 * waits for them here.
 */
function waitCommand(link: Link): Entry[] {
  const { name, routes, acceptRa, dhcp6, optional, origin } = link;
  const isDynamic = acceptRa && !dhcp6 && !optional;
  const isSource = routes.some(hasSource6);
  const isStatic = link.addresses.some(({ family }) => family === 'ipv6') && !optional;
  if (!isDynamic && !isSource && !isStatic) return [];
  return [
    hook(
      'post-up',
      isDynamic ? untilAddress(name, 'global') : untilReady(name),
      isDynamic
        ? 'Boot waits for an address by router advertisement, for at most ten seconds.'
        : isStatic
          ? 'An IPv6 address is usable once nobody else has claimed it; boot waits for that, for at most ten seconds.'
          : 'A route has an address as its source, which the kernel accepts only when it is ready.',
      'ip-address(8)',
      [...origin, isDynamic ? 'accept-ra' : isStatic ? 'addresses' : 'routes'],
    ),
  ];
}

/** Until there is one that is ready, for at most ten seconds. */
export const untilAddress = (name: string, scope: 'link' | 'global'): string =>
  until(`${addressesOf(name, scope)} -tentative | grep -q inet6`);

/** Until none is tentative any more, for at most ten seconds. */
const untilReady = (name: string): string =>
  until(`! ${addressesOf(name, 'global')} tentative | grep -q inet6`);

const addressesOf = (name: string, scope: string): string =>
  `ip -6 address show dev ${quote(name)} scope ${scope}`;

const until = (condition: string): string =>
  `for second in 1 2 3 4 5 6 7 8 9 10; do ${condition} && break; sleep 1; done`;

function routeCommand({ name }: Link, route: Route): Entry {
  const { to, options } = routeWords(route);
  // What exists already is replaced by the same (`ifup --force`).
  const words = [
    `ip route replace ${shellWords(to)} dev ${quote(name)}`,
    ...(options.length === 0 ? [] : [shellWords(options)]),
  ];
  const why = route.isDefault ? WHY_ROUTE.isDefault : WHY_ROUTE.to;
  return hook('post-up', words.join(' '), why, 'ip-route(8)', route.origin);
}

function ruleCommands(rule: PolicyRule): Entry[] {
  const words = shellWords(ruleWords(rule));
  const ip = rule.family === 'ipv4' ? 'ip -4' : 'ip -6';
  const entryOf = (moment: Moment, command: string, why: string): Entry =>
    hook(moment, command, why, 'ip-rule(8)', rule.origin);
  return [
    entryOf(
      'pre-up',
      `${ip} rule del ${words} 2>/dev/null || true`,
      'The kernel refuses a rule that exists already (`ifup --force`).',
    ),
    entryOf('post-up', `${ip} rule add ${words}`, WHY_RULE.table),
    entryOf(
      'pre-down',
      `${ip} rule del ${words}`,
      'A rule belongs to no link, and would stay when the link goes.',
    ),
  ];
}
