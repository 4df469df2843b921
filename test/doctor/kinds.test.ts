/** Causes of routes, bridges, IPsec and parameters of the kernel: each with what looks like it and is not. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { diagnose } from '../../src/doctor/diagnose.ts';
import type { Facts, IpsecPolicy } from '../../src/doctor/facts.ts';
import { readPolicies } from '../../src/doctor/ipsec.ts';
import { readIptables } from '../../src/doctor/rules/iptables.ts';
import { readNftables } from '../../src/doctor/rules/nftables.ts';
import type { KernelRoute } from '../../src/kernel/types.ts';
import { address, INTENT, link, modelOf, withLink } from '../status/hosts.ts';
import { chain, facts, GUEST_MAC, gateway, guestProbe, silent } from './facts.ts';

const codes = (more: Partial<Facts>): string[] =>
  diagnose(facts(more)).map(({ code, certainty }) => `${certainty} ${code}`);

const plain = facts().state;
const deaf = [silent(gateway())];
const mute = [gateway({ isAnswered: false })];
const sysctl = (path: string, value: string): Facts['state'] => ({
  ...plain,
  sysctls: new Map([...plain.sysctls, [path, value]]),
});

/** A name → all that is named, the first one first, and the facts. */
type Known = Readonly<Record<string, readonly [readonly string[], Partial<Facts>]>>;

const check = (known: Known): void => {
  for (const [name, [expected, more]] of Object.entries(known)) {
    assert.equal(codes(more), expected, name);
  }
};

const route = (more: Partial<KernelRoute>): Facts['state'] => ({
  ...plain,
  routes: [
    ...plain.routes,
    {
      ...{ family: 'ipv4', type: 'unicast', to: '0.0.0.0/0', metric: 0, table: 254, protocol: 3 },
      ...more,
    },
  ],
});

test('default routes beside that of the intent', () => {
  check({
    'another gateway of the LAN': [
      ['certain route-missing', 'certain route-elsewhere'],
      { state: route({ via: '198.51.100.253', link: 'veth0' }) },
    ],
    'one that is not preferred': [
      [],
      { state: route({ via: '198.51.100.253', link: 'veth0', metric: 500 }) },
    ],
    'a modem': [
      ['possible route-elsewhere'],
      { state: route({ via: '203.0.113.1', link: 'ppp0' }) },
    ],
    'a tunnel without a gateway': [[], { state: route({ link: 'tun0' }) }],
    'in a table of its own': [
      [],
      { state: route({ via: '203.0.113.1', link: 'ppp0', table: 52 }) },
    ],
  });
});

test('a default route by a link with `managed: false` is not called one outside of the intent', () => {
  const model = modelOf(INTENT.replace('parents:', 'parents:\n  eth9: {managed: false}'));
  const via = route({ via: '203.0.113.1', link: 'eth9' });
  const state = { ...via, links: [...via.links, link('eth9', { mac: '52:54:00:51:01:09' })] };
  const found = diagnose(facts({ model, state }));
  assert.equal(
    found.map(({ message }) => message),
    [
      'What is not for the LAN leaves by `eth9`, which has `managed: false` in the intent: the kernel prefers `default via 203.0.113.1 dev eth9 metric 0`.',
    ],
  );
});

test('rules, marks and source addresses', () => {
  const marks = chain('output', { verdict: { kind: 'mark', mark: 1 } });
  const marked = gateway({ isAnswered: false, marked: [{ mark: 1, leaves: 'lo' }] });
  check({
    'no rule for main': [
      ['certain rule-missing'],
      {
        state: {
          ...plain,
          rules: plain.rules.filter((one) => one.family === 'ipv6' || one.table !== 254),
        },
      },
    ],
    'own address elsewhere': [
      ['certain route-elsewhere', 'likely target-firewall'],
      { notDelivered: new Map([['198.51.100.50', 'veth0']]), probes: mute },
    ],
    'a mark that a rule chooses': [
      ['likely route-elsewhere', 'likely target-firewall'],
      { probes: [marked], ruleset: marks },
    ],
    'nobody sets it': [['likely target-firewall'], { probes: [marked] }],
    'it leads to the same link': [
      ['likely target-firewall'],
      {
        probes: [gateway({ isAnswered: false, marked: [{ mark: 1, leaves: 'veth0' }] })],
        ruleset: marks,
      },
    ],
    'the source is elsewhere': [
      ['likely source-address-differs', 'likely target-firewall'],
      { probes: [gateway({ isAnswered: false, source: '198.51.100.99' })] },
    ],
    'it is on the link': [
      ['likely target-firewall'],
      { probes: [gateway({ isAnswered: false, source: '198.51.100.50' })] },
    ],
    'elsewhere, and answered': [[], { probes: [gateway({ source: '198.51.100.99' })] }],
  });
});

