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
}

/** More fixes than these have nothing in common that tells them from others. */
const MOST_BLAMED = 8;

/**
 * For each error the fixes in the innermost entry or item around it that has any; else those in an
 * entry, or of a host, that its message names.
 * @param source of the text without the fixes
 */
export function blamed<T extends { readonly diagnostic: Diagnostic }>(
  source: Source,
  fixes: readonly T[],
  faults: readonly Fault[],
): Map<T, Blame> {
  const near = new Map<string, T[]>();
  for (const item of fixes) {
    const { diagnostic } = item;
    const regions = diagnostic.fix
      ? regionsAt(source, fixOffset(source, diagnostic, diagnostic.fix))
      : [];
    const names = regions.flatMap(({ key }) => (key === undefined ? [] : [key]));
    const common = new Set([
      ...regions.map(({ id }) => id),
      ...[...names, ...(diagnostic.hosts ?? [])].map(named),
    ]);
    for (const key of common) {
      const known = near.get(key);
      if (known) known.push(item);
      else near.set(key, [item]);
    }
  }
  const found = new Map<T, Blame>();
  for (const { error, offset } of faults) {
    const regions = regionsAt(source, offset).map(({ id }) => id);
    const names = [...error.message.matchAll(/`([^`]+)`/g)].map(([, name = '']) => named(name));
    const isFew = (key: string): boolean => {
      const count = near.get(key)?.length ?? 0;
      return count > 0 && count <= MOST_BLAMED;
    };
    const common = regions.findLast(isFew) ?? names.find(isFew);
    if (common === undefined) continue;
    const suspects = near.get(common) ?? [];
    const isAlone = suspects.length === 1;
    for (const item of suspects) {
      if (isAlone || !found.has(item)) found.set(item, { error, common, isAlone });
    }
  }
  return found;
}

/** No region begins with a letter. */
const named = (name: string): string => `name ${name}`;
