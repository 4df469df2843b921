/** Routes and rules of a netplan definition; and how routes and rules of any system are added. */
import { textOf, type YamlNode } from '../backends/host/netplan/yaml.ts';
import { add, type FoundLink, type Item, leave, type Origin, type Scalar } from './found.ts';
import { flowText, pairsIn, shown } from './netplan-text.ts';
import { destinationOf, flagOf, ipOf, wholeOf } from './values.ts';

/** RT_TABLE_MAIN. */
const MAIN = 254;
const ROUTE_FLAGS = new Set(['on-link']);
const ROUTE_NUMBERS = new Set(['metric', 'table']);

/** A mapping → a route or a rule; what it has no word for is left with its own place. */
function mappingOf(
  link: FoundLink,
  item: YamlNode,
  at: Origin,
  wordOf: (key: string, text: string) => Scalar | undefined,
): Record<string, Scalar> {
  const found: Record<string, Scalar> = {};
  for (const { key = '', line, value } of pairsIn(item)) {
    const word = value.kind === 'scalar' ? wordOf(key, value.text) : undefined;
    if (word === undefined) leave(link, { ...at, line }, shown(key, value));
    else found[key] = word;
  }
  return found;
}

export function readRoute(link: FoundLink, item: YamlNode, at: Origin): void {
  const type = textOf(item, 'type')?.toLowerCase() ?? 'unicast';
  const scope = textOf(item, 'scope')?.toLowerCase() ?? 'global';
  if (type !== 'unicast' || !/^(?:global|link)$/.test(scope)) {
    leave(link, at, flowText(item));
    return;
  }
  const route = mappingOf(link, item, at, (key, text) => {
    if (key === 'to') return destinationOf(text);
    if (key === 'via' || key === 'from') return ipOf(text);
    if (key === 'scope' || key === 'type') return text.toLowerCase();
    if (ROUTE_FLAGS.has(key)) return flagOf(text);
    return ROUTE_NUMBERS.has(key) ? wholeOf(text) : undefined;
  });
  // netplan-yaml(5), scope: `link` for a route without a gateway.
  const isDirect = route['via'] === undefined && route['scope'] === undefined;
  addRoute(link, isDirect ? { ...route, scope: 'link' } : route, at, flowText(item));
}

/** A route with a destination, and a gateway or the LAN itself; without what is the default. */
export function addRoute(
  link: FoundLink,
  { to, via, from, scope, 'on-link': onLink, metric, table }: Readonly<Record<string, Scalar>>,
  at: Origin,
  text: string,
): void {
  if (to === undefined || (via === undefined && scope !== 'link')) {
    leave(link, at, text);
    return;
  }
  const route: Item = {
    to,
    ...(via !== undefined && { via }),
    ...(from !== undefined && { from }),
    ...(scope === 'link' && via === undefined && { scope }),
    ...(onLink === true && { 'on-link': true }),
    ...(metric !== undefined && { metric }),
    ...(table !== undefined && table !== MAIN && { table }),
  };
  add(link, 'routes', route, at);
}

export function readRule(link: FoundLink, item: YamlNode, at: Origin): void {
  const rule = mappingOf(link, item, at, (key, text) => {
    if (key === 'from' || key === 'to') return destinationOf(text);
    return /^(?:table|priority|mark|type-of-service)$/.test(key) ? wholeOf(text) : undefined;
  });
  addRule(link, rule, at, flowText(item));
}

/**
 * A rule with what it selects. Without a table it selects the main one (ip-rule(8); systemd.network(5),
 * Table=), and a selector of every address is none.
 */
export function addRule(
  link: FoundLink,
  { from, to, table = MAIN, ...others }: Readonly<Record<string, Scalar>>,
  at: Origin,
  text: string,
): void {
  const selectors = {
    ...(from !== undefined && from !== 'default' && { from }),
    ...(to !== undefined && to !== 'default' && { to }),
  };
  if (Object.keys(selectors).length === 0) leave(link, at, text);
  else add(link, 'routing-policy', { ...selectors, table, ...others }, at);
}
