/** The text of a file, by the offsets of its source. */
import type { SourceFile } from './source.ts';

/** Offsets as `SourceFile.start` counts them; `end` is past the last. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface Written {
  /** The offsets of its first character, and after its last one. */
  readonly start: number;
  readonly end: number;
  readonly lineBreak: '\n' | '\r\n';
  slice(start: number, end: number): string;
  /** Where the line of an offset begins, and where it ends, without its line break. */
  lineAt(offset: number): readonly [start: number, end: number];
}

export function writtenOf({ text, start }: SourceFile): Written {
  const first = text.indexOf('\n');
  return {
    start,
    end: start + text.length,
    lineBreak: first > 0 && text[first - 1] === '\r' ? '\r\n' : '\n',
    slice: (from, to) => text.slice(from - start, to - start),
    lineAt(offset) {
      // A negative start of the search would be taken for 0, where a line break may be.
      const at = offset - start;
      const from = at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;
      const next = text.indexOf('\n', at);
      const to = next === -1 ? text.length : next;
      const last = text[to - 1] === '\r' && to > from ? to - 1 : to;
      return [from + start, last + start];
    },
  };
}
