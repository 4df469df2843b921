/**
 * Fixes → edits of the text. Comments and layout are kept: an edit replaces, adds or removes one key,
 * value or item, and there is none where that would take a comment or an anchor with it.
 */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Change, Fix } from '../diagnostics/fix.ts';
import { type Place, pairOf, placeAt, startOf } from './place.ts';
import { removal } from './removal.ts';
import { lastNotAfter, type Source, type SourceFile } from './source.ts';
import { rootOf } from './trees.ts';
import { type Edit, type Written, writtenOf } from './written.ts';
import { isMap, isScalar, isSeq, type Node, type Scalar, spanOf, textOf } from './yaml.ts';

export type { Edit } from './written.ts';

/** What one fix does to the text: all of its edits, or none. */
export interface TextFix {
  readonly message: string;
  readonly edits: readonly Edit[];
  /** It is right only if it is for every host: it changes their common `defaults`. */
  readonly isForAll: boolean;
}

type Located = Pick<Diagnostic, 'fix' | 'path' | 'at' | 'offsets'>;

/** The edits that fix what a diagnostic is about; undefined where there are none. */
export function textFixOf(source: Source, found: Located): TextFix | undefined {
  const { fix } = found;
  if (!fix) return undefined;
  const offset = fixOffset(source, found, fix);
  const { files } = source;
  const file = files[lastNotAfter(files.length, offset, (index) => files[index]?.start ?? 0)];
  const place = file && placeAt(rootOf(file), offset);
  if (!file || !place) return undefined;
  const isLocal = fix.isLocal === true;
  if (isLocal && place.isAnchored) return undefined;
  const written = writtenOf(file);
  const edit = editFor(written, place, fix.change);
  return edit && { message: fix.message, edits: [edit], isForAll: isLocal && isInDefaults(place) };
}

/** Where a fix begins: at its own place, or that of its diagnostic. */
export const fixOffset = (source: Source, { path, at, offsets }: Located, fix: Fix): number =>
  fix.offset ??
  (fix.path
    ? source.locate(fix.path, 'key')
    : offsets
      ? { start: offsets[0] }
      : source.locate(path, at)
  ).start;

/** Whether a place is in what all hosts of a fleet have in common. */
function isInDefaults({ around }: Place): boolean {
  const top = around[0];
  const key = isMap(top?.collection) ? top.collection.items[top.index]?.key : undefined;
  return isScalar(key) && textOf(key) === 'defaults';
}

/** Scalars over several lines, and those with a tag, are not edited. */
function spanOfPlain(written: Written, scalar: Scalar): readonly [number, number] | undefined {
  const span = spanOf(scalar);
  if (!span || scalar.tag !== undefined || String(scalar.type).startsWith('BLOCK'))
    return undefined;
  return written.slice(...span).includes('\n') ? undefined : span;
}

function editFor(written: Written, place: Place, change: Change): Edit | undefined {
  switch (change.kind) {
    case 'value':
      return place.isKey ? undefined : scalarEdit(written, place.scalar, change.text);
    case 'word':
      return place.isKey ? undefined : replaced(spanOfPlain(written, place.scalar), change.text);
    case 'key':
      return place.isKey ? scalarEdit(written, place.scalar, change.text) : undefined;
    case 'entry':
      return entryEdit(written, place, change);
    case 'wrap':
      return wrapEdit(written, place);
    case 'unwrap':
      return unwrapEdit(written, place);
    case 'remove-entry':
    case 'remove-item':
      return removal(written, place, change.kind);
    case 'first-entry':
      return firstEntryEdit(written, place, change);
  }
}

const replaced = (span: readonly [number, number] | undefined, text: string): Edit | undefined =>
  span && { start: span[0], end: span[1], text };

/** The scalar in the quotes that it has. */
function scalarEdit(written: Written, scalar: Scalar, text: string): Edit | undefined {
  return replaced(spanOfPlain(written, scalar), inQuotesOf(scalar, text));
}

function inQuotesOf({ type }: Scalar, text: string): string {
  if (type === 'QUOTE_SINGLE') return `'${text.replaceAll("'", "''")}'`;
  // Plain in any style and place: no indicator, and no colon at its end.
  const isPlain = /^[A-Za-z0-9](?:[A-Za-z0-9._:/-]*[A-Za-z0-9./_-])?$/.test(text);
  return type === 'PLAIN' && isPlain ? text : JSON.stringify(text);
}

