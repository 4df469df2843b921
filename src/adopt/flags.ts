/**
 * What generated files say of a link only together: whether boot waits for it, whether it needs a carrier. Each is
 * tried: the value with which the rendered files are closer to those of the host is the one that they are from.
 */
import { compile } from '../compile.ts';
import type { TargetSpec } from '../targets/target.ts';
import type { Scalar } from './found.ts';
import { yamlLines } from './print.ts';
import { type Branch, below, type Node, scalar } from './tree.ts';

/** Lines of a host's files that the intent does not render, or that it renders beside them. */
export interface Difference {
  readonly path: string;
  /** In the host's file; absent: the intent renders a line that it does not have. */
  readonly line?: number;
  readonly text: string;
}

export interface Rendering {
  readonly backend: string;
  readonly target: TargetSpec | undefined;
  /** Path → text, of all generated files of the host. */
  readonly files: ReadonlyMap<string, string>;
}

/** What differs between the files of the host and those of the intent; undefined: it has errors. */
export function differences(
  intent: Branch,
  { backend, target, files }: Rendering,
): Difference[] | undefined {
  const { sets } = compile(`${yamlLines(intent).join('\n')}\n`, {
    file: 'intent',
    backends: [backend],
    ...(target && { target }),
  });
  const rendered = new Map((sets?.[0]?.files ?? []).map(({ path, text }) => [path, text]));
  if (!sets) return undefined;
  return [...new Set([...files.keys(), ...rendered.keys()])].flatMap((path) => {
    const own = (files.get(path) ?? '').split('\n');
    const other = (rendered.get(path) ?? '').split('\n');
    const found = [...missing(own, other, path, true), ...missing(other, own, path, false)];
    // The same lines in another order: a line of another link.
    const at = own.findIndex((text, index) => text !== other[index]);
    const moved =
      found.length === 0 && at >= 0 ? [{ path, line: at + 1, text: own[at] ?? '' }] : [];
    return [...found, ...moved];
  });
}

/** Lines of the first text that the second has less often. */
function missing(
  own: readonly string[],
  other: readonly string[],
  path: string,
  isOwn: boolean,
): Difference[] {
  const left = new Map<string, number>();
  for (const line of other) left.set(line, (left.get(line) ?? 0) + 1);
  return own.flatMap((text, index) => {
    const count = left.get(text) ?? 0;
    left.set(text, count - 1);
    if (count > 0 || text === '') return [];
    return [{ path, text, ...(isOwn && { line: index + 1 }) }];
  });
}

/** A change of one link that is tried: a key below it, and its value; undefined: without it. */
type Trial = readonly [key: string, value: Scalar | undefined];

const FLAGS: readonly Trial[] = [
  ['ignore-carrier', true],
  ['optional', true],
  ['wakeonlan', true],
  ['wakeonlan', false],
  ['dns-default-route', true],
  ['dns-default-route', false],
  ['multicast-dns', true],
  ['multicast-dns', false],
  ['multicast-dns', 'resolve'],
  // One of them may have come closer only as long as the other was not there.
  ['ignore-carrier', undefined],
  ['optional', undefined],
];

const OVERRIDES: readonly Trial[] = ['dhcp4-overrides', 'dhcp6-overrides'].flatMap((of) => [
  ...['use-dns', 'use-ntp', 'use-hostname', 'send-hostname'].flatMap((key): Trial[] => [
    [`${of}.${key}`, false],
    [`${of}.${key}`, true],
  ]),
  [`${of}.use-domains`, true] satisfies Trial,
]);

/** A limit for hosts with very many links. */
const MOST_LINKS = 40;

/** Adds each value that brings the rendered files closer to those of the host. */
export function addFlags(intent: Branch, rendering: Rendering): Difference[] | undefined {
  let best = differences(intent, rendering) ?? withParents(intent, rendering);
  const links = linksIn(intent).slice(0, MOST_LINKS);
  // Twice: what a link needs may follow from one after it.
  for (const link of [...links, ...links]) {
    for (const trial of trialsOf(link)) {
      if (best?.length === 0) return best;
      const undo = tryOn(link, trial);
      const found = undo && differences(intent, rendering);
      if (found && (!best || found.length < best.length)) best = found;
      else undo?.();
    }
  }
  return best && prune(intent, rendering, best);
}

