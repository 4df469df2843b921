/**
 * `lint --fix`: the texts of an intent or a fleet, with the fixes of their diagnostics applied.
 *
 * A fix is applied only if the texts then compile without it and without any error that was not there
 * before. All fixes that do not overlap are tried together, and where that fails, halves of them: most
 * texts take two or three compilations.
 */
import { compileFleet, type Fleet, type FleetOptions } from './compile-fleet.ts';
import type { Diagnostic } from './diagnostics/diagnostic.ts';
import { applyEdits, type Edit, type TextFix, textFixOf } from './intent/edits.ts';
import type { IntentText } from './intent/fleet.ts';
import type { Source } from './intent/source.ts';

export interface FixOptions extends FleetOptions {
  /** Whether a diagnostic is to be fixed; default: all. @param source that its place is in */
  readonly only?: (diagnostic: Diagnostic, source: Source) => boolean;
}

/** A diagnostic whose fix was tried. */
export interface TriedFix {
  readonly diagnostic: Diagnostic;
  /** The text that its place is in. */
  readonly source: Source;
  /** What is done, as an order. */
  readonly message: string;
}

export interface FixedTexts {
  /** In the order that was given. */
  readonly texts: readonly IntentText[];
  readonly fixed: readonly TriedFix[];
  /** Those that would lead to an error that is not there now: the first of these. */
  readonly refused: readonly (TriedFix & { readonly error: Diagnostic })[];
  /** What the texts are now. */
  readonly fleet: Fleet;
}

/** A fix may uncover another: `adresses: 192.0.2.1/24` takes a new name, then brackets. */
const MOST_ROUNDS = 10;

/** Characters that are compiled in all attempts together, and attempts at least. */
const MOST_WORK = 3_000_000;
const FEWEST_ATTEMPTS = 10;
const MOST_ATTEMPTS = 200;

/** @throws Error as `compileFleet` does */
export function fixTexts(texts: readonly IntentText[], options: FixOptions): FixedTexts {
  // An error that a fix uncovers may be fixed in the next round. Should it not be, neither is applied.
  const start: State = { texts, fleet: compileFleet(texts, options) };
  const lenient = fixAll(start, options, true);
  const isRight = newErrors(start.fleet, lenient.fleet).length === 0;
  return isRight ? lenient : fixAll(start, options, false);
}

interface Candidate extends TriedFix {
  readonly key: string;
  readonly edits: readonly Edit[];
}

interface State {
  readonly texts: readonly IntentText[];
  readonly fleet: Fleet;
}

interface Attempts {
  readonly options: FixOptions;
  /** Whether an error may be new that has a fix. */
  readonly mayUncover: boolean;
  readonly refused: Map<string, TriedFix & { readonly error: Diagnostic }>;
  left: number;
}

function fixAll(start: State, options: FixOptions, mayUncover: boolean): FixedTexts {
  const size = start.texts.reduce((sum, { text }) => sum + text.length, 1);
  const left = Math.max(FEWEST_ATTEMPTS, Math.min(MOST_ATTEMPTS, Math.floor(MOST_WORK / size)));
  const attempts: Attempts = { options, mayUncover, refused: new Map(), left };
  let state = start;
  const fixed: TriedFix[] = [];
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const candidates = candidatesIn(state.fleet, attempts);
    const accepted: Candidate[] = [];
    const next = acceptMost(attempts, state, accepted, candidates);
    if (accepted.length === 0) break;
    fixed.push(...accepted);
    state = next;
  }
  return { ...state, fixed, refused: [...attempts.refused.values()] };
}

/** Fixes that do not overlap, in the order of the text. */
function candidatesIn(fleet: Fleet, { options, refused }: Attempts): Candidate[] {
  const { source } = fleet;
  const all = fleet.diagnostics
    .filter((diagnostic) => diagnostic.fix && (options.only?.(diagnostic, source) ?? true))
    .flatMap((diagnostic): Candidate[] => {
      const fix = textFixOf(source, diagnostic);
      const key = fix && keyOfFix(diagnostic, fix);
      if (!fix || key === undefined || refused.has(key)) return [];
      return [{ key, diagnostic, source, message: fix.message, edits: fix.edits }];
    })
    .sort((a, b) => startOf(a) - startOf(b));
  let end = -1;
  return all.filter((candidate) => {
    if (startOf(candidate) <= end) return false;
    end = Math.max(...candidate.edits.map((edit) => edit.end));
    return true;
  });
}

const startOf = ({ edits }: Candidate): number => Math.min(...edits.map(({ start }) => start));

/** Whichever round it is in. */
const keyOfFix = ({ code, message, path, hosts }: Diagnostic, fix: TextFix): string =>
  JSON.stringify([code, message, path, hosts?.[0], fix.edits.map(({ text }) => text)]);

