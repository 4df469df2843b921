/** A drawing as a tree of lines, and who reaches whom as a table. */
import type { Drawing, DrawnNode } from './change.ts';
import type { Reach } from './reach.ts';
import { KIND_NAMES } from './topology.ts';

/** @returns lines for a terminal of any width, in box-drawing characters; one final newline */
export function drawingText(drawing: Drawing, reach: readonly Reach[]): string {
  return `${[...treeText(drawing), '', ...reachLines(reach)].join('\n')}\n`;
}

/** @returns the tree alone, a line for each link */
export function treeText(drawing: Drawing): string[] {
  const lines = treeLines(drawing);
  const left = Math.min(48, Math.max(0, ...lines.map(({ head }) => head.length)));
  return lines.map(({ head, facts }) => `${head.padEnd(left)}  ${facts}`.trimEnd());
}

interface TreeLine {
  readonly head: string;
  readonly facts: string;
}

function treeLines(drawing: Drawing): TreeLine[] {
  const children = childrenOf(drawing);
  const lines: TreeLine[] = [];
  const add = (node: DrawnNode, lead: string, branch: string, below: string): void => {
    lines.push({
      head: `${lead}${branch}${mark(node)}${node.name}`,
      facts: factsOf(node, drawing),
    });
    const under = children.get(node.id) ?? [];
    under.forEach((child, index) => {
      const isLast = index === under.length - 1;
      add(child, lead + below, isLast ? '└─ ' : '├─ ', isLast ? '   ' : '│  ');
    });
  };
  for (const root of children.get('') ?? []) add(root, '', '', '');
  return lines;
}

/** What is printed below what. A bond or bridge of several links is printed beside its first. */
function childrenOf({ nodes, edges }: Drawing): Map<string, DrawnNode[]> {
  const lower = new Map<string, string>();
  for (const { from, to } of edges) if (!lower.has(to)) lower.set(to, from);
  const lans = new Set(nodes.filter(({ kind }) => kind === 'lan').map(({ id }) => id));
  const above = new Map<string, DrawnNode[]>();
  for (const node of nodes) {
    const first = lower.get(node.id) ?? '';
    const hasPorts = isMaster(node) && !lans.has(first);
    const under = hasPorts ? (lower.get(first) ?? '') : first;
    above.set(under, [...(above.get(under) ?? []), node]);
  }
  return above;
}

const isMaster = ({ kind }: DrawnNode): boolean => kind === 'bond' || kind === 'bridge';

const MARKS = { added: '+ ', removed: '- ', changed: '~ ' } as const;
const mark = ({ change, breaks }: DrawnNode): string =>
  change ? MARKS[change] : breaks ? '! ' : '';

function factsOf(node: DrawnNode, { edges, nodes }: Drawing): string {
  const breaks = (node.breaks ?? []).map((what) => `! ${what}`);
  if (node.kind === 'lan') return [...node.facts, ...breaks].join(', ');
  const ports = isMaster(node)
    ? edges
        .filter(({ to }) => to === node.id)
        .flatMap(({ from }) => nodes.find(({ id }) => id === from) ?? [])
        .filter(({ kind }) => kind !== 'lan')
        .map(({ name }) => name)
    : [];
  const kind = `${KIND_NAMES[node.kind]}${ports.length > 0 ? ` of ${ports.join(', ')}` : ''}`;
  const was = (node.was ?? []).map((fact) => `was ${fact}`);
  return [kind, ...node.facts, ...was, ...breaks].join(', ');
}

/** @returns a heading and a line for each pair */
export function reachLines(reach: readonly Reach[]): string[] {
  const from = Math.max(0, ...reach.map((line) => line.from.length));
  const to = Math.max(0, ...reach.map((line) => line.to.length));
  return [
    'Who reaches whom',
    ...reach.map(
      (line) =>
        `  ${line.from.padEnd(from)} <-> ${line.to.padEnd(to)}  ${line.verdict.padEnd(7)}  ${line.reason}`,
    ),
  ];
}
