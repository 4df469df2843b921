/** What changes of routes, and of the rules that choose a routing table. */

import { addressed, isMoveOfShim } from './changes-addresses.ts';
import { type Change, change, linkName } from './changes-words.ts';
import type { Model, PolicyRule, Route } from './model/types.ts';

const routeKey = ({ family, to, table, metric, isDefault }: Route): string =>
  `${isDefault ? `default route (${family === 'ipv4' ? 'IPv4' : 'IPv6'})` : `route to ${to}`}${table === undefined ? '' : ` of table ${table}`}${metric === 0 || metric === 1024 ? '' : ` with metric ${metric}`}`;

/** Where a route leads, without its link. */
const pathText = ({ via, from }: Route): string =>
  [
    via === undefined ? 'without gateway' : `via ${via}`,
    ...(from === undefined ? [] : [`from ${from}`]),
  ].join(' ');

interface Placed {
  readonly path: string;
  readonly link: string;
  /** Its gateway need not be in a subnet of the link. Where it is, that changes nothing. */
  readonly isOnLink: boolean;
  readonly isDefault: boolean;
}

const routesOf = (model: Model): Map<string, Placed> =>
  new Map(
    addressed(model).flatMap(({ name, routes }) =>
      routes.map((route): [string, Placed] => [
        routeKey(route),
        { path: pathText(route), link: name, isOnLink: route.onLink, isDefault: route.isDefault },
      ]),
    ),
  );

const placed = ({ path, link }: Placed): string => `${path} on ${linkName(link)}`;

function ofOnLink(key: string, then: Placed, now: Placed): Change[] {
  if (then.isOnLink === now.isOnLink) return [];
  const message = `The ${key} ${placed(now)} ${now.isOnLink ? 'becomes' : 'is no longer'} on-link.`;
  return [change('harmless', now.link, message)];
}

/** Every difference of routes. */
export function ofRoutes(before: Model, after: Model): Change[] {
  const had = routesOf(before);
  const has = routesOf(after);
  const found: Change[] = [];
  for (const [key, then] of had) {
    const now = has.get(key);
    const severity = then.isDefault ? 'may-lock-out' : 'drops-connections';
    if (!now) found.push(change(severity, then.link, `The ${key} ${placed(then)} is removed.`));
    else if (placed(now) === placed(then)) found.push(...ofOnLink(key, then, now));
    else {
      // The same gateway over another shim on the same LAN: a renamed shim.
      const isSame = now.path === then.path && isMoveOfShim(before, then.link, after, now.link);
      const message = `The ${key} becomes ${placed(now)} (was ${placed(then)}).`;
      found.push(change(isSame ? 'drops-connections' : severity, now.link, message));
    }
  }
  for (const [key, now] of has) {
    if (had.has(key)) continue;
    const severity = now.isDefault ? 'drops-connections' : 'harmless';
    found.push(change(severity, now.link, `New ${key} ${placed(now)}.`));
  }
  return found;
}

const ruleText = ({ from, to, table, priority, typeOfService, mark, family }: PolicyRule): string =>
  [
    family === 'ipv4' ? 'IPv4' : 'IPv6',
    from && `from ${from}`,
    to && `to ${to}`,
    typeOfService !== undefined && `type of service ${typeOfService}`,
    mark !== undefined && `mark ${mark}`,
    `→ table ${table}`,
    `(priority ${priority})`,
  ]
    .filter(Boolean)
    .join(' ');

const rulesOf = (model: Model): Map<string, string> =>
  new Map(
    addressed(model).flatMap(({ name, rules }) =>
      rules.map((rule): [string, string] => [`${ruleText(rule)} ${name}`, name]),
    ),
  );

/** Every difference of rules: a wrong one sends answers into nowhere. */
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
