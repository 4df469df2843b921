/** Whose network a host's is: trees as distributions have them, under every back end. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from '../src/cli.ts';
import { backends } from '../src/index.ts';
import { nodeSystem } from '../src/node.ts';
import type { Directory } from '../src/system.ts';
import { temporaryFolder } from './command.ts';
import { runHere } from './in-process.ts';

const ORIGINAL = 'golden/original/intent.yaml';
const HOST = backends.filter(({ scope }) => scope === 'host').map(({ id }) => id);

/** Path → text; `-> TARGET` for a symbolic link. */
type Tree = Readonly<Record<string, string>>;

function layOut(tree: Tree): string {
  const root = temporaryFolder();
  for (const [path, text] of Object.entries(tree)) {
    const at = join(root, path);
    mkdirSync(dirname(at), { recursive: true });
    const target = /^-> (.*)$/.exec(text)?.[1];
    if (target === undefined) writeFileSync(at, text);
    else symlinkSync(target, at);
  }
  return root;
}

const SYSTEM = 'usr/lib/systemd/system';
const WANTS = 'etc/systemd/system/multi-user.target.wants';
const unit = (wanted: string, more = ''): string =>
  `[Unit]\nDescription=it\n[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=${wanted}\n${more}`;

const BASE: Tree = {
  [`${SYSTEM}/multi-user.target`]: '[Unit]\nDescription=Multi-User System\n',
  'etc/machine-id': '5151515151515151515151515151515151\n',
};
const NETWORKD: Tree = {
  [`${SYSTEM}/systemd-networkd.service`]: unit(
    'multi-user.target',
    'Also=systemd-networkd.socket\nAlias=dbus-org.freedesktop.network1.service\n',
  ),
  [`${SYSTEM}/systemd-networkd.socket`]: unit('sockets.target'),
  'usr/lib/systemd/system-preset/90-systemd.preset':
    'enable systemd-networkd.service\nenable systemd-resolved.service\ndisable console-getty.service\n',
};
const NETWORKMANAGER: Tree = { [`${SYSTEM}/NetworkManager.service`]: unit('multi-user.target') };
const IFUPDOWN: Tree = {
  [`${SYSTEM}/networking.service`]: unit('multi-user.target', 'WantedBy=network-online.target\n'),
  'etc/network/interfaces': 'source /etc/network/interfaces.d/*\nauto lo\niface lo inet loopback\n',
};
const NETPLAN: Tree = {
  'usr/lib/systemd/system-generators/netplan': '-> ../../../libexec/netplan/generate',
  'usr/libexec/netplan/generate': '\u007fELF',
};
const on = (name: string, folder = WANTS): Tree => ({
  [`${folder}/${name}`]: `-> /${SYSTEM}/${name}`,
});

const NETWORKD_ON = on('systemd-networkd.service');
const NETWORKMANAGER_ON = on('NetworkManager.service');
const IFUPDOWN_ON = on('networking.service');

const PROFILE: Tree = {
  'etc/NetworkManager/system-connections/lan.nmconnection':
    '[connection]\nid=lan\ntype=ethernet\ninterface-name=eth0\n',
};
const STANZA = 'auto lo\niface lo inet loopback\nallow-hotplug eth0\niface eth0 inet dhcp\n';
const yaml = (text: string): Tree => ({ 'etc/netplan/50-cloud-init.yaml': text });

