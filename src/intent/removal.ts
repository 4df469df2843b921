/** The edit that removes an entry of a mapping or an item of a list, with its line or its comma. */
import { type KeyedPair, type Place, startOf } from './place.ts';
import type { Edit, Written } from './written.ts';
import { isMap, isSeq, type Node, spanOf } from './yaml.ts';

/** First and last offset of an entry or item, without the space behind it. */
type Span = readonly [start: number, end: number];

/** @returns undefined where a comment, an anchor or the only entry of a block would go with it */
export function removal(
  written: Written,
  { around, isKey }: Place,
  kind: 'remove-entry' | 'remove-item',
): Edit | undefined {
  const at = kind === 'remove-entry' ? around.length - 1 : lastListOf(around);
  const { collection, index = 0 } = around[at] ?? {};
  if (kind === 'remove-entry' ? !isKey || !isMap(collection) : !isSeq(collection)) return undefined;
  const items = (collection?.items ?? []) as readonly (KeyedPair | Node)[];
  const neighbours = items.slice(Math.max(0, index - 1), index + 2);
  if (neighbours.some(hasMark)) return undefined;
  const span = spanOfItem(written, items[index]);
  if (!span) return undefined;
  if (!collection?.flow) return items.length > 1 ? lineRemoval(written, span, kind) : undefined;
  const before = index > 0 ? spanOfItem(written, items[index - 1]) : undefined;
  const after = spanOfItem(written, items[index + 1]);
  const [start, end] = after ? [span[0], after[0]] : [before?.[1] ?? span[0], span[1]];
  return written.slice(start, end).includes('#') ? undefined : { start, end, text: '' };
}

const lastListOf = (around: Place['around']): number =>
  around.findLastIndex(({ collection }) => isSeq(collection));

const isPair = (item: KeyedPair | Node): item is KeyedPair => 'key' in item;

/** Anchors and tags are in front of what they mark, outside of its span. */
function hasMark(item: KeyedPair | Node): boolean {
  const nodes = isPair(item) ? [item.key, item.value] : [item];
  return nodes.some(
    (node) => node && (('anchor' in node && node.anchor !== undefined) || node.tag !== undefined),
  );
}

function spanOfItem(written: Written, item: KeyedPair | Node | undefined): Span | undefined {
  if (!item) return undefined;
  const first = isPair(item) ? item.key : item;
  const last = isPair(item) ? (item.value ?? item.key) : item;
  const [start, end] = [startOf(first), Math.max(spanOf(last)?.[1] ?? 0, spanOf(first)?.[1] ?? 0)];
  // The span of a block ends after its line break.
  return [start, start + written.slice(start, end).trimEnd().length];
}

/** Whole lines; a comment at the end of the last one stays, on a line of its own. */
function lineRemoval(written: Written, [start, end]: Span, kind: string): Edit | undefined {
  const [line] = written.lineAt(start);
  const [, lineEnd] = written.lineAt(end);
  const lead = written.slice(line, start);
  const isAlone = kind === 'remove-entry' ? /^[ \t]*$/.test(lead) : /^[ \t]*-[ \t]+$/.test(lead);
  const rest = written.slice(end, lineEnd);
  if (!isAlone || written.slice(start, end).includes('#') || !/^\s*(?:#.*)?$/.test(rest)) {
    return undefined;
  }
  const comment = rest.trimStart();
  if (comment !== '')
    return { start: line, end: lineEnd, text: `${/^[ \t]*/.exec(lead)?.[0]}${comment}` };
  const next = written.slice(lineEnd, lineEnd + 2).startsWith('\r\n') ? 2 : 1;
  const last = Math.min(lineEnd + next, written.end);
  return { start: line, end: last, text: '' };
}
