/** Misspelt words of the command line → the known words that they most likely stand for. */
import { distance } from 'fastest-levenshtein';

/** In a shorter word two letters are too much: `exit` does not stand for `init`. */
const LONG = 5;

/** The known word that a misspelt one most likely stands for; undefined if none is near enough. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const [first] = names
    .map((name) => ({ name, far: slips(bare(word), bare(name)) }))
    .filter(({ far }) => far <= (bare(word).length < LONG ? 1 : 2))
    .sort((a, b) => a.far - b.far);
  return first?.name;
}

/** Without the dashes of an option. */
const bare = (word: string): string => word.toLowerCase().replace(/^-+/, '');

/** Letters that are missing, added or wrong; two in the wrong order are one slip. */
function slips(word: string, other: string): number {
  const far = distance(word, other);
  return far === 2 && sorted(word) === sorted(other) ? 1 : far;
}

const sorted = (word: string): string => [...word].sort().join('');
