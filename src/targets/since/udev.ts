/** systemd.link(5) and sysctl.d(5): since when udev and systemd-sysctl, of one version, know what is written. */
import { type Extra, type Line, type Lines, REFUSED } from './line.ts';

const added = (since: string, extra?: Extra): Line => [
  since,
  `systemd.link(5): Added in version ${since}`,
  extra,
];

export const LINK = {
  '[Match] PermanentMACAddress=': added('245', REFUSED),
  '[Match] MACAddress=': added('211', { newer: '[Match] PermanentMACAddress=' }),
  '[Match] Path=': added('211'),
  '[Match] OriginalName=': added('211'),
  '[Link] MACAddressPolicy=': added('211'),
  '[Link] Name=': ['209', 'systemd v209, src/udev/net/link-config-gperf.gperf'],
  '[Link] WakeOnLan=': ['209', 'systemd v209, src/udev/net/link-config-gperf.gperf'],
} as const satisfies Lines;

export const SYSCTL = {
  '- before a variable': [
    '243',
    'NEWS 243: with - before it any failure to apply a variable is ignored',
  ],
} as const satisfies Lines;