/** A value on one line, as it is written. */
function valueSource(written: Written, value: Node | null | undefined): string | undefined {
  const span = spanOf(value);
  if (!span || !value || (!isScalar(value) && !(isSeq(value) && value.flow))) return undefined;
  if (value.anchor !== undefined || value.tag !== undefined) return undefined;
  const text = written.slice(...span);
  const isPlain = isScalar(value) && value.type === 'PLAIN';
  return /[\r\n#]/.test(text) || (isPlain && /[,[\]{}]/.test(text)) ? undefined : text;
}

function entryEdit(
  written: Written,
  place: Place,
  { key, before, after }: Extract<Change, { kind: 'entry' }>,
): Edit | undefined {
  const value = place.isKey ? pairOf(place)?.value : undefined;
  const text = valueSource(written, value);
  const end = spanOf(value)?.[1];
  if (text === undefined || end === undefined) return undefined;
  // A value that is a list already takes the place of the list around it.
  const isList = isSeq(value);
  if (isList && !before.endsWith('[')) return undefined;
  const [open, close] = isList ? [before.slice(0, -1), after.slice(1)] : [before, after];
  const words = (flow: string): string =>
    place.scalar.type === 'QUOTE_DOUBLE' ? flow.replace(/[a-z][a-z0-9-]*/g, '"$&"') : flow;
  const start = startOf(place.scalar);
  return { start, end, text: `${words(key)}: ${words(open)}${text}${words(close)}` };
}

function wrapEdit(written: Written, place: Place): Edit | undefined {
  const text = place.isKey ? undefined : valueSource(written, place.scalar);
  return text === undefined ? undefined : replaced(spanOf(place.scalar), `[${text}]`);
}

function unwrapEdit(written: Written, place: Place): Edit | undefined {
  const list = place.isKey ? pairOf(place)?.value : undefined;
  const item = isSeq(list) && list.items.length === 1 ? (list.items[0] as Node) : undefined;
  const text = isScalar(item) ? valueSource(written, item) : undefined;
  const span = spanOf(list);
  if (!isSeq(list) || list.anchor !== undefined || text === undefined || !span) return undefined;
  if (list.flow) return /[\r\n#]/.test(written.slice(...span)) ? undefined : replaced(span, text);
  // `key:`, a line break, and `- item`: the item moves up to its key.
  const from = spanOf(place.scalar)?.[1] ?? span[0];
  const [start, end] = spanOf(item) ?? span;
  return /^\s*:\s+-\s+$/.test(written.slice(from, start))
    ? { start: from, end, text: `: ${text}` }
    : undefined;
}

/** Before the first key, and before the comment lines right above it unless these begin the file. */
function firstEntryEdit(
  written: Written,
  { scalar, isKey, around }: Place,
  { key, value }: Extract<Change, { kind: 'first-entry' }>,
): Edit | undefined {
  const map = around.length === 1 ? around[0]?.collection : undefined;
  if (!isKey || !isMap(map) || map.anchor !== undefined) return undefined;
  const at = startOf(scalar);
  const [line] = written.lineAt(at);
  const indent = written.slice(line, at);
  const isAlone = /^[ \t]*$/.test(indent);
  const { lineBreak } = written;
  if (map.flow) {
    const space = isAlone ? `${lineBreak}${indent}` : ' ';
    return { start: at, end: at, text: `"${key}": ${value},${space}` };
  }
  if (!isAlone) return undefined;
  let start = line;
  while (start > written.start) {
    const [above] = written.lineAt(start - 1);
    if (!/^[ \t]*#/.test(written.slice(above, start))) break;
    start = above;
  }
  const before = start === written.start ? line : start;
  return { start: before, end: before, text: `${indent}${key}: ${value}${lineBreak}` };
}

/**
 * Texts of files with edits applied.
 * @param edits none overlaps another
 * @returns by the index of the file; files without an edit are absent
 */
export function applyEdits(
  files: readonly SourceFile[],
  edits: readonly Edit[],
): Map<number, string> {
  const byFile = new Map<number, Edit[]>();
  for (const edit of edits) {
    const index = lastNotAfter(files.length, edit.start, (at) => files[at]?.start ?? 0);
    const known = byFile.get(index);
    if (known) known.push(edit);
    else byFile.set(index, [edit]);
  }
  return new Map(
    [...byFile].map(([index, own]) => {
      const { text, start: first } = files[index] ?? { text: '', start: 0 };
      let from = 0;
      const parts: string[] = [];
      for (const edit of own.sort((a, b) => a.start - b.start)) {
        parts.push(text.slice(from, edit.start - first), edit.text);
        from = edit.end - first;
      }
      return [index, parts.join('') + text.slice(from)] as const;
    }),
  );
}

/**
 * Offsets of a source with edits applied → those that they had before.
 * @param edits none overlaps another
 * @returns where an edit begins, for what is in its text
 */
export function offsetsBefore(edits: readonly Edit[]): (offset: number) => number {
  let moved = 0;
  const placed = [...edits]
    .sort((a, b) => a.start - b.start)
    .map(({ start, end, text }) => {
      const first = start + moved;
      moved += text.length - (end - start);
      return { start, end, first, last: first + text.length };
    });
  return (offset) => {
    const edit = placed[lastNotAfter(placed.length, offset, (at) => placed[at]?.first ?? 0)];
    if (!edit || offset < edit.first) return offset;
    return offset < edit.last ? edit.start : offset - edit.last + edit.end;
  };
}
