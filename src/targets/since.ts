/**
 * Since which version each key that we write exists, and where that can be looked up. One line a
 * key; the names are those by which entries call their authority. A test holds every entry of
 * every golden case against this table.
 *
 * What a target lacks is left out, with a note, unless the line says `refused`: without such a
 * key the arrangement that asks for it cannot be had. `newer` marks the older spelling of a key.
 */
import { type Daemon, isAtLeast, parseVersion, type Target } from './target.ts';

export interface Since {
  /** The key, as messages call it. */
  readonly key: string;
  readonly since: string;
  readonly source: string;
  readonly lacking?: 'refused';
  readonly newer?: string;
}

type Line = readonly [since: string, source: string, extra?: Pick<Since, 'lacking' | 'newer'>];

const LINES: Readonly<Record<string, Line>> = {
  // systemd.network(5)
  'systemd.network(5), [Match] Name=': ['210', 'systemd.network(5): Added in version 211'],
  'systemd.network(5), [Match] PermanentMACAddress=': [
    '245',
    'systemd.network(5): Added in version 245',
    { lacking: 'refused' },
  ],
  'systemd.network(5), [Link] RequiredForOnline=': [
    '236',
    'NEWS 236: "networkd gained a new setting RequiredForOnline=, taking a boolean"',
  ],
  'systemd.network(5), [Link] RequiredForOnline=no-carrier': [
    '242',
    'NEWS 242: RequiredForOnline= may now specify a minimum operational state',
  ],
  'systemd.network(5), [Link] RequiredForOnline=degraded-carrier': [
    '242',
    'NEWS 242: RequiredForOnline= may now specify a minimum operational state',
  ],
  'systemd.network(5), [Link] RequiredForOnline=carrier': [
    '242',
    'NEWS 242: RequiredForOnline= may now specify a minimum operational state',
  ],
  'systemd.network(5), [Link] RequiredForOnline=degraded': [
    '242',
    'NEWS 242: RequiredForOnline= may now specify a minimum operational state',
  ],
  'systemd.network(5), [Link] RequiredForOnline=routable': [
    '242',
    'NEWS 242: RequiredForOnline= may now specify a minimum operational state',
  ],
  'systemd.network(5), [Link] RequiredForOnline= (boolean)': [
    '236',
    'NEWS 236: RequiredForOnline=, taking a boolean',
    { newer: 'RequiredForOnline=carrier' },
  ],
  'systemd.network(5), [Link] RequiredFamilyForOnline=': [
    '249',
    'systemd.network(5): Added in version 249',
  ],
  'systemd.network(5), [Link] MACAddress=': ['218', 'systemd.network(5): Added in version 218'],
  'systemd.network(5), [Link] MTUBytes=': ['218', 'systemd.network(5): Added in version 218'],
  'systemd.network(5), [Link] Unmanaged=': ['233', 'systemd.network(5): Added in version 233'],
  'systemd.network(5), [Network] MACVLAN=': [
    '211',
    'systemd v211, src/network/networkd-network-gperf.gperf',
  ],
  'systemd.network(5), [Network] MACVTAP=': [
    '223',
    'systemd v223, src/network/networkd-network-gperf.gperf',
    { lacking: 'refused' },
  ],
  'systemd.network(5), [Network] VLAN=': [
    '210',
    'systemd v210, src/network/networkd-network-gperf.gperf',
  ],
  'systemd.network(5), [Network] Bond=': [
    '210',
    'systemd v210, src/network/networkd-network-gperf.gperf',
  ],
  'systemd.network(5), [Network] Bridge=': [
    '210',
    'systemd v210, src/network/networkd-network-gperf.gperf',
  ],
  'systemd.network(5), [Network] PrimarySlave=': [
    '233',
    'NEWS 233: PrimarySlave=',
    { lacking: 'refused' },
  ],
  'systemd.network(5), [Network] Address=': ['210', 'systemd.network(5): Added in version 211'],
  'systemd.network(5), [Network] DHCP=': ['210', 'systemd.network(5): Added in version 211'],
  'systemd.network(5), [Network] IPv6AcceptRA=': [
    '231',
    'systemd.network(5): Added in version 231',
  ],
  'systemd.network(5), [Network] IPv6AcceptRouterAdvertisements=': [
    '227',
    'systemd v227, networkd-network-gperf.gperf; renamed in 231, still accepted',
    { newer: '[Network] IPv6AcceptRA=' },
  ],
  'systemd.network(5), [Network] LinkLocalAddressing=': [
    '219',
    'systemd.network(5): Added in version 219',
  ],
  'systemd.network(5), [Network] LLMNR=': ['216', 'systemd.network(5): Added in version 216'],
  'systemd.network(5), [Network] MulticastDNS=': [
    '229',
    'systemd.network(5): Added in version 229',
  ],
  'systemd.network(5), [Network] LLDP=': ['219', 'systemd.network(5): Added in version 219'],
  'systemd.network(5), [Network] EmitLLDP=': ['230', 'systemd.network(5): Added in version 230'],
  'systemd.network(5), [Network] DNS=': ['210', 'systemd.network(5): Added in version 211'],
  'systemd.network(5), [Network] Domains=': ['216', 'systemd.network(5): Added in version 216'],
  'systemd.network(5), [Network] DNSDefaultRoute=': [
    '240',
    'systemd.network(5): Added in version 240',
    { lacking: 'refused' },
  ],
  'systemd.network(5), [Network] ConfigureWithoutCarrier=': [
    '235',
    'systemd.network(5): Added in version 235',
    { lacking: 'refused' },
  ],
  'systemd.network(5), [Route] Destination=': ['210', 'systemd.network(5): Added in version 211'],
  'systemd.network(5), [Route] Gateway=': ['210', 'systemd.network(5): Added in version 211'],
  'systemd.network(5), [Route] GatewayOnLink=': [
    '242',
    'systemd v242, src/network/networkd-network-gperf.gperf',
    { lacking: 'refused' },
  ],
  'systemd.network(5), [Route] GatewayOnlink=': [
    '234',
    'systemd v234, networkd-network-gperf.gperf; renamed in 242, still accepted',
    { newer: '[Route] GatewayOnLink=', lacking: 'refused' },
  ],
  'systemd.network(5), [Route] Scope=': [
    '219',
    'systemd.network(5): Added in version 219',
    { lacking: 'refused' },
  ],
  'systemd.network(5), [Route] PreferredSource=': [
    '227',
    'systemd.network(5): Added in version 227',
    { lacking: 'refused' },
  ],
  'systemd.network(5), [Route] Metric=': [
    '216',
    'systemd.network(5): Added in version 216',
    { lacking: 'refused' },
  ],
  'systemd.network(5), [Route] Table=': [
    '230',
    'systemd.network(5): Added in version 230',
    { lacking: 'refused' },
  ],
  'systemd.network(5), [RoutingPolicyRule] From=': [
    '235',
    'systemd.network(5): Added in version 235',
    { lacking: 'refused' },
  ],
  'systemd.network(5), [RoutingPolicyRule] To=': [
    '235',
    'systemd.network(5): Added in version 235',
    { lacking: 'refused' },
  ],
  'systemd.network(5), [RoutingPolicyRule] TypeOfService=': [
    '235',
    'systemd.network(5): Added in version 235',
    { lacking: 'refused' },
  ],
  'systemd.network(5), [RoutingPolicyRule] FirewallMark=': [
    '235',
    'systemd.network(5): Added in version 235',
    { lacking: 'refused' },
  ],
  'systemd.network(5), [RoutingPolicyRule] Table=': [
    '235',
    'systemd.network(5): Added in version 235',
    { lacking: 'refused' },
  ],
  'systemd.network(5), [RoutingPolicyRule] Priority=': [
    '235',
    'systemd.network(5): Added in version 235',
    { lacking: 'refused' },
  ],
  'systemd.network(5), [DHCPv4]': [
    '243',
    'NEWS 243: "DHCPv4 and DHCPv6 stacks can now be configured separately in the [DHCPv4] and [DHCPv6] sections"',
  ],
  'systemd.network(5), [DHCPv4] ClientIdentifier=': [
    '243',
    'NEWS 243: DHCPv4 and DHCPv6 configured separately in own sections',
  ],
  'systemd.network(5), [DHCPv4] RouteMetric=': [
    '243',
    'NEWS 243: DHCPv4 and DHCPv6 configured separately in own sections',
  ],
  'systemd.network(5), [DHCPv4] UseMTU=': [
    '243',
    'NEWS 243: DHCPv4 and DHCPv6 configured separately in own sections',
  ],
  'systemd.network(5), [DHCPv4] UseRoutes=': [
    '243',
    'NEWS 243: DHCPv4 and DHCPv6 configured separately in own sections',
  ],
  'systemd.network(5), [DHCPv4] UseDNS=': [
    '243',
    'NEWS 243: DHCPv4 and DHCPv6 configured separately in own sections',
  ],
  'systemd.network(5), [DHCPv4] UseDomains=': [
    '243',
    'NEWS 243: DHCPv4 and DHCPv6 configured separately in own sections',
  ],
  'systemd.network(5), [DHCPv4] UseNTP=': [
    '243',
    'NEWS 243: DHCPv4 and DHCPv6 configured separately in own sections',
  ],
  'systemd.network(5), [DHCPv4] UseHostname=': [
    '243',
    'NEWS 243: DHCPv4 and DHCPv6 configured separately in own sections',
  ],
  'systemd.network(5), [DHCPv4] SendHostname=': [
    '243',
    'NEWS 243: DHCPv4 and DHCPv6 configured separately in own sections',
  ],
  'systemd.network(5), [DHCPv4] Hostname=': [
    '243',
    'NEWS 243: DHCPv4 and DHCPv6 configured separately in own sections',
  ],
  'systemd.network(5), [DHCP]': [
    '219',
    'systemd v219, networkd-network-gperf.gperf',
    { newer: '[DHCPv4]' },
  ],
  'systemd.network(5), [DHCP] ClientIdentifier=': [
    '220',
    'systemd.network(5) of that version, [DHCP]',
  ],
  'systemd.network(5), [DHCP] RouteMetric=': ['219', 'systemd.network(5) of that version, [DHCP]'],
  'systemd.network(5), [DHCP] UseMTU=': ['219', 'systemd.network(5) of that version, [DHCP]'],
  'systemd.network(5), [DHCP] UseRoutes=': ['219', 'systemd.network(5) of that version, [DHCP]'],
  'systemd.network(5), [DHCP] UseDNS=': ['219', 'systemd.network(5) of that version, [DHCP]'],
  'systemd.network(5), [DHCP] UseDomains=': ['219', 'systemd.network(5) of that version, [DHCP]'],
  'systemd.network(5), [DHCP] UseNTP=': ['220', 'systemd.network(5) of that version, [DHCP]'],
  'systemd.network(5), [DHCP] UseHostname=': ['219', 'systemd.network(5) of that version, [DHCP]'],
  'systemd.network(5), [DHCP] SendHostname=': ['219', 'systemd.network(5) of that version, [DHCP]'],
  'systemd.network(5), [DHCP] Hostname=': ['223', 'systemd.network(5) of that version, [DHCP]'],
  'systemd.network(5), [DHCPv4] DUIDType=': [
    '243',
    'systemd v243, networkd-network-gperf.gperf',
    { newer: '[DHCPv6] DUIDType=' },
  ],
  'systemd.network(5), [DHCP] DUIDType=': [
    '240',
    'networkd.conf(5): link-layer added in version 240',
    { newer: '[DHCPv6] DUIDType=' },
  ],
  'systemd.network(5), [DHCPv6] DUIDType=': [
    '249',
    'NEWS 249: "The DHCPv6 IAID and DUID are now explicitly configurable in .network files"',
  ],
  'systemd.network(5), [DHCPv6] WithoutRA=': [
    '246',
    'systemd.network(5): Added in version 246',
    { lacking: 'refused' },
  ],
  'systemd.network(5), [DHCPv6] UseDNS=': [
    '243',
    'systemd.network(5): Added in version 243',
    { lacking: 'refused' },
  ],
  'systemd.network(5), [DHCPv6] UseDomains=': [
    '249',
    'systemd v249, src/network/networkd-network-gperf.gperf',
    { lacking: 'refused' },
  ],
  'systemd.network(5), [DHCPv6] UseNTP=': [
    '243',
    'systemd v243, src/network/networkd-network-gperf.gperf',
    { lacking: 'refused' },
  ],
  'systemd.network(5), [DHCPv6] UseHostname=': [
    '248',
    'systemd v248, src/network/networkd-network-gperf.gperf',
    { lacking: 'refused' },
  ],
  'systemd.network(5), [DHCPv6] SendHostname=': [
    '255',
    'systemd.network(5): Added in version 255',
    { lacking: 'refused' },
  ],
  'systemd.network(5), [DHCPv6] Hostname=': [
    '255',
    'systemd.network(5): Added in version 255',
    { lacking: 'refused' },
  ],
  'systemd.network(5), [IPv6AcceptRA] DHCPv6Client=': [
    '246',
    'systemd.network(5): Added in version 246',
    { lacking: 'refused' },
  ],
  'systemd.network(5), [IPv6AcceptRA] UseDNS=': [
    '231',
    'systemd.network(5): Added in version 231',
    { lacking: 'refused' },
  ],
  'systemd.network(5), [IPv6AcceptRA] RouteMetric=': [
    '249',
    'systemd.network(5): Added in version 249',
  ],
  // systemd.netdev(5)
  'systemd.netdev(5), [NetDev] Name=': ['210', 'systemd.netdev(5): Added in version 211'],
  'systemd.netdev(5), [NetDev] Kind=': ['210', 'systemd.netdev(5): Added in version 211'],
  'systemd.netdev(5), [NetDev] MACAddress=': ['215', 'systemd.netdev(5): Added in version 215'],
  'systemd.netdev(5), [NetDev] Kind=macvtap': [
    '223',
    'systemd v223, networkd-netdev-gperf.gperf: MACVTAP.Mode',
    { lacking: 'refused' },
  ],
  'systemd.netdev(5), [MACVLAN] Mode=': [
    '211',
    'systemd.netdev(5): Added in version 211',
    { lacking: 'refused' },
  ],
  'systemd.netdev(5), [MACVLAN] Mode=source': [
    '246',
    'NEWS 246: MACVLAN and MACVTAP support a new source mode',
    { lacking: 'refused' },
  ],
  'systemd.netdev(5), [MACVLAN] SourceMACAddress=': [
    '246',
    'systemd.netdev(5): Added in version 246',
    { lacking: 'refused' },
  ],
  'systemd.netdev(5), [MACVTAP] Mode=': [
    '223',
    'systemd v223, src/network/networkd-netdev-gperf.gperf',
    { lacking: 'refused' },
  ],
  'systemd.netdev(5), [MACVTAP] Mode=source': [
    '246',
    'NEWS 246: MACVLAN and MACVTAP support a new source mode',
    { lacking: 'refused' },
  ],
  'systemd.netdev(5), [MACVTAP] SourceMACAddress=': [
    '246',
    'systemd v246, src/network/netdev/netdev-gperf.gperf',
    { lacking: 'refused' },
  ],
  'systemd.netdev(5), [VLAN] Id=': ['210', 'systemd.netdev(5): Added in version 211'],
  'systemd.netdev(5), [Bond] Mode=': [
    '216',
    'systemd.netdev(5): Added in version 216',
    { lacking: 'refused' },
  ],
  'systemd.netdev(5), [Bond] PrimaryReselectPolicy=': [
    '220',
    'systemd.netdev(5): Added in version 220',
    { lacking: 'refused' },
  ],
  'systemd.netdev(5), [Bond] MIIMonitorSec=': [
    '216',
    'systemd.netdev(5): Added in version 216',
    { lacking: 'refused' },
  ],
  'systemd.netdev(5), [Bond] UpDelaySec=': [
    '216',
    'systemd.netdev(5): Added in version 216',
    { lacking: 'refused' },
  ],
  'systemd.netdev(5), [Bond] DownDelaySec=': [
    '216',
    'systemd.netdev(5): Added in version 216',
    { lacking: 'refused' },
  ],
  'systemd.netdev(5), [Bond] LACPTransmitRate=': [
    '216',
    'systemd.netdev(5): Added in version 216',
    { lacking: 'refused' },
  ],
  'systemd.netdev(5), [Bond] MinLinks=': [
    '220',
    'systemd.netdev(5): Added in version 220',
    { lacking: 'refused' },
  ],
  'systemd.netdev(5), [Bond] TransmitHashPolicy=': [
    '216',
    'systemd.netdev(5): Added in version 216',
    { lacking: 'refused' },
  ],
  'systemd.netdev(5), [Bond] AdSelect=': [
    '220',
    'systemd.netdev(5): Added in version 220',
    { lacking: 'refused' },
  ],
  'systemd.netdev(5), [Bond] ARPIntervalSec=': [
    '220',
    'systemd.netdev(5): Added in version 220',
    { lacking: 'refused' },
  ],
  'systemd.netdev(5), [Bond] ARPIPTargets=': [
    '220',
    'systemd.netdev(5): Added in version 220',
    { lacking: 'refused' },
  ],
  'systemd.netdev(5), [Bond] FailOverMACPolicy=': [
    '220',
    'systemd.netdev(5): Added in version 220',
    { lacking: 'refused' },
  ],
  'systemd.netdev(5), [Bridge] STP=': ['232', 'systemd.netdev(5): Added in version 232'],
  'systemd.netdev(5), [Bridge] STP=yes': [
    '232',
    'systemd.netdev(5): Added in version 232',
    { lacking: 'refused' },
  ],
  'systemd.netdev(5), [Bridge] ForwardDelaySec=': [
    '227',
    'systemd.netdev(5): Added in version 227',
    { lacking: 'refused' },
  ],
  'systemd.netdev(5), [Bridge] HelloTimeSec=': [
    '227',
    'systemd.netdev(5): Added in version 227',
    { lacking: 'refused' },
  ],
  'systemd.netdev(5), [Bridge] MaxAgeSec=': [
    '227',
    'systemd.netdev(5): Added in version 227',
    { lacking: 'refused' },
  ],
  'systemd.netdev(5), [Bridge] AgeingTimeSec=': [
    '232',
    'systemd.netdev(5): Added in version 232',
    { lacking: 'refused' },
  ],
  'systemd.netdev(5), [Bridge] Priority=': [
    '232',
    'systemd.netdev(5): Added in version 232',
    { lacking: 'refused' },
  ],
  // systemd.link(5), units, and what boot waits for
  'systemd.link(5), [Match] PermanentMACAddress=': [
    '245',
    'systemd.link(5): Added in version 245',
    { lacking: 'refused' },
  ],
  'systemd.link(5), [Match] MACAddress=': [
    '211',
    'systemd.link(5): Added in version 211',
    { newer: '[Match] PermanentMACAddress=' },
  ],
  'systemd.link(5), [Match] Path=': ['211', 'systemd.link(5): Added in version 211'],
  'systemd.link(5), [Match] OriginalName=': ['211', 'systemd.link(5): Added in version 211'],
  'systemd.link(5), [Link] MACAddressPolicy=': ['211', 'systemd.link(5): Added in version 211'],
  'systemd.link(5), [Link] Name=': ['209', 'systemd v209, src/udev/net/link-config-gperf.gperf'],
  'systemd.link(5), [Link] WakeOnLan=': [
    '209',
    'systemd v209, src/udev/net/link-config-gperf.gperf',
  ],
  'sysctl.d(5), - before a variable': [
    '243',
    'NEWS 243: with - before it any failure to apply a variable is ignored',
  ],
  'systemd.unit(5), ConditionPathExists=': ['20', 'systemd v20, man/systemd.unit.xml'],
  'systemd.unit(5), ConditionPathIsSymbolicLink=': ['40', 'systemd v40, man/systemd.unit.xml'],
  'systemd.unit(5), After=': ['20', 'systemd v20, man/systemd.unit.xml'],
  'systemd.unit(5), Before=': ['20', 'systemd v20, man/systemd.unit.xml'],
  'systemd.unit(5), Wants=': ['20', 'systemd v20, man/systemd.unit.xml'],
  'systemd.service(5), ExecStartPre=': ['20', 'systemd v20, man/systemd.service.xml'],
  'systemd.service(5), ExecStart=': ['20', 'systemd v20, man/systemd.service.xml'],
  'systemd-networkd-wait-online.service(8)': [
    '213',
    'systemd-networkd-wait-online.service(8): -i added in version 213',
  ],
  'systemd-networkd-wait-online.service(8), -i INTERFACE': [
    '213',
    'systemd-networkd-wait-online.service(8): -i added in version 213',
    { newer: '-i INTERFACE:STATE' },
  ],
  'systemd-networkd-wait-online.service(8), -i INTERFACE:STATE': [
    '242',
    'NEWS 242: an operational state after each interface',
  ],
  // NetworkManager: nm-settings-keyfile(5)
  'nm-settings-keyfile(5), [connection] id': [
    '0.9',
    'NetworkManager 0.9.0, NM_SETTING_CONNECTION_ID',
  ],
  'nm-settings-keyfile(5), [connection] uuid': [
    '0.9',
    'NetworkManager 0.9.0, NM_SETTING_CONNECTION_UUID',
  ],
  'nm-settings-keyfile(5), [connection] type': [
    '0.9',
    'NetworkManager 0.9.0, NM_SETTING_CONNECTION_TYPE',
  ],
  'nm-settings-keyfile(5), [connection] interface-name': ['0.9.10.0', 'libnm-1.0 property'],
  'nm-settings-keyfile(5), [connection] autoconnect': [
    '0.9',
    'NetworkManager 0.9.0, NM_SETTING_CONNECTION_AUTOCONNECT',
  ],
  'nm-settings-keyfile(5), [connection] autoconnect-priority': [
    '1.0',
    'NetworkManager 1.0.0, NM_SETTING_CONNECTION_AUTOCONNECT_PRIORITY',
  ],
  'nm-settings-keyfile(5), [connection] master': [
    '0.9.4.0',
    'NetworkManager 0.9.4.0, NM_SETTING_CONNECTION_MASTER',
  ],
  'nm-settings-keyfile(5), [connection] slave-type': [
    '0.9.4.0',
    'NetworkManager 0.9.4.0, NM_SETTING_CONNECTION_SLAVE_TYPE',
  ],
  'nm-settings-keyfile(5), [connection] type=macvlan': [
    '1.2',
    'NEWS 1.2 (section "since NetworkManager-1.0": macvlan, vxlan, ip tunnels)',
    { lacking: 'refused' },
  ],
  'nm-settings-keyfile(5), [ethernet] mac-address': [
    '0.9',
    'NetworkManager 0.9.0, NM_SETTING_WIRED_MAC_ADDRESS',
  ],
  'nm-settings-keyfile(5), [ethernet] cloned-mac-address': [
    '0.9',
    'NetworkManager 0.9.0, NM_SETTING_WIRED_CLONED_MAC_ADDRESS',
  ],
  'nm-settings-keyfile(5), [ethernet] mtu': ['0.9', 'NetworkManager 0.9.0, NM_SETTING_WIRED_MTU'],
  'nm-settings-keyfile(5), [ethernet] wake-on-lan': [
    '1.2',
    'NEWS 1.2: "Add support for configuring Wake-on-LAN"',
    { lacking: 'refused' },
  ],
  'nm-settings-keyfile(5), [macvlan] mode': [
    '1.2',
    'NetworkManager 1.2.0, NM_SETTING_MACVLAN_MODE',
    { lacking: 'refused' },
  ],
  'nm-settings-keyfile(5), [macvlan] parent': [
    '1.2',
    'NetworkManager 1.2.0, NM_SETTING_MACVLAN_PARENT',
    { lacking: 'refused' },
  ],
  'nm-settings-keyfile(5), [macvlan] tap': [
    '1.2',
    'NetworkManager 1.2.0, NM_SETTING_MACVLAN_TAP',
    { lacking: 'refused' },
  ],
  'nm-settings-keyfile(5), [vlan] id': ['0.9.4.0', 'NetworkManager 0.9.4.0, NM_SETTING_VLAN_ID'],
  'nm-settings-keyfile(5), [vlan] parent': [
    '0.9.4.0',
    'NetworkManager 0.9.4.0, NM_SETTING_VLAN_PARENT',
  ],
  'nm-settings-keyfile(5), [vlan] flags': ['0.9.4', 'NetworkManager 0.9.4, NM_SETTING_VLAN_FLAGS'],
  'nm-settings-keyfile(5), [bond] mode': [
    '0.9.4.0',
    'NetworkManager 0.9.4.0, NM_SETTING_BOND_OPTION_MODE',
    { lacking: 'refused' },
  ],
  'nm-settings-keyfile(5), [bond] primary': [
    '0.9.10.0',
    'NetworkManager 0.9.10.0, NM_SETTING_BOND_OPTION_PRIMARY',
    { lacking: 'refused' },
  ],
  'nm-settings-keyfile(5), [bond] primary_reselect': [
    '0.9.10.0',
    'NetworkManager 0.9.10.0, NM_SETTING_BOND_OPTION_PRIMARY_RESELECT',
    { lacking: 'refused' },
  ],
  'nm-settings-keyfile(5), [bond] miimon': [
    '0.9.4.0',
    'NetworkManager 0.9.4.0, NM_SETTING_BOND_OPTION_MIIMON',
    { lacking: 'refused' },
  ],
  'nm-settings-keyfile(5), [bond] updelay': [
    '0.9.4.0',
    'NetworkManager 0.9.4.0, NM_SETTING_BOND_OPTION_UPDELAY',
    { lacking: 'refused' },
  ],
  'nm-settings-keyfile(5), [bond] downdelay': [
    '0.9.4.0',
    'NetworkManager 0.9.4.0, NM_SETTING_BOND_OPTION_DOWNDELAY',
    { lacking: 'refused' },
  ],
  'nm-settings-keyfile(5), [bond] lacp_rate': [
    '1.0',
    'NetworkManager 1.0.0, NM_SETTING_BOND_OPTION_LACP_RATE',
    { lacking: 'refused' },
  ],
  'nm-settings-keyfile(5), [bond] min_links': [
    '1.2',
    'NetworkManager 1.2.0, NM_SETTING_BOND_OPTION_MIN_LINKS',
    { lacking: 'refused' },
  ],
  'nm-settings-keyfile(5), [bond] xmit_hash_policy': [
    '0.9.10.0',
    'NetworkManager 0.9.10.0, NM_SETTING_BOND_OPTION_XMIT_HASH_POLICY',
    { lacking: 'refused' },
  ],
  'nm-settings-keyfile(5), [bond] ad_select': [
    '0.9.10.0',
    'NetworkManager 0.9.10.0, NM_SETTING_BOND_OPTION_AD_SELECT',
    { lacking: 'refused' },
  ],
  'nm-settings-keyfile(5), [bond] arp_interval': [
    '0.9.4.0',
    'NetworkManager 0.9.4.0, NM_SETTING_BOND_OPTION_ARP_INTERVAL',
    { lacking: 'refused' },
  ],
  'nm-settings-keyfile(5), [bond] arp_ip_target': [
    '0.9.4.0',
    'NetworkManager 0.9.4.0, NM_SETTING_BOND_OPTION_ARP_IP_TARGET',
    { lacking: 'refused' },
  ],
  'nm-settings-keyfile(5), [bond] fail_over_mac': [
    '0.9.10.0',
    'NetworkManager 0.9.10.0, NM_SETTING_BOND_OPTION_FAIL_OVER_MAC',
    { lacking: 'refused' },
  ],
  'nm-settings-keyfile(5), [bridge] stp': [
    '0.9.8.0',
    'NetworkManager 0.9.8.0, NM_SETTING_BRIDGE_STP',
  ],
  'nm-settings-keyfile(5), [bridge] forward-delay': [
    '0.9.8.0',
    'NetworkManager 0.9.8.0, NM_SETTING_BRIDGE_FORWARD_DELAY',
  ],
  'nm-settings-keyfile(5), [bridge] hello-time': [
    '0.9.8.0',
    'NetworkManager 0.9.8.0, NM_SETTING_BRIDGE_HELLO_TIME',
  ],
  'nm-settings-keyfile(5), [bridge] max-age': [
    '0.9.8.0',
    'NetworkManager 0.9.8.0, NM_SETTING_BRIDGE_MAX_AGE',
  ],
  'nm-settings-keyfile(5), [bridge] ageing-time': [
    '0.9.8.0',
    'NetworkManager 0.9.8.0, NM_SETTING_BRIDGE_AGEING_TIME',
  ],
  'nm-settings-keyfile(5), [bridge] priority': [
    '0.9.8.0',
    'NetworkManager 0.9.8.0, NM_SETTING_BRIDGE_PRIORITY',
  ],
  'nm-settings-keyfile(5), [ipv4] method': ['0.9', 'NetworkManager 0.9.0, nm-setting-ip4-config.h'],
  'nm-settings-keyfile(5), [ipv4] addressN': [
    '0.9.8',
    'NetworkManager 0.9.8, src/settings/plugins/keyfile/writer.c',
  ],
  'nm-settings-keyfile(5), [ipv4] gateway': [
    '1.0',
    'NetworkManager 1.0.0, NM_SETTING_IP_CONFIG_GATEWAY',
  ],
  'nm-settings-keyfile(5), [ipv4] routeN': [
    '0.9.8',
    'NetworkManager 0.9.8, src/settings/plugins/keyfile/writer.c',
  ],
  'nm-settings-keyfile(5), [ipv4] routeN_options': [
    '1.12',
    'NEWS 1.12: "Added support for onlink IPv4 routes attribute"',
    { lacking: 'refused' },
  ],
  'nm-settings-keyfile(5), [ipv4] routing-ruleN': [
    '1.18',
    'NEWS 1.18: "Add support for policy routing rules"',
    { lacking: 'refused' },
  ],
  'nm-settings-keyfile(5), [ipv4] route-metric': [
    '1.0',
    'NetworkManager 1.0.0, NM_SETTING_IP_CONFIG_ROUTE_METRIC',
  ],
  'nm-settings-keyfile(5), [ipv4] dns': ['0.9', 'NetworkManager 0.9.0, NM_SETTING_IP4_CONFIG_DNS'],
  'nm-settings-keyfile(5), [ipv4] dns-search': [
    '0.9',
    'NetworkManager 0.9.0, NM_SETTING_IP4_CONFIG_DNS_SEARCH',
  ],
  'nm-settings-keyfile(5), [ipv4] dhcp-send-hostname': [
    '0.9',
    'NetworkManager 0.9.0, NM_SETTING_IP4_CONFIG_DHCP_SEND_HOSTNAME',
  ],
  'nm-settings-keyfile(5), [ipv4] dhcp-hostname': [
    '0.9',
    'NetworkManager 0.9.0, NM_SETTING_IP4_CONFIG_DHCP_HOSTNAME',
  ],
  'nm-settings-keyfile(5), [ipv4] ignore-auto-routes': [
    '0.9',
    'NetworkManager 0.9.0, NM_SETTING_IP4_CONFIG_IGNORE_AUTO_ROUTES',
  ],
  'nm-settings-keyfile(5), [ipv4] ignore-auto-dns': [
    '0.9',
    'NetworkManager 0.9.0, NM_SETTING_IP4_CONFIG_IGNORE_AUTO_DNS',
  ],
  'nm-settings-keyfile(5), [ipv4] never-default': [
    '0.9',
    'NetworkManager 0.9.0, NM_SETTING_IP4_CONFIG_NEVER_DEFAULT',
  ],
  'nm-settings-keyfile(5), [ipv4] may-fail': [
    '0.9',
    'NetworkManager 0.9.0, NM_SETTING_IP4_CONFIG_MAY_FAIL',
  ],
  'nm-settings-keyfile(5), [ipv6] method': ['0.9', 'NetworkManager 0.9.0, nm-setting-ip6-config.h'],
  'nm-settings-keyfile(5), [ipv6] method=disabled': [
    '1.20',
    'NEWS 1.20: "Add ipv6.method=disabled to disable IPv6 on a device"',
  ],
  'nm-settings-keyfile(5), [ipv6] method=ignore': [
    '0.9',
    'NetworkManager 0.9.0, nm-setting-ip6-config.h',
    { newer: '[ipv6] method=disabled' },
  ],
  'nm-settings-keyfile(5), [ipv6] addressN': [
    '0.9.8',
    'NetworkManager 0.9.8, src/settings/plugins/keyfile/writer.c',
  ],
  'nm-settings-keyfile(5), [ipv6] gateway': [
    '1.0',
    'NetworkManager 1.0.0, NM_SETTING_IP_CONFIG_GATEWAY',
  ],
  'nm-settings-keyfile(5), [ipv6] routeN': [
    '0.9.8',
    'NetworkManager 0.9.8, src/settings/plugins/keyfile/writer.c',
  ],
  'nm-settings-keyfile(5), [ipv6] routeN_options': [
    '1.18',
    'NM_IP_ROUTE_ATTRIBUTE_ONLINK v6=FALSE in 1.16.0, TRUE in 1.18.0',
    { lacking: 'refused' },
  ],
  'nm-settings-keyfile(5), [ipv6] routing-ruleN': [
    '1.18',
    'NEWS 1.18: "Add support for policy routing rules"',
    { lacking: 'refused' },
  ],
  'nm-settings-keyfile(5), [ipv6] route-metric': [
    '1.0',
    'NetworkManager 1.0.0, NM_SETTING_IP_CONFIG_ROUTE_METRIC',
  ],
  'nm-settings-keyfile(5), [ipv6] dns': ['0.9', 'NetworkManager 0.9.0, NM_SETTING_IP4_CONFIG_DNS'],
  'nm-settings-keyfile(5), [ipv6] dns-search': [
    '0.9',
    'NetworkManager 0.9.0, NM_SETTING_IP4_CONFIG_DNS_SEARCH',
  ],
  'nm-settings-keyfile(5), [ipv6] dhcp-send-hostname': [
    '0.9',
    'NetworkManager 0.9.0, NM_SETTING_IP4_CONFIG_DHCP_SEND_HOSTNAME',
  ],
  'nm-settings-keyfile(5), [ipv6] dhcp-hostname': [
    '0.9',
    'NetworkManager 0.9.0, NM_SETTING_IP4_CONFIG_DHCP_HOSTNAME',
  ],
  'nm-settings-keyfile(5), [ipv6] ignore-auto-routes': [
    '0.9',
    'NetworkManager 0.9.0, NM_SETTING_IP4_CONFIG_IGNORE_AUTO_ROUTES',
  ],
  'nm-settings-keyfile(5), [ipv6] ignore-auto-dns': [
    '0.9',
    'NetworkManager 0.9.0, NM_SETTING_IP4_CONFIG_IGNORE_AUTO_DNS',
  ],
  'nm-settings-keyfile(5), [ipv6] never-default': [
    '0.9',
    'NetworkManager 0.9.0, NM_SETTING_IP4_CONFIG_NEVER_DEFAULT',
  ],
  'nm-settings-keyfile(5), [ipv6] may-fail': [
    '0.9',
    'NetworkManager 0.9.0, NM_SETTING_IP4_CONFIG_MAY_FAIL',
  ],
  'nm-settings-keyfile(5), [ipv4] dhcp-client-id': [
    '0.9',
    'NetworkManager 0.9.0, NM_SETTING_IP4_CONFIG_DHCP_CLIENT_ID',
  ],
  'nm-settings-keyfile(5), [ipv4] dhcp-client-id=mac': [
    '1.12',
    'NetworkManager 1.12, nm-setting-ip4-config.c: special values "mac" and "perm-mac"',
  ],
  'nm-settings-keyfile(5), [ipv4] dhcp-client-id=duid': [
    '1.16',
    'NEWS 1.16: "Support special value duid for ipv4.dhcp-client-id"',
    { lacking: 'refused' },
  ],
  'nm-settings-keyfile(5), [ipv4] link-local': [
    '1.40',
    'NetworkManager 1.40.0, NM_SETTING_IP4_CONFIG_LINK_LOCAL',
  ],
  'nm-settings-keyfile(5), [ipv6] dhcp-duid': [
    '1.12',
    'NetworkManager 1.12.0, NM_SETTING_IP6_CONFIG_DHCP_DUID',
  ],
  'nm-settings-keyfile(5), [ipv6] addr-gen-mode': [
    '1.2',
    'NetworkManager 1.2.0, NM_SETTING_IP6_CONFIG_ADDR_GEN_MODE',
  ],
  'nm-settings-keyfile(5), [ipv6] ip6-privacy': [
    '0.9.4.0',
    'NetworkManager 0.9.4.0, NM_SETTING_IP6_CONFIG_IP6_PRIVACY',
  ],
  'nm-settings-keyfile(5), [hostname] from-dhcp': [
    '1.30',
    'NEWS 1.30: "New hostname settings"',
    { lacking: 'refused' },
  ],
  // NetworkManager.conf(5)
  'NetworkManager.conf(5), [keyfile] unmanaged-devices': [
    '1.0.4',
    'NetworkManager 1.0.4: except:SPEC; 1.0.2: +=',
    { lacking: 'refused' },
  ],
  'NetworkManager.conf(5), [device]': [
    '1.4',
    'NetworkManager 1.4, NM_CONFIG_KEYFILE_GROUPPREFIX_DEVICE',
    { lacking: 'refused' },
  ],
  'NetworkManager.conf(5), [device] match-device': [
    '1.4',
    'NetworkManager 1.4, NM_CONFIG_KEYFILE_GROUPPREFIX_DEVICE',
    { lacking: 'refused' },
  ],
  'NetworkManager.conf(5), [device] ignore-carrier': [
    '1.4',
    'NetworkManager 1.4.0, NM_CONFIG_KEYFILE_KEY_DEVICE_IGNORE_CARRIER',
    { lacking: 'refused' },
  ],
  'NetworkManager.conf(5), [device] carrier-wait-timeout': [
    '1.12',
    'NetworkManager 1.12.0, NM_CONFIG_KEYFILE_KEY_DEVICE_CARRIER_WAIT_TIMEOUT',
  ],
  // netplan-yaml(5)
  'netplan-yaml(5), version': ['0.1', 'netplan 0.1, src/parse.c'],
  'netplan-yaml(5), ethernets': ['0.1', 'netplan 0.1, src/parse.c'],
  'netplan-yaml(5), renderer': ['0.1', 'netplan 0.1, src/parse.c'],
  'netplan-yaml(5), match, macaddress': ['0.1', 'netplan 0.1, src/parse.c'],
  'netplan-yaml(5), set-name': ['0.1', 'netplan 0.1, src/parse.c'],
  'netplan-yaml(5), macaddress': ['0.22', 'netplan 0.22, src/parse.c'],
  'netplan-yaml(5), mtu': ['0.21', 'netplan 0.21, src/parse.c'],
  'netplan-yaml(5), dhcp4': ['0.1', 'netplan 0.1, src/parse.c'],
  'netplan-yaml(5), dhcp6': ['0.10', 'netplan 0.10, src/parse.c'],
  'netplan-yaml(5), accept-ra': ['0.28', 'netplan 0.28, src/parse.c'],
  'netplan-yaml(5), link-local': ['0.39', 'netplan 0.39, src/parse.c'],
  'netplan-yaml(5), addresses': ['0.1', 'netplan 0.1, src/parse.c'],
  'netplan-yaml(5), routes, to': ['0.16', 'netplan 0.16, src/parse.c'],
  'netplan-yaml(5), routes, via': ['0.16', 'netplan 0.16, src/parse.c'],
  'netplan-yaml(5), routes, scope': ['0.34', 'netplan 0.34, src/parse.c'],
  'netplan-yaml(5), routes, from': ['0.34', 'netplan 0.34, src/parse.c'],
  'netplan-yaml(5), routes, on-link': ['0.34', 'netplan 0.34, src/parse.c'],
  'netplan-yaml(5), routes, metric': ['0.16', 'netplan 0.16, src/parse.c'],
  'netplan-yaml(5), routes, table': ['0.34', 'netplan 0.34, src/parse.c'],
  'netplan-yaml(5), routing-policy, from': ['0.34', 'netplan 0.34, src/parse.c'],
  'netplan-yaml(5), routing-policy, to': ['0.34', 'netplan 0.34, src/parse.c'],
  'netplan-yaml(5), routing-policy, table': ['0.34', 'netplan 0.34, src/parse.c'],
  'netplan-yaml(5), routing-policy, priority': ['0.34', 'netplan 0.34, src/parse.c'],
  'netplan-yaml(5), routing-policy, type-of-service': ['0.34', 'netplan 0.34, src/parse.c'],
  'netplan-yaml(5), routing-policy, mark': ['0.34', 'netplan 0.34, src/parse.c'],
  'netplan-yaml(5), nameservers, addresses': ['0.13', 'netplan 0.13, src/parse.c'],
  'netplan-yaml(5), nameservers, search': ['0.13', 'netplan 0.13, src/parse.c'],
  'netplan-yaml(5), dhcp-identifier': ['0.35', 'netplan 0.35, src/parse.c'],
  'netplan-yaml(5), DHCP overrides, use-dns': [
    '0.90',
    'netplan 0.90, src/parse.c',
    { lacking: 'refused' },
  ],
  'netplan-yaml(5), DHCP overrides, use-domains': [
    '0.98',
    'netplan 0.98, src/parse.c',
    { lacking: 'refused' },
  ],
  'netplan-yaml(5), DHCP overrides, use-ntp': [
    '0.90',
    'netplan 0.90, src/parse.c',
    { lacking: 'refused' },
  ],
  'netplan-yaml(5), DHCP overrides, use-hostname': [
    '0.90',
    'netplan 0.90, src/parse.c',
    { lacking: 'refused' },
  ],
  'netplan-yaml(5), DHCP overrides, send-hostname': [
    '0.90',
    'netplan 0.90, src/parse.c',
    { lacking: 'refused' },
  ],
  'netplan-yaml(5), DHCP overrides, hostname': [
    '0.90',
    'netplan 0.90, src/parse.c',
    { lacking: 'refused' },
  ],
  'netplan-yaml(5), DHCP overrides, use-mtu': [
    '0.95',
    'netplan 0.95, src/parse.c',
    { lacking: 'refused' },
  ],
  'netplan-yaml(5), DHCP overrides, use-routes': [
    '0.95',
    'netplan 0.95, src/parse.c',
    { lacking: 'refused' },
  ],
  'netplan-yaml(5), DHCP overrides, route-metric': [
    '0.95',
    'netplan 0.95, src/parse.c',
    { lacking: 'refused' },
  ],
  'netplan-yaml(5), optional': ['0.30', 'netplan 0.30, src/parse.c'],
  'netplan-yaml(5), ignore-carrier': ['0.104', 'netplan 0.104, src/parse.c'],
  'netplan-yaml(5), wakeonlan': ['0.1', 'netplan 0.1, src/parse.c', { lacking: 'refused' }],
  'netplan-yaml(5), vlans': ['0.10', 'netplan 0.10, src/parse.c'],
  'netplan-yaml(5), bonds': ['0.12', 'netplan 0.12, src/parse.c'],
  'netplan-yaml(5), bridges': ['0.1', 'netplan 0.1, src/parse.c'],
  'netplan-yaml(5), id': ['0.10', 'netplan 0.10, src/parse.c'],
  'netplan-yaml(5), link': ['0.10', 'netplan 0.10, src/parse.c'],
  'netplan-yaml(5), interfaces': ['0.12', 'netplan 0.12, src/parse.c'],
  'netplan-yaml(5), parameters, mode': ['0.17', 'netplan 0.17, src/parse.c'],
  'netplan-yaml(5), parameters, primary': ['0.26', 'netplan 0.26, src/parse.c'],
  'netplan-yaml(5), parameters, primary-reselect-policy': ['0.17', 'netplan 0.17, src/parse.c'],
  'netplan-yaml(5), parameters, mii-monitor-interval': ['0.17', 'netplan 0.17, src/parse.c'],
  'netplan-yaml(5), parameters, up-delay': ['0.17', 'netplan 0.17, src/parse.c'],
  'netplan-yaml(5), parameters, down-delay': ['0.17', 'netplan 0.17, src/parse.c'],
  'netplan-yaml(5), parameters, lacp-rate': ['0.17', 'netplan 0.17, src/parse.c'],
  'netplan-yaml(5), parameters, min-links': ['0.17', 'netplan 0.17, src/parse.c'],
  'netplan-yaml(5), parameters, transmit-hash-policy': ['0.17', 'netplan 0.17, src/parse.c'],
  'netplan-yaml(5), parameters, ad-select': ['0.17', 'netplan 0.17, src/parse.c'],
  'netplan-yaml(5), parameters, arp-interval': ['0.17', 'netplan 0.17, src/parse.c'],
  'netplan-yaml(5), parameters, arp-ip-targets': ['0.17', 'netplan 0.17, src/parse.c'],
  'netplan-yaml(5), parameters, fail-over-mac-policy': ['0.17', 'netplan 0.17, src/parse.c'],
  'netplan-yaml(5), parameters, stp': ['0.19', 'netplan 0.19, src/parse.c'],
  'netplan-yaml(5), parameters, forward-delay': ['0.17', 'netplan 0.17, src/parse.c'],
  'netplan-yaml(5), parameters, hello-time': ['0.17', 'netplan 0.17, src/parse.c'],
  'netplan-yaml(5), parameters, max-age': ['0.17', 'netplan 0.17, src/parse.c'],
  'netplan-yaml(5), parameters, ageing-time': ['0.17', 'netplan 0.17, src/parse.c'],
  'netplan-yaml(5), parameters, priority': ['0.17', 'netplan 0.17, src/parse.c'],
  'netplan-yaml(5), nm-devices': ['0.102', 'netplan 0.102, src/parse.c', { lacking: 'refused' }],
  'netplan-yaml(5), networkmanager, uuid': [
    '0.99',
    'netplan 0.99, src/parse.c',
    { lacking: 'refused' },
  ],
  'netplan-yaml(5), networkmanager, name': [
    '0.99',
    'netplan 0.99, src/parse.c',
    { lacking: 'refused' },
  ],
  'netplan-yaml(5), networkmanager, passthrough': [
    '0.102',
    'netplan 0.102, src/parse.c',
    { lacking: 'refused' },
  ],
};

