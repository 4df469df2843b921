/**
 * What a change of one key of a link does. Each key of the model's links is here: the compiler asks
 * for a new one.
 */

import type { Mode, Parent, Shim, Tap } from '../model/types.ts';
import { type Aspect, mac, mtuChange, SHARED, when } from './settings.ts';
import { type Change, linkName, listed } from './words.ts';

interface Conditions<T> {
  readonly added: (link: T) => Change;
  readonly removed: (link: T) => Change;
  readonly aspects: Readonly<Record<keyof Required<T>, Aspect<T>>>;
}

/** What a mode means for links on the same parent (Linux, macvlan and ipvlan). */
const REACH: Readonly<Record<Mode, string>> = {
  bridge: 'it and others in mode bridge on the same parent reach each other',
  private: 'nothing else on the same parent reaches it',
  vepa: 'others on the same parent reach it only through a switch that reflects frames',
  passthru: 'it has the parent to itself',
  source: 'it receives frames of the listed MACs only',
  l2: 'it has neighbours on the LAN',
  l3: 'its parent routes for it, and it has no neighbours',
  l3s: 'its parent routes and filters for it, and it has no neighbours',
};

const attached = {
  parent: when<Shim | Tap>(
    ({ parent }) => parent.name,
    (before, { name, parent }) => [
      'may-lock-out',
      `${linkName(name)} moves from ${linkName(before.parent.name)} to ${linkName(parent.name)}, which may be another LAN.`,
    ],
  ),
  mode: when<Shim | Tap>(
    ({ mode }) => mode,
    (before, { name, mode }) => [
      'drops-connections',
      `The mode of ${linkName(name)} becomes ${mode} (was ${before.mode}): ${REACH[mode]}.`,
    ],
  ),
  sourceMacs: when<Shim | Tap>(
    ({ sourceMacs }) => sourceMacs.map(({ macaddress }) => macaddress),
    (_, { name, sourceMacs }) => [
      'drops-connections',
      `${linkName(name)} receives frames of ${sourceMacs.map(({ macaddress }) => macaddress).join(', ') || 'any MAC'}.`,
    ],
  ),
} as const;

/** A change of what a link is, or is on top of. */
const cut = <T extends Parent>(
  value: (link: T) => unknown,
  describe: (before: T, after: T) => string,
): Aspect<T> => when<T>(value, (before, after) => ['may-lock-out', describe(before, after)]);

const dropped = <T extends { readonly name: string }>(
  value: (link: T) => unknown,
  describe: (before: T, after: T) => string,
): Aspect<T> => when<T>(value, (before, after) => ['drops-connections', describe(before, after)]);

const orNone = (value: unknown): string => (value === undefined ? 'none' : String(value));

const vlanText = ({ vlan }: Parent): string =>
  vlan ? `VLAN ${vlan.id} on ${linkName(vlan.link)}` : 'no VLAN';

const parentConditions: Conditions<Parent> = {
  added: ({ name, kind, families, linkLocal }) => {
    const isBare = families.length + linkLocal.length === 0;
    return {
      severity: kind === 'ethernet' ? 'may-lock-out' : 'harmless',
      subject: name,
      message:
        kind === 'ethernet'
          ? `${linkName(name)} is configured by the generated files${isBare ? ' and has no address' : ''}: its other configuration no longer applies.`
          : `The ${kind} ${linkName(name)} is created.`,
    };
  },
  removed: ({ name, kind }) => ({
    severity: kind === 'ethernet' ? 'drops-connections' : 'may-lock-out',
    subject: name,
    message:
      kind === 'ethernet'
        ? `${linkName(name)} is no longer configured by the generated files: its other configuration applies, if there is any.`
        : `The ${kind} ${linkName(name)} is deleted, with every link on top of it.`,
  }),
  aspects: {
    ...SHARED,
    macaddress: mac,
    id: (before, { name, id }) =>
      before.id === id
        ? []
        : [
            {
              severity: 'drops-connections',
              subject: name,
              message: `The netplan id of ${linkName(name)} becomes \`${id}\` (was \`${before.id}\`): netplan configures the link again.`,
              only: 'netplan-networkd',
            },
          ],
    kind: cut(
      ({ kind }) => kind,
      (before, { name, kind }) => `${linkName(name)} becomes a ${kind} (was ${before.kind}).`,
    ),
    permanentMac: cut(
      ({ permanentMac }) => permanentMac,
      (before, { name, permanentMac }) =>
        `${linkName(name)} is the NIC with the permanent MAC ${orNone(permanentMac)} (was ${orNone(before.permanentMac)}).`,
    ),
    wakeonlan: when(
      ({ wakeonlan }) => wakeonlan,
      (_, { name, wakeonlan }) => [
        'harmless',
        `Wake-on-LAN of ${linkName(name)}: ${wakeonlan === undefined ? "the driver's default" : wakeonlan ? 'on' : 'off'}.`,
      ],
    ),
    vlan: cut(
      ({ vlan }) => vlan,
      (before, after) =>
        `${linkName(after.name)} becomes ${vlanText(after)} (was ${vlanText(before)}).`,
    ),
    members: cut(
      ({ members }) => members,
      (before, { name, members }) =>
        `The ports of ${linkName(name)} become ${listed(members) || 'none'} (were ${listed(before.members) || 'none'}).`,
    ),
    bond: (before, after) => {
      if (before.kind !== after.kind) return [];
      const [then, now] = [orNone(before.bond?.values.mode), orNone(after.bond?.values.mode)];
      return then === now
        ? (parameters(({ bond }) => bond)?.(before, after) ?? [])
        : [
            {
              severity: 'may-lock-out',
              subject: after.name,
              message: `The mode of the bond ${linkName(after.name)} becomes ${now} (was ${then}): the switch must be set to it.`,
            },
          ];
    },
    bridge: (before, after) =>
      before.kind === after.kind ? (parameters(({ bridge }) => bridge)?.(before, after) ?? []) : [],
    // A port: reported for the bond or bridge. Others: reported for what is on top of it.
    iaid: undefined,
    managed: undefined,
    networkFile: undefined,
    found: undefined,
    master: undefined,
    vlans: undefined,
    shims: undefined,
    taps: undefined,
    hasMacvlans: undefined,
    height: undefined,
    othersRequired: undefined,
    isMatchedByMac: undefined,
    assumedFrom: undefined,
  },
};

