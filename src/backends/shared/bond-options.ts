import type { BondParameters } from '../../model/types.ts';
import type { KeyfileKey } from '../../targets/since.ts';

type BondOption = KeyfileKey<'bond'>;

/** The kernel's own names of a bond's options (Documentation/networking/bonding). */
export function bondOptions(
  bond: BondParameters,
): readonly (readonly [BondOption, string, string])[] {
  const all: readonly (readonly [BondOption, string | number | undefined, string])[] = [
    ['mode', bond.mode, 'mode'],
    ['primary', bond.primary, 'primary'],
    ['primary_reselect', bond.primaryReselectPolicy, 'primary-reselect-policy'],
    ['miimon', bond.miiMonitorInterval, 'mii-monitor-interval'],
    ['updelay', bond.upDelay, 'up-delay'],
    ['downdelay', bond.downDelay, 'down-delay'],
    ['lacp_rate', bond.lacpRate, 'lacp-rate'],
    ['min_links', bond.minLinks, 'min-links'],
    ['xmit_hash_policy', bond.transmitHashPolicy, 'transmit-hash-policy'],
    ['ad_select', bond.adSelect, 'ad-select'],
    ['arp_interval', bond.arpInterval, 'arp-interval'],
    [
      'arp_ip_target',
      bond.arpIpTargets.length > 0 ? bond.arpIpTargets.join(',') : undefined,
      'arp-ip-targets',
    ],
    ['fail_over_mac', bond.failOverMacPolicy, 'fail-over-mac-policy'],
  ];
  return all.flatMap(([key, value, said]) =>
    value === undefined ? [] : [[key, String(value), said] as const],
  );
}