const TABLE: ReadonlyMap<string, Since> = new Map(
  Object.entries(LINES).map(([authority, [since, source, extra]]) => [
    authority,
    { key: authority.replace(/^[^,]*, /, ''), since, source, ...extra },
  ]),
);

/** Every line of the table, for tests and the README. */
export const sinceLines = (): readonly (readonly [authority: string, since: Since])[] => [...TABLE];

/** Which daemon's versions an authority speaks of; undefined for the kernel and for ourselves. */
export function daemonOf(authority: string): Daemon | undefined {
  if (/^(?:systemd\.link|sysctl\.d)/.test(authority)) return 'udev';
  if (authority.startsWith('systemd')) return 'systemd';
  if (/^(?:nm-|NetworkManager)/.test(authority)) return 'NetworkManager';
  return authority.startsWith('netplan') ? 'netplan' : undefined;
}

/**
 * The line of a key, or of the key with this value where the value came later. Numbers of
 * addresses, routes and rules do not count; `text` may be a whole line `key=value`.
 */
export function sinceOf(authority: string, text?: string): Since | undefined {
  const key = authority.replace(/\b(address|route|routing-rule)[0-9]+/, '$1N');
  if (text !== undefined) {
    const value = text.replace(/^[a-z0-9_.-]+(?:=|: "?)/, '').replace(/"$/, '');
    const withValue = TABLE.get(key.endsWith('=') ? `${key}${value}` : `${key}=${value}`);
    if (withValue) return withValue;
  }
  return TABLE.get(key);
}

/** Whether the target's versions know a key; `authority` is as entries have it. */
export function knows(target: Target, authority: string): boolean {
  const since = sinceOf(authority);
  return since === undefined || isKnown(target, daemonOf(authority), since);
}

export function isKnown(
  { versions }: Target,
  daemon: Daemon | undefined,
  { since }: Since,
): boolean {
  const version = parseVersion(since);
  if (!version) throw new Error(`no version: ${since}`);
  return daemon === undefined || isAtLeast(versions[daemon], version);
}
