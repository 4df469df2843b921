/** What others send to this host: who asks for its MAC, guests beside a side shim; and packets that are lost by their size. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { diagnose } from '../../src/doctor/diagnose.ts';
import type { Facts } from '../../src/doctor/facts.ts';
import { readIptables } from '../../src/doctor/rules/iptables.ts';
import { readNftables } from '../../src/doctor/rules/nftables.ts';
import type { Ruleset } from '../../src/doctor/rules/ruleset.ts';
import { address, healthy, modelOf, withLink } from '../status/hosts.ts';
import { CORE_RULES, facts, filter, GUEST_MAC, gateway, guestProbe } from './facts.ts';

const codes = (more: Partial<Facts>): string[] =>
  diagnose(facts({ filters: [], ...more })).map(({ code, certainty }) => `${certainty} ${code}`);

type Step = Readonly<Record<string, unknown>>;
const when = (left: unknown, right: unknown, op = '=='): Step => ({ match: { op, left, right } });
const payload = (protocol: string, field: string): unknown => ({ payload: { protocol, field } });
const WHERE = 'nftables, `table inet t`, chain `c`, handle 1';

/** One rule that drops. */
const nft = (hook: string, steps: readonly Step[], family = 'inet'): Ruleset =>
  readNftables(
    JSON.stringify({
      nftables: [
        { chain: { family, table: 't', name: 'c', type: 'filter', hook, prio: 0 } },
        { rule: { family, table: 't', chain: 'c', handle: 1, expr: [...steps, { drop: null }] } },
      ],
    }),
  ) ?? { chains: [] };

test('ARP for and from an address of the host, while everybody is known: seen by the rule, and by what it counted', () => {
  const arp = (hook: string, field: string, right: unknown, op = '=='): Ruleset =>
    nft(hook, [when(payload('arp', field), right, op)], 'arp');
  const may = ['likely firewall-may-drop'];
  assert.equal(codes({ ruleset: arp('input', 'daddr ip', '198.51.100.50') }), may);
  assert.equal(codes({ ruleset: arp('output', 'saddr ip', '198.51.100.50') }), may);
  assert.equal(codes({ ruleset: arp('input', 'operation', 'reply') }), may);
  assert.equal(codes({ ruleset: arp('output', 'operation', 'request') }), may);
  assert.equal(codes({ ruleset: arp('input', 'saddr ip', '198.51.100.254') }), may);
  assert.equal(codes({ ruleset: arp('input', 'saddr ether', GUEST_MAC) }), may);
  // Of others; and what nobody can judge.
  for (const other of [
    arp('input', 'daddr ip', '198.51.100.51'),
    arp('input', 'daddr ip', '198.51.100.50', '!='),
    arp('output', 'saddr ip', '198.51.100.50', '!='),
    arp('input', 'saddr ip', '198.51.100.66'),
    arp('input', 'htype', 6),
  ]) {
    assert.equal(codes({ ruleset: other }), []);
  }
  const where = WHERE.replace('inet', 'arp');
  const ruleset = arp('input', 'daddr ip', '198.51.100.50');
  const counted = [filter({ where, dropped: 3 })];
  assert.equal(codes({ ruleset, filters: counted }), ['likely firewall-drops']);
  const strange = arp('input', 'saddr ip', '198.51.100.66');
  assert.equal(codes({ ruleset: strange, filters: counted }), []);
});

test('ARP is dropped below the link: at the NIC, or in a bridge', () => {
  const arp = (hook: string, family: string, dev?: string): Ruleset => {
    const chain = { family, table: 't', name: 'c', type: 'filter', hook, prio: 0 };
    const steps = [when(payload('arp', 'operation'), 'request'), { drop: null }];
    return (
      readNftables(
        JSON.stringify({
          nftables: [
            { chain: { ...chain, ...(dev !== undefined && { dev }) } },
            { rule: { family, table: 't', chain: 'c', handle: 1, expr: steps } },
          ],
        }),
      ) ?? { chains: [] }
    );
  };
  const may = ['likely firewall-may-drop'];
  assert.equal(codes({ ruleset: arp('ingress', 'netdev', 'eth0') }), may);
  assert.equal(codes({ ruleset: arp('egress', 'netdev', 'eth0') }), may);
  assert.equal(codes({ ruleset: arp('ingress', 'netdev', 'eth7') }), []);
  assert.equal(codes({ ruleset: arp('input', 'bridge') }), []);
  const model = modelOf(
    'parents: {br0: {type: bridge, interfaces: [eth0]}}\nshims: {veth0: {parent: br0, addresses: [198.51.100.50/24]}}',
  );
  assert.equal(codes({ model, drift: [], ruleset: arp('input', 'bridge') }), may);
  assert.equal(codes({ model, drift: [], ruleset: arp('output', 'bridge') }), may);
  assert.equal(codes({ model, drift: [], ruleset: arp('forward', 'bridge') }), []);
});

test('a range of types of ICMPv6 has those in it', () => {
  const types = (low: unknown, high: unknown): Ruleset =>
    nft('input', [when(payload('icmpv6', 'type'), { range: [low, high] })]);
  assert.equal(codes({ ruleset: types('nd-router-solicit', 'nd-redirect') }), [
    'likely firewall-may-drop',
  ]);
  assert.equal(codes({ ruleset: types(136, 137) }), ['likely firewall-may-drop']);
  assert.equal(codes({ ruleset: types('nd-redirect', 'nd-redirect') }), []);
  assert.equal(codes({ ruleset: types('something', 'nd-redirect') }), []);
});

