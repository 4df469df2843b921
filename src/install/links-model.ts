/** Links as generated files describe them → a model, as far as files and connections know of it. */

import { type FileLink, familyOf, isUpper } from '../backends/shared/file-links.ts';
import { parseNetwork } from '../model/ip.ts';
import {
  type Address,
  type Addressing,
  isIpvlanMode,
  type Mode,
  type Model,
  NO_ADDRESSING,
  type Parent,
  type Shim,
  type Tap,
} from '../model/types.ts';

/** @param host as the files name it */
export function modelOfLinks(host: string, links: ReadonlyMap<string, FileLink>): Model {
  const all = [...links.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const parents = new Map<string, Parent>();
  for (const link of all) if (!isUpper(link)) parents.set(link.name, parentOf(link, all));
  const attached = all.filter(isUpper).map((link) => ({
    ...linkPart(link),
    parent: parents.get(link.parent ?? '') ?? bare(link.parent ?? 'unknown'),
    mode: (link.mode ?? 'bridge') as Mode,
    sourceMacs: link.sourceMacs.map((macaddress) => ({ macaddress, origin: [] })),
    kind: link.kind,
  }));
  return {
    host,
    renderer: 'networkd',
    backends: [],
    parents: [...parents.values()],
    unmanaged: unmanagedOf(all, parents),
    shims: attached
      .filter(({ kind }) => kind !== 'macvtap')
      .map(
        ({ kind, ...shim }): Shim => ({
          ...shim,
          ...queueOf(links.get(shim.name)),
          device: kind === 'ipvlan' ? 'ipvlan' : 'macvlan',
        }),
      ),
    taps: attached
      .filter(({ kind }) => kind === 'macvtap')
      .map(
        ({ kind: _, mode, ...tap }): Tap => ({
          ...tap,
          ...accessOf(links.get(tap.name)),
          mode: isIpvlanMode(mode) ? 'bridge' : mode,
        }),
      ),
    guests: [],
  };
}

/** Below shims and taps: every managed parent has a file, or a part of one. */
function unmanagedOf(all: readonly FileLink[], managed: ReadonlyMap<string, Parent>): Parent[] {
  const below = new Set(all.filter(isUpper).flatMap(({ parent }) => parent ?? []));
  return [...below].filter((name) => !managed.has(name)).map(bare);
}

const queueOf = ({
  broadcastQueueLength,
  broadcastQueueThreshold,
}: Partial<FileLink> = {}): Pick<Shim, 'broadcastQueueLength' | 'broadcastQueueThreshold'> => ({
  ...(broadcastQueueLength !== undefined && { broadcastQueueLength }),
  ...(broadcastQueueThreshold !== undefined && { broadcastQueueThreshold }),
});

/** What files say of a tap alone. */
const accessOf = ({
  allMulticast = false,
  owner,
  group,
  permissions,
}: Partial<FileLink> = {}): Pick<Tap, 'allMulticast' | 'owner' | 'group' | 'permissions'> => ({
  allMulticast,
  ...(owner !== undefined && { owner }),
  ...(group !== undefined && { group }),
  ...(permissions !== undefined && { permissions }),
});

type LinkPart = Omit<Shim, 'parent' | 'mode' | 'sourceMacs' | 'device'>;

function linkPart(link: FileLink): LinkPart {
  const { name, mac, mtu } = link;
  return {
    ...addressingOf(link),
    name,
    ...(mac !== undefined && { macaddress: mac }),
    macDerived: false,
    ...(mtu !== undefined && { mtu }),
    optional: false,
    ignoreCarrier: false,
    origin: [],
  };
}

function addressingOf(link: FileLink): Addressing {
  const { routes, rules, dhcp4, dhcp6, identifier, acceptRa, linkLocal } = link;
  const addresses = link.addresses.flatMap((text): Address[] => {
    const network = parseNetwork(text);
    if (!network) return [];
    const { ip, prefix } = network;
    return [{ family: ip.family, address: ip.text, prefix, network, origin: [] }];
  });
  const isDynamic = { ipv4: dhcp4 !== undefined, ipv6: dhcp6 !== undefined || acceptRa };
  return {
    ...NO_ADDRESSING,
    addresses,
    routes,
    rules,
    nameservers: link.nameservers.map((address) => ({
      family: familyOf(address),
      address,
      origin: [],
    })),
    ...(link.multicastDns !== undefined && { multicastDns: link.multicastDns }),
    ...(link.firewallZone !== undefined && { firewallZone: link.firewallZone }),
    search: link.search.map((domain) => ({ domain, origin: [] })),
    ...(dhcp4 && { dhcp4 }),
    ...(dhcp6 && { dhcp6 }),
    identifier,
    acceptRa,
    dhcp6ByRouter: link.dhcp6ByRouter,
    ...(link.raOverrides && { raOverrides: link.raOverrides }),
    addressGeneration: link.addressGeneration,
    ...(link.addressToken !== undefined && { addressToken: link.addressToken }),
    ipv6Privacy: link.ipv6Privacy,
    linkLocal,
    families: (['ipv4', 'ipv6'] as const).filter(
      (family) => isDynamic[family] || addresses.some((item) => item.family === family),
    ),
  };
}

function parentOf(link: FileLink, all: readonly FileLink[]): Parent {
  const { name, id = name, kind, permanentMac, bondMode, parent, vlanId } = link;
  return {
    ...bare(name),
    ...linkPart(link),
    id,
    kind: isUpper(link) ? 'ethernet' : (kind as Parent['kind']),
    ...(permanentMac !== undefined && { permanentMac }),
    ...(kind === 'vlan' &&
      parent !== undefined &&
      vlanId !== undefined && { vlan: { id: vlanId, link: parent, linkId: parent } }),
    ...(bondMode !== undefined && { bond: { values: { mode: bondMode }, origin: [] } }),
    members: all.filter(({ master }) => master === name).map((port) => port.name),
  };
}

/** A parent that is in no file. */
const bare = (name: string): Parent => ({
  ...NO_ADDRESSING,
  name,
  id: name,
  kind: 'ethernet',
  managed: true,
  macDerived: false,
  optional: false,
  ignoreCarrier: false,
  members: [],
  vlans: [],
  shims: [],
  taps: [],
  hasMacvlans: false,
  height: 0,
  othersRequired: false,
  isMatchedByMac: false,
  origin: [],
});
