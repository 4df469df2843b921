/** Many hosts: how they are merged, and what is wrong with one, with many, and between them. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { compile } from '../../src/compile.ts';
import { compileFleet, type FleetOptions } from '../../src/compile-fleet.ts';
import { composeFleet } from '../../src/intent/fleet.ts';
import { entriesOf, isMap, isScalar, isSeq, type YamlTree } from '../../src/intent/yaml.ts';
import { diagnosticsOf } from '../../src/report/output.ts';
import { FLEET, folderOf, printed, type Reported, short, toOne } from '../cli/fleet-hosts.ts';
import { caseNames, intentOf, targetOf } from '../golden/cases.ts';
import { runHere } from '../in-process.ts';
import { isLong, turn } from '../long.ts';

test('maps are merged, lists are replaced, null takes away', () => {
  const { hosts, diagnostics, isFleet, names } = toOne(`version: 1
defaults:
  parents: {eth0: {mtu: 9000, optional: true}}
  shims:
    veth0:
      parent: eth0
      addresses: [198.51.100.9/24, 2001:db8::9/64]
      nameservers: {addresses: [198.51.100.1, 198.51.100.2], search: [a.example, b.example]}
  taps: {tap0: {parent: eth0}}
hosts:
  kvm1:
    parents: {eth0: {mtu: null}}
    shims: {veth0: {addresses: [198.51.100.50/24], nameservers: {search: [c.example]}}}
  kvm2:
    taps: null
    shims: {veth0: {addresses: [198.51.100.51/24], nameservers: null}}
`);
  assert.equal(diagnostics, []);
  assert.ok(isFleet);
  assert.equal(names, ['kvm1', 'kvm2']);
  const [first, second] = hosts.map(({ model }) => model);
  assert.equal(first?.host, 'kvm1');
  assert.is(first?.parents[0]?.mtu, undefined);
  assert.is(first?.parents[0]?.optional, true);
  assert.equal(
    first?.shims[0]?.addresses.map(({ address }) => address),
    ['198.51.100.50'],
  );
  assert.is(first?.shims[0]?.nameservers.length, 2);
  assert.equal(
    first?.shims[0]?.search.map(({ domain }) => domain),
    ['c.example'],
  );
  assert.is(first?.taps.length, 1);
  assert.is(second?.parents[0]?.mtu, 9000);
  assert.is(second?.shims[0]?.nameservers.length, 0);
  assert.is(second?.taps.length, 0);
});

/** The rules in their plainest form, for plain data. */
function reference(base: unknown, own: unknown): unknown {
  const isMap = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isMap(own)) return own;
  const merged: Record<string, unknown> = isMap(base) ? { ...base } : {};
  for (const [key, value] of Object.entries(own)) {
    if (value === null) delete merged[key];
    else merged[key] = reference(merged[key], value);
  }
  return merged;
}

test('any defaults and any host, merged as the rules say', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'constructor', '10', '__proto__x');
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom<unknown>('x', 1, true, null),
      fc.array(fc.constantFrom(1, 'y'), { maxLength: 3 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
    ),
  }));
  const map = fc.dictionary(key, tree, { maxKeys: 4 });
  const plain = (of: YamlTree, node: unknown): unknown => {
    if (isMap(node)) {
      const entries = [...entriesOf(of, node, [])];
      return Object.fromEntries(entries.map(([name, { value }]) => [name, plain(of, value)]));
    }
    if (isSeq(node)) return node.items.map((item) => plain(of, item));
    return isScalar(node) ? node.value : node;
  };
  fc.assert(
    fc.property(map, map, (defaults, own) => {
      const text = stringify({ version: 1, defaults, hosts: { h: own } });
      const [host] = composeFleet([{ file: 'x', text }]).hosts;
      assert.ok(host);
      const {
        version,
        host: name,
        ...rest
      } = plain(host.tree, host.tree.root) as Record<string, unknown>;
      assert.is(version, 1);
      assert.is(name, 'h');
      assert.equal(sorted(rest), sorted(reference(defaults, own)));
    }),
    { numRuns: isLong ? 2000 : 200, seed: 1 },
  );
});

