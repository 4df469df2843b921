/** What a ruleset does to a packet, as far as its conditions can be judged. */
import { contains, parseCidr, parseIp } from '../../model/ip.ts';
import type { Chain, Match, Packet, Rule, Ruleset } from './ruleset.ts';

/** A rule or policy that takes the packet. */
export interface Taken {
  readonly where: string;
  /** What it does to it. */
  readonly kind: 'drop' | 'untrack' | 'mark' | 'source' | 'destination';
  readonly address?: string;
  readonly mark?: number;
  /** All conditions up to here are known to be met. */
  readonly isCertain: boolean;
  /** Absent where nobody counts. */
  readonly packets?: number;
}

type Answer = 'yes' | 'no' | 'maybe';

/** Deeper than the kernel lets chains jump (NFT_JUMP_STACK_SIZE). */
const MAX_DEPTH = 16;
/** Rules looked at for one packet: rulesets of generated firewalls are longer than this only for other packets. */
const MAX_STEPS = 50_000;

/** Every base chain that the packet passes is asked: an `accept` ends one chain alone (nft(8)). */
export function takersOf({ chains }: Ruleset, packet: Packet): readonly Taken[] {
  const byName = new Map(chains.map((chain) => [idOf(chain, chain.name), chain]));
  const budget = { steps: MAX_STEPS };
  return chains
    .filter((chain) => passes(chain, packet))
    .flatMap((chain) => walk(chain, packet, byName, budget, true, 0).taken);
}

const idOf = ({ family, table }: Chain, name: string): string => `${family} ${table} ${name}`;

function passes({ hook, family, devices }: Chain, packet: Packet): boolean {
  if (hook === undefined || !packet.hooks.includes(hook)) return false;
  const link = hook === 'egress' ? packet.out : packet.in;
  if (devices.length > 0 && !(link?.split(' ') ?? []).some((one) => devices.includes(one))) {
    return false;
  }
  if (packet.isBridged) return family === 'bridge';
  const sees: Readonly<Record<string, boolean>> = {
    bridge: false,
    ip: packet.family === 'ipv4',
    ip6: packet.family === 'ipv6',
    inet: packet.family !== 'arp' || hook === 'ingress',
    arp: packet.family === 'arp',
  };
  return sees[family] ?? true;
}

interface Outcome {
  readonly taken: readonly Taken[];
  /** The packet goes no further for certain. */
  readonly isOver: boolean;
  readonly isSure: boolean;
}

function walk(
  chain: Chain,
  packet: Packet,
  byName: ReadonlyMap<string, Chain>,
  budget: { steps: number },
  wasSure: boolean,
  depth: number,
): Outcome {
  const taken: Taken[] = [];
  let isSure = wasSure;
  for (const rule of chain.rules) {
    budget.steps -= 1;
    if (budget.steps < 0) return { taken, isOver: true, isSure: false };
    const answer = answerOf(rule, packet);
    if (answer === 'no') continue;
    const isMet = answer === 'yes';
    const { verdict } = rule;
    switch (verdict.kind) {
      case 'none':
        break;
      case 'untrack':
      case 'mark':
        taken.push(takenBy(rule, verdict, isSure && isMet));
        break;
      case 'drop':
      case 'source':
      case 'destination':
        taken.push(takenBy(rule, verdict, isSure && isMet));
        if (isMet) return { taken, isOver: true, isSure };
        isSure = false;
        break;
      case 'accept':
        if (isMet) return { taken, isOver: true, isSure };
        isSure = false;
        break;
      case 'return':
        if (isMet) return end(chain, taken, isSure);
        isSure = false;
        break;
      default: {
        const next = byName.get(idOf(chain, verdict.chain));
        if (!next || depth >= MAX_DEPTH) {
          isSure = false;
          break;
        }
        const inner = walk(next, packet, byName, budget, isSure && isMet, depth + 1);
        taken.push(...inner.taken);
        if (inner.isOver && isMet) return { taken, isOver: true, isSure };
        isSure = isSure && isMet && inner.isSure;
        if (verdict.kind === 'goto' && isMet) return end(chain, taken, isSure);
      }
    }
  }
  return end(chain, taken, isSure);
}

function end({ policy }: Chain, taken: Taken[], isSure: boolean): Outcome {
  if (!policy) return { taken, isOver: false, isSure };
  return {
    taken: [...taken, { ...policy, kind: 'drop', isCertain: isSure }],
    isOver: true,
    isSure,
  };
}

const takenBy = (
  { where, packets }: Rule,
  verdict: Pick<Taken, 'kind' | 'address' | 'mark'>,
  isCertain: boolean,
): Taken => ({
  where,
  kind: verdict.kind,
  ...(verdict.address !== undefined && { address: verdict.address }),
  ...(verdict.mark !== undefined && { mark: verdict.mark }),
  isCertain,
  ...(packets !== undefined && { packets }),
});

function answerOf({ matches }: Rule, packet: Packet): Answer {
  const answers = matches.map((match) => answerTo(match, packet));
  if (answers.includes('no')) return 'no';
  return answers.includes('maybe') ? 'maybe' : 'yes';
}

function answerTo(match: Match, packet: Packet): Answer {
  if (match === 'unknown') return 'maybe';
  const { field, values, isNegated } = match;
  // Only packets with ports have such a field: for others the rule does not apply, negated or not.
  if (field === 'port') return 'no';
  const value = packet[field];
  if (value === undefined) return 'maybe';
  const found = value
    .split(' ')
    .flatMap((own) => values.map((wanted) => isOne(field, own, wanted)));
  const answer = found.includes('yes') ? 'yes' : found.includes('maybe') ? 'maybe' : 'no';
  if (!isNegated || answer === 'maybe') return answer;
  return answer === 'yes' ? 'no' : 'yes';
}

function isOne(field: string, own: string, wanted: string): Answer {
  if (field === 'length') return isLong(Number(own), wanted);
  if (field !== 'source' && field !== 'destination') {
    const prefix = /^(.+)[*+]$/.exec(wanted)?.[1];
    return own === wanted || (prefix !== undefined && own.startsWith(prefix)) ? 'yes' : 'no';
  }
  const ip = parseIp(own);
  const [first = '', last] = wanted.split('-');
  if (last !== undefined) return inRange(own, first, last);
  const network = parseCidr(wanted);
  const single = parseIp(wanted);
  if (!ip || !(network || single)) return 'maybe';
  return network ? (contains(network, ip) ? 'yes' : 'no') : single?.text === ip.text ? 'yes' : 'no';
}

/** `1400`, `1400-65535`. */
function isLong(own: number, wanted: string): Answer {
  const [low = Number.NaN, high = low] = wanted.split('-', 2).map(Number);
  if (!Number.isFinite(low) || !Number.isFinite(high)) return 'maybe';
  return low <= own && own <= high ? 'yes' : 'no';
}

function inRange(own: string, first: string, last: string): Answer {
  const [ip, low, high] = [own, first, last].map((text) => parseIp(text)?.bytes);
  if (!ip || !low || !high) return 'maybe';
  if (ip.length !== low.length || ip.length !== high.length) return 'no';
  return compare(low, ip) <= 0 && compare(ip, high) <= 0 ? 'yes' : 'no';
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at === -1 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
