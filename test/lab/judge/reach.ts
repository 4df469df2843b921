/** What `graph` predicts of every pair, as pings: who asks whom, and whether it is answered. */
import { domainOf } from '../../../src/draw/reach/ends.ts';
import { pairsOf } from '../../../src/draw/reach/pairs.ts';
import type { Condition, Domain, End, Pair } from '../../../src/draw/reach/types.ts';
import type { Model } from '../../../src/model/types.ts';
import type { Segment } from '../network/plan.ts';
import { gatewayOf, type Station } from '../network/stations.ts';

export interface Predicted {
  /** `the host ↔ vm1` */
  readonly pair: string;
  /** `host`, `router`, or the name of a station. */
  readonly from: string;
  /** The pair is reached if one of them answers; empty where there is nothing to ask for. */
  readonly addresses: readonly string[];
  readonly isReached: boolean;
  /** What the program says, for the reader. */
  readonly reason: string;
}

/** The lab, as far as predictions depend on it. */
export interface World {
  readonly segments: readonly Segment[];
  readonly stations: readonly Station[];
  /** What is so in it; of listed MACs it is known by itself. */
  readonly conditions: ReadonlySet<Condition>;
}

/** @returns one for each two that are in the lab, in the order of the program's lines */
export const predict = (model: Model, world: World): Predicted[] =>
  pairsOf(model).flatMap((pair) =>
    // A `no` that names a condition is the verdict where that is not so.
    pair.verdict === 'no' && pair.on && world.conditions.has(pair.on)
      ? []
      : ofPair(model, world, pair),
  );

function ofPair(model: Model, world: World, pair: Pair): Predicted[] {
  const { from, to } = pair;
  if (from.kind === 'host' && to.kind === 'lan') return [hostToLan(model, world, pair, to.domain)];
  if (from.kind === 'host') {
    return named(world, to).map((station) => hostToStation(model, world, pair, station));
  }
  return named(world, from).flatMap((station) => {
    const asked = (name: string, address: string, isListed = false): Predicted => ({
      pair: `${station.name} ↔ ${name}`,
      from: station.name,
      addresses: [address],
      ...judged(pair, world, isListed),
    });
    if (to.kind === 'lan') {
      const index = indexOf(world, station);
      return [asked(to.domain.name, gatewayOf(index), hears(model, world, station))];
    }
    return named(world, to).map((other) => asked(other.name, other.address));
  });
}

function hostToLan(model: Model, world: World, pair: Pair, domain: Domain): Predicted {
  const here = world.segments.filter(
    (segment) => nameOfDomain(model, segment.parent) === domain.name,
  );
  const behind = here.flatMap((segment) => segment.behind.map(({ address }) => address));
  const isBehind = pair.on === 'route';
  return {
    pair: `the host ↔ ${domain.name}`,
    from: isBehind ? 'router' : 'host',
    addresses: isBehind
      ? behind
      : here.flatMap(({ subnets }) => subnets.flatMap(({ routers }) => routers)),
    ...judged(
      pair,
      world,
      here.some((segment) => isHeard(model, segment)),
    ),
  };
}

function hostToStation(model: Model, world: World, pair: Pair, station: Station): Predicted {
  const beside = station.beside.map((address) => address.replace(/\/.*/, ''));
  // Where the host has no address there is a way by the router, if the host has one to that.
  const isElsewhere = pair.on === 'joined LANs';
  const leads = [...model.shims, ...model.parents].some(({ routes }) =>
    routes.some(({ isDefault, family, table }) => isDefault && family === 'ipv4' && !table),
  );
  const away = leads || !world.conditions.has('joined LANs') ? [station.address] : [];
  return {
    pair: `the host ↔ ${station.name}`,
    from: 'host',
    addresses: isElsewhere ? away : beside,
    ...judged(pair, world, false),
  };
}

function judged(
  { verdict, on, reason }: Pair,
  { conditions }: World,
  isListed: boolean,
): Pick<Predicted, 'isReached' | 'reason'> {
  const isSo = on !== undefined && (on === 'listed MAC' ? isListed : conditions.has(on));
  return {
    isReached: verdict === 'yes' || (verdict === 'depends' && isSo),
    reason: `${verdict}: ${reason}`,
  };
}

/** The stations that an end names. */
function named({ stations }: World, end: End): readonly Station[] {
  if (end.kind === 'guests') return stations.filter(({ name }) => end.names.includes(name));
  if (end.kind === 'others') return stations.filter(({ parent }) => parent !== end.parent.name);
  return [];
}

const indexOf = ({ segments }: World, { parent }: Station): number =>
  segments.findIndex((segment) => segment.parent === parent);

function nameOfDomain(model: Model, name: string): string | undefined {
  const parent = model.parents.find((one) => one.name === name);
  return parent && domainOf(model, parent)?.name;
}

/** Whether a shim in mode source accepts what the router sends. */
const isHeard = ({ shims }: Model, { parent, router }: Segment): boolean =>
  shims.some(
    (shim) =>
      shim.parent.name === parent &&
      shim.sourceMacs.some(({ macaddress }) => macaddress === router.mac),
  );

/** The same of a tap. */
const hears = ({ taps }: Model, world: World, { name, isTap }: Station): boolean =>
  isTap &&
  taps.some(
    (tap) =>
      tap.name === name &&
      tap.sourceMacs.some(
        ({ macaddress }) =>
          macaddress ===
          world.segments.find((segment) => segment.parent === tap.parent.name)?.router.mac,
      ),
  );

export interface Comparison {
  /** A line for each pair that is not as predicted. */
  readonly failures: readonly string[];
  readonly predicted: number;
  readonly pinged: number;
}

/** @param isAnswered of `from` and `addresses`: whether one of them answered */
export function compare(
  predictions: readonly Predicted[],
  isAnswered: (prediction: Predicted) => boolean,
): Comparison {
  const asked = predictions.filter(({ addresses }) => addresses.length > 0);
  return {
    failures: asked.flatMap((one) => {
      const is = isAnswered(one);
      if (is === one.isReached) return [];
      const { pair, addresses, reason } = one;
      return [
        `graph: ${pair} (${addresses.join(', ')}): ${is ? 'answered' : 'no answer'}, predicted ${reason}`,
      ];
    }),
    predicted: predictions.length,
    pinged: asked.length,
  };
}