const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : typeof value === 'object' && value !== null
      ? Object.entries(value)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, inner]) => [name, sorted(inner)])
      : value;

test('every golden intent is the same as a host of a fleet, its own or by the defaults', () => {
  let compared = 0;
  const texts = (sets: ReturnType<typeof compile>['sets']): string =>
    JSON.stringify(
      sets?.map(({ backend, files }) => [backend, files.map((f) => [f.path, f.mode, f.text])]),
    );
  const good = caseNames().filter((each) => !each.startsWith('bad-'));
  for (const [index, name] of good.entries()) {
    for (const backend of turn(['networkd', 'netplan-networkmanager'], 2, index)) {
      const options = { backends: [backend], ...targetOf(name) };
      const text = intentOf(name);
      const { sets, model } = compile(text, { file: 'x', ...options });
      if (!sets || !model || model.host === '' || text.startsWith('{')) continue;
      const body = text
        .split('\n')
        .filter((line) => !/^(?:version|host):/.test(line))
        .map((line) => `    ${line}\n`)
        .join('');
      for (const parts of [
        `defaults:\n${body}hosts: {${model.host}: {}}\n`,
        `hosts:\n  ${model.host}:\n${body}`,
      ]) {
        const fleet = compileFleet([{ file: 'x', text: `version: 1\n${parts}` }], options);
        assert.is(texts(fleet.hosts[0]?.sets), texts(sets), `${name} ${backend}`);
        compared += 1;
      }
    }
  }
  assert.ok(compared > (isLong ? 200 : 100), `${compared} compared`);
});

test('aliases and merge keys of each file are its own', () => {
  const texts = [
    { file: 'a.yaml', text: 'version: 1\ndefaults: {shims: {veth0: &s {parent: eth0}}}\n' },
    {
      file: 'b.yaml',
      text: 'version: 1\nhosts:\n  kvm1: {shims: &s {veth0: {addresses: [198.51.100.50/24]}}}\n',
    },
    {
      file: 'c.yaml',
      text: `version: 1
hosts:
  kvm2: {shims: {veth0: &s {addresses: [198.51.100.51/24]}, veth1: {<<: *s, parent: eth1, addresses: [203.0.113.1/24]}}}
  kvm3: {shims: *s}
  kvm4: {shims: *t}
`,
    },
  ];
  const { hosts, source, diagnostics } = compileFleet(texts, { backends: ['networkd'] });
  const found = diagnosticsOf(source, diagnostics) as Reported[];
  assert.ok(hosts[0]?.sets && hosts[1]?.sets);
  // `*s` there is a shim, and not the shims of the other file.
  assert.ok(
    found.some(
      ({ file, line, hosts: of }) => file === 'c.yaml' && line === 3 && of?.[0] === 'kvm3',
    ),
  );
  assert.ok(
    found.some(({ code, file, line }) => code === 'yaml-anchor' && file === 'c.yaml' && line === 5),
  );
});

test('ten thousand hosts may merge the same mapping; one that grows without bound is refused', () => {
  const many = Array.from(
    { length: isLong ? 300 : 120 },
    (_, i) => `  h${i}: {<<: *common, taps: {t0: {parent: eth0}}}`,
  );
  const guests = Array.from({ length: 400 }, (_, i) => `g${i}: {parent: eth0}`).join(', ');
  const text = `version: 1\nhosts:\n  first: &common {guests: {${guests}}, taps: {t0: {parent: eth0}}}\n${many.join('\n')}\n`;
  assert.equal(
    printed(text).filter(({ severity }) => severity === 'error'),
    [],
  );
  const levels = Array.from(
    { length: 9 },
    (_, i) =>
      `    k${i + 1}: &k${i + 1} {${Array.from({ length: 9 }, (__, j) => `x${j}: *k${i}`).join(', ')}}`,
  );
  const bomb = `version: 1\ndefaults: {shims: {}}\nhosts:\n  h:\n    k0: &k0 {a: 1, b: 2}\n${levels.join('\n')}\n`;
  assert.ok(printed(bomb).some(({ code }) => code === 'yaml-alias-bomb'));
  // Nor is what each host may have for itself free for all of them.
  const wide = Array.from(
    { length: 60 },
    (_, i) => `      g${i}: {parent: eth0, model: e1000}`,
  ).join('\n');
  const each = Array.from(
    { length: 300 },
    (_, i) => `  h${i}: {shims: *shims, guests: {<<: [${'*g, '.repeat(200)}*g]}}`,
  );
  const sum = `version: 1\nhosts:\n  h:\n    guests: &g\n${wide}\n    shims: &shims {veth0: {parent: eth0}}\n${each.join('\n')}\n`;
  assert.ok(printed(sum).some(({ code }) => code === 'yaml-alias-bomb'));
});

