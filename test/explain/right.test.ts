/** The right examples of `explain CODE`: each compiles, and does not raise its code. */

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { backends } from '../../src/backends/registry.ts';
import { allKeyExamples } from '../../src/build/key-texts.ts';
import { allExamples } from '../../src/build/texts.ts';
import { compile } from '../../src/compile.ts';
import { CODES, type DiagnosticCode } from '../../src/diagnostics/codes.ts';
import { keyPlaces } from '../../src/explain/keys.ts';
import { LIMITS } from '../../src/explain/limits.ts';
import { matchingPage, nearestNames, referencePage } from '../../src/explain/reference.ts';
import { RIGHT } from '../../src/explain/right.ts';
import { parse } from '../../src/intent/parse.ts';

const ALL = backends.map(({ id }) => id);

const faultsOf = (code: string, text: string): string[] =>
  compile(text, { file: 'macvtap.yaml', backends: ALL })
    .diagnostics.filter(
      (each) => each.code === code || (each.severity === 'error' && each.backend === undefined),
    )
    .map((each) => `${code} raises ${each.code}`);

test('each right example has no error of its own, and not the code that it is for', () => {
  const wrong = Object.entries(RIGHT).flatMap(([code, text]) => faultsOf(code, text));
  assert.equal(wrong, []);
  // The check itself: what raises the code is seen.
  const itself =
    'version: 1\nhost: kvm1\nshims:\n  veth0: {parent: veth0, addresses: [198.51.100.50/24]}\n';
  assert.equal(faultsOf('shim-on-itself', itself), ['shim-on-itself raises shim-on-itself']);
});

test('known limits are of keys of the language, and on their pages', () => {
  const keys = new Set(keyPlaces().map(({ key }) => key));
  for (const [key, limits] of Object.entries(LIMITS)) {
    assert.ok(keys.has(key), key);
    for (const limit of limits) assert.ok(referencePage(key)?.includes(`  - ${limit}\n`), limit);
  }
  assert.not.match(referencePage('mtu') ?? '', /Known limits/);
});

/** Golden intents have it on shims only. */
const WITHOUT_EXAMPLE = ['parents.<id>.ignore-carrier'];

test('every key has an example from a golden intent, which fits the schema', () => {
  const examples = allKeyExamples();
  const lacking = keyPlaces().filter(({ path }) => !Object.hasOwn(examples, path));
  assert.equal(
    lacking.filter(({ path }) => !WITHOUT_EXAMPLE.includes(path)),
    [],
  );
  const strays = Object.entries(examples).flatMap(([path, text]) =>
    parse('x', text)
      .diagnostics.filter(({ code }) => code !== 'missing-key')
      .map(({ code, message }) => `${path}: ${code} ${message}`),
  );
  assert.equal(strays, []);
  assert.match(
    referencePage('routes.via') ?? '',
    /\n {10}- to: default\n {12}via: 198\.51\.100\.254\n/,
  );
});

test('a mapping lists its keys; a path has a page, or paths near it', () => {
  const page = referencePage('parameters') ?? '';
  assert.match(page, /\n {2}Keys of a bond: `mode`, .*\n {2}Keys of a bridge: `stp`, /);
  assert.match(referencePage('nameservers') ?? '', /\n {2}Keys: `addresses`, `search`/);
  assert.match(referencePage('routes') ?? '', /\n {2}Keys: `to`, `via`/);
  assert.match(referencePage('shims') ?? '', /\n {2}Keys of each `<name>`: .*`parent`/);
  assert.not.match(referencePage('mtu') ?? '', /Keys/);
  assert.is(referencePage('parents.eth0.addresses'), referencePage('shims.veth0.addresses'));
  assert.is(referencePage('parents.*.parameters'), page);
  assert.equal(nearestNames('parents.*.paramters'), ['parents.<id>.parameters']);
  assert.equal(nearestNames('parents.eth0.addreses'), ['parents.<id>.addresses']);
  assert.equal(nearestNames('shims.veth0.mtuu'), ['shims.<name>.mtu']);
});

test('every error and warning with a wrong example has a right one', () => {
  const lacking = Object.keys(allExamples()).filter(
    (code) => CODES[code as DiagnosticCode].severity !== 'note' && !(code in RIGHT),
  );
  assert.equal(lacking, []);
  const page = referencePage('gateway-unreachable') ?? '';
  assert.match(page, /Wrong:\n[\s\S]*Reported:\n[\s\S]*Right:\n[\s\S]*via: 198\.51\.100\.254/);
});

test('a page reports every line that is wrong, for one back end', () => {
  const reported = (code: string): string[] =>
    referencePage(code)?.match(/^ {4}macvtap\.yaml:\d+:\d+: .*$/gm) ?? [];
  assert.is(reported('unknown-key').length, 6);
  const backends = reported('override-not-expressible').map((line) => /\(\S+\)$/.exec(line)?.[0]);
  assert.ok(backends.length > 1);
  assert.is(new Set(backends).size, 1);
});

test('a part of a name lists the codes and keys that have it, those that begin with it first', () => {
  const lines = (matchingPage('gate') ?? '').split('\n').filter((line) => /^\S/.test(line));
  const names = lines.map((line) => line.split(' ')[0]);
  assert.equal(names.slice(0, 3), ['gateway-malformed', 'gateway-unreachable', 'gateway-is-self']);
  assert.ok(names.includes('route-without-gateway'));
  assert.match(
    matchingPage('mtu') ?? '',
    /^mtu \(key, as in parents\.<id>\.mtu\)$|^mtu \(key, as in /m,
  );
  assert.is(matchingPage('qqq'), undefined);
  assert.is(matchingPage('at'), undefined);
  assert.ok(nearestNames('gatewey-unreachable').includes('gateway-unreachable'));
});

test.run();
