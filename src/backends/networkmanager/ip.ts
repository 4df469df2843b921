/**
 * What NetworkManager is told of a link's IPv4 and IPv6: both ways to it lower the model here,
 * one prints it as a keyfile, the other says the same to netplan as passthrough.
 */
import type { Path } from '../../diagnostics/diagnostic.ts';
import {
  type DhcpOverrides,
  type Family,
  hasAddress,
  hasStatic,
  KERNEL_METRIC,
  type Link,
  type PolicyRule,
  type Route,
} from '../../model/types.ts';
import { type Authority, type KeyfileKey, knows } from '../../targets/since.ts';
import { isAtLeast, type Target } from '../../targets/target.ts';
import { type Entry, entry } from '../../view/rendered.ts';
import { cannotDisableIpv6 } from '../shared/sysctl.ts';
import { list } from './keyfile.ts';

/** An IPv4 link-local address beside another. */
export const LINK_LOCAL = 'nm-settings-keyfile(5), [ipv4] link-local';

/** One setting: its key in the keyfile's section `[ipv4]` or `[ipv6]`, and the value. */
export interface IpSetting {
  readonly key: string;
  readonly value: Entry;
}

/** The method of a family (nm-settings-keyfile(5), ipv4.method, ipv6.method). */
export function methodOf(link: Link, family: Family): string {
  const isStatic = hasStatic(link, family);
  const linkLocal = link.linkLocal.includes(family);
  if (family === 'ipv4') {
    if (link.dhcp4) return 'auto';
    return isStatic ? 'manual' : linkLocal ? 'link-local' : 'disabled';
  }
  if (link.acceptRa) return 'auto';
  if (link.dhcp6) return 'dhcp';
  return isStatic ? 'manual' : linkLocal ? 'link-local' : 'disabled';
}

const WHY_METHOD: Readonly<Record<string, string>> = {
  auto: 'Addresses come by DHCP (for IPv6: by router advertisement, and DHCPv6 if the router says so).',
  dhcp: 'Addresses come by DHCPv6; advertisements are not listened to.',
  manual: "The host's addresses are on the link, as the intent says.",
  'link-local': 'Link-local addresses only.',
  disabled: 'The link has no address of this family; left out, NetworkManager would look for one.',
};

const WHY_SILENT: Readonly<Record<Family, string>> = {
  ipv4: 'The link is silent: without the line NetworkManager would run DHCP.',
  ipv6: 'The link is silent: not even a link-local address.',
};