test('errors of one host hide none of another, and one error of many hosts is reported once', () => {
  const found = printed(`version: 1
defaults:
  shims:
    veth0:
      parent: eth0
      routez: []
hosts:
  kvm1: {shims: {veth0: {addresses: [198.51.100.50/24]}}}
  kvm2:
    shims: {veth0: {addresses: [198.51.100.50/24], mtu: null}}
  KVM2: {}
  "a/../b": {shims: {veth0: {addresses: [198.51.100.53/24]}}}
  kvm4:
  kvm5: {host: x, version: 1, shims: {veth0: {addresses: [198.51.100.500/24]}}}
shims: {}
hots: {}
`);
  assert.equal(short(found), [
    'unknown-key 6:7 kvm1,kvm2,a/../b,kvm5',
    'address-of-two-hosts 8:38 kvm1',
    'address-of-two-hosts 10:33 kvm2',
    'fleet-removes-nothing 10:52 kvm2',
    'fleet-host-twice 11:3 undefined',
    'host-malformed 12:3 a/../b',
    'wrong-type 13:3 undefined',
    'unknown-key 14:10 kvm5',
    'unknown-key 14:19 kvm5',
    'address-malformed 14:59 kvm5',
    'fleet-mixed 15:1 undefined',
    'unknown-key 16:1 undefined',
  ]);
});

test('a byte order mark is not part of the text', () => {
  const plain = 'version: 1\nhosts: {a: {}}\n';
  const short3 = (text: string) =>
    printed(text).map(({ code, line, column }) => [code, line, column]);
  assert.equal(short3(`\ufeff${plain.replace('1', '2')}`), short3(plain.replace('1', '2')));
  const single = (text: string) => compile(text, { file: 'x', backends: [] });
  const found = (text: string): unknown => {
    const { source, diagnostics } = single(text);
    return diagnosticsOf(source, diagnostics);
  };
  assert.equal(found('\ufeffversion: 2\n'), found('version: 2\n'));
});

test('parts that are none', () => {
  const codes = (...texts: string[]): string[] =>
    compileFleet(
      texts.map((text, index) => ({ file: `${index}.yaml`, text })),
      { backends: [] },
    ).diagnostics.map(({ code, severity }) => `${severity} ${code}`);
  assert.equal(codes('version: 1\ndefaults: {}\n'), ['error fleet-empty']);
  assert.equal(codes('version: 1\nhosts: {}\n'), ['error fleet-empty']);
  assert.equal(codes('version: 1\nhosts: [kvm1]\n'), ['error wrong-type']);
  assert.equal(codes('version: 2\nhosts: {a: {}}\n').slice(0, 1), ['error version-unsupported']);
  assert.equal(codes('hosts: {a: {shims: {veth0: {parent: eth0}}}}\n').slice(0, 1), [
    'error missing-key',
  ]);
  const host = (name: string) =>
    `version: 1\nhost: ${name}\nshims: {veth0: {parent: eth0, dhcp4: true}}\n`;
  const errors = (...texts: string[]) => codes(...texts).filter((code) => code.startsWith('error'));
  assert.equal(errors(host('a'), host('b')), []);
  assert.equal(errors(host('a'), host('a')), ['error fleet-host-twice']);
  assert.equal(errors(host('a'), host('A')), ['error fleet-host-twice']);
  assert.equal(errors(host('a'), 'version: 1\nshims: {veth0: {parent: eth0, dhcp4: true}}\n'), [
    'error fleet-host-unnamed',
  ]);
  const defaults = 'version: 1\ndefaults: {taps: {t: {parent: eth0}}}\n';
  assert.equal(errors(defaults, host('a'), defaults), ['error fleet-defaults-twice']);
  assert.equal(errors(host('a'), ''), ['error empty-intent']);
  assert.equal(errors(host('a'), '- 1\n'), ['error wrong-type']);
  assert.equal(errors(host('a'), 'a: [\n').slice(0, 1), ['error yaml-syntax']);
  // The library's `compile` takes one.
  const { diagnostics } = compile(FLEET, { file: 'x', backends: [] });
  assert.ok(diagnostics.some(({ hint }) => hint.includes('compileFleet')));
});

