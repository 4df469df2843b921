/** Many hosts: how they are merged, held against each other, written, compared. */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse, stringify } from 'yaml';
import { backends } from '../../src/backends/registry.ts';
import { groupPatches } from '../../src/changes/fleet.ts';
import { patchOf } from '../../src/changes/patch.ts';
import { run } from '../../src/cli/run.ts';
import { compile } from '../../src/compile.ts';
import { compileFleet } from '../../src/compile-fleet.ts';
import { composeFleet } from '../../src/intent/fleet.ts';
import { entriesOf, isMap, isScalar, isSeq, type YamlTree } from '../../src/intent/yaml.ts';
import { nodeSystem } from '../../src/node/node.ts';
import { packagesOf } from '../../src/package/packages.ts';
import { diagnosticsOf } from '../../src/report/output.ts';
import { macvtapRender, temporaryFolder } from '../command.ts';
import { caseNames, intentOf, targetOf } from '../golden/cases.ts';
import { runHere } from '../in-process.ts';
import { documentOf } from '../output-schema.ts';

const FLEET = `version: 1
defaults:
  shims:
    veth0:
      parent: eth0
      routes: [{to: default, via: 198.51.100.254}]
      nameservers: {addresses: [198.51.100.1], search: [example.net]}
hosts:
  kvm1: {shims: {veth0: {addresses: [198.51.100.50/24]}}}
  kvm2: {shims: {veth0: {addresses: [198.51.100.51/24], nameservers: {search: null}}}}
  kvm3: {shims: {veth0: {addresses: [198.51.100.52/24]}}}
`;
const toOne = (text: string) =>
  compileFleet([{ file: 'fleet.yaml', text }], { backends: ['networkd'] });

interface Reported {
  readonly code: string;
  readonly severity: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hosts?: readonly string[];
}
const printed = (text: string): Reported[] => {
  const { source, diagnostics } = toOne(text);
  return diagnosticsOf(source, diagnostics) as Reported[];
};
const short = (list: readonly Reported[]): string[] =>
  list.map(({ code, line, column, hosts }) => `${code} ${line}:${column} ${hosts?.join(',')}`);