/** All settings of a family, in the order in which they are written. */
export function ipSettings(link: Link, family: Family, target: Target): IpSetting[] {
  const settings: IpSetting[] = [];
  const add: Add = (key, text, why, origin) =>
    void settings.push({
      key,
      value: entry(text, why, `nm-settings-keyfile(5), [${family}] ${key}` as Authority, origin),
    });
  const method = methodOf(link, family);
  const isActive = link.families.includes(family);
  const methodKey = family === 'ipv4' ? 'dhcp4' : link.acceptRa ? 'accept-ra' : 'dhcp6';
  const isStatic = method === 'manual';
  // What a version has no word for is left to the kernel, which `sysctl.d` tells to ignore it.
  const word =
    method === 'disabled' && family === 'ipv6' && cannotDisableIpv6(target) ? 'ignore' : method;
  add('method', word, hasAddress(link) ? (WHY_METHOD[method] ?? '') : WHY_SILENT[family], [
    ...link.origin,
    isStatic ? 'addresses' : methodKey,
  ]);
  const addresses = link.addresses.filter((address) => address.family === family);
  for (const [index, { address, prefix, origin }] of addresses.entries()) {
    add(
      `address${index + 1}`,
      `${address}/${prefix}`,
      link.origin[0] === 'shims'
        ? "The host's address is on the shim."
        : 'As the intent says: this link keeps an address of its own.',
      origin,
    );
  }
  addRoutes(link, family, addresses.length > 0, target, add);
  for (const [index, rule] of link.rules.filter((item) => item.family === family).entries()) {
    add(
      `routing-rule${index + 1}`,
      ruleText(rule),
      'Which packets are looked up in which table.',
      rule.origin,
    );
  }
  if (isActive) {
    const at =
      family === 'ipv4' && link.dhcp4 ? [...link.dhcp4.origin, 'route-metric'] : link.origin;
    add(
      'route-metric',
      routeMetricOf(link, family),
      'As on every other system; NetworkManager would take one by the kind of device.',
      at,
    );
  }
  const nameservers = link.nameservers.filter((nameserver) => nameserver.family === family);
  const [nameserver] = nameservers;
  if (nameserver) {
    const addressesOf = nameservers.map(({ address }) => address);
    add(
      'dns',
      list(addressesOf),
      'Name servers, asked over the link.',
      nameserver.origin.slice(0, -1),
    );
  }
  const [search] = link.search;
  // One family carries the domains: the first that the link has.
  if ((search || link.dnsDefaultRoute) && family === link.families[0]) {
    // The root as a routing domain: every name is asked here.
    const root = link.dnsDefaultRoute ? ['~.'] : [];
    add(
      'dns-search',
      list([...new Set([...link.search.map(({ domain }) => domain), ...root])]),
      link.dnsDefaultRoute
        ? 'Domains searched over this link; with `~.` its name servers are asked for any name.'
        : 'Domains searched over this link.',
      search ? search.origin.slice(0, -1) : [...link.origin, 'dns-default-route'],
    );
  }
  if (family === 'ipv4' && link.dhcp4) {
    const { dhcp4 } = link;
    add(
      'dhcp-client-id',
      link.identifier,
      link.identifier === 'mac'
        ? 'Clones of one image share the machine-id, from which a DUID is made; a MAC is their own.'
        : 'As the intent says.',
      [...link.origin, 'dhcp-identifier'],
    );
    if (!dhcp4.useRoutes) {
      add('ignore-auto-routes', 'true', "The server's routes are not used.", [
        ...dhcp4.origin,
        'use-routes',
      ]);
      add('never-default', 'true', "The server's default route is not used.", [
        ...dhcp4.origin,
        'use-routes',
      ]);
    }
    addOverrides(dhcp4, add);
  }
  const isBeside = family === 'ipv4' && isActive && link.linkLocal.includes('ipv4');
  if (isBeside && knows(target, LINK_LOCAL)) {
    add('link-local', 3, 'Enabled: a link-local address beside the other.', [
      ...link.origin,
      'link-local',
    ]);
  }
  if (family === 'ipv6') {
    if ((link.dhcp6 || link.dhcp6ByRouter) && link.identifier === 'mac') {
      add(
        'dhcp-duid',
        'll',
        'Clones of one image share the machine-id, from which a DUID is made; a MAC is their own.',
        [...link.origin, 'dhcp-identifier'],
      );
    }
    if (link.dhcp6) addOverrides(link.dhcp6, add);
    if (method !== 'disabled') {
      add(
        'addr-gen-mode',
        'eui64',
        'The address follows from the MAC, as it does under systemd-networkd.',
        link.origin,
      );
    }
    if (method === 'auto') {
      add(
        'ip6-privacy',
        '0',
        'A host that is to be reached has no temporary addresses, whatever the distribution says.',
        link.origin,
      );
    }
  }
  if (isActive && !link.optional) {
    add('may-fail', 'false', 'Boot waits for an address of this family.', [
      ...link.origin,
      'optional',
    ]);
  }
  return settings;
}

/** The metric of every route of a profile that says none, those that come by DHCP included. */
export const routeMetricOf = (link: Link, family: Family): number =>
  family === 'ipv4' ? (link.dhcp4?.routeMetric ?? KERNEL_METRIC.ipv4) : KERNEL_METRIC.ipv6;

type Add = (
  key: KeyfileKey<'ipv4' | 'ipv6'>,
  text: string | number,
  why: string,
  origin: Path,
) => void;

