/** DHCP, router advertisements, link-local addresses, and links without a carrier. */
import { diagnostic } from '../../diagnostics/diagnostic.ts';
import type { AddressingIntent } from '../../intent/schema.ts';
import { hasAddress, type Link, type Parent, type Shim } from '../types.ts';
import { type Context, hasIpv6 } from './context.ts';
import { ADDRESSING_KEYS } from './parents.ts';

/** DHCP clients, advertisements and carriers of a parent, and of a shim. */
export const checkParentClients = (context: Context, parent: Parent): void =>
  checkClients(context, parent, context.intent.parents?.get(parent.id));
export const checkShimClients = (context: Context, shim: Shim): void =>
  checkClients(context, shim, context.intent.shims?.get(shim.name));

/** A NIC and a VLAN have a MAC that the server knows; what is derived is new to it. */
export function checkParentMac(context: Context, parent: Parent): void {
  if (parent.macDerived) checkNewMac(context, parent, parent.name);
}

export function checkShimMac(context: Context, shim: Shim): void {
  // A shim on itself is reported as that.
  if (shim.parent.name === shim.name) return;
  if (shim.macaddress !== undefined) checkNewMac(context, shim, shim.parent.name);
}

export function checkShimAddress({ damaged, report }: Context, shim: Shim): void {
  if (hasAddress(shim) || ADDRESSING_KEYS.some((key) => damaged([...shim.origin, key]))) return;
  const message = `\`${shim.name}\` has no address.`;
  report(diagnostic('shim-without-address', shim.origin, message, { at: 'key' }));
}

/** The server sees another MAC than that of the NIC. */
function checkNewMac({ intent, damaged, report }: Context, link: Link, nic: string): void {
  const isNew = link.macDerived && !damaged([...link.origin, 'macaddress']);
  if (!isNew || !(link.dhcp4 || link.dhcp6)) return;
  const key = link.dhcp4 ? 'dhcp4' : 'dhcp6';
  // Without a host there is no MAC to name yet.
  const mac = intent.host === undefined ? 'a derived MAC' : link.macaddress;
  const other = nic === link.name ? 'that of a member' : `the MAC of \`${nic}\``;
  const message = `The DHCP server will see ${mac}, not ${other}.`;
  const hint =
    "Write its member's MAC as `macaddress`, or reserve the address for the derived MAC.";
  report(
    diagnostic('dhcp-new-mac', [...link.origin, key], message, nic === link.name ? { hint } : {}),
  );
}

/** Keys about addresses by router advertisement. */
const OF_ADVERTISEMENTS = [
  'ra-overrides',
  'ipv6-address-generation',
  'ipv6-address-token',
  'ipv6-privacy',
] as const;

function checkClients(
  { damaged, report }: Context,
  link: Link,
  given: AddressingIntent | undefined,
): void {
  const unused = (key: string, needs: string): void =>
    report(
      diagnostic(
        'setting-unused',
        [...link.origin, key],
        `\`${key}\` has no effect without ${needs}.`,
        { at: 'key' },
      ),
    );
  if (!link.dhcp4 && !damaged([...link.origin, 'dhcp4'])) {
    const hasClient =
      link.dhcp6 !== undefined || link.dhcp6ByRouter || damaged([...link.origin, 'dhcp6']);
    if (given?.['dhcp-identifier'] !== undefined && !hasClient) {
      unused('dhcp-identifier', '`dhcp4: true` or `dhcp6: true`');
    }
    if (given?.['dhcp4-overrides']) unused('dhcp4-overrides', '`dhcp4: true`');
  }
  if (!link.dhcp6 && given?.['dhcp6-overrides'] && !damaged([...link.origin, 'dhcp6'])) {
    unused('dhcp6-overrides', '`dhcp6: true`');
  }
  if (!link.acceptRa && !damaged([...link.origin, 'accept-ra'])) {
    for (const key of OF_ADVERTISEMENTS) {
      if (given?.[key] !== undefined) unused(key, '`accept-ra: true`');
    }
  }
  if (given?.['dhcp-identifier'] === 'duid' && (link.dhcp4 || link.dhcp6 || link.dhcp6ByRouter)) {
    const message = `\`${link.name}\` has the same client identifier as every clone of its image.`;
    report(diagnostic('dhcp-duid-clones', [...link.origin, 'dhcp-identifier'], message));
  }
  const byRouter = link.dhcp6 !== undefined || link.acceptRa;
  if (byRouter && !link.linkLocal.includes('ipv6')) {
    const message = 'DHCPv6 and router advertisements need an IPv6 link-local address.';
    report(diagnostic('link-local-needed', [...link.origin, 'link-local'], message));
  }
  if (link.ignoreCarrier && (link.dhcp4 || byRouter)) {
    const message = 'DHCP and router advertisements need a carrier.';
    report(diagnostic('ignore-carrier-dynamic', [...link.origin, 'ignore-carrier'], message));
  } else if (link.ignoreCarrier && hasIpv6(link)) {
    const message = `IPv6 addresses of \`${link.name}\` are not ready without a carrier.`;
    report(diagnostic('ignore-carrier-ipv6', [...link.origin, 'ignore-carrier'], message));
  }
}
