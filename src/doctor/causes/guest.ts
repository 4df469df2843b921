/** Causes at the guest's end: how it is attached, and whether it is there. */
import type { Facts, GuestDevice, Probe } from '../facts.ts';
import { cause, type FindCause, named, unanswered } from './cause.ts';

const silentGuest = (facts: Facts): Probe | undefined =>
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

const show = ({ name, guest }: GuestDevice): string =>
  guest === undefined ? `\`${name}\`` : `\`${name ?? guest}\` of guest ${guest}`;

/** A mode in which frames do not go from one macvlan to another. */
export const guestMode: FindCause = (facts) =>
  (isInQuestion(facts) ? devicesOf(facts) : facts.guests)
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
          certainty: isInQuestion(facts) ? 'certain' : 'possible',
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
  if (!probe || probe.mac !== undefined || facts.guests.length > 0) return [];
  const parents = parentsOf(facts);
  return [
    cause(
      'guest-absent',
      `No guest is attached${parents.length > 0 ? ` to \`${parents.join('` or `')}\`` : ''}, and nobody answers for ${probe.address}.`,
      { certainty: 'likely' },
    ),
  ];
};

/** It is attached as it should be, and does not answer ARP. */
export const guestSilent: FindCause = (facts) => {
  const probe = silentGuest(facts);
  if (!probe || probe.mac !== undefined || facts.guests.length === 0) return [];
  return [
    cause('guest-silent', `The ${named(probe)} does not answer ARP, and a guest is attached.`, {
      certainty: 'possible',
    }),
  ];
};
