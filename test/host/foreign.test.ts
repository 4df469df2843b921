/** What else lies on a host: each trap found, named with its file, and not where there is none. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fits } from '../../src/backends/host/foreign.ts';
import { backends } from '../../src/backends/registry.ts';
import { temporaryFolder } from '../command.ts';
import { runHere } from '../in-process.ts';
import { oneOf } from '../long.ts';

const ORIGINAL = 'golden/original/intent.yaml';
const NETWORKD = ['networkd', 'netplan-networkd'];
const NETWORKMANAGER = ['networkmanager', 'netplan-networkmanager'];
const NETPLAN = ['netplan-networkd', 'netplan-networkmanager'];
/** ifupdown adds up, and is tried by itself. */
const ALL = backends
  .filter(({ id, scope }) => scope === 'host' && id !== 'ifupdown')
  .map(({ id }) => id);

interface Trap {
  readonly path: string;
  readonly text: string;
  /** Back ends that refuse to install, for this code. */
  readonly refused?: readonly string[];
  /** Back ends that warn. */
  readonly warned?: readonly string[];
  readonly code: string;
  /** Other back ends report something else. */
  readonly only?: readonly string[];
}

const network = (name: string, match: string): Pick<Trap, 'path' | 'text'> => ({
  path: `etc/systemd/network/${name}`,
  text: `[Match]\n${match}\n[Network]\nDHCP=yes\n`,
});
const profile = (text: string): Pick<Trap, 'path' | 'text'> => ({
  path: 'etc/NetworkManager/system-connections/lan.nmconnection',
  text: `[connection]\nid=lan\n${text}\n`,
});
const netplan = (text: string): Pick<Trap, 'path' | 'text'> => ({
  path: 'etc/netplan/50-cloud-init.yaml',
  text: `network:\n  version: 2\n${text}\n`,
});

