/**
 * What NetworkManager is told of a shim's IPv4 and IPv6: both ways to it lower the model here,
 * one prints it as a keyfile, the other says the same to netplan as passthrough.
 */
import type { Path } from '../diagnostics.ts';
import {
  type DhcpOverrides,
  type Family,
  KERNEL_METRIC,
  type Route,
  type Shim,
} from '../model/types.ts';
import { list } from './keyfile.ts';
import { type Entry, entry } from './types.ts';

/** One setting: its key in the keyfile's section `[ipv4]` or `[ipv6]`, and the value. */
export interface IpSetting {
  readonly key: string;
  readonly value: Entry;
}

/** The method of a family (nm-settings-keyfile(5), ipv4.method, ipv6.method). */
export function methodOf(shim: Shim, family: Family): string {
  const hasStatic = shim.addresses.some((address) => address.family === family);
  const linkLocal = shim.linkLocal.includes(family);
  if (family === 'ipv4') {
    if (shim.dhcp4) return 'auto';
    return hasStatic ? 'manual' : linkLocal ? 'link-local' : 'disabled';
  }
  if (shim.acceptRa) return 'auto';
  if (shim.dhcp6) return 'dhcp';
  return hasStatic ? 'manual' : linkLocal ? 'link-local' : 'disabled';
}

const WHY_METHOD: Readonly<Record<string, string>> = {
  auto: 'Addresses come by DHCP (for IPv6: by router advertisement, and DHCPv6 if the router says so).',
  dhcp: 'Addresses come by DHCPv6; advertisements are not listened to.',
  manual: "The host's addresses are on the shim, as the intent says.",
  'link-local': 'Link-local addresses only.',
  disabled: 'The shim has no address of this family; left out, NetworkManager would look for one.',
};

/** All settings of a family, in the order in which they are written. */
export function ipSettings(shim: Shim, family: Family): IpSetting[] {
  const settings: IpSetting[] = [];
  const add = (key: string, text: string | number, why: string, origin: Path): void =>
    void settings.push({
      key,
      value: entry(text, why, `nm-settings-keyfile(5), [${family}] ${key}`, origin),
    });
  const method = methodOf(shim, family);
  const isActive = shim.families.includes(family);
  const methodKey = family === 'ipv4' ? 'dhcp4' : shim.acceptRa ? 'accept-ra' : 'dhcp6';
  const isStatic = method === 'manual';
  add('method', method, WHY_METHOD[method] ?? '', [
    ...shim.origin,
    isStatic ? 'addresses' : methodKey,
  ]);
  const addresses = shim.addresses.filter((address) => address.family === family);
  for (const [index, { address, prefix, origin }] of addresses.entries()) {
    add(
      `address${index + 1}`,
      `${address}/${prefix}`,
      "The host's address is on the shim, not on the parent.",
      origin,
    );
  }
  addRoutes(shim, family, addresses.length > 0, add);
  if (isActive) {
    const at =
      family === 'ipv4' && shim.dhcp4 ? [...shim.dhcp4.origin, 'route-metric'] : shim.origin;
    add(
      'route-metric',
      routeMetricOf(shim, family),
      'As on every other system; NetworkManager would take one by the kind of device.',
      at,
    );
  }
  const nameservers = shim.nameservers.filter((nameserver) => nameserver.family === family);
  const [nameserver] = nameservers;
  if (nameserver) {
    const addressesOf = nameservers.map(({ address }) => address);
    add(
      'dns',
      list(addressesOf),
      'Name servers, asked over the shim.',
      nameserver.origin.slice(0, -1),
    );
  }
  const [search] = shim.search;
  // One family carries the domains: the first that the shim has.
  if (search && family === shim.families[0]) {
    add(
      'dns-search',
      list(shim.search.map(({ domain }) => domain)),
      'Domains searched over the shim.',
      search.origin.slice(0, -1),
    );
  }
  if (family === 'ipv4' && shim.dhcp4) {
    const { dhcp4 } = shim;
    add(
      'dhcp-client-id',
      dhcp4.identifier,
      dhcp4.identifier === 'mac'
        ? 'Clones of one image share the machine-id, from which a DUID is made; a MAC is their own.'
        : 'As the intent says.',
      [...shim.origin, 'dhcp-identifier'],
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
  if (family === 'ipv6') {
    if (shim.dhcp6) addOverrides(shim.dhcp6, add);
    if (method !== 'disabled') {
      add(
        'addr-gen-mode',
        'eui64',
        'The address follows from the MAC, as it does under systemd-networkd.',
        shim.origin,
      );
    }
    if (method === 'auto') {
      add(
        'ip6-privacy',
        '0',
        'A host that is to be reached has no temporary addresses, whatever the distribution says.',
        shim.origin,
      );
    }
  }
  if (isActive && !shim.optional) {
    add('may-fail', 'false', 'Boot waits for an address of this family.', [
      ...shim.origin,
      'optional',
    ]);
  }
  return settings;
}

/** The metric of every route of a profile that says none, those that come by DHCP included. */
export const routeMetricOf = (shim: Shim, family: Family): number =>
  family === 'ipv4' ? (shim.dhcp4?.routeMetric ?? KERNEL_METRIC.ipv4) : KERNEL_METRIC.ipv6;

type Add = (key: string, text: string | number, why: string, origin: Path) => void;

function addRoutes(shim: Shim, family: Family, hasStatic: boolean, add: Add): void {
  const routes = shim.routes.filter((route) => route.family === family);
  // `gateway` is what people look for, but it can say no metric, and needs a static address.
  const isPlain = (route: Route): boolean =>
    hasStatic &&
    route.isDefault &&
    route.via !== undefined &&
    route.metric === routeMetricOf(shim, family) &&
    [route.table, route.from].every((said) => said === undefined) &&
    !route.onLink &&
    !(family === 'ipv4' ? shim.dhcp4 : shim.acceptRa);
  const plain = routes.find(isPlain);
  if (plain?.via !== undefined)
    add('gateway', plain.via, 'The default route.', [...plain.origin, 'via']);
  for (const [index, route] of routes.filter((r) => r !== plain).entries()) {
    const key = `route${index + 1}`;
    const metric = route.metric === routeMetricOf(shim, family) ? '' : route.metric;
    const parts = [route.to, route.via ?? '', metric].join(',').replace(/,+$/, '');
    add(
      key,
      parts,
      route.isDefault ? 'The default route.' : 'A route: destination, gateway, metric.',
      route.origin,
    );
    const options = [
      ...(route.onLink ? ['onlink=true'] : []),
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

function addOverrides(said: DhcpOverrides, add: Add): void {
  if (said.useDns === false)
    add('ignore-auto-dns', 'true', "The server's name servers are not used.", [
      ...said.origin,
      'use-dns',
    ]);
  if (said.sendHostname === false)
    add('dhcp-send-hostname', 'false', "The host's name is not sent.", [
      ...said.origin,
      'send-hostname',
    ]);
  if (said.hostname !== undefined)
    add('dhcp-hostname', said.hostname, "Sent in place of the host's name.", [
      ...said.origin,
      'hostname',
    ]);
}

/** `[hostname] from-dhcp=0`, where the intent refuses the server's name for the host. */
export function hostnameSetting(shim: Shim): Entry | undefined {
  const said = [shim.dhcp4, shim.dhcp6].find((dhcp) => dhcp?.useHostname === false);
  return (
    said &&
    entry(
      '0',
      'The host keeps its name, whatever the server calls it.',
      'nm-settings-keyfile(5), [hostname] from-dhcp',
      [...said.origin, 'use-hostname'],
    )
  );
}
