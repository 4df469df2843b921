/** From text to intent: what YAML says, what JSON says, and where it stands. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isMap, isSeq, parseDocument } from 'yaml';
import { compile } from '../../src/compile.ts';
import { parse } from '../../src/intent/parse.ts';
import { nearestOf } from '../../src/intent/slips.ts';
import { diagnosticsOf } from '../../src/report/output.ts';
import { reportText } from '../../src/report/text.ts';
import { intentOf } from '../golden/cases.ts';
import { isLong } from '../long.ts';

const SHIM = 'shims:\n  veth0: {parent: eth0, addresses: [198.51.100.50/24]}\n';

const codes = (text: string): string[] => parse('x', text).diagnostics.map(({ code }) => code);

test('text is taken as it is written', () => {
  for (const host of ['007', '1.10', '0x10', '1e3', 'true', 'no', 'kvm-1', '2026-11-22']) {
    const { intent, diagnostics } = parse('x', `version: 1\nhost: ${host}\n${SHIM}`);
    assert.equal(diagnostics, [], host);
    assert.is(intent?.host, host);
  }
  assert.equal(codes(`version: 1\nhost: ~\n${SHIM}`), ['wrong-type']);
  assert.equal(codes(`version: 1\nhost:\n${SHIM}`), ['wrong-type']);
});

test('names keep their order and their text, whatever they are', () => {
  const names = [
    '10a',
    '1e3',
    'constructor',
    '__proto__',
    'toString',
    'yes',
    '2',
    'hasOwnProperty',
    '1',
  ];
  const { intent } = parse(
    'x',
    `version: 1\nshims:\n${names.map((name) => `  ${name}: {parent: eth0}\n`).join('')}`,
  );
  assert.equal([...(intent?.shims?.keys() ?? [])], names);
  assert.is(Object.getPrototypeOf({}), Object.prototype);
});

test('YAML and JSON say the same', () => {
  const json = JSON.stringify({
    version: 1,
    host: 'a',
    shims: { veth0: { parent: 'eth0', mtu: 1400, dhcp4: true } },
  });
  const yaml =
    'version: 1\nhost: a\nshims:\n  veth0:\n    parent: "eth0"\n    mtu: 1400\n    dhcp4: true\n';
  assert.equal(parse('x', json).intent, parse('x', yaml).intent);
  assert.equal(parse('x', `\uFEFF${yaml}`).intent, parse('x', yaml).intent);
  assert.equal(parse('x', yaml.replaceAll('\n', '\r\n')).intent, parse('x', yaml).intent);
});

test('merge keys: own keys win, then the first mapping of several', () => {
  const text = `version: 1
shims:
  a: &a {parent: eth0, mtu: 1400}
  b: &b {parent: eth1, mtu: 1300, dhcp4: true}
  c: {<<: [*a, *b], mtu: 1200}
  d: {<<: *b}
  e:
    parent: eth2
    <<: {optional: true, parent: eth9}
`;
  const { intent, diagnostics } = parse('x', text);
  assert.equal(diagnostics, []);
  assert.equal(intent?.shims?.get('c'), { parent: 'eth0', mtu: 1200, dhcp4: true });
  assert.equal(intent?.shims?.get('d'), { parent: 'eth1', mtu: 1300, dhcp4: true });
  assert.equal(intent?.shims?.get('e'), { parent: 'eth2', optional: true });
});

test('a place inside of what was merged is where it is written', () => {
  const text =
    'version: 1\nhost: a\nshims:\n  a: &a\n    parent: eth0\n    mtu: 70000\n    addresses: [198.51.100.50/24]\n  b:\n    <<: *a\n    addresses: [192.0.2.50/24]\n';
  const { source, diagnostics } = compile(text, { file: 'x', backends: [] });
  const found = diagnosticsOf(source, diagnostics);
  assert.equal(
    found.map(({ line, path }) => [line, path[1]]),
    [
      [6, 'a'],
      [6, 'b'],
    ],
  );
});

test('aliases', () => {
  assert.equal(codes(`version: 1\nshims:\n  a: {parent: &p eth0}\n  b: {parent: *p}\n`), []);
  assert.equal(codes('version: 1\nshims: &s {a: {parent: *s}}\n'), ['yaml-anchor']);
  assert.ok(
    codes('version: 1\nshims: {a: {parent: *p, mode: &p bridge}}\n').includes('yaml-anchor'),
  );
  assert.ok(codes('version: 1\nshims: {a: &a {<<: *a, parent: eth0}}\n').includes('yaml-anchor'));
});

test('merges of merges and chains of aliases neither explode nor overflow', () => {
  const levels = Array.from(
    { length: 30 },
    (_, i) =>
      `  m${i}: &m${i} {<<: [${Array.from({ length: 9 }, () => (i === 0 ? '{parent: eth0}' : `*m${i - 1}`)).join(', ')}]}`,
  );
  const bomb = parse('x', `version: 1\nshims:\n${levels.join('\n')}\n`);
  assert.equal(bomb.diagnostics, []);
  assert.equal(bomb.intent?.shims?.get('m29'), { parent: 'eth0' });
  // What costs more than its share shows by the whole number in a long run.
  const count = isLong ? 8000 : 2000;
  const chain = (link: (i: number) => string): string =>
    `version: 1\nshims:\n${Array.from({ length: count }, (_, i) => link(i)).join('\n')}\n`;
  const aliases = chain(
    (i) => `  a${i}: &a${i} {parent: eth0, addresses: [${i === 0 ? '' : `*a${i - 1}`}]}`,
  );
  // Each is a mapping where text belongs; what is in it is not looked at.
  assert.equal([...new Set(codes(aliases))], ['wrong-type']);
  assert.is(codes(aliases).length, count - 1);
  const backwards = `version: 1\nx: [${Array.from({ length: count }, (_, i) => `&a${i} [${i === 0 ? '' : `*a${i - 1}`}]`).join(', ')}]\n`;
  assert.equal(codes(backwards), ['unknown-key']);
  const hosts = `version: 1\nhost: [${Array.from({ length: count }, (_, i) => `&a${i} [${i === 0 ? '' : `*a${i - 1}`}]`).join(', ')}]\n`;
  assert.equal(codes(hosts), ['wrong-type']);
  assert.ok(
    !codes(
      chain((i) => `  m${i}: &m${i} {<<: ${i === 0 ? '{parent: eth0}' : `*m${i - 1}`}}`),
    ).includes('too-deep'),
  );
});

test('parents below a key that netplan has for them have no diagnostics of their own', () => {
  const found = (key: string): string[] =>
    compile(
      `version: 1\nhost: a\n${key}: {bond0: {parameters: {mode: active-backup}}}\nshims: {s: {parent: bond0, addresses: [198.51.100.50/24]}}\n`,
      { file: 'x', backends: [] },
    ).diagnostics.map(({ code }) => code);
  for (const key of ['bonds', 'vlans', 'bridges', 'ethernets', 'parnets']) {
    assert.equal(found(key), ['unknown-key'], key);
  }
  assert.ok(found('guests').includes('parent-type-assumed'));
});

test('a configuration of netplan is one diagnostic; a text with a key of an intent is an intent', () => {
  const netplan = 'ethernets: {eth0: {dhcp4: true}}';
  for (const text of [
    `network: {version: 2, ${netplan}}\n`,
    `network:\n  ${netplan}\n`,
    `version: 2\n${netplan}\n`,
    'network: {version: 1, config: [{type: physical, name: eth0}]}\n',
  ]) {
    assert.equal(codes(text), ['netplan-as-intent'], text);
  }
  for (const text of [
    `version: 1\n${netplan}\n`,
    `version: 2\n${netplan}\nshims: {}\n`,
    `network: {${netplan}}\nhost: a\n`,
    'network: {host: a}\n',
    'network: {renderer: networkd}\n',
    'network: [eth0]\n',
  ]) {
    assert.not.ok(codes(text).includes('netplan-as-intent'), text);
  }
});

test('text that is not YAML 1.2', () => {
  assert.equal(codes('%YAML 1.1\n---\nversion: 1\n'), ['yaml-syntax']);
  assert.equal(codes('version: !mine 1\n'), ['yaml-syntax']);
  assert.equal(codes('version: 1\n---\nversion: 1\n'), ['several-documents']);
  assert.equal(codes('a: b: c\n'), ['yaml-syntax']);
  assert.equal(codes('42'), ['wrong-type']);
  assert.equal(codes('[1]'), ['wrong-type']);
  assert.equal(codes('""'), ['wrong-type']);
});

test('64 levels are taken, 65 are not; before anything is composed', () => {
  const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  assert.ok(!codes(nested(64)).includes('too-deep'));
  assert.equal(codes(nested(66)), ['too-deep']);
  assert.equal(codes('['.repeat(1_000_000)), ['too-deep']);
  const { source, diagnostics } = parse('x', `# ä\nversion: 1\nhost: ${nested(70)}`);
  const [found] = diagnosticsOf(source, diagnostics) as { line: number; column: number }[];
  assert.is(found?.line, 3);
  assert.ok((found?.column ?? 0) > 60 && (found?.column ?? 0) < 80);
});

test('an item at fault keeps its place: those after it are reported where they are', () => {
  const text = `version: 1
host: a
parents:
  bond0:
    type: bond
    interfaces: [[x], eth0, veth0]
    parameters: {arp-interval: 100, arp-ip-targets: [{a: 1}, x]}
shims:
  veth0:
    parent: bond0
    mode: source
    source-macaddresses: [7, 01:00:5e:00:00:01]
    addresses: [{a: 1}, 198.51.100.50/24, x, [], 198.51.100.255/24]
    routes: [{to: default, via: [x]}, {to: default, via: 10.0.0.1}]
    nameservers: {addresses: [~, x], search: ["!", fine]}
    routing-policy: [{from: 10.0.0.0/8}, {from: x, table: 5}]
    link-local: [ipv5, ipv6]
`;
  const { diagnostics } = compile(text, { file: 'x', backends: [] });
  const found = diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ code, path }) => `${path.slice(2).join('.')}: ${code}`);
  assert.equal(found.sort(), [
    'addresses.0: wrong-type',
    'addresses.2: address-malformed',
    'addresses.3: wrong-type',
    'addresses.4: address-is-broadcast',
    'interfaces.0: wrong-type',
    'interfaces.2: shim-on-shim',
    'link-local.0: wrong-value',
    'nameservers.addresses.0: wrong-type',
    'nameservers.addresses.1: nameserver-malformed',
    'nameservers.search.0: search-malformed',
    'parameters.arp-ip-targets.0: wrong-type',
    'parameters.arp-ip-targets.1: address-malformed',
    'parameters.mode: missing-key',
    'routes.0.via: wrong-type',
    'routing-policy.0.table: missing-key',
    'routing-policy.1.from: rule-malformed',
    'source-macaddresses.0: mac-malformed',
    'source-macaddresses.1: mac-multicast',
  ]);
});

/** Every place of an intent that has a value of its own, items of lists included. */
function placesIn(node: unknown, path: readonly (string | number)[] = []): (string | number)[][] {
  const entries: readonly (readonly [string | number, unknown])[] = isMap(node)
    ? node.items.map(({ key, value }) => [String(key), value])
    : isSeq(node)
      ? node.items.map((item, index) => [index, item])
      : [];
  return entries.flatMap(([step, inner]) => {
    const at = [...path, step];
    return [at, ...placesIn(inner, at)];
  });
}