test('a guest outside of all subnets: those that the host has by DHCP are named', () => {
  const model = modelOf('shims: {veth0: {parent: eth0, dhcp4: true}}');
  const { expected: _, ...probe } = silent(guestProbe({ address: '203.0.113.7' }));
  const messageOf = (addresses: readonly string[]): string | undefined => {
    const own = addresses.map((text) => address(text));
    const state = { ...withLink(plain, 'veth0', () => ({ addresses: own })), routes: [] };
    const causes = diagnose(facts({ model, state, drift: [], probes: [probe] }));
    return causes.find(({ code }) => code === 'guest-outside-routes')?.message;
  };
  const start = 'The guest 203.0.113.7 is in the subnet of no link of the intent';
  assert.is(messageOf(['198.51.100.77/24', 'fe80::1/64']), `${start} (198.51.100.77/24).`);
  assert.is(messageOf([]), `${start}.`);
});

const policy = (more: Partial<IpsecPolicy>): IpsecPolicy => ({
  ...{ direction: 'out', source: '0.0.0.0/0', destination: '0.0.0.0/0' },
  ...{ isBlocking: false, isEncrypting: true, priority: 2000 },
  ...more,
});

test('policies of IPsec', () => {
  const probes = [gateway({ isAnswered: false, source: '198.51.100.50' })];
  const lost = new Map([['XfrmOutNoStates', 3]]);
  const bypass = policy({ destination: '198.51.100.0/24', isEncrypting: false, priority: 1000 });
  check({
    'for all addresses': [
      ['likely ipsec-drops', 'likely target-firewall'],
      { probes, ipsec: { policies: [policy({})], lost } },
    ],
    'where nobody counts': [
      ['possible ipsec-drops', 'likely target-firewall'],
      { probes, ipsec: { policies: [policy({})] } },
    ],
    'where nothing was lost': [
      ['likely target-firewall'],
      { probes, ipsec: { policies: [policy({})], lost: new Map() } },
    ],
    'with an exception for the LAN': [
      ['likely target-firewall'],
      { probes, ipsec: { policies: [policy({}), bypass], lost } },
    ],
    'for another site': [
      ['likely target-firewall'],
      { probes, ipsec: { policies: [policy({ destination: '10.9.0.0/16' })], lost } },
    ],
  });
  assert.equal(
    readPolicies(
      'src 10.0.0.0/8 dst ::/0 \n\tdir in action block priority 7 ptype main \nsrc 0.0.0.0/0 dst 192.0.2.0/24 \n\tdir out priority 0 ptype main \n\ttmpl src 0.0.0.0 dst 0.0.0.0\n\t\tproto esp reqid 1 mode tunnel\nsrc ::/0 dst ::/0 \n\tsocket in priority 0 \n\tdir fwd priority 3\n' +
        // `level use`: what has no association passes as it is (ip-xfrm(8)).
        'src 0.0.0.0/0 dst 192.0.2.1/32 \n\tdir out priority 1 ptype main \n\ttmpl src 0.0.0.0 dst 0.0.0.0\n\t\tproto esp reqid 1 mode transport\n\t\tlevel use \n' +
        'src 0.0.0.0/0 dst 192.0.2.2/32 \n\tdir out priority 2 ptype main \n\ttmpl src 0.0.0.0 dst 0.0.0.0\n\t\tproto comp reqid 1 mode tunnel\n\t\tlevel use \n\ttmpl src 0.0.0.0 dst 0.0.0.0\n\t\tproto esp reqid 1 mode transport\n',
    ).map((one) => [
      one.direction,
      one.destination,
      one.isBlocking,
      one.isEncrypting,
      one.priority,
    ]),
    [
      ['in', '::/0', true, false, 7],
      ['out', '192.0.2.0/24', false, true, 0],
      ['out', '192.0.2.1/32', false, false, 1],
      ['out', '192.0.2.2/32', false, true, 2],
    ],
  );
});

