/** Links of a host, and which of them is the parent → the intent. */
import { deriveMac } from '../model/derive.ts';
import { clean, OF_DEVICE } from './cleaned.ts';
import type { ShimDevice } from './containers/judge.ts';
import { type Entry, type FoundLink, type Origin, scalarOf } from './found.ts';
import type { FoundGuest } from './guests.ts';
import { type Branch, below, branch, put, scalar, sorted } from './tree.ts';

/** Of a macvlan, which is a shim already. */
const OF_SHIM = /^(?:parent|mode|macaddress)$/;

export interface Plan {
  readonly host: { readonly name: string; readonly origin: Origin };
  /** The link with the default route: its addresses go to the shim. */
  readonly uplink: FoundLink;
  /** What the shim is on: the uplink itself, the port of a bridge that goes, or the parent of a macvlan. */
  readonly parent: FoundLink;
  /** Links below and on top of the parent, in their order. */
  readonly others: readonly FoundLink[];
  /** Macvlans on the parent beside the uplink. */
  readonly shims: readonly FoundLink[];
  readonly guests: readonly FoundGuest[];
  readonly shim: string;
  /** The MAC that the uplink has now, where it is known. */
  readonly mac?: { readonly text: string; readonly origin: Origin };
  readonly newMac: boolean;
  /** Where containers have ipvlans on the parent. */
  readonly device?: ShimDevice;
  readonly backend?: string;
  readonly target?: { readonly name: string; readonly origin: Origin };
}

/** Whether its address depends on its MAC: a lease, or one by advertisements. */
export const isDynamic = (link: FoundLink): boolean =>
  ['dhcp4', 'dhcp6', 'accept-ra'].some((key) => scalarOf(link, key) === true);

export function buildIntent(plan: Plan): Branch {
  const { host, uplink, parent, others, shims, guests, backend, target } = plan;
  const intent = branch();
  intent.pairs.set('version', scalar(1));
  intent.pairs.set('host', scalar(host.name, host.origin));
  if (backend !== undefined) intent.pairs.set('backend', scalar(backend));
  if (target) intent.pairs.set('target', scalar(target.name, target.origin));
  for (const link of new Set([uplink, parent, ...others, ...shims])) clean(link);
  const parents = branch();
  for (const link of [...others, ...(isMacvlan(uplink) || uplink !== parent ? [] : [])])
    addParent(parents, link, ownEntries(link));
  addParent(parents, parent, parentEntries(plan));
  if (parents.pairs.size > 0) intent.pairs.set('parents', parents);
  const all = below(intent, 'shims');
  const shim = below(all, plan.shim);
  putAll(shim, [
    {
      key: 'parent',
      value: parent.name,
      isItem: false,
      origin: isMacvlan(uplink) ? originOf(uplink, 'parent') : {},
    },
    ...shimEntries(plan),
  ]);
  for (const link of shims) putAll(below(all, link.name), link.entries);
  if (guests.length > 0) addGuests(below(intent, 'guests'), guests, parent.name);
  return intent;
}

export const isMacvlan = ({ kind }: FoundLink): boolean => kind === 'macvlan';

const originOf = (link: FoundLink, key: string): Origin =>
  link.entries.find((entry) => entry.key === key)?.origin ?? {};

/** Nothing is written of a plain NIC that has no settings. */
function addParent(parents: Branch, link: FoundLink, entries: readonly Entry[]): void {
  const isVirtual = /^(?:bond|bridge)$/.test(link.kind);
  if (entries.length === 0 && !isVirtual) return;
  const own = below(parents, link.name);
  if (isVirtual) own.pairs.set('type', scalar(link.kind));
  putAll(own, entries);
}

/** Defaults of a system count on links that have addresses, and nowhere else. */
function ownEntries(link: FoundLink): Entry[] {
  const hasAddress = link.entries.some(
    ({ key, value, origin }) =>
      key === 'addresses' ||
      (/^dhcp[46]$/.test(key) && value === true) ||
      (key === 'accept-ra' && value === true && origin.path !== undefined),
  );
  return hasAddress
    ? link.entries
    : link.entries.filter(
        ({ origin, key }) =>
          origin.path !== undefined && key !== 'link-local' && key !== 'optional',
      );
}

/** The device's settings; its MAC, if the shim takes it. */
function parentEntries(plan: Plan): Entry[] {
  const { parent, uplink, host } = plan;
  if (isMacvlan(uplink)) return ownEntries(parent);
  // An ipvlan has the MAC of its parent, which keeps it.
  const device = parent.entries.filter(
    ({ key }) => OF_DEVICE.test(key) && (key !== 'macaddress' || plan.device !== undefined),
  );
  const lower =
    parent === uplink
      ? []
      : uplink.entries.filter(
          ({ key }) => key === 'mtu' && !device.some((entry) => entry.key === 'mtu'),
        );
  return takesMac(plan) && explicitMac(plan) === undefined
    ? [
        ...device,
        ...lower,
        {
          key: 'macaddress',
          value: deriveMac(host.name, parent.name),
          isItem: false,
          origin: { note: 'derived: the shim has the old MAC' },
        },
      ]
    : [...device, ...lower];
}

const explicitMac = ({ uplink, parent }: Plan): Entry | undefined =>
  [uplink, parent].flatMap(({ entries }) => entries).find(({ key }) => key === 'macaddress');

/** Whether the shim has the MAC that the uplink has today. */
const takesMac = (plan: Plan): boolean =>
  !plan.newMac &&
  !plan.device &&
  !isMacvlan(plan.uplink) &&
  (explicitMac(plan) !== undefined || (plan.mac !== undefined && isDynamic(plan.uplink)));

function shimEntries(plan: Plan): Entry[] {
  const { uplink, mac } = plan;
  if (isMacvlan(uplink)) return uplink.entries.filter(({ key }) => key !== 'parent');
  const rest = uplink.entries.filter(({ key }) => !OF_DEVICE.test(key) && !OF_SHIM.test(key));
  if (plan.device) return asIpvlan(plan.device, rest);
  if (!takesMac(plan)) return rest;
  const explicit = explicitMac(plan);
  const entry: Entry = explicit ?? {
    key: 'macaddress',
    value: mac?.text ?? '',
    isItem: false,
    origin: mac?.origin ?? {},
  };
  return [entry, ...rest];
}

/** What follows from a MAC would be the parent's, too. */
function asIpvlan({ kind, mode, origin }: ShimDevice, entries: readonly Entry[]): Entry[] {
  const own = entries.filter(
    ({ key }) => key !== 'dhcp-identifier' && key !== 'ipv6-address-generation',
  );
  const entry = (key: string, value: string): Entry => ({ key, value, isItem: false, origin });
  return [entry('kind', kind), ...(mode === 'l2' ? [] : [entry('mode', mode)]), ...own];
}

const putAll = (target: Branch, entries: readonly Entry[]): void => {
  for (const entry of sorted(entries)) put(target, entry);
};

function addGuests(target: Branch, guests: readonly FoundGuest[], parent: string): void {
  for (const { name, mac, model, mode, origin } of guests) {
    const guest = below(target, name);
    guest.pairs.set('parent', scalar(parent, origin));
    if (mode !== undefined && mode !== 'bridge') guest.pairs.set('mode', scalar(mode, origin));
    guest.pairs.set('macaddress', scalar(mac, origin));
    if (model !== undefined && model !== 'virtio') guest.pairs.set('model', scalar(model, origin));
  }
}