/** A folder with these files. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const treeOf = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]),
  );

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
    { numRuns: 2000 },
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
  for (const name of caseNames().filter((each) => !each.startsWith('bad-'))) {
    for (const backend of ['networkd', 'netplan-networkmanager']) {
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
  assert.ok(compared > 200, `${compared} compared`);
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

test('ten thousand hosts that merge the same are no bomb; one that grows without bound is', () => {
  const many = Array.from(
    { length: 300 },
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

test('what is wrong with one host hides nothing of another, and what is wrong for many is told once', () => {
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

test('a byte order mark is no part of the text', () => {
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
  // Said in the defaults, it is said once, of all.
  const all = printed(
    `version: 1\ndefaults: {shims: {veth0: {parent: eth0, addresses: [198.51.100.50/24]}}}\nhosts: {a: {}, b: {}, c: {}}\n`,
  );
  assert.equal(short(all), ['address-of-two-hosts 2:54 a', 'address-of-two-hosts 2:54 b,c']);
});

test('one file, several, and a directory are the same fleet', async () => {
  const folder = folderOf({
    'one.yaml': FLEET,
    'fleet/defaults.yaml': FLEET.slice(0, FLEET.indexOf('hosts:')),
    'fleet/hosts/b.yml': `version: 1\n${FLEET.slice(FLEET.indexOf('hosts:'), FLEET.indexOf('  kvm3'))}`,
    'fleet/hosts/kvm3.json':
      '{"version": 1, "host": "kvm3", "shims": {"veth0": {"addresses": ["198.51.100.52/24"]}}}',
    'fleet/.git/x.yaml': 'no: intent\n',
    'fleet/README.md': 'not read\n',
  });
  const at = (...words: string[]) => runHere(...words, '-b', 'networkd');
  const fleet = join(folder, 'fleet');
  const parts = ['defaults.yaml', 'hosts/b.yml', 'hosts/kvm3.json'].map((name) =>
    join(fleet, name),
  );
  assert.is((await at(join(folder, 'one.yaml'), '--root', join(folder, '1'))).status, 0);
  assert.is((await at(fleet, '--root', join(folder, '2'))).status, 0);
  assert.is((await at(...parts.reverse(), '--root', join(folder, '3'))).status, 0);
  const tree = treeOf(join(folder, '1'));
  assert.ok('kvm3/etc/systemd/network/00-macvtap-veth0.network' in tree);
  assert.equal(treeOf(join(folder, '2')), tree);
  assert.equal(treeOf(join(folder, '3')), tree);
  // What cannot be read is told beside what is wrong with the rest.
  symlinkSync(fleet, join(fleet, 'hosts/loop.yaml'));
  writeFileSync(join(fleet, 'hosts/latin.yaml'), Buffer.from([0xe9]));
  writeFileSync(join(fleet, 'hosts/b.yml'), 'version: 1\nhosts: {kvm1: {shimz: {}}}\n');
  const { status, stderr } = await at(fleet);
  assert.is(status, 2);
  for (const code of ['intent-not-a-file', 'not-utf8', 'unknown-key']) {
    assert.match(stderr, new RegExp(`error\\[${code}\\]`));
  }
});

test('nothing is written unless all are right; with --keep-going, those that are', async () => {
  const bad = FLEET.replace('198.51.100.52/24', '198.51.100.520/24');
  const folder = folderOf({ 'fleet.yaml': bad });
  const out = join(folder, 'out');
  const render = (...words: string[]) =>
    runHere(join(folder, 'fleet.yaml'), '-b', 'networkd', '--root', out, ...words);
  const refused = await render();
  assert.is(refused.status, 2);
  assert.match(refused.stderr, /Nothing was written: 1 error, in 1 of 3 hosts\./);
  assert.not.ok(existsSync(out));
  const kept = await render('--keep-going');
  assert.is(kept.status, 2);
  assert.equal(readdirSync(out).sort(), ['kvm1', 'kvm2']);
  assert.match(kept.stderr, /Not written: 1 host: kvm3\./);
  // Two that clash: which of them is right, nobody knows.
  const clash = FLEET.replace('198.51.100.52/24', '198.51.100.51/24');
  writeFileSync(join(folder, 'fleet.yaml'), clash);
  rmSync(out, { recursive: true });
  assert.is((await render('--keep-going')).status, 2);
  assert.equal(readdirSync(out), ['kvm1']);
  // Somebody else's file stands in the way of one.
  writeFileSync(join(folder, 'fleet.yaml'), FLEET);
  const foreign = join(out, 'kvm2/etc/systemd/network/00-macvtap-veth0.network');
  mkdirSync(join(foreign, '..'), { recursive: true });
  writeFileSync(foreign, '# mine\n');
  const before = treeOf(out);
  const blocked = await render();
  assert.is(blocked.status, 4);
  assert.match(blocked.stderr, /refused for 1 host: kvm2/);
  assert.equal(treeOf(out), before);
  const rest = await render('--keep-going');
  assert.is(rest.status, 4);
  assert.match(rest.stderr, /Not written: 1 host: kvm2\./);
  assert.is(readFileSync(foreign, 'utf8'), '# mine\n');
  assert.ok(existsSync(join(out, 'kvm3/etc')));
});

test('a second run changes nothing; a host that is gone is told of and left', async () => {
  const folder = folderOf({ 'fleet.yaml': FLEET });
  const out = join(folder, 'out');
  const render = (...words: string[]) =>
    runHere(join(folder, 'fleet.yaml'), '-b', 'networkd', '--root', out, ...words);
  const dry = await render('--dry-run');
  assert.match(dry.stderr, /would be 7 created: 3 hosts: kvm1, kvm2, kvm3/);
  assert.not.ok(existsSync(out));
  assert.match((await render()).stderr, /3 hosts, 21 files: 3 changed, 0 unchanged\./);
  assert.match((await render()).stderr, /3 hosts, 21 files: 0 changed, 3 unchanged\./);
  writeFileSync(join(folder, 'fleet.yaml'), FLEET.replace(/ {2}kvm3.*\n/, ''));
  const less = await render();
  assert.match(less.stderr, /left in .*out: files of hosts no longer in the fleet, 1 host: kvm3/);
  assert.ok(existsSync(join(out, 'kvm3')));
  const { status, stdout } = await runHere(
    ...['check', join(folder, 'fleet.yaml'), '-b', 'networkd', '--root', out],
  );
  assert.is(status, 1);
  assert.match(stdout, /error\[host-extra\]/);
});

test('--host: some of them, one here, none that is not there', async () => {
  const folder = folderOf({ 'fleet.yaml': FLEET });
  const fleet = join(folder, 'fleet.yaml');
  const out = join(folder, 'out');
  assert.is(
    (await runHere(fleet, '-b', 'networkd', '--root', out, '--host', 'kvm1,kvm3')).status,
    0,
  );
  assert.equal(readdirSync(out).sort(), ['kvm1', 'kvm3']);
  const wrong = await runHere(fleet, '-b', 'networkd', '--host', 'kvm9');
  assert.is(wrong.status, 3);
  assert.match(wrong.stderr, /did you mean `kvm1`/);
  const alone = await runHere(fleet, '-b', 'networkd', '--host', 'kvm2');
  assert.is(alone.status, 0);
  assert.match(alone.stdout, /^# ==> \/etc\/systemd\/network\//m);
  const all = await runHere(fleet, '-b', 'networkd');
  assert.is(all.status, 3);
  assert.match(all.stderr, /`--host NAME`/);
  for (const words of [
    ['--root', '/'],
    ['--root', '/', '--host', 'kvm1,kvm2'],
  ]) {
    const here = await runHere(fleet, '-b', 'networkd', '--dry-run', ...words);
    assert.is(here.status, 3);
    assert.match(here.stderr, /`\/` is one host, and the intent has several/);
  }
  // By force: whose network this machine's is, is another question.
  const mine = await runHere(
    ...[fleet, '-b', 'networkd', '--dry-run', '--force', '--root', '/', '--host', 'kvm1'],
  );
  assert.match(mine.stderr, /created: \/etc\/systemd\/network\/00-macvtap-veth0\.network/);
  assert.is((await runHere('check', fleet, '-b', 'networkd')).status, 3);
  const explained = await runHere('explain', fleet, '-b', 'networkd', '--host', 'kvm2');
  assert.match(explained.stdout, /fleet\.yaml:10;/);
  assert.match(explained.stdout, /fleet\.yaml:5;/);
  // Another's fault is no reason not to render this one, and is not passed over in silence.
  writeFileSync(fleet, FLEET.replace('198.51.100.52/24', '198.51.100.520/24'));
  const other = await runHere(fleet, '-b', 'networkd', '--host', 'kvm1');
  assert.is(other.status, 0);
  assert.match(other.stderr, /Another host has errors that are not reported here: kvm3\./);
  // But what it shares with this one is.
  writeFileSync(fleet, FLEET.replace('198.51.100.52/24', '198.51.100.50/24'));
  const shared = await runHere(fleet, '-b', 'networkd', '--host', 'kvm1');
  assert.is(shared.status, 2);
  assert.match(shared.stderr, /`198\.51\.100\.50` is also an address of `veth0` on kvm3/);
  // An intent of one host has a name, too.
  const single = folderOf({ 'i.yaml': intentOf('original') });
  assert.is((await runHere(join(single, 'i.yaml'), '-b', 'networkd', '--host', 'kvm1')).status, 0);
  assert.is((await runHere(join(single, 'i.yaml'), '-b', 'networkd', '--host', 'x')).status, 3);
});

test('a folder for each host, whatever the layout', async () => {
  const folder = folderOf({ 'fleet.yaml': FLEET });
  const at = (...words: string[]) => runHere(join(folder, 'fleet.yaml'), ...words);
  const backends = join(folder, 'ways');
  assert.is((await at('-b', 'networkd', '-b', 'networkmanager', '--root', backends)).status, 0);
  assert.equal(readdirSync(backends).sort(), ['networkd', 'networkmanager']);
  assert.equal(readdirSync(join(backends, 'networkd')).sort(), ['kvm1', 'kvm2', 'kvm3']);
  // Each back end's is a fleet's tree of its own.
  const checked = await runHere(
    ...[
      'check',
      join(folder, 'fleet.yaml'),
      '-b',
      'networkd',
      '--root',
      join(backends, 'networkd'),
    ],
  );
  assert.is(checked.status, 0);
  const flat = join(folder, 'flat');
  const printed = await at('-b', 'networkd', '--output', flat);
  assert.is(printed.status, 0);
  assert.ok(existsSync(join(flat, 'kvm2/00-macvtap-veth0.network')));
  assert.is(printed.stderr.match(/not written: \/etc\/sysctl\.d/g)?.length, 1);
});

test('packagings of a fleet', async () => {
  const folder = folderOf({ 'fleet.yaml': FLEET });
  const at = (...words: string[]) =>
    runHere(join(folder, 'fleet.yaml'), '-b', 'networkd', ...words);
  const { hosts } = documentOf('render', (await at('--format', 'json')).stdout);
  assert.equal(
    hosts.map(({ host }) => host),
    ['kvm1', 'kvm2', 'kvm3'],
  );
  // What tar makes of it is what --root writes.
  const archive = macvtapRender([join(folder, 'fleet.yaml'), '-b', 'networkd', '--format', 'tar']);
  mkdirSync(join(folder, 'tar'));
  const unpacked = spawnSync('tar', ['-x', '-C', join(folder, 'tar')], { input: archive.stdout });
  assert.is(unpacked.status, 0);
  await at('--root', join(folder, 'root'));
  assert.equal(treeOf(join(folder, 'tar')), treeOf(join(folder, 'root')));
  for (const [format, name] of [
    ['cloud-init', 'user-data'],
    ['ignition', 'config.ign'],
  ] as const) {
    const refused = await at('--format', format);
    assert.is(refused.status, 3);
    assert.match(refused.stderr, /name it with `--host NAME`; with `--output DIR`/);
    const out = join(folder, format);
    assert.is((await at('--format', format, '--output', out)).status, 0);
    const alone = await at('--format', format, '--host', 'kvm2');
    assert.is(alone.status, 0);
    if (format === 'cloud-init') {
      // Those who find one there already may go on having it: it has our mark.
      assert.is(readFileSync(join(out, 'kvm2', name), 'utf8'), alone.stdout);
    } else assert.is(readFileSync(join(out, 'kvm2', name), 'utf8'), alone.stdout);
  }
});

test('the role of a fleet: one, with an inventory and a folder for each host', async () => {
  const folder = folderOf({ 'fleet.yaml': FLEET });
  const role = join(folder, 'roles/macvtap');
  const at = (...words: string[]) =>
    runHere(
      join(folder, 'fleet.yaml'),
      '-b',
      'networkd',
      '--format',
      'ansible',
      '--output',
      role,
      ...words,
    );
  assert.is((await at()).status, 0);
  const tree = treeOf(role);
  assert.equal((parse(tree['inventory.yml'] ?? '') as { macvtap: unknown }).macvtap, {
    hosts: { kvm1: {}, kvm2: {}, kvm3: {} },
  });
  assert.is(Object.keys(tree).filter((path) => path.startsWith('vars/')).length, 3);
  assert.match((await at()).stderr, /^3 hosts, 27 files: 0 changed, 3 unchanged\.\n$/);
  // One alone is no reason to take the others out of the inventory.
  assert.match(
    (await at('--host', 'kvm1')).stderr,
    /^1 host, 9 files: 0 changed, 1 unchanged\.\n$/,
  );
  // A file that the intent has no more goes; another host's stay.
  const old = join(role, 'files/kvm1/etc/systemd/network/00-macvtap-veth9.netdev');
  writeFileSync(
    old,
    (tree['files/kvm1/etc/systemd/network/00-macvtap-veth0.netdev'] ?? '').replaceAll(
      'veth0',
      'veth9',
    ),
  );
  assert.match((await at('--no-prune')).stderr, /left: .*veth9/);
  assert.match((await at('--dry-run')).stderr, /would be removed: .*veth9/);
  assert.ok(existsSync(old));
  assert.match((await at()).stderr, /removed: .*veth9/);
  assert.not.ok(existsSync(old));
  writeFileSync(join(folder, 'fleet.yaml'), FLEET.replace(/ {2}kvm3.*\n/, ''));
  assert.match(
    (await at()).stderr,
    /left in .*files: files of hosts no longer in the fleet, 1 host: kvm3;/,
  );
  // The same files as without a fleet, and the same facts about them.
  const { hosts } = toOne(FLEET);
  const packages = hosts.flatMap((host) => packagesOf(host, host.host));
  assert.equal(
    packages.map((each) => each.folder),
    ['kvm1', 'kvm2', 'kvm3'],
  );
});

test('what is derived from the name of a host is no difference between hosts, whatever the case', () => {
  let count = 0;
  for (const name of caseNames()) {
    const text = intentOf(name);
    const hosts = ['kvm1', 'b--x.example.net', 'kvm-3'];
    if (name.startsWith('bad-') || !/^host: /m.test(text)) continue;
    const compiled = hosts.map((host) => {
      const intent = text.replace(/^host: .*$/m, `host: ${host}`);
      const backendIds = backends.map(({ id }) => id);
      return {
        host,
        sets: compile(intent, { file: name, backends: backendIds, ...targetOf(name) }).sets ?? [],
      };
    });
    for (const { backend } of compiled[0]?.sets ?? []) {
      const patches = compiled.map(({ host, sets }) => ({
        host,
        patch: patchOf(
          (sets.find((set) => set.backend === backend)?.files ?? []).map((file) => ({
            path: file.path,
            before: undefined,
            after: file.text,
          })),
        ),
      }));
      if (patches[0]?.patch === '') continue;
      assert.equal(
        groupPatches(patches).map((group) => group.hosts),
        [hosts],
        `${name}, ${backend}`,
      );
      count += 1;
    }
  }
  assert.ok(count > 200, `${count}`);
});

test('check: what somebody else’s file does is warned of, and nothing is to be forced', async () => {
  const folder = folderOf({ 'fleet.yaml': FLEET });
  const out = join(folder, 'out');
  const fleet = join(folder, 'fleet.yaml');
  await runHere(fleet, '-b', 'networkd', '--root', out);
  const sysctl = join(out, 'kvm2/etc/sysctl.d/99-site.conf');
  writeFileSync(sysctl, 'net.ipv4.conf.eth0.arp_ignore = 0\n');
  const { status, stdout } = await runHere('check', fleet, '-b', 'networkd', '--root', out);
  assert.is(status, 0);
  assert.match(stdout, /warning\[sysctl-overridden\][\s\S]*1 host: kvm2/);
  assert.not.match(stdout, /--force|differ|To fix/);
  assert.match(stdout, /Up to date \(3 hosts\)\.\n$/);
  const before = join(out, 'kvm2/etc/systemd/network/00-aaa.network');
  writeFileSync(before, '[Match]\nName=eth0\n\n[Network]\nDHCP=yes\n');
  const wrong = await runHere('check', fleet, '-b', 'networkd', '--root', out);
  assert.is(wrong.status, 1);
  assert.match(wrong.stdout, /error\[[a-z-]+\][\s\S]*1 host: kvm2/);
  assert.not.match(wrong.stdout, /--force --backup|differ|To fix/);
});

test('check: what differs, grouped, the dangerous first', async () => {
  const folder = folderOf({ 'fleet.yaml': FLEET });
  const out = join(folder, 'out');
  const at = (...words: string[]) => runHere(...words, '-b', 'networkd', '--root', out);
  const fleet = join(folder, 'fleet.yaml');
  await at(fleet);
  const same = await at('check', fleet);
  assert.is(same.status, 0);
  assert.is(same.stdout, 'Up to date (3 hosts).\n');
  rmSync(join(out, 'kvm1/etc/sysctl.d/90-macvtap.conf'));
  rmSync(join(out, 'kvm3/etc/sysctl.d/90-macvtap.conf'));
  writeFileSync(join(out, 'kvm2/etc/systemd/network/00-macvtap-eth0.network'), '# mine\n');
  const differs = await at('check', fleet);
  assert.is(differs.status, 1);
  const heads = differs.stdout
    .split('\n')
    .filter((line) => /(?:error|warning)\[|^ {2}\d+ host/.test(line));
  assert.match(
    heads[0] ?? '',
    /^\/etc\/systemd\/network\/00-macvtap-eth0\.network: error\[file-edited\]/,
  );
  assert.is(heads[1], '  1 host: kvm2');
  assert.match(heads[2] ?? '', /^\/etc\/sysctl\.d\/90-macvtap\.conf: error\[file-missing\]/);
  assert.is(heads[3], '  2 hosts: kvm1, kvm3');
  assert.match(differs.stdout, /3 of 3 hosts differ\.\n$/);
  assert.match(differs.stdout, /macvtap-render .*--root .* --force --backup/);
  const json = await at('check', fleet, '--format', 'json');
  const { hosts } = documentOf('check', json.stdout);
  assert.equal(
    hosts.map(({ host, findings }) => `${host} ${findings[0]?.code}`),
    ['kvm1 file-missing', 'kvm2 file-edited', 'kvm3 file-missing'],
  );
  const { runs } = JSON.parse((await at('check', fleet, '--format', 'sarif')).stdout) as {
    runs: {
      results: { locations: { physicalLocation: { artifactLocation: { uri: string } } }[] }[];
    }[];
  };
  assert.ok(
    runs[0]?.results.some(({ locations: [place] }) =>
      place?.physicalLocation.artifactLocation.uri.endsWith(
        '/out/kvm1/etc/sysctl.d/90-macvtap.conf',
      ),
    ),
  );
  const some = await at('check', fleet, '--host', 'kvm1');
  assert.match(some.stdout, /1 of 1 host differ/);
});

test('diff: which hosts change, by what happens, the worst first', async () => {
  const after = FLEET.replace('198.51.100.1]', '198.51.100.2]')
    .replace('198.51.100.51/24', '198.51.100.61/24')
    .replace('198.51.100.52/24', '198.51.100.62/24')
    .replace('kvm1:', 'kvm9:');
  const folder = folderOf({ 'a.yaml': FLEET, 'b.yaml': after, 'c/x.yaml': FLEET });
  const [a, b, c] = ['a.yaml', 'b.yaml', 'c'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const { status, stdout } = await runHere('diff', a, b, '-b', 'networkd');
  assert.is(status, 1);
  assert.match(
    stdout,
    /^4 of 4 hosts change\.\n\nMay lock you out:\n {2}- `veth0` loses the address …\. Reconnect at …\.\n {6}2 hosts: kvm2, kvm3\n/,
  );
  assert.match(
    stdout,
    /kvm2: `veth0` loses the address 198\.51\.100\.51\. Reconnect at 198\.51\.100\.61\./,
  );
  assert.match(stdout, /- Name servers of `veth0`: 198\.51\.100\.2\.\n {6}2 hosts: kvm2, kvm3\n/);
  assert.match(stdout, /- The host is added to the fleet\.\n {6}1 host: kvm9\n/);
  assert.match(
    stdout,
    /The host is removed from the fleet; its files are not changed\.\n {6}1 host: kvm1\n/,
  );
  assert.ok(stdout.indexOf('May lock') < stdout.indexOf('Harmless'));
  const same = await runHere('diff', a, c, '-b', 'networkd');
  assert.is(same.status, 0);
  assert.is(same.stdout, 'Nothing changes on any of 3 hosts.\n');
  const json = await runHere('diff', a, b, '--format', 'json');
  assert.equal(
    documentOf('diff', json.stdout).hosts.map(({ host }) => host),
    ['kvm9', 'kvm2', 'kvm3', 'kvm1'],
  );
  const markdown = (await runHere('diff', a, b, '-b', 'networkd', '--format', 'markdown')).stdout;
  assert.match(markdown, /\*\*🛑 May lock you out\*\*/);
  assert.match(markdown, /<details><summary>Files for networkd: /);
  const some = await runHere('diff', a, b, '--host', 'kvm9');
  assert.match(some.stdout, /^1 of 1 host change/);
});

