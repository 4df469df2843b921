/** What systemd-networkd, by itself or under netplan, cannot be told of a DHCPv6 client. */
import { type Diagnostic, diagnostic } from '../diagnostics.ts';
import type { Model } from '../model/types.ts';

/** The DHCPv6 client sends a host name since systemd 255 only, and netplan's never. */
export function checkDhcp6Hostname(model: Model, backend: string): Diagnostic[] {
  return model.shims.flatMap(({ dhcp6 }) => {
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
