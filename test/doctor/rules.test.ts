/** What rules do to a packet: as nftables and iptables write it, and what cannot be judged. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readIptables } from '../../src/doctor/rules/iptables.ts';
import { readNftables } from '../../src/doctor/rules/nftables.ts';
import { readRuleset } from '../../src/doctor/rules/read.ts';
import type { Packet, Ruleset } from '../../src/doctor/rules/ruleset.ts';
import { takersOf } from '../../src/doctor/rules/walk.ts';
import { fakeSystem } from '../fake-system.ts';

/** The answer to an echo request, as the input hook sees it. */
const ANSWER: Packet = {
  hooks: ['prerouting', 'input'],
  ...{ family: 'ipv4', protocol: 'icmp', icmp: 'echo-reply', state: 'established' },
  ...{ in: 'veth0', source: '192.0.2.7', destination: '192.0.2.50' },
  sourceMac: '52:54:00:51:01:c6',
};

type Step = Readonly<Record<string, unknown>>;

const when = (left: unknown, right: unknown, op = '=='): Step => ({ match: { op, left, right } });
const meta = (key: string): unknown => ({ meta: { key } });
const payload = (protocol: string, field: string): unknown => ({ payload: { protocol, field } });

/** One chain at `input`, a rule a line. */
function nft(rules: readonly (readonly Step[])[], more: readonly unknown[] = []): Ruleset {
  const own = { family: 'inet', table: 't' };
  const text = JSON.stringify({
    nftables: [
      { chain: { ...own, name: 'c', type: 'filter', hook: 'input', prio: 0, policy: 'accept' } },
      ...rules.map((expr, index) => ({ rule: { ...own, chain: 'c', handle: index + 1, expr } })),
      ...more,
    ],
  });
  return readNftables(text) ?? { chains: [] };
}

/** `certain` or `possible`, and what takes it; empty: it passes. */
const fate = (ruleset: Ruleset, packet = ANSWER): string[] =>
  takersOf(ruleset, packet).map(
    ({ where, kind, isCertain }) =>
      `${isCertain ? 'certain' : 'possible'} ${kind} ${where.replace(/^.*(?:handle|chain) /, '')}`,
  );

const DROP: Step = { drop: null };

test('each condition of nftables that it knows, met and not met', () => {
  const cases: readonly (readonly [string, Step, 'met' | 'not' | 'unknown'])[] = [
    ['link', when(meta('iifname'), 'veth0'), 'met'],
    ['link by pattern', when(meta('iifname'), 'veth*'), 'met'],
    ['another link', when(meta('iif'), 'lo'), 'not'],
    ['not another link', when(meta('iifname'), 'lo', '!='), 'met'],
    ['address', when(payload('ip', 'saddr'), '192.0.2.7'), 'met'],
    ['subnet', when(payload('ip', 'saddr'), { prefix: { addr: '192.0.2.0', len: 24 } }), 'met'],
    ['range', when(payload('ip', 'saddr'), { range: ['192.0.2.5', '192.0.2.6'] }), 'not'],
    ['set', when(payload('ip', 'saddr'), { set: [{ range: ['192.0.2.1', '192.0.2.9'] }] }), 'met'],
    ['named set', when(payload('ip', 'saddr'), '@banned'), 'met'],
    ['a set that is not shown', when(payload('ip', 'saddr'), '@other'), 'unknown'],
    ['state', when({ ct: { key: 'state' } }, ['established', 'related'], 'in'), 'met'],
    ['another state', when({ ct: { key: 'state' } }, 'invalid', 'in'), 'not'],
    ['protocol', when(meta('l4proto'), { set: ['icmp', 'ipv6-icmp'] }), 'met'],
    ['type', when(payload('icmp', 'type'), 'echo-request'), 'not'],
    ['type of ICMPv6', when(payload('icmpv6', 'type'), 'echo-reply'), 'not'],
    ['port', when(payload('tcp', 'dport'), 22), 'not'],
    ['not a port', when(payload('tcp', 'dport'), 22, '!='), 'not'],
    ['family', when(meta('nfproto'), 'ipv6'), 'not'],
    ['ARP', when(payload('arp', 'operation'), 'request'), 'not'],
    ['MAC', when(payload('ether', 'saddr'), '52:54:00:51:01:c6'), 'met'],
    ['a mark', when(meta('mark'), 7), 'unknown'],
    ['the routing table', when({ fib: { result: 'oif' } }, false), 'unknown'],
    ['a limit', { limit: { rate: 5, per: 'second' } }, 'unknown'],
    ['a log', { log: null }, 'met'],
  ];
  const banned = {
    set: {
      ...{ family: 'inet', table: 't', name: 'banned' },
      elem: ['203.0.113.9', { elem: { val: '192.0.2.7', timeout: 9 } }],
    },
  };
  for (const [what, step, answer] of cases) {
    const expected = { met: ['certain drop 1'], not: [], unknown: ['possible drop 1'] }[answer];
    assert.equal(fate(nft([[step, DROP]], [banned])), expected, what);
  }
});

