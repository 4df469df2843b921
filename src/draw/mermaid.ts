/** A drawing as a Mermaid flowchart, as GitHub and GitLab show it in Markdown. */
import type { Drawing, DrawnNode } from './change.ts';
import { KIND_NAMES } from './topology.ts';

/** @returns `flowchart TB` with a subgraph for the host; one final newline */
export function drawingMermaid(drawing: Drawing): string {
  const numbers = new Map(drawing.nodes.map(({ id }, index) => [id, `n${index}`]));
  const line = (node: DrawnNode): string => {
    const [open, close] = SHAPES[node.kind] ?? ['[', ']'];
    const style = node.change ? `:::${node.change}` : '';
    return `${numbers.get(node.id)}${open}"${label(node)}"${close}${style}`;
  };
  const lans = drawing.nodes.filter(({ kind }) => kind === 'lan');
  const others = drawing.nodes.filter(({ kind }) => kind !== 'lan');
  const lines = [
    'flowchart TB',
    ...lans.map((node) => `  ${line(node)}`),
    `  subgraph host["${encoded(drawing.host || 'host')}"]`,
    ...others.map((node) => `    ${line(node)}`),
    '  end',
    ...drawing.edges.map(
      ({ from, to, change }) =>
        `  ${numbers.get(from)} ${change === 'removed' ? '-.-' : '---'} ${numbers.get(to)}`,
    ),
    ...(drawing.nodes.some(({ change }) => change)
      ? [
          '  classDef added stroke-width:3px',
          '  classDef changed stroke-width:3px,stroke-dasharray:8 3',
          '  classDef removed stroke-dasharray:2 3',
        ]
      : []),
  ];
  return `${lines.join('\n')}\n`;
}

const SHAPES: Readonly<Partial<Record<DrawnNode['kind'], readonly [string, string]>>> = {
  lan: ['((', '))'],
  guest: ['(', ')'],
  tap: ['(', ')'],
};

function label(node: DrawnNode): string {
  const kind = node.kind === 'lan' ? [] : [KIND_NAMES[node.kind]];
  const change = node.change ? [`(${node.change})`] : [];
  const was = (node.was ?? []).map((fact) => `was ${fact}`);
  return [[node.name, ...change].join(' '), ...kind, ...node.facts, ...was]
    .map(encoded)
    .join('<br/>');
}

/** Characters that Mermaid or the HTML made of it would act upon, by their number. */
const encoded = (text: string): string =>
  text.replace(/[^A-Za-z0-9 .:/,()_-]/gu, (character) => `#${character.codePointAt(0)};`);
