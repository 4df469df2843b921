/** A link as generated files have it → its keys in the intent. */
import type { FileLink } from '../backends/generated.ts';
import { deriveMac } from '../model/derive.ts';
import { OF_DEVICE } from './cleaned.ts';
import { add, type FoundLink, type Item, newLink, type Scalar, set } from './found.ts';
import { setParameter, type Words } from './parameters.ts';

const NOWHERE = {};

/** All links of the host. */
export interface Context {
  readonly links: readonly FileLink[];
  /** Name → id. */
  readonly ids: ReadonlyMap<string, string>;
}

/** A link of generated files, in words of the intent. */
export function foundLink(link: FileLink, host: string, { links, ids }: Context): FoundLink {
  const kind = link.kind;
  const found = newLink(link.name, kind, NOWHERE);
  const value = (key: string, item: Scalar | readonly Scalar[] | undefined): void => {
    if (item !== undefined) set(found, key, item, NOWHERE);
  };
  const idOf = (name: string | undefined): string | undefined => name && (ids.get(name) ?? name);
  if (/^(?:macvlan|ipvlan|macvtap)$/.test(kind)) {
    value('parent', idOf(link.parent));
    if (kind === 'ipvlan') value('kind', kind);
    if (link.mode !== (kind === 'ipvlan' ? 'l2' : 'bridge')) value('mode', link.mode);
    if (link.sourceMacs.length > 0) value('source-macaddresses', link.sourceMacs);
    value('broadcast-queue-length', link.broadcastQueueLength);
    value('broadcast-queue-threshold', link.broadcastQueueThreshold);
  } else if (kind === 'vlan') {
    value('id', link.vlanId);
    value('link', idOf(link.parent));
  } else if (kind !== 'ethernet') {
    const ports = links.filter(({ master }) => master === link.name);
    for (const { name } of ports) add(found, 'interfaces', idOf(name) ?? name, NOWHERE);
    if (kind === 'bond') value('parameters.mode', link.bondMode);
    addParameters(found, link);
  }
  if (link.permanentMac !== undefined && kind === 'ethernet') {
    value('match.macaddress', link.permanentMac);
    value('set-name', link.name);
  }
  const isDerived = link.mac === deriveMac(host, link.name);
  if (!isDerived || kind === 'ethernet' || kind === 'vlan') value('macaddress', link.mac);
  if (kind === 'macvtap') {
    if (!link.allMulticast) value('allmulticast', false);
  }
  value('mtu', link.mtu);
  addAddressing(found, link);
  if (link.master !== undefined) {
    found.entries.splice(
      0,
      found.entries.length,
      ...found.entries.filter(({ key }) => OF_DEVICE.test(key)),
    );
  }
  return found;
}

/** In whose words a device's parameters are. */
function wordsOf({ maker, kind, parameters = '' }: FileLink): Words {
  if (maker?.id === 'networkd') return 'systemd';
  // netplan's words have hyphens where the kernel's have underscores, or none.
  if (/^[a-z]+(?:-[a-z]+)+=/m.test(parameters)) return 'netplan';
  return maker?.id === 'netplan' || (maker?.id === 'networkmanager' && kind === 'bridge')
    ? 'netplan'
    : 'kernel';
}

function addParameters(found: FoundLink, link: FileLink): void {
  const text = link.parameters ?? '';
  const isCommand = link.maker?.id === 'ifupdown';
  const pairs = isCommand
    ? [...text.matchAll(/(\S+) (\S+)/g)].map(([, key = '', item = '']) => [key, item] as const)
    : text.split('\n').map((line) => {
        const at = line.indexOf('=');
        return [line.slice(0, at), line.slice(at + 1)] as const;
      });
  for (const [key, item] of pairs) {
    if (key === '' || key === 'mode') continue;
    // ip-link(8) takes times of a bridge in hundredths of a second.
    const isTime = isCommand && link.kind === 'bridge' && /_(?:delay|time|age)$/.test(key);
    setParameter(found, wordsOf(link), key, isTime ? String(Number(item) / 100) : item, NOWHERE);
  }
}

