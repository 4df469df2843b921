/**
 * What a change of one thing about a link does. Each key of the model's links is here, so that none
 * can be added and go unseen; `undefined` is one that is judged over all links, or follows from others.
 */
import type { Change, ChangeSeverity } from './changes.ts';
import type { Parent, Shim, Tap } from './model/types.ts';

type Aspect<T> = ((before: T, after: T) => Change[]) | undefined;

interface Conditions<T> {
  readonly added: (link: T) => Change;
  readonly removed: (link: T) => Change;
  readonly aspects: Readonly<Record<keyof Required<T>, Aspect<T>>>;
}

/** Told where a value, as it prints, is another. */
function when<T extends { readonly name: string }>(
  value: (link: T) => unknown,
  tell: (before: T, after: T) => readonly [ChangeSeverity, string],
): Aspect<T> {
  return (before, after) => {
    if (printed(value(before)) === printed(value(after))) return [];
    const [severity, message] = tell(before, after);
    return [{ severity, subject: after.name, message }];
  };
}

/** Without places in the intent: a line moved there changes no machine. */
const printed = (value: unknown): string =>
  JSON.stringify(value, (key, part: unknown) => (key === 'origin' ? undefined : part)) ?? '';

const ANEW = 'The link is made anew, which takes a reboot; connections over it drop.';
const LEASE = 'The DHCP server sees a new client: a reserved address is lost.';

const unless = (value: unknown): string => (value === undefined ? 'none' : String(value));

type Common = Parent | Shim;

/** What parents and shims have in common. */
const shared = {
  name: undefined,
  origin: undefined,
  addresses: undefined,
  routes: undefined,
  rules: undefined,
  dhcp6ByRouter: undefined,
  families: undefined,
  macDerived: undefined,
  nameservers: when<Common>(
    ({ nameservers }) => nameservers.map(({ address }) => address),
    (_, { name, nameservers }) => [
      'harmless',
      `Name servers of ${name}: ${nameservers.map(({ address }) => address).join(', ') || 'none'}.`,
    ],
  ),
  search: when<Common>(
    ({ search }) => search.map(({ domain }) => domain),
    (_, { name, search }) => [
      'harmless',
      `Search domains of ${name}: ${search.map(({ domain }) => domain).join(', ') || 'none'}.`,
    ],
  ),
  dnsDefaultRoute: when<Common>(
    (link) => link.dnsDefaultRoute,
    (_, { name }) => ['harmless', `Which names the servers of ${name} are asked for is another.`],
  ),
  dhcp4: when<Common>(
    ({ dhcp4 }) => dhcp4,
    (before, { name, dhcp4 }) => {
      if (!before.dhcp4 || !dhcp4) return ['harmless', `DHCP of ${name} is switched.`];
      const isRoute =
        before.dhcp4.useRoutes !== dhcp4.useRoutes ||
        before.dhcp4.routeMetric !== dhcp4.routeMetric;
      return isRoute
        ? ['may-lock-out', `What ${name} takes of the DHCP server's routes is another.`]
        : ['harmless', `What ${name} takes of its DHCP lease, or tells the server, is another.`];
    },
  ),
  dhcp6: when<Common>(
    ({ dhcp6 }) => dhcp6,
    (_, { name }) => [
      'harmless',
      `What ${name} takes of its DHCPv6 lease, or tells the server, is another.`,
    ],
  ),
  identifier: when<Common>(
    ({ identifier, dhcp4, dhcp6, acceptRa }) => (dhcp4 || dhcp6 || acceptRa ? identifier : ''),
    (_, { name, identifier }) => [
      'may-lock-out',
      `${name} calls itself by its ${identifier === 'mac' ? 'MAC' : 'DUID'} to DHCP servers. ${LEASE}`,
    ],
  ),
  // On or off is told for all links at once.
  acceptRa: undefined,
  linkLocal: when<Common>(
    ({ linkLocal }) => linkLocal,
    (_, { name, linkLocal }) => [
      'drops-connections',
      `Link-local addresses of ${name}: ${linkLocal.join(', ') || 'none'}.`,
    ],
  ),
  mtu: when<Common>(
    ({ mtu }) => mtu,
    (before, { name, mtu }) => [
      'drops-connections',
      `The MTU of ${name} becomes ${mtu ?? 'the default'} (was ${before.mtu ?? 'the default'}): the LAN and the guests must bear it.`,
    ],
  ),
  optional: when<Common>(
    ({ optional }) => optional,
    (_, { name, optional }) => [
      'harmless',
      optional ? `Boot does not wait for ${name}.` : `Boot waits for ${name}.`,
    ],
  ),
  ignoreCarrier: when<Common>(
    ({ ignoreCarrier }) => ignoreCarrier,
    (_, { name, ignoreCarrier }) => [
      'harmless',
      ignoreCarrier
        ? `${name} keeps its addresses while the cable is out.`
        : `${name} has its addresses only while there is a carrier.`,
    ],
  ),
} as const;

