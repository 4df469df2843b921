/** What doctor asks and how it reads the answers: filters, guests, probes; hostile output. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { neighbourTable, queueDrops, reversePathDrops } from '../../src/doctor/counters.ts';
import { guestDevices, readInterfaces } from '../../src/doctor/guests.ts';
import { arpAnswer, targetsOf } from '../../src/doctor/probes.ts';
import { readFacts } from '../../src/doctor/read.ts';
import { droppedBetween, droppingIn } from '../../src/doctor/rules/counted.ts';
import { readIptables } from '../../src/doctor/rules/iptables.ts';
import { readNftables } from '../../src/doctor/rules/nftables.ts';
import { fakeSystem, type Program } from '../fake-system.ts';
import { processorMs } from '../processor.ts';
import { healthy, link, modelOf } from '../status/hosts.ts';
import { MODEL } from './facts.ts';

const RULESET = JSON.stringify({
  nftables: [
    { metainfo: { version: '1.1.3' } },
    { table: { family: 'inet', name: 'f', handle: 1 } },
    { counter: { family: 'inet', table: 'f', name: 'lost', packets: 11, bytes: 900 } },
    {
      chain: {
        ...{ family: 'inet', table: 'f', name: 'in', handle: 1 },
        ...{ type: 'filter', hook: 'input', prio: 0, policy: 'drop' },
      },
    },
    {
      rule: {
        ...{ family: 'inet', table: 'f', chain: 'in', handle: 4 },
        expr: [{ match: {} }, { counter: { packets: 7, bytes: 588 } }, { drop: null }],
      },
    },
    {
      rule: {
        ...{ family: 'inet', table: 'f', chain: 'in', handle: 5 },
        expr: [{ counter: 'lost' }, { reject: { type: 'icmp' } }],
      },
    },
    { rule: { family: 'inet', table: 'f', chain: 'in', handle: 6, expr: [{ drop: null }] } },
    { rule: { family: 'inet', table: 'f', chain: 'in', handle: 7, expr: [{ accept: null }] } },
  ],
});

test('rules and policies that drop, with what they counted', () => {
  const found = droppingIn(readNftables(RULESET) ?? { chains: [] });
  assert.equal(
    found.map(({ where, hook, packets }) => [where.replace(/^.*chain `in`, /, ''), hook, packets]),
    [
      ['handle 4', 'input', 7],
      ['handle 5', 'input', 11],
      ['handle 6', 'input', undefined],
      ['policy drop', 'input', undefined],
    ],
  );
  const after = found.map((one) => ({ ...one, packets: (one.packets ?? 0) + 2 }));
  assert.equal(
    droppedBetween(found, after).map(({ dropped }) => dropped),
    [2, 2, 2, 2],
  );
  const saved = readIptables(
    '*filter\n:INPUT DROP [3:252]\n:FORWARD ACCEPT [0:0]\n:mine - [0:0]\n[5:420] -A INPUT -p icmp -j DROP\n[1:9] -A mine -j REJECT --reject-with icmp-port-unreachable\n[2:9] -A INPUT -j ACCEPT\nCOMMIT\n',
    'iptables',
    'ip',
  );
  assert.equal(
    droppingIn(saved).map(({ where, hook, packets }) => [where, hook, packets]),
    [
      ['iptables, `-A INPUT -p icmp -j DROP`', 'input', 5],
      ['iptables, chain `INPUT`, policy DROP', 'input', 3],
      ['iptables, `-A mine -j REJECT --reject-with icmp-port-unreachable`', undefined, 1],
    ],
  );
});

const XML = `<domain><devices>
<interface type='direct' trustGuestRxFilters='yes'>
  <mac address='52:54:00:51:01:C6'/><source dev='eth0' mode='vepa'/><target dev='macvtap0'/>
</interface>
<interface type="network"><mac address="52:54:00:51:01:c7"/><source network="default" bridge="virbr0"/></interface>
</devices></domain>`;

test('the guests of libvirt, and those of the kernel', () => {
  const interfaces = readInterfaces('vm2', XML);
  assert.equal(interfaces, [
    {
      ...{ guest: 'vm2', type: 'direct', mac: '52:54:00:51:01:c6' },
      ...{ source: 'eth0', mode: 'vepa', target: 'macvtap0' },
    },
    { guest: 'vm2', type: 'network', mac: '52:54:00:51:01:c7', source: 'virbr0' },
  ]);
  const state = healthy(MODEL);
  const devices = guestDevices(
    MODEL,
    {
      ...state,
      links: [
        ...state.links,
        link('macvtap0', { kind: 'macvtap', mode: 'vepa', parent: 'eth0', isUp: false }),
      ],
    },
    interfaces,
  );
  // Shims and taps of the intent are none.
  assert.equal(
    devices.map(({ name, guest, type, parent, isUp }) => [name, guest, type, parent, isUp]),
    [
      ['macvtap0', 'vm2', 'direct', 'eth0', false],
      [undefined, 'vm2', 'network', 'virbr0', true],
    ],
  );
});

/** A running domain as libvirt 9.0.0 printed it (`virsh --connect test:///default`, `create`, `dumpxml`). */
const DOMAIN = readFileSync(new URL('recorded/libvirt-9.0.0-domain.xml', import.meta.url), 'utf8');

