/** ifupdown's files, read by its own grammar: what they make of our links, under every back end. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readInterfaces } from '../../src/backends/host/ifupdown/file.ts';
import { runHere } from '../in-process.ts';
import { sizeOf } from '../long.ts';
import { processorMs } from '../processor.ts';
import {
  assertFindings,
  type Files,
  findingsOf,
  HOST_BACKENDS,
  hostOf,
  ORIGINAL,
} from './foreign-files.ts';

const MAIN = 'etc/network/interfaces';
const SOURCE = 'source /etc/network/interfaces.d/*';
const OTHERS = HOST_BACKENDS.filter((id) => id !== 'ifupdown');
const OF_NETWORKMANAGER = ['networkmanager', 'netplan-networkmanager'];

/** /etc/network/interfaces, with the generated file included: line 1. */
const main = (...lines: string[]): Files => ({ [MAIN]: `${[SOURCE, ...lines].join('\n')}\n` });

/** What every back end but ifupdown says of a link that ifupdown brings up. */
const claimed = async (files: Files, at: string, code = 'error[ifupdown-claims-link]') => {
  const { findings, text } = await findingsOf('networkd', files);
  assert.equal(findings, [`${code} ${at}`], `${JSON.stringify(files)}\n${text}`);
};

test('a link that is brought up with addresses is an error, however it is written', async () => {
  for (const [lines, line] of [
    [['auto eth0', 'iface eth0 inet dhcp'], 3],
    [['allow-hotplug eth0', 'iface eth0 inet static', '  address 192.0.2.2/24'], 3],
    [['allow-auto eth0', 'iface eth0 inet6 auto'], 3],
    [['iface eth0 inet dhcp', 'auto lo eth0 # the NIC'], 2],
    [['auto lo \\', '  eth0', 'iface eth0 inet \\', 'dhcp'], 4],
    [['auto /eth*', 'iface eth0 inet dhcp'], 3],
    [['auto /e[a-z]h?', 'iface eth0 inet dhcp'], 3],
    [['auto lan=eth0', 'auto eth0=lan', 'iface lan inet dhcp'], 4],
    [['auto /eth*=lan', 'iface lan inet dhcp'], 3],
    [['auto eth0:1', 'iface eth0:1 inet static', '  address 192.0.2.2/24'], 3],
    [['iface base inet dhcp', 'auto eth0', 'iface eth0 inherits base'], 4],
    // ifupdown-ng's.
    [['auto eth0', 'iface eth0', '  use dhcp'], 3],
    [['auto eth0', 'interface eth0', '  address 192.0.2.2/24'], 3],
    [['rename eth0=lan'], 2],
  ] as const) {
    await claimed(main(...lines), `${MAIN}:${line}`);
  }
});

test('what the host decides is a warning', async () => {
  const code = 'warning[ifupdown-may-claim-link]';
  for (const [lines, line] of [
    [['auto mac/52:54:00:12:34:56/=lan', 'iface lan inet dhcp'], 3],
    [['auto type/1/1=lan', 'iface lan inet dhcp'], 3],
    [['auto eth0', 'iface eth0 inet manual', '  up ip addr add 192.0.2.2/24 dev eth0'], 3],
    [['auto eth0', 'iface eth0 inet manual', '  post-up /sbin/dhclient $IFACE'], 3],
    [
      [
        'auto eth0',
        'mapping eth0',
        '  script /usr/local/sbin/where',
        '  map home',
        'iface home inet dhcp',
      ],
      3,
    ],
    [['auto eth0', 'mapping et*', '  script /x', 'iface home inet dhcp'], 3],
  ] as const) {
    await claimed(main(...lines), `${MAIN}:${line}`, code);
  }
});

