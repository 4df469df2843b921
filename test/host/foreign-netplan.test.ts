/** Others' netplan files, read as netplan reads them: ids, `match`, several files, and refusals. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readConfiguration } from '../../src/backends/host/netplan/definitions.ts';
import { oneOf, sizeOf } from '../long.ts';
import { processorMs } from '../processor.ts';
import { assertFindings, type Files, findingsOf, HOST_BACKENDS, hostOf } from './foreign-files.ts';

const YAML = 'etc/netplan/50-cloud-init.yaml';
const NETPLAN = ['netplan-networkd', 'netplan-networkmanager'];

/** A file of netplan's; its definitions begin on line 3. */
const netplan = (...lines: string[]): Files => ({
  [YAML]: ['network:', '  version: 2', ...lines.map((line) => `  ${line}`), ''].join('\n'),
});

const error = (code: string, line: number, path = YAML) => `error[${code}] ${path}:${line}`;
const warning = (code: string, line: number, path = YAML) => `warning[${code}] ${path}:${line}`;

test('ids are not names: a bridge, bond, VRF or VLAN of what is matched', async () => {
  let turn = 0;
  for (const nic of [
    'lan: {match: {name: eth0}}',
    'lan: {match: {name: "e*"}}',
    'lan: {match: {macaddress: "52:54:00:12:34:56"}, set-name: eth0}',
    'lan: {match: {name: "enp*", driver: e1000}, set-name: eth0}',
    'eth0: {}',
  ]) {
    const id = nic.split(':', 1)[0];
    // As it gives the NIC to networkd, too, where NetworkManager is to have it.
    const given = { networkmanager: [error('netplan-gives-link-away', 4)] };
    const enslaved = error('netplan-enslaves-link', 6);
    for (const [section, line, wanted] of [
      ['bridges', `br0: {interfaces: [eth7, ${id}], dhcp4: true}`, enslaved],
      ['bonds', `bond0: {interfaces: [${id}], parameters: {mode: 802.3ad}}`, enslaved],
      ['bridges', `ovs0: {interfaces: [${id}], openvswitch: {}}`, enslaved],
      ['vrfs', `red: {table: 5, interfaces: [${id}]}`, enslaved],
      ['vlans', `lan5: {id: 5, link: ${id}}`, error('netplan-vlan-on-link', 6)],
      ['tunnels', `vx: {mode: vxlan, id: 5, link: ${id}}`, error('netplan-vlan-on-link', 6)],
    ] as const) {
      const files = netplan(`ethernets: {eth7: {},`, `  ${nic}}`, `${section}:`, `  ${line}`);
      turn += 1;
      for (const backend of oneOf(HOST_BACKENDS, turn)) {
        const { findings, text } = await findingsOf(backend, files);
        const rest = findings.filter((item) => !/shadowed|gives-link-away/.test(item));
        assert.equal(rest, [wanted], `${backend}\n${files[YAML]}\n${text}`);
      }
      const { findings } = await findingsOf('networkmanager', files);
      assert.ok(
        given.networkmanager.every((item) => findings.includes(item)),
        String(findings),
      );
    }
  }
});

test('links that are not in the intent are not reported', async () => {
  for (const lines of [
    ['ethernets: {eth7: {}}', 'bridges: {br0: {interfaces: [eth7]}}'],
    // Called so, and matched otherwise.
    ['ethernets: {eth0: {match: {name: "w*"}}}', 'bridges: {br0: {interfaces: [eth0]}}'],
    ['ethernets: {zzz: {match: {name: "w*"}, dhcp4: true}}'],
    ['ethernets: {eth7: {}}', 'vlans: {eth7.5: {id: 5, link: eth7}}'],
    ['ethernets: {eth7: {}, vf0: {link: eth7}}'],
    ['bridges: {br0: {parameters: {stp: no, forward-delay: 0}}}'],
    ['dummy-devices: {}'],
  ]) {
    const soft = lines[0]?.startsWith('dummy') ? [warning('netplan-file-refused', 3)] : [];
    await assertFindings(netplan(...lines), soft, NETPLAN);
    await assertFindings(netplan(...lines), [], ['networkd', 'networkmanager', 'ifupdown']);
  }
  await assertFindings(netplan('renderer: NetworkManager', 'ethernets: {eth0: {dhcp4: true}}'), []);
  // Its file is hidden by the generated file, or sorts after it.
  await assertFindings(
    netplan('ethernets: {eth0: {dhcp4: true}}'),
    [],
    ['networkd', 'ifupdown', ...NETPLAN],
  );
  await assertFindings(
    { 'etc/netplan/.hidden.yaml': 'network: {bridges: {b: {interfaces: [eth0]}}}\n' },
    [],
  );
});

