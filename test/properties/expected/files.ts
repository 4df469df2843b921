/** Which files follow from an intent, with which modes, and which of them come last. */

import { type BackendId, isNetworkd } from '../backends.ts';
import { fail } from '../description.ts';
import type { IntentData } from '../intents/data.ts';
import { RULES, WAIT_FOR_CREATED } from '../readers/others.ts';
import { hasDropIn } from './addressing.ts';
import { kernelOf, waitsOf } from './describe.ts';
import { isNative } from './links.ts';
import { hasMacvlans, heightOf, isManaged, type Node, nodesOf } from './nodes.ts';

/** Where a link's file of a kind is: product.md, "Fixed for ever". */
const PATHS = {
  network: (name: string) => `/etc/systemd/network/00-macvtap-${name}.network`,
  netdev: (name: string) => `/etc/systemd/network/00-macvtap-${name}.netdev`,
  link: (name: string) => `/etc/systemd/network/00-macvtap-${name}.link`,
  profile: (name: string) => `/etc/NetworkManager/system-connections/macvtap-${name}.nmconnection`,
  netplanNetwork: (id: string) => `/etc/systemd/network/10-netplan-${id}.network`,
  netplanNetdev: (id: string) => `/etc/systemd/network/10-netplan-${id}.netdev`,
  netplanDropIn: (name: string) =>
    `/etc/systemd/network/10-netplan-${name}.network.d/50-macvtap.conf`,
  netplan: '/etc/netplan/60-macvtap.yaml',
} as const;

/** Paths of what the network's owner reads: those that anybody may, and those of root alone. */
function ownersFiles(backend: BackendId, data: IntentData): { plain: string[]; secret: string[] } {
  const all = nodesOf(data);
  const nodes = all.filter(isManaged);
  const shims = [...(data.shims?.keys() ?? [])];
  const taps = [...(data.taps?.keys() ?? [])];
  const uppers = [...shims, ...taps];
  const matched = nodes.filter(({ given: { match } }) => match).map(({ name }) => PATHS.link(name));
  const made = nodes.filter(({ kind }) => kind !== 'ethernet');
  // What NetworkManager makes and gives a MAC: udev must not change that.
  const hasMac = (name: string): boolean =>
    (data.shims?.get(name) ?? data.taps?.get(name))?.mode !== 'passthru' &&
    data.shims?.get(name)?.kind !== 'ipvlan';
  const macs = [
    ...uppers.filter(hasMac),
    ...made
      .filter(({ kind, given }) => kind !== 'vlan' || given.macaddress !== undefined)
      .map(({ name }) => name),
  ].map(PATHS.link);
  const unmanaged = [...uppers, ...nodes.map(({ name }) => name)].map(PATHS.network);
  const own = nodes.filter((node) => !isNative(backend, node));
  switch (backend) {
    case 'networkd':
      return {
        plain: [
          ...matched,
          ...[...uppers, ...made.map(({ name }) => name)].map(PATHS.netdev),
          ...[...uppers, ...nodes.map(({ name }) => name)].map(PATHS.network),
          ...attachedFiles(backend, all),
        ],
        secret: [],
      };
    case 'networkmanager':
      return {
        plain: [...matched, ...macs, ...unmanaged],
        secret: [...uppers, ...nodes.map(({ name }) => name)].map(PATHS.profile),
      };
    case 'netplan-networkd':
      return {
        plain: [
          ...uppers.map(PATHS.netdev),
          ...shims.map(PATHS.netplanDropIn),
          ...taps.map(PATHS.network),
          ...own.map(({ id }) => PATHS.netplanNetwork(id)),
          ...attachedFiles(backend, all),
          ...made.filter(hasMacvlans).map(({ id }) => PATHS.netplanNetdev(id)),
          // What netplan has no word for.
          ...nodes
            .filter((node) => isNative(backend, node))
            .filter(({ given }) => hasDropIn(given))
            .map(({ id }) => PATHS.netplanDropIn(id)),
        ],
        // netplan has udev name a NIC that is matched.
        secret:
          shims.length + nodes.length - own.length + matched.length > 0 ? [PATHS.netplan] : [],
      };
    case 'netplan-networkmanager': {
      // Other YAML may name a link that is none of netplan's; but a VLAN's link has to be there.
      const isNamed = ({ given: { match }, link }: Node): boolean =>
        !match && (link === undefined || isNamed(link));
      const hasStub = own.some(isNamed);
      const isNeeded = hasStub || shims.length > 0 || own.length < nodes.length;
      return {
        plain: [...matched, ...macs, ...unmanaged],
        secret: [
          ...taps.map(PATHS.profile),
          ...own.map(({ name }) => PATHS.profile(name)),
          ...(isNeeded ? [PATHS.netplan] : []),
        ],
      };
    }
    default:
      return fail(`what is ${String(backend)}?`);
  }
}

