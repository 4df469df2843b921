/** Causes at the guest's end: how it is attached, and whether it is there. */
import type { Cause, Facts, GuestDevice, Probe } from '../facts.ts';
import { cause, type FindCause, named, unanswered } from './cause.ts';
import { solicitedGroup } from './packets.ts';

export const silentGuest = (facts: Facts): Probe | undefined =>
  unanswered(facts).find(({ role }) => role === 'guest');

/** The devices that may be the guest's: by its name, by the MAC that answers, or all of them. */
function devicesOf(facts: Facts): readonly GuestDevice[] {
  const { guests, asked } = facts;
  const probe = silentGuest(facts);
  const byName = guests.filter(({ guest }) => asked !== undefined && guest === asked.word);
  if (byName.length > 0) return byName;
  const byMac = guests.filter(({ mac }) => mac !== undefined && mac === probe?.mac);
  return byMac.length > 0 ? byMac : guests;
}

/** Whether guests are in question: one does not answer, or was asked for and has no address. */
const isInQuestion = (facts: Facts): boolean =>
  silentGuest(facts) !== undefined ||
  (facts.asked !== undefined && facts.asked.address === undefined);

/** The parents on which guests reach the host. */
function parentsOf(facts: Facts): readonly string[] {
  const expected = silentGuest(facts)?.expected;
  const shims = facts.model.shims.filter(({ name }) => expected === undefined || name === expected);
  return shims.map(({ parent }) => parent.name);
}

export const show = ({ name, guest }: GuestDevice): string =>
  guest === undefined ? `\`${name}\`` : `\`${name ?? guest}\` of guest ${guest}`;

/** keepalived has a macvlan in mode private for each virtual router (keepalived.conf(5), use_vmac): no guest. */
const isVirtualRouter = ({ isMacvlan, mode }: GuestDevice): boolean =>
  isMacvlan === true && mode === 'private';

/** Whose mode matters: while the guest that was asked for answers, others may be kept apart on purpose. */
function judged(facts: Facts): readonly GuestDevice[] {
  if (isInQuestion(facts)) return devicesOf(facts).filter((one) => !isVirtualRouter(one));
  return facts.asked !== undefined ? [] : facts.guests.filter(({ isMacvlan }) => !isMacvlan);
}

/** A mode in which frames do not go from one macvlan to another. */
export const guestMode: FindCause = (facts) =>
  judged(facts)
    .filter(
      ({ mode, parent }) =>
        mode !== undefined && mode !== 'bridge' && parentsOf(facts).includes(parent ?? ''),
    )
    .map((device) =>
      cause(
        'guest-mode',
        `${show(device)} is attached in mode ${device.mode}: it reaches neither the host nor other guests.`,
        {
          ...(device.name !== undefined && { link: device.name }),
          // A macvlan among others may be that of a virtual router.
          certainty:
            isInQuestion(facts) && !(device.isMacvlan && devicesOf(facts).length > 1)
              ? 'certain'
              : 'possible',
        },
      ),
    );

export const guestDown: FindCause = (facts) =>
  isInQuestion(facts)
    ? devicesOf(facts)
        .filter(({ isUp, name }) => !isUp && name !== undefined)
        .map((device) =>
          cause('guest-down', `${show(device)} is down.`, {
            ...(device.name !== undefined && { link: device.name }),
            // Whose address it is does not show: it may be that of another guest.
            ...(devicesOf(facts).length > 1 && { certainty: 'likely' as const }),
            hint: `Run \`ip link set dev ${device.name} up\`; if the kernel refuses, another link has its MAC. A guest that was suspended brings it up again when it resumes.`,
          }),
        )
    : [];

export const guestElsewhere: FindCause = (facts) => {
  const parents = parentsOf(facts);
  const devices = devicesOf(facts);
  const there = devices.some(
    ({ parent, type }) => parents.includes(parent ?? '') && (type ?? 'direct') === 'direct',
  );
  if (!isInQuestion(facts) || there || parents.length === 0) return [];
  return devices.map((device) =>
    cause(
      'guest-on-other-link',
      `${show(device)} is on \`${device.parent}\`${device.type !== undefined && device.type !== 'direct' ? ` (${device.type})` : ''}, not on \`${parents.join('` or `')}\`.`,
      {
        ...(device.name !== undefined && { link: device.name }),
        certainty: devices.length === 1 ? 'certain' : 'likely',
      },
    ),
  );
};

export const guestAbsent: FindCause = (facts) => {
  const { asked } = facts;
  const probe = silentGuest(facts);
  if (asked && asked.address === undefined && !asked.isKnown) {
    return [cause('guest-absent', `libvirt runs no guest \`${asked.word}\` here.`)];
  }
  const isThere = facts.guests.some((one) => !isVirtualRouter(one));
  if (!probe || probe.mac !== undefined || isThere) return [];
  const parents = parentsOf(facts);
  return [
    cause(
      'guest-absent',
      `No guest is attached${parents.length > 0 ? ` to \`${parents.join('` or `')}\`` : ''}, and nobody answers for ${probe.address}.`,
      { certainty: 'likely' },
    ),
  ];
};

/** A side shim leads to the guests of its routes; the NIC itself reaches no macvtap on top of it. */
export const guestOutsideRoutes: FindCause = (facts) => {
  const probe = silentGuest(facts);
  // Without a gateway that answers, it is the host's own address that is of another LAN.
  const isHostRight = !unanswered(facts).some(({ role }) => role === 'gateway');
  if (probe && probe.expected === undefined) {
    return isHostRight ? [outsideSubnets(facts, probe)] : [];
  }
  const parent = facts.model.parents.find(({ name }) => name === probe?.link);
  const sides = facts.model.shims.filter((shim) => shim.parent.name === parent?.name);
  if (!probe || !parent || sides.length === 0 || probe.answersNic === true) return [];
  const ranges = sides.flatMap(({ routes }) =>
    routes.filter(({ via }) => via === undefined).map(({ to }) => to),
  );
  const [side] = sides;
  return [
    cause(
      'guest-outside-routes',
      `Packets to the ${named(probe)} leave by \`${parent.name}\` itself, which reaches no macvtap on top of it: no route of \`${side?.name}\` leads there (${ranges.join(', ') || 'it has none'}).`,
      {
        link: parent.name,
        certainty: 'likely',
        hint: `Give the guest an address within the routes of \`${side?.name}\`, or add one to the intent: \`routes: [{to: ${probe.address}/${probe.address.includes(':') ? 128 : 32}, scope: link}]\`.`,
      },
    ),
  ];
};