test('a NIC given to networkd is lost to NetworkManager, however it is named', async () => {
  const only = ['networkmanager'];
  const code = 'netplan-gives-link-away';
  for (const nic of [
    'eth0: {match: {macaddress: "52:54:00:12:34:56"}, set-name: eth0, dhcp4: true}',
    'lan: {match: {macaddress: "52:54:00:12:34:56"}, set-name: eth0}',
    'lan: {match: {name: eth*}}',
    'all: {match: {}}',
    'eth0: {renderer: networkd}',
  ]) {
    await assertFindings(netplan('ethernets:', `  ${nic}`), [error(code, 4)], only);
  }
  for (const nic of [
    'lan: {match: {macaddress: "52:54:00:12:34:56"}}',
    'lan: {match: {driver: virtio_net}}',
  ]) {
    await assertFindings(netplan('ethernets:', `  ${nic}`), [warning(code, 4)], only);
  }
  // The renderer: of the definition, of its section, of all files; the last rule of udev's counts.
  await assertFindings(netplan('ethernets: {renderer: NetworkManager, eth0: {}}'), [], only);
  await assertFindings(netplan('ethernets: {eth0: {}}', 'renderer: NetworkManager'), [], only);
  const later = {
    ...netplan('ethernets: {eth0: {}}'),
    'etc/netplan/99.yaml': 'network: {renderer: NetworkManager}\n',
  };
  await assertFindings(later, [], only);
  const twice = netplan(
    'ethernets:',
    '  all: {match: {name: "e*"}}',
    '  eth0: {renderer: NetworkManager}',
  );
  await assertFindings(twice, [], only);
  // Under netplan itself the generated file comes after it, or before.
  const first = netplan('ethernets: {all: {match: {name: "eth0"}}}');
  await assertFindings(first, [], ['netplan-networkmanager']);
  const last = { 'etc/netplan/90.yaml': 'network: {ethernets: {eth0: {renderer: networkd}}}\n' };
  await assertFindings(last, [error(code, 1, 'etc/netplan/90.yaml')], ['netplan-networkmanager']);
});

test('files are merged: /run before /etc before /lib, lists add up, the last scalar counts', async () => {
  const bridge = 'network: {ethernets: {eth0: {}}, bridges: {br0: {interfaces: [eth0]}}}\n';
  const harmless = 'network: {version: 2}\n';
  const at = (path: string) => [error('netplan-enslaves-link', 1, path)];
  const only = ['networkd'];
  await assertFindings({ 'run/netplan/a.yaml': bridge }, at('run/netplan/a.yaml'), only);
  await assertFindings({ 'usr/lib/netplan/a.yaml': bridge }, at('usr/lib/netplan/a.yaml'), only);
  await assertFindings({ 'lib/netplan/a.yaml': bridge, 'etc/netplan/a.yaml': harmless }, [], only);
  await assertFindings({ 'etc/netplan/a.yaml': bridge, 'run/netplan/a.yaml': harmless }, [], only);
  const split = {
    'etc/netplan/1.yaml': 'network: {ethernets: {lan: {match: {name: wl0}}}}\n',
    'etc/netplan/2.yaml': 'network: {bridges: {br0: {interfaces: [lan]}}}\n',
    'etc/netplan/3.yaml': 'network: {ethernets: {lan: {match: {name: eth0}}}}\n',
    'etc/netplan/4.yaml': 'network: {bridges: {br0: {interfaces: []}}}\n',
  };
  await assertFindings(split, at('etc/netplan/2.yaml'), only);
  // A key that is there twice is read twice.
  const twice =
    'network:\n  ethernets: {eth0: {}}\n  bridges: {b: {interfaces: [eth0]}}\n  bridges: {b: {}}\n';
  await assertFindings(
    { 'etc/netplan/a.yaml': twice },
    [error('netplan-enslaves-link', 3, 'etc/netplan/a.yaml')],
    only,
  );
  const hides = { 'run/netplan/60-macvtap.yaml': harmless };
  await assertFindings(
    hides,
    ['error[shadowed] run/netplan/60-macvtap.yaml'],
    ['netplan-networkd'],
  );
});

