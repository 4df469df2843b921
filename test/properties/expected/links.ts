/** Each link that follows from an intent. */

import { type BackendId, isNetworkd } from '../backends.ts';
import { fail, type Link, NOTHING, toRecord } from '../description.ts';
import { canonicalOf } from '../intents/addresses.ts';
import type { IntentData, Parameters, ShimData, TapData } from '../intents/data.ts';
import { madeUpUuid } from '../readers/netplan-networkmanager.ts';
import {
  addressingOf,
  familiesOf,
  given,
  hasAddress,
  hasDropIn,
  hasStatic,
  networkdOnline,
  shimState,
  stateOf,
} from './addressing.ts';
import {
  above,
  derivedMac,
  groupOf,
  hasMacvlans,
  mtuOf,
  type Node,
  nodesOf,
  profileUuid,
} from './nodes.ts';

function profileOf(
  backend: BackendId,
  data: IntentData,
  name: string,
  priority: number,
): Link['profile'] {
  return isNetworkd(backend)
    ? undefined
    : { id: `macvtap-${name}`, uuid: profileUuid(data.host ?? '', name), priority };
}

/** What a shim and a tap have in common. */
function attachedLink(
  data: IntentData,
  name: string,
  upper: TapData & Pick<ShimData, 'kind'>,
  node: Node,
): Pick<Link, 'parent' | 'mode' | 'sources' | 'mac' | 'mtu'> {
  const isIpvlan = upper.kind === 'ipvlan';
  const mode = upper.mode ?? (isIpvlan ? 'l2' : 'bridge');
  return given<Pick<Link, 'parent' | 'mode' | 'sources' | 'mac' | 'mtu'>>({
    parent: node.name,
    mode,
    sources:
      mode === 'source' ? upper['source-macaddresses']?.map((mac) => mac.toLowerCase()) : undefined,
    mac:
      mode === 'passthru' || isIpvlan
        ? undefined
        : (upper.macaddress?.toLowerCase() ?? derivedMac(data.host ?? '', name)),
    mtu: upper.mtu ?? mtuOf(node),
  });
}

export function shimLink(
  backend: BackendId,
  data: IntentData,
  name: string,
  shim: ShimData,
  node: Node,
): Link {
  const isOptional = shim.optional === true;
  const attachment = attachedLink(data, name, shim, node);
  const profile = profileOf(backend, data, name, 0);
  return {
    kind: shim.kind ?? 'macvlan',
    ...attachment,
    ...(shim['broadcast-queue-length'] !== undefined && { queue: shim['broadcast-queue-length'] }),
    ...(shim['broadcast-queue-threshold'] !== undefined && {
      threshold: shim['broadcast-queue-threshold'],
    }),
    ...addressingOf(backend, shim, attachment.mtu),
    ignoreCarrier: shim['ignore-carrier'] === true && hasStatic(shim),
    online: isNetworkd(backend)
      ? networkdOnline(shimState(shim), shim)
      : isOptional
        ? []
        : familiesOf(shim),
    isSilent: false,
    ...(profile && { profile }),
  };
}

const BARE: Pick<Link, 'ipv4' | 'ipv6' | 'search' | 'autoconf' | 'linkLocal' | 'ignoreCarrier'> = {
  ipv4: NOTHING,
  ipv6: NOTHING,
  search: [],
  autoconf: 'none',
  linkLocal: [],
  ignoreCarrier: false,
};

/** Whoever is named may read and write, unless the permissions are given, too. */
function accessOf({ owner, group, permissions }: TapData): Pick<Link, 'access'> {
  const mode = permissions?.padStart(4, '0') ?? (group !== undefined ? '0660' : '0600');
  if (owner === undefined && group === undefined && permissions === undefined) return {};
  return { access: `${owner ?? ''}:${group ?? ''} ${mode}` };
}

export function tapLink(
  backend: BackendId,
  data: IntentData,
  name: string,
  tap: TapData,
  node: Node,
): Link {
  const profile = profileOf(backend, data, name, 0);
  return {
    kind: 'macvtap',
    ...attachedLink(data, name, tap, node),
    ...(tap.allmulticast !== false && { allMulticast: true }),
    ...accessOf(tap),
    ...BARE,
    online: isNetworkd(backend) ? ['no'] : [],
    isSilent: isNetworkd(backend),
    ...(profile && { profile }),
  };
}

export function isParentOptional(node: Node): boolean {
  const shims = above(node).flatMap((item) => item.shims);
  // A link with an address of its own is waited for on its own account.
  const isShimOnly = shims.length > 0 && familiesOf(node.given).length === 0;
  const isForGuests = shims.length === 0 && !above(node).some((item) => hasAddress(item.given));
  return (
    node.given.optional ??
    (isForGuests || (isShimOnly && shims.every(({ given: shim }) => shim.optional === true)))
  );
}

/** As it says; a link without an address of its own follows what is on top of it. */
export const ignoresCarrier = (node: Node): boolean =>
  node.given['ignore-carrier'] ??
  (familiesOf(node.given).length === 0 &&
    above(node).some(
      (item) =>
        item.given['ignore-carrier'] === true ||
        item.shims.some(({ given: shim }) => shim['ignore-carrier'] === true),
    ));

/** Whether boot waits for another link than this. */
function areOthersRequired(data: IntentData, node: Node): boolean {
  const shims = [...(data.shims?.values() ?? [])];
  return (
    shims.some(({ optional }) => optional !== true) ||
    nodesOf(data).some(
      ({ id, given: { optional, managed }, master }) =>
        id !== node.id && managed !== false && optional !== true && !master,
    )
  );
}

