/** systemd.netdev(5): since when systemd-networkd knows what is written in a `.netdev` file. */
import { type Extra, type Line, type Lines, REFUSED } from './line.ts';

const added = (since: string, extra?: Extra): Line => [
  since,
  `systemd.netdev(5): Added in version ${since}`,
  extra,
];
const ADDED_211: Line = ['210', 'systemd.netdev(5): Added in version 211'];

export const NETDEV = {
  '[NetDev] Name=': ADDED_211,
  '[NetDev] Kind=': ADDED_211,
  '[NetDev] MACAddress=': added('215'),
  '[NetDev] Kind=macvtap': [
    '223',
    'systemd v223, networkd-netdev-gperf.gperf: MACVTAP.Mode',
    REFUSED,
  ],
  '[MACVLAN] Mode=': added('211', REFUSED),
  '[MACVLAN] Mode=source': [
    '246',
    'NEWS 246: MACVLAN and MACVTAP support a new source mode',
    REFUSED,
  ],
  '[MACVLAN] SourceMACAddress=': added('246', REFUSED),
  '[MACVLAN] BroadcastMulticastQueueLength=': added('248'),
  '[MACVLAN] BroadcastQueueThreshold=': added('256'),
  '[MACVTAP] Mode=': ['223', 'systemd v223, src/network/networkd-netdev-gperf.gperf', REFUSED],
  '[MACVTAP] Mode=source': [
    '246',
    'NEWS 246: MACVLAN and MACVTAP support a new source mode',
    REFUSED,
  ],
  '[MACVTAP] SourceMACAddress=': [
    '246',
    'systemd v246, src/network/netdev/netdev-gperf.gperf',
    REFUSED,
  ],
  '[NetDev] Kind=ipvlan': added('219', REFUSED),
  '[IPVLAN] Mode=': added('219', REFUSED),
  '[IPVLAN] Mode=L3S': ['237', 'systemd v237, src/network/netdev/ipvlan.c', REFUSED],
  '[VLAN] Id=': ADDED_211,
  '[Bond] Mode=': added('216', REFUSED),
  '[Bond] PrimaryReselectPolicy=': added('220', REFUSED),
  '[Bond] MIIMonitorSec=': added('216', REFUSED),
  '[Bond] UpDelaySec=': added('216', REFUSED),
  '[Bond] DownDelaySec=': added('216', REFUSED),
  '[Bond] LACPTransmitRate=': added('216', REFUSED),
  '[Bond] MinLinks=': added('220', REFUSED),
  '[Bond] TransmitHashPolicy=': added('216', REFUSED),
  '[Bond] AdSelect=': added('220', REFUSED),
  '[Bond] ARPIntervalSec=': added('220', REFUSED),
  '[Bond] ARPIPTargets=': added('220', REFUSED),
  '[Bond] FailOverMACPolicy=': added('220', REFUSED),
  '[Bridge] STP=': added('232'),
  '[Bridge] STP=yes': added('232', REFUSED),
  '[Bridge] ForwardDelaySec=': added('227', REFUSED),
  '[Bridge] HelloTimeSec=': added('227', REFUSED),
  '[Bridge] MaxAgeSec=': added('227', REFUSED),
  '[Bridge] AgeingTimeSec=': added('232', REFUSED),
  '[Bridge] Priority=': added('232', REFUSED),
} as const satisfies Lines;