test('the live XML of a real libvirt: each kind of interface, and the default mode', () => {
  assert.equal(
    readInterfaces('vm2', DOMAIN).map(({ type, mac, source, mode, target }) =>
      [type, mac, source, mode, target].join(' '),
    ),
    [
      'direct 52:54:00:51:01:c6 eth0 bridge testnet0',
      'network 52:54:00:51:01:c7 default  testnet1',
      // Its XML had no mode.
      'direct 52:54:00:51:01:c8 eth1 vepa testnet2',
      'bridge 52:54:00:51:01:c9 br0  testnet3',
    ],
  );
  const programs: Record<string, Program> = {
    ip: '[]',
    ping: { status: 1 },
    virsh: (words) => (words.includes('dumpxml') ? DOMAIN : 'test\nvm2\n\n'),
  };
  // Both guests of the list are asked for; what is not attached by macvtap is on another link.
  const found = readFacts(fakeSystem({ programs }), MODEL, 'networkd', 'vm2');
  assert.equal(
    found.guests.filter(({ guest }) => guest === 'vm2').map(({ type, parent }) => [type, parent]),
    [
      ['network', 'default'],
      ['bridge', 'br0'],
    ],
  );
  assert.equal(found.asked, { word: 'vm2', isKnown: true });
});

test('whom it asks: the gateways of the intent and of leases, and the guest by the nearest subnet', () => {
  const state = healthy(MODEL);
  assert.equal(targetsOf(MODEL, state, '198.51.100.198'), [
    { role: 'gateway', address: '198.51.100.254', expected: 'veth0' },
    { role: 'gateway', address: '198.51.100.253', expected: 'veth0' },
    { role: 'guest', address: '198.51.100.198', expected: 'veth0' },
  ]);
  const side = modelOf(
    'parents: {eth0: {addresses: [198.51.100.50/24]}}\nshims: {mac0: {parent: eth0, addresses: [198.51.100.50/32], routes: [{to: 198.51.100.192/27, scope: link}]}}',
  );
  const [, guest] = targetsOf(side, { ...state, links: [] }, '198.51.100.198').reverse();
  assert.is(guest, undefined);
  assert.equal(targetsOf(side, { ...state, links: [], routes: [] }, '198.51.100.198'), [
    { role: 'guest', address: '198.51.100.198', expected: 'mac0' },
  ]);
});

const NETSTAT =
  'TcpExt: SyncookiesSent IPReversePathFilter Other\nTcpExt: 0 42 7\nIpExt: InNoRoutes\nIpExt: 1\n';

