/** Kinds of change that only `apply` makes, beside those that the printed steps make, too. */
import type { TargetFile } from '../../image/host.ts';
import { SOURCE } from '../change/hosts.ts';
import {
  ADDRESS,
  BRIDGE,
  BRIDGE_WITH_STP,
  KINDS,
  type Kind,
  ON_BOTH,
  ORIGINAL,
  of,
} from '../change/kinds.ts';
import { GATEWAY } from '../change/lan.ts';

/** From one daemon to another that is not enabled, with and without generated files before it. */
const SWITCHED = {
  isForced: true,
  isSwitched: true,
  becomes: {
    networkd: 'networkmanager',
    networkmanager: 'networkd',
    'netplan-networkd': 'networkmanager',
    'netplan-networkmanager': 'networkd',
  },
} as const;
const SWITCHES: readonly Kind[] = [
  { ...of('daemon switched', ORIGINAL), ...SWITCHED },
  { name: 'first installation, daemon switched', second: ORIGINAL, nics: ['eth0'], ...SWITCHED },
];

const networkd = (name: string, text: string): TargetFile => ({
  path: `/etc/systemd/network/${name}`,
  mode: 0o644,
  text,
});
const profile = (name: string, text: string): TargetFile => ({
  path: `/etc/NetworkManager/system-connections/${name}.nmconnection`,
  mode: 0o600,
  text,
});
const yaml = (renderer: string): TargetFile => ({
  path: '/etc/netplan/50-site.yaml',
  mode: 0o600,
  text: `network:
  version: 2
  renderer: ${renderer}
  ethernets:
    eth0: {link-local: [], accept-ra: false}
  bridges:
    br0:
      interfaces: [eth0]
      accept-ra: false
      parameters: {stp: false}
      addresses: [${ADDRESS}/24]
      routes: [{to: 0.0.0.0/0, via: ${GATEWAY}}]
`,
});

/** All of a host's links in one file, as Debian's installer begins it. */
const interfaces = (more = ''): TargetFile => ({
  path: '/etc/network/interfaces',
  mode: 0o644,
  text: `${SOURCE}

auto lo
iface lo inet loopback

# The port of the guests' bridge
iface eth0 inet manual

auto br0
iface br0 inet static
    address ${ADDRESS}/24
    gateway ${GATEWAY}
    bridge_ports eth0
    bridge_stp off
    bridge_fd 0
${more}
# Not plugged in
iface eth9 inet dhcp
`,
});

/** The NIC is a port of a bridge of the site's, as hosts have it whose guests were bridged so far. */
export const SITE_BRIDGE: NonNullable<Kind['site']> = {
  networkd: [
    networkd('20-br0.netdev', '[NetDev]\nName=br0\nKind=bridge\n\n[Bridge]\nSTP=no\n'),
    networkd(
      '20-br0.network',
      `[Match]\nName=br0\n\n[Network]\nIPv6AcceptRA=no\nAddress=${ADDRESS}/24\nGateway=${GATEWAY}\n`,
    ),
    networkd('20-eth0.network', '[Match]\nName=eth0\n\n[Network]\nBridge=br0\n'),
  ],
  networkmanager: [
    profile(
      'bridge',
      `[connection]
id=bridge
uuid=5f1d7e0c-5d5b-4b71-9d0e-0e6a5c1c7a21
type=bridge
interface-name=br0

[bridge]
stp=false

[ipv4]
method=manual
address1=${ADDRESS}/24,${GATEWAY}

[ipv6]
method=link-local
`,
    ),
    profile(
      'port',
      `[connection]
id=port
uuid=5f1d7e0c-5d5b-4b71-9d0e-0e6a5c1c7a22
type=ethernet
interface-name=eth0
master=br0
slave-type=bridge
`,
    ),
  ],
  ifupdown: [interfaces()],
  'netplan-networkd': [yaml('networkd')],
  'netplan-networkmanager': [yaml('NetworkManager')],
};

/** The second one is for storage. */
const SECOND_BRIDGE = `
auto br1
iface br1 inet static
    address 192.0.2.7/24
    bridge_ports eth1
    bridge_stp off
    bridge_fd 0
`;

/** Only over a reboot: `apply` refuses it live. */
export const BRIDGE_SWITCHED = 'bridge of the site, daemon switched';

/** Tried with `--reboot`, too, which they do not need. */
export const BRIDGE_OF_SITE = 'bridge of the site';

export const APPLY_KINDS: readonly Kind[] = [
  ...KINDS,
  ...SWITCHES,
  {
    name: 'bridge of the site, with a guest',
    second: ORIGINAL,
    nics: ['eth0'],
    hasGuest: true,
    site: SITE_BRIDGE,
  },
  {
    name: BRIDGE_OF_SITE,
    second: ORIGINAL,
    nics: ['eth0'],
    site: SITE_BRIDGE,
  },
  {
    name: 'two bridges of the site',
    second: ON_BOTH,
    nics: ['eth0', 'eth1'],
    site: { ifupdown: [interfaces(SECOND_BRIDGE)] },
  },
  {
    name: BRIDGE_SWITCHED,
    second: ORIGINAL,
    nics: ['eth0'],
    site: { ifupdown: [interfaces()] },
    isForced: true,
    isSwitched: true,
    becomes: { ifupdown: 'networkd' },
  },
  {
    ...of('options of a bridge', BRIDGE_WITH_STP, BRIDGE),
    dropsOld: true,
    rebootsUnder: ['networkd', 'netplan-networkd'],
  },
];
