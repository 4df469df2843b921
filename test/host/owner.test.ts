/** Whose network a host's is: hosts of distributions, under every back end. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runHere } from '../in-process.ts';
import {
  BASE,
  HOST,
  IFUPDOWN,
  IFUPDOWN_ON,
  layOut,
  NETPLAN,
  NETWORKD,
  NETWORKD_ON,
  NETWORKMANAGER,
  NETWORKMANAGER_ON,
  ORIGINAL,
  on,
  PROFILE,
  STANZA,
  SYSTEM,
  type Tree,
  unit,
  yaml,
} from './trees.ts';

interface Host {
  readonly name: string;
  readonly tree: Tree;
  /** What each back end reports: a code, or its severity, and what its help says. */
  readonly findings: Readonly<Record<string, RegExp>>;
}

const OTHER = (backend: string): RegExp =>
  new RegExp(`error\\[other-network-owner\\][\\s\\S]*Use \`--backend ${backend}\``);
const NOT_STARTED = /warning\[system-not-enabled\]/;

const HOSTS: readonly Host[] = [
  {
    name: "Debian 12's cloud image, booted",
    tree: {
      ...BASE,
      ...NETWORKD,
      ...NETWORKD_ON,
      ...NETPLAN,
      'etc/netplan/90-default.yaml':
        'network:\n  version: 2\n  ethernets:\n    all-en: {match: {name: en*}, dhcp4: true}\n    all-eth: {match: {name: eth*}, dhcp4: true}\n',
    },
    findings: {
      networkmanager: OTHER('netplan-networkd'),
      'netplan-networkmanager': OTHER('netplan-networkd'),
      ifupdown: OTHER('netplan-networkd'),
    },
  },
  {
    name: 'Ubuntu server: nothing in /etc says that networkd is started',
    tree: {
      ...BASE,
      ...NETWORKD,
      ...NETPLAN,
      ...yaml('network: {version: 2, ethernets: {eth0: {dhcp4: true}}}\n'),
    },
    findings: {
      networkd:
        /50-cloud-init\.yaml: warning\[system-not-enabled\][\s\S]*`--backend netplan-networkd`/,
      networkmanager: OTHER('netplan-networkd'),
      'netplan-networkmanager': OTHER('netplan-networkd'),
      ifupdown: OTHER('netplan-networkd'),
    },
  },
  {
    name: 'Ubuntu server, its NIC by the MAC and set-name under another id, in a bond',
    tree: {
      ...BASE,
      ...NETWORKD,
      ...NETPLAN,
      ...yaml(
        'network:\n  ethernets:\n    lan: {match: {macaddress: "52:54:00:00:00:01"}, set-name: eth0}\n  bonds:\n    bond0: {interfaces: [lan], dhcp4: true}\n',
      ),
    },
    findings: {
      networkd: NOT_STARTED,
      networkmanager: OTHER('netplan-networkd'),
      'netplan-networkmanager': OTHER('netplan-networkd'),
      ifupdown: OTHER('netplan-networkd'),
    },
  },
  {
    name: 'Ubuntu desktop: netplan for NetworkManager',
    tree: {
      ...BASE,
      ...NETWORKD,
      ...NETWORKMANAGER,
      ...NETWORKMANAGER_ON,
      ...NETPLAN,
      ...yaml('network:\n  version: 2\n  renderer: NetworkManager\n'),
    },
    findings: {
      networkd: OTHER('networkmanager'),
      'netplan-networkd': OTHER('networkmanager'),
      ifupdown: OTHER('networkmanager'),
    },
  },
  {
    name: 'netplan for NetworkManager, with the NIC',
    tree: {
      ...BASE,
      ...NETWORKD,
      ...NETWORKMANAGER,
      ...NETWORKMANAGER_ON,
      ...NETPLAN,
      ...yaml('network: {renderer: NetworkManager, ethernets: {eth0: {dhcp4: true}}}\n'),
    },
    findings: {
      networkd: OTHER('netplan-networkmanager'),
      'netplan-networkd': OTHER('netplan-networkmanager'),
      ifupdown: OTHER('netplan-networkmanager'),
    },
  },
  {
    name: 'Fedora and RHEL: NetworkManager with a profile',
    tree: { ...BASE, ...NETWORKMANAGER, ...NETWORKMANAGER_ON, ...PROFILE },
    findings: {
      networkd:
        /lan\.nmconnection:\d+: error\[other-network-owner\]: .*not installed[\s\S]*`--backend networkmanager`/,
      'netplan-networkd': OTHER('networkmanager'),
      'netplan-networkmanager': /error\[system-not-enabled\][\s\S]*Use `--backend networkmanager`/,
      ifupdown: OTHER('networkmanager'),
    },
  },
  {
    name: "RHEL's server settings, and no profile: nobody has the NIC",
    tree: {
      ...BASE,
      ...NETWORKMANAGER,
      ...NETWORKMANAGER_ON,
      'usr/lib/NetworkManager/conf.d/00-server.conf': '[main]\nno-auto-default=*\n',
    },
    findings: {
      networkd:
        /warning\[system-not-enabled\][\s\S]*Install systemd-networkd, or use `--backend networkmanager`/,
      'netplan-networkd': NOT_STARTED,
      'netplan-networkmanager': NOT_STARTED,
      ifupdown: NOT_STARTED,
    },
  },
  {
    name: 'Raspberry Pi OS 11: dhcpcd, which no back end is for',
    tree: {
      ...BASE,
      ...NETWORKD,
      [`${SYSTEM}/dhcpcd.service`]: unit('multi-user.target'),
      ...on('dhcpcd.service'),
      'etc/dhcpcd.conf': 'hostname\nclientid\n',
    },
    findings: Object.fromEntries(
      HOST.map((id) => [
        id,
        /dhcpcd\.service: error\[other-network-owner\][\s\S]*No back end writes for dhcpcd/,
      ]),
    ),
  },
  {
    name: 'dhcpcd that leaves the NIC to networkd',
    tree: {
      ...BASE,
      ...NETWORKD,
      ...NETWORKD_ON,
      [`${SYSTEM}/dhcpcd.service`]: unit('multi-user.target'),
      ...on('dhcpcd.service'),
      'etc/dhcpcd.conf': 'denyinterfaces eth* wlan0\n',
    },
    findings: {
      networkmanager: NOT_STARTED,
      'netplan-networkd': NOT_STARTED,
      'netplan-networkmanager': NOT_STARTED,
      ifupdown: NOT_STARTED,
    },
  },
  {
    name: 'Proxmox: the NIC is a port of a bridge of ifupdown2',
    tree: {
      ...BASE,
      ...NETWORKD,
      ...IFUPDOWN,
      ...IFUPDOWN_ON,
      'etc/network/interfaces':
        'auto lo\niface lo inet loopback\n\niface eth0 inet manual\n\nauto vmbr0\niface vmbr0 inet static\n\taddress 198.51.100.50/24\n\tbridge-ports eth0\n\tbridge-stp off\n',
    },
    findings: {
      networkd: OTHER('ifupdown'),
      networkmanager: OTHER('ifupdown'),
      'netplan-networkd': OTHER('ifupdown'),
      'netplan-networkmanager': OTHER('ifupdown'),
    },
  },
  {
    name: "Debian's installer: ifupdown; networkd is there and off",
    tree: {
      ...BASE,
      ...NETWORKD,
      ...IFUPDOWN,
      ...IFUPDOWN_ON,
      'etc/network/interfaces': STANZA,
    },
    findings: {
      networkd: /interfaces:4: error\[other-network-owner\][\s\S]*`--backend ifupdown`/,
      networkmanager: OTHER('ifupdown'),
      'netplan-networkd': OTHER('ifupdown'),
      'netplan-networkmanager': OTHER('ifupdown'),
    },
  },
  {
    name: 'ifupdown is enabled, and its file is empty: NetworkManager has the NIC',
    tree: { ...BASE, ...NETWORKMANAGER, ...NETWORKMANAGER_ON, ...IFUPDOWN, ...IFUPDOWN_ON },
    findings: {
      networkd: OTHER('networkmanager'),
      'netplan-networkd': OTHER('networkmanager'),
      'netplan-networkmanager': /error\[system-not-enabled\]/,
      ifupdown: OTHER('networkmanager'),
    },
  },
  {
    name: 'NetworkManager leaves to ifupdown what its file names',
    tree: {
      ...BASE,
      ...NETWORKMANAGER,
      ...NETWORKMANAGER_ON,
      'etc/NetworkManager/NetworkManager.conf':
        '[main]\nplugins=ifupdown,keyfile\n\n[ifupdown]\nmanaged=false\n',
      ...IFUPDOWN,
      ...IFUPDOWN_ON,
      'etc/network/interfaces': STANZA,
    },
    findings: {
      networkd: OTHER('ifupdown'),
      networkmanager: OTHER('ifupdown'),
      'netplan-networkd': OTHER('ifupdown'),
      'netplan-networkmanager': OTHER('ifupdown'),
    },
  },
  {
    name: 'openSUSE: wicked',
    tree: {
      ...BASE,
      ...NETWORKD,
      [`${SYSTEM}/wicked.service`]: unit('multi-user.target', 'Alias=network.service\n'),
      ...on('wicked.service'),
      'etc/systemd/system/network.service': `-> /${SYSTEM}/wicked.service`,
      'etc/sysconfig/network/ifcfg-eth0': "BOOTPROTO='dhcp'\nSTARTMODE='auto'\n",
    },
    findings: Object.fromEntries(
      HOST.map((id) => [id, /ifcfg-eth0: error\[other-network-owner\].*wicked configures/]),
    ),
  },
  {
    name: 'RHEL 7: network-scripts by SysV',
    tree: {
      ...BASE,
      'usr/lib/systemd/system-generators/systemd-sysv-generator': '\u007fELF',
      'etc/rc3.d': '-> rc.d/rc3.d',
      'etc/rc.d/rc3.d/S10network': '-> ../init.d/network',
      'etc/sysconfig/network-scripts/ifcfg-eth0': 'DEVICE=eth0\nONBOOT=yes\n',
    },
    findings: Object.fromEntries(
      HOST.map((id) => [
        id,
        /ifcfg-eth0: error\[other-network-owner\].*network-scripts configures/,
      ]),
    ),
  },
  {
    name: 'networkd by a file that matches the NIC',
    tree: {
      ...BASE,
      ...NETWORKD,
      ...NETWORKD_ON,
      'etc/systemd/network/20-wired.network': '[Match]\nName=e*\n[Network]\nDHCP=yes\n',
    },
    findings: {
      networkmanager: OTHER('networkd'),
      'netplan-networkd': /error\[system-not-enabled\][\s\S]*Use `--backend networkd`/,
      'netplan-networkmanager': OTHER('networkd'),
      ifupdown: OTHER('networkd'),
    },
  },
];

test('each back end reports the owner of the network', async () => {
  for (const { name, tree, findings: expected } of HOSTS) {
    for (const backend of HOST) {
      const root = layOut(tree);
      const { stdout } = await runHere('check', ORIGINAL, '-b', backend, '--root', root);
      const about = `${name}, ${backend}\n${stdout}`;
      const wanted = expected[backend];
      const lines = stdout.match(/\[(?:other-network-owner|system-not-enabled|two-.*)\]/g) ?? [];
      assert.is(lines.length, wanted ? 1 : 0, about);
      if (wanted) assert.match(stdout, wanted, about);
    }
  }
});

test.run();