/** Not `no` where all links would say so: networkd would wait for one that does not. */
export function parentState(data: IntentData, node: Node): string {
  if (node.master) return 'no';
  const isLeft = familiesOf(node.given).length > 0 && areOthersRequired(data, node);
  if (isParentOptional(node)) return isLeft ? 'no' : 'no-carrier';
  // One cable of several may be out.
  const bare = node.kind === 'bond' || node.kind === 'bridge' ? 'degraded-carrier' : 'carrier';
  return stateOf(node.given, ignoresCarrier(node), bare);
}

/** Whether netplan itself writes its renderer's configuration of a link. */
export const isNative = (backend: BackendId, node: Node): boolean =>
  backend.startsWith('netplan') &&
  !hasMacvlans(node) &&
  // What is found by its MAC is found so in one place.
  (backend === 'netplan-networkd' || groupOf(node).every(({ given: { match } }) => !match));

/** A bond's or bridge's, by the kernel's names. */
function parametersOf({ kind, given: { parameters = {} }, members }: Node): Link['parameters'] {
  if (kind !== 'bond' && kind !== 'bridge') return undefined;
  const text = (value: Parameters[string]): string =>
    Array.isArray(value) ? value.map(canonicalOf).join(',') : String(value);
  const all = new Map(
    Object.entries(parameters).map(([key, value]) => [
      kind === 'bond' ? (KERNEL_BOND[key] ?? fail(`what is ${key}?`)) : key.replaceAll('-', '_'),
      text(value),
    ]),
  );
  const primary = members.find(({ id, name }) => [id, name].includes(all.get('primary') ?? ''));
  if (primary) all.set('primary', primary.name);
  // The kernel would never ask members for their carrier.
  if (kind === 'bond' && !all.has('miimon') && (all.get('arp_interval') ?? '0') === '0')
    all.set('miimon', '100');
  if (kind === 'bridge' && !all.has('stp')) all.set('stp', 'false');
  // The kernel's default.
  if (all.get('min_links') === '0') all.delete('min_links');
  return toRecord(all);
}

/** Documentation/networking/bonding. */
const KERNEL_BOND: Readonly<Record<string, string>> = {
  mode: 'mode',
  primary: 'primary',
  'primary-reselect-policy': 'primary_reselect',
  'mii-monitor-interval': 'miimon',
  'up-delay': 'updelay',
  'down-delay': 'downdelay',
  'lacp-rate': 'lacp_rate',
  'min-links': 'min_links',
  'transmit-hash-policy': 'xmit_hash_policy',
  'ad-select': 'ad_select',
  'arp-interval': 'arp_interval',
  'arp-ip-targets': 'arp_ip_target',
  'fail-over-mac-policy': 'fail_over_mac',
};

/** What boot waits for on a parent. */
function parentOnline(
  backend: BackendId,
  data: IntentData,
  node: Node,
  hasWaitList: boolean,
): string[] {
  const { given: own } = node;
  if (!isNetworkd(backend)) return node.master || isParentOptional(node) ? [] : familiesOf(own);
  const isNetplans = isNative(backend, node) && !hasDropIn(own);
  if (!isNetplans) return networkdOnline(parentState(data, node), own);
  // netplan has one word; without it, systemd-networkd takes any member, and any link that the
  // service does not get.
  if (isParentOptional(node)) return ['no'];
  return node.master || hasWaitList ? [] : networkdOnline(parentState(data, node), own);
}

export function parentLink(
  backend: BackendId,
  data: IntentData,
  node: Node,
  hasWaitList: boolean,
): Link {
  const { given: own, kind, name, link, master } = node;
  const isDerived = own.macaddress === undefined && (kind === 'bond' || kind === 'bridge');
  const mac = isDerived ? derivedMac(data.host ?? '', name) : own.macaddress?.toLowerCase();
  const mtu = mtuOf(node);
  const native = isNative(backend, node);
  const isWritten = isNetworkd(backend) ? hasDropIn(own) : hasAddress(own);
  // netplan keeps addresses of what it makes without a carrier.
  const isKept = ignoresCarrier(node) || (native && isNetworkd(backend) && kind !== 'ethernet');
  // netplan makes the profile of a member, in which it has no more to say.
  const isNetplans = native && !isNetworkd(backend) && master !== undefined;
  const parameters = parametersOf(node);
  const profile = profileOf(backend, data, name, 100);
  return given<Link>({
    kind,
    parent: link?.name,
    vlanId: own.id,
    master: master?.name,
    mode: undefined,
    sources: undefined,
    parameters,
    permanentMac: own.match?.macaddress.toLowerCase(),
    mac,
    mtu,
    wakeOnLan: own.wakeonlan === true ? true : undefined,
    dnsDefaultRoute: undefined,
    dhcp4: undefined,
    dhcp6: undefined,
    raUseDns: undefined,
    privacy: undefined,
    raUseDomains: undefined,
    raTable: undefined,
    startedUses: undefined,
    interfaceId: undefined,
    ...(master ? { ...BARE } : addressingOf(backend, own, mtu)),
    // Without an address it has no effect, and a warning says so: netplan has no word for it.
    ...(native && !isWritten && { dnsDefaultRoute: undefined }),
    ignoreCarrier: isKept && hasStatic(own),
    online: parentOnline(backend, data, node, hasWaitList),
    isSilent: isNetworkd(backend) && !hasAddress(own) && !native,
    profile: isNetplans && profile ? netplanProfile(node) : profile,
  });
}

/** It has no setting: NetworkManager makes up the UUID, which the reader imitates. */
const netplanProfile = ({ id }: Node): NonNullable<Link['profile']> => ({
  id: `netplan-${id}`,
  uuid: madeUpUuid(id),
  priority: 0,
});
