/** The whole description that follows from an intent, by a computation of its own. */

import { type BackendId, isNetworkd } from '../backends.ts';
import type { Description, Link } from '../description.ts';
import { BESIDE_OTHERS, toRecord } from '../description.ts';
import type { IntentData, ShimData } from '../intents/data.ts';
import { acceptsRa, familiesOf, given, isIpv6, network, shimState } from './addressing.ts';
import {
  ignoresCarrier,
  isParentOptional,
  parentLink,
  parentState,
  shimLink,
  tapLink,
} from './links.ts';
import { type Attachment, hasMacvlans, isManaged, type Node, nodesOf } from './nodes.ts';

/** Which links boot waits for, each as `link:state`. */
export function waitsOf(backend: BackendId, data: IntentData): string[] {
  const nodes = nodesOf(data);
  const shims = nodes.flatMap((node) => node.shims);
  // An unmanaged link may be systemd-networkd's.
  if (!isNetworkd(backend) && !nodes.every(isManaged)) return [];
  if (backend === 'networkd' && ![...nodes.filter(isManaged), ...shims].some(isHalf)) return [];
  const waits = [
    // One that is optional may be absent: boot would wait for it until the timeout.
    ...nodes
      .filter((node) => isManaged(node) && !isParentOptional(node) && !node.master)
      .map((node) => `${node.name}:${parentState(data, node)}`),
    ...waitedShims(nodes),
  ];
  return waits.sort();
}

/** The shims that boot waits for. */
const waitedShims = (nodes: readonly Node[]): string[] =>
  nodes
    .flatMap((node) => node.shims)
    .filter(({ given: shim }) => shim.optional !== true)
    .map(({ name, given: shim }) => `${name}:${shimState(shim)}`)
    .sort();

/** With them VLANs, bonds and bridges that have addresses: each is created after the link below it. */
const createdLater = (data: IntentData, nodes: readonly Node[]): string[] =>
  [
    ...nodes
      .filter((node) => isManaged(node) && !isParentOptional(node) && node.kind !== 'ethernet')
      .filter(({ given: own }) => familiesOf(own).length > 0)
      .map((node) => `${node.name}:${parentState(data, node)}`),
    ...waitedShims(nodes),
  ].sort();

/**
 * systemd-networkd alone knows by its own files what to wait for; but it is content with one
 * family of a link that has two, one of them dynamic.
 */
function isHalf(link: Node | Attachment<ShimData>): boolean {
  const { given: own } = link;
  const isOptional = 'kind' in link ? isParentOptional(link) : own.optional === true;
  const isDynamic = own.dhcp4 === true || own.dhcp6 === true || acceptsRa(own);
  return !isOptional && familiesOf(own).length > 1 && isDynamic;
}

/** Whether the LAN may look for a shim's address where its packets do not go out. */
function isLoose(shim: ShimData, node: Node): boolean {
  const own = (node.given.addresses ?? []).map((address) => network(address).split('/')[0]);
  return (
    isSide(shim, node) &&
    (shim.addresses ?? [])
      .map((address) => network(address).split('/')[0] ?? '')
      .some((address) => !isIpv6(address) && !own.includes(address))
  );
}

/** A shim with single IPv4 addresses, beside those of its parent; one that is unmanaged may have any. */
export const isSide = (shim: ShimData, node: Node): boolean =>
  (!isManaged(node) || familiesOf(node.given).includes('ipv4')) &&
  (shim.addresses ?? []).some((address) => address.endsWith('/32') && !isIpv6(address));

export function kernelOf(nodes: readonly Node[]): Description['kernel'] {
  const shims = nodes.flatMap((node) =>
    node.shims.map(({ name, given: shim }) => ({
      name,
      side: isSide(shim, node),
      loose: isLoose(shim, node),
    })),
  );
  const plain = shims.filter(({ side }) => !side).map(({ name }) => name);
  const answering = nodes.filter(
    (node) =>
      isManaged(node) &&
      hasMacvlans(node) &&
      !node.master &&
      !node.shims.some(({ given: shim }) => isSide(shim, node)) &&
      (node.shims.length + node.taps.length > 0 || !familiesOf(node.given).includes('ipv4')),
  );
  return {
    arpIgnore: [
      ...answering.map(({ name }) => name),
      // Of several shims each would answer for the others too.
      ...(plain.length > 1 ? plain : []),
      // Until a guest has it, the host answers there.
      ...nodes.flatMap(({ taps }) => taps.map(({ name }) => name)),
    ].sort(),
    looseRpFilter: shims
      .filter(({ loose }) => loose)
      .map(({ name }) => name)
      .sort(),
  };
}

/** Devices of guests by the names that they are given; libvirt's own begin with `macvtap`. */
const targetsOf = ({ guests }: IntentData): string[] =>
  [...(guests?.values() ?? [])].flatMap(({ target }) =>
    target === undefined || target.startsWith('macvtap') ? [] : [target],
  );

export function describe(backend: BackendId, data: IntentData): Description {
  const nodes = nodesOf(data);
  const waits = waitsOf(backend, data);
  const links = new Map<string, Link>();
  for (const node of nodes) {
    if (isManaged(node)) links.set(node.name, parentLink(backend, data, node, waits.length > 0));
    for (const { name, given: shim } of node.shims)
      links.set(name, shimLink(backend, data, name, shim, node));
    for (const { name, given: tap } of node.taps)
      links.set(name, tapLink(backend, data, name, tap, node));
  }
  const names = [...links.keys()].sort();
  const guests = ['macvtap*', ...targetsOf(data)];
  const carrierless = [
    ...nodes.filter((node) => isManaged(node) && ignoresCarrier(node)).map(({ name }) => name),
    ...[...(data.shims ?? [])]
      .filter(([, shim]) => shim['ignore-carrier'] === true)
      .map(([name]) => name),
  ];
  return given<Description>({
    links: toRecord(links),
    kernel: kernelOf(nodes),
    networkManager: isNetworkd(backend)
      ? { managed: [], unmanaged: [...names, ...guests].sort(), ignoreCarrier: [] }
      : { managed: names, unmanaged: guests.sort(), ignoreCarrier: carrierless.sort() },
    networkdUnmanaged: isNetworkd(backend) ? [] : names,
    networkdGuests: ['macvtap*', ...targetsOf(data)],
    waitBeside:
      backend === 'networkd' && waits.length === 0 && createdLater(data, nodes).length > 0
        ? createdLater(data, nodes)
        : undefined,
    waitOnline:
      waits.length > 0 ? [...(nodes.every(isManaged) ? [] : [BESIDE_OTHERS]), ...waits] : undefined,
  });
}