test('what does no harm is not reported', async () => {
  for (const lines of [
    ['auto lo', 'iface lo inet loopback'],
    ['#auto eth0', 'iface eth1 inet dhcp', 'auto eth1'],
    ['auto /wl*', 'iface eth7 inet dhcp'],
    ['auto eth7', 'iface eth7 inet dhcp # \\', '  up echo auto eth0'],
    ['auto eth7', 'mapping eth7', '  script /x', 'iface eth7 inet dhcp'],
    ['auto lan=eth0', 'iface lan inet dhcp'],
    // The NIC has VLANs and tunnels beside a macvlan.
    ['auto eth0.5', 'iface eth0.5 inet dhcp'],
    ['auto vlan5', 'iface vlan5 inet dhcp', '  vlan-raw-device eth0'],
    ['auto vmbr0', 'iface vmbr0 inet dhcp', '  bridge_ports none'],
    ['auto vmbr0', 'iface vmbr0 inet dhcp', '  bridge_ports eth0.5 veth00 xeth0'],
    ['auto bond0', 'iface bond0 inet dhcp', '  bond-slaves none', '  bond-primary eth0'],
    ['auto vmbr0', 'iface vmbr0 inet dhcp', '  bridge-ports glob veth[[:digit:]][[:digit:]]'],
    ['auto br0', 'iface br0 inet manual', '  up ip link set eth0 nomaster'],
  ]) {
    await assertFindings(main(...lines), []);
  }
  // Not brought up at boot.
  await assertFindings(main('iface eth0 inet dhcp'), [], ['networkd', 'netplan-networkd']);
  await assertFindings(
    main('auto eth0', 'iface eth0 inet manual'),
    [],
    ['networkd', 'netplan-networkd'],
  );
});

test('NetworkManager ignores what has a stanza at all', async () => {
  await assertFindings(
    main('auto eth0', 'iface eth0 inet manual'),
    [`warning[ifupdown-claims-link] ${MAIN}:3`],
    OF_NETWORKMANAGER,
  );
});

test('ifupdown-ng creates no bridge or bond for options with `_` alone', async () => {
  const NG = { '/etc/network/ifupdown-ng.conf': '' };
  for (const [lines, isTaken] of [
    [['auto br0', 'iface br0', '  bridge_ports eth0', '  bridge_stp off'], false],
    [['auto bond0', 'iface bond0', '  bond_slaves eth0'], false],
    [['auto br0', 'iface br0', '  bridge-ports eth0'], true],
    [['auto br0', 'iface br0', '  use bridge', '  bridge_ports eth0'], true],
    [['auto br0', 'iface br0', '  bridge-stp off', '  bridge_ports eth0'], true],
    [['auto br0', 'iface br0', '  use bond', '  bridge_ports eth0'], false],
  ] as const) {
    const { text } = await findingsOf('networkd', { ...main(...lines), ...NG });
    assert.is(text.includes('ifupdown-enslaves-link'), isTaken, `${lines.join('\n')}\n${text}`);
    const other = await findingsOf('networkd', main(...lines));
    assert.ok(other.text.includes('ifupdown-enslaves-link'), other.text);
  }
});