const BRIDGED = modelOf(
  'parents: {br0: {type: bridge, interfaces: [eth0]}}\nshims: {veth0: {parent: br0, addresses: [198.51.100.50/24]}}',
);
const bridged = (more: Partial<Facts['state']['links'][number]>): Partial<Facts> => ({
  model: BRIDGED,
  drift: [],
  state: {
    ...plain,
    links: [link('eth0', { master: 'br0', ...more }), link('br0', { kind: 'bridge' })],
  },
});

test('ports and entries of a bridge', () => {
  const entry = { bridge: 'br0', port: 'eth9', mac: '52:54:00:51:01:fe' };
  check({
    'only what it has learnt': [
      ['likely bridge-port-blocked', 'likely target-firewall'],
      { ...bridged({ hasNoFlood: true }), probes: mute },
    ],
    'only what it has learnt, and ARP is lost': [
      ['possible gateway-silent'],
      { ...bridged({ hasNoFlood: true }), probes: deaf },
    ],
    'an entry for the gateway': [
      ['likely bridge-entry-static', 'likely target-firewall'],
      { ...bridged({}), entries: [entry], probes: mute },
    ],
    'an entry at the right port': [
      ['likely target-firewall'],
      { ...bridged({}), entries: [{ ...entry, port: 'eth0' }], probes: mute },
    ],
  });
});

test('parameters of the kernel', () => {
  const both = sysctl('net/ipv4/conf/eth0/proxy_arp', '1');
  const forwarding = new Map([...both.sysctls, ['net/ipv4/conf/eth0/forwarding', '1'] as const]);
  check({
    'the NIC answers for others': [
      ['certain proxy-arp'],
      { state: { ...both, sysctls: forwarding } },
    ],
    'without forwarding it does not': [[], { state: both }],
    'no ARP requests': [
      ['certain arp-not-sent', 'possible gateway-silent'],
      { settings: new Map([['net/ipv4/neigh/veth0/mcast_solicit', '0']]), probes: deaf },
    ],
    'no ARP is answered': [
      ['certain arp-ignored'],
      { state: sysctl('net/ipv4/conf/veth0/arp_ignore', '8') },
    ],
    'ARP is answered for all but addresses of the host alone': [
      [],
      { state: sysctl('net/ipv4/conf/veth0/arp_ignore', '3') },
    ],
    'no pings are answered': [
      ['certain echo-ignored'],
      { settings: new Map([['net/ipv4/icmp_echo_ignore_all', '1']]) },
    ],
    'part of the advertisements': [
      ['certain advertisements-ignored'],
      {
        model: modelOf('shims: {veth0: {parent: eth0, accept-ra: true}}'),
        drift: [],
        state: { ...plain, manager: { id: 'ifupdown', links: new Map() } },
        settings: new Map([['net/ipv6/conf/veth0/accept_ra_defrtr', '0']]),
      },
    ],
    'a login is missing': [
      ['certain link-dormant'],
      { state: withLink(plain, 'eth0', () => ({ isDormant: true })) },
    ],
  });
  const v6 = modelOf('shims: {veth0: {parent: eth0, addresses: ["2001:db8:51::50/64"]}}');
  const small = withLink(plain, 'veth0', () => ({ mtu: 1000 }));
  assert.equal(codes({ model: v6, drift: [], state: small })[0], 'certain mtu-drift');
  const enough = withLink(plain, 'veth0', () => ({ mtu: 1280 }));
  assert.equal(codes({ model: v6, drift: [], state: enough }), []);
  const noQueue = {
    ...plain,
    links: plain.links.map((one) => ({ ...one, broadcastQueueLength: 0 })),
  };
  assert.ok(codes({ state: noQueue }).includes('certain broadcasts-dropped'));
  const oneHas = withLink(noQueue, 'macvtap0', () => ({ broadcastQueueLength: 1000 }));
  assert.not.ok(codes({ state: oneHas }).includes('certain broadcasts-dropped'));
});

test("a guest of another subnet, and rules at a guest's device", () => {
  const { expected: _, ...elsewhere } = guestProbe({ address: '203.0.113.9', isAnswered: false });
  assert.equal(
    codes({ probes: [gateway(), { ...elsewhere, via: '198.51.100.254' }] })[0],
    'likely guest-outside-routes',
  );
  assert.equal(codes({ probes: [silent(gateway()), elsewhere] })[0], 'possible gateway-silent');
  const atDevice = chain('ingress', {}, { family: 'netdev', devices: ['macvtap0'] });
  const probes = [gateway(), guestProbe({ isAnswered: false, mac: GUEST_MAC })];
  assert.equal(codes({ ruleset: atDevice, probes })[0], 'likely firewall-may-drop');
  // Packets to the gateway do not pass it.
  assert.equal(codes({ ruleset: atDevice, probes: mute })[0], 'likely target-firewall');
});