const TRAPS: readonly Trap[] = [
  // Before every generated name, and before netplan's only.
  {
    ...network('00-lan.network', 'Type=ether'),
    code: 'shadowed',
    refused: NETWORKD,
    warned: NETWORKMANAGER,
  },
  { ...network('05-lan.network', 'Type=ether'), code: 'shadowed', refused: ['netplan-networkd'] },
  // c sorts before n.
  {
    ...network('10-cloud-init-eth0.network', 'Name=eth0'),
    code: 'shadowed',
    refused: ['netplan-networkd'],
  },
  {
    ...network('00-a.network', 'Name=eth*'),
    code: 'shadowed',
    refused: NETWORKD,
    warned: NETWORKMANAGER,
  },
  {
    ...network('00-a.network', 'Name=!wl* eth1'),
    code: 'shadowed',
    refused: NETWORKD,
    warned: NETWORKMANAGER,
  },
  {
    ...network('00-a.network', 'Type=ether\nDriver=virtio_net'),
    code: 'may-be-shadowed',
    only: NETWORKD,
    warned: NETWORKD,
  },
  {
    ...network('00-a.network', 'MACAddress=CE:56:B6:6F:2B:36'),
    code: 'shadowed',
    refused: NETWORKD,
    warned: NETWORKMANAGER,
  },
  {
    ...network('00-a.network', 'PermanentMACAddress=52:54:00:00:00:01'),
    code: 'may-be-shadowed',
    only: NETWORKD,
    warned: NETWORKD,
  },
  {
    path: 'usr/lib/systemd/network/00-dist.network',
    text: '[Match]\nName=veth0\n',
    code: 'shadowed',
    refused: NETWORKD,
    warned: NETWORKMANAGER,
  },
  {
    path: 'etc/systemd/network/00-a.netdev',
    text: '[NetDev]\nName=veth0\nKind=veth\n',
    code: 'device-made-by-others',
    refused: NETWORKD,
  },
  {
    path: 'etc/systemd/network/00-macvtap-eth0.network.d/site.conf',
    text: '[Network]\nAddress=192.0.2.1/24\n',
    code: 'drop-in-of-others',
    refused: ['networkd'],
    warned: NETWORKMANAGER,
  },
  {
    path: 'etc/systemd/network/10-netplan-veth0.network.d/site.conf',
    text: '[Network]\nNTP=192.0.2.1\n',
    code: 'drop-in-of-others',
    warned: ['netplan-networkd'],
  },
  {
    path: 'etc/NetworkManager/conf.d/99-site.conf',
    text: '[keyfile]\nunmanaged-devices=interface-name:docker*\n',
    code: 'unmanaged-by-others',
    warned: ALL,
  },
  {
    path: 'etc/NetworkManager/conf.d/99-site.conf',
    text: '[keyfile]\nunmanaged-devices=interface-name:eth0;interface-name:veth0;interface-name:macvtap*\n',
    code: 'unmanaged-by-others',
    refused: NETWORKMANAGER,
  },
  // cloud-init's own.
  {
    ...profile('type=ethernet\nautoconnect-priority=120\ninterface-name=eth0'),
    code: 'profile-claims-link',
    refused: NETWORKMANAGER,
  },
  {
    ...profile(
      'type=ethernet\nautoconnect-priority=120\n\n[ethernet]\nmac-address=52:54:00:00:00:01',
    ),
    code: 'profile-claims-link',
    warned: NETWORKMANAGER,
  },
  {
    ...profile('type=macvlan\ninterface-name=veth0'),
    code: 'profile-claims-link',
    refused: NETWORKMANAGER,
  },
  {
    path: 'etc/sysconfig/network-scripts/ifcfg-eth0',
    text: 'DEVICE="eth0"\nONBOOT=yes\nAUTOCONNECT_PRIORITY=120\n',
    code: 'profile-claims-link',
    refused: NETWORKMANAGER,
  },
  {
    ...netplan(
      '  bridges:\n    br0:\n      interfaces: [eth0]\n      addresses: [198.51.100.50/24]',
    ),
    code: 'netplan-enslaves-link',
    refused: ALL,
  },
  {
    ...netplan('  vlans:\n    lan7: {id: 7, link: eth0, dhcp4: true}'),
    code: 'netplan-vlan-on-link',
    refused: ALL,
  },
  {
    ...netplan('  ethernets:\n    veth0: {addresses: [192.0.2.1/24]}'),
    code: 'netplan-same-name',
    refused: NETPLAN,
  },
  {
    ...netplan('  ethernets:\n    any: {match: {name: "eth*"}, dhcp4: true}'),
    code: 'netplan-gives-link-away',
    only: NETWORKMANAGER,
    refused: ['networkmanager'],
  },
  { ...netplan('  ethernets: {a: [}'), code: 'netplan-unreadable', refused: NETPLAN },
  {
    ...netplan('  ethernets:\n    all:\n      match: {name: "e*"}\n      dhcp4: true'),
    code: 'shadowed',
    only: NETPLAN,
    refused: ['netplan-networkd'],
  },
  {
    path: 'etc/network/interfaces',
    text: 'auto lo\nallow-hotplug eth0\niface eth0 inet dhcp\n',
    code: 'ifupdown-claims-link',
    refused: ALL,
  },
  {
    path: 'etc/cloud/cloud.cfg',
    text: 'users: [default]\n',
    code: 'cloud-init-writes-network',
    warned: ALL,
  },
  {
    path: 'etc/sysctl.d/99-site.conf',
    text: 'net.ipv4.conf.eth0.arp_ignore=0\n',
    code: 'sysctl-overridden',
    warned: ALL,
  },
];