/** Of a bond or bridge. */
const parameters = (value: (link: Parent) => unknown): Aspect<Parent> =>
  dropped(value, (_, after) => parametersText(after));

/** Separate, because parameters that are read from files are only known to differ. */
export const parametersText = ({ name, kind }: Pick<Parent, 'name' | 'kind'>): string =>
  `Parameters of the ${kind} ${linkName(name)} change: it may pass nothing for some seconds.`;

const shimConditions: Conditions<Shim> = {
  added: ({ name, parent }) => ({
    severity: 'harmless',
    subject: name,
    message: `The shim ${linkName(name)} is created on ${linkName(parent.name)}.`,
  }),
  removed: ({ name, parent }) => ({
    severity: 'drops-connections',
    subject: name,
    message: `The shim ${linkName(name)} on ${linkName(parent.name)} is deleted.`,
  }),
  aspects: {
    ...SHARED,
    ...attached,
    macaddress: mac,
    broadcastQueueLength: when(
      ({ broadcastQueueLength }) => broadcastQueueLength,
      (_, { name, parent, broadcastQueueLength = 1000 }) => [
        'harmless',
        `For ${linkName(name)}, ${linkName(parent.name)} queues up to ${broadcastQueueLength} broadcast and multicast frames.`,
      ],
    ),
    broadcastQueueThreshold: when(
      ({ broadcastQueueThreshold }) => broadcastQueueThreshold,
      (_, { parent, broadcastQueueThreshold = 1 }) => [
        'harmless',
        broadcastQueueThreshold < 0
          ? `${linkName(parent.name)} queues no broadcast or multicast frames.`
          : `${linkName(parent.name)} queues multicast frames that more than ${broadcastQueueThreshold} ${broadcastQueueThreshold === 1 ? 'link receives' : 'links receive'}.`,
      ],
    ),
    // It follows from host and name, and from `device`.
    iaid: undefined,
    device: dropped(
      ({ device }) => device,
      (before, { name, parent, device }) =>
        device === 'ipvlan'
          ? `${linkName(name)} becomes an ipvlan (was a ${before.device}) with the MAC of ${linkName(parent.name)}.`
          : `${linkName(name)} becomes a ${device} (was an ${before.device}) with a MAC of its own.`,
    ),
  },
};

/** Who opens the device: a guest that has it open keeps it. */
const access = (value: (tap: Tap) => unknown): Aspect<Tap> =>
  when(value, (_, { name, owner, group, permissions }) => [
    'harmless',
    `The device of ${linkName(name)} belongs to ${owner ?? 'root'}:${group ?? 'root'}, with permissions ${permissions ?? '0600'}.`,
  ]);

const tapConditions: Conditions<Tap> = {
  added: ({ name, parent }) => ({
    severity: 'harmless',
    subject: name,
    message: `The tap ${linkName(name)} is created on ${linkName(parent.name)}.`,
  }),
  removed: ({ name }) => ({
    severity: 'drops-connections',
    subject: name,
    message: `The tap ${linkName(name)} is deleted: the guest that uses it loses its network.`,
  }),
  aspects: {
    ...attached,
    name: undefined,
    origin: undefined,
    macDerived: undefined,
    macaddress: dropped(
      ({ macaddress }) => macaddress,
      (before, { name, macaddress }) =>
        `The MAC of ${linkName(name)} becomes ${orNone(macaddress)} (was ${orNone(before.macaddress)}): the guest that uses it must have the same.`,
    ),
    mtu: (before, after) => mtuChange(before, after),
    owner: access(({ owner }) => owner),
    group: access(({ group }) => group),
    permissions: access(({ permissions }) => permissions),
    allMulticast: when(
      ({ allMulticast }) => allMulticast,
      (_, { name, allMulticast }) => [
        'harmless',
        allMulticast
          ? `${linkName(name)} receives all multicast frames.`
          : `${linkName(name)} receives only the multicast frames that its guest asks for: IPv6 of the guest may fail.`,
      ],
    ),
  },
};

export const CONDITIONS = {
  parent: parentConditions,
  shim: shimConditions,
  tap: tapConditions,
} as const;
