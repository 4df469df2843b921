/** The library: values as texts, wrong input as outcomes, and what each function gives. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import {
  backends,
  check,
  compile,
  compileFleet,
  diff,
  explain,
  pack,
  report,
  targets,
} from '../../src/index.ts';
import type { FleetIntent, Host, Intent } from '../../src/library/public.d.ts';
import { caseNames, intentOf } from '../golden/cases.ts';
import { isLong, sample } from '../long.ts';
import { processorMs } from '../processor.ts';

const RIGHT: Intent = {
  version: 1,
  host: 'kvm1',
  shims: {
    veth0: {
      parent: 'eth0',
      addresses: ['198.51.100.50/24'],
      routes: [{ to: 'default', via: '198.51.100.254' }],
    },
  },
};
const TEXT = `version: 1
host: kvm1
shims:
  veth0:
    parent: eth0
    addresses: [198.51.100.50/24]
    routes:
      - {to: default, via: 198.51.100.254}
`;
const IDS = backends.map(({ id }) => id);
const wrong = (value: unknown): Intent => value as Intent;
const codesOf = ({ diagnostics }: { diagnostics: readonly { code: string }[] }): string[] =>
  diagnostics.map(({ code }) => code);

function hostOf(intent: string | Intent = RIGHT, ...ids: typeof IDS): Host {
  const { value, diagnostics } = compile(intent, { backends: ids.length > 0 ? ids : ['networkd'] });
  if (!value) throw new Error(JSON.stringify(diagnostics));
  return value;
}

/** What only text can have: syntax, tags, positions of keys. */
const OF_TEXT = /^(?:yaml|duplicate-key|key-not-text|several-documents|too-)/;

test('a value is what its text is: the same files, the same diagnostics at the same paths', () => {
  let compared = 0;
  for (const name of sample(caseNames(), 3)) {
    const text = intentOf(name);
    const fromText = compile(text, { backends: ['networkd'] });
    // Nor has a value names that are numbers, and are taken as they are written.
    if (name === 'awkward-names' || codesOf(fromText).some((code) => OF_TEXT.test(code))) continue;
    const fromValue = compile(wrong(parse(text, { merge: true })), { backends: ['networkd'] });
    const files = ({ value }: typeof fromText) =>
      value?.files.map(({ path, mode, role, text: content }) => [path, mode, role, content]);
    assert.equal(files(fromValue), files(fromText), name);
    const found = ({ diagnostics }: typeof fromText) =>
      diagnostics.map(({ code, path }) => `${code} ${path.join('.')}`).sort();
    assert.equal(found(fromValue), found(fromText), name);
    compared += 1;
  }
  assert.ok(compared > (isLong ? 100 : 33), `${compared} cases`);
});

