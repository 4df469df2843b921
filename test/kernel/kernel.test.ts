/** The running system, read: real output of four releases of iproute2, and hostile output. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readLinks } from '../../src/kernel/links.ts';
import {
  managerOf,
  readIfupdown,
  readNetworkdLink,
  readNetworkManager,
} from '../../src/kernel/manager.ts';
import { readNeighbours } from '../../src/kernel/neighbours.ts';
import { readKernel } from '../../src/kernel/read.ts';
import { readResolvConf, readResolvectl } from '../../src/kernel/resolver.ts';
import { readRoutes, readRules } from '../../src/kernel/routes.ts';
import type { KernelState } from '../../src/kernel/types.ts';
import { readUnits } from '../../src/kernel/units.ts';
import { fakeSystem } from '../fake-system.ts';
import { processorMs } from '../processor.ts';
import { recorded, SUITES } from './recorded.ts';

/** The host whose output was recorded, as each suite's programs show it. */
function stateOf(
  suite: (typeof SUITES)[number],
  manager: 'networkd' | 'networkmanager',
): KernelState {
  const outputs = recorded(suite);
  return readKernel(
    fakeSystem({
      programs: { ...outputs, stat: '' },
      files: { ...outputs, '/proc/net/if_inet6': '' },
    }),
    manager,
  );
}

test('links, of four releases alike', () => {
  for (const suite of SUITES) {
    const { links, problems } = stateOf(suite, 'networkmanager');
    assert.equal(problems, [], suite);
    const of = (name: string) => links.find((link) => link.name === name);
    assert.equal(
      links.map(({ name }) => name),
      ['lo', 'lan0', 'eth0', 'veth0', 'macvtap0', 'src0', 'br0', 'p1', 'p0'],
    );
    const { addresses, ...veth0 } = of('veth0') ?? { addresses: [] };
    assert.equal(veth0, {
      index: 4,
      name: 'veth0',
      kind: 'macvlan',
      parent: 'eth0',
      mac: 'ce:56:b6:6f:2b:36',
      mtu: 1500,
      isUp: true,
      hasCarrier: true,
      hasArp: true,
      hasAllMulticast: false,
      mode: 'bridge',
      ...(suite !== 'bullseye' && { broadcastQueueLength: 1000 }),
      sourceMacs: [],
    });
    assert.equal(
      addresses
        .filter(({ isLinkLocal }) => !isLinkLocal)
        .map(
          ({ address, prefix, isDynamic }) => `${address}/${prefix}${isDynamic ? ' dynamic' : ''}`,
        )
        .sort(),
      ['198.51.100.50/24', '2001:db8::50/64', '2001:db8::51/64 dynamic', '203.0.113.7/32'],
    );
    assert.is(of('macvtap0')?.mode, 'vepa');
    assert.equal([...(of('src0')?.sourceMacs ?? [])].sort(), [
      '52:54:00:51:00:fd',
      '52:54:00:51:00:fe',
    ]);
    assert.not.ok(of('src0')?.isUp);
    assert.is(of('br0')?.kind, 'bridge');
    assert.ok(of('br0')?.isUp && !of('br0')?.hasCarrier);
    assert.is(of('p0')?.master, 'br0');
    const linkLocal = of('eth0')?.addresses[0];
    assert.ok(linkLocal?.isLinkLocal && linkLocal.isTentative);
  }
});

test('the threshold of the broadcast queue that nobody prints is 1, where Linux and ip(8) know it', () => {
  const text = JSON.stringify([
    { ifname: 'm0', linkinfo: { info_kind: 'macvlan', info_data: { mode: 'bridge' } } },
    { ifname: 'm1', linkinfo: { info_kind: 'macvtap', info_data: { mode: 'vepa', bclim: 4 } } },
    { ifname: 'i0', linkinfo: { info_kind: 'ipvlan', info_data: { mode: 'l2' } } },
  ]);
  const thresholds = (linux: string, ip: string) =>
    readKernel(
      fakeSystem({
        programs: { 'ip -j -d addr': text, ...(ip !== '' && { 'ip -V': ip }) },
        files: linux === '' ? {} : { '/proc/sys/kernel/osrelease': `${linux}\n` },
      }),
      'none',
    ).links.map(({ broadcastQueueThreshold }) => broadcastQueueThreshold);
  for (const [linux, ip, unprinted] of [
    ['6.12.48+deb13-amd64', 'ip utility, iproute2-6.15.0, libbpf 1.5.0', 1],
    ['6.4.0', 'ip utility, iproute2-6.4.0', 1],
    ['7.0', 'ip utility, iproute2-7.0.0', 1],
    ['6.12.48', 'ip utility, iproute2-6.1.0, libbpf 1.1.2', undefined],
    ['6.1.0-40-amd64', 'ip utility, iproute2-6.15.0', undefined],
    ['5.15.0', 'ip utility, iproute2-6.15.0', undefined],
    ['6.12.48', 'ip utility, iproute2-ss200127', undefined],
    ['6.12.48', '', undefined],
    ['', 'ip utility, iproute2-6.15.0', undefined],
  ] as const) {
    assert.equal(thresholds(linux, ip), [unprinted, 4, undefined], `${linux}; ${ip}`);
  }
});