test('a bridge or bond that takes the NIC is an error under every back end', async () => {
  const findings = [`error[ifupdown-enslaves-link] ${MAIN}:4`];
  for (const lines of [
    // Proxmox writes it so.
    ['auto vmbr0', 'iface vmbr0 inet static', '  bridge-ports eth0', '  address 198.51.100.50/24'],
    ['auto br0', 'iface br0 inet dhcp', '\tbridge_ports eth7 eth0'],
    ['auto br0', 'iface br0 inet dhcp', '  bridge_ports all'],
    ['auto br0', 'iface br0', '  bridge-ports glob e*[0-9]'],
    ['auto bond0', 'iface bond0 inet manual', '  bond-slaves eth0 eth1'],
    ['auto bond0', 'iface bond0 inet manual', '  slaves eth0 eth1'],
    ['auto bond0', 'iface bond0', '  bond-members eth0 eth1'],
    ['allow-ovs br0', 'auto br0', 'iface br0 inet manual\n  ovs_ports eth0'],
    ['auto br0', 'iface br0 inet manual', '  up brctl addif br0 eth0'],
    ['auto br0', 'iface br0 inet manual', '  post-up ip link set dev eth0 master br0'],
    ['auto br0', 'iface br0 inherits p', '# a comment', 'iface p inet manual\n  bridge_ports eth0'],
  ]) {
    for (const id of HOST_BACKENDS) {
      const { status, findings: found, text } = await findingsOf(id, main(...lines));
      const codes = found.map((item) => item.replace(/:\d+$/, ''));
      assert.ok(codes.includes(`error[ifupdown-enslaves-link] ${MAIN}`), `${id} ${lines}\n${text}`);
      assert.is(status, 4);
    }
  }
  await assertFindings(
    main('auto vmbr0', 'iface vmbr0 inet dhcp', '  bridge-ports eth0'),
    findings,
  );
  await assertFindings(main('auto eth0', 'iface eth0 inet manual', '  bond-master bond0'), {
    networkd: findings,
    'netplan-networkd': findings,
    networkmanager: [...findings, `warning[ifupdown-claims-link] ${MAIN}:3`],
    'netplan-networkmanager': [...findings, `warning[ifupdown-claims-link] ${MAIN}:3`],
    ifupdown: [...findings, `warning[ifupdown-claims-link] ${MAIN}:3`],
  });
  // A regular expression is not worked out; a bridge without `auto` waits for somebody.
  const may = [`warning[ifupdown-enslaves-link] ${MAIN}:4`];
  await assertFindings(
    main('auto br0', 'iface br0 inet manual', '  bridge_ports regex eth.*'),
    may,
  );
  await assertFindings(main('# later', 'iface br0 inet manual', '  bridge_ports eth0'), may);
});

test('under ifupdown our file must be read, and by it', async () => {
  const without = `error[ifupdown-ignores-links] ${MAIN}`;
  const only = ['ifupdown'];
  for (const text of [
    'auto lo\niface lo inet loopback\n',
    'source /etc/network/interfaces.d/*.cfg\n',
    'source /etc/network/interfaces.d\n',
    '#source /etc/network/interfaces.d/*\n',
    'source-directory /etc/network/if-up.d\n',
  ]) {
    await assertFindings({ [MAIN]: text }, [without], only);
    await assertFindings({ [MAIN]: text }, [], OTHERS);
  }
  for (const text of [
    'source interfaces.d/*\n',
    'source /etc/network/*.d/*\n',
    'source-directory interfaces.d\n',
    'source-directory /etc/network/../network/interfaces.d/\n',
    'source /nowhere/* /etc/network/interfaces.d/60-*\n',
    'source "/etc/network/interfaces.d/60-macvtap"\n',
  ]) {
    await assertFindings({ [MAIN]: text }, []);
  }
  // ifupdown2 knows no `source-directory`.
  const ifupdown2 = { 'etc/network/ifupdown2/ifupdown2.conf': '' };
  const folder = { [MAIN]: 'source-directory /etc/network/interfaces.d\n' };
  await assertFindings({ ...folder, ...ifupdown2 }, [without], only);
  await assertFindings({ 'etc/default/networking': '# as Debian has it\n' }, [without], only);
  const off = { 'etc/default/networking': 'CONFIGURE_INTERFACES=no\n' };
  const whenOff = ['error[ifupdown-ignores-links] etc/default/networking:1'];
  await assertFindings({ ...main(), ...off }, whenOff, only);
  const excluded = { 'etc/default/networking': 'EXCLUDE_INTERFACES="wlan0 eth*"\n' };
  const whenExcluded = ['error[ifupdown-ignores-links] etc/default/networking:1'];
  await assertFindings({ ...main(), ...excluded }, whenExcluded, only);
  await assertFindings(
    { ...main('auto eth0', 'iface eth0 inet dhcp'), ...excluded },
    [],
    ['networkd'],
  );
});

