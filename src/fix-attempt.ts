/** One attempt of `lint --fix`: texts with fixes applied, and the errors that these lead to. */
import { compileFleet, type Fleet, type FleetOptions } from './compile-fleet.ts';
import type { Diagnostic } from './diagnostics/diagnostic.ts';
import type { Fault } from './fix-blame.ts';
import { applyEdits, type Edit, offsetsBefore, type TextFix, textFixOf } from './intent/edits.ts';
import type { IntentText } from './intent/fleet.ts';
import { rangeOf } from './intent/positions.ts';
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

/** One that would lead to an error that is not there now: the first of these. */
export type RefusedFix = TriedFix & { readonly error: Diagnostic };

export interface Candidate extends TriedFix {
  readonly key: string;
  readonly edits: readonly Edit[];
}

export interface State {
  readonly texts: readonly IntentText[];
  readonly fleet: Fleet;
}

/** What all attempts have in common. */
export interface Attempts {
  readonly options: FixOptions;
  /** By the key of the candidate. */
  readonly refused: Map<string, RefusedFix>;
  /** How many more times the texts may be compiled. */
  left: number;
}

/** Fixes that do not overlap, in the order of the text. */
export function candidatesIn(fleet: Fleet, { options, refused }: Attempts): Candidate[] {
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

/** So many times one fix uncovers what another has to fix. */
const LONGEST_CHAIN = 4;

/** Texts with fixes applied, and with those that fix what these uncover. */
export interface Attempt {
  readonly state: State;
  /** The fixes of errors that are uncovered. */
  readonly uncovered: readonly Candidate[];
  readonly faults: readonly Fault[];
}

/** @returns undefined where the texts may not be compiled again, and there is no answer yet */
export function attempt(
  attempts: Attempts,
  start: State,
  tried: readonly Candidate[],
): Attempt | undefined {
  let state = start;
  let fixes = tried;
  let before = (offset: number): number => offset;
  let uncovered: readonly Candidate[] = [];
  for (let length = 0; attempts.left > 0; length += 1) {
    attempts.left -= 1;
    const earlier = before;
    const last = offsetsBefore(fixes.flatMap(({ edits }) => edits));
    before = (offset) => earlier(last(offset));
    state = stateWith(state, fixes, attempts.options);
    const faults = faultsOf(start.fleet, state.fleet, before, tried);
    const isNew = new Set(faults.map(({ error }) => error));
    const more =
      length < LONGEST_CHAIN && faults.length > 0
        ? candidatesIn(state.fleet, attempts).filter(({ diagnostic }) => isNew.has(diagnostic))
        : [];
    if (more.length === 0) return { state, uncovered, faults };
    uncovered = [...uncovered, ...more];
    fixes = more;
  }
  return undefined;
}

function stateWith(
  { texts, fleet }: State,
  fixes: readonly Candidate[],
  options: FixOptions,
): State {
  const edited = applyEdits(
    fleet.source.files,
    fixes.flatMap(({ edits }) => edits),
  );
  const next = texts.map((item, index): IntentText => {
    const text = edited.get(index);
    // The source is without the byte order mark.
    const mark = item.text.startsWith('\ufeff') ? '\ufeff' : '';
    return text === undefined ? item : { ...item, text: mark + text };
  });
  return { texts: next, fleet: compileFleet(next, options) };
}

type OffsetBefore = (offset: number) => number;

/**
 * Errors that come more often than before, and what should be gone and is not: what they say counts, and
 * not where they are. Of these the ones in a new place, unless there are none, such as for an error that
 * more hosts have.
 */
function faultsOf(
  start: Fleet,
  now: Fleet,
  before: OffsetBefore,
  tried: readonly Candidate[],
): Fault[] {
  const fixed = new Set(tried.map(({ diagnostic }) => diagnostic));
  const keys = new Set([...fixed].map(keyOf));
  const known = start.diagnostics.filter((item) => !fixed.has(item));
  const most = countsOf(known);
  const counts = countsOf(now.diagnostics);
  const placeOf = (item: Diagnostic, offset: number): string => `${offset} ${keyOf(item)}`;
  const places = new Set(known.map((item) => placeOf(item, rangeOf(start.source, item)[0])));
  const faults = now.diagnostics
    .filter((item) => item.severity === 'error' || keys.has(keyOf(item)))
    .filter((item) => (counts.get(keyOf(item)) ?? 0) > (most.get(keyOf(item)) ?? 0))
    .map((error): Fault => ({ error, offset: before(rangeOf(now.source, error)[0]) }));
  const isInNewPlace = ({ error, offset }: Fault): boolean => !places.has(placeOf(error, offset));
  const moved = new Set(faults.filter(isInNewPlace).map(({ error }) => keyOf(error)));
  return faults.filter((fault) => isInNewPlace(fault) || !moved.has(keyOf(fault.error)));
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