test('it changes nothing, and sends pings and ARP requests only', () => {
  const programs: Record<string, Program> = {
    'ip -j -d addr': JSON.stringify([
      { ifname: 'eth0', flags: ['UP', 'LOWER_UP'], mtu: 1500, ifindex: 2 },
      {
        ...{ ifname: 'veth0', flags: ['UP', 'LOWER_UP'], mtu: 1500, ifindex: 3, link: 'eth0' },
        linkinfo: { info_kind: 'macvlan', info_data: { mode: 'bridge' } },
      },
    ]),
    ip: '[]',
    'ip -j route get 198.51.100.254': '[{"dst":"198.51.100.254","dev":"veth0"}]',
    'ip -j route get 198.51.100.253': { status: 2, stderr: 'RTNETLINK answers: Invalid argument' },
    ping: { status: 1 },
    arping: (words) =>
      words.includes('eth0')
        ? 'ARPING 198.51.100.254 from 0.0.0.0 eth0\nUnicast reply from 198.51.100.254 [52:54:00:51:01:FE]  0.6ms\n'
        : 'ARPING 198.51.100.254 from 0.0.0.0 veth0\nSent 2 probes\n',
    virsh: (words) => (words.includes('dumpxml') ? XML : 'vm2\n'),
    nft: RULESET,
  };
  const system = fakeSystem({ programs, files: { '/proc/net/netstat': NETSTAT } });
  const found = readFacts(system, MODEL, 'networkd', 'vm2');
  assert.equal(
    found.probes.map(({ address, link: by, refusal, answersNic }) => [
      address,
      by,
      refusal,
      answersNic,
    ]),
    [
      ['198.51.100.254', 'veth0', undefined, true],
      ['198.51.100.253', undefined, 'Invalid argument', undefined],
    ],
  );
  assert.equal(found.asked, { word: 'vm2', isKnown: true });
  assert.is(found.reversePathDrops, 0);
  assert.is(reversePathDrops(NETSTAT), 42);
  for (const line of system.record) {
    assert.match(
      line,
      /^(?:ip .*|ping -n -q -c \d .*|arping (?:-D|-b) -c 2 -w 2 -I \S+ \S+|tc -s -j qdisc show|virsh --readonly .* (?:list --name|dumpxml -- \S+)|nft -j list ruleset|ip6?tables-(?:legacy-)?save -c|resolvectl dns|systemctl show .*)$/,
    );
    assert.not.match(line, /^ip .*\b(?:add|del|delete|set|replace|flush|change)\b/);
  }
});

test('an entry that the kernel never asks about again is static, and one that it has learnt is not', () => {
  const of = (state: string, lladdr = '02:00:00:de:ad:01'): boolean | undefined => {
    const entry = { dst: '198.51.100.254', dev: 'veth0', lladdr };
    const programs: Record<string, Program> = {
      ip: '[]',
      'ip -j -d addr': JSON.stringify([
        { ifname: 'veth0', flags: ['UP'], mtu: 1500, ifindex: 3, address: '02:00:00:00:00:33' },
      ]),
      'ip -j neigh show nud all': JSON.stringify([{ ...entry, state: [state] }]),
      'ip -j route get 198.51.100.254': '[{"dst":"198.51.100.254","dev":"veth0"}]',
      ping: { status: 1 },
      arping: 'ARPING 198.51.100.254 from 0.0.0.0 veth0\nSent 2 probes\n',
    };
    const { probes } = readFacts(fakeSystem({ programs }), MODEL, 'networkd');
    return probes.find(({ address }) => address === entry.dst)?.isStatic;
  };
  assert.equal(
    ['PERMANENT', 'NOARP', 'STALE', 'FAILED'].map((state) => of(state)),
    [true, true, false, false],
  );
  // The kernel's own, on a link without ARP.
  assert.is(of('NOARP', '02:00:00:00:00:33'), false);
});

