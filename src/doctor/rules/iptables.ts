/** `iptables-save -c` (iptables-save(8)): `:INPUT DROP [3:252]`, `[3:252] -A INPUT -p icmp -j DROP`. */
import { type Listening, queueVerdict } from './queue.ts';
import type { Chain, Field, Match, Rule, Ruleset, Verdict } from './ruleset.ts';

const MAX_LINES = 100_000;

const HOOKS: ReadonlySet<string> = new Set([
  ...['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
]);

/**
 * @param program what showed it, as `iptables` or `iptables-legacy`
 * @param listening queues that a program reads
 */
export function readIptables(
  text: string,
  program: string,
  family: 'ip' | 'ip6',
  listening?: Listening,
): Ruleset {
  const chains = new Map<string, Chain & { readonly rules: Rule[] }>();
  let table = '';
  for (const line of text.split('\n', MAX_LINES)) {
    const [, named] = /^\*(\w{1,32})$/.exec(line) ?? [];
    if (named !== undefined) table = named;
    const [, chain = '', policy = '', count = ''] =
      /^:(\S{1,64}) (\S{1,16}) \[(\d{1,15}):\d+\]$/.exec(line) ?? [];
    if (chain !== '') {
      chains.set(`${table} ${chain}`, {
        family,
        table,
        name: chain,
        ...(HOOKS.has(chain) && { hook: chain.toLowerCase() }),
        devices: [],
        ...(policy === 'DROP' && {
          policy: {
            where: `${program}, chain \`${chain}\`, policy ${policy}`,
            packets: Number(count),
          },
        }),
        rules: [],
      });
    }
    const [, packets = '', rule] = /^\[(\d{1,15}):\d+\] (-A .*)$/.exec(line) ?? [];
    if (rule === undefined) continue;
    const words = wordsOf(rule);
    const meaning = meaningOf(words.slice(2), family, {
      isLeaving: words[1] === 'POSTROUTING',
      listening,
    });
    const { verdict } = meaning;
    const why = verdict.kind === 'drop' && verdict.why !== undefined ? ` (${verdict.why})` : '';
    chains.get(`${table} ${words[1]}`)?.rules.push({
      where: `${program}, \`${rule}\`${why}`,
      packets: Number(packets),
      ...meaning,
    });
  }
  return { chains: [...chains.values()] };
}

/** The tables that it shows. */
export const tablesIn = (text: string): string[] =>
  text.split('\n', MAX_LINES).flatMap((line) => /^\*(\w{1,32})$/.exec(line)?.[1] ?? []);

/** Quoted words are comments and the like: they are one word, and nothing in them is an option. */
function wordsOf(rule: string): string[] {
  const words: string[] = [];
  let quoted = false;
  for (const part of rule.split('"', MAX_LINES)) {
    if (quoted) words.push('"');
    else words.push(...part.split(' ').filter((word) => word !== ''));
    quoted = !quoted;
  }
  return words;
}

const FIELDS: ReadonlyMap<string, Field> = new Map([
  ['-s', 'source'],
  ['-d', 'destination'],
  ['-i', 'in'],
  ['-o', 'out'],
  ['-p', 'protocol'],
  ['--icmp-type', 'icmp'],
  ['--icmpv6-type', 'icmp'],
  ['--ctstate', 'state'],
  ['--state', 'state'],
  ['--mac-source', 'sourceMac'],
  ['--pkt-type', 'packetType'],
  ['--length', 'length'],
  ['--dst-type', 'destinationType'],
]);

/** Options of TCP and UDP. */
const PORTS: ReadonlySet<string> = new Set([
  ...['--dport', '--sport', '--dports', '--sports', '--ports', '--syn', '--tcp-flags'],
]);

/** Modules whose conditions are known, or which have none. */
const KNOWN: ReadonlySet<string> = new Set([
  ...[
    'tcp',
    'udp',
    'multiport',
    'icmp',
    'icmp6',
    'state',
    'conntrack',
    'comment',
    'mac',
    'pkttype',
    'length',
    'addrtype',
  ],
]);

const TYPES: ReadonlyMap<string, string> = new Map([
  ['0', 'echo-reply'],
  ['8', 'echo-request'],
  ['128', 'echo-request'],
  ['129', 'echo-reply'],
  ['134', 'nd-router-advert'],
  ['135', 'nd-neighbor-solicit'],
  ['136', 'nd-neighbor-advert'],
]);

interface Around {
  /** The chain is of packets that leave: their source is translated, not their destination. */
  readonly isLeaving: boolean;
  readonly listening: Listening;
}

function meaningOf(
  words: readonly string[],
  family: 'ip' | 'ip6',
  around: Around,
): Pick<Rule, 'matches' | 'verdict'> {
  const matches: Match[] = [];
  let verdict: Verdict = { kind: 'none' };
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const isNegated = words[at - 1] === '!';
    const next = words[at + 1] ?? '';
    const field = FIELDS.get(word);
    if (field) {
      const values = next.split(',').map((value) => plain(field, value, family));
      // A type may stand for all of them (iptables-extensions(8), icmp).
      if (!(field === 'icmp' && (next === 'any' || next === '255'))) {
        matches.push({ field: onLink(field, words), values, isNegated });
      }
      at += 1;
    } else if (UNJUDGED.has(word)) matches.push('unknown');
    else if (PORTS.has(word)) matches.push({ field: 'port', values: [], isNegated: false });
    else if (word === '-m' && !KNOWN.has(next)) matches.push('unknown');
    else if (word === '-j' || word === '-g') {
      verdict = verdictOf(word, next, words.slice(at + 2), around);
    }
  }
  return { matches, verdict };
}