/** What the traps look like, and do no harm. */
const HARMLESS: readonly Pick<Trap, 'path' | 'text'>[] = [
  network('20-lan.network', 'Type=ether'),
  network('00-wlan.network', 'Name=wl*'),
  network('00-a.network', 'Name=!eth* veth*'),
  network('00-a.network', 'Type=bridge'),
  network('00-a.network', 'Kind=bond'),
  { path: 'etc/systemd/network/00-empty.network', text: '' },
  { path: 'etc/systemd/network/20-a.netdev', text: '[NetDev]\nName=br0\nKind=bridge\n' },
  {
    path: 'etc/NetworkManager/conf.d/99-site.conf',
    text: '[keyfile]\nunmanaged-devices+=interface-name:docker*\n',
  },
  {
    path: 'etc/NetworkManager/conf.d/10-site.conf',
    text: '[keyfile]\nunmanaged-devices=*\n',
  },
  profile('type=ethernet\ninterface-name=eth0'),
  profile('type=ethernet\nautoconnect=false\nautoconnect-priority=120\ninterface-name=eth0'),
  profile('type=ethernet\nautoconnect-priority=120\ninterface-name=eth7'),
  netplan('  renderer: NetworkManager\n  ethernets:\n    eth0: {addresses: [198.51.100.50/24]}'),
  netplan('  ethernets: {eth7: {}}\n  bridges:\n    br0: {interfaces: [eth7]}'),
  netplan('  ethernets:\n    zzz: {match: {name: "w*"}, dhcp4: true}'),
  {
    path: 'etc/network/interfaces',
    text: 'source /etc/network/interfaces.d/*\nauto lo\niface lo inet loopback\niface eth7 inet dhcp\n',
  },
  { path: 'etc/sysctl.d/99-site.conf', text: 'net.ipv4.conf.eth0.arp_ignore=1\n' },
  { path: 'etc/sysctl.d/10-site.conf', text: 'net.ipv4.conf.eth0.arp_ignore=0\n' },
];

