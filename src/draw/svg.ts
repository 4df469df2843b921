/**
 * A drawing as SVG 1.1: boxes, lines, and who reaches whom below. Legible in print, in light and
 * dark, without colours (a change is a dash and a word). To a screen reader it is one image with
 * a title and a description that has all that is drawn (SVG-AAM 1.0; WCAG 2.2, 1.1.1 and 1.4.1).
 */
import type { Drawing, DrawnNode } from './change.ts';
import { type Box, CHARACTER, type Layout, LINE, layoutOf } from './layout.ts';
import type { Reach } from './reach.ts';
import { reachLines } from './text.ts';
import { KIND_NAMES } from './topology.ts';

const MARGIN = 16;

/** @returns a whole document; nothing in it is fetched or run; one final newline */
export function drawingSvg(drawing: Drawing, reach: readonly Reach[]): string {
  const layout = layoutOf(drawing);
  const [heading = ''] = reach.length > 0 ? reachLines(reach) : [];
  const columns = columnsOf(reach);
  const width = Math.max(layout.width, columns.width);
  const height = layout.height + (heading ? MARGIN + (reach.length + 1) * LINE + MARGIN : 0);
  const title = `Network of ${drawing.host || 'the host'}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" lang="en" aria-labelledby="topology-title" aria-describedby="topology-desc">`,
    `<title id="topology-title">${encoded(title)}</title>`,
    `<desc id="topology-desc">${encoded(description(drawing, reach))}</desc>`,
    `<style>${STYLE}</style>`,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    ...hostFrame(drawing, layout),
    ...edgeLines(drawing, layout),
    ...layout.boxes.flatMap(boxLines),
    ...(heading ? [text(MARGIN, layout.height + MARGIN, heading, 'name')] : []),
    ...reach.flatMap((line, index) =>
      cellsOf(line).map((cell, column) =>
        text(columns.at[column] ?? 0, layout.height + MARGIN + (index + 1) * LINE, cell, ''),
      ),
    ),
    '</svg>',
    '',
  ].join('\n');
}

const cellsOf = ({ from, to, verdict, reason }: Reach): readonly string[] => [
  from,
  '↔',
  to,
  verdict,
  reason,
];

/** Where each column of the table begins: each cell is a text of its own, as spaces may be folded. */
function columnsOf(reach: readonly Reach[]): {
  readonly at: readonly number[];
  readonly width: number;
} {
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(0, ...reach.map((line) => [...(cellsOf(line)[column] ?? '')].length)),
  );
  const at = widths.map((_, column) =>
    Math.round(
      MARGIN +
        widths.slice(0, column).reduce((sum, width) => sum + width * CHARACTER + 2 * CHARACTER, 0),
    ),
  );
  const [last = 0] = at.slice(-1);
  return { at, width: Math.ceil(last + (widths[4] ?? 0) * CHARACTER) + MARGIN };
}

const STYLE = [
  'text{font:13px ui-monospace,Menlo,Consolas,monospace;fill:#111}',
  '.name{font-weight:bold}',
  '.paper{fill:#fff}',
  '.box{fill:#fff;stroke:#111;stroke-width:1.5}',
  '.lan{fill:#eee}',
  '.shim{stroke-width:3}',
  '.frame{fill:none;stroke:#767676}',
  '.edge{fill:none;stroke:#111;stroke-width:1.5}',
  '.added{stroke-width:4}',
  '.changed{stroke-width:4;stroke-dasharray:10 4}',
  '.removed{stroke-dasharray:2 4}',
  '.breaks{stroke-width:4;stroke-dasharray:2 6}',
  // Paper is white.
  '@media screen and (prefers-color-scheme:dark){text{fill:#eee}.paper,.box{fill:#161616}.lan{fill:#333}.box,.edge{stroke:#eee}.frame{stroke:#949494}}',
].join('');

/** Around everything that is not the LAN. */
function hostFrame(drawing: Drawing, { boxes }: Layout): string[] {
  const inside = boxes.filter(({ node }) => node.kind !== 'lan');
  if (inside.length === 0) return [];
  const x = Math.min(...inside.map((box) => box.x)) - 12;
  const y = Math.min(...inside.map((box) => box.y)) - 24;
  const right = Math.max(...inside.map((box) => box.x + box.width)) + 12;
  const bottom = Math.max(...inside.map((box) => box.y + box.height)) + 12;
  return [
    `<rect class="frame" x="${x}" y="${y}" width="${right - x}" height="${bottom - y}" rx="8"/>`,
    text(x + 8, y + 4, drawing.host || 'host', 'name'),
  ];
}

function edgeLines(drawing: Drawing, { boxes }: Layout): string[] {
  const at = new Map(boxes.map((box) => [box.node.id, box]));
  return drawing.edges.flatMap(({ from, to, change }) => {
    const [upper, lower] = [at.get(from), at.get(to)];
    if (!upper || !lower) return [];
    const [x1, x2] = [centre(upper), centre(lower)];
    const y1 = upper.y + upper.height;
    const bend = lower.y - 12;
    const style = change ? `edge ${change}` : 'edge';
    return [`<path class="${style}" d="M${x1} ${y1}V${bend}H${x2}V${lower.y}"/>`];
  });
}

const centre = ({ x, width }: Box): number => Math.round(x + width / 2);

function boxLines({ node, lines, x, y, width, height }: Box): string[] {
  const style = ['box', node.kind, node.change, node.breaks && 'breaks'].filter(Boolean).join(' ');
  const round = node.kind === 'guest' || node.kind === 'tap' ? 14 : 3;
  return [
    `<rect class="${style}" x="${x}" y="${y}" width="${width}" height="${height}" rx="${round}"/>`,
    ...lines.map((line, index) =>
      text(x + 12, y + 9 + index * LINE, line, index === 0 ? 'name' : ''),
    ),
  ];
}

/** @param y of the top of the line */
const text = (x: number, y: number, line: string, style: string): string =>
  `<text${style ? ` class="${style}"` : ''} x="${x}" y="${y + 14}">${encoded(line)}</text>`;

/** All of it as sentences, for those who do not see it. */
function description({ nodes, edges }: Drawing, reach: readonly Reach[]): string {
  const names = new Map(nodes.map(({ id, name }) => [id, name]));
  const below = (node: DrawnNode): string => {
    const lower = edges
      .filter(({ to, change }) => to === node.id && change !== 'removed')
      .flatMap(({ from }) => names.get(from) ?? []);
    return lower.length > 0 ? ` on top of ${lower.join(', ')}` : '';
  };
  const sentences = nodes.map((node) => {
    const kind = node.kind === 'lan' ? '' : `${KIND_NAMES[node.kind]} `;
    const facts = [...node.facts, ...(node.was ?? []).map((fact) => `was ${fact}`)].join(', ');
    const change = node.change ? ` (${node.change})` : '';
    const breaks = node.breaks ? ` It breaks here: ${node.breaks.join(', ')}.` : '';
    return `${kind}${node.name}${change}${below(node)}${facts ? `: ${facts}` : ''}.${breaks}`;
  });
  return [
    ...sentences,
    ...(reach.length > 0 ? ['Who reaches whom:'] : []),
    ...reach.map(({ from, to, verdict, reason }) => `${from} and ${to}: ${verdict}, ${reason}.`),
  ].join(' ');
}

/** XML 1.0, text and attributes. Control characters cannot be written in it: `visible` has replaced them. */
const encoded = (value: string): string =>
  value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
