/** Which daemons a host starts, and which of them has its NIC. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  BASE,
  foundIn,
  IFUPDOWN,
  IFUPDOWN_ON,
  MASK,
  NETPLAN,
  NETWORKD,
  NETWORKD_ON,
  NETWORKMANAGER,
  NETWORKMANAGER_ON,
  OFF,
  on,
  PROFILE,
  STANZA,
  SYSTEM,
  type Tree,
  unit,
  WANTS,
  yaml,
} from './trees.ts';

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
    on('systemd-networkd.socket', socket),
    { ...on('systemd-networkd.service', vendor), [`${WANTS}/systemd-networkd.service`]: MASK },
    // Not a link: systemd passes over it.
    { [`${WANTS}/systemd-networkd.service`]: 'text' },
    // An image before its first boot, which is none, as the file is there.
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
  // A tree does not say which MAC the NIC has; a host that runs does, of itself.
  const byMac = network('MACAddress=52:54:00:00:00:01');
  const sys = (mac: string): Tree => ({ 'sys/class/net/eth0/address': `${mac}\n` });
  assert.equal(await hasNetworkd(byMac), OFF);
  assert.equal(await hasNetworkd({ ...byMac, ...sys('52:54:00:00:00:01') }), other);
  assert.equal(await hasNetworkd({ ...byMac, ...sys('52:54:00:00:00:02') }), OFF);
  assert.equal(await foundIn({ ...networkd, ...byMac }, 'networkd'), []);
  const netplanByMac = {
    ...NETPLAN,
    ...yaml(
      'network: {ethernets: {lan: {match: {macaddress: "52:54:00:00:00:01"}, dhcp4: true}}}\n',
    ),
  };
  assert.equal(await hasNetworkd(netplanByMac), OFF);
  assert.equal(await hasNetworkd({ ...netplanByMac, ...sys('52:54:00:00:00:01') }), other);
  const manager: Tree = { ...BASE, ...NETWORKMANAGER, ...NETWORKMANAGER_ON };
  const conf = (text: string): Tree => ({ 'etc/NetworkManager/conf.d/10-site.conf': text });
  const hasManager = (tree: Tree) => foundIn({ ...manager, ...tree }, 'ifupdown');
  assert.equal(await hasManager({}), other);
  for (const text of [
    '[keyfile]\nunmanaged-devices=*,except:type:wifi,except:type:gsm\n',
    '[keyfile]\nunmanaged-devices=interface-name:eth*\n',
    '[keyfile]\nunmanaged-devices=except:interface-name:eth1\n',
    '[main]\nno-auto-default=eth0\n',
    '[main]\nno-auto-default=type:ethernet\n',
  ]) {
    assert.equal(await hasManager(conf(text)), OFF, text);
  }
  for (const text of [
    '[keyfile]\nunmanaged-devices=*,except:type:ethernet\n',
    '[keyfile]\nunmanaged-devices=interface-name:veth*\n',
    '[keyfile]\nunmanaged-devices=except:interface-name:eth0\n',
    '[main]\nno-auto-default=eth1\n',
  ]) {
    assert.equal(await hasManager(conf(text)), other, text);
  }
  const profileByMac: Tree = {
    'etc/NetworkManager/system-connections/lan':
      '[connection]\nid=lan\ntype=ethernet\n[ethernet]\nmac-address=52:54:00:00:00:01\n',
    ...conf('[main]\nno-auto-default=*\n'),
  };
  assert.equal(await hasManager(profileByMac), OFF);
  assert.equal(await hasManager({ ...profileByMac, ...sys('52:54:00:00:00:01') }), other);
  assert.equal(await hasManager({ ...PROFILE, ...conf('[main]\nno-auto-default=*\n') }), other);
});

test.run();
