/**
 * Hosts as strangers write them down, from public repositories, installers and images; names and
 * addresses replaced. No false alarm, no miss, and no crash, under every back end.
 */
import { test } from 'uvu';
import { assertFindings, type Files } from './foreign-files.ts';

const MAIN = 'etc/network/interfaces';
const YAML = 'etc/netplan/50-cloud-init.yaml';
const NETWORKD = 'networkd';
const NETPLAN = 'netplan-networkd';
const NETWORKMANAGER = 'networkmanager';
const IFUPDOWN = 'ifupdown';
const IDS = [NETWORKD, NETPLAN, NETWORKMANAGER, IFUPDOWN];

interface Host {
  readonly what: string;
  readonly files: Files;
  /** Of every back end, or by its id. */
  readonly findings: readonly string[] | Readonly<Record<string, readonly string[]>>;
}

const all = (findings: readonly string[], more: Readonly<Record<string, readonly string[]>> = {}) =>
  Object.fromEntries(IDS.map((id) => [id, [...findings, ...(more[id] ?? [])]]));

const HOSTS: readonly Host[] = [
  {
    what: 'Proxmox VE, as its installer leaves it',
    files: {
      [MAIN]: `auto lo
iface lo inet loopback

iface eth0 inet manual

auto vmbr0
iface vmbr0 inet static
	address 198.51.100.50/24
	gateway 198.51.100.254
	bridge-ports eth0
	bridge-stp off
	bridge-fd 0

source /etc/network/interfaces.d/*
`,
      'etc/network/ifupdown2/ifupdown2.conf': 'template_enable=1\n',
      'etc/default/networking': '',
    },
    findings: all([`error[ifupdown-enslaves-link] ${MAIN}:10`], {
      [NETWORKMANAGER]: [`warning[ifupdown-claims-link] ${MAIN}:4`],
      [IFUPDOWN]: [`warning[ifupdown-claims-link] ${MAIN}:4`],
    }),
  },
  {
    what: 'Proxmox VE on a bond, VLANs on a bridge, Open vSwitch beside it',
    files: {
      [MAIN]: `source /etc/network/interfaces.d/*
auto eth0
iface eth0 inet manual
        mtu 9216
auto bond0
iface bond0 inet manual
        bond-slaves eth0 eth1
        bond-miimon 100
        bond-mode 802.3ad
auto vmbr0
iface vmbr0 inet static
        address 192.0.2.10/24
        bridge-ports bond0
        bridge-vlan-aware yes
        bridge-vids 2-4094
auto vmbr0.15
iface vmbr0.15 inet static
        address 192.0.2.129/25
        post-up dcb pfc set dev eth0 prio-pfc 3:on
allow-ovs vmbr1
iface vmbr1 inet manual
        ovs_type OVSBridge
`,
    },
    findings: all([`error[ifupdown-enslaves-link] ${MAIN}:7`], {
      [NETWORKMANAGER]: [`warning[ifupdown-claims-link] ${MAIN}:3`],
      [IFUPDOWN]: [`warning[ifupdown-claims-link] ${MAIN}:3`],
    }),
  },
  {
    what: 'Hetzner, installimage on Debian',
    files: {
      [MAIN]: `### Hetzner Online GmbH installimage

source /etc/network/interfaces.d/*

auto lo
iface lo inet loopback
iface lo inet6 loopback

auto eth0
iface eth0 inet static
  address 198.51.100.50
  netmask 255.255.255.192
  gateway 198.51.100.1
  # route 198.51.100.0/26 via 198.51.100.1
  up route add -net 198.51.100.0 netmask 255.255.255.192 gw 198.51.100.1 dev eth0

iface eth0 inet6 static
  address 2001:db8::2
  netmask 64
  gateway fe80::1
`,
    },
    findings: {
      ...all([`error[ifupdown-claims-link] ${MAIN}:10`, `error[ifupdown-claims-link] ${MAIN}:17`]),
      [IFUPDOWN]: [
        `warning[ifupdown-claims-link] ${MAIN}:10`,
        `warning[ifupdown-claims-link] ${MAIN}:17`,
      ],
    },
  },
  {
    what: "Hetzner, installimage on Ubuntu, where the YAML's route is on-link",
    files: {
      'etc/netplan/01-netcfg.yaml': `### Hetzner Online GmbH installimage
network:
  version: 2
  renderer: networkd
  ethernets:
    eth0:
      addresses:
        - 198.51.100.50/32
        - 2001:db8::2/64
      routes:
        - on-link: true
          to: 0.0.0.0/0
          via: 198.51.100.1
        - to: default
          via: fe80::1
      nameservers:
        addresses:
          - 192.0.2.53
`,
    },
    findings: {
      [NETPLAN]: ['note[netplan-default-routes] etc/netplan/01-netcfg.yaml:11'],
      [NETWORKMANAGER]: ['error[netplan-gives-link-away] etc/netplan/01-netcfg.yaml:6'],
    },
  },
  {
    what: 'a cloud image of Ubuntu, with cloud-init',
    files: {
      [YAML]: `# This file is generated from information provided by the datasource.  Changes
# to it will not persist across an instance reboot.
network:
    ethernets:
        eth0:
            dhcp4: true
            dhcp4-overrides:
                route-metric: 100
            dhcp6: false
            match:
                driver: hv_netvsc
                macaddress: 52:54:00:12:34:56
            set-name: eth0
    version: 2
`,
      'etc/cloud/cloud.cfg': 'users:\n   - default\ndisable_root: true\n',
    },
    findings: all(['warning[cloud-init-writes-network] etc/cloud/cloud.cfg'], {
      [NETWORKMANAGER]: [`error[netplan-gives-link-away] ${YAML}:5`],
    }),
  },
  {
    what: 'Ubuntu for a Raspberry Pi, with several drivers in one word',
    files: {
      [YAML]: `network:
    ethernets:
        eth0:
            dhcp4: true
            match:
                driver: bcmgenet smsc95xx lan78xx
            optional: true
            set-name: eth0
    version: 2
`,
    },
    findings: {
      [NETPLAN]: [`warning[netplan-file-refused] ${YAML}:6`],
      [NETWORKMANAGER]: [`error[netplan-gives-link-away] ${YAML}:3`],
    },
  },
  {
    what: 'Ubuntu for desktops: NetworkManager has all',
    files: {
      'etc/netplan/01-network-manager-all.yaml':
        '# Let NetworkManager manage all devices on this system\nnetwork:\n  version: 2\n  renderer: NetworkManager\n',
    },
    findings: [],
  },
  {
    what: 'a KVM host by a tutorial: a bridge in netplan',
    files: {
      'etc/netplan/01-netcfg.yaml': `network:
  version: 2
  renderer: networkd
  ethernets:
    eth0: {dhcp4: false, dhcp6: false, optional: true}
  bridges:
    cloudbr0:
      addresses: [198.51.100.50/24]
      gateway4: 198.51.100.254
      nameservers:
        addresses: [192.0.2.53,192.0.2.54]
      interfaces: [eth0]
      dhcp4: false
      parameters:
        stp: false
        forward-delay: 0
`,
    },
    findings: all(['error[netplan-enslaves-link] etc/netplan/01-netcfg.yaml:12'], {
      [NETWORKMANAGER]: ['error[netplan-gives-link-away] etc/netplan/01-netcfg.yaml:5'],
    }),
  },
  {
    what: 'a bonded uplink with VLANs in netplan',
    files: {
      'etc/netplan/60-bond-vlan.yaml': `network:
  version: 2
  renderer: networkd
  ethernets:
    eth0: {}
    eth1: {}
  bonds:
    bond0:
      interfaces: [eth0, eth1]
      parameters: {mode: 802.3ad, lacp-rate: fast, primary: eth0}
  vlans:
    vlan200: {id: 200, link: bond0, addresses: [192.0.2.15/24]}
`,
    },
    findings: all(['error[netplan-enslaves-link] etc/netplan/60-bond-vlan.yaml:9'], {
      [NETWORKMANAGER]: ['error[netplan-gives-link-away] etc/netplan/60-bond-vlan.yaml:5'],
    }),
  },
  {
    what: "Debian's cloud image, and a fragment written for a new NIC",
    files: {
      [MAIN]: `# interfaces(5) file used by ifup(8) and ifdown(8)
# Include files from /etc/network/interfaces.d:
source-directory /etc/network/interfaces.d

# Cloud images dynamically generate config fragments for newly
# attached interfaces.
source-directory /run/network/interfaces.d
`,
      'run/network/interfaces.d/eth0':
        'auto eth0\nallow-hotplug eth0\n\niface eth0 inet dhcp\n\niface eth0 inet6 manual\n  try_dhcp 1\n',
    },
    findings: {
      [NETWORKD]: ['error[ifupdown-claims-link] run/network/interfaces.d/eth0:4'],
      [NETPLAN]: ['error[ifupdown-claims-link] run/network/interfaces.d/eth0:4'],
      [NETWORKMANAGER]: [
        'error[ifupdown-claims-link] run/network/interfaces.d/eth0:4',
        'warning[ifupdown-claims-link] run/network/interfaces.d/eth0:6',
      ],
      [IFUPDOWN]: [
        'warning[ifupdown-claims-link] run/network/interfaces.d/eth0:4',
        'warning[ifupdown-claims-link] run/network/interfaces.d/eth0:6',
      ],
    },
  },
  {
    what: 'an older cloud image that includes `*.cfg` alone',
    files: {
      [MAIN]: 'auto lo\niface lo inet loopback\n\nsource /etc/network/interfaces.d/*.cfg\n',
    },
    findings: { [IFUPDOWN]: [`error[ifupdown-ignores-links] ${MAIN}`] },
  },
  {
    what: 'Armbian: NetworkManager has all',
    files: {
      [MAIN]:
        'source /etc/network/interfaces.d/*\n# Network is managed by Network manager\nauto lo\niface lo inet loopback\n',
    },
    findings: [],
  },
  {
    what: 'a notebook that looks where it is, by a script',
    files: {
      [MAIN]: `source interfaces.d/*
auto lo eth0
iface lo inet loopback
mapping eth0
	script /usr/local/sbin/map-scheme
	map HOME eth0-home
     map \\
 WORK eth0-work
iface eth0-home inet static
    address 198.51.100.50
    netmask 255.255.255.0
iface eth0-work inet dhcp
`,
    },
    findings: {
      ...all([`warning[ifupdown-may-claim-link] ${MAIN}:4`]),
      [IFUPDOWN]: [`error[ifupdown-other-stanza] ${MAIN}:4`],
    },
  },
  {
    what: 'a bond that a command makes, with a line that ifupdown refuses',
    files: {
      [MAIN]: `source interfaces.d/*
auto bond0
iface bond0 inet manual
  post-up ifenslave bond0 eth0 eth1
auto eth3
iface eth3 iface manual
`,
    },
    findings: all([`error[ifupdown-enslaves-link] ${MAIN}:4`], {
      [IFUPDOWN]: [`error[ifupdown-file-refused] ${MAIN}:6`],
    }),
  },
  {
    what: 'Cumulus: ranges and globs of ifupdown2',
    files: {
      [MAIN]: `source /etc/network/interfaces.d/*
auto lo
auto swp[1-4]
iface swp[1-4]
auto bridge
iface bridge
  bridge-ports glob swp1-4 eth0-3
  bridge-vlan-aware yes
`,
      'etc/network/ifupdown2/ifupdown2.conf': '',
    },
    findings: [`error[ifupdown-enslaves-link] ${MAIN}:7`],
  },
  {
    what: 'Raspberry Pi OS up to 11: dhcpcd has all',
    files: {
      'etc/dhcpcd.conf':
        'hostname\npersistent\nslaac private\n#denyinterfaces eth1\ninterface eth0\nstatic ip_address=198.51.100.50/24\n',
      'etc/systemd/system/multi-user.target.wants/dhcpcd.service':
        '[Service]\nExecStart=/usr/sbin/dhcpcd -q -w\n',
      [MAIN]: 'source-directory /etc/network/interfaces.d\n',
    },
    findings: [
      'error[dhcpcd-claims-link] etc/dhcpcd.conf:5',
      'error[dhcpcd-claims-link] etc/dhcpcd.conf',
    ],
  },
];

for (const { what, files, findings } of HOSTS) {
  test(what, () => assertFindings(files, findings, IDS));
}

test.run();
