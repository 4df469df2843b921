/** What systemd-networkd cannot express, by itself or under netplan. */
import { type Diagnostic, diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Model } from '../../model/types.ts';
import { knows } from '../../targets/since.ts';
import type { Target } from '../../targets/target.ts';
import { DHCP6_HOSTNAME } from './dhcp.ts';

/** The DHCPv6 client sends a host name since systemd 255 only. */
export function checkDhcp6Hostname(model: Model, target: Target, backend: string): Diagnostic[] {
  if (knows(target, DHCP6_HOSTNAME)) return [];
  return [...model.parents, ...model.shims].flatMap(({ dhcp6 }) => {
    if (!dhcp6) return [];
    const refuse = (key: string): Diagnostic =>
      diagnostic(
        'override-not-expressible',
        [...dhcp6.origin, key],
        'The DHCPv6 client of systemd-networkd sends a host name since version 255 only.',
        { backend },
      );
    return [
      ...(dhcp6.sendHostname === undefined ? [] : [refuse('send-hostname')]),
      ...(dhcp6.hostname === undefined ? [] : [refuse('hostname')]),
    ];
  });
}

/** networkd sends the kernel no priority of 0, and the bridge keeps its 32768. */
export const checkBridgePriority = (model: Model, backend: string): Diagnostic[] =>
  model.parents
    .filter(({ bridge }) => bridge?.values.priority === 0)
    .map(({ origin }) =>
      diagnostic(
        'setting-not-expressible',
        [...origin, 'parameters', 'priority'],
        'systemd-networkd takes a priority of 0 for none.',
        { backend },
      ),
    );