test('what comes before decides: accepted, jumped, returned, a map of verdicts', () => {
  const established = when({ ct: { key: 'state' } }, 'established', 'in');
  const odd = when(meta('mark'), 7);
  assert.equal(fate(nft([[established, { accept: null }], [DROP]])), []);
  assert.equal(fate(nft([[odd, { accept: null }], [DROP]])), ['possible drop 2']);
  const map = {
    vmap: {
      key: { ct: { key: 'state' } },
      data: {
        set: [
          ['invalid', { drop: null }],
          ['established', { accept: null }],
        ],
      },
    },
  };
  assert.equal(fate(nft([[map], [DROP]])), []);
  assert.equal(fate(nft([[map], [DROP]]), { ...ANSWER, state: 'invalid' }), ['certain drop 1']);
  const own = { family: 'inet', table: 't', chain: 'more' };
  const more = (expr: readonly Step[]): unknown[] => [
    { chain: { family: 'inet', table: 't', name: 'more' } },
    { rule: { ...own, handle: 8, expr } },
  ];
  const jump = { jump: { target: 'more' } };
  assert.equal(fate(nft([[jump], [{ accept: null }]], more([DROP]))), ['certain drop 8']);
  assert.equal(fate(nft([[jump], [DROP]], more([{ accept: null }]))), []);
  assert.equal(fate(nft([[jump], [DROP]], more([{ return: null }]))), ['certain drop 2']);
  assert.equal(fate(nft([[{ goto: { target: 'more' } }], [DROP]], more([]))), []);
  // A chain that jumps to itself, which no kernel takes, ends.
  assert.equal(fate(nft([[jump]], more([jump]))), []);
});

test('each base chain is asked, of its own hook, family and links', () => {
  const chain = (family: string, hook: string, more: Step = {}): unknown[] => {
    const own = { family, table: 'x' };
    return [
      { chain: { ...own, name: hook, type: 'filter', hook, prio: 0, policy: 'accept', ...more } },
      { rule: { ...own, chain: hook, handle: 7, expr: [DROP] } },
    ];
  };
  const asked = (all: readonly unknown[], packet: Packet): number =>
    takersOf(readNftables(JSON.stringify({ nftables: all })) ?? { chains: [] }, packet).length;
  const all = [chain('ip', 'input'), chain('ip6', 'input'), chain('arp', 'input')].flat();
  assert.is(asked(all, ANSWER), 1);
  assert.is(asked(all, { hooks: ['input'], family: 'arp' }), 1);
  assert.is(asked(chain('ip', 'forward'), ANSWER), 0);
  assert.is(asked(chain('bridge', 'input'), ANSWER), 0);
  assert.is(asked(chain('bridge', 'input'), { ...ANSWER, isBridged: true }), 1);
  const ingress: Packet = { hooks: ['ingress'], family: 'arp', in: 'veth0 eth0' };
  assert.is(asked(chain('netdev', 'ingress', { dev: 'eth0' }), ingress), 1);
  assert.is(asked(chain('netdev', 'ingress', { dev: ['eth7', 'eth8'] }), ingress), 0);
  const policy = { chain: { family: 'ip', table: 'p', name: 'i', hook: 'input', policy: 'drop' } };
  assert.is(asked([policy], ANSWER), 1);
});

const SAVED = `# Generated by iptables-save v1.8.11 (nf_tables) on Sat Nov 28 18:49:00 2026
*filter
:INPUT DROP [3:252]
:ufw-in - [0:0]
[9:1] -A INPUT -i lo -j ACCEPT
[9:1] -A INPUT -m comment --comment "a -j DROP in words" -j LOG --log-prefix "x y "
[9:1] -A INPUT -j ufw-in
COMMIT
*nat
:OUTPUT ACCEPT [0:0]
[0:0] -A OUTPUT -d 192.0.2.99/32 -j DNAT --to-destination 192.0.2.98:80
COMMIT
`;

