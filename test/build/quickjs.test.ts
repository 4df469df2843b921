/**
 * The library runs in an engine that has nothing of Node: QuickJS, compiled to WebAssembly.
 * Golden cases give the same bytes there: one of six, and all of them in a long run.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getQuickJS } from 'quickjs-emscripten';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as here from '../../src/index.ts';
import { dist } from '../command.ts';
import { caseNames, intentOf } from '../golden/cases.ts';
import { isLong, sample } from '../long.ts';

/** What both engines are asked of an intent. The text of the function is the program there. */
function everything(library: typeof here, text: string): unknown {
  const ids = library.backends.map(({ id }) => id);
  // Files of others, among them what fits in the grammar of several of their readers.
  const body =
    '[Match]\nName=foo \\\n eth[0-9] !e[z-a]\n[Network]\nBridge=br0\n[keyfile]\nunmanaged-devices=*;except:driver:x\n[device-a]\nmanaged=0\n[connection]\ntype=ethernet\nmaster=br0\nautoconnect-priority=200\n';
  const rule = 'KERNEL=="eth*", ENV{NM_UNMANAGED}="1"\nBRIDGE=br0\n';
  const others = {
    '/etc/systemd/network/00-a.network': body,
    '/etc/NetworkManager/conf.d/99-a.conf': body,
    '/etc/NetworkManager/system-connections/a.nmconnection': body,
    '/etc/sysconfig/network-scripts/ifcfg-eth0': rule,
    '/etc/udev/rules.d/99-a.rules': rule,
  };
  const fleet = library.compileFleet(text, { backends: ['networkd'] });
  const all = library.compile(text, { backends: ids });
  return {
    fleet: { ...fleet, report: library.report(fleet) },
    all: { ...all, report: library.report(all) },
    sets: ids.map((id) => {
      const { value } = library.compile(text, { backends: [id] });
      if (!value) return id;
      const own = value.files.map(({ path, text: content }) => [path, content] as const);
      const onHost = { ...others, ...Object.fromEntries(own) };
      const { findings, patches } = library.check(value, onHost);
      return { id, value, findings, patches, lines: library.explain(value) };
    }),
  };
}

const quickjs = await getQuickJS();
const runtime = quickjs.newRuntime();
// What a static binary has by default.
runtime.setMaxStackSize(256 * 1024);
runtime.setModuleLoader((name) => {
  if (name !== 'macvtap-render') throw new Error(`no module ${name}`);
  return readFileSync(join(dist, 'index.js'), 'utf8');
});
const vm = runtime.newContext();
const program = `import * as library from 'macvtap-render'; globalThis.everything = (text) => JSON.stringify((${everything.toString()})(library, text));`;
vm.unwrapResult(vm.evalCode(program, 'test.js', { type: 'module' })).dispose();

function there(text: string): unknown {
  const argument = vm.newString(text);
  const call = vm.getProp(vm.global, 'everything');
  const result = vm.unwrapResult(vm.callFunction(call, vm.undefined, argument));
  const json = vm.getString(result);
  for (const handle of [argument, call, result]) handle.dispose();
  return JSON.parse(json);
}

test('the engine has none of the globals that the core must not use', () => {
  const names = [
    'process',
    'Buffer',
    'TextEncoder',
    'URL',
    'structuredClone',
    'require',
    'setTimeout',
    'Intl',
  ];
  for (const name of names) {
    const type = vm.unwrapResult(vm.evalCode(`typeof ${name}`));
    assert.is(vm.getString(type), 'undefined', name);
    type.dispose();
  }
});

test('golden cases: the same files, diagnostics and reasons', () => {
  const names = [...new Set(['original', ...sample(caseNames(), 12)])];
  assert.ok(names.length >= (isLong ? 90 : 10));
  for (const name of names) {
    const text = intentOf(name);
    const expected = JSON.stringify(everything(here, text));
    assert.is(JSON.stringify(there(text)), expected, name);
    if (name === 'original') assert.match(expected, /link-enslaved-by-others/);
  }
});

test('a fleet: the same hosts, and the same faults', () => {
  const body = 'shims: {veth0: {parent: eth0, routes: [{to: default, via: 198.51.100.254}]}}';
  const fleet = `version: 1\ndefaults: {${body}}\nhosts:\n  kvm1: {shims: {veth0: {addresses: [198.51.100.50/24]}}}\n  kvm2: {shims: {veth0: {addresses: [198.51.100.51/24], routes: null}}}\n`;
  for (const text of [
    fleet,
    fleet.replace('.51/24', '.50/24'),
    fleet.replace('parent', 'parnt'),
    `version: 1\ndefaults: ${'{a: '.repeat(61)}1${'}'.repeat(61)}\nhosts: {h: ${'{a: '.repeat(61)}2${'}'.repeat(61)}}\n`,
  ]) {
    const hosts = JSON.stringify(everything(here, text));
    assert.match(hosts, /kvm2|too-deep|unknown-key/);
    assert.is(JSON.stringify(there(text)), hosts, text);
  }
});

test('deep nesting and long input overflow no stack', () => {
  for (const text of [
    '['.repeat(5000),
    '- '.repeat(5000),
    `${'{a: '.repeat(63)}1${'}'.repeat(63)}`,
    '&a [*a]',
    `version: 1\n# ${'x'.repeat(100000)}\n`,
  ]) {
    assert.is(
      JSON.stringify(there(text)),
      JSON.stringify(everything(here, text)),
      text.slice(0, 20),
    );
  }
});

test.run();
