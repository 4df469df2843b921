/** cloud-init's own network configuration, for an image that has not booted: versions 1 and 2 (its documentation, 22.4 to 24.4). */
import type { HostFile } from '../backends/host/foreign.ts';
import { isOf } from '../backends/host/netplan/links.ts';
import {
  readYaml,
  textOf,
  valuesOf,
  type YamlNode,
  type YamlPair,
} from '../backends/host/netplan/yaml.ts';
import {
  add,
  type FoundLink,
  type Kind,
  leave,
  newLink,
  type Origin,
  type Scalar,
  set,
} from './found.ts';
import { readBody } from './netplan.ts';
import { shown } from './netplan-text.ts';
import { setParameter } from './parameters.ts';
import type { Reader } from './reader.ts';
import {
  addressOf,
  destinationOf,
  domainOf,
  entryOf,
  ipOf,
  macOf,
  prefixOf,
  wholeOf,
} from './values.ts';

interface Network {
  readonly path: string;
  readonly node: YamlNode;
}

/** The last one counts; `config: disabled` is none. */
function networkOf(files: readonly HostFile[]): Network | undefined {
  return files
    .filter(({ folder, name }) => folder === '/etc/cloud/cloud.cfg.d' || name === 'network-config')
    .flatMap(({ path, text = '' }) => {
      const { root } = readYaml(text);
      const node =
        valuesOf(root, 'network').at(-1) ?? (path.endsWith('network-config') ? root : undefined);
      return node && textOf(node, 'config') !== 'disabled' ? [{ path, node }] : [];
    })
    .at(-1);
}

interface Item {
  readonly name: string;
  readonly kind: Kind;
  readonly line: number;
  readonly node: YamlNode;
  readonly version: 1 | 2;
}

const KINDS2: readonly (readonly [string, Kind])[] = [
  ['ethernets', 'ethernet'],
  ['bonds', 'bond'],
  ['bridges', 'bridge'],
  ['vlans', 'vlan'],
];
const KINDS1: Readonly<Record<string, Kind>> = {
  physical: 'ethernet',
  bond: 'bond',
  bridge: 'bridge',
  vlan: 'vlan',
};

function itemsOf({ node }: Network): Item[] {
  const second = KINDS2.flatMap(([section, kind]) =>
    valuesOf(node, section).flatMap((items) =>
      items.kind === 'map'
        ? items.pairs.map(({ key = '', line, value }): Item => {
            const name =
              textOf(value, 'set-name') ?? textOf(valuesOf(value, 'match').at(-1), 'name') ?? key;
            return { name, kind, line, node: value, version: 2 };
          })
        : [],
    ),
  );
  const first = valuesOf(node, 'config')
    .flatMap((config) => (config.kind === 'list' ? config.items : []))
    .flatMap((item): Item[] => {
      const kind = entryOf(KINDS1, textOf(item, 'type') ?? '');
      const name = textOf(item, 'name') ?? textOf(item, 'vlan_link');
      return kind && name !== undefined
        ? [{ name, kind, line: item.line, node: item, version: 1 }]
        : [];
    });
  return [...second, ...first];
}

export const cloudInitReader: Reader = {
  id: 'cloud-init',
  names(files) {
    const network = networkOf(files);
    return new Map(
      (network ? itemsOf(network) : []).map(({ name, kind }) => [name, kind] as const),
    );
  },
  patterns: () => [],
  read(files, claim) {
    const network = networkOf(files);
    const item =
      network &&
      itemsOf(network).find(({ name }) => isOf({ id: name, section: 'ethernets' }, claim) !== 'no');
    if (!network || !item) return undefined;
    const { path } = network;
    const link = newLink(item.name, item.kind, { path, line: item.line });
    if (item.version === 2) readBody(link, item.node, path, (id) => id);
    else readFirst(link, network, item.node);
    return link;
  },
};