test("under networkd a file of netplan's that sorts before that of our link has it", async () => {
  const only = ['netplan-networkd'];
  for (const [nic, wanted] of [
    ['all: {match: {name: "e*"}, dhcp4: true}', [error('shadowed', 4)]],
    ['eth0-a: {match: {name: eth0}, dhcp4: true}', [error('shadowed', 4)]],
    ['a: {match: {name: "v*"}, dhcp4: true}', [error('shadowed', 4)]],
    ['a: {match: {driver: virtio_net}, dhcp4: true}', [warning('may-be-shadowed', 4)]],
    ['a: {match: {}, dhcp4: true}', [warning('may-be-shadowed', 4), warning('may-be-shadowed', 4)]],
    ['zzz: {match: {name: "*"}, dhcp4: true}', []],
    ['a: {match: {name: "e*"}, renderer: NetworkManager}', []],
    ['a: {match: {name: "e*"}, set-name: eth7}', [error('netplan-renames-link', 4)]],
  ] as const) {
    await assertFindings(netplan('ethernets:', `  ${nic}`), wanted, only);
  }
});

test('a link that is matched by its MAC in the intent is known by it', async () => {
  const folder = hostOf({
    'intent.yaml':
      'version: 1\nhost: kvm1\nparents:\n  lan: {match: {macaddress: "52:54:00:12:34:56"}, set-name: eth0}\nshims:\n  veth0: {parent: lan, addresses: [198.51.100.50/24]}\n',
  });
  const intent = `${folder}/intent.yaml`;
  for (const [mac, wanted] of [
    ['52:54:00:12:34:56', [error('netplan-enslaves-link', 5)]],
    ['52:54:00:12:34:57', []],
  ] as const) {
    const files = netplan(
      'ethernets:',
      `  nic: {match: {macaddress: "${mac}"}}`,
      'bridges: {br0: {interfaces: [nic]}}',
    );
    const { findings, text } = await findingsOf('networkd', files, intent);
    assert.equal(findings, wanted, text);
  }
  // Its rule for udev counts after our `.link` file.
  const renamed = netplan(
    'ethernets:',
    '  nic: {match: {macaddress: "52:54:00:12:34:56"}, set-name: lan0}',
  );
  for (const backend of HOST_BACKENDS) {
    const { findings } = await findingsOf(backend, renamed, intent);
    assert.ok(findings.includes(error('netplan-renames-link', 4)), `${backend} ${findings}`);
  }
  // By name alone, and before that of the id that the intent uses.
  const { findings } = await findingsOf(
    'netplan-networkd',
    netplan('ethernets: {eth0: {dhcp4: true}}'),
    intent,
  );
  assert.equal(findings, [error('shadowed', 3)]);
});

test('a second default route is explained', async () => {
  const note = (line: number) => [`note[netplan-default-routes] ${YAML}:${line}`];
  for (const [lines, wanted] of [
    [['ethernets: {eth0: {addresses: [198.51.100.50/24], gateway4: 198.51.100.254}}'], note(3)],
    [['ethernets:', '  eth0: {routes: [{to: default, via: 198.51.100.254}]}'], note(4)],
    [
      ['ethernets:', '  eth0:', '    routes:', '      - {to: 0.0.0.0/0, via: 198.51.100.254}'],
      note(6),
    ],
    [['ethernets: {eth0: {routes: [{to: default, via: 198.51.100.254, metric: 50}]}}'], []],
    [['ethernets: {eth0: {routes: [{to: default, via: 198.51.100.254, table: 7}]}}'], []],
    [['ethernets: {eth0: {routes: [{to: "::/0", via: "2001:db8::1"}]}}'], []],
    [['ethernets: {eth7: {gateway4: 198.51.100.254}}'], []],
  ] as const) {
    await assertFindings(netplan(...lines), wanted, NETPLAN);
    await assertFindings(netplan(...lines), [], ['networkd', 'ifupdown']);
  }
});

test('a file that netplan refuses is an error if netplan must write the configuration', async () => {
  for (const [lines, line] of [
    [['ethernets: {eth7: {dhpc4: true}}'], 3],
    [['ethernets: {eth7: {dhcp4: maybe}}'], 3],
    [['ethernets:', '  eth7:', '    addresses:', '      - 192.0.2.1'], 6],
    [['ethernets: {eth7: {gateway4: 300}}'], 3],
    [['ethernets: {eth7: {set-name: lan}}'], 3],
    [['wifis: {wlan0: {dhcp4: true}}'], 3],
    [['bonds: {b: {parameters: {mode: 4}}}'], 3],
    [['bridges:', '  b:', '    interfaces: [eth8]'], 5],
    [['version: 1'], 3],
    [['macvlans: {m: {}}'], 3],
  ] as const) {
    await assertFindings(netplan(...lines), [error('netplan-file-refused', line)], NETPLAN);
    await assertFindings(netplan(...lines), [], ['networkd', 'ifupdown']);
  }
  for (const lines of [
    ['ethernets: {eth7: {ra-overrides: {use-dns: no}}}'],
    ['bonds: {b: {parameters: {mode: 802.3ad, lacp-rate: 1}}}'],
  ]) {
    await assertFindings(netplan(...lines), [warning('netplan-file-refused', 3)], NETPLAN);
  }
  await assertFindings({ [YAML]: 'network: {a: [}\n' }, [error('netplan-unreadable', 1)], NETPLAN);
});