test('large packets are lost, small ones are not: by a rule for their length', () => {
  const lost = [gateway({ isLargeAnswered: false }), guestProbe()];
  const of = (ruleset: Ruleset, probes = lost): string | undefined => codes({ ruleset, probes })[0];
  const length = (op: string, right: unknown): Ruleset =>
    nft('prerouting', [when({ meta: { key: 'length' } }, right, op)]);
  assert.is(of(length('>', 1400)), 'likely firewall-may-drop');
  assert.is(of(length('>=', 1500)), 'likely firewall-may-drop');
  assert.is(of(length('==', { range: [1400, 1600] })), 'likely firewall-may-drop');
  assert.is(of(length('>', 1500)), 'certain path-mtu');
  assert.is(of(length('<', 1500)), 'certain path-mtu');
  // Nobody misses them.
  assert.is(of(length('>', 1400), [gateway()]), undefined);
  const counted = [filter({ where: WHERE, dropped: 3 })];
  assert.is(
    codes({ ruleset: length('>', 1400), probes: lost, filters: counted })[0],
    'likely firewall-drops',
  );
  const saved = (match: string): Ruleset =>
    readIptables(
      `*raw\n:PREROUTING ACCEPT [0:0]\n[0:0] -A PREROUTING ${match} -j DROP\n`,
      'iptables',
      'ip',
    );
  const dropped = (match: string): string | undefined =>
    codes({
      ruleset: saved(match),
      probes: lost,
      filters: [filter({ where: `iptables, \`-A PREROUTING ${match} -j DROP\``, dropped: 2 })],
    })[0];
  assert.is(dropped('-m length --length 1400:65535'), 'likely firewall-drops');
  assert.is(dropped('-m length ! --length 0:1400'), 'likely firewall-drops');
  assert.is(dropped('-m length --length 1501:65535'), 'certain path-mtu');
});

const SIDE = modelOf(
  'parents: {eth0: {addresses: [198.51.100.50/24]}}\nshims: {veth0: {parent: eth0, addresses: [198.51.100.51/32], routes: [{to: 198.51.100.192/27, scope: link}]}}',
);
const side = (own = '198.51.100.51/32'): Partial<Facts> => {
  const plain = withLink(healthy(SIDE), 'veth0', () => ({ addresses: [address(own)] }));
  const state = withLink(plain, 'eth0', () => ({ addresses: [address('198.51.100.50/24')] }));
  return { model: SIDE, drift: [], state: { ...state, rules: CORE_RULES } };
};

test('guests hear a side shim: a filter there keeps the address of the NIC from them', () => {
  const probes = [gateway({ link: 'eth0', expected: 'eth0' }), guestProbe()];
  const of = (ruleset: Ruleset): string[] => codes({ ...side(), probes, ruleset });
  const there = when(
    { fib: { result: 'type', flags: ['daddr', 'iif'] } },
    { set: ['local'] },
    '!=',
  );
  const at = when({ meta: { key: 'iifname' } }, 'veth0');
  const may = ['likely firewall-may-drop'];
  assert.equal(of(nft('prerouting', [at, there])), may);
  assert.equal(
    of(nft('prerouting', [at, when(payload('ip', 'daddr'), '198.51.100.51', '!=')])),
    may,
  );
  const saved = (rule: string): Ruleset =>
    readIptables(
      `*filter\n:INPUT ACCEPT [0:0]\n[0:0] -A INPUT ${rule} -j DROP\n`,
      'iptables',
      'ip',
    );
  assert.equal(of(saved('-i veth0 -m addrtype ! --dst-type LOCAL --limit-iface-in')), may);
  assert.equal(of(saved('-i veth0 ! -d 198.51.100.51/32')), may);
  const arp = (op: string): Ruleset =>
    nft('input', [at, when(payload('arp', 'daddr ip'), '198.51.100.51', op)], 'arp');
  assert.equal(of(arp('!=')), may);
  assert.equal(of(nft('input', [when(payload('arp', 'daddr ip'), '198.51.100.77')], 'arp')), []);
  // All pings that others start; all that is not the host's; by the NIC alone.
  assert.equal(of(saved('-p icmp -m icmp --icmp-type 8')), []);
  assert.equal(of(saved('-m addrtype ! --dst-type LOCAL')), []);
  assert.equal(of(saved('-i veth0')), []);
  assert.equal(of(nft('prerouting', [when({ meta: { key: 'iifname' } }, 'eth0'), there])), []);
});

test('of several addresses of a link, one that is kept from everybody', () => {
  const model = modelOf(
    'shims: {veth0: {parent: eth0, addresses: [198.51.100.50/24, 198.51.100.60/24]}}',
  );
  const own = ['198.51.100.50/24', '198.51.100.60/24'].map((one) => address(one));
  const state = {
    ...withLink(healthy(model), 'veth0', () => ({ addresses: own })),
    rules: CORE_RULES,
  };
  const of = (rule: string): string[] =>
    codes({
      ...{ model, state, drift: [] },
      ruleset: readIptables(`*filter\n:INPUT ACCEPT [0:0]\n${rule}\n`, 'iptables', 'ip'),
    });
  assert.equal(of('[0:0] -A INPUT -d 198.51.100.60/32 -j DROP'), ['likely firewall-may-drop']);
  const answers = '[0:0] -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\n';
  assert.equal(of(`${answers}[0:0] -A INPUT -d 198.51.100.60/32 -j DROP`), []);
  assert.equal(of('[0:0] -A INPUT -d 198.51.100.60/32 -p tcp -m tcp --dport 22 -j DROP'), []);
});

test.run();
