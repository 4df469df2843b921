/** `nft -j list ruleset` (libnftables-json(5)): chains, their rules, and what each counted. */
import { type Fields, fieldsOf, numberOf, objectsIn, textOf, textsOf } from '../../kernel/json.ts';
import { matchOf, valuesOf } from './nft-match.ts';
import type { Chain, Match, Rule, Ruleset, Verdict } from './ruleset.ts';

/** Undefined where the text is not nftables' JSON. */
export function readNftables(text: string): Ruleset | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const all = objectsIn((value as Fields | null)?.['nftables']);
  const counters = new Map<string, number>();
  const sets = new Map<string, readonly string[]>();
  for (const item of all) {
    const counter = fieldsOf(item, 'counter');
    const packets = numberOf(counter, 'packets');
    if (packets !== undefined) counters.set(keyOf(counter, textOf(counter, 'name')), packets);
    const set = fieldsOf(item, 'set');
    const values = valuesOf({ set: set['elem'] ?? [] });
    if (textOf(set, 'name') !== undefined && values) {
      sets.set(keyOf(set, `@${textOf(set, 'name')}`), values);
    }
  }
  const rules = new Map<string, Rule[]>();
  for (const item of all) {
    const rule = fieldsOf(item, 'rule');
    if (Object.keys(rule).length === 0) continue;
    const key = keyOf(rule, textOf(rule, 'chain'));
    const own = rules.get(key) ?? [];
    own.push(...rulesOf(rule, counters, sets));
    rules.set(key, own);
  }
  const chains = all.map((item) => fieldsOf(item, 'chain')).filter((one) => textOf(one, 'name'));
  return { chains: chains.map((chain) => chainOf(chain, rules)) };
}

const keyOf = (fields: Fields, name: string | undefined): string =>
  `${textOf(fields, 'family')} ${textOf(fields, 'table')} ${name}`;

const placeOf = (fields: Fields, chain: string | undefined): string =>
  `nftables, \`table ${textOf(fields, 'family')} ${textOf(fields, 'table')}\`, chain \`${chain}\``;

function chainOf(chain: Fields, rules: ReadonlyMap<string, readonly Rule[]>): Chain {
  const name = textOf(chain, 'name') ?? '';
  const hook = textOf(chain, 'hook');
  const device = textOf(chain, 'dev');
  return {
    family: textOf(chain, 'family') ?? '',
    table: textOf(chain, 'table') ?? '',
    name,
    ...(hook !== undefined && { hook }),
    devices: device === undefined ? textsOf(chain, 'dev') : [device],
    ...(textOf(chain, 'policy') === 'drop' && {
      policy: { where: `${placeOf(chain, name)}, policy drop` },
    }),
    rules: rules.get(keyOf(chain, name)) ?? [],
  };
}

/** One, or several where a map of verdicts has as many. */
function rulesOf(
  rule: Fields,
  counters: ReadonlyMap<string, number>,
  sets: ReadonlyMap<string, readonly string[]>,
): Rule[] {
  const steps = objectsIn(rule['expr']);
  const where = `${placeOf(rule, textOf(rule, 'chain'))}, handle ${numberOf(rule, 'handle') ?? '?'}`;
  const packets = countedBy(rule, steps, counters);
  const named = (name: string): readonly string[] | undefined => sets.get(keyOf(rule, name));
  const matches: Match[] = [];
  const found: Rule[] = [];
  const add = (more: readonly Match[], verdict: Verdict): void => {
    found.push({
      where,
      ...(packets !== undefined && { packets }),
      matches: [...matches, ...more],
      verdict,
    });
  };
  for (const step of steps) {
    const verdict = verdictOf(step);
    if (verdict) add([], verdict);
    else if ('match' in step) matches.push(...matchOf(fieldsOf(step, 'match'), named));
    else if ('vmap' in step) {
      for (const [more, then] of branchesOf(fieldsOf(step, 'vmap'))) add(more, then);
    } else if (!Object.keys(step).every((key) => PASSED_OVER.has(key))) matches.push('unknown');
  }
  return found;
}

/** Statements that neither choose packets nor decide about them. */
const PASSED_OVER: ReadonlySet<string> = new Set([
  ...['counter', 'log', 'mangle', 'set', 'comment', 'ct helper', 'quota'],
]);

function countedBy(
  rule: Fields,
  steps: readonly Fields[],
  counters: ReadonlyMap<string, number>,
): number | undefined {
  const counter = steps.find((step) => 'counter' in step) ?? {};
  const name = textOf(counter, 'counter');
  return name === undefined
    ? numberOf(fieldsOf(counter, 'counter'), 'packets')
    : counters.get(keyOf(rule, name));
}

function verdictOf(step: Fields): Verdict | undefined {
  if ('drop' in step || 'reject' in step) return { kind: 'drop' };
  if ('notrack' in step) return { kind: 'untrack' };
  if ('accept' in step) return { kind: 'accept' };
  if ('return' in step) return { kind: 'return' };
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
  // What iptables put there, and nft cannot show.
  const target = fieldsOf(step, 'xt');
  if (textOf(target, 'type') !== 'target') return undefined;
  return { kind: /^(?:DROP|REJECT)$/.test(textOf(target, 'name') ?? '') ? 'drop' : 'none' };
}

/** `ct state vmap { established : accept, invalid : drop }`. */
function branchesOf(vmap: Fields): [Match[], Verdict][] {
  const entries = fieldsOf(vmap, 'data')['set'];
  if (!Array.isArray(entries)) return [];
  return entries.slice(0, MAX_BRANCHES).flatMap((entry: unknown): [Match[], Verdict][] => {
    const [value, then] = Array.isArray(entry) ? entry : [];
    const verdict = verdictOf(objectsIn([then])[0] ?? {});
    if (!verdict) return [];
    return [[matchOf({ op: '==', left: vmap['key'], right: value }, () => undefined), verdict]];
  });
}

const MAX_BRANCHES = 1000;
