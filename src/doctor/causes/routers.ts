/** Routers that advertise themselves and are none of the LAN's: a guest, a station. */
import { MAIN } from '../../kernel/routes.ts';
import type { KernelRoute } from '../../kernel/types.ts';
import type { Facts } from '../facts.ts';
import { cause, type FindCause } from './cause.ts';
import { show } from './guest.ts';

/** rtnetlink(7), RTPROT_RA. A daemon that takes advertisements itself has routes of it, too. */
const ADVERTISED = 9;

const RANKS = { low: 2, medium: 1, high: 0 } as const;
const rankOf = ({ preference }: KernelRoute): number => RANKS[preference ?? 'medium'];

/** Whether packets may leave by the first in spite of the second (RFC 4191, 3.2). */
const isUsed = (one: KernelRoute, other: KernelRoute): boolean =>
  one.metric < other.metric || (one.metric === other.metric && rankOf(one) <= rankOf(other));

const isPreferred = (one: KernelRoute, other: KernelRoute): boolean =>
  isUsed(one, other) && !isUsed(other, one);

/**
 * Two routers of one link advertise themselves. Where the one that is used is a guest of this host, while the other is
 * not, or another machine than the gateway of IPv4, which advertises itself with less preference, the LAN has one too
 * many. A guest that is the only router is one on purpose.
 */
export const rogueRouter: FindCause = (facts) => {
  const { model, state, guests } = facts;
  const links = [...model.parents, ...model.shims].filter(({ acceptRa }) => acceptRa);
  return links.flatMap(({ name, routes }) => {
    const routers = state.routes
      .filter((route) => route.family === 'ipv6' && route.to === '::/0' && route.table === MAIN)
      .filter((route) => route.link === name && route.protocol === ADVERTISED)
      .filter(({ via }) => via !== undefined && !routes.some((own) => own.via === via))
      .flatMap((route) => {
        const mac = macOf(facts, name, route.via);
        return mac === undefined ? [] : [{ route, mac }];
      });
    const gateways = facts.probes.filter(
      ({ role, link, address }) => role === 'gateway' && link === name && !address.includes(':'),
    );
    return routers.flatMap(({ route, mac }) => {
      const device = guests.find((one) => one.mac === mac);
      const others = routers.filter((one) => one.mac !== mac);
      const isOfGuest =
        device !== undefined &&
        others.some(
          (one) => !guests.some((guest) => guest.mac === one.mac) && isUsed(route, one.route),
        );
      const isStranger =
        device === undefined &&
        !gateways.some((gateway) => gateway.mac === mac) &&
        others.some(
          (one) =>
            gateways.some((gateway) => gateway.mac === one.mac) && isPreferred(route, one.route),
        );
      if (!isOfGuest && !isStranger) return [];
      const who =
        device === undefined ? `Another machine (${mac})` : `The guest of ${show(device)} (${mac})`;
      return cause(
        'route-elsewhere',
        `${who} advertises itself as a router, and the kernel uses it beside the router of the LAN: \`default via ${route.via} dev ${name}\`.`,
        {
          link: name,
          certainty: device === undefined ? 'possible' : 'likely',
          ...(device === undefined && { severity: 'warning' as const }),
          hint: `Stop what advertises there (\`radvd\`, forwarding of a container engine), or let \`${name}\` have its routes from the intent: \`routes\` in place of \`accept-ra\`. Until then: \`ip -6 route delete default via ${route.via} dev ${name}\`.`,
        },
      );
    });
  });
};

/** Of a router that was asked, or that the kernel knows. */
const macOf = (
  { probes, state }: Facts,
  link: string,
  via: string | undefined,
): string | undefined =>
  probes.find(({ address, mac }) => address === via && mac !== undefined)?.mac ??
  state.neighbours.find((one) => one.address === via && one.link === link)?.mac;
