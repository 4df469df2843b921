/** Docker's networks, as `docker network inspect` prints them (Engine API 1.41 to 1.48, NetworkInspect). */
import type { YamlNode } from '../../backends/host/netplan/yaml.ts';
import { parseIp } from '../../model/ip.ts';
import {
  type Attachment,
  attachment,
  type Found,
  hostSpanOf,
  linkNameOf,
  MOST,
  spanOf,
} from './attachment.ts';
import { at, inAnswer, itemsAt, named, pairsIn, readDocument, textAt } from './documents.ts';

/** Where Docker has its networks; a database of bbolt, which is not read. */
export const DOCKER_DATABASE = '/var/lib/docker/network/files/local-kv.db';

const place = inAnswer('docker network inspect');

/** @param text what `docker network inspect NETWORK...` prints */
export function readDocker(text: string): Found {
  const read = readDocument(text);
  if ('message' in read) {
    const message = `\`docker network inspect\` prints no list of networks. ${read.message}`;
    return { attachments: [], unread: [{ path: DOCKER_DATABASE, message }] };
  }
  const all = read.root.kind === 'list' ? read.root.items.slice(0, MOST) : [];
  return { attachments: all.flatMap(networkOf), unread: [] };
}

function networkOf(network: YamlNode): Attachment[] {
  const device = textAt(network, 'Driver');
  const parent = linkNameOf(textAt(network, 'Options', 'parent'));
  // Without a parent Docker makes a dummy link; another network takes the settings of a `ConfigOnly` one.
  if (!/^(?:mac|ip)vlan$/.test(device ?? '') || parent === undefined) return [];
  if (textAt(network, 'ConfigOnly') === 'true') return [];
  const pools = itemsAt(network, 'IPAM', 'Config');
  const origin = place(network);
  const mode = textAt(network, 'Options', `${device}_mode`);
  return [
    attachment({
      title: `Docker's network${named(textAt(network, 'Name'))}`,
      device: device as 'macvlan' | 'ipvlan',
      parent,
      ...(mode !== undefined && { mode: mode.toLowerCase() }),
      ranges: pools.flatMap((pool) => spanOf(textAt(pool, 'IPRange'), origin)),
      subnets: pools.flatMap((pool) => spanOf(textAt(pool, 'Subnet'), origin)),
      addresses: pairsIn(at(network, 'Containers')).flatMap(({ value }) => [
        ...hostSpanOf(textAt(value, 'IPv4Address'), origin),
        ...hostSpanOf(textAt(value, 'IPv6Address'), origin),
      ]),
      reserved: pools
        .flatMap((pool) => pairsIn(at(pool, 'AuxiliaryAddresses')))
        .flatMap(({ key = '', value }) => {
          const ip = value.kind === 'scalar' ? parseIp(value.text) : undefined;
          return ip ? [{ name: key.slice(0, 64), address: ip.text }] : [];
        }),
      origin,
    }),
  ];
}