test('what a caller keeps of each host takes the place of its files and model', () => {
  const text = `version: 1
defaults: {shims: {veth0: {parent: eth0}}}
hosts:
  a: {shims: {veth0: {addresses: [198.51.100.50/24]}}}
  b: {shims: {veth0: {addresses: [198.51.100.51/24], mtu: 1}}}
  c: {shims: {veth0: {addresses: [198.51.100.50/24]}}}
  d: {shims: {veth0: {addresses: [198.51.100.53/24]}}}
`;
  const rendered: string[] = [];
  const files: string[][] = [];
  const compiled = (keep?: FleetOptions['keep']) =>
    compileFleet([{ file: 'x', text }], {
      backends: ['networkd'],
      hosts: ['a', 'b', 'c'],
      ...(keep && { keep }),
    });
  const kept = compiled(({ host, sets = [], model }) => {
    rendered.push(host);
    files.push(sets.flatMap((set) => set.files.map((file) => file.text)));
    assert.ok(model);
    return { sets: [] };
  });
  const whole = compiled();
  // `b` has an error of its own; what is wrong between `a` and `c` is known only at the end.
  assert.equal(rendered, ['a', 'c']);
  assert.ok(files.every((texts) => texts.length > 3));
  const { source, diagnostics } = whole;
  assert.equal(diagnosticsOf(kept.source, kept.diagnostics), diagnosticsOf(source, diagnostics));
  assert.ok(kept.hosts.every(({ sets, model }) => !sets && !model));
  assert.equal(kept.names, ['a', 'b', 'c', 'd']);
});

