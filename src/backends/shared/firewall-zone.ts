/** `firewall-zone` where no setting of the system has it. */
import { type Diagnostic, diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Model } from '../../model/types.ts';

/**
 * A zone is part of a file of firewalld that has its services, too, and that others write
 * (firewalld.zone(5)): it cannot be written beside them.
 */
export const checkFirewallZone = ({ parents, shims }: Model, backend: string): Diagnostic[] =>
  [...parents, ...shims].flatMap(({ name, firewallZone, origin }) => {
    if (firewallZone === undefined) return [];
    const message = `Only NetworkManager puts \`${name}\` into a zone of firewalld.`;
    const hint = `Remove it, and run \`firewall-cmd --permanent --zone=${firewallZone} --change-interface=${name}\` on the host, then \`firewall-cmd --reload\`.`;
    const path = [...origin, 'firewall-zone'];
    return diagnostic('setting-not-expressible', path, message, { backend, hint });
  });