test('a leased address may be of another machine, too', () => {
  const model = modelOf('shims: {veth0: {parent: eth0, dhcp4: true}}');
  const of = (valid: number, answers: readonly string[]): readonly string[] => {
    const leased = { family: 'inet', local: '198.51.100.77', prefixlen: 24 };
    const lifetime = { valid_life_time: valid, ...(valid < 4294967295 && { dynamic: true }) };
    const programs: Record<string, Program> = {
      'ip -j -d addr': JSON.stringify([
        {
          ...{ ifname: 'veth0', flags: ['UP', 'LOWER_UP'], mtu: 1500, ifindex: 3 },
          addr_info: [{ ...leased, ...lifetime }],
        },
      ]),
      ip: '[]',
      ping: { status: 1 },
      arping: (words) =>
        answers.includes(words.at(-1) ?? '')
          ? 'ARPING\nUnicast reply from 198.51.100.77 [52:54:00:51:01:99]  0.6ms\n'
          : 'ARPING\nSent 2 probes\n',
    };
    const { conflicts } = readFacts(fakeSystem({ programs }), model, 'networkd');
    return [...conflicts].map((one) => one.join(' '));
  };
  assert.equal(of(3600, ['198.51.100.77']), ['198.51.100.77 52:54:00:51:01:99']);
  assert.equal(of(3600, []), []);
  // What somebody added by hand may be on several machines on purpose.
  assert.equal(of(4294967295, ['198.51.100.77']), []);
});

test('where pings cannot be sent, no target is called silent, and ping is listed as missing', () => {
  const of = (ping: Program | undefined, route: string): readonly unknown[] => {
    const programs: Record<string, Program> = {
      ip: '[]',
      'ip -j route get 198.51.100.254': route,
      arping: 'ARPING\nSent 2 probes\n',
      ...(ping !== undefined && { ping }),
    };
    const model = modelOf(
      'shims: {veth0: {parent: eth0, addresses: [198.51.100.50/24], routes: [{to: default, via: 198.51.100.254}]}}',
    );
    const { probes, missing } = readFacts(fakeSystem({ programs }), model, 'networkd');
    return [
      probes.map(({ address, isAnswered }) => [address, isAnswered]),
      missing.includes('ping'),
    ];
  };
  const right = '[{"dst":"198.51.100.254","dev":"veth0"}]';
  const wrong = '[{"dst":"198.51.100.254","dev":"tun0"}]';
  const refused = {
    status: 2,
    stderr: 'ping: socktype: SOCK_RAW\nping: socket: Operation not permitted\n',
  };
  assert.equal(of(undefined, right), [[], true]);
  assert.equal(of(refused, right), [[], true]);
  assert.equal(of(refused, wrong), [[['198.51.100.254', false]], true]);
  // Nobody answers, or a filter of this host keeps the request.
  assert.equal(of({ status: 1 }, right), [[['198.51.100.254', false]], false]);
  const filtered = { status: 1, stderr: 'ping: sendmsg: Operation not permitted\n' };
  assert.equal(of(filtered, right), [[['198.51.100.254', false]], false]);
});

test('one MAC on two NICs: asked by the other, the shim answers in one LAN, and not in two', () => {
  const mac = MODEL.shims[0]?.macaddress ?? '';
  const link = (ifname: string, more: object): object => ({
    ...{ ifname, flags: ['UP', 'LOWER_UP'], mtu: 1500, ...more },
  });
  const macvlan = (info_kind: string): object => ({
    linkinfo: { info_kind, info_data: { mode: 'bridge' } },
  });
  const of = (answer: string): readonly object[] => {
    const programs: Record<string, Program> = {
      'ip -j -d addr': JSON.stringify([
        link('eth0', { ifindex: 2 }),
        link('eth1', { ifindex: 3 }),
        link('veth0', { ifindex: 4, link: 'eth0', address: mac, ...macvlan('macvlan') }),
        link('macvtap9', { ifindex: 5, link: 'eth1', address: mac, ...macvlan('macvtap') }),
      ]),
      ip: '[]',
      ping: { status: 1 },
      arping: (words) => (words.includes('eth1') ? answer : 'ARPING\nSent 2 probes\n'),
    };
    return readFacts(fakeSystem({ programs }), MODEL, 'networkd').twins;
  };
  const heard = `ARPING 198.51.100.50\nUnicast reply from 198.51.100.50 [${mac.toUpperCase()}]  0.6ms\n`;
  assert.equal(of(heard), [{ shim: 'veth0', other: 'macvtap9' }]);
  assert.equal(of('ARPING 198.51.100.50\nSent 2 probes\n'), []);
  assert.equal(of(heard.replace(mac.toUpperCase(), '52:54:00:51:01:99')), []);
});

