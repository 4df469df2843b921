/** Where boxes and lines go: a row for each rank, boxes as wide as their text. All in pixels. */
import type { Drawing, DrawnNode } from './change.ts';
import { KIND_NAMES } from './topology.ts';

/** Of a monospaced font of 13 pixels: the same layout whatever fonts a viewer has. */
export const CHARACTER = 7.8;
export const LINE = 18;
const PADDING = 12;
const GAP = 24;
const ROW_GAP = 44;

export interface Box {
  readonly node: DrawnNode;
  readonly lines: readonly string[];
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Layout {
  readonly boxes: readonly Box[];
  readonly width: number;
  readonly height: number;
}

/** Rows from the LAN downwards; each link below the middle of what is on top of it. */
export function layoutOf({ nodes, edges }: Drawing): Layout {
  const rows = rowsOf(nodes);
  const above = new Map<string, string[]>();
  for (const { from, to } of edges) above.set(from, [...(above.get(from) ?? []), to]);
  const order = orderOf(nodes, above);
  const placed = new Map<string, Box>();
  const heights = rows.map((row) => Math.max(...row.map((node) => heightOf(textOf(node)))));
  const tops = heights.map((_, index) =>
    heights.slice(0, index).reduce((sum, height) => sum + height + ROW_GAP, GAP),
  );
  for (let index = rows.length - 1; index >= 0; index--) {
    let free = GAP;
    const row = [...(rows[index] ?? [])].sort(
      (a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0),
    );
    for (const node of row) {
      const lines = textOf(node);
      const width = widthOf(lines);
      const centres = (above.get(node.id) ?? []).flatMap((id) => {
        const box = placed.get(id);
        return box ? [box.x + box.width / 2] : [];
      });
      const wanted =
        centres.length === 0 ? free : (Math.min(...centres) + Math.max(...centres) - width) / 2;
      const x = Math.round(Math.max(free, wanted));
      free = x + width + GAP;
      const y = tops[index] ?? GAP;
      placed.set(node.id, { node, lines, x, y, width, height: heightOf(lines) });
    }
  }
  const boxes = nodes.flatMap(({ id }) => placed.get(id) ?? []);
  return {
    boxes,
    width: Math.max(0, ...boxes.map(({ x, width }) => x + width)) + GAP,
    height: Math.max(0, ...boxes.map(({ y, height }) => y + height)) + GAP,
  };
}

function rowsOf(nodes: readonly DrawnNode[]): DrawnNode[][] {
  const ranks = [...new Set(nodes.map(({ rank }) => rank))].sort((a, b) => a - b);
  return ranks.map((rank) => nodes.filter((node) => node.rank === rank));
}

/** By what each is on top of, so that lines cross as little as a tree's. */
function orderOf(
  nodes: readonly DrawnNode[],
  above: ReadonlyMap<string, readonly string[]>,
): Map<string, number> {
  const order = new Map<string, number>();
  const visit = (id: string): void => {
    if (order.has(id)) return;
    order.set(id, order.size);
    for (const next of above.get(id) ?? []) visit(next);
  };
  for (const { id } of nodes) visit(id);
  return order;
}

function textOf(node: DrawnNode): string[] {
  const change = node.change ? ` (${node.change})` : '';
  const kind = node.kind === 'lan' ? [] : [KIND_NAMES[node.kind]];
  const was = (node.was ?? []).map((fact) => `was ${fact}`);
  const breaks = (node.breaks ?? []).map((what) => `! ${what}`);
  return [`${node.name}${change}`, ...kind, ...node.facts, ...was, ...breaks];
}

const widthOf = (lines: readonly string[]): number =>
  Math.ceil(Math.max(4, ...lines.map((line) => [...line].length)) * CHARACTER) + 2 * PADDING;

const heightOf = (lines: readonly string[]): number => lines.length * LINE + 2 * PADDING;
