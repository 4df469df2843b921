/** Which case another one is a difference from. */

/** Whose output is there whole. */
const BASE = 'original';

/** Cases that are nearer to another one, whose own output may be a difference in turn. */
const NEAREST: Readonly<Record<string, string>> = {
  'bond-rewrites-macs': 'bond-parent',
  'bridge-without-stp': 'bridge-parent',
  'dhcp-duid-clones': 'dhcp',
  'dhcp-new-mac': 'dhcp',
  'kernel-names': 'two-parents',
  'setting-not-expressible': 'bridge-parent',
  'shim-overlap': 'two-parents',
  'bond-vlan-parent': 'parent-is-virtual',
  'bridge-mac': 'bridge-parent',
  'dhcp-with-routes': 'dhcp-beside-static',
  'id-reserved': 'parent-is-virtual',
  'parent-subnet-unknown': 'side-shim-dhcp',
  'side-shim-dynamic': 'side-shim-dhcp',
  'host-less': 'two-parents',
  'jumbo-mtu': 'two-parents',
  'mac-takeover': 'dhcp',
  'normal-devices': 'bridge-parent',
  'normal-matched': 'bond-vlan-parent',
  'guests-every-mode': 'guests',
  'ipv6-address-generation': 'ipv6-privacy',
  'ipv6-address-token': 'ipv6-privacy',
  'dynamic-tables': 'dhcp',
  'leases-in-tables': 'dhcp',
  'ra-overrides': 'slaac',
  'awkward-names': 'guests-every-mode',
  'policy-routing': 'two-parents',
  'side-shim-ipv6': 'side-shim',
  'side-shim-other-address': 'side-shim',
  'target-in-intent': 'target-debian-11',
  'target-oldest': 'dhcp',
  'target-rhel-8-matched': 'matched-parent',
  'target-ubuntu-22.04': 'vlan-parents',
};

/** The base of a case; undefined of the one that is whole. */
export const baseOf = (name: string): string | undefined =>
  name === BASE ? undefined : (NEAREST[name] ?? BASE);

/** Cases that the table names, for the test that they are there. */
export const namedInBases = (): string[] => [BASE, ...Object.entries(NEAREST).flat()];
