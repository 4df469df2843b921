/** Routes and rules in `[ipv4]` and `[ipv6]` of a profile. */
import {
  dynamicTable,
  EVERYWHERE,
  type Family,
  KERNEL_METRIC,
  type Link,
  type PolicyRule,
  type Route,
} from '../../model/types.ts';
import { isAtLeast, type Target } from '../../targets/target.ts';
import { type IpSetting, settingOf } from './keyfile.ts';

/** The metric of every route of a profile that has none of its own, those by DHCP included. */
export const routeMetricOf = (link: Link, family: Family): number =>
  family === 'ipv4' ? (link.dhcp4?.routeMetric ?? KERNEL_METRIC.ipv4) : KERNEL_METRIC.ipv6;

/**
 * NetworkManager 1.52 and later adds the subnet of another table before that of main, and then
 * warns that it cannot add a gateway's route yet: so the gateway is marked as a neighbour.
 */
export function routesOf({ routes }: Link): readonly Route[] {
  const isOther = ({ family, via, table }: Route): boolean =>
    family === 'ipv4' && via === undefined && table !== undefined;
  if (!routes.some(isOther)) return routes;
  return routes.map((route) =>
    route.family === 'ipv4' && route.via !== undefined ? { ...route, onLink: true } : route,
  );
}

/**
 * Older versions add a route to the gateway of an on-link default route by themselves, as on-link
 * again, which the kernel refuses of a route without gateway, and the shim is lost (seen with
 * 1.30; not with 1.42). Without `onlink` they add the same route, and it works.
 */
const ADDS_ON_LINK_ITSELF = [1, 36];

const isOnLink = (link: Link, { onLink, family }: Route, target: Target): boolean =>
  onLink &&
  !(
    family === 'ipv4' &&
    link.addresses.every(({ prefix }) => prefix === 32 || prefix === 128) &&
    !isAtLeast(target.versions.NetworkManager, ADDS_ON_LINK_ITSELF)
  );

/**
 * Whether a route is written as `gateway`, which is what people look for; but it can have no metric,
 * and needs a static address.
 */
const isGateway = (link: Link, family: Family, route: Route): boolean =>
  link.addresses.some((address) => address.family === family) &&
  route.isDefault &&
  route.via !== undefined &&
  route.metric === routeMetricOf(link, family) &&
  route.table === undefined &&
  route.from === undefined &&
  !route.onLink &&
  !(family === 'ipv4' ? link.dhcp4 : link.acceptRa);

/** `gateway`, and `route1`, `route1_options` and so on. */
export function routeSettings(link: Link, family: Family, target: Target): IpSetting[] {
  const setting = settingOf(family);
  const routes = routesOf(link).filter((route) => route.family === family);
  const gateway = routes.find((route) => isGateway(link, family, route));
  const others = routes.filter((route) => route !== gateway);
  return [
    ...(gateway?.via === undefined
      ? []
      : [setting('gateway', gateway.via, 'The default route.', [...gateway.origin, 'via'])]),
    ...others.flatMap((route, index) => {
      const { to, via, isDefault, origin } = route;
      const metric = route.metric === routeMetricOf(link, family) ? '' : route.metric;
      const options = [
        ...(isOnLink(link, route, target) ? ['onlink=true'] : []),
        ...tableOption(link, route),
        ...(route.from === undefined ? [] : [`src=${route.from}`]),
      ];
      return [
        setting(
          `route${index + 1}`,
          [to, via ?? '', metric].join(',').replace(/,+$/, ''),
          isDefault ? 'The default route.' : 'A route: destination, gateway, metric.',
          origin,
        ),
        ...(options.length === 0
          ? []
          : [
              setting(
                `route${index + 1}_options`,
                options.join(','),
                'The other settings that the intent has for this route.',
                origin,
              ),
            ]),
      ];
    }),
  ];
}

/** The table of main where that of the profile is another one (ip-rule(8): 254). */
function tableOption(link: Link, { family, table }: Route): string[] {
  if (table !== undefined) return [`table=${table}`];
  return dynamicTable(link, family) === undefined ? [] : ['table=254'];
}

/** `routing-rule1` and so on. */
export const ruleSettings = (link: Link, family: Family): IpSetting[] =>
  link.rules
    .filter((rule) => rule.family === family)
    .map((rule, index) =>
      settingOf(family)(
        `routing-rule${index + 1}`,
        ruleText(rule),
        'Which packets are routed by which table.',
        rule.origin,
      ),
    );

/** One rule, in the words of `ip rule add`. */
function ruleText(rule: PolicyRule): string {
  const { family, priority, from, to, iif, oif, typeOfService, mark, table } = rule;
  return [
    `priority ${priority}`,
    `from ${from ?? EVERYWHERE[family]}`,
    ...(to === undefined ? [] : [`to ${to}`]),
    ...(iif === undefined ? [] : [`iif ${iif}`]),
    ...(oif === undefined ? [] : [`oif ${oif}`]),
    ...(typeOfService === undefined
      ? []
      : [`tos 0x${typeOfService.toString(16).padStart(2, '0')}`]),
    ...(mark === undefined ? [] : [`fwmark 0x${mark.toString(16)}`]),
    `table ${table}`,
  ].join(' ');
}
