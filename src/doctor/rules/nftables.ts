/** `nft -j list ruleset` (libnftables-json(5)): chains, their rules, and what each counted. */
import { type Fields, fieldsOf, numberOf, objectsIn, textOf, textsOf } from '../../kernel/json.ts';
import { matchOf, valuesOf } from './nft-match.ts';
import { branchesOf, verdictOf } from './nft-verdict.ts';
import type { Listening } from './queue.ts';
import type { Chain, Match, Rule, Ruleset, Verdict } from './ruleset.ts';

/** What rules of a table refer to by name. */
interface Named {
  readonly counters: Map<string, number>;
  readonly sets: Map<string, readonly string[]>;
  /** Maps, with their entries as they are. */
  readonly maps: Map<string, readonly unknown[]>;
  readonly listening: Listening;
}

/**
 * Undefined where the text is not nftables' JSON.
 * @param listening queues that a program reads
 */
export function readNftables(text: string, listening?: Listening): Ruleset | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const all = objectsIn((value as Fields | null)?.['nftables']);
  const named = namedIn(all, listening);
  const rules = new Map<string, Rule[]>();
  for (const item of all) {
    const rule = fieldsOf(item, 'rule');
    if (Object.keys(rule).length === 0) continue;
    const key = keyOf(rule, textOf(rule, 'chain'));
    const own = rules.get(key) ?? [];
    own.push(...rulesOf(rule, named));
    rules.set(key, own);
  }
  const chains = all.map((item) => fieldsOf(item, 'chain')).filter((one) => textOf(one, 'name'));
  return { chains: chains.map((chain) => chainOf(chain, rules)) };
}

function namedIn(all: readonly Fields[], listening: Listening): Named {
  const named: Named = { counters: new Map(), sets: new Map(), maps: new Map(), listening };
  for (const item of all) {
    const counter = fieldsOf(item, 'counter');
    const packets = numberOf(counter, 'packets');
    if (packets !== undefined) named.counters.set(keyOf(counter, textOf(counter, 'name')), packets);
    const set = fieldsOf(item, 'set');
    const values = valuesOf({ set: set['elem'] ?? [] });
    if (textOf(set, 'name') !== undefined && values) {
      named.sets.set(keyOf(set, `@${textOf(set, 'name')}`), values);
    }
    const map = fieldsOf(item, 'map');
    const entries = map['elem'];
    if (textOf(map, 'map') === 'verdict' && Array.isArray(entries)) {
      named.maps.set(keyOf(map, `@${textOf(map, 'name')}`), entries);
    }
  }
  return named;
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
function rulesOf(rule: Fields, { counters, sets, maps, listening }: Named): Rule[] {
  const steps = objectsIn(rule['expr']);
  const where = `${placeOf(rule, textOf(rule, 'chain'))}, handle ${numberOf(rule, 'handle') ?? '?'}`;
  const packets = countedBy(rule, steps, counters);
  const named = (name: string): readonly string[] | undefined => sets.get(keyOf(rule, name));
  const entries = (name: string): readonly unknown[] | undefined => maps.get(keyOf(rule, name));
  const matches: Match[] = [];
  const found: Rule[] = [];
  const add = (more: readonly Match[], verdict: Verdict): void => {
    const why = verdict.kind === 'drop' && verdict.why !== undefined ? ` (${verdict.why})` : '';
    found.push({
      where: `${where}${why}`,
      ...(packets !== undefined && { packets }),
      matches: [...matches, ...more],
      verdict,
    });
  };
  for (const step of steps) {
    const verdict = verdictOf(step, listening);
    if (verdict) add([], verdict);
    else if ('match' in step) matches.push(...matchOf(fieldsOf(step, 'match'), named));
    else if ('vmap' in step) {
      for (const [more, then] of branchesOf(fieldsOf(step, 'vmap'), entries)) add(more, then);
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
