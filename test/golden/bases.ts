/** Which case another one is a difference from. */

/** Whose output is there whole. */
const BASE = 'original';

/** Cases that are nearer to another one, whose own output may be a difference in turn. */
const NEAREST: Readonly<Record<string, string>> = {
  'bad-bond-rewrites-macs': 'bond-parent',
  'bad-bridge-without-stp': 'bridge-parent',
  'bad-dhcp-duid-clones': 'dhcp',
  'bad-dhcp-new-mac': 'dhcp',
  'bad-kernel-names': 'two-parents',
  'bad-setting-not-expressible': 'bridge-parent',
  'bad-shim-overlap': 'two-parents',
  'bond-vlan-parent': 'bond-parent',
  'bridge-mac': 'bridge-parent',
  'dhcp-with-routes': 'dhcp',
  'host-less': 'two-parents',
  'jumbo-mtu': 'two-parents',
  'mac-takeover': 'dhcp',
  'normal-devices': 'bond-parent',
  'normal-matched': 'bond-vlan-parent',
  'guests-every-mode': 'guests',
  'awkward-names': 'guests-every-mode',
  'policy-routing': 'two-parents',
  'side-shim-ipv6': 'side-shim',
  'side-shim-other-address': 'side-shim',
  'target-oldest': 'dhcp',
  'target-rhel-8-matched': 'matched-parent',
  'target-ubuntu-22.04': 'vlan-parents',
};

/** The base of a case; undefined of the one that is whole. */
export const baseOf = (name: string): string | undefined =>
  name === BASE ? undefined : (NEAREST[name] ?? BASE);

/** Cases that the table names, for the test that they are there. */
export const namedInBases = (): string[] => [BASE, ...Object.entries(NEAREST).flat()];