test('routes and rules are numbers, one for each next hop', () => {
  for (const suite of SUITES) {
    const { routes, rules, neighbours } = stateOf(suite, 'networkmanager');
    const show = routes
      .filter(({ link, protocol }) => link === 'veth0' && protocol !== 2)
      .map(({ to, via, metric, table }) => [to, via, metric, table].join(' '));
    assert.equal(show.sort(), [
      '0.0.0.0/0 198.51.100.254 0 254',
      '10.0.0.0/8 198.51.100.1 0 254',
      '10.0.0.0/8 198.51.100.2 0 254',
      '192.0.2.0/24 203.0.113.1 50 100',
      '2001:db8:1::/48  9 1000',
      '::/0 fe80::1 1024 254',
    ]);
    assert.equal(
      routes.filter(({ type }) => type !== 'unicast').map(({ type, to }) => `${type} ${to}`),
      ['blackhole 10.9.0.0/16', 'unreachable 10.10.0.0/16'],
    );
    assert.not.ok(routes.some(({ table }) => table === 255));
    assert.equal(
      rules.filter(({ protocol }) => protocol !== 2),
      [
        {
          family: 'ipv4',
          priority: 1000,
          from: '198.51.100.50/32',
          table: 100,
          typeOfService: 0,
          mark: 0,
          protocol: 0,
          others: [],
        },
        {
          family: 'ipv4',
          priority: 1001,
          to: '192.0.2.0/24',
          table: 200,
          typeOfService: 16,
          mark: 16,
          protocol: 0,
          others: ['fwmask'],
        },
        {
          family: 'ipv6',
          priority: 1002,
          from: '2001:db8::/32',
          iif: 'veth0',
          table: 100,
          typeOfService: 0,
          mark: 0,
          protocol: 0,
          others: [],
        },
      ],
    );
    assert.equal(neighbours, [
      {
        address: '198.51.100.254',
        link: 'veth0',
        mac: '52:54:00:51:01:fe',
        states: ['REACHABLE'],
      },
      { address: '198.51.100.253', link: 'veth0', states: ['FAILED'] },
    ]);
  }
});

test("the daemon's word for each link, and its name servers", () => {
  for (const suite of SUITES) {
    const outputs = recorded(suite);
    const shim = readNetworkdLink(outputs['/run/systemd/netif/links/3'] ?? '');
    assert.equal(shim, {
      state: 'configured',
      verdict: 'ready',
      nameservers: ['198.51.100.53', '2001:db8:51::53'],
      file: '/etc/systemd/network/00-macvtap-veth0.network',
    });
    const { manager } = stateOf(suite, 'networkmanager');
    assert.equal(manager.links.get('veth0'), {
      state: 'connected',
      verdict: 'ready',
      nameservers: ['198.51.100.53', '2001:db8:51::53'],
      file: 'macvtap-veth0',
    });
    assert.is(manager.links.get('lo')?.verdict, 'unmanaged');
  }
  const words = ['10 (unmanaged)', '20 (unavailable)', '30 (disconnected)', '70 (connecting)'];
  assert.equal(
    words.map(
      (word) => readNetworkManager(`GENERAL.DEVICE:x\nGENERAL.STATE:${word}\n`).get('x')?.verdict,
    ),
    ['unmanaged', 'failed', 'failed', 'working'],
  );
  assert.is(readNetworkdLink('ADMIN_STATE=failed\n')?.verdict, 'failed');
  assert.equal(
    readNetworkdLink('ADMIN_STATE=configured\nDNS=[2001:db8::1]:53%eth0#x 9.9.9.9#dns.quad9.net\n')
      ?.nameservers,
    ['2001:db8::1', '9.9.9.9'],
  );
  // Classic ifupdown, and -ng.
  assert.equal([...readIfupdown('lo=lo\nveth0=veth0\n').keys()], ['lo', 'veth0']);
  assert.equal(
    [...readIfupdown('lo=lo 1 explicit\neth0=eth0 1 explicit\n').keys()],
    ['lo', 'eth0'],
  );
  assert.is(managerOf({ needs: ['netplan', 'networkd'] }), 'networkd');
  assert.is(managerOf({ needs: [] }), 'none');
});

