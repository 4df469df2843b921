/** Rules that hand packets to a program (nfnetlink_queue): without one that listens, the kernel drops them. */
import { textAt } from '../../kernel/ask.ts';
import type { System } from '../../system.ts';
import type { Verdict } from './ruleset.ts';

/** Numbers of the queues that a program has opened; undefined where the kernel does not list them. */
export type Listening = ReadonlySet<number> | undefined;

/** `/proc/net/netfilter/nfnetlink_queue`: a line for each queue that is open, its number first. */
export function readQueues(system: System): Listening {
  const text = textAt(system, '/proc/net/netfilter/nfnetlink_queue');
  if (text === undefined) return undefined;
  const lines = text.split('\n', MAX_QUEUES);
  return new Set(lines.flatMap((line) => /^\s*(\d{1,5})\s/.exec(line)?.[1] ?? []).map(Number));
}

/** Queue numbers have 16 bits. */
const MAX_QUEUES = 65_536;

/** A program that listens decides; without one, `bypass` accepts (iptables-extensions(8), NFQUEUE; nft(8), queue). */
export function queueVerdict(
  { first, last }: { readonly first: number; readonly last: number },
  isBypassed: boolean,
  listening: Listening,
): Verdict {
  const isHeard = [...(listening ?? [])].some((one) => one >= first && one <= last);
  if (isBypassed || isHeard || listening === undefined) return { kind: 'accept' };
  return { kind: 'drop', why: `no program reads the queue ${first}` };
}
