/** What the page works out without a browser: places in an intent, links, and what the form writes. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { contextAt } from '../../src/web/context.ts';
import { type Filled, intentFrom } from '../../src/web/form-intent.ts';
import { offersAt, pageAt } from '../../src/web/language.ts';
import { fragmentOf, linkedIn } from '../../src/web/link.ts';
import { HOSTILE } from '../properties/texts.ts';

/** The place of `|` in a text. */
function at(text: string): ReturnType<typeof contextAt> {
  const offset = text.indexOf('|');
  return contextAt(text.replace('|', ''), offset);
}

/** Path and key. */
const PLACES: readonly (readonly [string, string | undefined])[] = [
  ['|', ''],
  ['ver|', ''],
  ['version: 1\n|', ''],
  ['shims:\n  |', 'shims'],
  ['shims:\n  veth0:\n    |', 'shims veth0'],
  ['shims:\n  veth0:\n    mode: br|', 'shims veth0 = mode'],
  ['shims:\n  veth0:\n    routes:\n      - |', 'shims veth0 routes[]'],
  ['shims:\n  veth0:\n    routes:\n    - to: default\n      |', 'shims veth0 routes[]'],
  [
    'shims:\n  veth0:\n    routes:\n      - to: default\n        via: 1\n      - |',
    'shims veth0 routes[]',
  ],
  ['shims:\n  veth0:\n    routes:\n      - to: default\n    |', 'shims veth0'],
  ['shims:\n  veth0: {|', 'shims veth0'],
  ['shims:\n  veth0: {parent: eth0, mo|', 'shims veth0'],
  ['shims: {veth0: {parent: eth0, mode: |', 'shims veth0 = mode'],
  ['shims: {veth0: {routes: [{to: default, |', 'shims veth0 routes[]'],
  ['shims: {veth0: {routes: [{to: default}], |', 'shims veth0'],
  ['shims: {veth0: {link-local: [ip|', 'shims veth0 = link-local'],
  ['shims:\n  veth0:\n    # no|', undefined],
  ['host: "a|', undefined],
  ['hosts:\n  a:\n    shims:\n      veth0:\n        |', 'hosts a shims veth0'],
];

test('the place of a cursor, in blocks and in braces', () => {
  for (const [text, expected] of PLACES) {
    const found = at(text);
    const shown =
      found && [...found.path, ...(found.key === undefined ? [] : ['=', found.key])].join(' ');
    assert.is(shown, expected, text);
  }
});

const labels = (text: string): string[] => {
  const offset = text.indexOf('|');
  const found = offersAt(text.replace('|', ''), offset);
  return (found?.offers ?? []).map(({ label }) => label);
};

test('what is offered is what the schema has there, and links of the intent', () => {
  assert.ok(labels('|').includes('shims'));
  assert.ok(labels('|').includes('hosts'));
  assert.equal(labels('shims:\n  |'), []);
  assert.ok(labels('shims:\n  veth0:\n    |').includes('addresses'));
  assert.not.ok(labels('shims:\n  veth0:\n    |').includes('set-name'));
  assert.ok(labels('parents:\n  eth0:\n    |').includes('addresses'));
  assert.ok(labels('hosts:\n  a:\n    taps:\n      t: {|').includes('owner'));
  assert.equal(labels('taps: {t: {mode: |'), ['bridge', 'private', 'vepa', 'passthru', 'source']);
  assert.equal(labels('shims: {a: {dhcp4: |'), ['true', 'false']);
  assert.equal(labels('shims: {a: {routes: [{|'), [
    'to',
    'via',
    'from',
    'scope',
    'on-link',
    'metric',
    'table',
  ]);
  const parents =
    'parents:\n  bond0:\n    type: bond\nguests: {v: {parent: eth7}}\nshims: {a: {parent: |';
  assert.equal(labels(parents), ['bond0', 'eth7']);
  assert.ok(labels('backend: |').includes('ifupdown'));
});

test('the page of the key at a place', () => {
  const text = 'shims:\n  veth0:\n    mtu: 1400\nparents: {eth0: {dhcp4: true}}\n';
  const pageOf = (word: string) => pageAt(text, text.indexOf(word) + 1)?.page.split('\n', 1)[0];
  assert.is(pageOf('mtu'), 'shims.<name>.mtu');
  assert.is(pageOf('dhcp4'), 'shims.<name>.dhcp4');
  assert.is(pageOf('1400'), undefined);
});

test('no text makes any of it throw or take long', () => {
  const texts = [
    ...HOSTILE,
    '{'.repeat(5000),
    '- '.repeat(5000),
    `${' '.repeat(900)}\n`.repeat(3000),
  ];
  for (const text of texts) {
    contextAt(text, text.length);
    offersAt(`shims:\n  ${text}`, text.length + 9);
    pageAt(text, 0);
    linkedIn(text);
  }
});

test('a link comes back whole, or there is none', () => {
  for (const text of HOSTILE) {
    const fragment = fragmentOf({ text, backend: text, target: 'x' });
    if (text === '\ud800') {
      assert.is(fragment, undefined);
      continue;
    }
    assert.match(fragment ?? '', /^#[A-Za-z0-9%=&_-]+$/);
    assert.equal(linkedIn(fragment ?? ''), { text, ...(text && { backend: text }), target: 'x' });
  }
  assert.is(fragmentOf({ text: 'x'.repeat(40_000) }), undefined);
  assert.is(linkedIn('#intent=%'), undefined);
  assert.is(linkedIn('#guide-intent'), undefined);
});

const FILLED: Filled = {
  host: 'kvm1',
  nic: 'eth0',
  shim: 'veth0',
  fixed: { address: '192.0.2.1/24', gateway: '192.0.2.254', nameservers: ['192.0.2.53'] },
  guests: ['vm1', 'vm2'],
};

test('the form writes an intent that is right', () => {
  for (const filled of [FILLED, { host: 'a', nic: 'b', shim: 'c', guests: [] }]) {
    const { diagnostics, model } = compile(intentFrom(filled), { file: 'x', backends: [] });
    assert.equal(
      diagnostics.filter(({ severity }) => severity === 'error'),
      [],
    );
    assert.is(model?.host, filled.host);
  }
});

test('the form writes texts as texts, whatever they are', () => {
  for (const text of HOSTILE) {
    const written = intentFrom({ ...FILLED, host: text, nic: text, guests: [] });
    const { source, diagnostics } = compile(written, { file: 'x', backends: [] });
    const isBroken = diagnostics.some(
      ({ code }) => code === 'yaml-syntax' || code === 'unknown-key',
    );
    assert.not.ok(isBroken, written);
    const { start, end } = source.locate(['shims', 'veth0', 'addresses', 0]);
    assert.is(written.slice(start, end), '192.0.2.1/24', written);
  }
});

test.run();