/** Leaves out parents without settings, where the files are the same without them. */
function prune(intent: Branch, rendering: Rendering, best: Difference[]): Difference[] {
  const parents = intent.pairs.get('parents');
  if (parents?.kind !== 'map') return best;
  let found = best;
  for (const [name, link] of [...parents.pairs]) {
    if (link.kind !== 'map' || link.pairs.size > 0) continue;
    parents.pairs.delete(name);
    if (parents.pairs.size === 0) intent.pairs.delete('parents');
    const without = differences(intent, rendering);
    if (without && without.length <= found.length) found = without;
    else {
      intent.pairs.set('parents', parents);
      parents.pairs.set(name, link);
    }
  }
  return found;
}

/** With links under shims that are there for themselves alone: bare, or configured by other files. */
function withParents(intent: Branch, rendering: Rendering): Difference[] | undefined {
  const shims = linksUnder(intent);
  const [file] = [...rendering.files.keys()].flatMap(
    (path) => /\/([^/]+\.network)\.d\/90-macvtap\.conf$/.exec(path)?.[1] ?? [],
  );
  for (const name of shims) {
    const link = below(below(intent, 'parents'), name);
    if (link.pairs.size > 0) continue;
    for (const values of PARENTS) {
      link.pairs.clear();
      for (const [key, value] of Object.entries(values)) link.pairs.set(key, scalar(value));
      if ('managed' in values && file !== undefined) link.pairs.set('network-file', scalar(file));
      const found = differences(intent, rendering);
      if (found) return found;
    }
  }
  return undefined;
}

const PARENTS: readonly Readonly<Record<string, Scalar>>[] = [
  { managed: false },
  { type: 'bridge', managed: false },
];

function linksUnder(intent: Branch): string[] {
  const shims = intent.pairs.get('shims');
  const all = shims?.kind === 'map' ? [...shims.pairs.values()].flatMap(branchOf) : [];
  return [...new Set(all.map((shim) => String(scalarAt(shim, 'parent') ?? '')))];
}

const linksIn = (intent: Branch): Branch[] =>
  ['parents', 'shims'].flatMap((section) => {
    const node = intent.pairs.get(section);
    return node?.kind === 'map' ? [...node.pairs.values()].flatMap(branchOf) : [];
  });

const branchOf = (node: Node): Branch[] => (node.kind === 'map' ? [node] : []);

const scalarAt = (link: Branch, key: string): Scalar | undefined => {
  const node = link.pairs.get(key);
  return node?.kind === 'scalar' ? node.value : undefined;
};

function trialsOf(link: Branch): Trial[] {
  const ports = link.pairs.get('interfaces');
  const primaries: Trial[] =
    ports?.kind === 'list' && scalarAt(link, 'type') === 'bond'
      ? ports.items.map(({ value }) => ['parameters.primary', String(value)])
      : [];
  const hasClient = ['dhcp4', 'dhcp6', 'accept-ra'].some((key) => scalarAt(link, key) === true);
  return [
    ...FLAGS,
    ...primaries,
    ...(scalarAt(link, 'dhcp6') === false ? [['dhcp6', undefined] satisfies Trial] : []),
    ...(hasClient ? OVERRIDES : []),
  ];
}

/** @returns what takes it back; undefined where there is nothing to try */
function tryOn(link: Branch, [path, value]: Trial): (() => void) | undefined {
  const parts = path.split('.');
  const key = parts.pop() ?? '';
  const [of] = parts;
  const isNew = of !== undefined && !link.pairs.has(of);
  const target = of === undefined ? link : below(link, of);
  const old = target.pairs.get(key);
  if ((old === undefined) === (value === undefined)) return undefined;
  if (value === undefined) target.pairs.delete(key);
  else target.pairs.set(key, scalar(value));
  return () => {
    if (old) target.pairs.set(key, old);
    else target.pairs.delete(key);
    if (isNew && of !== undefined) link.pairs.delete(of);
  };
}
