/** Misspelt words → known ones. */
import { distance } from 'fastest-levenshtein';

/** Netplan's and the kernel's words are written with `-`, in lower case but for names. */
const plain = (word: string): string => word.toLowerCase().replaceAll('_', '-');

/** No longer word is compared. */
const LONGEST = 40;

/** The known word that `word` is most likely a slip of, if any is near enough: a guess, for hints. */
export function nearestOf(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(Math.min(word.length, LONGEST) / 3)) + 1;
  const own = plain(word.slice(0, LONGEST));
  for (const candidate of known) {
    const d = distance(own, plain(candidate));
    if (d < bestDistance) {
      best = candidate;
      bestDistance = d;
    }
  }
  return best;
}

/** Of shorter words, one letter is too much: `to` and `id` are near to anything. */
const SHORTEST = 4;

/**
 * The one known word that `word` is, but for case and `_`, or but for one letter that is missing, added,
 * wrong, or exchanged with the next: no guess, for fixes.
 */
export function slipOf(word: string, known: readonly string[]): string | undefined {
  if (word.length > LONGEST) return undefined;
  const own = plain(word);
  const same = known.filter((candidate) => plain(candidate) === own);
  if (same.length > 0) return same.length === 1 ? same[0] : undefined;
  const near = known.filter((candidate) => isOneOff(own, plain(candidate)));
  const [only] = near;
  return near.length === 1 && only !== undefined && only.length >= SHORTEST ? only : undefined;
}

function isOneOff(word: string, other: string): boolean {
  if (Math.abs(word.length - other.length) > 1) return false;
  if (distance(word, other) === 1) return true;
  if (word.length !== other.length) return false;
  const at = [...word].findIndex((letter, index) => letter !== other[index]);
  const swapped = `${word.slice(0, at)}${word[at + 1] ?? ''}${word[at]}${word.slice(at + 2)}`;
  return swapped === other;
}
