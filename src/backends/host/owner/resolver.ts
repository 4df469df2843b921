/** Whether a resolver on the host uses the name servers that a back end hands over. */

import { type Finding, finding } from '../../../diagnostics/finding.ts';
import type { Model } from '../../../model/types.ts';
import type { HostFile, Watch } from '../foreign.ts';
import { hasVendorUnits, RESOLVED, startOfUnits } from './units.ts';

const PROGRAMS = ['/sbin', '/usr/sbin', '/bin', '/usr/bin'];

export const resolverWatches: readonly Watch[] = PROGRAMS.map((folder) => ({
  folder,
  name: /^resolvconf$/,
  isOfNames: true,
}));

/** The systems that hand over name servers, and where each back end writes them. */
const WRITTEN: Readonly<Record<string, (link: string) => string>> = {
  networkd: (link) => `/etc/systemd/network/00-macvtap-${link}.network`,
  'netplan-networkd': () => '/etc/netplan/60-macvtap.yaml',
  ifupdown: () => '/etc/network/interfaces.d/60-macvtap',
};

/** Debian has it in a package of its own from 12 on, Fedora and Enterprise Linux from 9 on. */
const HINTS = {
  missing:
    'Install the package systemd-resolved, or remove the name servers from the intent and maintain /etc/resolv.conf yourself.',
  masked: 'Run `systemctl unmask systemd-resolved && systemctl enable --now systemd-resolved`.',
  disabled: 'Run `systemctl enable --now systemd-resolved`.',
} as const;

/**
 * networkd hands name servers only to systemd-resolved; ifupdown to resolvconf, and from 0.8.37 on to
 * systemd-resolved if that is enabled (if-up.d/resolved). systemd-resolved also has a link named
 * resolvconf. NetworkManager writes resolv.conf(5) itself.
 * @param id the back end's
 */
export function judgeResolver(id: string, model: Model, files: readonly HostFile[]): Finding[] {
  const pathOf = WRITTEN[id];
  const link = [...model.parents, ...model.shims].find(
    ({ nameservers, search }) => nameservers.length > 0 || search.length > 0,
  );
  if (!pathOf || !link || !hasVendorUnits(files)) return [];
  const start = startOfUnits(files, RESOLVED);
  if (start.isStarted) return [];
  const isIfupdown = id === 'ifupdown';
  const isThere = files.some(
    ({ name, target = '' }) => name === 'resolvconf' && !target.endsWith('resolvectl'),
  );
  if (isIfupdown && isThere) return [];
  const state = start.because === 'missing' ? 'installed' : 'enabled';
  const lacking = isIfupdown
    ? `There is no resolvconf here, and systemd-resolved is not ${state}`
    : `systemd-resolved is not ${state} here`;
  return [
    finding(
      'resolver-missing',
      pathOf(link.name),
      `${lacking}: nothing reads the name servers of \`${link.name}\`.`,
      isIfupdown ? {} : { hint: HINTS[start.because] },
    ),
  ];
}