function addAddressing(found: FoundLink, link: FileLink): void {
  const value = (key: string, item: Scalar | readonly Scalar[]): void =>
    set(found, key, item, NOWHERE);
  for (const address of link.addresses) add(found, 'addresses', address, NOWHERE);
  for (const address of link.nameservers) add(found, 'nameservers.addresses', address, NOWHERE);
  for (const domain of link.search) add(found, 'nameservers.search', domain, NOWHERE);
  for (const route of link.routes) add(found, 'routes', routeItem(route), NOWHERE);
  for (const { family, from, to, iif, oif, table, priority, typeOfService, mark } of link.rules) {
    const everywhere = family === 'ipv4' ? '0.0.0.0/0' : '::/0';
    add(
      found,
      'routing-policy',
      {
        ...(from !== undefined && { from }),
        ...(to !== undefined && { to }),
        ...(from === undefined && to === undefined && { from: everywhere }),
        ...(iif !== undefined && { iif }),
        ...(oif !== undefined && { oif }),
        table,
        ...(priority !== 32765 && { priority }),
        ...(typeOfService !== undefined && { 'type-of-service': typeOfService }),
        ...(mark !== undefined && { mark }),
      },
      NOWHERE,
    );
  }
  if (link.dhcp4) {
    value('dhcp4', true);
    const { useMtu, useRoutes, routeMetric } = link.dhcp4;
    if (!useMtu) value('dhcp4-overrides.use-mtu', false);
    if (!useRoutes) value('dhcp4-overrides.use-routes', false);
    if (routeMetric !== 100) value('dhcp4-overrides.route-metric', routeMetric);
    addOverrides(found, 'dhcp4', link.dhcp4);
  }
  if (link.dhcp6) {
    value('dhcp6', true);
    addOverrides(found, 'dhcp6', link.dhcp6);
  }
  // An ipvlan has it by default.
  if ((link.dhcp4 || link.dhcp6) && link.identifier === 'duid' && link.kind !== 'ipvlan')
    value('dhcp-identifier', 'duid');
  if (link.acceptRa !== (link.dhcp6 !== undefined)) value('accept-ra', link.acceptRa);
  if (link.acceptRa && !link.dhcp6 && !link.dhcp6ByRouter) value('dhcp6', false);
  if (link.ipv6Privacy) value('ipv6-privacy', true);
  const { useDns, useDomains, table } = link.raOverrides ?? {};
  if (useDns !== undefined) value('ra-overrides.use-dns', useDns);
  if (useDomains !== undefined) value('ra-overrides.use-domains', useDomains);
  if (table !== undefined) value('ra-overrides.table', table);
  const leases = link.leaseTable ?? link.dhcp4?.table;
  if (link.dhcp4 && leases !== undefined) value('dhcp4-overrides.table', leases);
  if (link.addressGeneration !== 'eui64') value('ipv6-address-generation', link.addressGeneration);
  if (link.addressToken !== undefined) value('ipv6-address-token', link.addressToken);
  const { multicastDns } = link;
  if (multicastDns !== undefined) {
    value('multicast-dns', multicastDns === 'resolve' ? multicastDns : multicastDns === 'yes');
  }
  const hasIpv6 =
    link.acceptRa ||
    link.dhcp6 !== undefined ||
    link.addresses.some((address) => address.includes(':'));
  if (link.linkLocal.join() !== (hasIpv6 ? 'ipv6' : '')) value('link-local', link.linkLocal);
}

function addOverrides(
  found: FoundLink,
  client: 'dhcp4' | 'dhcp6',
  {
    useDns,
    useNtp,
    useHostname,
    sendHostname,
    useDomains,
    hostname,
  }: NonNullable<FileLink['dhcp6']>,
): void {
  const words = {
    'use-dns': useDns,
    'use-ntp': useNtp,
    'use-hostname': useHostname,
    'send-hostname': sendHostname,
    'use-domains': useDomains,
    hostname,
  };
  for (const [word, value] of Object.entries(words)) {
    if (value !== undefined) set(found, `${client}-overrides.${word}`, value, NOWHERE);
  }
}

/** Metrics are those of the kernel where none is set. */
function routeItem({
  family,
  to,
  via,
  from,
  onLink,
  metric,
  table,
  isDefault,
}: FileLink['routes'][number]): Item {
  const common = family === 'ipv4' ? 0 : 1024;
  return {
    to: isDefault && via !== undefined ? 'default' : to,
    ...(via === undefined ? { scope: 'link' } : { via }),
    ...(from !== undefined && { from }),
    ...(onLink && { 'on-link': true }),
    ...(metric !== common && { metric }),
    ...(table !== undefined && table !== 254 && { table }),
  };
}
