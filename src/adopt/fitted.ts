/** An adopted intent as the back end of its host can write it: what is refused is left out, and reported. */
import { compile } from '../compile.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { type Finding, finding } from '../diagnostics/finding.ts';
import type { TargetSpec } from '../targets/target.ts';
import type { Adoption } from './adopt.ts';
import type { Origin, Scalar } from './found.ts';
import { intentText } from './text.ts';
import type { Branch, Node } from './tree.ts';

/** A limit: each round removes a value. */
const MOST_ROUNDS = 50;

/** @param target of the distribution; absent: every version that is supported */
export function fitted(adoption: Adoption, target: TargetSpec | undefined): Adoption {
  const { intent, backend } = adoption;
  if (!intent) return adoption;
  const findings: Finding[] = [];
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const { diagnostics } = compile(intentText({ ...adoption, findings: [] }), {
      file: 'intent',
      backends: backend === undefined ? [] : [backend],
      ...(target && { target }),
    });
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    const found = errors.map((error) => amend(intent, error)).filter((item) => item !== undefined);
    if (found.length === 0) break;
    findings.push(...found.flat());
  }
  return { ...adoption, findings: [...adoption.findings, ...findings] };
}

/** @returns what was left out; undefined where nothing can be */
function amend(intent: Branch, { code, path, message }: Diagnostic): Finding[] | undefined {
  if (code === 'gateway-unreachable') return reachDirectly(intent, path);
  const removed = path.length > 2 ? remove(intent, path) : undefined;
  if (!removed) return undefined;
  const { origin, text } = removed;
  return [
    finding(
      'setting-not-adopted',
      origin.path ?? '/',
      `\`${text}\` is not in the intent. ${message}`,
      origin.line === undefined ? {} : { line: origin.line },
    ),
  ];
}

const childOf = (node: Node | undefined, step: string | number): Node | undefined =>
  node?.kind === 'map' ? node.pairs.get(String(step)) : undefined;

/** Removes the value at a path, or the item of a list that has it. */
function remove(
  intent: Branch,
  path: readonly (string | number)[],
): { readonly origin: Origin; readonly text: string } | undefined {
  let node: Node = intent;
  for (const [index, step] of path.entries()) {
    if (node.kind === 'list' && typeof step === 'number') {
      const [item] = node.items.splice(step, 1);
      return item && { origin: item.origin, text: textOf(item.value) };
    }
    const next = childOf(node, step);
    if (!next || node.kind !== 'map') return undefined;
    const isLast = index === path.length - 1 || next.kind === 'scalar' || next.kind === 'words';
    if (isLast && index > 1) {
      node.pairs.delete(String(step));
      return { origin: originOf(next), text: String(step) };
    }
    node = next;
  }
  return undefined;
}

const textOf = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? Object.entries(value)
        .map(([key, item]) => `${key} ${String(item)}`)
        .join(' ')
    : String(value);

function originOf(node: Node): Origin {
  if (node.kind === 'list') return node.items[0]?.origin ?? {};
  if (node.kind !== 'map') return node.origin ?? {};
  const [first] = node.pairs.values();
  return first ? originOf(first) : {};
}

/** The running host has this route: its gateway is on the LAN, in whatever subnet it is. */
function reachDirectly(intent: Branch, path: readonly (string | number)[]): Finding[] | undefined {
  const [of = '', name = '', key = '', index] = path;
  const list = childOf(childOf(childOf(intent, of), name), key);
  const item = list?.kind === 'list' && typeof index === 'number' ? list.items[index] : undefined;
  if (!item || typeof item.value !== 'object' || 'on-link' in item.value) return undefined;
  const value: Record<string, Scalar> = { ...item.value, 'on-link': true };
  if (list?.kind === 'list' && typeof index === 'number') {
    list.items.splice(index, 1, {
      value,
      origin: { ...item.origin, note: 'the gateway is in no subnet of the link' },
    });
  }
  return [];
}
