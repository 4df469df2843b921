/** What the kernel does on a link whose system leaves IPv6 to it (Documentation/networking/ip-sysctl). */
import type { HostFile } from '../backends/host/foreign.ts';
import type { NetworkDaemon } from '../backends/host/owner/units.ts';
import { type FoundLink, set } from './found.ts';

const KEY =
  /^\s*-?net[./]ipv6[./]conf[./](\S+?)[./](disable_ipv6|accept_ra|autoconf|forwarding)\s*=\s*(\d)\s*$/;

/** What the host's sysctl files set for a link, the last one. */
function sysctl(files: readonly HostFile[], name: string, wanted: string): number | undefined {
  let found: number | undefined;
  for (const { path, text = '' } of files) {
    if (!/\/sysctl(?:\.d\/[^/]+)?\.conf$|\/sysctl\.d\//.test(path)) continue;
    for (const line of text.split('\n')) {
      const [, link = '', key, value] = KEY.exec(line) ?? [];
      if (key === wanted && ['all', 'default', name].includes(link)) found = Number(value);
    }
  }
  return found;
}

/** ifupdown configures the families of its stanzas, and the kernel the other one. */
export function addKernelDefaults(
  link: FoundLink,
  daemon: NetworkDaemon,
  files: readonly HostFile[],
): void {
  if (daemon !== 'ifupdown' || link.master !== undefined) return;
  const isOn = (wanted: string): boolean => (sysctl(files, link.name, wanted) ?? 0) > 0;
  if (link.entries.some(({ key }) => key === 'accept-ra' || key === 'link-local')) return;
  if (isOn('disable_ipv6')) return;
  const origin = { note: 'default of the kernel' };
  const accepts = (sysctl(files, link.name, 'accept_ra') ?? 1) + (isOn('forwarding') ? -1 : 0) > 0;
  if (accepts && sysctl(files, link.name, 'autoconf') !== 0) {
    set(link, 'accept-ra', true, origin);
    set(link, 'dhcp6', false, origin);
  } else set(link, 'link-local', ['ipv6'], origin);
}
