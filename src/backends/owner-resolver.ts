/** Whether anything on a host reads the name servers of `/etc/network/interfaces`. */
import type { Model } from '../model/types.ts';
import { type Finding, finding, type HostFile, type Watch } from './foreign.ts';
import { hasVendorUnits, RESOLVED, startOfUnits } from './owner-units.ts';

const PROGRAMS = ['/sbin', '/usr/sbin', '/bin', '/usr/bin'];

export const resolverWatches: readonly Watch[] = PROGRAMS.map((folder) => ({
  folder,
  name: /^resolvconf$/,
  isOfNames: true,
}));

/** Links of an intent that have name servers or search domains of their own. */
export const withNameservers = ({ parents, shims }: Model) =>
  [...parents, ...shims].filter(
    ({ nameservers, search }) => nameservers.length > 0 || search.length > 0,
  );

/**
 * resolvconf reads them, and from ifupdown 0.8.37 on systemd-resolved, where it is enabled
 * (if-up.d/resolved). systemd-resolved brings along a link called resolvconf, too.
 */
export function judgeResolver(model: Model, files: readonly HostFile[]): Finding[] {
  const [link] = withNameservers(model);
  if (!link || !hasVendorUnits(files)) return [];
  const isThere = files.some(
    ({ name, target = '' }) => name === 'resolvconf' && !target.endsWith('resolvectl'),
  );
  if (isThere || startOfUnits(files, RESOLVED).isStarted) return [];
  return [
    finding(
      'resolver-missing',
      '/etc/network/interfaces.d/60-macvtap',
      `There is no resolvconf here, and systemd-resolved is not enabled: nothing reads the name servers of \`${link.name}\`.`,
    ),
  ];
}
