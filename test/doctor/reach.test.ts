/** Where answers of each own address leave, and what comes in for it: asked of the kernel, and judged. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { diagnose } from '../../src/doctor/diagnose.ts';
import type { Facts, Lookup, Reach } from '../../src/doctor/facts.ts';
import { readReach } from '../../src/doctor/reach.ts';
import { fakeSystem } from '../fake-system.ts';
import { address, link, modelOf, withLink } from '../status/hosts.ts';
import { facts, gateway, guestProbe, silent } from './facts.ts';

const plain = facts().state;
const codes = (more: Partial<Facts>): string[] =>
  diagnose(facts(more)).map(({ code, certainty }) => `${certainty} ${code}`);

const reach = (
  answer: Lookup,
  request: Lookup = { link: 'lo' },
  more: Partial<Reach> = {},
): Reach => ({
  ...{ own: '198.51.100.50', ownLink: 'veth0', peer: '198.51.100.198', who: 'the guest' },
  ...{ expected: 'veth0', by: 'veth0', isChosenByIntent: false, answer, request },
  ...more,
});

test('answers leave by the link that leads there, and directly', () => {
  const of = (answer: Lookup, more: Partial<Reach> = {}): string[] =>
    codes({ reach: [reach(answer, { link: 'lo' }, more)] });
  const wrong = ['certain route-elsewhere'];
  assert.equal(of({ link: 'veth0' }), []);
  assert.equal(of({}), []);
  assert.equal(of({ link: 'tun0' }), wrong);
  assert.equal(of({ refusal: 'No route to host' }), wrong);
  assert.equal(of({ link: 'veth0', via: '198.51.100.254' }), wrong);
  // A gateway by way of itself (`onlink`), a rule of the intent, who is outside of the subnet.
  assert.equal(of({ link: 'veth0', via: '198.51.100.254' }, { peer: '198.51.100.254' }), []);
  assert.equal(of({ link: 'veth0', via: '198.51.100.254' }, { isChosenByIntent: true }), []);
  assert.equal(of({ link: 'veth0', via: '198.51.100.254' }, { peer: '203.0.113.7' }), []);
  // What the host starts goes astray, too: that is named once.
  const astray = codes({
    reach: [reach({ link: 'tun0' })],
    probes: [gateway(), silent(guestProbe({ link: 'tun0' }))],
  });
  assert.is(astray.filter((one) => one.includes('route-elsewhere')).length, 1);
});

test('what comes in is taken: not forwarded, not refused by a rule or by the return path filter', () => {
  const strict = (value: string): Facts['state'] => ({
    ...plain,
    sysctls: new Map([...plain.sysctls, ['net/ipv4/conf/veth0/rp_filter', value]]),
  });
  const of = (request: Lookup, value = '0'): string[] =>
    diagnose(
      facts({ drift: [], state: strict(value), reach: [reach({ link: 'veth0' }, request)] }),
    ).map(({ code }) => code);
  assert.equal(of({ link: 'lo' }, '1'), []);
  assert.equal(of({ link: 'wg0' }), ['route-elsewhere']);
  assert.equal(of({ refusal: 'Permission denied' }), ['route-elsewhere']);
  for (const refusal of ['Invalid argument', 'Invalid cross-device link']) {
    assert.equal(of({ refusal }, '1'), ['rp-filter-drops']);
    assert.equal(of({ refusal }, '2'), []);
    assert.equal(of({ refusal }), []);
  }
});

test('the NIC takes what the return path filter drops at the side shim, unless it does not answer for that address', () => {
  const of = (ignore: string, onNic: string): string[] => {
    const state = withLink(plain, 'eth0', () => ({ addresses: [address(onNic)] }));
    const sysctls = new Map([
      ...state.sysctls,
      ['net/ipv4/conf/veth0/rp_filter', '1'] as const,
      ['net/ipv4/conf/eth0/arp_ignore', ignore] as const,
    ]);
    const request = { refusal: 'Invalid argument' };
    const side = reach({ link: 'eth0' }, request, { expected: 'eth0', own: '198.51.100.51' });
    return codes({ drift: [], state: { ...state, sysctls }, reach: [side] });
  };
  assert.equal(of('1', '198.51.100.50/24'), ['likely rp-filter-drops']);
  assert.equal(of('0', '198.51.100.50/24'), []);
  assert.equal(of('1', '198.51.100.51/24'), []);
});

const SIDE = modelOf(
  'parents: {eth0: {addresses: [198.51.100.50/24]}}\nshims: {mac0: {parent: eth0, addresses: [198.51.100.51/32], routes: [{to: 198.51.100.192/27, scope: link}, {to: 198.18.0.0/24, scope: link, table: 100}]}}',
);

test('who is asked about: each own address with the gateway, the LAN and guests, by the link that they are heard by', () => {
  const asked: string[] = [];
  const system = fakeSystem({
    programs: {
      ip: (words) => {
        asked.push(words.slice(3).join(' '));
        return words.includes('iif')
          ? { status: 2, stderr: 'RTNETLINK answers: Invalid argument\n' }
          : '[{"dev":"eth0","gateway":"198.51.100.254"}]';
      },
    },
  });
  const links = [
    link('eth0', { addresses: [address('198.51.100.50/24')] }),
    link('mac0', { kind: 'macvlan', parent: 'eth0', addresses: [address('198.51.100.51/32')] }),
  ];
  const probes = [gateway({ expected: 'eth0', link: 'eth0' })];
  const found = readReach(system, SIDE, { ...plain, links }, probes);
  assert.equal(
    found.map(({ own, peer, expected, by }) => `${own} ${peer} ${expected} ${by}`),
    [
      '198.51.100.50 198.51.100.254 eth0 eth0',
      '198.51.100.51 198.51.100.254 eth0 mac0',
      '198.51.100.50 198.51.100.126 eth0 eth0',
      '198.51.100.51 198.51.100.126 eth0 mac0',
      '198.51.100.50 198.51.100.206 mac0 mac0',
      '198.51.100.51 198.51.100.206 mac0 mac0',
    ],
  );
  assert.ok(asked.includes('198.51.100.126'), 'whether the LAN is there at all');
  assert.equal(found[0]?.answer, { link: 'eth0', via: '198.51.100.254' });
  assert.equal(found[0]?.request, { refusal: 'Invalid argument' });
  assert.ok(asked.includes('198.51.100.50 from 198.51.100.254 iif eth0'));
  // That part of the subnet is elsewhere for everybody.
  const apart = fakeSystem({ programs: { ip: '[{"dev":"docker0"}]' } });
  assert.not.ok(
    readReach(apart, SIDE, { ...plain, links }, probes).some(({ peer }) => peer.endsWith('.126')),
  );
  // An address that is not of the intent may be of a tunnel, with rules of its own; a link that is down has none.
  const other = links.map((one) => ({ ...one, addresses: [address('203.0.113.5/24')] }));
  assert.equal(readReach(system, SIDE, { ...plain, links: other }, probes), []);
  const down = links.map((one) => ({ ...one, hasCarrier: false }));
  assert.equal(readReach(system, SIDE, { ...plain, links: down }, probes), []);
});

test.run();
