/** Parameters of the kernel and entries of bridges that matter only where somebody does not answer. */

import { ask, textAt } from '../kernel/ask.ts';
import { readObjects, textOf, textsOf } from '../kernel/json.ts';
import type { KernelState } from '../kernel/types.ts';
import type { Model } from '../model/types.ts';
import type { System } from '../system.ts';
import type { BridgeEntry } from './facts.ts';

/** Of each shim and parent of the intent (Documentation/networking/ip-sysctl). */
const OF_LINKS: readonly string[] = [
  'net/ipv4/neigh/*/mcast_solicit',
  'net/ipv6/neigh/*/mcast_solicit',
  'net/ipv6/conf/*/accept_ra_defrtr',
  'net/ipv6/conf/*/accept_ra_pinfo',
];
const OF_HOST: readonly string[] = [
  'net/ipv4/icmp_echo_ignore_all',
  'net/ipv6/icmp/echo_ignore_all',
];

/** Names of an intent are names of links: none has a slash. */
export function readSettings(
  system: System,
  { shims, parents }: Model,
): ReadonlyMap<string, string> {
  const names = [...shims, ...parents].map(({ name }) => name);
  const paths = OF_LINKS.flatMap((path) => names.map((name) => path.replace('*', () => name)));
  const found = new Map<string, string>();
  for (const path of [...OF_HOST, ...paths]) {
    const value = textAt(system, `/proc/sys/${path}`)?.trim();
    if (value !== undefined) found.set(path, value);
  }
  return found;
}

/** Those that a program set for other machines: `bridge -j fdb show` (bridge(8)). */
export function readEntries(system: System, { parents }: Model, state: KernelState): BridgeEntry[] {
  const bridges = parents.filter(
    ({ kind, name }) => kind === 'bridge' && state.links.some((link) => link.name === name),
  );
  return bridges.flatMap(({ name }) => {
    const { text } = ask(system, 'bridge', ['-j', 'fdb', 'show', 'br', name]);
    return (readObjects(text ?? '') ?? []).flatMap((fields): BridgeEntry[] => {
      const [mac, port] = [textOf(fields, 'mac'), textOf(fields, 'ifname')];
      // `self` is a filter of the device itself; `permanent` are the ports' own MACs.
      const isSet =
        textOf(fields, 'state') === 'static' && !textsOf(fields, 'flags').includes('self');
      return mac === undefined || port === undefined || !isSet
        ? []
        : [{ bridge: name, port, mac: mac.toLowerCase() }];
    });
  });
}
