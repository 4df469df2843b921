/** Filters on the way of what others send to this host: who asks for its MAC, guests beside a side shim, routers. */
import type { Family } from '../../model/types.ts';
import type { Cause, Facts } from '../facts.ts';
import type { Packet } from '../rules/ruleset.ts';
import { takersOf } from '../rules/walk.ts';
import { belowOf } from './carrier.ts';
import { cause, type FindCause } from './cause.ts';
import { reachable, takers } from './filters.ts';
import { advertisementTo, askedByHost, askedOfHost, type Pair, sentToHost } from './packets.ts';

const FAMILIES: readonly Family[] = ['ipv4', 'ipv6'];

/** More addresses of a link than say something new. */
const MAX_ADDRESSES = 4;

/** Addresses of a link that others may ask for. */
const usableOf = ({ state }: Facts, name: string, family: Family): readonly string[] =>
  (state.links.find((link) => link.name === name)?.addresses ?? [])
    .filter((one) => one.family === family && !one.isLinkLocal)
    .filter(({ isTentative, isDuplicate }) => !isTentative && !isDuplicate)
    .map(({ address }) => address)
    .slice(0, MAX_ADDRESSES);

/** Each address of the links of the intent, with anybody, and with each that was asked and is in its LAN. */
const pairsOf = (facts: Facts, family: Family): readonly Pair[] =>
  [...facts.model.shims, ...facts.model.parents].flatMap(({ name: link }) => {
    const mac = facts.state.links.find((one) => one.name === link)?.mac;
    const near = facts.probes.filter(
      (probe) =>
        probe.link === link &&
        (probe.via === undefined || probe.via === probe.address) &&
        probe.address.includes(':') === (family === 'ipv6'),
    );
    const bridge = facts.model.parents.find(
      ({ name, kind }) => kind === 'bridge' && belowOf(facts, link).includes(name),
    );
    const places = { below: belowOf(facts, link).slice(1), ports: bridge?.members ?? [] };
    return usableOf(facts, link, family).flatMap((address): Pair[] => {
      const own = { link, address, ...places, ...(mac !== undefined && { mac }) };
      return [
        own,
        ...near.map((probe) => ({
          ...own,
          peer: probe.address,
          ...(probe.mac !== undefined && { peerMac: probe.mac }),
        })),
      ];
    });
  });

/**
 * Whoever on the LAN or in a guest wants to reach this host asks for its MAC first: a filter for those requests, or for
 * the answers to them, is not on the way of what this host asks. And what this host asks itself, it does not ask while
 * it knows the MAC: who answers now is lost some seconds or minutes later. Only what is certain is named.
 */
export const requestsDropped: FindCause = (facts) => {
  // Guests ask at a side shim for the addresses of the NIC, too: they hear no other link of the host.
  const beside = facts.model.shims.flatMap(({ name, parent }) =>
    usableOf(facts, parent.name, 'ipv4').map((address): Pair => ({ link: name, address })),
  );
  const named = new Set(
    reachable(facts).flatMap((probe) => takers(facts, probe).map(({ where }) => where)),
  );
  return FAMILIES.flatMap((family) =>
    pairsOf(facts, family).flatMap((pair) => [
      ...surelyDropped(facts, askedOfHost(family, pair)).map((where) =>
        ofNeighbours(facts, family, pair, where, 'of the LAN and of guests for'),
      ),
      ...surelyDropped(facts, askedByHost(family, pair)).map((where) =>
        ofNeighbours(facts, family, pair, where, 'of this host on'),
      ),
    ]),
  )
    .concat(
      beside.flatMap((pair) =>
        surelyDropped(facts, askedOfHost('ipv4', pair)).map((where) =>
          ofNeighbours(facts, 'ipv4', pair, where, `of guests for ${pair.address} on`),
        ),
      ),
    )
    .filter(({ where }) => !named.has(where))
    .filter(({ where }, index, all) => all.findIndex((one) => one.where === where) === index)
    .sort((a, b) => b.dropped - a.dropped)
    .slice(0, 3)
    .map(({ found }) => found);
};

function ofNeighbours(
  { filters }: Facts,
  family: Family,
  { link }: Pair,
  where: string,
  whose: string,
): { readonly where: string; readonly dropped: number; readonly found: Cause } {
  const dropped = filters.find((one) => one.where === where)?.dropped ?? 0;
  const what = family === 'ipv6' ? 'neighbour discovery' : 'ARP';
  const counted =
    dropped > 0 ? ` (${dropped} ${dropped === 1 ? 'packet' : 'packets'} while it was probed)` : '';
  const found = cause(
    dropped > 0 ? 'firewall-drops' : 'firewall-may-drop',
    `By its conditions a filter of this host drops ${what} ${whose} \`${link}\`${counted}: ${where}.`,
    {
      link,
      certainty: 'likely',
      severity: 'error',
      hint: 'Add a rule before it that accepts ARP, and ICMPv6 of the types 133 to 136 (RFC 4890).',
    },
  );
  return { where, dropped, found };
}