const macOf = (kind: string): Aspect<Common> =>
  when<Common>(
    ({ macaddress }) => macaddress,
    (before, { name, macaddress, dhcp4, dhcp6, acceptRa }) => {
      const said = `${name} gets the MAC ${macaddress ?? 'that it has by itself'} (was ${before.macaddress ?? 'its own'}).`;
      const isDynamic = dhcp4 !== undefined || dhcp6 !== undefined || acceptRa;
      const how = kind === 'ethernet' ? 'Connections over it drop.' : ANEW;
      return [
        isDynamic ? 'may-lock-out' : 'drops-connections',
        isDynamic ? `${said} ${how} ${LEASE}` : `${said} ${how}`,
      ];
    },
  );

const standing = {
  parent: when<Shim | Tap>(
    ({ parent }) => parent.name,
    (before, { name, parent }) => [
      'may-lock-out',
      `${name} moves from ${before.parent.name} to ${parent.name}, onto another LAN perhaps. ${ANEW}`,
    ],
  ),
  mode: when<Shim | Tap>(
    ({ mode }) => mode,
    (before, { name, mode }) => [
      'drops-connections',
      `${name} is in mode ${mode} (was ${before.mode})${mode === 'bridge' ? '' : ': host and guests do not reach each other'}. ${ANEW}`,
    ],
  ),
  sourceMacs: when<Shim | Tap>(
    ({ sourceMacs }) => sourceMacs.map(({ macaddress }) => macaddress),
    (_, { name }) => ['drops-connections', `${name} takes frames from other MACs. ${ANEW}`],
  ),
} as const;

/** A change of what a link stands on, or is. */
const cut = <T extends Parent>(
  value: (link: T) => unknown,
  tell: (before: T, after: T) => string,
): Aspect<T> => when<T>(value, (before, after) => ['may-lock-out', tell(before, after)]);

const dropped = <T extends { readonly name: string }>(
  value: (link: T) => unknown,
  tell: (before: T, after: T) => string,
): Aspect<T> => when<T>(value, (before, after) => ['drops-connections', tell(before, after)]);