/** Version 1: a list of subnets; name servers may be items of their own. */
function readFirst(link: FoundLink, { path, node }: Network, item: YamlNode): void {
  for (const { key = '', line, value } of item.kind === 'map' ? item.pairs : []) {
    const at: Origin = { path, line };
    const text = value.kind === 'scalar' ? value.text : '';
    const [mac, number] = [macOf(text), wholeOf(text)];
    if (/^(?:type|name)$/.test(key)) continue;
    if (key === 'mac_address' && mac !== undefined) {
      set(link, 'match.macaddress', mac, at);
      set(link, 'set-name', link.name, at);
    } else if (key === 'mtu' && number !== undefined) set(link, 'mtu', number, at);
    else if (key === 'vlan_id' && number !== undefined) set(link, 'id', number, at);
    else if (key === 'vlan_link') {
      link.below = text;
      set(link, 'link', text, at);
    } else if (/^(?:bond|bridge)_interfaces$/.test(key)) {
      for (const port of value.kind === 'list' ? value.items : []) {
        if (port.kind !== 'scalar') continue;
        link.ports.push(port.text);
        add(link, 'interfaces', port.text, { path, line: port.line });
      }
    } else if (key === 'params') {
      for (const pair of value.kind === 'map' ? value.pairs : []) readParameter(link, pair, path);
    } else if (key === 'subnets') {
      for (const subnet of value.kind === 'list' ? value.items : []) readSubnet(link, subnet, path);
    } else leave(link, at, shown(key, value));
  }
  for (const other of valuesOf(node, 'config').flatMap((list) =>
    list.kind === 'list' ? list.items : [],
  )) {
    if (textOf(other, 'type') === 'nameserver') readServers(link, other, path);
  }
}

/** In the words of ifupdown: `bond-mode`, `bond-xmit_hash_policy`, `bridge_stp`. */
function readParameter(link: FoundLink, { key = '', line, value }: YamlPair, path: string): void {
  const text = value.kind === 'scalar' ? value.text : '';
  const word = key.replace(/^bond[-_]/, '').replaceAll('-', '_');
  setParameter(link, 'kernel', word, text, { path, line });
}

function readServers(link: FoundLink, node: YamlNode, path: string): void {
  for (const [key, word, read] of [
    ['address', 'addresses', ipOf],
    ['search', 'search', domainOf],
    ['dns_nameservers', 'addresses', ipOf],
    ['dns_search', 'search', domainOf],
  ] as const) {
    for (const value of valuesOf(node, key)) {
      for (const item of value.kind === 'list' ? value.items : [value]) {
        const found = item.kind === 'scalar' ? read(item.text) : undefined;
        if (found !== undefined) add(link, `nameservers.${word}`, found, { path, line: item.line });
        else leave(link, { path, line: item.line }, shown(key, item));
      }
    }
  }
}

function readSubnet(link: FoundLink, subnet: YamlNode, path: string): void {
  const at: Origin = { path, line: subnet.line };
  const type = textOf(subnet, 'type') ?? '';
  if (/^dhcp4?$/.test(type)) set(link, 'dhcp4', true, at);
  else if (/^(?:dhcp6|ipv6_dhcpv6-stateful)$/.test(type)) set(link, 'dhcp6', true, at);
  else if (/^ipv6_(?:slaac|dhcpv6-stateless)$/.test(type)) set(link, 'accept-ra', true, at);
  else if (!/^(?:static6?|manual)$/.test(type)) leave(link, at, `type: ${type}`);
  const address = textOf(subnet, 'address');
  const mask = prefixOf(textOf(subnet, 'netmask') ?? '');
  const found =
    address &&
    addressOf(address.includes('/') || mask === undefined ? address : `${address}/${mask}`);
  const via = ipOf(textOf(subnet, 'gateway'));
  for (const { key = '', line, value } of subnet.kind === 'map' ? subnet.pairs : []) {
    const place = { path, line };
    if (key === 'address' && found) add(link, 'addresses', found, place);
    else if (key === 'gateway' && via !== undefined)
      add(link, 'routes', { to: 'default', via }, place);
    else if (key === 'routes') {
      for (const route of value.kind === 'list' ? value.items : []) readRoute(link, route, path);
    } else if (!/^(?:type|netmask|dns_nameservers|dns_search|control)$/.test(key))
      leave(link, place, shown(key, value));
  }
  readServers(link, subnet, path);
}

function readRoute(link: FoundLink, node: YamlNode, path: string): void {
  const at = { path, line: node.line };
  const mask = prefixOf(textOf(node, 'netmask') ?? '');
  const text = textOf(node, 'network') ?? textOf(node, 'destination') ?? '';
  const to = destinationOf(text.includes('/') || mask === undefined ? text : `${text}/${mask}`);
  const [via, metric] = [ipOf(textOf(node, 'gateway')), wholeOf(textOf(node, 'metric'))];
  const route: Record<string, Scalar> = { to: to ?? '', via: via ?? '' };
  if (to === undefined || via === undefined) leave(link, at, text);
  else add(link, 'routes', { ...route, ...(metric !== undefined && { metric }) }, at);
}