/** No link of the intent has its subnet: a gateway would have to bring the packets back, and does not. */
function outsideSubnets({ model, state }: Facts, probe: Probe): Cause {
  const where =
    probe.via === undefined
      ? ''
      : `: packets to it go to the gateway ${probe.via} on \`${probe.link}\``;
  const own = [...model.shims, ...model.parents].flatMap(({ name, addresses }) => {
    // Those of DHCP and of advertisements are not in the intent.
    const running = state.links.find((link) => link.name === name)?.addresses ?? [];
    return [...addresses, ...running.filter(({ isLinkLocal }) => !isLinkLocal)].map(
      ({ address, prefix }) => `${address}/${prefix}`,
    );
  });
  const subnets = [...new Set(own)].slice(0, 4).join(', ');
  return cause(
    'guest-outside-routes',
    `The ${named(probe)} is in the subnet of no link of the intent${subnets === '' ? '' : ` (${subnets})`}${where}.`,
    {
      certainty: 'likely',
      hint: 'Give the guest an address in the subnet of the shim, or the shim an address in that of the guest.',
    },
  );
}

/** It answers under a MAC that its device does not have: frames to it leave by the NIC. */
export const guestMacDiffers: FindCause = (facts) => {
  const probe = silentGuest(facts);
  if (!probe || probe.mac === undefined || probe.isStatic) return [];
  // Of IPv6, nobody asks by the NIC: it may be a machine of the LAN.
  const isCompared = probe.answersNic === false;
  if (!isCompared && !probe.address.includes(':')) return [];
  const parents = parentsOf(facts);
  const devices = devicesOf(facts).filter(({ parent }) => parents.includes(parent ?? ''));
  if (devices.length === 0 || devices.some(({ mac }) => mac === probe.mac)) return [];
  const list = devices.slice(0, 4).map((one) => `${show(one)} (${one.mac ?? '?'})`);
  return [
    cause(
      'guest-mac-differs',
      `The ${named(probe)} uses the MAC ${probe.mac}, and no device on \`${parents.join('`, `')}\` has it: ${list.join(', ')}. Frames to it leave by the NIC.`,
      isCompared
        ? { certainty: 'likely' }
        : {
            certainty: 'possible',
            alternatives: [
              'The guest uses another MAC than its device: `ip -br link` there.',
              'It is a machine of the LAN, and its own firewall drops pings: the table of MACs of the switch shows its port.',
            ],
          },
    ),
  ];
};

/** A macvtap passes multicast of the groups that it knows: without, nobody finds the guest by IPv6. */
export const guestMulticast: FindCause = (facts) => {
  const probe = silentGuest(facts);
  const group = probe && solicitedGroup(probe.address)?.mac;
  if (!probe || group === undefined || probe.mac !== undefined) return [];
  return devicesOf(facts)
    .filter(
      ({ name, parent, takesMulticast }) =>
        takesMulticast === false &&
        parentsOf(facts).includes(parent ?? '') &&
        !(facts.groups.get(name ?? '') ?? []).includes(group),
    )
    .map((device) =>
      cause(
        'guest-multicast',
        `${show(device)} does not take the group in which the ${named(probe)} is asked for its MAC (${group}).`,
        { ...(device.name !== undefined && { link: device.name }), certainty: 'likely' },
      ),
    );
};

/** Who answers for an address of the host while its own guest is silent: a device that nobody has opened. */
export const unopened = ({ conflicts, guests }: Facts): readonly GuestDevice[] =>
  guests.filter(({ mac }) => mac !== undefined && [...conflicts.values()].includes(mac));

/** It is attached as it should be, and does not answer ARP. */
export const guestSilent: FindCause = (facts) => {
  const probe = silentGuest(facts);
  const devices = facts.guests.filter((one) => !isVirtualRouter(one));
  if (!probe || probe.mac !== undefined || devices.length === 0) return [];
  const [own] = probe.macWithoutSender === undefined ? unopened(facts) : [];
  const asked = probe.address.includes(':') ? 'neighbour discovery' : 'ARP';
  const device = own?.name ?? devices[0]?.name;
  const seen =
    probe.macWithoutSender !== undefined
      ? `and ${probe.macWithoutSender} does where the request has no sender: it may have an address of this host`
      : own === undefined
        ? 'and a guest is attached'
        : `and this host itself answers on ${show(own)}: no guest has opened it`;
  return [
    cause('guest-silent', `The ${named(probe)} does not answer ${asked}, ${seen}.`, {
      certainty: own === undefined ? 'possible' : 'likely',
      alternatives: [
        'It has not booted, or no hypervisor has opened its device: `virsh list`, `virsh console`.',
        'It has another address, or its interface is down inside: `ip -br address` there.',
        ...(device === undefined
          ? []
          : [`\`tcpdump -eni ${device}\` shows whether it sends anything, with which address.`]),
      ],
    }),
  ];
};
