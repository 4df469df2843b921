/** `status` of a shim on a link that others configure, and of what only some intents set on a link. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { KernelLink, KernelState } from '../../src/kernel/types.ts';
import { type Drift, driftOf } from '../../src/status/drift.ts';
import { address, healthy, link, modelOf } from './hosts.ts';

const MODEL = modelOf(`
parents: {br5: {type: bridge, managed: false, network-file: 20-br5.network}}
shims:
  mac-shim:
    parent: br5
    broadcast-queue-length: 5000
    broadcast-queue-threshold: -1
    addresses: [198.51.100.222/32]
    routes: [{to: 198.51.100.192/27, scope: link}]
`);
const MAC = MODEL.shims[0]?.macaddress ?? '';

const SHIM: KernelLink = link('mac-shim', {
  parent: 'br5',
  kind: 'macvlan',
  mode: 'bridge',
  mac: MAC,
  broadcastQueueLength: 5000,
  broadcastQueueThreshold: -1,
  addresses: [address('198.51.100.222/32')],
});
/** The bridge has what its own configuration gives it: addresses, an MTU, any MAC. */
const BRIDGE: KernelLink = link('br5', {
  kind: 'bridge',
  mac: '02:00:00:00:00:05',
  addresses: [address('198.51.100.50/24'), address('fe80::5/64')],
});

const stateOf = (...links: readonly KernelLink[]): KernelState => ({
  ...healthy(),
  links: [link('lo', { addresses: [address('127.0.0.1/8')] }), ...links],
  routes: [
    {
      family: 'ipv4',
      type: 'unicast',
      to: '198.51.100.192/27',
      link: 'mac-shim',
      metric: 0,
      table: 254,
      protocol: 4,
    },
  ],
  rules: [],
  sysctls: new Map([['net/ipv4/conf/mac-shim/rp_filter', '2']]),
  manager: {
    id: 'networkd',
    links: new Map([
      ['mac-shim', { state: 'configured', verdict: 'ready' as const, nameservers: [] }],
    ]),
  },
});

const of = (...links: readonly KernelLink[]): string[] =>
  driftOf(MODEL, stateOf(...links)).map(({ severity, code }: Drift) => `${severity} ${code}`);

test('what others configure is not drift', () => {
  assert.equal(driftOf(MODEL, stateOf(BRIDGE, SHIM)), []);
  const other = { ...BRIDGE, mtu: 9000, mac: '02:00:00:00:00:06', addresses: [] };
  assert.equal(of(other, SHIM), []);
});

test('without the link of others nothing on top of it works: it alone is reported', () => {
  assert.equal(of(), ['error link-missing']);
  assert.equal(of({ ...BRIDGE, isUp: false, hasCarrier: false }, { ...SHIM, hasCarrier: false }), [
    'error link-down',
  ]);
  const [lost] = driftOf(MODEL, stateOf());
  assert.match(lost?.hint ?? '', /managed: false/);
});

test('the broadcast queue is compared where ip(8) shows it', () => {
  // With any of them the host is reachable: an error would roll a change back.
  assert.equal(of(BRIDGE, { ...SHIM, broadcastQueueLength: 1000 }), ['warning link-setting-drift']);
  assert.equal(of(BRIDGE, { ...SHIM, broadcastQueueThreshold: 3 }), ['warning link-setting-drift']);
  const { broadcastQueueLength: _, broadcastQueueThreshold: __, ...older } = SHIM;
  assert.equal(of(BRIDGE, older), []);
});

test('a tap that does not receive all multicast frames', () => {
  const model = modelOf('taps: {tap0: {parent: eth0}, tap1: {parent: eth0, allmulticast: false}}');
  const [tap0, tap1] = model.taps.map(({ name, macaddress = '' }) =>
    link(name, { parent: 'eth0', kind: 'macvtap', mode: 'bridge', mac: macaddress }),
  );
  if (!tap0 || !tap1) throw new Error('no taps');
  const state = (hasAllMulticast: boolean): KernelState => ({
    ...stateOf(link('eth0'), { ...tap0, hasAllMulticast }, tap1),
    routes: [],
  });
  const found = (is: boolean): string[] =>
    driftOf(model, state(is))
      .filter(({ code }) => code === 'link-setting-drift')
      .map(({ message }) => message);
  assert.equal(found(true), []);
  assert.equal(found(false), ['`tap0` has allmulticast off, not on.']);
});

test('name servers under ifupdown that no resolver has', () => {
  const model = modelOf(
    'shims: {veth0: {parent: eth0, addresses: [198.51.100.50/24], nameservers: {addresses: [198.51.100.53]}}}',
  );
  const state = healthy(model);
  const under = (servers: readonly string[]): string[] =>
    driftOf(model, {
      ...state,
      manager: { id: 'ifupdown', links: new Map() },
      resolver: { servers },
    })
      .filter(({ code }) => code.startsWith('nameserver'))
      .map(({ code, hint = '' }) => `${code} ${/resolvconf/.test(hint)}`);
  assert.equal(under(['198.51.100.53']), []);
  assert.equal(under(['192.0.2.53']), ['nameserver-missing true']);
  assert.equal(under([]), ['nameserver-missing true']);
});

test.run();