test('queues that dropped, and how full the table of neighbours is', () => {
  const text = JSON.stringify([
    { kind: 'noqueue', handle: '0:', dev: 'veth0', drops: 0 },
    { kind: 'ingress', handle: 'ffff:', dev: 'eth0', drops: 2 },
    { kind: 'tbf', handle: '8001:', dev: 'veth0' },
  ]);
  assert.equal(
    [...queueDrops(text)],
    [
      ['veth0 noqueue 0:', 0],
      ['eth0 ingress ffff:', 2],
    ],
  );
  const STAT = 'entries  allocs   destroys\n00000400 00010ddd 00011c0c\n00000400 0000 0000\n';
  const files = {
    '/proc/net/stat/arp_cache': STAT,
    '/proc/sys/net/ipv4/neigh/default/gc_thresh3': '1024\n',
  };
  assert.equal(neighbourTable(fakeSystem({ files })), { entries: 1024, limit: 1024 });
  assert.is(neighbourTable(fakeSystem()), undefined);
  for (const odd of ['', 'entries\n', 'entries\nzz\n', 'a b\n1 2\n']) {
    const system = fakeSystem({ files: { ...files, '/proc/net/stat/arp_cache': odd } });
    assert.is(neighbourTable(system), undefined, odd);
  }
});

test('without its programs less is known, and nothing fails', () => {
  const found = readFacts(fakeSystem(), MODEL, 'networkd', '198.51.100.198');
  assert.ok(found.missing.includes('nft'));
  assert.ok(found.probes.every(({ isAnswered }) => !isAnswered));
  assert.is(arpAnswer(fakeSystem(), 'eth0', '198.51.100.1'), undefined);
  // Not every arping knows -D.
  const other = fakeSystem({ programs: { arping: { status: 2, stderr: 'usage' } } });
  assert.is(arpAnswer(other, 'eth0', '198.51.100.1'), undefined);
});

test('hostile output is passed over, in bounded time', () => {
  const begin = processorMs();
  const long = 'a'.repeat(300_000);
  for (const text of ['', '{', '[]', 'null', '{"nftables":{}}', '['.repeat(200_000)]) {
    assert.ok((readNftables(text)?.chains ?? []).length === 0, text.slice(0, 9));
  }
  const odd = {
    nftables: [null, { rule: 3 }, { rule: { expr: [null, { drop: 1 }] } }, { chain: [] }],
  };
  assert.is(readNftables(JSON.stringify(odd))?.chains.length, 0);
  for (const text of [
    long,
    `:${long}`,
    `[1:1] -A ${long}`,
    '[1:1] -A INPUT -j',
    ' '.repeat(300_000),
  ]) {
    assert.equal(readIptables(text, 'iptables', 'ip').chains, []);
    assert.is(reversePathDrops(`TcpExt: ${text}\nTcpExt: ${text}`), 0);
  }
  for (const text of [
    long,
    '<interface '.repeat(20_000),
    `<interface ${"a='".repeat(50_000)}`,
    `<interface type='direct'><mac ${long}`,
    `<interface ${'<mac '.repeat(50_000)}`,
  ]) {
    assert.ok(readInterfaces('vm', text).length <= 500);
  }
  assert.ok(processorMs() - begin < 5000, `${processorMs() - begin} ms`);
});

test.run();
