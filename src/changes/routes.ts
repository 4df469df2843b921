/** What changes of routes, and of the rules that choose a routing table. */

import { KERNEL_METRIC, type Model, type PolicyRule, type Route } from '../model/types.ts';
import { addressed, isMoveOfShim } from './addressed.ts';
import { type Change, change, linkName } from './words.ts';

const routeKey = ({ family, to, table, isDefault }: Route): string =>
  `${isDefault ? `default route (${family === 'ipv4' ? 'IPv4' : 'IPv6'})` : `route to ${to}`}${table === undefined ? '' : ` of table ${table}`}`;

/** The kernel's own metric is not mentioned. */
const metricText = ({ family, metric }: Route): string =>
  metric === KERNEL_METRIC[family] ? '' : ` with metric ${metric}`;

/** The gateway and metric of a route, without its link. */
const pathText = ({ via, from }: Route): string =>
  [
    via === undefined ? 'without gateway' : `via ${via}`,
    ...(from === undefined ? [] : [`from ${from}`]),
  ].join(' ');

interface Placed {
  readonly path: string;
  readonly metric: string;
  readonly link: string;
  /** The gateway may be outside the subnets of the link. If it is in one, nothing changes. */
  readonly isOnLink: boolean;
  readonly isDefault: boolean;
}

/** Routes by destination and table; several may differ in their metrics. */
function routesOf(model: Model): Map<string, Placed[]> {
  const found = new Map<string, Placed[]>();
  for (const { name, routes } of addressed(model)) {
    for (const route of routes) {
      const { onLink: isOnLink, isDefault } = route;
      const [path, metric] = [pathText(route), metricText(route)];
      const entry = { path, metric, link: name, isOnLink, isDefault };
      const all = found.get(routeKey(route));
      if (all) all.push(entry);
      else found.set(routeKey(route), [entry]);
    }
  }
  return found;
}

const placed = ({ path, metric, link }: Placed): string => `${path}${metric} on ${linkName(link)}`;

/** Every difference of routes. */
export function ofRoutes(before: Model, after: Model): Change[] {
  const [had, has] = [routesOf(before), routesOf(after)];
  return [...new Set([...had.keys(), ...has.keys()])].flatMap((key) => {
    const [then, now] = [had.get(key) ?? [], has.get(key) ?? []];
    const isIn = (all: readonly Placed[], route: Placed): boolean =>
      all.some((other) => placed(other) === placed(route));
    const gone = then.filter((route) => !isIn(now, route)).sort(byText);
    const fresh = now.filter((route) => !isIn(then, route)).sort(byText);
    const pairs = gone.slice(0, fresh.length).map((old, index) => [old, fresh[index]] as const);
    return [
      ...now.flatMap((route) => ofOnLink(key, then, route)),
      ...pairs.flatMap(([old, route]) => (route ? [replaced(before, after, key, old, route)] : [])),
      ...gone.slice(fresh.length).map((route) => removed(key, route)),
      ...fresh.slice(gone.length).map((route) => added(key, route)),
    ];
  });
}

const byText = (a: Placed, b: Placed): number => (placed(a) < placed(b) ? -1 : 1);

function ofOnLink(key: string, then: readonly Placed[], now: Placed): Change[] {
  const old = then.find((route) => placed(route) === placed(now));
  if (!old || old.isOnLink === now.isOnLink) return [];
  const message = `The ${key} ${placed(now)} ${now.isOnLink ? 'becomes' : 'is no longer'} on-link.`;
  return [change('harmless', now.link, message)];
}

function replaced(before: Model, after: Model, key: string, old: Placed, now: Placed): Change {
  // The same gateway with another metric, or over a renamed shim: still on the same LAN.
  const isSameLan = now.link === old.link || isMoveOfShim(before, old.link, after, now.link);
  const isSafe = !old.isDefault || (now.path === old.path && isSameLan);
  const message = `The ${key} becomes ${placed(now)} (was ${placed(old)}).`;
  return change(isSafe ? 'drops-connections' : 'may-lock-out', now.link, message);
}

const removed = (key: string, old: Placed): Change =>
  change(
    old.isDefault ? 'may-lock-out' : 'drops-connections',
    old.link,
    `The ${key} ${placed(old)} is removed.`,
  );

const added = (key: string, now: Placed): Change =>
  change(now.isDefault ? 'drops-connections' : 'harmless', now.link, `New ${key} ${placed(now)}.`);

const ruleText = (rule: PolicyRule): string => {
  const { from, to, iif, oif, table, priority, typeOfService, mark, family } = rule;
  return [
    family === 'ipv4' ? 'IPv4' : 'IPv6',
    // What is everywhere selects nothing.
    from && !from.endsWith('/0') && `from ${from}`,
    to && !to.endsWith('/0') && `to ${to}`,
    iif && `in by ${iif}`,
    oif && `bound to ${oif}`,
    typeOfService !== undefined && `type of service ${typeOfService}`,
    mark !== undefined && `mark ${mark}`,
    `→ table ${table}`,
    `(priority ${priority})`,
  ]
    .filter(Boolean)
    .join(' ');
};

const rulesOf = (model: Model): Map<string, string> =>
  new Map(
    addressed(model).flatMap(({ name, rules }) =>
      rules.map((rule): [string, string] => [`${ruleText(rule)} ${name}`, name]),
    ),
  );

/** Every difference of rules: with a wrong one, answers are lost. */
export function ofRules(before: Model, after: Model): Change[] {
  const had = rulesOf(before);
  const has = rulesOf(after);
  const only = (map: Map<string, string>, other: Map<string, string>, what: string): Change[] =>
    [...map]
      .filter(([key]) => !other.has(key))
      .map(([key, link]) => {
        const rule = key.slice(0, -link.length - 1);
        const message = `The rule ${rule} of ${linkName(link)} is ${what}: answers may leave by another link.`;
        return change('may-lock-out', link, message);
      });
  return [...only(had, has, 'removed'), ...only(has, had, 'added')];
}
