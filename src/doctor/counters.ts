/** What the kernel counts while it is probed: drops by queues and by the return path, packets that came in. */

import { ask, textAt } from '../kernel/ask.ts';
import { fieldsOf, numberOf, readObjects, textOf } from '../kernel/json.ts';
import type { System } from '../system.ts';
import type { QueueDrops } from './facts.ts';

export interface Counters {
  readonly reversePath: number;
  /** Link, kind and handle of a queue → packets dropped. */
  readonly queues: ReadonlyMap<string, number>;
  /** Link → packets received. */
  readonly received: ReadonlyMap<string, number>;
}

export const readCounters = (system: System): Counters => ({
  reversePath: reversePathDrops(textAt(system, '/proc/net/netstat') ?? ''),
  queues: queueDrops(ask(system, 'tc', ['-s', '-j', 'qdisc', 'show']).text ?? ''),
  received: receivedBy(ask(system, 'ip', ['-s', '-j', 'link']).text ?? ''),
});

/** Packets that the return path filter has dropped so far (`/proc/net/netstat`, TcpExt). */
export function reversePathDrops(text: string): number {
  const lines = text.split('\n', 100).filter((line) => line.startsWith('TcpExt:'));
  const [names = [], values = []] = lines.map((line) => line.split(' '));
  const value = Number(values[names.indexOf('IPReversePathFilter')] ?? 0);
  return Number.isFinite(value) ? value : 0;
}

/** `tc -s -j qdisc show` (tc(8)); what filters drop at ingress is counted by its queue. */
export function queueDrops(text: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const fields of readObjects(text) ?? []) {
    const [link, kind] = [textOf(fields, 'dev'), textOf(fields, 'kind')];
    const drops = numberOf(fields, 'drops');
    if (link === undefined || kind === undefined || drops === undefined) continue;
    found.set(`${link} ${kind} ${textOf(fields, 'handle') ?? ''}`, drops);
  }
  return found;
}

/** `ip -s -j link`: the kernel's own counters of each link. */
function receivedBy(text: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const fields of readObjects(text) ?? []) {
    const name = textOf(fields, 'ifname');
    const packets = numberOf(fieldsOf(fieldsOf(fields, 'stats64'), 'rx'), 'packets');
    if (name !== undefined && packets !== undefined) found.set(name, packets);
  }
  return found;
}

/** Queues that dropped something in between. */
export const queuesBetween = (before: Counters, after: Counters): QueueDrops[] =>
  [...after.queues].flatMap(([key, drops]) => {
    const dropped = drops - (before.queues.get(key) ?? 0);
    const [link = '', kind = ''] = key.split(' ');
    return dropped > 0 ? [{ link, kind, dropped }] : [];
  });

/** Packets that came in meanwhile, by link. */
export const receivedBetween = (before: Counters, after: Counters): Map<string, number> =>
  new Map(
    [...after.received].map(([name, packets]) => [
      name,
      Math.max(0, packets - (before.received.get(name) ?? 0)),
    ]),
  );

/**
 * How full the kernel's table of neighbours is: `/proc/net/stat/arp_cache`, hexadecimal, and
 * `gc_thresh3` (arp(7)). It is one table for all network namespaces, readable in the first alone.
 */
export function neighbourTable(
  system: System,
): { readonly entries: number; readonly limit: number } | undefined {
  const [header = '', first = ''] = (textAt(system, '/proc/net/stat/arp_cache') ?? '').split(
    '\n',
    2,
  );
  const at = header.trim().split(/\s+/).indexOf('entries');
  const value = first.trim().split(/\s+/)[at] ?? '';
  const limit = textAt(system, '/proc/sys/net/ipv4/neigh/default/gc_thresh3')?.trim() ?? '';
  if (!/^[0-9a-f]{1,8}$/i.test(value) || !/^\d{1,9}$/.test(limit)) return undefined;
  return { entries: Number.parseInt(value, 16), limit: Number(limit) };
}