test('a diagnostic of text has a place; of a value a path, and no line', () => {
  const text = compile(TEXT.replace('parent', 'parnt'), { file: 'x.yaml' });
  const [ofText] = text.diagnostics;
  assert.equal(
    [ofText?.code, ofText?.file, ofText?.line, ofText?.column, ofText?.path],
    ['unknown-key', 'x.yaml', 5, 5, ['shims', 'veth0', 'parnt']],
  );
  assert.is(text.value, undefined);
  assert.match(report(text), /^x\.yaml:5:5: error\[unknown-key\]: .*\n {2}5 \| {5}parnt: eth0\n/);
  const value = compile(
    wrong({ ...RIGHT, shims: { 'v 0': { parent: 'eth0', routes: [{ to: 'x' }] } } }),
  );
  assert.ok(value.diagnostics.length > 1);
  for (const one of value.diagnostics) {
    assert.equal(
      Object.keys(one).filter((key) => /file|line|column/i.test(key)),
      [],
    );
  }
  assert.match(report(value), /^shims\["v 0"\]: error\[/m);
  assert.match(report(value), /^shims\["v 0"\]\.routes\[0\]\.to: error\[/m);
  const esc = String.fromCharCode(27);
  assert.not.ok(report(value).includes(esc));
  assert.ok(report(value, { colour: true }).includes(esc));
});

test('any value gives an outcome, soon', () => {
  const cyclic: Record<string, unknown> = { version: 1 };
  cyclic['shims'] = { veth0: cyclic };
  let bomb: unknown = ['x'];
  for (let level = 0; level < 60; level += 1) bomb = [bomb, bomb];
  let deep: unknown = 1;
  for (let level = 0; level < 100_000; level += 1) deep = [deep];
  const long = 'x'.repeat(1024 * 1024);
  const shim = (part: object): unknown => ({
    ...RIGHT,
    shims: { veth0: { ...RIGHT.shims?.['veth0'], ...part } },
  });
  const started = processorMs();
  for (const [value, code] of [
    [cyclic, 'too-deep'],
    [deep, 'too-deep'],
    [{ version: 1, shims: bomb }, 'too-many-values'],
    [{ version: 1, shims: Array.from({ length: 65 }, () => long) }, 'too-large'],
    [undefined, 'empty-intent'],
    [null, 'empty-intent'],
    [7, 'wrong-type'],
    [[], 'wrong-type'],
    [{}, 'missing-key'],
    [{ ...RIGHT, shims: new Map([['veth0', {}]]) }, 'wrong-type'],
    [shim({ mtu: Number.NaN }), 'wrong-type'],
    [shim({ mtu: 1500n }), 'wrong-type'],
    [shim({ mtu: new Date(0) }), 'wrong-type'],
    [shim({ addresses: () => 1 }), 'wrong-type'],
    [shim({ dhcp4: Symbol('x') }), 'wrong-type'],
    [shim({ addresses: [undefined] }), 'wrong-type'],
    [JSON.parse('{"version": 1, "__proto__": {"host": "x"}}'), 'unknown-key'],
    [JSON.parse('{"version": 1, "shims": {"constructor": {"<<": {}}}}'), 'unknown-key'],
  ] as const) {
    const outcome = compile(wrong(value), { backends: ['networkd'] });
    assert.ok(codesOf(outcome).includes(code), `${code}: ${codesOf(outcome)}`);
    assert.is(outcome.value, undefined);
    const fleet = compileFleet(value as unknown as FleetIntent, { backends: ['networkd'] });
    assert.is(fleet.value, undefined);
    assert.ok(fleet.diagnostics.length > 0);
  }
  assert.ok(processorMs() - started < 20_000);
  // What is undefined is absent.
  assert.ok(compile(wrong(shim({ mtu: undefined }))).value);
});

test('options that name nothing are in the outcome, with what there is', () => {
  for (const [options, code, hint] of [
    [{ target: 'debian-99' }, 'target-unknown', /`debian-12`/],
    [{ target: 'systemd=x' }, 'target-unknown', /systemd=252/],
    [{ target: 'systemd=1' }, 'target-unknown', /systemd=252/],
    [{ target: 'debain-12' }, 'target-unknown', /^Did you mean `debian-12`\?$/],
    [{ backends: ['netword'] }, 'backend-unknown', /^Did you mean `networkd`\?$/],
    [{ backends: ['wicked'] }, 'backend-unknown', /`networkd`, .*`netplan`/],
  ] as const) {
    for (const outcome of [
      compile(RIGHT, options as never),
      compileFleet(TEXT, options as never),
      compileFleet([], options as never),
    ]) {
      assert.equal(codesOf(outcome), [code]);
      assert.match(outcome.diagnostics[0]?.hint ?? '', hint);
      assert.is(outcome.value, undefined);
      assert.match(report(outcome), new RegExp(`^<intent>: error\\[${code}\\]`));
    }
  }
  for (const target of targets) assert.ok(compile(RIGHT, { backends: ['networkd'], target }).value);
  assert.equal(hostOf(RIGHT, 'networkd').files[0]?.backend, 'networkd');
  const { value } = compile(RIGHT, { backends: ['netplan'], renderer: 'NetworkManager' });
  assert.is(value?.files[0]?.backend, 'netplan-networkmanager');
  assert.equal(compile(RIGHT).value?.files, []);
});

test('a fleet: an error in one host hides nothing of another', () => {
  const fleet: FleetIntent = {
    version: 1,
    defaults: { shims: { veth0: { parent: 'eth0', nameservers: { search: ['example.net'] } } } },
    hosts: {
      kvm1: { shims: { veth0: { addresses: ['198.51.100.50/24'], nameservers: null } } },
      kvm2: { shims: { veth0: { addresses: ['198.51.100.51/24'] } } },
    },
  };
  const right = compileFleet(fleet, { backends: ['networkd'] });
  assert.equal(
    right.value?.map(({ host }) => host),
    ['kvm1', 'kvm2'],
  );
  const texts = compileFleet(
    [
      {
        file: 'a.yaml',
        text: 'version: 1\nhosts: {kvm1: {shims: {veth0: {parent: eth0, dhcp4: true}}}}\n',
      },
      {
        file: 'b.yaml',
        text: 'version: 1\nhosts: {kvm2: {shims: {veth0: {parent: eth0, dhcp: true}}}}\n',
      },
    ],
    { backends: ['networkd'] },
  );
  assert.is(texts.value, undefined);
  assert.equal(
    texts.hosts.map(({ host, value }) => [host, value !== undefined]),
    [
      ['kvm1', true],
      ['kvm2', false],
    ],
  );
  assert.equal(
    texts.diagnostics
      .filter(({ severity }) => severity === 'error')
      .map(({ code, file, hosts }) => [code, file, hosts]),
    [['unknown-key', 'b.yaml', ['kvm2']]],
  );
  const [, second] = texts.hosts;
  assert.match(report(second ?? texts), /^b\.yaml:2:\d+: error\[unknown-key\]/);
  const [only, ...others] = compileFleet(fleet, { hosts: ['kvm2'] }).hosts;
  assert.is(only?.host, 'kvm2');
  assert.equal(others, []);
  const unknown = compileFleet(fleet, { hosts: ['kvm2', 'kvm9'], backends: ['networkd'] });
  assert.equal(codesOf(unknown), ['host-unknown']);
  assert.is(unknown.value, undefined);
  assert.ok(unknown.hosts[0]?.value);
  // No text at all is one that is empty.
  assert.equal(codesOf(compileFleet([])), ['empty-intent']);
});

test('back ends and targets of the intent, unless options name others', () => {
  const shims = { veth0: { parent: 'eth0', addresses: ['198.51.100.50/24'] } };
  const intent: Intent = {
    version: 1,
    host: 'kvm1',
    backend: ['networkd', 'libvirt'],
    target: 'debian-11',
    shims,
  };
  const namesOf = ({ value }: ReturnType<typeof compile>): string[] => [
    ...new Set(value?.files.map(({ backend }) => backend)),
  ];
  assert.equal(namesOf(compile(intent)), ['networkd', 'libvirt']);
  assert.equal(namesOf(compile(intent, { backends: ['ifupdown'] })), ['ifupdown']);
  assert.equal(namesOf(compile(intent, { backends: [] })), []);
  const { target: _, ...plain } = intent;
  const texts = ({ value }: ReturnType<typeof compile>) => value?.files.map(({ text }) => text);
  assert.equal(texts(compile(intent)), texts(compile(plain, { target: 'debian-11' })));
  assert.equal(
    texts(compile(intent, { target: 'debian-13' })),
    texts(compile(plain, { target: 'debian-13' })),
  );
  assert.is.not(`${texts(compile(intent))}`, `${texts(compile(plain))}`);
  assert.equal(codesOf(compile(wrong({ ...intent, backend: 'netword', target: 'host' }))), [
    'backend-unknown',
    'target-unknown',
  ]);
  const { hosts } = compileFleet({
    version: 1,
    hosts: {
      kvm1: { backend: 'networkd', shims },
      kvm2: {
        backend: 'netplan',
        renderer: 'NetworkManager',
        shims: { veth0: { parent: 'eth0', addresses: ['198.51.100.51/24'] } },
      },
      kvm3: { shims: { veth0: { parent: 'eth0', addresses: ['198.51.100.52/24'] } } },
    },
  });
  assert.equal(
    hosts.map(({ value }) => value?.files[0]?.backend),
    ['networkd', 'netplan-networkmanager', undefined],
  );
  const [first, second, third] = hosts.map(({ value }) => value as Host);
  if (!first || !second || !third) throw new Error('three hosts');
  const inventory = pack([first, second], 'ansible').value?.folder?.find(
    ({ path }) => path === 'inventory.yml',
  );
  assert.match(inventory?.text ?? '', /^ {4}macvtap_netplan_networkmanager:$/m);
  const lacking = pack([first, third], 'json');
  assert.equal(codesOf(lacking), ['format-unfit']);
  assert.match(lacking.diagnostics[0]?.message ?? '', /`kvm3` has no back end/);
  // Another system for the same host.
  const moved = diff(hostOf(RIGHT, 'networkd'), hostOf(RIGHT, 'ifupdown'));
  assert.match(moved.changes[0]?.message ?? '', /moves from systemd-networkd to ifupdown/);
});

test('check: what is missing, edited, orphaned, and of others', () => {
  const host = hostOf(RIGHT, 'networkd', 'libvirt');
  const files = Object.fromEntries(host.files.map(({ path, text }) => [path, text]));
  const found = (changed: Readonly<Record<string, string>>): string[] =>
    check(host, changed).findings.map(({ code, path }) => `${code} ${path}`);
  assert.equal(check(host, files), { findings: [], patches: [] });
  const netdev = '/etc/systemd/network/00-macvtap-veth0.netdev';
  const { [netdev]: text = '', ...rest } = files;
  assert.equal(found(rest), [`file-missing ${netdev}`]);
  assert.match(check(host, rest).patches[0]?.patch ?? '', /^\+Kind=macvlan$/m);
  assert.is(check(host, rest).patches[0]?.backend, 'networkd');
  assert.equal(found({ ...files, [netdev]: `${text}\n[X]\n` }), [`file-changed ${netdev}`]);
  assert.equal(found({ ...files, [netdev]: 'mine\n' }), [`file-edited ${netdev}`]);
  const orphan = netdev.replace('veth0', 'veth9');
  assert.equal(found({ ...files, [orphan]: text }), [`file-extra ${orphan}`]);
  const other = '/etc/systemd/network/00-a.network';
  const match = '[Match]\nName=eth0\n[Network]\nDHCP=yes\n';
  assert.ok(found({ ...files, [other]: match }).some((one) => one.endsWith(other)));
  // Paths that no tree can hold as they are.
  for (const path of ['', '/', '//', 'etc', '/etc', `${netdev}/x`, '/etc/../etc/passwd']) {
    assert.type(check(host, { ...files, [path]: 'x' }).findings.length, 'number', path);
  }
});

test('diff: what changes on the machine and in the files', () => {
  const host = hostOf();
  assert.equal(diff(host, host), { changes: [], patches: [] });
  const moved = hostOf(TEXT.replace('.50/', '.51/'));
  const { changes, patches } = diff(host, moved);
  assert.is(changes[0]?.severity, 'may-lock-out');
  assert.equal(Object.keys(changes[0] ?? {}), ['severity', 'subject', 'message']);
  assert.match(patches[0]?.patch ?? '', /^\+Address=198\.51\.100\.51\/24$/m);
});

test('explain: every line; an origin has a line where the intent is text', () => {
  for (const [intent, line] of [
    [TEXT, 8],
    [RIGHT, undefined],
  ] as const) {
    const host = hostOf(intent);
    const files = explain(host);
    assert.equal(
      files.map(({ lines }) => lines.map(({ text }) => `${text}\n`).join('')),
      host.files.map(({ text }) => text),
    );
    const gateway = files.flatMap(({ lines }) => lines).find(({ text }) => /^Gateway=/.test(text));
    assert.equal(gateway?.origin.path, ['shims', 'veth0', 'routes', 0, 'via']);
    assert.is(gateway?.origin.line, line);
    assert.is(host.files[0]?.origins[0]?.line === undefined, line === undefined);
  }
});

test('pack: text, folders, and what a format cannot hold', () => {
  const host = hostOf();
  assert.match(pack(host, 'stream').value?.text ?? '', /^# ==> \/etc\//);
  assert.is(
    JSON.parse(pack(host, 'json').value?.text ?? '').hosts[0].files.length,
    host.files.length,
  );
  assert.ok(pack(host, 'ansible').value?.folder?.some(({ path }) => path === 'tasks/main.yml'));
  const fleet = compileFleet(
    'version: 1\nhosts: {kvm1: {shims: {veth0: {parent: eth0, dhcp4: true}}}, all: {shims: {veth0: {parent: eth0, dhcp4: true}}}}\n',
    { backends: ['networkd'] },
  );
  const [first, second] = fleet.value ?? [];
  if (!first || !second) throw new Error(report(fleet));
  const both = pack([first, second], 'cloud-init').value;
  assert.is(both?.text, undefined);
  assert.equal(
    both?.folder?.map(({ path }) => path),
    ['kvm1/user-data', 'all/user-data'],
  );
  for (const [hosts, format, message] of [
    [host, 'zip', /no format `zip`/],
    [[first, second], 'stream', /takes one host/],
    [[first, second], 'ansible', /`all` cannot be the name/],
    [[first, first], 'tar', /the same name/],
    [hostOf(RIGHT, 'networkd', 'ifupdown'), 'tar', /one back end/],
    [hostOf(RIGHT, 'iproute2'), 'cloud-init', /`iproute2`/],
    [compile(RIGHT).value, 'tar', /Nothing was rendered/],
    [[], 'tar', /Nothing was rendered/],
  ] as const) {
    const outcome = pack(hosts as Host, format as 'tar');
    assert.is(outcome.value, undefined, format);
    assert.equal(codesOf(outcome), ['format-unfit']);
    assert.match(outcome.diagnostics[0]?.message ?? '', message);
    assert.match(report(outcome), /error\[format-unfit\]/);
  }
});

test('what the library did not make is refused at once', () => {
  const host = hostOf();
  const copy = { ...host };
  for (const call of [
    () => explain(copy),
    () => check(copy, {}),
    () => diff(host, copy),
    () => pack(copy, 'tar'),
  ]) {
    assert.throws(call, /not a host that `compile` or `compileFleet` returned/);
  }
  assert.throws(() => report({ diagnostics: [] }), /not an outcome/);
  // Still plain data.
  assert.equal(JSON.parse(JSON.stringify(host)), { ...host });
});

test.run();