const parentConditions: Conditions<Parent> = {
  added: ({ name, kind, families }) => ({
    severity: kind === 'ethernet' ? 'may-lock-out' : 'harmless',
    subject: name,
    message:
      kind === 'ethernet'
        ? `${name} is ours from now on${families.length > 0 ? '' : ', and has no address'}: what other files gave it is gone.`
        : `The ${kind} ${name} is made.`,
  }),
  removed: ({ name, kind }) => ({
    severity: kind === 'ethernet' ? 'drops-connections' : 'may-lock-out',
    subject: name,
    message:
      kind === 'ethernet'
        ? `${name} is left to whatever else the host has for it.`
        : `The ${kind} ${name} is gone, with what stands on it.`,
  }),
  aspects: {
    ...shared,
    macaddress: (before, after) => macOf(after.kind)?.(before, after) ?? [],
    id: dropped(
      ({ id }) => id,
      ({ id: old }, { name, id }) =>
        `${name} is called \`${id}\` (was \`${old}\`): with netplan its files have other names.`,
    ),
    kind: cut(
      ({ kind }) => kind,
      (before, { name, kind }) => `${name} becomes a ${kind} (was ${before.kind}). ${ANEW}`,
    ),
    permanentMac: cut(
      ({ permanentMac }) => permanentMac,
      (before, { name, permanentMac }) =>
        `${name} is the NIC with the permanent MAC ${unless(permanentMac)} (was ${unless(before.permanentMac)}).`,
    ),
    wakeonlan: when(
      ({ wakeonlan }) => wakeonlan,
      (_, { name, wakeonlan }) => [
        'harmless',
        `${name} wakes up by a magic packet: ${wakeonlan ?? "the driver's default"}.`,
      ],
    ),
    vlan: cut(
      ({ vlan }) => vlan,
      (before, { name, vlan }) =>
        `${name} is VLAN ${unless(vlan?.id)} on ${unless(vlan?.link)} (was ${unless(before.vlan?.id)} on ${unless(before.vlan?.link)}). ${ANEW}`,
    ),
    members: cut(
      ({ members }) => members,
      (before, { name, members }) =>
        `In ${name} are ${members.join(', ') || 'none'} (were ${before.members.join(', ') || 'none'}).`,
    ),
    bond: (before, after) => {
      const isMode = before.bond?.mode !== after.bond?.mode;
      return (
        when<Parent>(
          ({ bond }) => bond,
          (_, { name, bond }) =>
            isMode
              ? [
                  'may-lock-out',
                  `${name} bonds in mode ${unless(bond?.mode)}: the switch must agree. ${ANEW}`,
                ]
              : ['drops-connections', `Parameters of the bond ${name} change.`],
        )?.(before, after) ?? []
      );
    },
    bridge: dropped(
      ({ bridge }) => bridge,
      (_, { name }) =>
        `Parameters of the bridge ${name} change: while it learns, nothing gets through.`,
    ),
    // Said of the bond or bridge.
    master: undefined,
    vlans: undefined,
    shims: undefined,
    taps: undefined,
    carries: dropped(
      ({ carries }) => carries,
      (_, { name, carries }) =>
        carries ? `Devices stand on ${name} from now on.` : `No device stands on ${name} any more.`,
    ),
    height: undefined,
    othersRequired: undefined,
    joinsMatched: undefined,
    assumedFrom: undefined,
  },
};

const shimConditions: Conditions<Shim> = {
  added: ({ name, parent }) => ({
    severity: 'harmless',
    subject: name,
    message: `The shim ${name} is made on ${parent.name}.`,
  }),
  removed: ({ name, parent }) => ({
    severity: 'drops-connections',
    subject: name,
    message: `The shim ${name} on ${parent.name} is gone.`,
  }),
  aspects: { ...shared, ...standing, macaddress: macOf('macvlan') },
};

const tapConditions: Conditions<Tap> = {
  added: ({ name, parent }) => ({
    severity: 'harmless',
    subject: name,
    message: `The tap ${name} is made on ${parent.name}.`,
  }),
  removed: ({ name }) => ({
    severity: 'drops-connections',
    subject: name,
    message: `The tap ${name} is gone, and with it the network of the guest that uses it.`,
  }),
  aspects: {
    ...standing,
    name: undefined,
    origin: undefined,
    macDerived: undefined,
    macaddress: dropped(
      ({ macaddress }) => macaddress,
      (before, { name, macaddress }) =>
        `${name} gets the MAC ${unless(macaddress)} (was ${unless(before.macaddress)}). ${ANEW}`,
    ),
    mtu: dropped(
      ({ mtu }) => mtu,
      (_, { name, mtu }) => `The MTU of ${name} becomes ${mtu ?? 'the default'}.`,
    ),
  },
};

export const CONDITIONS = {
  parent: parentConditions,
  shim: shimConditions,
  tap: tapConditions,
} as const;