function host(files: readonly Pick<Trap, 'path' | 'text'>[]): string {
  const root = temporaryFolder();
  for (const { path, text } of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const install = (backend: string, root: string, ...more: string[]) =>
  runHere(ORIGINAL, '-b', backend, '--root', root, ...more);

test('each trap is named with its file before anything is written', async () => {
  for (const [index, trap] of TRAPS.entries()) {
    const reports = (id: string): boolean => [trap.refused, trap.warned].flat().includes(id);
    const ids = trap.only ?? ALL;
    const [reporting, silent] = [ids.filter(reports), ids.filter((id) => !reports(id))];
    for (const backend of [...oneOf(reporting, index), ...oneOf(silent, index)]) {
      const root = host([trap]);
      const { status, stderr } = await install(backend, root);
      const findings = `${trap.code} ${trap.path} ${backend}\n${stderr}`;
      const isRefused = trap.refused?.includes(backend) === true;
      const isWarned = trap.warned?.includes(backend) === true;
      assert.is(status, isRefused ? 4 : 0, findings);
      const severity = isRefused ? 'error' : 'warning';
      const line = new RegExp(
        `^${root}/${trap.path}(?::\\d+)?: ${severity}\\[${trap.code}\\]: `,
        'm',
      );
      assert.is(line.test(stderr), isRefused || isWarned, findings);
      if (isRefused) {
        assert.match(stderr, /Nothing was written\. `--force`/);
        assert.is((await runHere('check', ORIGINAL, '-b', backend, '--root', root)).status, 1);
        assert.is((await install(backend, root, '--force')).status, 0, findings);
      }
      if (isWarned && !isRefused)
        assert.is((await install(backend, root, '--strict')).status, 4, findings);
    }
  }
});

test('ifupdown is warned of another iface, and keeps the others off', async () => {
  const iface = {
    path: 'etc/network/interfaces',
    text: 'source interfaces.d/*\nauto eth0\niface eth0 inet dhcp\n',
  };
  const { status, stderr } = await install('ifupdown', host([iface]));
  assert.is(status, 0);
  assert.match(stderr, /interfaces:3: warning\[ifupdown-claims-link\]: `eth0` has an `iface` here/);
  const other = await install('ifupdown', host([network('00-lan.network', 'Type=ether')]));
  assert.is(other.status, 0);
  assert.match(other.stderr, /00-lan\.network:2: warning\[shadowed\]/);
  assert.not.match((await install('ifupdown', host(HARMLESS))).stderr, /(?:error|warning)\[/);
});

test('guests and a trial conflict with nothing on a host', async () => {
  for (const id of ['libvirt', 'iproute2']) {
    const { status, stderr } = await install(id, host(TRAPS));
    assert.is(status, 0);
    assert.not.match(stderr, /(?:error|warning)\[/);
  }
});

test('what does no harm is not spoken of', async () => {
  for (const [index, file] of HARMLESS.entries()) {
    const ids = ALL.filter((id) => !(id === 'netplan-networkd' && /00-a/.test(file.path)));
    for (const backend of oneOf(ids, index)) {
      const { status, stderr } = await install(backend, host([file]));
      assert.is(status, 0, `${file.path} ${backend}\n${stderr}`);
      assert.not.match(stderr, /(?:error|warning)\[/, `${file.path} ${backend}`);
    }
  }
});

test('what cannot be read is not passed over', async () => {
  const root = host([network('20-lan.network', 'Name=eth9')]);
  writeFileSync(join(root, 'etc/systemd/network/05-binary.network'), Buffer.from([0xff, 0xfe]));
  const { status, stderr } = await install('networkd', root);
  assert.is(status, 4);
  assert.match(stderr, /05-binary\.network: error\[foreign-unreadable\]/);
});

test('cloud-init with its network configuration off is not reported', async () => {
  const config = { path: 'etc/cloud/cloud.cfg', text: 'users: [default]\n' };
  for (const off of [
    { path: 'etc/cloud/cloud.cfg.d/99-off.cfg', text: 'network: {config: disabled}\n' },
    { path: 'etc/cloud/cloud-init.disabled', text: '' },
  ]) {
    assert.not.match((await install('networkd', host([config, off]))).stderr, /cloud-init/);
  }
});

test('a file that hides another is the one that counts; /dev/null hides, too', async () => {
  const vendor = { path: 'usr/lib/systemd/network/00-a.network', text: '[Match]\nName=eth0\n' };
  const hiding = { path: 'etc/systemd/network/00-a.network', text: '[Match]\nName=wl*\n' };
  assert.is((await install('networkd', host([vendor]))).status, 4);
  assert.is((await install('networkd', host([vendor, hiding]))).status, 0);
  const masked = host([vendor]);
  mkdirSync(join(masked, 'etc/systemd/network'), { recursive: true });
  mkdirSync(join(masked, 'dev'));
  symlinkSync('/dev/null', join(masked, 'etc/systemd/network/00-a.network'));
  writeFileSync(join(masked, 'dev/null'), '');
  assert.is((await install('networkd', masked)).status, 0);
});

test('links are followed as the host itself would, not out of its tree', async () => {
  const outside = join(temporaryFolder(), 'outside.network');
  writeFileSync(outside, '[Match]\nName=eth0\n');
  const root = host([{ path: 'srv/lan', text: '[Match]\nName=eth0\n' }]);
  mkdirSync(join(root, 'etc/systemd/network'), { recursive: true });
  symlinkSync('/srv/lan', join(root, 'etc/systemd/network/00-in.network'));
  symlinkSync(outside, join(root, 'etc/systemd/network/00-out.network'));
  symlinkSync('00-loop.network', join(root, 'etc/systemd/network/00-loop.network'));
  const { status, stderr } = await install('networkd', root);
  assert.is(status, 4);
  assert.match(stderr, /00-in\.network:2: error\[shadowed\]/);
  assert.not.match(stderr, /00-out|00-loop/);
});

test('--output looks in the directory itself', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, '00-lan.network'), '[Match]\nType=ether\n');
  const { status, stderr } = await runHere(ORIGINAL, '-b', 'networkd', '--output', folder);
  assert.is(status, 4);
  assert.match(stderr, /^.*00-lan\.network:2: error\[shadowed\]/m);
});

test('patterns are those of the shell', () => {
  for (const [pattern, name, isFit] of [
    ['eth*', 'eth0', true],
    ['eth*', 'veth0', false],
    ['eth?', 'eth10', false],
    ['eth[0-3]', 'eth2', true],
    ['eth[!0-3]', 'eth2', false],
    ['e.h0', 'eth0', false],
    ['*', '', true],
    ['eth[', 'eth[', true],
  ] as const) {
    assert.is(fits(pattern, name), isFit, `${pattern} ${name}`);
  }
});

test.run();
