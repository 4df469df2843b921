/** Files → JSON, for programs: an array, in the order in which the files take effect. */
import type { RenderedSet } from '../compile.ts';
import { octal } from './stream.ts';

/** `[{way, path, mode, role, text}]`; `mode` is octal text, `role` essential or companion. */
export function json(sets: readonly RenderedSet[]): string {
  const files = sets.flatMap(({ way, files: set }) =>
    set.map(({ path, mode, role, text }) => ({ way, path, mode: octal(mode), role, text })),
  );
  return `${JSON.stringify(files, null, 2)}\n`;
}
