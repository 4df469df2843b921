/** Two sets of texts → one unified diff, as `patch` and reviewers read it. */
import { createTwoFilesPatch } from 'diff';

export interface Pair {
  /** Absolute or relative; without git's `a/` and `b/`. */
  readonly path: string;
  /** Undefined: there is no such file. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Empty if nothing differs. */
export function patchOf(pairs: readonly Pair[]): string {
  return pairs
    .filter(({ before, after }) => before !== after)
    .map(({ path, before, after }) => {
      const plain = path.replace(/^\//, '');
      const text = createTwoFilesPatch(
        before === undefined ? '/dev/null' : `a/${plain}`,
        after === undefined ? '/dev/null' : `b/${plain}`,
        before ?? '',
        after ?? '',
        undefined,
        undefined,
        { context: 3 },
      );
      return text.replace(/^=+\n/, '');
    })
    .join('');
}