interface Host {
  readonly name: string;
  readonly tree: Tree;
  /** What each back end is told: a code, or its severity, and what its help says. */
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

test('each back end is told whose network it is', async () => {
  for (const { name, tree, findings: expected } of HOSTS) {
    for (const way of HOST) {
      const root = layOut(tree);
      const { stdout } = await runHere('check', ORIGINAL, '-b', way, '--root', root);
      const about = `${name}, ${way}\n${stdout}`;
      const wanted = expected[way];
      const lines = stdout.match(/\[(?:other-network-owner|system-not-enabled|two-.*)\]/g) ?? [];
      assert.is(lines.length, wanted ? 1 : 0, about);
      if (wanted) assert.match(stdout, wanted, about);
    }
  }
});

const CODE = /(?:error|warning)\[(?:other-network-owner|system-not-enabled|two-network-owners)\]/g;

/** Severities and codes for a back end in a tree. */
async function foundIn(tree: Tree, way: string): Promise<string[]> {
  const { stdout } = await runHere('check', ORIGINAL, '-b', way, '--root', layOut(tree));
  return stdout.match(CODE) ?? [];
}

const MASK = '-> /dev/null';
const OFF = ['warning[system-not-enabled]'];

test('what starts networkd at boot, and what does not', async () => {
  const there: Tree = { ...BASE, ...NETWORKD };
  const requires = 'etc/systemd/system/multi-user.target.requires';
  const vendor = `${SYSTEM}/multi-user.target.wants`;
  const socket = 'etc/systemd/system/sockets.target.wants';
  const own = 'etc/systemd/system/site.target.wants';
  const started: readonly Tree[] = [
    NETWORKD_ON,
    on('systemd-networkd.service', requires),
    on('systemd-networkd.service', vendor),
    on('systemd-networkd.socket', socket),
    // The name of the link counts, wherever it leads.
    { [`${WANTS}/systemd-networkd.service`]: '-> nowhere' },
    {
      ...on('systemd-networkd.service', own),
      [`${SYSTEM}/systemd-networkd.service`]: unit('site.target'),
    },
    // Without an identity of its own the first boot applies presets.
    { 'etc/machine-id': 'uninitialized\n' },
    {
      'etc/machine-id': 'uninitialized\n',
      'etc/systemd/system-preset/00.preset': 'disable other*\n',
    },
  ];
  for (const tree of started) {
    assert.equal(await foundIn({ ...there, ...tree }, 'networkd'), [], JSON.stringify(tree));
  }
  const not: readonly Tree[] = [
    {},
    on('systemd-networkd.service', 'etc/systemd/system/network-online.target.wants'),
    on('systemd-networkd-wait-online.service', 'etc/systemd/system/network-online.target.wants'),
    on('systemd-networkd.service', own),
    { ...NETWORKD_ON, 'etc/systemd/system/systemd-networkd.service': MASK },
    { ...NETWORKD_ON, 'etc/systemd/system/systemd-networkd.service': '' },
    {
      ...on('systemd-networkd.socket', socket),
      'etc/systemd/system/systemd-networkd.service': MASK,
    },
    { ...on('systemd-networkd.service', vendor), [`${WANTS}/systemd-networkd.service`]: MASK },
    // Not a link: systemd passes over it.
    { [`${WANTS}/systemd-networkd.service`]: 'text' },
    // An image of before its first boot, which is none, as the file is there.
    { 'etc/machine-id': '' },
    { 'etc/machine-id': 'uninitialized\n', 'etc/systemd/system-preset/00.preset': 'disable *\n' },
    {
      'etc/machine-id': 'uninitialized\n',
      'usr/lib/systemd/system-preset/00.preset': 'enable *\n',
      'etc/systemd/system-preset/00.preset': 'ignore systemd-network*\n',
    },
    { 'etc/machine-id': 'uninitialized\n', 'etc/systemd/system/systemd-networkd.service': MASK },
  ];
  for (const tree of not) {
    assert.equal(await foundIn({ ...there, ...tree }, 'networkd'), OFF, JSON.stringify(tree));
  }
});

test('a generator that is masked is none, and a link without YAML starts nothing', async () => {
  const eth0 = yaml('network: {ethernets: {eth0: {dhcp4: true}}}\n');
  const there: Tree = { ...BASE, ...NETWORKD, ...NETPLAN, ...eth0 };
  assert.equal(await foundIn(there, 'netplan-networkd'), []);
  for (const text of [MASK, '']) {
    const masked = { ...there, 'etc/systemd/system-generators/netplan': text };
    assert.equal(await foundIn(masked, 'netplan-networkd'), OFF);
    assert.equal(await foundIn(masked, 'networkd'), OFF);
  }
  const none = yaml('network: {version: 2}\n');
  assert.equal(await foundIn({ ...there, ...none }, 'networkmanager'), OFF);
  assert.equal(await foundIn({ ...there, ...none }, 'netplan-networkd'), []);
  const dead = { ...there, 'etc/systemd/system/systemd-networkd.service': MASK };
  assert.equal(await foundIn(dead, 'netplan-networkd'), OFF);
});

test('a script of SysV counts where there is no unit, and something that reads it', async () => {
  const script: Tree = { 'etc/rcS.d/S11networking': '-> ../init.d/networking' };
  const generator = { 'usr/lib/systemd/system-generators/systemd-sysv-generator': '\u007fELF' };
  const stanza = { 'etc/network/interfaces': STANZA };
  const at = (tree: Tree) => foundIn({ ...stanza, ...script, ...tree }, 'ifupdown');
  assert.equal(await at({ ...BASE, ...generator }), []);
  assert.equal(await at(BASE), OFF);
  assert.equal(
    await at({
      ...BASE,
      ...generator,
      'etc/systemd/system-generators/systemd-sysv-generator': MASK,
    }),
    OFF,
  );
  assert.equal(await at({ ...BASE, ...generator, ...IFUPDOWN }), OFF);
  // No systemd at all: Devuan; Alpine.
  assert.equal(await at({}), []);
  assert.equal(await foundIn({ ...stanza, ...script }, 'networkd'), ['error[other-network-owner]']);
  const openrc = { ...stanza, 'etc/runlevels/boot/networking': '-> /etc/init.d/networking' };
  assert.equal(await foundIn(openrc, 'ifupdown'), []);
  assert.equal(await foundIn(openrc, 'networkmanager'), ['error[other-network-owner]']);
});

test('what only orders others after the network starts nothing: ifupdown is installed there, too', async () => {
  const there: Tree = { ...BASE, ...IFUPDOWN, 'etc/network/interfaces': STANZA };
  const online = on('networking.service', 'etc/systemd/system/network-online.target.wants');
  assert.equal(await foundIn({ ...there, ...online }, 'ifupdown'), OFF);
  assert.equal(await foundIn({ ...there, ...online, ...IFUPDOWN_ON }, 'ifupdown'), []);
});

test('who claims the NIC, and who does not', async () => {
  const networkd: Tree = { ...BASE, ...NETWORKD, ...NETWORKD_ON };
  const network = (match: string, more = ''): Tree => ({
    'etc/systemd/network/50-lan.network': `[Match]\n${match}\n[Network]\nDHCP=yes\n${more}`,
  });
  const hasNetworkd = (tree: Tree) => foundIn({ ...networkd, ...tree }, 'networkmanager');
  const other = ['error[other-network-owner]'];
  assert.equal(await hasNetworkd(network('Name=eth*')), other);
  assert.equal(await hasNetworkd(network('Type=ether')), other);
  assert.equal(await hasNetworkd(network('Name=eth1')), OFF);
  assert.equal(await hasNetworkd(network('Name=eth0', '[Link]\nUnmanaged=yes\n')), OFF);
  assert.equal(
    await hasNetworkd({
      ...network('Name=eth0'),
      'etc/systemd/network/10-lan.network': '[Match]\nName=eth0\n[Link]\nUnmanaged=yes\n',
    }),
    OFF,
  );
  assert.equal(
    await hasNetworkd({ ...network('Name=eth0'), 'run/systemd/network/50-lan.network': '' }),
    other,
  );
  const manager: Tree = { ...BASE, ...NETWORKMANAGER, ...NETWORKMANAGER_ON };
  const conf = (text: string): Tree => ({ 'etc/NetworkManager/conf.d/10-site.conf': text });
  const hasManager = (tree: Tree) => foundIn({ ...manager, ...tree }, 'ifupdown');
  assert.equal(await hasManager({}), other);
  for (const text of [
    '[keyfile]\nunmanaged-devices=*,except:type:wifi,except:type:gsm\n',
    '[keyfile]\nunmanaged-devices=interface-name:eth*\n',
    '[main]\nno-auto-default=eth0\n',
    '[main]\nno-auto-default=type:ethernet\n',
  ]) {
    assert.equal(await hasManager(conf(text)), OFF, text);
  }
  for (const text of [
    '[keyfile]\nunmanaged-devices=*,except:type:ethernet\n',
    '[keyfile]\nunmanaged-devices=interface-name:veth*\n',
    '[main]\nno-auto-default=eth1\n',
  ]) {
    assert.equal(await hasManager(conf(text)), other, text);
  }
  assert.equal(await hasManager({ ...PROFILE, ...conf('[main]\nno-auto-default=*\n') }), other);
});

test('name servers of ifupdown need somebody who reads them', async () => {
  const intent = join(layOut({}), 'intent.yaml');
  writeFileSync(
    intent,
    'version: 1\nhost: kvm1\nshims:\n  veth0:\n    parent: eth0\n    addresses: [198.51.100.50/24]\n    nameservers: {addresses: [198.51.100.53]}\n',
  );
  const there: Tree = {
    ...BASE,
    ...IFUPDOWN,
    ...IFUPDOWN_ON,
    [`${SYSTEM}/systemd-resolved.service`]: unit(
      'sysinit.target',
      'Alias=dbus-org.freedesktop.resolve1.service\n',
    ),
  };
  const isWarned = async (tree: Tree, name: string, way: string): Promise<boolean> => {
    const { stderr, status } = await runHere(
      name,
      '-b',
      way,
      '--root',
      layOut({ ...there, ...tree }),
    );
    assert.is(status, way === 'ifupdown' ? 0 : 4, stderr);
    return /60-macvtap: warning\[resolver-missing\]: .*name servers of `veth0`/.test(stderr);
  };
  assert.is(await isWarned({}, intent, 'ifupdown'), true);
  // networkd has one way to hand them on, NetworkManager needs nobody.
  const networkd = { ...NETWORKD, ...NETWORKD_ON, 'usr/sbin/resolvconf': '#!/bin/sh\n' };
  for (const [way, resolved, told] of [
    ['networkd', {}, true],
    ['networkd', on('systemd-resolved.service'), false],
    ['netplan-networkd', {}, true],
    ['networkmanager', {}, false],
  ] as const) {
    const tree = {
      ...there,
      ...networkd,
      ...NETPLAN,
      ...NETWORKMANAGER,
      ...resolved,
      [`${WANTS}/networking.service`]: MASK,
    };
    const { stderr } = await runHere(intent, '-b', way, '--root', layOut(tree));
    assert.is(/warning\[resolver-missing\]: systemd-resolved is not/.test(stderr), told, way);
  }
  assert.is(
    await isWarned({ 'usr/sbin/resolvconf': '-> ../bin/resolvectl' }, intent, 'ifupdown'),
    true,
  );
  assert.is(await isWarned({ 'usr/sbin/resolvconf': '#!/bin/sh\n' }, intent, 'ifupdown'), false);
  const enabled = on('systemd-resolved.service', 'etc/systemd/system/sysinit.target.wants');
  assert.is(await isWarned(enabled, intent, 'ifupdown'), false);
  const bare = join(layOut({}), 'bare.yaml');
  writeFileSync(
    bare,
    'version: 1\nhost: kvm1\nshims:\n  veth0: {parent: eth0, addresses: [198.51.100.50/24]}\n',
  );
  assert.is(await isWarned({}, bare, 'ifupdown'), false);
  // Without units nobody knows what is installed.
  const alone = await runHere(intent, '-b', 'ifupdown', '--root', layOut({}));
  assert.not.match(alone.stderr, /resolver/);
  const lint = await runHere('lint', intent, '-b', 'ifupdown');
  assert.match(lint.stderr, /intent\.yaml:7:\d+: note\[resolver-needed\]: .*`veth0`/);
  assert.not.match((await runHere('lint', intent, '-b', 'networkd')).stderr, /resolver-needed/);
  assert.not.match((await runHere('lint', bare, '-b', 'ifupdown')).stderr, /resolver-needed/);
});

test('two owners: the first boot of an image would enable networkd beside NetworkManager', async () => {
  const image: Tree = { ...BASE, ...NETWORKD, ...NETWORKMANAGER, ...NETWORKMANAGER_ON, ...NETPLAN };
  const { 'etc/machine-id': _, ...without } = image;
  for (const way of HOST) {
    for (const tree of [without, { ...image, 'etc/machine-id': 'uninitialized\n' }]) {
      assert.equal(await foundIn(tree, way), ['error[two-network-owners]'], way);
    }
    const told = {
      ...without,
      'etc/systemd/system-preset/00-network.preset': 'disable systemd-networkd.service\n',
    };
    assert.not.ok((await foundIn(told, way)).includes('error[two-network-owners]'), way);
  }
  const { stderr, status } = await runHere(
    ORIGINAL,
    '-b',
    'networkmanager',
    '--root',
    layOut(without),
  );
  assert.is(status, 4);
  assert.match(
    stderr,
    /systemd-networkd\.service: error\[two-network-owners\]: There is no \/etc\/machine-id/,
  );
  assert.match(stderr, /help: Write `disable systemd-networkd\.service` into/);
});

test('a tree without units says nothing, and is written to', async () => {
  for (const tree of [
    {},
    PROFILE,
    { 'etc/network/interfaces': STANZA },
    { 'etc/systemd/network/20-lan.network': '[Match]\nName=eth0\n' },
    // A unit of a site's, and a drop-in: nothing that tells who is started.
    { 'etc/systemd/system/site.service': unit('multi-user.target') },
  ]) {
    for (const way of HOST)
      assert.equal(await foundIn(tree, way), [], `${JSON.stringify(tree)} ${way}`);
  }
  // What is linked tells, though the units are elsewhere.
  assert.equal(await foundIn({ ...NETWORKMANAGER_ON, ...PROFILE }, 'networkd'), [
    'error[other-network-owner]',
  ]);
  assert.equal(await foundIn({ ...NETWORKMANAGER_ON, ...PROFILE }, 'networkmanager'), []);
  assert.equal(await foundIn(NETWORKD_ON, 'netplan-networkd'), []);
});

test('nothing is written for the wrong system unless it is forced; guests and a trial are for any', async () => {
  const tree: Tree = { ...BASE, ...NETWORKD, ...NETWORKMANAGER, ...NETWORKMANAGER_ON, ...PROFILE };
  const root = layOut(tree);
  const refused = await runHere(ORIGINAL, '-b', 'networkd', '--root', root);
  assert.is(refused.status, 4);
  assert.match(
    refused.stderr,
    /systemd-networkd is disabled\.\n.*help: Use `--backend networkmanager`/,
  );
  assert.match(refused.stderr, /Nothing was written/);
  assert.is((await runHere(ORIGINAL, '-b', 'networkd', '--root', root, '--force')).status, 0);
  // What was forced is no profile for networkd to be the owner by.
  assert.is((await runHere('check', ORIGINAL, '-b', 'networkd', '--root', root)).status, 1);
  for (const way of ['libvirt', 'iproute2']) {
    assert.is((await runHere(ORIGINAL, '-b', way, '--root', layOut(tree))).status, 0);
  }
  assert.is((await runHere(ORIGINAL, '-b', 'networkmanager', '--root', layOut(tree))).status, 0);
  // The tree around a directory that is called as the back end's own.
  const output = join(layOut(tree), 'etc/systemd/network');
  const flat = await runHere(ORIGINAL, '-b', 'networkd', '--output', output);
  assert.is(flat.status, 4);
  assert.match(flat.stderr, /error\[other-network-owner\]/);
  assert.match(
    (await runHere('check', ORIGINAL, '-b', 'networkd', '--output', output)).stdout,
    /error\[other-network-owner\]/,
  );
});

test('the second run is right where the first was', async () => {
  const tree: Tree = {
    ...BASE,
    ...NETWORKD,
    ...NETWORKD_ON,
    ...NETWORKMANAGER,
    ...NETWORKMANAGER_ON,
    'etc/systemd/network/20-lan.network': '[Match]\nName=eth0\n',
  };
  for (const way of ['networkd', 'networkmanager']) {
    const root = layOut(tree);
    for (const _ of [1, 2]) {
      assert.is((await runHere(ORIGINAL, '-b', way, '--root', root)).status, 0, way);
    }
    assert.is((await runHere('check', ORIGINAL, '-b', way, '--root', root)).status, 0, way);
    // The other one is told to ignore the links by now.
    const other = way === 'networkd' ? 'networkmanager' : 'networkd';
    const { stderr } = await runHere(ORIGINAL, '-b', other, '--root', root);
    assert.match(stderr, /other-network-owner/, way);
  }
});

test('YAML of another back end goes, and with it what it starts', async () => {
  const root = layOut({ ...BASE, ...NETWORKD, ...NETPLAN });
  assert.is((await runHere(ORIGINAL, '-b', 'netplan-networkd', '--root', root)).status, 0);
  const { stderr } = await runHere(ORIGINAL, '-b', 'networkd', '--root', root);
  assert.match(stderr, /systemd-networkd is disabled: nothing reads these files at boot/);
  assert.not.match(stderr, /for this file alone/);
});

/** The command on a tree that is taken for the root of the host that runs. */
async function onHost(tree: Tree, ...args: string[]) {
  const root = layOut(tree);
  let text = '';
  const world = nodeSystem([...args, '--root', root], {});
  const asRoot = (folder: Directory | undefined) => folder && { ...folder, isRoot: () => true };
  const write = (part: string): void => {
    text += part;
  };
  const status = await run(
    {
      ...world,
      openExisting: (path) => asRoot(world.openExisting(path)),
      stdout: { isTerminal: false, write },
      stderr: { isTerminal: false, write },
    },
    '0',
  );
  return { status, text };
}

test('on the host itself what is not started is an error', async () => {
  const nobody: Tree = { ...BASE, ...NETWORKD };
  const tree = await runHere(ORIGINAL, '-b', 'networkd', '--root', layOut(nobody));
  assert.is(tree.status, 0);
  assert.match(tree.stderr, /warning\[system-not-enabled\][\s\S]*systemctl --root=DIR enable/);
  const host = await onHost(nobody, ORIGINAL, '-b', 'networkd');
  assert.is(host.status, 4);
  assert.match(host.text, /error\[system-not-enabled\][\s\S]*`systemctl enable systemd-networkd/);
  assert.is((await onHost(nobody, 'check', ORIGINAL, '-b', 'networkd')).status, 1);
  assert.is((await onHost({ ...nobody, ...NETWORKD_ON }, ORIGINAL, '-b', 'networkd')).status, 0);
  const masked = { ...nobody, 'etc/systemd/system/systemd-networkd.service': MASK };
  assert.match(
    (await onHost(masked, ORIGINAL, '-b', 'networkd')).text,
    /is masked[\s\S]*systemctl unmask systemd-networkd/,
  );
  assert.match(
    (await onHost(BASE, ORIGINAL, '-b', 'networkmanager')).text,
    /Install NetworkManager/,
  );
  assert.match(
    (await onHost({ ...nobody, ...NETWORKD_ON }, ORIGINAL, '-b', 'netplan-networkd')).text,
    /error\[system-not-enabled\].*netplan's generator/,
  );
});

/** `lint --target host` on a host that has these files. */
async function lintHost(tree: Tree, way: string, intent = ORIGINAL) {
  const root = layOut(tree);
  let text = '';
  const world = nodeSystem(['lint', intent, '-b', way, '--target', 'host'], {});
  const write = (part: string): void => {
    text += part;
  };
  const at = (path: string): string => (path.startsWith('/') ? `${root}${path}` : path);
  const status = await run(
    {
      ...world,
      readText: (path, limit) => world.readText(at(path), limit),
      openExisting: (path) => world.openExisting(at(path)),
      stdout: { isTerminal: false, write },
      stderr: { isTerminal: false, write },
    },
    '0',
  );
  return { status, text };
}

const DEBIAN: Tree = { 'etc/os-release': 'ID=debian\nVERSION_ID="12"\n' };
const UBUNTU: Tree = { 'etc/os-release': 'ID=ubuntu\nVERSION_ID="24.04"\n' };

test('--target host looks up what the host has, and not what its distribution would', async () => {
  for (const way of HOST) {
    const { status, text } = await lintHost({ ...BASE, ...DEBIAN }, way);
    assert.is(status, 2, way);
    assert.match(text, /error\[target-without-system\]: This host has no /);
  }
  const full: Tree = {
    ...BASE,
    ...DEBIAN,
    ...NETWORKD,
    ...NETWORKMANAGER,
    ...IFUPDOWN,
    ...NETPLAN,
  };
  for (const way of HOST) {
    const { status, text } = await lintHost(full, way);
    assert.is(status, 0, text);
    assert.not.match(text, /cloud-init|system-not-installed|manages-nothing/);
  }
  // By the programs alone, where no systemd is.
  const alpine = { ...DEBIAN, 'usr/sbin/ifup': 'ELF', 'usr/sbin/NetworkManager': 'ELF' };
  assert.is((await lintHost(alpine, 'ifupdown')).status, 0);
  assert.is((await lintHost(alpine, 'networkmanager')).status, 0);
  assert.is((await lintHost(alpine, 'networkd')).status, 2);
});

test('--target host: habits of the distribution that this host has not got', async () => {
  const there: Tree = { ...BASE, ...UBUNTU, ...NETWORKMANAGER, ...NETWORKD };
  const cloud = { 'etc/cloud/cloud.cfg': 'users: [default]\n' };
  const off = { 'etc/cloud/cloud.cfg.d/99.cfg': 'network: {config: disabled}\n' };
  assert.match(
    (await lintHost({ ...there, ...cloud }, 'networkd')).text,
    /This host has cloud-init/,
  );
  assert.not.match((await lintHost({ ...there, ...cloud, ...off }, 'networkd')).text, /cloud-init/);
  assert.not.match((await lintHost(there, 'networkd')).text, /cloud-init/);
  const nothing = /note\[networkmanager-manages-nothing\]/;
  assert.not.match((await lintHost(there, 'networkmanager')).text, nothing);
  const globally = {
    'usr/lib/NetworkManager/conf.d/10-globally-managed-devices.conf':
      '[keyfile]\nunmanaged-devices=*,except:type:wifi,except:type:gsm,except:type:cdma\n',
  };
  assert.match((await lintHost({ ...there, ...globally }, 'networkmanager')).text, nothing);
  const hidden = { 'etc/NetworkManager/conf.d/10-globally-managed-devices.conf': '' };
  assert.not.match(
    (await lintHost({ ...there, ...globally, ...hidden }, 'networkmanager')).text,
    nothing,
  );
  const side = 'golden/target-side-shim-strict/intent.yaml';
  const filter = (value: string): Tree => ({ 'proc/sys/net/ipv4/conf/all/rp_filter': value });
  assert.match(
    (await lintHost({ ...there, ...filter('1\n') }, 'networkd', side)).text,
    /\[rp-filter\]/,
  );
  for (const value of ['0\n', '2\n']) {
    const { text } = await lintHost({ ...there, ...filter(value) }, 'networkd', side);
    assert.not.match(text, /\[rp-filter\]/);
  }
});

test('the root of the host is known by what it is, and not by how it is written', () => {
  const { openExisting } = nodeSystem([], {});
  for (const [path, isRoot] of [
    ['/', true],
    ['/proc/self/root', true],
    ['/usr/..', true],
    [temporaryFolder(), false],
  ] as const) {
    const folder = openExisting(path);
    assert.is(folder?.isRoot(), isRoot, path);
    folder?.close();
  }
});

test.run();
