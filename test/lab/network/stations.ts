/**
 * Guests of every mode at once, each a macvlan in a network of its own: those of the intent, one in
 * the place and mode of each of its taps, and on every link that takes them two of each mode beside.
 */
import type { Guest, MacvlanMode, Model } from '../../../src/model/types.ts';
import { must, type Place } from '../place.ts';
import type { Segment } from './plan.ts';

export interface Station {
  /** That of the guest or tap in the model. */
  readonly name: string;
  /** The link below it. */
  readonly parent: string;
  readonly mode: MacvlanMode;
  readonly mac?: string;
  readonly isTap: boolean;
  /** In mode source. */
  readonly sources: readonly string[];
  /** That of its namespace. */
  readonly network: string;
  /** Where only stations and the router are: reached whatever addresses the host has. */
  readonly address: string;
  /** In subnets of the host, with prefix length. */
  readonly beside: readonly string[];
}

/** The router's address for the stations of a LAN. */
export const gatewayOf = (index: number): string => `10.213.${index}.254`;

const MODES: readonly Guest['mode'][] = ['bridge', 'vepa', 'private'];

/** The model with two more guests of each mode on every link that takes guests. */
export const withEveryMode = (model: Model, segments: readonly Segment[]): Model =>
  withGuests(model, (parent) =>
    takesGuests(model, segments, parent) ? MODES.flatMap((mode) => [mode, mode]) : [],
  );

/** The model with a guest that has a NIC for itself, wherever nothing else is on top of one. */
export function withPassthrough(model: Model, segments: readonly Segment[]): Model | undefined {
  const isBare = (parent: string): boolean =>
    takesGuests(model, segments, parent) &&
    [...model.shims, ...model.taps, ...model.guests].every((upper) => upper.parent.name !== parent);
  const bare = model.parents.filter(({ name }) => isBare(name));
  if (bare.length === 0) return undefined;
  return withGuests(model, (parent) => (isBare(parent) ? ['passthrough'] : []));
}

function takesGuests(model: Model, segments: readonly Segment[], parent: string): boolean {
  const isFull = model.guests.some((g) => g.parent.name === parent && g.mode === 'passthrough');
  return !isFull && segments.some((segment) => segment.parent === parent && segment.guest);
}

function withGuests(model: Model, modesOn: (parent: string) => readonly Guest['mode'][]): Model {
  const more = model.parents.flatMap((parent) =>
    modesOn(parent.name).map(
      (mode, index): Guest => ({
        ...{ name: `${mode} ${parent.name} ${index}`, parent, mode },
        ...{ model: 'virtio', trustGuestRxFilters: true, origin: [] },
      }),
    ),
  );
  return { ...model, guests: [...model.guests, ...more] };
}

/** @returns a station for each guest and tap of the model */
export function planStations(model: Model, segments: readonly Segment[]): Station[] {
  const uppers = [
    ...model.guests.map(({ mode, ...guest }) => ({
      ...{ name: guest.name, parent: guest.parent.name, isTap: false, sources: [] },
      ...{ mode: mode === 'passthrough' ? ('passthru' as const) : mode },
      // In passthru mode it has its parent's.
      ...(guest.macaddress !== undefined && mode !== 'passthrough' && { mac: guest.macaddress }),
    })),
    ...model.taps.map(({ name, parent, mode, sourceMacs }) => ({
      ...{ name, parent: parent.name, mode, isTap: true },
      sources: sourceMacs.map(({ macaddress }) => macaddress),
    })),
  ];
  return segments.flatMap(({ parent, subnets }, index) =>
    uppers
      .filter((upper) => upper.parent === parent)
      .map((upper, number) => ({
        ...upper,
        network: `station${index}-${number}`,
        address: `10.213.${index}.${number + 10}`,
        // A side shim's subnet is that of its parent.
        beside: [...new Set(subnets.flatMap(({ more = [] }) => more[number] ?? []))],
      })),
  );
}

/** Puts the stations on their links, with a way to the router and through it; taps are gone already. */
export async function startStations(
  { host, router }: { readonly host: Place; readonly router: Place },
  segments: readonly Segment[],
  stations: readonly (Station & { readonly place: Place })[],
): Promise<void> {
  await batch(
    router,
    segments.flatMap(({ router: { name } }, index) => [
      // Where it had no address, it was silent.
      `link set ${name} arp on`,
      `addr replace ${gatewayOf(index)}/24 dev ${name}`,
    ]),
  );
  // The networks are there once somebody was in them.
  await Promise.all(stations.map(({ place }) => batch(place, [])));
  await batch(host, stations.map(created));
  await Promise.all(
    stations.map((station) =>
      batch(station.place, [...sourcesOf(station), ...broughtUp(station, segments)]),
    ),
  );
}

const PORT = 'port';

const sourcesOf = ({ sources }: Station): string[] =>
  sources.map((source) => `link set ${PORT} type macvlan macaddr add ${source}`);

function created({ parent, mode, mac, network }: Station): string {
  const address = mac === undefined ? '' : ` address ${mac}`;
  return `link add link ${parent} name ${PORT} netns ${network}${address} type macvlan mode ${mode}`;
}

function broughtUp({ parent, address, beside }: Station, segments: readonly Segment[]): string[] {
  const index = segments.findIndex((segment) => segment.parent === parent);
  return [
    ...[`${address}/24`, ...beside].map(
      (one) => `addr add ${one} dev ${PORT}${one.includes(':') ? ' nodad' : ''}`,
    ),
    `link set ${PORT} up`,
    `route add default via ${gatewayOf(index)}`,
  ];
}

/** Takes them off again. */
export async function stopStations(
  stations: readonly (Station & { readonly place: Place })[],
): Promise<void> {
  await Promise.all(stations.map(({ place }) => batch(place, [`link del ${PORT}`])));
}

/** Whether the router forwards what is for others, and its switch sends frames back to their port. */
export async function joinLans(router: Place, segments: readonly Segment[]): Promise<void> {
  const lines = segments.flatMap(({ router: station }, index) => [
    `link add name reflect${index} address ${station.mac} type bridge`,
    `link set ${station.name} master reflect${index}`,
    `link set ${station.name} type bridge_slave hairpin on`,
    `addr flush dev ${station.name} scope global`,
    ...[`${gatewayOf(index)}/24`, ...station.addresses].map(
      (one) => `addr replace ${one} dev reflect${index}${one.includes(':') ? ' nodad' : ''}`,
    ),
    `link set reflect${index} up`,
  ]);
  await batch(router, lines);
  await forward(router, true);
}

/** A network begins with what the machine does, which may be to forward. */
export async function forward(router: Place, isOn: boolean): Promise<void> {
  const shell = ['sh', '-c', `echo ${isOn ? 1 : 0} > /proc/sys/net/ipv4/ip_forward`];
  await must(router.run(shell), shell);
}

async function batch(place: Place, lines: readonly string[]): Promise<void> {
  const input = lines.map((line) => `${line}\n`).join('');
  await must(place.run(['ip', '-batch', '-'], input), lines);
}
