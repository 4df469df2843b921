/** Addresses that others give: by DHCP, and by router advertisements. */
import type { KernelAddress } from '../kernel/types.ts';
import type { Family, Link } from '../model/types.ts';
import { type Drift, drift } from './finding.ts';

/**
 * What leases and advertisements give is not known; that it is there is.
 * @param extra addresses of the link that the intent does not have
 */
export function leaseDrift(wanted: Link, extra: readonly KernelAddress[]): Drift[] {
  const { name, dhcp4, dhcp6, acceptRa, addresses, optional } = wanted;
  const has = (family: Family): boolean =>
    extra.some((one) => one.family === family && !one.isLinkLocal && !one.isTentative);
  const isAlone = (family: Family): boolean =>
    !addresses.some((one) => one.family !== family) &&
    (family === 'ipv4' ? !dhcp6 && !acceptRa : !dhcp4);
  const found: Drift[] = [];
  const report = (message: string, severity: Drift['severity'], hint: string): void => {
    found.push(
      drift('lease-missing', message, {
        link: name,
        hint,
        mayStillCome: true,
        severity: optional ? 'note' : severity,
      }),
    );
  };
  if (dhcp4 && !has('ipv4')) {
    report(
      `\`${name}\` has no IPv4 lease: no DHCP server has answered.`,
      'error',
      ofServer(name, [67, 68]),
    );
  }
  if (dhcp6 && !has('ipv6')) {
    const severity = isAlone('ipv6') ? 'error' : 'warning';
    report(
      `\`${name}\` has no IPv6 lease: no DHCPv6 server has answered.`,
      severity,
      ofServer(name, [546, 547]),
    );
  } else if (acceptRa && !has('ipv6') && !addresses.some(({ family }) => family === 'ipv6')) {
    // A LAN without IPv6 is nothing unusual; a link that has nothing else is without an address.
    const severity = isAlone('ipv6') ? 'error' : 'note';
    report(`\`${name}\` has no address by router advertisements.`, severity, ofRouter(name));
  }
  return found;
}

const ofServer = (name: string, ports: readonly number[]): string =>
  `Is the DHCP server up and in this LAN or VLAN, and does it have a lease for this MAC? \`tcpdump -ni ${name} port ${ports.join(' or port ')}\` shows whether it answers.`;

/** 134 is an advertisement (RFC 4861), behind a header of 40 bytes. */
const ofRouter = (name: string): string =>
  `Does a router of this LAN advertise a prefix? \`tcpdump -vni ${name} 'icmp6 and ip6[40] == 134'\` shows its advertisements. If the LAN has no IPv6, set \`accept-ra: false\`.`;