test('packets by their type: as nftables and iptables write it', () => {
  const to = (packetType: string): Packet => ({ ...ANSWER, packetType });
  const drop = { drop: null };
  const rules = nft([[when(meta('pkttype'), { set: ['broadcast', 'multicast'] }), drop]]);
  const save = (type: string): Ruleset =>
    readIptables(
      `*filter\n:INPUT ACCEPT [0:0]\n[0:0] -A INPUT -m pkttype --pkt-type ${type} -j DROP\n`,
      'iptables',
      'ip',
    );
  assert.is(fate(rules, to('multicast')).length, 1);
  assert.is(fate(save('multicast'), to('multicast')).length, 1);
  assert.is(fate(save('unicast'), to('host')).length, 1);
  assert.is(fate(nft([[when(meta('pkttype'), 'unicast'), drop]]), to('host')).length, 1);
  assert.equal(fate(rules, to('host')), []);
  assert.equal(fate(save('broadcast'), to('host')), []);
});

test('iptables: policies with their counters, chains, negations, what modules ask', () => {
  const of = (...rules: readonly string[]): string[] => {
    const text = SAVED.replace('COMMIT', () =>
      [...rules.map((rule) => `[0:0] ${rule}`), 'COMMIT'].join('\n'),
    );
    return fate(readIptables(text, 'iptables', 'ip')).map((line) => line.replace(/`/g, ''));
  };
  const POLICY = 'certain drop INPUT, policy DROP';
  assert.equal(of(), [POLICY]);
  assert.equal(of('-A ufw-in -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'), []);
  assert.equal(of('-A ufw-in -p tcp -m tcp --dport 22 -j ACCEPT'), [POLICY]);
  assert.equal(of('-A ufw-in ! -i eth0 -p icmp -m icmp --icmp-type 0 -j ACCEPT'), []);
  assert.equal(of('-A ufw-in -i eth0 -j ACCEPT'), [POLICY]);
  assert.equal(of('-A ufw-in -s 192.0.2.0/24 -j RETURN', '-A ufw-in -j ACCEPT'), [POLICY]);
  assert.equal(of('-A ufw-in -m set --match-set x src -j ACCEPT'), [
    'possible drop INPUT, policy DROP',
  ]);
  assert.equal(
    of('-A ufw-in -s 192.0.2.7/32 -j REJECT').map((line) => line.slice(0, 12)),
    ['certain drop'],
  );
  const out: Packet = { hooks: ['output'], family: 'ipv4', destination: '192.0.2.99' };
  const [taken] = takersOf(readIptables(SAVED, 'iptables', 'ip'), out);
  assert.equal([taken?.kind, taken?.address], ['destination', '192.0.2.98']);
});

test('rules that nftables and iptables both show are read once', () => {
  const chain = { family: 'ip', table: 'filter', name: 'INPUT' };
  const shown = JSON.stringify({
    nftables: [
      { chain: { ...chain, type: 'filter', hook: 'input', prio: 0, policy: 'drop' } },
      { chain: { ...chain, table: 'other', type: 'filter', hook: 'input', policy: 'drop' } },
    ],
  });
  const wheres = (programs: Record<string, string>): string[] =>
    takersOf(readRuleset(fakeSystem({ programs }), []), ANSWER).map(({ where }) => where);
  assert.equal(wheres({ nft: shown, 'iptables-save': SAVED }), [
    'nftables, `table ip other`, chain `INPUT`, policy drop',
    'iptables, chain `INPUT`, policy DROP',
  ]);
  // Without iptables, nftables' word is all there is; what iptables put there it shows as `xt`.
  assert.is(wheres({ nft: shown }).length, 2);
  const target = [{ xt: { type: 'target', name: 'REJECT' } }];
  assert.equal(fate(nft([target])), ['certain drop 1']);
});

test('long rulesets and hostile ones end soon', () => {
  const begin = performance.now();
  const jump = (name: string): string => `[0:0] -A ${name} -j`;
  // Each chain jumps twice to the next: 2^40 paths.
  const names = Array.from({ length: 40 }, (_, index) => `c${index}`);
  const text = [
    '*filter',
    ':INPUT ACCEPT [0:0]',
    ...names.map((name) => `:${name} - [0:0]`),
    `${jump('INPUT')} c0`,
    ...names.flatMap((name, index) => {
      const line = `${jump(name)} c${index + 1}`;
      return [line, line];
    }),
  ].join('\n');
  assert.equal(fate(readIptables(text, 'iptables', 'ip')), []);
  const deep = '{"set":['.repeat(5000);
  readNftables(`{"nftables":[{"set":${deep}`);
  assert.ok(performance.now() - begin < 3000, `${performance.now() - begin} ms`);
});

test.run();
