/** What nftables' rules do (libnftables-json(5), STATEMENTS): verdicts, maps of verdicts, marks, queues. */
import { type Fields, fieldsOf, numberOf, objectsIn, textOf, textsOf } from '../../kernel/json.ts';
import { matchOf } from './nft-match.ts';
import { type Listening, queueVerdict } from './queue.ts';
import type { Match, Verdict } from './ruleset.ts';

/** Undefined where the statement decides nothing. */
export function verdictOf(step: Fields, listening: Listening): Verdict | undefined {
  if ('drop' in step || 'reject' in step) return { kind: 'drop' };
  if ('notrack' in step) return { kind: 'untrack' };
  if ('accept' in step) return { kind: 'accept' };
  if ('return' in step) return { kind: 'return' };
  const device = textOf(fieldsOf(step, 'fwd'), 'dev');
  if ('fwd' in step) return { kind: 'drop', why: `it sends them to ${device ?? 'another link'}` };
  if ('queue' in step) return queueOf(fieldsOf(step, 'queue'), listening);
  for (const kind of ['jump', 'goto'] as const) {
    const chain = textOf(fieldsOf(step, kind), 'target');
    if (chain !== undefined) return { kind, chain };
  }
  for (const [key, kind] of [
    ['snat', 'source'],
    ['masquerade', 'source'],
    ['dnat', 'destination'],
    ['redirect', 'destination'],
  ] as const) {
    if (!(key in step)) continue;
    const address = textOf(fieldsOf(step, key), 'addr');
    return { kind, ...(address !== undefined && { address }) };
  }
  const mangled = fieldsOf(step, 'mangle');
  if (textOf(fieldsOf(fieldsOf(mangled, 'key'), 'meta'), 'key') === 'mark') {
    const mark = numberOf(mangled, 'value');
    return { kind: 'mark', ...(mark !== undefined && { mark }) };
  }
  // What iptables put there, and nft cannot show.
  const target = fieldsOf(step, 'xt');
  if (textOf(target, 'type') !== 'target') return undefined;
  return { kind: /^(?:DROP|REJECT)$/.test(textOf(target, 'name') ?? '') ? 'drop' : 'none' };
}

/** `queue num 0`, `queue num 0-3 bypass`. */
function queueOf(queue: Fields, listening: Listening): Verdict {
  const range = fieldsOf(queue, 'num')['range'];
  const [low, high] = Array.isArray(range) ? range : [];
  const first = typeof low === 'number' ? low : (numberOf(queue, 'num') ?? 0);
  const last = typeof high === 'number' ? high : first;
  const isBypassed =
    textOf(queue, 'flags') === 'bypass' || textsOf(queue, 'flags').includes('bypass');
  return queueVerdict({ first, last }, isBypassed, listening);
}

/**
 * `ct state vmap { established : accept, invalid : drop }`, or with the name of a map.
 * @param named the entries of a map, by `@name`
 */
export function branchesOf(
  vmap: Fields,
  named: (name: string) => readonly unknown[] | undefined,
): [Match[], Verdict][] {
  const name = textOf(vmap, 'data');
  const entries = name === undefined ? fieldsOf(vmap, 'data')['set'] : named(name);
  if (!Array.isArray(entries)) return [];
  return entries.slice(0, MAX_BRANCHES).flatMap((entry: unknown): [Match[], Verdict][] => {
    const [value, then] = Array.isArray(entry) ? entry : [];
    const verdict = verdictOf(objectsIn([then])[0] ?? {}, undefined);
    if (!verdict) return [];
    return [[matchOf({ op: '==', left: vmap['key'], right: value }, () => undefined), verdict]];
  });
}

const MAX_BRANCHES = 1000;