/** The first rule or policy that drops one of these packets for certain, of each hook. */
const surelyDropped = ({ ruleset }: Facts, packets: readonly Packet[]): readonly string[] =>
  packets.flatMap((packet) =>
    takersOf(ruleset, packet)
      .filter(({ kind, isCertain }) => kind === 'drop' && isCertain)
      .map(({ where }) => where)
      .slice(0, 1),
  );

/**
 * Guests hear a side shim and not the NIC: what they send to an address of the NIC comes in by the shim. A filter that
 * takes it there, and not what comes in for the shim itself or by the NIC, keeps that address from them.
 */
export const besideDropped: FindCause = (facts) =>
  facts.model.shims.flatMap(({ name: link, parent }) =>
    FAMILIES.flatMap((family) => {
      const own = usableOf(facts, link, family);
      const guest = facts.probes.find(
        (probe) =>
          probe.role === 'guest' &&
          probe.link === link &&
          probe.address.includes(':') === (family === 'ipv6'),
      );
      const peer = guest && {
        peer: guest.address,
        ...(guest.mac !== undefined && { peerMac: guest.mac }),
      };
      return usableOf(facts, parent.name, family)
        .filter((address) => !own.includes(address))
        .flatMap((address) => {
          const { started } = sentToHost(family, { link, address, ...peer }, false);
          const others = [
            sentToHost(family, { link: parent.name, address }, true),
            ...own.map((one) => sentToHost(family, { link, address: one, ...peer }, true)),
          ].map((one) => one.started);
          return discriminating(facts, [started], others).map((where) =>
            kept(facts, link, address, where, `who hear \`${link}\` and not \`${parent.name}\``),
          );
        });
    }).slice(0, 2),
  );

/** Of several addresses of one link, a filter takes all that is for one of them, answers to this host included. */
export const addressDropped: FindCause = (facts) =>
  [...facts.model.shims, ...facts.model.parents].flatMap(({ name: link, addresses }) =>
    FAMILIES.flatMap((family) => {
      const own = usableOf(facts, link, family).filter((address) =>
        addresses.some((one) => one.address === address),
      );
      return own.flatMap((address) => {
        const { started, answering } = sentToHost(family, { link, address }, true);
        const others = own
          .filter((one) => one !== address)
          .map((one) => sentToHost(family, { link, address: one }, true).answering);
        if (others.length === 0) return [];
        return discriminating(facts, [started, answering], others).map((where) =>
          kept(facts, link, address, where, `and the LAN, on \`${link}\``),
        );
      });
    }).slice(0, 2),
  );

/** The filters that take each of some packets for certain, and none of the others. */
function discriminating(
  { ruleset }: Facts,
  packets: readonly Packet[],
  others: readonly Packet[],
): readonly string[] {
  const harmless = new Set(
    others.flatMap((packet) => takersOf(ruleset, packet).map(({ where }) => where)),
  );
  const [first = [], ...rest] = packets.map((packet) =>
    takersOf(ruleset, packet)
      .filter(({ kind, isCertain, where }) => kind === 'drop' && isCertain && !harmless.has(where))
      .map(({ where }) => where),
  );
  return first.filter((where) => rest.every((one) => one.includes(where))).slice(0, 1);
}

function kept(
  { filters }: Facts,
  link: string,
  address: string,
  where: string,
  who: string,
): Cause {
  const dropped = filters.find((one) => one.where === where)?.dropped ?? 0;
  return cause(
    dropped > 0 ? 'firewall-drops' : 'firewall-may-drop',
    `By its conditions a filter of this host drops what comes in for ${address} from guests ${who}: ${where}.`,
    {
      link,
      certainty: 'likely',
      severity: 'error',
      hint: `Add a rule before it that accepts what comes in by \`${link}\` for ${address}.`,
    },
  );
}

/** A link that is to have addresses and routes by router advertisement. A daemon hears it by a socket, as the kernel does. */
export const advertisementsDropped: FindCause = (facts) =>
  [...facts.model.parents, ...facts.model.shims]
    .filter(({ acceptRa }) => acceptRa)
    .flatMap(({ name }) =>
      surelyDropped(facts, advertisementTo(name))
        .slice(0, 1)
        .map((where) =>
          cause(
            'firewall-may-drop',
            `By its conditions a filter of this host drops router advertisements on \`${name}\`: ${where}.`,
            {
              link: name,
              certainty: 'likely',
              severity: 'error',
              hint: 'Add a rule before it that accepts ICMPv6 of the types 133 to 136 (RFC 4890).',
            },
          ),
        ),
    );