test('a link that its daemon does not manage, and a gateway that answers for the guest', () => {
  const down = withLink(plain, 'eth0', () => ({ isUp: false, hasCarrier: false }));
  const managed = (verdict: 'unmanaged' | 'working'): Facts['state'] => ({
    ...down,
    manager: {
      id: 'networkmanager',
      links: new Map([['eth0', { state: '10 (unmanaged)', verdict, nameservers: [] }]]),
    },
  });
  assert.equal(codes({ state: managed('unmanaged') })[0], 'certain daemon-state');
  assert.equal(codes({ state: managed('working') })[0], 'certain link-down');
  const same = guestProbe({ address: '2001:db8::198', mac: '52:54:00:51:01:fe', macs: [] });
  assert.equal(codes({ probes: [gateway(), same] }), ['likely address-conflict']);
  // A machine of the LAN that was asked about, and no guest is here.
  assert.equal(codes({ probes: [gateway(), same], guests: [] }), []);
});

const IPTABLES =
  '*filter\n:INPUT ACCEPT [0:0]\n[4:252] -A INPUT -j NFQUEUE --queue-num 4\n[4:252] -A INPUT -j NFQUEUE --queue-balance 0:3 --queue-bypass\nCOMMIT\n*mangle\n:OUTPUT ACCEPT [0:0]\n[1:1] -A OUTPUT -j MARK --set-xmark 0x10/0xffffffff\n[1:1] -A OUTPUT -j MARK --set-xmark 0x1/0xff\nCOMMIT\n*nat\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n[0:0] -A OUTPUT -d 192.0.2.0/24 -j NETMAP --to 10.8.0.0/24\n[0:0] -A POSTROUTING -j NETMAP --to 10.9.0.0/24\nCOMMIT\n';

test('queues of programs, marks and maps of networks, as iptables and nftables write them', () => {
  const verdicts = (listening: ReadonlySet<number>): unknown[] =>
    readIptables(IPTABLES, 'iptables', 'ip', listening).chains.flatMap(({ rules }) =>
      rules.map(({ verdict }) => verdict),
    );
  assert.equal(verdicts(new Set()), [
    { kind: 'drop', why: 'no program reads the queue 4' },
    { kind: 'accept' },
    { kind: 'mark', mark: 16 },
    { kind: 'mark' },
    { kind: 'destination', address: '10.8.0.0/24' },
    { kind: 'source', address: '10.9.0.0/24' },
  ]);
  assert.equal(verdicts(new Set([4]))[0], { kind: 'accept' });
  const own = { family: 'ip', table: 't' };
  const rule = (expr: unknown): unknown => ({ rule: { ...own, chain: 'c', handle: 1, expr } });
  const text = JSON.stringify({
    nftables: [
      { chain: { ...own, name: 'c', type: 'filter', hook: 'input', prio: 0 } },
      {
        map: {
          ...{ ...own, name: 'm', type: 'ipv4_addr', map: 'verdict' },
          elem: [['192.0.2.7', { drop: null }]],
        },
      },
      rule([{ queue: { num: { range: [0, 3] }, flags: ['bypass'] } }]),
      rule([{ queue: { num: 7 } }]),
      rule([{ fwd: { dev: 'ifb9' } }]),
      rule([{ mangle: { key: { meta: { key: 'mark' } }, value: 1 } }]),
      rule([{ vmap: { key: { payload: { protocol: 'ip', field: 'daddr' } }, data: '@m' } }]),
    ],
  });
  const rules = readNftables(text, new Set())?.chains[0]?.rules ?? [];
  assert.equal(
    rules.map(({ verdict }) => verdict.kind),
    ['accept', 'drop', 'drop', 'mark', 'drop'],
  );
  assert.match(rules[2]?.where ?? '', /it sends them to ifb9/);
  assert.equal(rules[4]?.matches.at(-1), {
    ...{ field: 'destination', values: ['192.0.2.7'], isNegated: false },
  });
});

test.run();
