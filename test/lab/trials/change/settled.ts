/** Waits until a host is what it is to be: by its intent, or as it was before. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Manager, readState as readObserved } from '../../drive/look.ts';
import type { Running } from '../../drive/machine.ts';
import type { Scene } from '../../drive/scene.ts';
import { check } from '../../judge/check.ts';
import type { Expected } from '../../judge/expected.ts';
import { neighbour } from './lan.ts';
import { compare, ownerOf, readState, type State } from './state.ts';

/** The host before a change, or after it. */
export interface Side {
  readonly address: string;
  readonly manager: Manager;
  /** Absent where no intent says what it is. */
  readonly wanted?: Wanted;
  /** How long it may take to be what it is to be; absent: long. */
  readonly settleSeconds?: number;
}

export interface Wanted {
  readonly intent: string;
  readonly backend: string;
  readonly expected: Expected;
}

/** One that an intent describes. */
export type Aimed = Side & { readonly wanted: Wanted };

export const isAimed = (side: Side): side is Aimed => side.wanted !== undefined;

/** Duplicate detection takes its time, and NetworkManager tries again after a while. */
const SETTLE_SECONDS = 15;
const LOOK_MS = 200;

/** Asks again until there is nothing wrong, or that takes too long. @returns what is wrong then */
async function until<T>(
  { settleSeconds = SETTLE_SECONDS }: Side,
  ask: () => Promise<T>,
  linesOf: (answer: T) => string[],
): Promise<T> {
  for (const end = performance.now() + settleSeconds * 1000; ; await sleep(LOOK_MS)) {
    const answer = await ask();
    if (linesOf(answer).length === 0 || performance.now() > end) return answer;
  }
}

/** @returns a line for all that is not as the intent says: kernel, and the daemon's own word */
export function untilAimed(running: Running, side: Aimed): Promise<string[]> {
  const { manager, wanted } = side;
  const { expected } = wanted;
  return until(
    side,
    async () => {
      const { resolver: _, ...state } = await readObserved(running, manager);
      const nobody = { answered: new Set<string>(), neighbours: new Map(), leases: new Map() };
      const observed = { ...state, ...nobody, warnings: [], obstacles: [], evidence: {} };
      return check(observed, expected, manager.good);
    },
    (lines) => lines,
  );
}

/** The state as soon as it does not change any more, and no address is asked for. */
export async function untilRead(running: Running, side: Side): Promise<State> {
  const { manager } = side;
  let last = await readState(running, manager);
  return until(
    side,
    async () => {
      await sleep(LOOK_MS);
      const before = last;
      last = await readState(running, manager);
      const asked = [...last.keys()].filter((name) => name.includes(' tentative=true'));
      return { state: last, lines: [...asked, ...compare(before, last)] };
    },
    ({ lines }) => lines,
  ).then(({ state }) => state);
}

/** @returns the state once it is the wanted one, and what the LAN has wrong of it */
export function untilState(
  running: Running,
  scene: Scene,
  side: Side,
  wanted: State,
  of: (state: State) => State = (state) => state,
): Promise<{ readonly state: State; readonly lines: string[] }> {
  const { address, manager } = side;
  return until(
    side,
    async () => {
      const state = await readState(running, manager);
      const [learnt, owner] = [await neighbour(scene, address), ownerOf(state, address)];
      const lines =
        learnt === owner
          ? []
          : [`the router has ${learnt || 'no MAC'} for ${address}, must be ${owner}`];
      return { state, lines };
    },
    ({ state, lines }) => [...lines, ...compare(wanted, of(state))],
  );
}
