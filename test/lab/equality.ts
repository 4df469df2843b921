/**
 * The same intent, the same kernel state, whichever system wrote it and on whichever suite. What
 * the kernel shows is compared as a whole, but for a short list of what lies in the daemons' own
 * nature.
 */
import type { Observed } from './observed.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Whether the two systems may differ in a field, and why that is nobody's harm. */
interface Nature {
  readonly of: 'link' | 'address' | 'route' | 'rule';
  readonly field: string;
  readonly why: string;
}

/** What a daemon does in its own way, and no file can say otherwise. */
export const NATURE: readonly Nature[] = [
  ...['ifindex', 'link_index', 'txqlen', 'qdisc', 'group', 'operstate', 'link_netnsid'].map(
    (field): Nature => ({ of: 'link', field, why: 'Numbers and queues of the lab itself.' }),
  ),
  ...['num_tx_queues', 'num_rx_queues', 'gso_max_size', 'gso_max_segs', 'tso_max_size'].map(
    (field): Nature => ({ of: 'link', field, why: 'Properties of the device, which nobody sets.' }),
  ),
];

/** One line for each thing that is there, in a fixed order. */
export function describeState({ links, routes, rules }: Observed): string[] {
  return [
    ...links.map(linkLine),
    ...links.flatMap((link) =>
      link.addr_info.map((address) => line(`address ${link.ifname}`, address as unknown as Fields)),
    ),
    ...routes.map((route) => line('route', route as unknown as Fields)),
    ...rules.map((rule) => line('rule', rule as unknown as Fields)),
  ].sort();
}

const linkLine = ({ addr_info: _, ...link }: Observed['links'][number]): string =>
  line('link', link as unknown as Fields);

function line(what: string, fields: Fields): string {
  const shown = Object.entries(fields)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return `${what}: ${shown.join(' ')}`;
}