interface Case {
  readonly name: string;
  /** By 0.106, 1.1.2, 1.2.2. */
  readonly isRefused: readonly boolean[];
  readonly files: readonly string[];
}

const cases: Case[] = readFileSync('test/host/netplan-cases.txt', 'utf8')
  .split(/^## /m)
  .slice(1)
  .map((part) => {
    const [head = '', ...rest] = part.split('\n');
    const [name = '', verdicts = ''] = head.split(': ');
    return {
      name,
      isRefused: verdicts.split(' ').map((verdict) => verdict === 'refused'),
      files: rest.join('\n').split(/^#> .*\n/m),
    };
  });

/** Whether a version is in `before 1.0`, `from 0.107 on`. */
function isMeant(version: string, by = 'before 9'): boolean {
  const [, how, limit = ''] = /^(before|from) ([\d.]+)/.exec(by) ?? [];
  const parts = (text: string) =>
    text
      .split('.')
      .map((part) => part.padStart(4, '0'))
      .join('.');
  return how === 'before' ? parts(version) < parts(limit) : parts(version) >= parts(limit);
}

test('refused is what the real netplan refused, of each version', () => {
  assert.ok(cases.length > 150, String(cases.length));
  for (const { name, isRefused, files } of cases) {
    const { problems } = readConfiguration(
      files.map((text, index) => ({ path: `/${index}`, folder: '', name: `${index}`, text })),
    );
    const found = ['0.106', '1.1.2', '1.2.2'].map((version) =>
      problems.some(({ by }) => isMeant(version, by)),
    );
    assert.equal(found, isRefused, `${name}\n${files.join('\n')}${JSON.stringify(problems)}`);
  }
});

test('YAML is what libyaml takes', () => {
  const ok = (text: string) => readConfiguration([{ path: '/a', folder: '', name: 'a', text }]);
  assert.equal(ok('network: {version: 2}\r\n---\nfoo: [').problems, []);
  assert.equal(ok('\uFEFFnetwork:\r\n  version: 2\r\n').problems, []);
  assert.equal(
    ok('%YAML 1.1\n---\nnetwork: {ethernets: {no: {}, 012: {}, on: {}}}\n').problems,
    [],
  );
  const { definitions } = ok('network: {ethernets: {no: &a {}, 0x1f: *a, 1_000: *a}}\n');
  assert.equal([...definitions.keys()], ['no', '0x1f', '1_000']);
});

test('large and hostile files take no longer than they are', async () => {
  const ids = Array.from(
    { length: sizeOf(16_000) },
    (_, n) => `    eth${n + 1}: {dhcp4: true}\n`,
  ).join('');
  const bomb = Array.from({ length: 20 }, (_, n) => `a${n}: &a${n} [${`*a${n - 1},`.repeat(9)}]\n`);
  for (const [text, findings] of [
    [`network:\n  version: 2\n  ethernets:\n${ids}`, []],
    [`a-1: &a-1 []\n${bomb.join('')}`, [error('netplan-unreadable', 1)]],
    [
      `network: {bonds: {b: {interfaces: [${'e0,'.repeat(sizeOf(60_000))}]}}}`,
      [error('netplan-file-refused', 1)],
    ],
    ['['.repeat(sizeOf(500_000)), [error('netplan-unreadable', 1)]],
    ['network: {ethernets: {e: &a {match: *a}}}', [error('netplan-unreadable', 1)]],
    [`network: {ethernets: {e: {match: {name: "${'*a'.repeat(sizeOf(20_000))}"}}}}`, []],
    ['#'.repeat(1024 * 1024), ['error[foreign-unreadable] etc/netplan/50-cloud-init.yaml']],
  ] as const) {
    const start = processorMs();
    const found = await findingsOf('netplan-networkd', { [YAML]: text });
    const time = processorMs() - start;
    assert.equal(found.findings, findings, found.text.slice(0, 300));
    assert.ok(time < 15_000, `${time} ms: ${text.slice(0, 60)}`);
  }
});

test.run();
