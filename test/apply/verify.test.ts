/** How long a verification waits for what, and what it lets a change stay with. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Before, type Look, lookBefore, verify } from '../../src/apply/verify.ts';
import type { KernelState } from '../../src/kernel/types.ts';
import type { Drift } from '../../src/status/drift.ts';
import { healthy, INTENT, modelOf, withLink } from '../status/hosts.ts';

const MODEL = modelOf(INTENT);
const GATEWAY = '198.51.100.254';
const HEALTHY = healthy(MODEL);
const NOBODY: ReadonlySet<string> = new Set();
const BEFORE: Before = { kernel: HEALTHY, gateways: { silent: NOBODY, answering: NOBODY } };
const WITHOUT_ADDRESS = withLink(HEALTHY, 'veth0', () => ({ addresses: [] }));
const OTHER_MODE = withLink(HEALTHY, 'veth0', () => ({ mode: 'vepa' }));

interface Verified {
  readonly errors: readonly Drift[];
  readonly found: readonly Drift[];
  readonly seconds: number;
}

/** @param at the state and who answers, by seconds since the activation */
function verified(
  at: (seconds: number) => { readonly state?: KernelState; readonly silent?: readonly string[] },
  before: Before = BEFORE,
): Verified {
  let clock = 0;
  const look: Look = {
    state: () => at(clock / 1000).state ?? HEALTHY,
    answers: (address) => !(at(clock / 1000).silent ?? []).includes(address),
    milliseconds: () => clock,
    sleep: (milliseconds) => {
      clock += milliseconds;
    },
  };
  const found = verify(look, MODEL, before);
  const errors = found.filter(({ severity }) => severity === 'error');
  return { found, errors, seconds: clock / 1000 };
}

test('what is right at once is not waited for', () => {
  const { errors, seconds } = verified(() => ({}));
  assert.equal(errors, []);
  assert.is(seconds, 0);
});

test('what comes within half a minute is waited for, and no longer than it takes', () => {
  const { errors, seconds } = verified((at) => (at < 7 ? { state: WITHOUT_ADDRESS } : {}));
  assert.equal(errors, []);
  assert.is(seconds, 7);
});

test('what does not come is given up after half a minute at the latest', () => {
  // An address may come by itself, another mode does not.
  for (const [state, limit] of [
    [WITHOUT_ADDRESS, 30],
    [OTHER_MODE, 10],
  ] as const) {
    const { errors, seconds } = verified(() => ({ state }));
    assert.ok(errors.length > 0);
    assert.is(seconds, limit);
  }
});

test('a lease is waited for as long as a switch may take', () => {
  const model = modelOf('shims: {veth0: {parent: eth0, dhcp4: true}}');
  const kernel = withLink(healthy(model), 'veth0', () => ({ addresses: [] }));
  let clock = 0;
  const look: Look = {
    state: () => kernel,
    answers: () => true,
    milliseconds: () => clock,
    sleep: (milliseconds) => {
      clock += milliseconds;
    },
  };
  const found = verify(look, model, { ...BEFORE, kernel: { ...kernel, routes: [] } });
  assert.ok(found.some(({ code }) => code === 'lease-missing'));
  assert.is(clock, 45_000);
});

test('a gateway that answered before must answer again', () => {
  const silent = [GATEWAY];
  const lost = verified(() => ({ silent }));
  assert.equal(
    lost.errors.map(({ code }) => code),
    ['gateway-silent'],
  );
  assert.is(lost.seconds, 45);
  // A port of a switch with spanning tree forwards nothing for half a minute.
  for (const seconds of [3, 35]) {
    const late = verified((at) => (at < seconds ? { silent } : {}));
    assert.equal(late.errors, []);
    assert.is(late.seconds, seconds);
  }
  const never = verified(() => ({ silent }), {
    ...BEFORE,
    gateways: { silent: new Set(silent), answering: NOBODY },
  });
  assert.equal(never.errors, []);
  assert.equal(
    never.found.filter(({ code }) => code === 'gateway-silent').map(({ severity }) => severity),
    ['warning'],
  );
});

test('a new gateway that nobody has does not pass for one that was silent already', () => {
  const OLD = '198.51.100.1';
  /** The host before the change: a default route by another gateway, by the same, or none. */
  const errorsAfter = (via: string | undefined, silent: readonly string[]): string[] => {
    const routes = HEALTHY.routes.flatMap((route) =>
      route.via === undefined ? [route] : via === undefined ? [] : [{ ...route, via }],
    );
    const look: Look = {
      state: () => ({ ...HEALTHY, routes }),
      answers: (address) => !silent.includes(address),
      milliseconds: () => 0,
      sleep: () => {},
    };
    return verified(() => ({ silent }), lookBefore(look, MODEL)).errors.map(({ code }) => code);
  };
  assert.equal(errorsAfter(OLD, [GATEWAY]), ['gateway-silent']);
  assert.equal(errorsAfter(GATEWAY, [GATEWAY]), [], 'it was silent already');
  assert.equal(errorsAfter(OLD, [GATEWAY, OLD]), [], 'nobody answered before');
  assert.equal(errorsAfter(undefined, [GATEWAY]), [], 'there was no gateway');
});

test('a change that another run has ended is not looked at until it is late', () => {
  let asked = 0;
  const look: Look = {
    state: () => WITHOUT_ADDRESS,
    answers: () => true,
    isOver: () => ++asked > 2,
    milliseconds: () => 0,
    sleep: () => {},
  };
  assert.equal(verify(look, MODEL, BEFORE), []);
  assert.is(asked, 3);
});

test.run();