test('no address and no MAC on two hosts; guests where they may be on one LAN', () => {
  const pair = (a: string, b: string): string[] =>
    printed(`version: 1\ndefaults: {}\nhosts:\n  a: ${a}\n  b: ${b}\n`)
      .filter(({ code }) => code.endsWith('-of-two-hosts'))
      .map(({ code, line }) => `${code} ${line}`);
  const shim = (address: string, more = '') =>
    `{shims: {veth0: {parent: eth0, addresses: [${address}]${more}}}}`;
  assert.equal(pair(shim('198.51.100.50/24'), shim('198.51.100.51/24')), []);
  assert.equal(pair(shim('2001:db8::1/64'), shim('2001:DB8:0::1/64')), [
    'address-of-two-hosts 4',
    'address-of-two-hosts 5',
  ]);
  const token = (link: string, parent: string) =>
    `{shims: {${link}: {parent: ${parent}, accept-ra: true, ipv6-address-token: "::50"}}}`;
  assert.equal(pair(token('veth0', 'eth0'), token('veth1', 'eth1')), [
    'token-of-two-hosts 4',
    'token-of-two-hosts 5',
  ]);
  // Those are of one link.
  assert.equal(pair(shim('fe80::1/64'), shim('fe80::1/64')), []);
  const mac = ', macaddress: "02:00:00:00:00:01"';
  assert.equal(pair(shim('198.51.100.50/24', mac), shim('203.0.113.50/24', mac)), [
    'mac-of-two-hosts 4',
    'mac-of-two-hosts 5',
  ]);
  const nic = (address: string) =>
    `{parents: {lan: {match: {macaddress: "52:54:00:00:00:01"}, set-name: eth0}}, shims: {veth0: {parent: lan, addresses: [${address}]}}}`;
  assert.equal(pair(nic('198.51.100.50/24'), nic('203.0.113.50/24')), [
    'mac-of-two-hosts 4',
    'mac-of-two-hosts 5',
  ]);
  const guest = (address: string, name: string) =>
    `{shims: {veth0: {parent: eth0, addresses: [${address}]}}, guests: {${name}: {parent: eth0, macaddress: "52:54:00:00:00:02"}}}`;
  assert.equal(pair(guest('198.51.100.50/24', 'web'), guest('198.51.100.51/24', 'db')), [
    'guest-mac-of-two-hosts 4',
    'guest-mac-of-two-hosts 5',
  ]);
  // One subnet in another: the prefix lengths differ, the LAN is one.
  assert.is(pair(guest('198.51.100.50/24', 'web'), guest('198.51.100.51/25', 'db')).length, 2);
  assert.is(pair(guest('198.51.100.50/25', 'web'), guest('198.51.100.51/24', 'db')).length, 2);
  // Two LANs: nobody sees both.
  assert.equal(pair(guest('198.51.100.50/24', 'web'), guest('203.0.113.51/24', 'db')), []);
  // Moved from host to host: as it should be, if it runs on one at a time.
  assert.equal(pair(guest('198.51.100.50/24', 'web'), guest('198.51.100.51/24', 'web')), [
    'guest-of-two-hosts 4',
    'guest-of-two-hosts 5',
  ]);
  // Of a host without a static address it is not known.
  const dynamic = `{shims: {veth0: {parent: eth0, dhcp4: true}}, guests: {db: {parent: eth0, macaddress: "52:54:00:00:00:02"}}}`;
  assert.is(pair(guest('198.51.100.50/24', 'web'), dynamic).length, 2);
  assert.is(pair(dynamic, guest('198.51.100.50/24', 'web')).length, 2);
  // A guest with the MAC of another host's shim.
  assert.equal(
    pair(
      guest('198.51.100.50/24', 'web'),
      shim('203.0.113.50/24', ', macaddress: "52:54:00:00:00:02"'),
    ),
    ['mac-of-two-hosts 4', 'mac-of-two-hosts 5'],
  );
  // Set in the defaults, it is reported once, for all.
  const all = printed(
    `version: 1\ndefaults: {shims: {veth0: {parent: eth0, addresses: [198.51.100.50/24]}}}\nhosts: {a: {}, b: {}, c: {}}\n`,
  );
  assert.equal(short(all), ['address-of-two-hosts 2:54 a', 'address-of-two-hosts 2:54 b,c']);
});

test('what is wrong with the keys of the defaults is wrong with every host', async () => {
  for (const [wrong, code] of [
    ['{shims: {veth0: {parent: eth0, <<: *common}}}', 'yaml-anchor'],
    ['{shims: {veth0: {parent: eth0, mtu: 1500, mtu: 1400}}}', 'duplicate-key'],
    ['{shims: {veth0: {parent: eth0}}, shims: {veth0: {parent: eth1}}}', 'duplicate-key'],
  ] as const) {
    const host = (number: number) => `{shims: {veth0: {addresses: [198.51.100.${number}/24]}}}`;
    const text = `version: 1\ndefaults: ${wrong}\nhosts:\n  a: ${host(1)}\n  b: ${host(2)}\n  c: {}\n`;
    const found = printed(text).filter((each) => each.code === code);
    assert.equal(
      found.map(({ hosts }) => hosts),
      [['a', 'b', 'c']],
      wrong,
    );
    const folder = folderOf({ 'fleet.yaml': text });
    const words = [join(folder, 'fleet.yaml'), '-b', 'networkd', '--root', join(folder, 'out')];
    assert.is((await runHere(...words, '--host', 'b')).status, 2);
    assert.is((await runHere(...words, '--keep-going')).status, 2);
    assert.not.ok(existsSync(join(folder, 'out', 'b')));
  }
});

test.run();
