/** What a distribution installs, and its defaults that a reviewer should know. */
import { type Diagnostic, type DiagnosticCode, diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Model } from '../../model/types.ts';
import type { Owner, Target } from '../../targets/target.ts';
import type { Backend } from '../backend.ts';
import { needsLooseFilter } from '../shared/sysctl.ts';

const NAMES: Readonly<Record<Owner, string>> = {
  networkd: 'systemd-networkd',
  networkmanager: 'NetworkManager',
  netplan: 'netplan',
  ifupdown: 'ifupdown',
};

export function checkHostDefaults(backend: Backend, model: Model, target: Target): Diagnostic[] {
  const { distribution, isHost = false } = target;
  if (!distribution || target.name === undefined) return [];
  const name = isHost ? 'This host' : target.name;
  const found: Diagnostic[] = [];
  const say = (code: DiagnosticCode, message: string): void =>
    void found.push(diagnostic(code, [], message, { backend: backend.id }));
  for (const owner of backend.needs) {
    const presence = distribution.presence[owner];
    if (presence === 'missing') say('target-without-system', `${name} has no ${NAMES[owner]}.`);
    if (presence === 'packaged') {
      const from = distribution.addOn?.[owner];
      const where = from === undefined ? '' : `: it is in ${from}`;
      say('system-not-installed', `${name} does not install ${NAMES[owner]} by itself${where}.`);
    }
  }
  if (distribution.managesNothing && backend.needs.includes('networkmanager')) {
    say(
      'networkmanager-manages-nothing',
      `NetworkManager of ${isHost ? 'this host' : name} does not manage NICs by default.`,
    );
  }
  const hasManaged = model.parents.length > 0;
  if (backend.scope === 'host' && hasManaged && distribution.hasCloudInit !== false) {
    const message = isHost ? 'This host has cloud-init.' : `Images of ${name} may have cloud-init.`;
    say('cloud-init-network', message);
  }
  if (
    backend.scope !== 'guests' &&
    distribution.hasStrictRpFilter &&
    model.shims.some(needsLooseFilter)
  ) {
    say('rp-filter', `${name} sets rp_filter=1.`);
  }
  return found;
}
