/** Two topologies as one, in which each node says what became of it. */
import type { Edge, Topology, TopologyNode } from './topology.ts';

export type NodeChange = 'added' | 'removed' | 'changed';

export interface DrawnNode extends TopologyNode {
  /** Absent where nothing changes, and where only one topology is drawn. */
  readonly change?: NodeChange;
  /** Of a changed node: its old lines that no longer apply. */
  readonly was?: readonly string[];
  /** Of what `doctor` found: what is wrong here, as codes, and who does not answer. */
  readonly breaks?: readonly string[];
}

export interface DrawnEdge extends Edge {
  readonly change?: 'added' | 'removed';
}

export interface Drawing {
  readonly host: string;
  readonly nodes: readonly DrawnNode[];
  readonly edges: readonly DrawnEdge[];
}

/** The nodes of both; those that are removed come after the others of their rank. */
export function changeBetween(before: Topology, after: Topology): Drawing {
  const old = new Map(before.nodes.map((node) => [node.id, node]));
  const now = new Set(after.nodes.map(({ id }) => id));
  const removed = before.nodes
    .filter(({ id }) => !now.has(id))
    .map((node) => ({ ...node, change: 'removed' as const }));
  const nodes = [...after.nodes.map((node) => compared(old.get(node.id), node)), ...removed];
  const key = ({ from, to }: Edge): string => JSON.stringify([from, to]);
  const oldEdges = new Set(before.edges.map(key));
  const newEdges = new Set(after.edges.map(key));
  return {
    host: after.host,
    nodes: nodes.sort((a, b) => a.rank - b.rank),
    edges: [
      ...after.edges.map((edge) =>
        oldEdges.has(key(edge)) ? edge : { ...edge, change: 'added' as const },
      ),
      ...before.edges
        .filter((edge) => !newEdges.has(key(edge)))
        .map((edge) => ({ ...edge, change: 'removed' as const })),
    ],
  };
}

function compared(before: TopologyNode | undefined, after: TopologyNode): DrawnNode {
  if (!before) return { ...after, change: 'added' };
  const was = before.facts.filter((fact) => !after.facts.includes(fact));
  const isSame = was.length === 0 && after.facts.length === before.facts.length;
  return isSame && before.kind === after.kind && before.name === after.name
    ? after
    : { ...after, change: 'changed', was };
}