/** Of the module `addrtype`: what is known of no packet here. */
const UNJUDGED: ReadonlySet<string> = new Set(['--src-type', '--limit-iface-out']);

/** What an address is to the host may be asked of one link alone. */
const onLink = (field: Field, words: readonly string[]): Field =>
  field === 'destinationType' && words.includes('--limit-iface-in')
    ? 'destinationTypeThere'
    : field;

function plain(field: Field, value: string, family: 'ip' | 'ip6'): string {
  const text = value.toLowerCase();
  if (field === 'icmp') return TYPES.get(text) ?? text;
  if (field === 'length') return text.replace(':', '-');
  if (field === 'packetType') return text === 'unicast' ? 'host' : text;
  return field === 'protocol' && (family === 'ip6' || text === 'ipv6-icmp') && text.includes('icmp')
    ? 'icmpv6'
    : text;
}

function verdictOf(
  word: string,
  target: string,
  more: readonly string[],
  { isLeaving, listening }: Around,
): Verdict {
  const after = (option: string): { readonly address?: string } => {
    const at = more.indexOf(option);
    const address = /^\[?([0-9a-fA-F.:]+?)\]?(?::\d+)?$/.exec(
      at === -1 ? '' : (more[at + 1] ?? ''),
    );
    return address?.[1] === undefined ? {} : { address: address[1] };
  };
  switch (target) {
    case 'DROP':
    case 'REJECT':
      return { kind: 'drop' };
    case 'ACCEPT':
      return { kind: 'accept' };
    case 'RETURN':
      return { kind: 'return' };
    case 'DNAT':
      return { kind: 'destination', ...after('--to-destination') };
    case 'REDIRECT':
      return { kind: 'destination' };
    case 'NOTRACK':
      return { kind: 'untrack' };
    case 'CT':
      return { kind: more.includes('--notrack') ? 'untrack' : 'none' };
    case 'SNAT':
      return { kind: 'source', ...after('--to-source') };
    case 'MASQUERADE':
      return { kind: 'source' };
    // Each address becomes one of the other network, with the same last bits.
    case 'NETMAP':
      return { kind: isLeaving ? 'source' : 'destination', address: wordAfter(more, '--to') };
    case 'MARK':
      return { kind: 'mark', ...markOf(more) };
    case 'NFQUEUE':
      return queueVerdict(queuesOf(more), more.includes('--queue-bypass'), listening);
    default:
      // After those of a module, as LOG or TCPMSS, the packet goes on to the next rule.
      return MODULES.has(target)
        ? { kind: 'none' }
        : { kind: word === '-g' ? 'goto' : 'jump', chain: target };
  }
}

const wordAfter = (words: readonly string[], option: string): string => {
  const at = words.indexOf(option);
  return at === -1 ? '' : (words[at + 1] ?? '');
};

/** `--set-xmark 0x1/0xffffffff`: a mark that replaces all bits is known, another is not. */
function markOf(words: readonly string[]): { readonly mark?: number } {
  const [, value = '', mask = '0xffffffff'] =
    /^(0x[0-9a-f]{1,8}|\d{1,10})(?:\/(0x[0-9a-f]{1,8}))?$/.exec(
      wordAfter(words, '--set-xmark') || wordAfter(words, '--set-mark'),
    ) ?? [];
  return value !== '' && mask === '0xffffffff' ? { mark: Number(value) } : {};
}

/** `--queue-num 4`, `--queue-balance 0:3`; 0 by default (iptables-extensions(8)). */
function queuesOf(words: readonly string[]): { readonly first: number; readonly last: number } {
  const [, low = '', high] =
    /^(\d{1,5}):(\d{1,5})$/.exec(wordAfter(words, '--queue-balance')) ?? [];
  if (high !== undefined) return { first: Number(low), last: Number(high) };
  const only = Number(/^\d{1,5}$/.exec(wordAfter(words, '--queue-num'))?.[0] ?? 0);
  return { first: only, last: only };
}

const MODULES: ReadonlySet<string> = new Set([
  ...['LOG', 'NFLOG', 'CONNMARK', 'SET', 'TRACE', 'CHECKSUM', 'TCPMSS'],
  ...['TOS', 'DSCP', 'CLASSIFY', 'AUDIT', 'SECMARK', 'CONNSECMARK', 'RATEEST', 'ULOG', 'TEE'],
]);
