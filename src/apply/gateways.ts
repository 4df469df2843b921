/** The gateways of an intent: whether they answer, and which of them may be silent after a change. */
import { MAIN } from '../kernel/routes.ts';
import type { KernelRoute, KernelState } from '../kernel/types.ts';
import type { Model, Route } from '../model/types.ts';

export interface Gateway {
  /** A link-local one with its link, as each link has its own `fe80::1`: `fe80::1%veth0` (RFC 4007, 11). */
  readonly address: string;
  readonly routes: readonly { readonly link: string; readonly route: Route }[];
}

/** Each once: somebody who has to answer. */
export function gatewaysOf({ parents, shims }: Model): Gateway[] {
  const found = new Map<string, { readonly link: string; readonly route: Route }[]>();
  for (const { name: link, routes } of [...parents, ...shims]) {
    for (const route of routes) {
      if (route.via === undefined) continue;
      const address = scoped(route.via, link);
      found.set(address, [...(found.get(address) ?? []), { link, route }]);
    }
  }
  return [...found].map(([address, routes]) => ({ address, routes }));
}

/** fe80::/10, in canonical text. */
const scoped = (via: string, link: string | undefined): string =>
  link !== undefined && /^fe[89ab]/.test(via) ? `${via}%${link}` : via;

const gatewayOf = ({ via, link }: KernelRoute): string | undefined =>
  via === undefined ? undefined : scoped(via, link);

/** Those that can answer: by a link without a carrier nobody does, and that it may have none is the intent's to say. */
export function reachable(gateways: readonly Gateway[], { links }: KernelState): Gateway[] {
  const usable = new Set(
    links.filter(({ isUp, hasCarrier }) => isUp && hasCarrier).map(({ name }) => name),
  );
  return gateways.filter(({ routes }) => routes.some(({ link }) => usable.has(link)));
}

/** Gateways before a change. */
export interface GatewaysBefore {
  /** Of the intent: those that did not answer. */
  readonly silent: ReadonlySet<string>;
  /** In place of new ones that did not answer: those that did. */
  readonly answering: ReadonlySet<string>;
}

/** @param answers whether somebody is there, at an address as `Gateway` has it */
export function gatewaysBefore(
  gateways: readonly Gateway[],
  before: KernelState,
  answers: (address: string) => boolean,
): GatewaysBefore {
  const silent = gateways.filter(({ address }) => !answers(address));
  const replaced = silent
    .filter((gateway) => !isUsed(gateway, before))
    .flatMap(({ routes }) => routes.flatMap(({ route }) => inPlaceOf(route, before)))
    .flatMap((route) => gatewayOf(route) ?? []);
  return {
    silent: new Set(silent.map(({ address }) => address)),
    answering: new Set([...new Set(replaced)].filter(answers)),
  };
}

const isUsed = ({ address }: Gateway, { routes }: KernelState): boolean =>
  routes.some((route) => gatewayOf(route) === address);

/** The routes of a host to the same network in the same table. */
const inPlaceOf = ({ family, to, table }: Route, { routes }: KernelState): KernelRoute[] =>
  routes.filter(
    (one) =>
      one.family === family &&
      one.to === to &&
      one.table === (table ?? MAIN) &&
      one.type === 'unicast',
  );

/**
 * Whether a gateway may be silent without a rollback. One that is new could not be expected to answer
 * before, and a mistyped one never will: it may be silent only where the host loses none that answered in its place.
 */
export function mayBeSilent(
  gateway: Gateway,
  before: KernelState,
  { silent, answering }: GatewaysBefore,
  after: KernelState,
): boolean {
  if (!silent.has(gateway.address)) return false;
  if (isUsed(gateway, before)) return true;
  const answered = (route: Route, state: KernelState): KernelRoute[] =>
    inPlaceOf(route, state).filter((one) => answering.has(gatewayOf(one) ?? ''));
  return gateway.routes.every(
    ({ route }) =>
      answered(route, before).length === 0 ||
      answered(route, after).some(({ metric }) => metric < route.metric),
  );
}