/**
 * NetworkManager 1.52 and later adds the subnet of another table before that of main, and then
 * warns that it cannot add a gateway's route yet: that the gateway is a neighbour is said.
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
 * 1.30; not with 1.42). Unsaid they add the same route, and it stands.
 */
const ADDS_ON_LINK_ITSELF = [1, 36];

function addRoutes(link: Link, family: Family, hasStatic: boolean, target: Target, add: Add): void {
  const routes = routesOf(link).filter((route) => route.family === family);
  // `gateway` is what people look for, but it can say no metric, and needs a static address.
  const isPlain = (route: Route): boolean =>
    hasStatic &&
    route.isDefault &&
    route.via !== undefined &&
    route.metric === routeMetricOf(link, family) &&
    [route.table, route.from].every((given) => given === undefined) &&
    !route.onLink &&
    !(family === 'ipv4' ? link.dhcp4 : link.acceptRa);
  const isOwn = link.addresses.every(({ prefix }) => prefix === 32 || prefix === 128);
  const saysOnLink = ({ onLink, family: of }: Route): boolean =>
    onLink &&
    !(of === 'ipv4' && isOwn && !isAtLeast(target.versions.NetworkManager, ADDS_ON_LINK_ITSELF));
  const plain = routes.find(isPlain);
  if (plain?.via !== undefined)
    add('gateway', plain.via, 'The default route.', [...plain.origin, 'via']);
  for (const [index, route] of routes.filter((r) => r !== plain).entries()) {
    const key = `route${index + 1}` as const;
    const metric = route.metric === routeMetricOf(link, family) ? '' : route.metric;
    const parts = [route.to, route.via ?? '', metric].join(',').replace(/,+$/, '');
    add(
      key,
      parts,
      route.isDefault ? 'The default route.' : 'A route: destination, gateway, metric.',
      route.origin,
    );
    const options = [
      ...(saysOnLink(route) ? ['onlink=true'] : []),
      ...(route.table === undefined ? [] : [`table=${route.table}`]),
      ...(route.from === undefined ? [] : [`src=${route.from}`]),
    ];
    if (options.length > 0)
      add(
        `${key}_options`,
        options.join(','),
        'What else the intent says of this route.',
        route.origin,
      );
  }
}

/** One rule, in the words of `ip rule add`. */
function ruleText({ family, priority, from, to, typeOfService, mark, table }: PolicyRule): string {
  const everything = family === 'ipv4' ? '0.0.0.0/0' : '::/0';
  return [
    `priority ${priority}`,
    `from ${from ?? everything}`,
    ...(to === undefined ? [] : [`to ${to}`]),
    ...(typeOfService === undefined
      ? []
      : [`tos 0x${typeOfService.toString(16).padStart(2, '0')}`]),
    ...(mark === undefined ? [] : [`fwmark 0x${mark.toString(16)}`]),
    `table ${table}`,
  ].join(' ');
}

function addOverrides(given: DhcpOverrides, add: Add): void {
  if (given.useDns === false)
    add('ignore-auto-dns', 'true', "The server's name servers are not used.", [
      ...given.origin,
      'use-dns',
    ]);
  if (given.sendHostname === false)
    add('dhcp-send-hostname', 'false', "The host's name is not sent.", [
      ...given.origin,
      'send-hostname',
    ]);
  if (given.hostname !== undefined)
    add('dhcp-hostname', given.hostname, "Sent in place of the host's name.", [
      ...given.origin,
      'hostname',
    ]);
}

/** `[hostname] from-dhcp=0`, where the intent refuses the server's name for the host. */
export function hostnameSetting(link: Link): Entry | undefined {
  const given = [link.dhcp4, link.dhcp6].find((dhcp) => dhcp?.useHostname === false);
  return (
    given &&
    entry(
      '0',
      'The host keeps its name, whatever the server calls it.',
      'nm-settings-keyfile(5), [hostname] from-dhcp',
      [...given.origin, 'use-hostname'],
    )
  );
}