test('name servers and units', () => {
  assert.equal(readResolvConf('# x\nnameserver 127.0.0.53\nnameserver fe80::1%eth0\nsearch a\n'), [
    '127.0.0.53',
    'fe80::1',
  ]);
  assert.equal(
    [
      ...readResolvectl(
        'Global:\nLink 2 (eth0):\nLink 3 (veth0): 198.51.100.53#name 2001:db8::53\n                9.9.9.9\n',
      ),
    ],
    [
      ['', []],
      ['eth0', []],
      ['veth0', ['198.51.100.53', '2001:db8::53', '9.9.9.9']],
    ],
  );
  assert.equal(
    [...readUnits('Result=timeout\nId=a.service\nLoadState=loaded\nActiveState=failed\n\nId=b\n')],
    [
      ['a.service', { load: 'loaded', active: 'failed', result: 'timeout' }],
      ['b', { load: '', active: '', result: '' }],
    ],
  );
});

test('unreadable parts are reported, and the rest is read', () => {
  const { links, problems } = readKernel(
    fakeSystem({
      programs: {
        'ip -j -d addr': { status: 1, stderr: 'Option "-j" is unknown, try "ip -help".\nmore' },
        'ip -j neigh': { status: undefined as unknown as number },
        ip: 'default via 192.0.2.1 dev eth0',
      },
    }),
    'networkd',
  );
  assert.equal(links, []);
  assert.equal(
    problems.map(({ part, message }) => `${part}: ${message}`),
    [
      'links: `ip -j -d addr` failed (status 1): Option "-j" is unknown, try "ip -help".',
      'routes: `ip` prints no JSON; iproute2 4.14 and later do',
      'routes: `ip` prints no JSON; iproute2 4.14 and later do',
      'rules: `ip` prints no JSON; iproute2 4.14 and later do',
      'neighbours: `ip -j neigh` did not end in 10 s',
      'manager: systemd-networkd does not run: it lists no link',
    ],
  );
  const none = readKernel(fakeSystem(), 'networkmanager');
  assert.is(none.problems.length, 6);
  assert.match(none.problems[0]?.message ?? '', /`ip`: is not installed/);
});

test('hostile output is passed over, in bounded time', () => {
  const deep = '['.repeat(200_000);
  const many = JSON.stringify(Array.from({ length: 150_000 }, () => ({ ifname: 'x' })));
  const begin = processorMs();
  for (const text of ['{', 'null', '3', '"x"', '{}', deep, `[${'['.repeat(50_000)}`]) {
    assert.is(readLinks(text), undefined, text.slice(0, 9));
    assert.is(readRoutes('ipv4', text), undefined);
    assert.is(readRules('ipv6', text), undefined);
    assert.is(readNeighbours(text), undefined);
  }
  assert.is(readLinks(many)?.length, 100_000);
  const odd = [
    [null, 3, 'x', [], {}],
    [{ ifname: '' }, { ifname: 7 }, { __proto__: { ifname: 'x' } }],
    [{ ifname: 'x', flags: 'UP', mtu: 'many', addr_info: { local: 'x' }, linkinfo: null }],
    [{ ifname: 'x', flags: [1, null], mtu: -1, addr_info: [{ local: '1.2.3', prefixlen: 1e99 }] }],
    [{ dst: 'default', via: 'x', table: '0x1ffffffff', metric: '1e9' }, { dst: '1.2.3.4/99' }],
    [{ priority: 'x' }, { priority: 1, src: '::/0', srclen: 'many', table: {} }],
  ];
  for (const value of odd) {
    const text = JSON.stringify(value);
    assert.ok(readLinks(text), text);
    for (const link of readLinks(text) ?? []) assert.equal(link.addresses, [], text);
    assert.ok(readRoutes('ipv4', text));
    assert.ok(readRules('ipv4', text));
    assert.ok(readNeighbours(text));
  }
  assert.equal(readLinks(''), []);
  assert.equal(readLinks('[{},{"ifname":"x"}]')?.length, 1);
  const long = `${'a'.repeat(400_000)}`;
  for (const text of [
    long,
    `Link 1 (${long}`,
    `Global:${' '.repeat(400_000)}`,
    '\n'.repeat(400_000),
  ]) {
    readResolvectl(text);
    readResolvConf(`nameserver ${text}`);
    readUnits(text);
    readNetworkManager(`GENERAL.STATE:${text}`);
    readNetworkdLink(`ADMIN_STATE=x\nDNS=${text}`);
    readIfupdown(text);
  }
  assert.ok(processorMs() - begin < 5000, `${processorMs() - begin} ms`);
});

test('no name that a program prints leads to another file', () => {
  const asked: string[] = [];
  const system = fakeSystem({
    programs: {
      'ip -j -d addr': JSON.stringify(
        ['../../../etc/shadow', '.', '..', 'a b', 'eth0'].map((ifname) => ({ ifname })),
      ),
      ip: '[]',
    },
  });
  readKernel(
    {
      ...system,
      readText(path, limit) {
        asked.push(path);
        return system.readText(path, limit);
      },
    },
    'networkd',
  );
  assert.ok(asked.includes('/proc/sys/net/ipv4/conf/eth0/arp_ignore'));
  for (const path of asked) assert.not.match(path, /\.\.|shadow|\/\.\/| /);
});

test.run();