/**
 * Adds to `accepted` as many of the candidates as lead to no new error.
 * @returns the state with all that are accepted
 */
function acceptMost(
  attempts: Attempts,
  start: State,
  accepted: Candidate[],
  candidates: readonly Candidate[],
): State {
  let state = start;
  // A group and what is left after it: halves of halves, without a recursion that input could deepen.
  const groups = candidates.length > 0 ? [candidates] : [];
  for (let group = groups.pop(); group && attempts.left > 0; group = groups.pop()) {
    attempts.left -= 1;
    const tried = [...accepted, ...group];
    const next = stateWith(start, tried, attempts.options);
    const faults = [
      ...leftOf(start.fleet, next.fleet, tried),
      ...(attempts.mayUncover
        ? settledErrors(attempts, start, next)
        : newErrors(start.fleet, next.fleet)),
    ];
    const [error] = faults;
    const [first] = group;
    if (!error) {
      accepted.push(...group);
      state = next;
    } else if (group.length === 1 && first) {
      const { key, diagnostic, source, message } = first;
      attempts.refused.set(key, { diagnostic, source, message, error });
    } else {
      groups.push(...split(group, faults));
    }
  }
  return state;
}

/** Those that are beside an error and those that are not, which are tried first; else halves. */
function split(
  group: readonly Candidate[],
  errors: readonly Diagnostic[],
): (readonly Candidate[])[] {
  const near = new Set(
    errors.flatMap(({ path }) => path.map((_, index) => JSON.stringify(path.slice(0, index)))),
  );
  const isSuspect = ({ diagnostic: { path } }: Candidate): boolean =>
    near.has(JSON.stringify(path.slice(0, -1)));
  const suspects = group.filter(isSuspect);
  if (suspects.length > 0 && suspects.length < group.length) {
    return [suspects, group.filter((candidate) => !isSuspect(candidate))];
  }
  const half = Math.ceil(group.length / 2);
  return [group.slice(half), group.slice(0, half)];
}

function stateWith(
  { texts, fleet }: State,
  tried: readonly Candidate[],
  options: FixOptions,
): State {
  const edited = applyEdits(
    fleet.source.files,
    tried.flatMap(({ edits }) => edits),
  );
  const next = texts.map((item, index): IntentText => {
    const text = edited.get(index);
    // The source is without the byte order mark.
    const mark = item.text.startsWith('\ufeff') ? '\ufeff' : '';
    return text === undefined ? item : { ...item, text: mark + text };
  });
  return { texts: next, fleet: compileFleet(next, options) };
}

/** So many times one fix uncovers what another has to fix. */
const LONGEST_CHAIN = 4;

/** Errors that are new, and still there when all are fixed that have fixes. */
function settledErrors(attempts: Attempts, start: State, next: State): Diagnostic[] {
  let state = next;
  let errors = newErrors(start.fleet, state.fleet);
  for (let length = 0; errors.length > 0 && length < LONGEST_CHAIN; length += 1) {
    const isNew = new Set(errors);
    const fixes = candidatesIn(state.fleet, attempts).filter(({ diagnostic }) =>
      isNew.has(diagnostic),
    );
    if (fixes.length === 0 || attempts.left === 0) break;
    attempts.left -= 1;
    state = stateWith(state, fixes, attempts.options);
    errors = newErrors(start.fleet, state.fleet);
  }
  return errors;
}

/** Diagnostics that should be gone, and are not. */
function leftOf(before: Fleet, after: Fleet, tried: readonly Candidate[]): Diagnostic[] {
  const most = countsOf(before.diagnostics);
  for (const { diagnostic } of tried) {
    const key = keyOf(diagnostic);
    most.set(key, (most.get(key) ?? 0) - weightOf(diagnostic));
  }
  const fixed = new Set(tried.map(({ diagnostic }) => keyOf(diagnostic)));
  const now = countsOf(after.diagnostics);
  return after.diagnostics.filter((item) => {
    const key = keyOf(item);
    return fixed.has(key) && (now.get(key) ?? 0) > (most.get(key) ?? 0);
  });
}

/** Errors that come more often than before: what they say counts, and not where they are. */
function newErrors(before: Fleet, after: Fleet): Diagnostic[] {
  const known = countsOf(before.diagnostics);
  const now = countsOf(after.diagnostics);
  return after.diagnostics.filter((item) => {
    const key = keyOf(item);
    return item.severity === 'error' && (now.get(key) ?? 0) > (known.get(key) ?? 0);
  });
}

const keyOf = ({ code, message, backend }: Diagnostic): string =>
  JSON.stringify([code, message, backend]);

const weightOf = ({ hosts }: Diagnostic): number => hosts?.length ?? 1;

function countsOf(diagnostics: readonly Diagnostic[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of diagnostics) {
    const key = keyOf(item);
    counts.set(key, (counts.get(key) ?? 0) + weightOf(item));
  }
  return counts;
}
