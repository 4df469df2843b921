/** Which gateways are asked after a change, and which of them may be silent. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Look, lookBefore, verify } from '../../src/apply/verify.ts';
import type { KernelRoute, KernelState } from '../../src/kernel/types.ts';
import { healthy, INTENT, modelOf, withLink } from '../status/hosts.ts';

const OLD = '198.51.100.254';
const NEW = '198.51.100.7';
const HEALTHY = healthy();

const routes = (state: KernelState, ...more: readonly KernelRoute[]): KernelState => ({
  ...state,
  routes: [...state.routes, ...more],
});

const route = (via: string, more: Partial<KernelRoute> = {}): KernelRoute => ({
  family: 'ipv4',
  type: 'unicast',
  to: '0.0.0.0/0',
  via,
  link: 'veth0',
  metric: 0,
  table: 254,
  protocol: 4,
  ...more,
});

/** What a verification finds of gateways. @param intent with what the change adds */
function found(
  intent: string,
  before: KernelState,
  after: KernelState,
  answers: (address: string) => boolean,
): string[] {
  const model = modelOf(intent);
  let clock = 0;
  const look = (state: KernelState): Look => ({
    state: () => state,
    answers,
    milliseconds: () => clock,
    sleep: (milliseconds) => {
      clock += milliseconds;
    },
  });
  return verify(look(after), model, lookBefore(look(before), model))
    .filter(({ severity }) => severity !== 'note')
    .map(({ severity, code }) => `${severity} ${code}`);
}

/** `INTENT` with one route more. */
const withRoute = (text: string): string =>
  INTENT.replace('    routes:\n', `    routes:\n      - ${text}\n`);
const othersThan =
  (...silent: readonly string[]) =>
  (address: string): boolean =>
    !silent.includes(address);

test('a new gateway that takes the place of none may be silent', () => {
  for (const [text, added] of [
    [`{to: 203.0.113.0/24, via: ${NEW}}`, { to: '203.0.113.0/24' }],
    [`{to: default, via: ${NEW}, metric: 200}`, { metric: 200 }],
    [`{to: default, via: ${NEW}, table: 100}`, { table: 100 }],
  ] as const) {
    const after = routes(HEALTHY, route(NEW, added));
    assert.equal(
      found(withRoute(text), HEALTHY, after, othersThan(NEW)),
      ['warning gateway-silent'],
      text,
    );
  }
});

test('one that takes the place of another, or is preferred to it, may not', () => {
  const intent = (metric: number) =>
    withRoute(`{to: default, via: ${NEW}, metric: ${metric}}`).replace(
      `- {to: default, via: ${OLD}}`,
      `- {to: default, via: ${OLD}, metric: 100}`,
    );
  const kernel = (metric: number, ...more: readonly KernelRoute[]): KernelState =>
    routes(
      {
        ...HEALTHY,
        routes: HEALTHY.routes.map((one) => (one.via === OLD ? { ...one, metric } : one)),
      },
      ...more,
    );
  for (const [metric, severity] of [
    [50, 'error'],
    [200, 'warning'],
  ] as const) {
    const after = kernel(100, route(NEW, { metric }));
    assert.equal(found(intent(metric), kernel(0), after, othersThan(NEW)), [
      `${severity} gateway-silent`,
    ]);
  }
  // Of a network that is not everything, too.
  const other = INTENT.replaceAll('198.51.100.253', NEW);
  const after = {
    ...HEALTHY,
    routes: HEALTHY.routes.map((one) =>
      one.via === '198.51.100.253' ? { ...one, via: NEW } : one,
    ),
  };
  assert.equal(found(other, HEALTHY, after, othersThan(NEW)), ['error gateway-silent']);
});

test('by a link that may be without a carrier nobody is asked', () => {
  const intent =
    `${INTENT.replace('shims:', '  eth1: {optional: true}\nshims:').replace('taps:', 'XX')}`.replace(
      'XX',
      `  veth1:
    parent: eth1
    optional: true
    addresses: [203.0.113.50/24]
    routes: [{to: 192.0.3.0/24, via: 203.0.113.1}]
taps:`,
    );
  const model = modelOf(intent);
  const mac = model.shims.find(({ name }) => name === 'veth1')?.macaddress ?? '';
  const base = healthy(model);
  const [nic] = withLink(base, 'eth0', (one) => one).links.filter(({ name }) => name === 'eth0');
  const [shim] = base.links.filter(({ name }) => name === 'veth0');
  if (!nic || !shim) throw new Error('no links');
  const unplugged: KernelState = {
    ...base,
    links: [
      ...base.links,
      { ...nic, name: 'eth1', mtu: 1500, hasCarrier: false },
      { ...shim, name: 'veth1', parent: 'eth1', mtu: 1500, mac, hasCarrier: false, addresses: [] },
    ],
  };
  assert.equal(found(intent, unplugged, unplugged, othersThan('203.0.113.1')), []);
});

test('a link-local gateway is known by its link', () => {
  const six = { family: 'ipv6', to: '::/0', metric: 1024 } as const;
  const intent = withRoute('{to: "::/0", via: "fe80::1"}');
  const asked = new Set<string>();
  const answers = (address: string): boolean => {
    asked.add(address);
    return address !== 'fe80::1%veth0';
  };
  const before = routes(HEALTHY, route('fe80::1', { ...six, link: 'eth0' }));
  const after = routes(HEALTHY, route('fe80::1', six));
  assert.equal(found(intent, before, after, answers), ['error gateway-silent']);
  assert.equal(found(intent, after, after, answers), ['warning gateway-silent']);
  assert.ok(asked.has('fe80::1%eth0') && !asked.has('fe80::1'));
});

test.run();
