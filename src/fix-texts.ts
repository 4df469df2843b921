/**
 * `lint --fix`: the texts of an intent or a fleet, with the fixes of their diagnostics applied.
 *
 * A fix is applied only if the texts then compile without it and without any error that was not there
 * before. To compile is what takes time, and is done a bounded number of times: all fixes are tried
 * together, then all but those that the new errors point to (`fix-blame.ts`), then these alone. Where no
 * error points to a fix, those of each code are tried, then halves of them.
 */
import { compileFleet, type Fleet } from './compile-fleet.ts';
import type { Diagnostic } from './diagnostics/diagnostic.ts';
import {
  type Attempts,
  attempt,
  type Candidate,
  candidatesIn,
  type FixOptions,
  type RefusedFix,
  type State,
  type TriedFix,
} from './fix-attempt.ts';
import { type Blame, blamed } from './fix-blame.ts';
import type { IntentText } from './intent/fleet.ts';

export type { FixOptions, RefusedFix, TriedFix } from './fix-attempt.ts';

export interface FixedTexts {
  /** In the order that was given. */
  readonly texts: readonly IntentText[];
  readonly fixed: readonly TriedFix[];
  readonly refused: readonly RefusedFix[];
  /** Those that led to an error together with others, and were not tried without these. */
  readonly untried: readonly TriedFix[];
  /** What the texts are now. */
  readonly fleet: Fleet;
}

/** A fix may uncover another: `adresses: 192.0.2.1/24` takes a new name, then brackets. */
const MOST_ROUNDS = 10;

/** Characters that are compiled in all attempts together; compilations at least, and at most. */
const MOST_WORK = 2_000_000;
const FEWEST_COMPILATIONS = 10;
const MOST_COMPILATIONS = 40;

/** @throws Error as `compileFleet` does */
export function fixTexts(texts: readonly IntentText[], options: FixOptions): FixedTexts {
  const size = texts.reduce((sum, { text }) => sum + text.length, 1);
  const left = Math.min(MOST_COMPILATIONS, Math.floor(MOST_WORK / size));
  const attempts: Attempts = {
    options,
    refused: new Map(),
    left: Math.max(FEWEST_COMPILATIONS, left),
  };
  let fixed: readonly TriedFix[] = [];
  let state: State = { texts, fleet: compileFleet(texts, options) };
  let candidates = candidatesIn(state.fleet, attempts);
  for (let round = 0; candidates.length > 0 && round < MOST_ROUNDS; round += 1) {
    if (attempts.left === 0) break;
    const accepted = acceptMost(attempts, state, candidates);
    fixed = [...fixed, ...accepted.fixes];
    state = accepted.state;
    candidates = candidatesIn(state.fleet, attempts);
  }
  return { ...state, fixed, refused: [...attempts.refused.values()], untried: candidates };
}

/** Fixes to be tried together with all that are accepted already. */
interface Group {
  readonly candidates: readonly Candidate[];
  /** Whether they are here because errors pointed to them. */
  readonly isSuspect: boolean;
}

interface Accepted {
  readonly state: State;
  readonly fixes: readonly Candidate[];
}

/** As many of the candidates as lead to no new error, with the fixes of what they uncover. */
function acceptMost(attempts: Attempts, start: State, candidates: readonly Candidate[]): Accepted {
  let state = start;
  let accepted: readonly Candidate[] = [];
  let uncovered: readonly Candidate[] = [];
  const groups: Group[] = [{ candidates, isSuspect: false }];
  // The last to be tried: one of them could take all compilations that are left.
  const halves: Group[] = [];
  for (let group = groups.pop(); group; group = groups.pop() ?? halves.pop()) {
    const all = [...accepted, ...group.candidates];
    const tried = attempt(attempts, start, all);
    if (!tried) break;
    const [fault] = tried.faults;
    const [first, ...others] = group.candidates;
    if (!fault) {
      accepted = all;
      ({ state, uncovered } = tried);
    } else if (first && others.length === 0) {
      refuse(attempts, first, fault.error);
    } else {
      const suspects = blamed(start.fleet.source, group.candidates, tried.faults);
      const codes = byCode(group);
      if (suspects.size > 0) groups.push(...without(attempts, group, suspects));
      else if (codes.length > 1) groups.push(...codes);
      else halves.push(...halvesOf(group));
    }
  }
  return { state, fixes: [...accepted, ...uncovered] };
}

function refuse(
  { refused }: Attempts,
  { key, diagnostic, source, message }: Candidate,
  error: Diagnostic,
): void {
  refused.set(key, { diagnostic, source, message, error });
}

/**
 * Those that no error points to, which are tried first, and the others. Of those that have the same in
 * common with an error, one at a time is tried; it is refused where an error points to it alone again,
 * and no other fix can be what leads to the error.
 * @returns the last is tried first
 */
function without(
  attempts: Attempts,
  { candidates, isSuspect }: Group,
  suspects: ReadonlyMap<Candidate, Blame>,
): Group[] {
  const rest = candidates.filter((item) => !suspects.has(item));
  const all = [...suspects];
  const isAgain = isSuspect || (rest.length === 0 && all.every(([, { isAlone }]) => isAlone));
  const isOther = rest.length > 0 || all.some(([, { isInside }]) => isInside);
  const byCommon = new Map<string, Candidate[]>();
  for (const [item, { error, common, isAlone, isInside }] of all) {
    const known = byCommon.get(common);
    if (isAgain && isAlone && (isInside || !isOther)) refuse(attempts, item, error);
    else if (known) known.push(item);
    else byCommon.set(common, [item]);
  }
  const lists = [...byCommon.values()];
  const most = lists.reduce((count, { length }) => Math.max(count, length), 0);
  const again = Array.from({ length: most }, (_, index) =>
    lists.flatMap((items) => items.slice(index, index + 1)),
  );
  return [
    ...again.reverse().map((items): Group => ({ candidates: items, isSuspect: true })),
    ...(rest.length > 0 ? [{ candidates: rest, isSuspect }] : []),
  ];
}

/** No error points to any of them: those of each code. */
function byCode({ candidates, isSuspect }: Group): Group[] {
  const codes = [...new Set(candidates.map(({ diagnostic }) => diagnostic.code))];
  return codes.map((code) => ({
    candidates: candidates.filter(({ diagnostic }) => diagnostic.code === code),
    isSuspect,
  }));
}

function halvesOf({ candidates, isSuspect }: Group): Group[] {
  const half = Math.ceil(candidates.length / 2);
  return [candidates.slice(half), candidates.slice(0, half)].map((items) => ({
    candidates: items,
    isSuspect,
  }));
}