test('what is wrong in one place is reported, there, whatever is wrong in another', () => {
  const junk = fc.constantFrom<unknown>('!', 7, -1.5, null, true, [], ['!'], {}, { a: '!' }, '010');
  const names = ['dual-stack', 'policy-routing', 'vlan-parents', 'guests', 'dhcp-overrides'];
  const faults = fc.tuple(fc.nat(), junk);
  fc.assert(
    fc.property(fc.constantFrom(...names), faults, faults, (name, one, other) => {
      const found = (...changes: (readonly [number, unknown])[]): string[] => {
        const document = parseDocument(intentOf(name));
        const places = placesIn(document.contents);
        for (const [index, value] of changes) {
          const place = places[index % places.length] ?? [];
          if (document.hasIn(place)) document.setIn(place, document.createNode(value));
        }
        return parse('x', String(document)).diagnostics.map(
          ({ code, path, message }) => `${code} ${path.join('.')} ${message}`,
        );
      };
      const places = placesIn(parseDocument(intentOf(name)).contents);
      const [a = [], b = []] = [one, other].map(([index]) => places[index % places.length]);
      const isWithin =
        a.every((step, at) => b[at] === step) || b.every((step, at) => a[at] === step);
      if (isWithin) return;
      const both = found(one, other);
      for (const each of [...found(one), ...found(other)]) assert.ok(both.includes(each), each);
      assert.is(new Set(both).size, both.length);
    }),
    { numRuns: isLong ? 200 : 70, seed: 14 },
  );
});

