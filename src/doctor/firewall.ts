/** Rules that drop packets: `nft -j list ruleset`, `iptables-save -c`. */
import { type Fields, fieldsOf, numberOf, objectsIn, textOf } from '../kernel/json.ts';
import type { Filter } from './facts.ts';

/** Undefined where the text is not nftables' JSON (libnftables-json(5)). */
export function readNftables(text: string): Filter[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const all = objectsIn((value as Fields | null)?.['nftables']);
  const hooks = new Map<string, string>();
  const counters = new Map<string, number>();
  for (const item of all) {
    const chain = fieldsOf(item, 'chain');
    const hook = textOf(chain, 'hook');
    if (hook !== undefined) hooks.set(keyOf(chain, 'name'), hook);
    const counter = fieldsOf(item, 'counter');
    const packets = numberOf(counter, 'packets');
    if (packets !== undefined) counters.set(keyOf(counter, 'table', 'name'), packets);
  }
  return all.flatMap((item) => [
    ...policyOf(fieldsOf(item, 'chain')),
    ...ruleOf(fieldsOf(item, 'rule'), hooks, counters),
  ]);
}

const keyOf = (fields: Fields, ...keys: readonly string[]): string =>
  ['family', 'table', ...keys].map((key) => textOf(fields, key) ?? '').join(' ');

function policyOf(chain: Fields): Filter[] {
  if (textOf(chain, 'policy') !== 'drop') return [];
  const hook = textOf(chain, 'hook');
  return [
    {
      where: `nftables, \`table ${textOf(chain, 'family')} ${textOf(chain, 'table')}\`, chain \`${textOf(chain, 'name')}\`, policy drop`,
      family: textOf(chain, 'family') ?? '',
      ...(hook !== undefined && { hook }),
      dropped: 0,
    },
  ];
}

function ruleOf(
  rule: Fields,
  hooks: ReadonlyMap<string, string>,
  counters: ReadonlyMap<string, number>,
): Filter[] {
  const steps = objectsIn(rule['expr']);
  if (!steps.some((step) => 'drop' in step || 'reject' in step)) return [];
  const counter = steps.find((step) => 'counter' in step);
  const name = counter && textOf(counter, 'counter');
  const packets =
    name === undefined
      ? numberOf(fieldsOf(counter ?? {}, 'counter'), 'packets')
      : counters.get(
          `${textOf(rule, 'family')} ${textOf(rule, 'table')} ${textOf(rule, 'table')} ${name}`,
        );
  const hook = hooks.get(keyOf(rule, 'chain'));
  return [
    {
      where: `nftables, \`table ${textOf(rule, 'family')} ${textOf(rule, 'table')}\`, chain \`${textOf(rule, 'chain')}\`, handle ${numberOf(rule, 'handle') ?? '?'}`,
      family: textOf(rule, 'family') ?? '',
      ...(hook !== undefined && { hook }),
      ...(packets !== undefined && { packets }),
      dropped: 0,
    },
  ];
}

const MAX_LINES = 100_000;
const DROPS: ReadonlySet<string> = new Set(['DROP', 'REJECT']);

/** `iptables-save -c`: `:INPUT DROP [3:252]`, `[3:252] -A INPUT -p icmp -j DROP`. */
export function readIptables(text: string, program: string, family: 'ip' | 'ip6'): Filter[] {
  return text.split('\n', MAX_LINES).flatMap((line): Filter[] => {
    const [, chain = '', policy = '', count = ''] =
      /^:(\S+) (\S+) \[(\d{1,15}):\d+\]$/.exec(line) ?? [];
    if (DROPS.has(policy)) {
      return [
        iptablesFilter(`${program}, chain \`${chain}\`, policy ${policy}`, chain, count, family),
      ];
    }
    const [, packets = '', rule = ''] = /^\[(\d{1,15}):\d+\] (-A .*)$/.exec(line) ?? [];
    const words = rule.split(' ');
    const target = words[words.indexOf('-j') + 1] ?? '';
    if (!words.includes('-j') || !DROPS.has(target)) return [];
    return [iptablesFilter(`${program}, \`${rule}\``, words[1] ?? '', packets, family)];
  });
}

const iptablesFilter = (
  where: string,
  chain: string,
  packets: string,
  family: 'ip' | 'ip6',
): Filter => ({
  where,
  family,
  ...(/^(?:INPUT|OUTPUT|FORWARD|PREROUTING|POSTROUTING)$/.test(chain) && {
    hook: chain.toLowerCase(),
  }),
  packets: Number(packets),
  dropped: 0,
});

/** What each filter dropped between two looks. One that came in between has dropped all that it counts. */
export function droppedBetween(before: readonly Filter[], after: readonly Filter[]): Filter[] {
  const earlier = new Map(before.map(({ where, packets }) => [where, packets ?? 0]));
  return after.map((filter) => ({
    ...filter,
    dropped: Math.max(0, (filter.packets ?? 0) - (earlier.get(filter.where) ?? 0)),
  }));
}
