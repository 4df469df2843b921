/**
 * Who reaches whom, against what the lab's judge expects of the kernel. That one is written apart,
 * and compared with real pings in every trial of tier 1; it puts a guest on a macvlan in bridge
 * mode on each parent, on a LAN whose switch reflects nothing.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { hostReach, reachOf, type Verdict } from '../../src/draw/reach.ts';
import type { Guest, Model } from '../../src/model/types.ts';
import { caseNames, intentOf } from '../golden/cases.ts';
import { expect } from '../lab/judge/expected.ts';
import { planLab, type Segment } from '../lab/network/plan.ts';

type Mode = Guest['mode'];

const guestOn = (model: Model, name: string, mode: Mode = 'bridge'): Model => {
  const parent = model.parents.find((link) => link.name === name);
  if (!parent) throw new Error(`no parent ${name}`);
  const guest = { name: 'station', parent, mode, model: 'virtio', trustGuestRxFilters: true };
  return { ...model, guests: [{ ...guest, origin: [] }] };
};

/**
 * The lab's LANs; none for VLANs and bonds, which its kernel does not have, nor for parents that
 * others configure.
 */
const planned = (model: Model): Segment[] =>
  model.unmanaged.length > 0 || model.parents.some(({ kind }) => kind === 'vlan' || kind === 'bond')
    ? []
    : planLab(model);

test('host and guest: as the lab pings them, in every golden case', () => {
  let pairs = 0;
  for (const name of caseNames()) {
    const { model } = compile(intentOf(name), { file: name, backends: [] });
    if (!model) continue;
    const segments = planned(model);
    if (segments.length === 0) continue;
    const { pings } = expect(model, segments);
    for (const segment of segments) {
      if (!segment.guest || !model.parents.some((link) => link.name === segment.parent)) continue;
      const addresses = segment.subnets.map(({ guest }) => guest);
      const answered = pings.filter(
        ({ from, to, address }) => from === 'host' && to === 'guest' && addresses.includes(address),
      );
      if (answered.length === 0) continue;
      const is = hostReach(guestOn(model, segment.parent), 'station') === 'yes';
      assert.is(
        is,
        answered.some((ping) => ping.answered),
        `${name}: ${segment.parent}`,
      );
      pairs += 1;
    }
  }
  assert.ok(pairs > 40, `${pairs} pairs`);
});

test('host and LAN: as the lab pings the router', () => {
  let pairs = 0;
  for (const name of caseNames()) {
    const { model } = compile(intentOf(name), { file: name, backends: [] });
    const segments = model ? planned(model) : [];
    if (!model || segments.length !== 1) continue;
    const answered = expect(model, segments).pings.filter(
      ({ from, to }) => from === 'host' && to === 'router',
    );
    const [lan] = reachOf(model).filter(({ from, to }) => from === 'the host' && to === 'LAN');
    if (answered.length === 0 || !lan) continue;
    if (lan.verdict === 'depends') continue;
    assert.is(
      lan.verdict === 'yes',
      answered.some((ping) => ping.answered),
      name,
    );
    pairs += 1;
  }
  assert.ok(pairs > 40, `${pairs} pairs`);
});

/** Two guests on one parent, by their modes (drivers/net/macvlan.c; ip-link(8), macvlan). */
const MODES: readonly (readonly [Mode, Mode, Verdict])[] = [
  ['bridge', 'bridge', 'yes'],
  ['bridge', 'private', 'no'],
  ['bridge', 'vepa', 'depends'],
  ['private', 'private', 'no'],
  ['private', 'vepa', 'no'],
  ['vepa', 'vepa', 'depends'],
];

test('guests on one parent, by their modes', () => {
  const { model } = compile(intentOf('original'), { file: 'x', backends: [] });
  if (!model) throw new Error('no model');
  for (const [a, b, verdict] of MODES) {
    const { guests } = guestOn(model, 'eth0', a);
    const other = guestOn(model, 'eth0', b).guests.map((guest) => ({ ...guest, name: 'other' }));
    const line = reachOf({ ...model, guests: [...guests, ...other] }).find(
      ({ from, to }) => from === 'station' && to === 'other',
    );
    assert.is(line?.verdict, verdict, `${a}, ${b}`);
  }
});

test('a NIC with an address of its own does not reach the guests on it; a side shim does, in its range', () => {
  const intent = `version: 1
host: kvm1
parents: {eth0: {addresses: [198.51.100.50/24]}}
guests: {vm1: {parent: eth0}}
`;
  const { model } = compile(intent, { file: 'x', backends: [] });
  if (!model) throw new Error('no model');
  assert.is(hostReach(model, 'vm1'), 'no');
  const shims = `shims:
  veth0: {parent: eth0, addresses: [198.51.100.50/32], routes: [{to: 198.51.100.192/27, scope: link}]}
`;
  const side = compile(intent + shims, { file: 'x', backends: [] }).model;
  if (!side) throw new Error('no model');
  const line = reachOf(side).find(({ to }) => to === 'vm1');
  assert.is(line?.verdict, 'yes');
  assert.match(line?.reason ?? '', /198\.51\.100\.192\/27/);
});

test('a NIC that a guest has for itself leads nowhere for the host, whatever its addresses', () => {
  const { model } = compile(intentOf('normal-setup'), { file: 'x', backends: [] });
  if (!model) throw new Error('no model');
  const lineOf = (mode: Mode): string | undefined =>
    reachOf(guestOn(model, 'eth0', mode)).find(
      ({ from, to }) => from === 'the host' && to === 'LAN',
    )?.verdict;
  assert.equal([lineOf('bridge'), lineOf('passthrough')], ['yes', 'no']);
});

test.run();
