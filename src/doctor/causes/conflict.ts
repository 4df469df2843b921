/** Two machines with one address. */
import type { Cause, Facts } from '../facts.ts';
import { cause, type FindCause, named } from './cause.ts';
import { show, silentGuest, unopened } from './guest.ts';

/** Another machine answers for an address of this host; a device that nobody has opened is none. */
export const addressConflict: FindCause = (facts) => {
  const { conflicts, guests, probes } = facts;
  const isUnopened = (mac: string): boolean =>
    silentGuest(facts) !== undefined &&
    silentGuest(facts)?.mac === undefined &&
    silentGuest(facts)?.macWithoutSender === undefined &&
    unopened(facts).some((device) => device.mac === mac);
  const ofHost = [...conflicts]
    .filter(([, mac]) => !isUnopened(mac))
    .map(([address, mac]) => {
      const device = guests.find((one) => one.mac === mac);
      // Of IPv6 it shows in what is not answered (RFC 4291, 2.7.1): one that drops some pings looks alike.
      const isSix = address.includes(':');
      const how = isSix
        ? `${mac} is in the group of that address, and answers nothing that comes from it`
        : `${mac} answers ARP for it`;
      return cause(
        'address-conflict',
        device === undefined
          ? `Another machine of the LAN has ${address}: ${how}.`
          : `The guest of ${show(device)} has ${address}, an address of this host: ${how}.`,
        isSix ? { certainty: 'likely' } : {},
      );
    });
  const ofTargets = probes
    .filter(({ macs }) => macs.length > 1)
    .map((probe) =>
      cause(
        'address-conflict',
        `Two machines answer ARP for the ${named(probe)}: ${probe.macs.join(' and ')}.`,
        {
          certainty: 'likely',
          hint: 'Find both by their MACs (table of the switch, `virsh domiflist`), and change the address of one; a router that answers for every address has `proxy_arp` on.',
        },
      ),
    );
  return [...ofHost, ...ofTargets, ...answeredByGateway(facts), ...answeredByGuest(facts)];
};

/**
 * Of IPv6 nobody lists who answers: a guest has the gateway's address, where the gateway of IPv4 is another machine. A
 * guest that advertises itself is another matter.
 */
function answeredByGuest({ probes, guests, model }: Facts): readonly Cause[] {
  const isTheirs = (mac: string | undefined): boolean => guests.some((one) => one.mac === mac);
  const set = new Set(
    [...model.parents, ...model.shims].flatMap(({ routes }) =>
      routes.flatMap(({ via }) => via ?? []),
    ),
  );
  const gateways = probes.filter(
    ({ role, mac, isStatic }) => role === 'gateway' && mac && !isStatic,
  );
  return gateways
    .filter(({ address, mac }) => address.includes(':') && set.has(address) && isTheirs(mac))
    .filter(({ link }) =>
      gateways.some(
        (other) => !other.address.includes(':') && other.link === link && !isTheirs(other.mac),
      ),
    )
    .map((probe) => {
      const device = guests.find(({ mac }) => mac === probe.mac);
      return cause(
        'address-conflict',
        `The guest of ${device ? show(device) : ''} (${probe.mac}) answers for the ${named(probe)}, and the gateway of IPv4 is another machine.`,
        {
          certainty: 'likely',
          hint: 'Look at the IPv6 addresses of that guest: it has the address of the gateway, or answers for others (`proxy_ndp`).',
        },
      );
    });
}

/** Of IPv6 nobody lists who answers: that the gateway does for the guest shows in the MAC that the kernel learnt. */
function answeredByGateway({ probes, guests }: Facts): readonly Cause[] {
  const gateways = probes.filter(({ role, mac }) => role === 'gateway' && mac !== undefined);
  return probes
    .filter(({ role, via, mac }) => role === 'guest' && via === undefined && mac !== undefined)
    .filter(({ mac }) => guests.length > 0 && !guests.some((device) => device.mac === mac))
    .flatMap((probe) => {
      const other = gateways.find(({ mac }) => mac === probe.mac);
      if (!other) return [];
      return cause(
        'address-conflict',
        `The MAC of the ${named(other)} (${probe.mac}) answers for the ${named(probe)}, too.`,
        {
          certainty: 'likely',
          hint: 'Look at the addresses of that machine: it has the address of the guest, or answers for others (`proxy_arp`, `proxy_ndp`).',
        },
      );
    });
}