/** Drop-ins for the files that configure unmanaged links, where those are systemd-networkd's. */
function attachedFiles(backend: BackendId, nodes: readonly Node[]): string[] {
  if (!isNetworkd(backend)) return [];
  return nodes
    .filter((node) => !isManaged(node) && node.shims.length + node.taps.length > 0)
    .map(({ id, given }) => given['network-file'] ?? `10-netplan-${id}.network`)
    .map((name) => `/etc/systemd/network/${name}.d/90-macvtap.conf`);
}

/** Path → mode of every file of a back end. */
export function expectedFiles(backend: BackendId, data: IntentData): Map<string, number> {
  const { plain, secret } = ownersFiles(backend, data);
  const kernel = kernelOf(nodesOf(data));
  const system = '/etc/systemd/system';
  const paths = [
    ...plain,
    '/etc/NetworkManager/conf.d/90-macvtap.conf',
    '/etc/systemd/network/00-macvtap.network',
  ];
  const ruled = [...(data.taps?.values() ?? [])].some(
    ({ owner, group, permissions, allmulticast }) =>
      owner !== undefined ||
      group !== undefined ||
      permissions !== undefined ||
      (!isNetworkd(backend) && allmulticast !== false),
  );
  if (ruled) paths.push(RULES);
  if (kernel.arpIgnore.length + kernel.looseRpFilter.length > 0)
    paths.push('/etc/sysctl.d/90-macvtap.conf');
  if (waitsOf(backend, data).length > 0) {
    paths.push(`${system}/systemd-networkd-wait-online.service.d/90-macvtap.conf`);
    if (backend === 'netplan-networkd')
      paths.push(`${system}/network-online.target.d/90-macvtap.conf`);
  } else if (backend === 'networkd') {
    paths.push(WAIT_FOR_CREATED);
  }
  return new Map([
    ...paths.map((path) => [path, 0o644] as const),
    ...secret.map((path) => [path, 0o600] as const),
  ]);
}

/**
 * The files that make the arrangement, links on top of others before those: nothing that it
 * cannot do without comes after them.
 */
export function activating(backend: BackendId, data: IntentData): string[] {
  const pathOf: Readonly<Record<BackendId, (node: Node) => string>> = {
    networkd: ({ name }) => PATHS.network(name),
    'netplan-networkd': ({ id }) => PATHS.netplanNetwork(id),
    networkmanager: ({ name }) => PATHS.profile(name),
    'netplan-networkmanager': ({ name }) => PATHS.profile(name),
  };
  const nodes = nodesOf(data);
  const attached = attachedFiles(backend, nodes).map((path) => ({ path, height: 0 }));
  return nodes
    .filter((node) => isManaged(node) && !isNative(backend, node))
    .map((node) => ({ path: pathOf[backend](node), height: heightOf(node) }))
    .concat(attached)
    .sort((a, b) => b.height - a.height || (a.path < b.path ? -1 : 1))
    .map(({ path }) => path);
}
