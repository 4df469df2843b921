/** Stations of every mode on a host that runs, and what they hear of each other, against `graph`. */
import type { Condition } from '../../../src/draw/reach/types.ts';
import type { Model } from '../../../src/model/types.ts';
import { type Comparison, compare, type Predicted, predict } from '../judge/reach.ts';
import type { Segment } from '../network/plan.ts';
import {
  forward,
  joinLans,
  planStations,
  type Station,
  startStations,
  stopStations,
  withEveryMode,
  withPassthrough,
} from '../network/stations.ts';
import { must, type Place } from '../place.ts';
import type { Places } from './scenario.ts';

export interface Round {
  /** What runs. */
  readonly model: Model;
  /** Whose predictions are compared with it; those of another model must be seen to differ. */
  readonly predictedBy?: (model: Model) => Model;
  readonly segments: readonly Segment[];
  /** The same again where a switch sends frames back and a router joins the LANs. */
  readonly isJoined: boolean;
  /** NetworkManager makes a tap that has gone again, unless it deletes it itself. */
  readonly isOfManager: boolean;
}

/** @returns what differs, and how much was compared; the host is not what it was */
export async function tryReach(
  { model, predictedBy = (same) => same, segments, isJoined, isOfManager }: Round,
  places: Places,
): Promise<Comparison> {
  const { host, guest, router } = places;
  await removeGuests(guest, segments);
  await forward(router, false);
  const compared: Comparison[] = [];
  const round = async (whole: Model, isLast: boolean): Promise<void> => {
    const stations = planStations(whole, segments).map((station) => ({
      ...station,
      place: places.station(station.network),
    }));
    await deleteTaps(host, stations, isOfManager);
    await startStations(places, segments, stations);
    const asked = async (conditions: readonly Condition[]): Promise<Comparison> => {
      const world = { segments, stations, conditions: new Set<Condition>(conditions) };
      const placeOf = (name: string): Place =>
        name === 'host'
          ? host
          : name === 'router'
            ? router
            : (stations.find((station) => station.name === name)?.place ?? guest);
      return ask(predict(predictedBy(whole), world), placeOf);
    };
    compared.push(await asked(['route']));
    if (isLast && isJoined && segments.every(({ end }) => !end)) {
      await joinLans(router, segments);
      compared.push(await asked(['route', 'reflection', 'joined LANs']));
    }
    if (!isLast) await stopStations(stations);
  };
  const alone = withPassthrough(model, segments);
  if (alone) await round({ ...alone, taps: [] }, false);
  await round(withEveryMode(model, segments), true);
  return {
    failures: compared.flatMap(({ failures }) => failures),
    predicted: compared.reduce((sum, { predicted }) => sum + predicted, 0),
    pinged: compared.reduce((sum, { pinged }) => sum + pinged, 0),
  };
}

async function ask(
  predictions: readonly Predicted[],
  placeOf: (name: string) => Place,
): Promise<Comparison> {
  const answers = await Promise.all(
    predictions.map(async ({ from, addresses, isReached }) => {
      const place = placeOf(from);
      // On a busy machine two seconds may be too short for a neighbour that is there.
      for (let tries = isReached ? TRIES : 1; tries > 0; tries -= 1) {
        const heard = await Promise.all(addresses.map((address) => place.ping(address)));
        if (heard.includes(true)) return true;
      }
      return false;
    }),
  );
  return compare(predictions, (one) => answers[predictions.indexOf(one)] === true);
}

const TRIES = 3;

async function deleteTaps(
  host: Place,
  stations: readonly Station[],
  isOfManager: boolean,
): Promise<void> {
  const taps = stations.flatMap(({ name, isTap }) => (isTap ? [name] : []));
  if (isOfManager && taps.length > 0) {
    const remove = ['nmcli', 'device', 'delete', ...taps];
    await must(host.runInside(remove, undefined, 20), remove);
    return;
  }
  const remove = ['ip', '-batch', '-'];
  await must(host.run(remove, taps.map((name) => `link del ${name}\n`).join('')), remove);
}

/** Those of other trials have no place beside one in passthru mode. */
async function removeGuests(guest: Place, segments: readonly Segment[]): Promise<void> {
  const names = segments.flatMap((segment) => segment.guest?.name ?? []);
  const remove = ['ip', '-batch', '-'];
  await must(guest.run(remove, names.map((name) => `link del ${name}\n`).join('')), remove);
}