test('the nearest known word', () => {
  assert.is(nearestOf('parnt', ['parent', 'mode']), 'parent');
  assert.is(nearestOf('dhcp_4', ['dhcp4', 'dhcp6']), 'dhcp4');
  assert.is(nearestOf('DHCP4', ['dhcp4', 'dhcp6']), 'dhcp4');
  assert.is(nearestOf('xyz', ['parent', 'mode']), undefined);
});

test('frames: tabs, wide characters, long lines, CRLF', () => {
  const frame = (text: string): string[] => {
    const { source, diagnostics } = parse('x', text);
    return reportText(source, diagnostics, false).split('\n').slice(1, 3);
  };
  assert.equal(frame('{\t"version": 1,\t"nonsense": 2}'), [
    '  1 | {\t"version": 1,\t"nonsense": 2}',
    '    |  \t             \t^^^^^^^^^^',
  ]);
  assert.equal(
    frame('version: 1\r\n"ä😀": 2\r\n').map((line) => line.trimEnd()),
    ['  2 | "ä😀": 2', '    | ^^^^'],
  );
  const [line = '', caret = ''] = frame(
    `{"version": 1, ${' '.repeat(300)}"nonsense": 2, ${' '.repeat(300)}}`,
  );
  assert.ok(line.length < 110);
  assert.is(line.indexOf('"nonsense"'), caret.indexOf('^'));
});

test('a file without a name in it: the report stands alone', () => {
  const { source, diagnostics } = parse('<stdin>', '');
  assert.match(reportText(source, diagnostics, false), /^<stdin>: error\[empty-intent\]: /);
});

test.run();