test('under ifupdown other stanzas are merged, or used instead of the generated ones', async () => {
  const only = ['ifupdown'];
  const added = (line: number) => `warning[ifupdown-claims-link] ${MAIN}:${line}`;
  const other = (line: number) => `error[ifupdown-other-stanza] ${MAIN}:${line}`;
  await assertFindings(main('auto eth0', 'iface eth0 inet dhcp'), [added(3)], only);
  await assertFindings(main('iface eth0:1 inet static', ' address 192.0.2.2/24'), [added(2)], only);
  await assertFindings(main('auto eth0=lan', 'iface lan inet dhcp'), [other(2)], only);
  await assertFindings(main('auto /eth*=lan', 'iface lan inet dhcp'), [other(2)], only);
  await assertFindings(
    main('mapping eth0', '  script /x', 'iface home inet dhcp'),
    [other(2)],
    only,
  );
  await assertFindings(main('auto /eth*', 'iface eth7 inet dhcp'), [], only);
  const may = [`warning[ifupdown-other-stanza] ${MAIN}:2`];
  await assertFindings(main('auto type/1/1=lan', 'iface lan inet dhcp'), may, only);
});

test('a line that classic ifupdown refuses costs the whole file', async () => {
  const only = ['ifupdown'];
  const refused = (line: number) => [`error[ifupdown-file-refused] ${MAIN}:${line}`];
  for (const [lines, line] of [
    [['iface eth7'], 2],
    [['auto lo', 'foo bar'], 3],
    [['iface eth7 inet dhcp', 'auto'], 0],
    [['iface eth7 inet dhcp', 'hostname'], 3],
    [['iface eth7 inet magic'], 2],
    [['iface eth7 constructor manual'], 2],
    [['iface eth7 __proto__ manual'], 2],
    [['iface eth7 inet static inherits nobody'], 2],
    [['iface eth7 inet static inherits'], 2],
    [['template t', 'iface eth7 inherits t'], 2],
  ] as const) {
    await assertFindings(main(...lines), line === 0 ? [] : refused(line), only);
    await assertFindings(main(...lines), [], OTHERS);
  }
  const elsewhere = { ...main(), 'etc/network/interfaces.d/50-x': 'iface eth7\n' };
  const findings = ['warning[ifupdown-file-refused] etc/network/interfaces.d/50-x:1'];
  await assertFindings(elsewhere, findings, only);
  const ifupdown2 = { 'etc/network/ifupdown2/ifupdown2.conf': '' };
  await assertFindings({ ...main('iface eth7'), ...ifupdown2 }, [], only);
});

test('a VLAN of the same number is made once', async () => {
  const files = main('auto eth0.5', 'iface eth0.5 inet dhcp');
  const intent = hostOf({
    'intent.yaml':
      'version: 1\nhost: kvm1\nparents:\n  lan5: {type: vlan, id: 5, link: eth0}\nshims:\n  veth0: {parent: lan5, addresses: [198.51.100.50/24]}\n',
  });
  for (const id of HOST_BACKENDS) {
    const { findings, text } = await findingsOf(id, files, join(intent, 'intent.yaml'));
    assert.equal(findings, [`error[ifupdown-vlan-taken] ${MAIN}:3`], `${id}\n${text}`);
  }
});

test('included files are read wherever they are', async () => {
  const nic = 'auto eth0\niface eth0 inet dhcp\n';
  for (const [line, path] of [
    ['source /etc/network/extra', 'etc/network/extra'],
    ['source extra', 'etc/network/extra'],
    ['source ../site/*.if', 'etc/site/lan.if'],
    ['source /srv/*/[i]f', 'srv/net/if'],
    ['source-directory /srv/net.d', 'srv/net.d/lan'],
    ['source-dir /srv/n*', 'srv/net/lan'],
    ['source /etc/network/interfaces.d/* ', 'etc/network/interfaces.d/50-cloud-init'],
  ] as const) {
    const files = { [MAIN]: `${SOURCE}\n${line}\n`, [path]: nic };
    await assertFindings(files, [`error[ifupdown-claims-link] ${path}:2`], OTHERS);
  }
  for (const [line, path] of [
    ['source-directory /srv/net.d', 'srv/net.d/lan.dpkg-old'],
    ['source /srv/*', 'srv/.hidden'],
    ['source $(cat /srv/list)', 'srv/list'],
    ['source /srv', 'srv/lan'],
    ['# source /srv/lan', 'srv/lan'],
  ] as const) {
    await assertFindings({ [MAIN]: `${SOURCE}\n${line}\n`, [path]: nic }, []);
  }
});

