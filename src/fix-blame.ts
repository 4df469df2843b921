/**
 * Which of many fixes lead to an error. It is guessed from where the error is and what it names, so that
 * hundreds of them are found in one compilation; each guess is then tried (`fix-texts.ts`).
 */
import type { Diagnostic } from './diagnostics/diagnostic.ts';
import { fixOffset } from './intent/edits.ts';
import { regionsAt } from './intent/regions.ts';
import type { Source } from './intent/source.ts';

/** An error that fixes lead to. */
export interface Fault {
  readonly error: Diagnostic;
  /** Where it would be in the text without the fixes. */
  readonly offset: number;
}

export interface Blame {
  readonly error: Diagnostic;
  /** What the fix has in common with the error: a region of the text, or a name. */
  readonly common: string;
  /** Whether no other fix has it in common with the error. */
  readonly isAlone: boolean;
  /** Whether the error is in the entry or item that the fix edits. */
  readonly isInside: boolean;
}

/** More fixes than these have nothing in common that few have. */
const MOST_BLAMED = 8;

/**
 * For each error the fixes of the innermost entry or item that it is in; else those in an entry, or of a
 * host, that its message names; else those that are nearest to it.
 * @param source of the text without the fixes
 */
export function blamed<T extends { readonly diagnostic: Diagnostic }>(
  source: Source,
  fixes: readonly T[],
  faults: readonly Fault[],
): Map<T, Blame> {
  const edited = new Map<string, T[]>();
  const around = new Map<string, T[]>();
  for (const item of fixes) {
    const { diagnostic } = item;
    const offset = diagnostic.fix && fixOffset(source, diagnostic, diagnostic.fix);
    const regions = offset === undefined ? [] : regionsAt(source, offset);
    for (const { id } of regions.slice(-1)) add(edited, id, item);
    const names = regions.flatMap(({ key }) => (key === undefined ? [] : [named(key)]));
    const hosts = (diagnostic.hosts ?? []).map(named);
    const ids = regions.map(({ id }) => id);
    for (const key of new Set([...ids, ...names, ...hosts])) add(around, key, item);
  }
  const isFew = (key: string): boolean => {
    const count = around.get(key)?.length ?? 0;
    return count > 0 && count <= MOST_BLAMED;
  };
  const found = new Map<T, Blame>();
  for (const { error, offset } of faults) {
    const regions = regionsAt(source, offset).map(({ id }) => id);
    const names = [...error.message.matchAll(/`([^`]+)`/g)].map(([, name = '']) => named(name));
    const inside = regions.findLast((id) => edited.has(id));
    const common = inside ?? names.find(isFew) ?? regions.findLast(isFew);
    const isInside = inside !== undefined;
    const suspects = (common !== undefined && (isInside ? edited : around).get(common)) || [];
    const isAlone = suspects.length === 1;
    for (const item of suspects) {
      const known = found.get(item);
      const isBetter = !known || (isAlone && (isInside || !known.isAlone));
      if (common !== undefined && isBetter) found.set(item, { error, common, isAlone, isInside });
    }
  }
  return found;
}

function add<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const known = lists.get(key);
  if (known) known.push(item);
  else lists.set(key, [item]);
}

/** No region begins with a letter. */
const named = (name: string): string => `name ${name}`;
