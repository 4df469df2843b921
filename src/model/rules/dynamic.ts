/** DHCP, router advertisements, link-local addresses, and links without a carrier. */
import { diagnostic } from '../../diagnostics.ts';
import type { Shim } from '../types.ts';
import { type Context, hasIpv6 } from './context.ts';

export function checkDynamic({ intent, damaged, report }: Context, shim: Shim): void {
  const said = intent.shims?.get(shim.name);
  const unused = (key: string, needs: string): void =>
    report(
      diagnostic(
        'setting-unused',
        [...shim.origin, key],
        `\`${key}\` has no effect without ${needs}.`,
        { at: 'key' },
      ),
    );
  if (!shim.dhcp4 && !damaged([...shim.origin, 'dhcp4'])) {
    if (said?.['dhcp-identifier'] !== undefined) unused('dhcp-identifier', '`dhcp4: true`');
    if (said?.['dhcp4-overrides']) unused('dhcp4-overrides', '`dhcp4: true`');
  }
  if (!shim.dhcp6 && said?.['dhcp6-overrides'] && !damaged([...shim.origin, 'dhcp6'])) {
    unused('dhcp6-overrides', '`dhcp6: true`');
  }
  const isNew = shim.macDerived && shim.macaddress !== undefined;
  if ((shim.dhcp4 || shim.dhcp6) && isNew && !damaged([...shim.origin, 'macaddress'])) {
    const key = shim.dhcp4 ? 'dhcp4' : 'dhcp6';
    // Without a host there is no MAC to name yet.
    const mac = intent.host === undefined ? 'a derived MAC' : shim.macaddress;
    const message = `The DHCP server will see ${mac}, not the MAC of \`${shim.parent.name}\`.`;
    report(diagnostic('dhcp-new-mac', [...shim.origin, key], message));
  }
  const byRouter = shim.dhcp6 !== undefined || shim.acceptRa;
  if (byRouter && !shim.linkLocal.includes('ipv6')) {
    const message = 'Without an IPv6 link-local address there is no DHCPv6 and no advertisement.';
    report(diagnostic('link-local-needed', [...shim.origin, 'link-local'], message));
  }
  if (shim.ignoreCarrier && (shim.dhcp4 || byRouter)) {
    const message = 'What comes by DHCP or advertisement does not come without a carrier.';
    report(diagnostic('ignore-carrier-dynamic', [...shim.origin, 'ignore-carrier'], message));
  } else if (shim.ignoreCarrier && hasIpv6(shim)) {
    const message = `\`${shim.name}\` has IPv6, whose addresses are not ready without a carrier.`;
    report(diagnostic('ignore-carrier-ipv6', [...shim.origin, 'ignore-carrier'], message));
  }
  const hopes = ['addresses', 'dhcp4', 'dhcp6', 'accept-ra', 'link-local'];
  if (
    shim.families.length === 0 &&
    shim.linkLocal.length === 0 &&
    !hopes.some((key) => damaged([...shim.origin, key]))
  ) {
    const message = `\`${shim.name}\` has no address.`;
    report(diagnostic('shim-without-address', shim.origin, message, { at: 'key' }));
  }
}