test('includes end: loops, links out of the tree, too many, no names at all', async () => {
  const loop = {
    [MAIN]: `${SOURCE}\nsource a\n`,
    'etc/network/a': 'source b\nsource interfaces\nsource a\n',
    'etc/network/b': 'source a\nauto eth0\niface eth0 inet dhcp\n',
  };
  await assertFindings(loop, ['error[ifupdown-claims-link] etc/network/b:3'], OTHERS);
  const outside = hostOf({ extra: 'auto eth0\niface eth0 inet dhcp\n' });
  const root = hostOf({
    [MAIN]: `${SOURCE}\nsource out\nsource ../../../../../../${outside}/extra\nsource in\nsource ${'x'.repeat(5000)}\nsource a\0b\n`,
  });
  symlinkSync(join(outside, 'extra'), join(root, 'etc/network/out'));
  mkdirSync(join(root, 'srv'));
  writeFileSync(join(root, 'srv/lan'), 'auto eth0\niface eth0 inet dhcp\n');
  symlinkSync('/srv/lan', join(root, 'etc/network/in'));
  const { status, stderr } = await runHere(ORIGINAL, '-b', 'networkd', '--root', root);
  assert.is(status, 4, stderr);
  assert.match(stderr, /etc\/network\/in:2: error\[ifupdown-claims-link\]/);
  assert.not.match(stderr, /extra|network\/out/);
  const kernel = { [MAIN]: `${SOURCE}\nsource /proc/*\n`, 'proc/kmsg': 'auto eth0\n' };
  await assertFindings(kernel, ['error[foreign-unreadable] proc/kmsg']);
  const many = Object.fromEntries(
    Array.from({ length: 300 }, (_, index) => [`etc/network/i/${index}`, 'auto lo\n']),
  );
  const { findings } = await findingsOf('networkd', { [MAIN]: 'source i/*\n', ...many });
  assert.equal(findings, ['error[foreign-unreadable] etc/network/i/*']);
});

test('lines are those of interfaces(5)', () => {
  const { statements, refusal } = readInterfaces(
    '  # auto a \\\nauto b#c \\\r\nallow-hotplug d\\\n  e \nno-auto-down f\n\tiface g inet dhcp\n bridge_stp on\n',
  );
  assert.equal(statements, [
    { kind: 'auto', line: 2, names: ['b#c', '\\'] },
    { kind: 'hotplug', line: 3, names: ['d', 'e'] },
    {
      kind: 'iface',
      line: 6,
      name: 'g',
      family: 'inet',
      method: 'dhcp',
      options: [{ key: 'bridge-stp', value: 'on', line: 7, written: 'bridge_stp' }],
    },
  ]);
  assert.is(refusal, undefined);
});

test('large and hostile files take no longer than they are', async () => {
  const long = sizeOf(400_000);
  const many = sizeOf(20_000);
  for (const text of [
    'auto eth0 \\\n'.repeat(long / 12),
    `auto ${'/e*=x '.repeat(long / 6)}\n${'iface x inet dhcp\n'.repeat(long / 18)}`,
    `${'mapping e*\n script x\n'.repeat(long / 21)}auto ${Array.from({ length: many }, (_, n) => `/e*=x${n}`).join(' ')}\n`,
    Array.from({ length: many }, (_, n) => `auto l${n}\niface l${n} inherits l${n - 1}\n`).join(''),
    `iface x inet manual\n bridge_ports ${'*'.repeat(long)} glob ${'*a'.repeat(many / 10)}\n`,
    Array.from({ length: many }, (_, n) => `source /srv/*/${n}`).join('\n'),
    ' '.repeat(long),
    `a${' '.repeat(long)}b\n`,
    'iface e[999999999-0] inet dhcp\nauto e[1-999999999]\n',
  ]) {
    const files = { [MAIN]: text };
    const start = processorMs();
    const { status } = await findingsOf('ifupdown', files);
    assert.ok([0, 4].includes(status), String(status));
    assert.ok(processorMs() - start < 15_000, `${processorMs() - start} ms: ${text.slice(0, 60)}`);
  }
});

test.run();
