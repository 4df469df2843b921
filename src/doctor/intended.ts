/** What keeps packets away on purpose on many hosts: it is not a cause, and whoever looks for one has to know it. */
import { MAIN } from '../kernel/routes.ts';
import { pingOfHost } from './causes/packets.ts';
import type { Facts } from './facts.ts';
import { takersOf } from './rules/walk.ts';

export const intended = (facts: Facts): readonly string[] => [
  ...answersOnly(facts),
  ...tunnelled(facts),
  ...smallRoutes(facts),
  ...smallShims(facts),
];

/** A firewall that lets in answers: this host reaches others, and they do not reach it. */
function answersOnly({ probes, ruleset }: Facts): string[] {
  return probes
    .filter(({ isAnswered, link }) => isAnswered && link !== undefined)
    .flatMap((probe) => {
      const taken = takersOf(ruleset, pingOfHost(probe));
      const by = taken.find(({ kind, isCertain }) => kind === 'drop' && isCertain);
      if (!by) return [];
      return `Pings from the ${probe.role} ${probe.address} to this host are dropped, answers to its own pass: ${by.where}.`;
    });
}

/** Both halves of all addresses (openvpn(8), redirect-gateway def1). */
const HALVES: ReadonlySet<string> = new Set(['0.0.0.0/1', '128.0.0.0/1', '::/1', '8000::/1']);

function tunnelled({ model, state }: Facts): string[] {
  const own = new Set([...model.parents, ...model.shims].map(({ name }) => name));
  const links = state.routes
    .filter(({ table, type, to }) => table === MAIN && type === 'unicast' && HALVES.has(to))
    .flatMap(({ link }) => (link === undefined || own.has(link) ? [] : link));
  return [...new Set(links)].map(
    (link) =>
      `What is not for the LAN leaves by \`${link}\`, which has routes to halves of all addresses.`,
  );
}

/** A route with an MTU of its own (ip-route(8)), or what the kernel has learnt of a path: packets are made to fit. */
function smallRoutes({ probes, state }: Facts): string[] {
  return probes.flatMap((probe) => {
    const { link, mtu, isLargeAnswered } = probe;
    const ofLink = state.links.find(({ name }) => name === link)?.mtu;
    if (!isLargeAnswered || mtu === undefined || ofLink === undefined || mtu >= ofLink) return [];
    return `Packets to the ${probe.role} ${probe.address} have at most ${mtu} bytes, by the MTU of their route; \`${link}\` has ${ofLink}.`;
  });
}

/** The kernel creates a shim with the MTU of its parent; a lower one that the intent lacks may be of a lease, or of somebody. */
function smallShims({ model, state }: Facts): string[] {
  const mtuOf = (name: string): number => state.links.find((one) => one.name === name)?.mtu ?? 0;
  return model.shims
    .filter(({ mtu }) => mtu === undefined)
    .filter(({ name, parent }) => mtuOf(name) > 0 && mtuOf(name) < mtuOf(parent.name))
    .map(
      ({ name, parent }) =>
        `This host sends at most ${mtuOf(name)} bytes a packet by \`${name}\`; \`${parent.name}\` has an MTU of ${mtuOf(parent.name)}, and the intent none for \`${name}\`.`,
    );
}