test('diff of a directory at a revision', () => {
  const folder = folderOf({
    'fleet/all.yaml': FLEET,
    'fleet/.x/no.yaml': ': [',
    'fleet/note.txt': 'x',
  });
  const git = (...words: string[]): void => {
    const { status, stderr } = spawnSync(
      'git',
      ['-c', 'user.name=x', '-c', 'user.email=x@x', ...words],
      {
        cwd: folder,
        encoding: 'utf8',
      },
    );
    assert.is(status, 0, stderr);
  };
  git('init', '-q', '-b', 'main');
  git('add', '.');
  git('commit', '-qm', 'x');
  const same = macvtapRender(['diff', 'main:fleet', 'fleet'], { cwd: folder });
  assert.is(same.status, 0, same.stderr);
  writeFileSync(
    join(folder, 'fleet/all.yaml'),
    FLEET.replace('198.51.100.52/24', '198.51.100.62/24'),
  );
  const other = macvtapRender(['diff', 'main:fleet', 'fleet'], { cwd: folder });
  assert.is(other.status, 1);
  assert.match(other.stdout, /^1 of 3 hosts change/);
  // From within, and with a folder of the same name in it.
  mkdirSync(join(folder, 'fleet/fleet'));
  writeFileSync(join(folder, 'fleet/fleet/x.yaml'), 'version: 1\nhosts: {other: {}}\n');
  const within = macvtapRender(['diff', 'main:fleet', 'main:fleet'], {
    cwd: join(folder, 'fleet'),
  });
  assert.is(within.status, 0, within.stderr);
  assert.match(within.stdout, /any of 3 hosts/);
  // A link is not the same thing in git as on the disk: it is told of, not guessed.
  symlinkSync('all.yaml', join(folder, 'fleet/link.yaml'));
  git('add', 'fleet/link.yaml');
  git('commit', '-qm', 'y');
  const linked = macvtapRender(['diff', 'main:fleet', 'main:fleet'], { cwd: folder });
  assert.is(linked.status, 2);
  assert.match(
    linked.stderr,
    /error\[intent-not-a-file\]: Not a regular file, but a link to all\.yaml/,
  );
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

test('--keep-going: not where a text itself is broken, which may be any host’s', async () => {
  const folder = folderOf({ 'fleet.yaml': `${FLEET}  kvm1: {}\n` });
  const words = [join(folder, 'fleet.yaml'), '-b', 'networkd', '--root', join(folder, 'out')];
  const { status, stderr } = await runHere(...words, '--keep-going');
  assert.is(status, 2);
  assert.match(stderr, /`--keep-going` does not apply/);
  assert.not.ok(existsSync(join(folder, 'out')));
});

test('a folder that is none stops its own host alone', async () => {
  const folder = folderOf({
    'fleet.yaml': FLEET,
    'out/kvm2': 'a file\n',
    'role/files/kvm2': 'x\n',
  });
  const at = (...words: string[]) => runHere(...words, '-b', 'networkd');
  const fleet = join(folder, 'fleet.yaml');
  const out = join(folder, 'out');
  const refused = await at(fleet, '--root', out);
  assert.is(refused.status, 4);
  assert.match(refused.stderr, /kvm2: is not a directory[\s\S]*refused for 1 host: kvm2/);
  assert.equal(readdirSync(out), ['kvm2']);
  const { status, stderr } = await at(fleet, '--root', out, '--keep-going');
  assert.is(status, 4);
  assert.match(stderr, /Not written: 1 host: kvm2\./);
  assert.equal(readdirSync(out).sort(), ['kvm1', 'kvm2', 'kvm3']);
  const checked = await at('check', fleet, '--root', out);
  assert.is(checked.status, 1);
  assert.match(checked.stdout, /error\[file-in-the-way\].*\n {2}help: .*\n {2}1 host: kvm2/);
  const role = ['--format', 'ansible', '--output', join(folder, 'role')];
  assert.is((await at(fleet, ...role)).status, 4);
  const kept = await at(fleet, ...role, '--keep-going');
  assert.is(kept.status, 4);
  assert.match(kept.stderr, /Not written: 1 host: kvm2\./);
  assert.ok(existsSync(join(folder, 'role/files/kvm3/etc')));
});

test('names that Ansible has for groups; control characters; the root, however it is written', async () => {
  const named = FLEET.replace('kvm2:', 'all:');
  const folder = folderOf({
    'fleet.yaml': named,
    'esc.yaml': 'version: 1\nhosts: {"a\\e[31m": {}}\n',
  });
  const at = (file: string, ...words: string[]) =>
    runHere(join(folder, file), '-b', 'networkd', ...words);
  const role = await at('fleet.yaml', '--format', 'ansible', '--output', join(folder, 'role'));
  assert.is(role.status, 3);
  assert.match(role.stderr, /`all` cannot be a host's name/);
  assert.is((await at('fleet.yaml', '--root', join(folder, 'out'))).status, 0);
  assert.not.ok((await at('esc.yaml')).stderr.includes('\u001b'));
  for (const root of ['/.', '//', '/../']) {
    assert.is((await at('fleet.yaml', '--dry-run', '--root', root)).status, 3, root);
  }
});

test('a bar on a terminal, with rate and time left; silence anywhere else', async () => {
  const hosts = Array.from(
    { length: 40 },
    (_, i) => `  h${i}: {shims: {veth0: {addresses: [198.51.100.${i + 1}/24]}}}\n`,
  );
  const text = `version: 1\ndefaults: {shims: {veth0: {parent: eth0}}}\nhosts:\n${hosts.join('')}`;
  const folder = folderOf({ 'fleet.yaml': text });
  const onTerminal = async (isTerminal: boolean, term: string): Promise<string> => {
    let now = 0;
    let stderr = '';
    const words = [
      join(folder, 'fleet.yaml'),
      '-b',
      'networkd',
      '--root',
      join(folder, `out-${isTerminal}-${term}`),
    ];
    await run(
      {
        ...nodeSystem(words, { TERM: term }),
        stdout: { isTerminal, write: () => {} },
        stderr: {
          isTerminal,
          write: (more) => {
            stderr += more;
          },
        },
        milliseconds: () => {
          now += 50;
          return now;
        },
      },
      '0',
    );
    return stderr.replaceAll('\u001b[K', '<clear>');
  };
  const shown = await onTerminal(true, 'xterm');
  assert.match(shown, /\rrendering \[#+\.+\] \d+\/40 hosts, \d+\/s, \d+ s left<clear>/);
  assert.match(shown, /\rwriting \[/);
  // It is taken away before anything else is said.
  assert.match(shown, /\r<clear>\d+ created: 40 hosts/);
  assert.not.match(await onTerminal(false, 'xterm'), /\r|hosts, \d+\/s/);
  assert.not.match(await onTerminal(true, 'dumb'), /\r|hosts, \d+\/s/);
});

test('a host is written whole or not at all by two runs at once', async () => {
  const folder = folderOf({ 'fleet.yaml': FLEET });
  const words = [join(folder, 'fleet.yaml'), '-b', 'networkd', '--root', join(folder, 'out')];
  const runs = await Promise.all([runHere(...words), runHere(...words)]);
  assert.equal(
    runs.map(({ status }) => status),
    [0, 0],
  );
  assert.is((await runHere('check', ...words)).status, 0);
  assert.not.ok(
    Object.keys(treeOf(join(folder, 'out'))).some((path) => /macvtap-(?:lock|new)/.test(path)),
  );
});

test.run();
