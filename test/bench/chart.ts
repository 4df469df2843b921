/**
 * Lines in a plane with logarithmic axes, as SVG: the same text for the same numbers, light or dark as
 * the reader's desktop is.
 */

export interface Line {
  readonly name: string;
  /** Both above 0. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Panel {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly lines: readonly Line[];
}

const WIDTH = 400;
const HEIGHT = 320;
const LEFT = 64;
const RIGHT = 16;
const TOP = 44;
const BOTTOM = 76;

/** By decades: the whole powers of ten around the values. */
export function decades(values: readonly number[]): readonly [first: number, last: number] {
  if (values.some((value) => !(value > 0) || !Number.isFinite(value))) {
    throw new Error('a logarithmic axis has positive numbers only');
  }
  // Of 1000 the logarithm is 2.9999999999999996 in some engines.
  const logs = values.map((value) => Math.log10(value));
  const first = Math.floor(Math.min(...logs) + 1e-9);
  const last = Math.ceil(Math.max(...logs) - 1e-9);
  return [first, Math.max(last, first + 1)];
}

const STYLE = [
  '.back{fill:#fff}.text{fill:#1f2328;font:12px sans-serif}.title{font-weight:600;font-size:14px}',
  '.grid{stroke:#d0d7de;stroke-width:1}.line{fill:none;stroke-width:2}',
  '.c0{stroke:#0969da}.c1{stroke:#bc4c00}.c2{stroke:#1a7f37}.c3{stroke:#8250df}',
  '@media (prefers-color-scheme:dark){.back{fill:#0d1117}.text{fill:#e6edf3}.grid{stroke:#30363d}',
  '.c0{stroke:#58a6ff}.c1{stroke:#f0883e}.c2{stroke:#3fb950}.c3{stroke:#bc8cff}}',
].join('');

const MARKS = ['none', '6 3', '2 3', '8 3 2 3'];

/** Panels side by side. @throws Error for a number that has no logarithm, or without panels */
export function chart(panels: readonly Panel[]): string {
  if (panels.length === 0) throw new Error('nothing to draw');
  const width = WIDTH * panels.length;
  const drawn = panels.map((panel, index) => drawPanel(panel, index * WIDTH));
  const label = panels.map(({ title }) => title).join('; ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${HEIGHT}" width="${width}" height="${HEIGHT}" role="img" aria-label="${escaped(label)}">`,
    `<style>${STYLE}</style>`,
    `<rect class="back" width="${width}" height="${HEIGHT}"/>`,
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

function drawPanel({ title, xLabel, yLabel, lines }: Panel, left: number): string {
  const points = lines.flatMap((line) => line.points);
  const x = axis(
    points.map(([value]) => value),
    left + LEFT,
    left + WIDTH - RIGHT,
  );
  const y = axis(
    points.map(([, value]) => value),
    HEIGHT - BOTTOM,
    TOP,
  );
  const grid = [
    ...x.ticks.map(({ at, name }) => [
      `<line class="grid" x1="${at}" x2="${at}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/>`,
      text(at, HEIGHT - BOTTOM + 16, name, 'middle'),
    ]),
    ...y.ticks.map(({ at, name }) => [
      `<line class="grid" x1="${left + LEFT}" x2="${left + WIDTH - RIGHT}" y1="${at}" y2="${at}"/>`,
      text(left + LEFT - 6, Number(at) + 4, name, 'end'),
    ]),
  ].flat();
  const drawn = lines.flatMap((line, index) => {
    const path = line.points.map(([a, b]) => `${x.place(a)},${y.place(b)}`).join(' ');
    const style = `class="line c${index % 4}" stroke-dasharray="${MARKS[index % 4]}"`;
    const column = left + LEFT + (index % 2) * 160;
    const row = HEIGHT - 26 + Math.floor(index / 2) * 16;
    return [
      `<polyline ${style} points="${path}"/>`,
      `<line ${style} x1="${column}" x2="${column + 24}" y1="${row - 4}" y2="${row - 4}"/>`,
      text(column + 30, row, line.name, 'start'),
    ];
  });
  return [
    text(left + LEFT, 18, title, 'start', ' title'),
    text(left + LEFT, 36, yLabel, 'start'),
    ...grid,
    text(left + (LEFT + WIDTH - RIGHT) / 2, HEIGHT - BOTTOM + 32, xLabel, 'middle'),
    ...drawn,
  ].join('\n');
}

interface Axis {
  readonly place: (value: number) => string;
  readonly ticks: readonly { readonly at: string; readonly name: string }[];
}

function axis(values: readonly number[], from: number, to: number): Axis {
  const [first, last] = decades(values);
  const at = (log: number): string =>
    (from + ((log - first) / (last - first)) * (to - from)).toFixed(1);
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return {
    place: (value) => at(Math.log10(value)),
    ticks: ticks.map((power) => ({ at: at(power), name: power < 0 ? `1e${power}` : tens(power) })),
  };
}

/** `10,000` */
const tens = (power: number): string => `1${'0'.repeat(power)}`.replace(/\B(?=(?:\d{3})+$)/g, ',');

const text = (
  x: number | string,
  y: number,
  content: string,
  anchor: 'start' | 'middle' | 'end',
  more = '',
): string =>
  `<text class="text${more}" x="${x}" y="${y}" text-anchor="${anchor}">${escaped(content)}</text>`;

const escaped = (content: string): string =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
