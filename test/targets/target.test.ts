/** Targets: what their versions know, what is asked for, and what a host says of itself. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { backends } from '../../src/backends/registry.ts';
import { compile, compileParsed, renderFor } from '../../src/compile.ts';
import { hasErrors } from '../../src/diagnostics/diagnostic.ts';
import { fit } from '../../src/fit.ts';
import { parse } from '../../src/intent/parse.ts';
import { DISTRIBUTIONS, targetNames } from '../../src/targets/distributions.ts';
import { targetFor } from '../../src/targets/floor.ts';
import { parseTarget, targetOfOsRelease } from '../../src/targets/requested.ts';
import { daemonOf, sinceLines, sinceOf } from '../../src/targets/since.ts';
import type { TargetSpec } from '../../src/targets/target.ts';
import { isAtLeast, parseVersion, type Target } from '../../src/targets/target.ts';
import type { Entry, RenderedFile } from '../../src/view/rendered.ts';
import { entriesOfView } from '../../src/view/template.ts';
import { caseNames, intentOf, targetOf } from '../golden/cases.ts';
import { isLong, turn } from '../long.ts';

const TRIPLES = [
  'systemd=219,networkmanager=1.10,netplan=0.95',
  'systemd=235,networkmanager=1.14,netplan=0.99',
  'systemd=242,networkmanager=1.18,netplan=0.102',
  'systemd=247,networkmanager=1.30,netplan=0.104',
  'systemd=252,networkmanager=1.42,netplan=0.106',
  'systemd=262,networkmanager=1.58,netplan=1.2.2',
];

/** Distributions with habits of their own; the others are versions like the triples above. */
const OLD = ['debian-11', 'ubuntu-20.04', 'rhel-8'];

function asked(text: string): TargetSpec {
  const target = parseTarget(text);
  if (typeof target === 'string') throw new Error(target);
  return target;
}

/** Keys in a file that the target's versions do not know, or that the table does not. */
function strangers({ path, view }: RenderedFile, { versions }: Target): string[] {
  return entriesOfView(view).flatMap(({ authority, text }) => {
    const daemon = daemonOf(authority);
    if (daemon === undefined) return [];
    const since = sinceOf(authority, text);
    const version = since && parseVersion(since.since);
    if (!version) return `${path}: ${authority} is not in the table`;
    return isAtLeast(versions[daemon], version) ? [] : `${path}: ${authority} ${text}`;
  });
}

test('no key is written that the version of the target does not know', () => {
  let files = 0;
  for (const [index, name] of caseNames().entries()) {
    const own = targetOf(name).target;
    const parsed = parse('intent.yaml', intentOf(name));
    // Each case for one of them, and each of them for many cases.
    const targets = [own, ...turn([...OLD, ...TRIPLES], 9, index).map(asked)];
    const { model } = compileParsed(parsed, { backends: [] });
    if (!model) continue;
    for (const target of targets) {
      for (const backend of backends) {
        const { set, diagnostics } = renderFor(backend, model, target);
        if (hasErrors(diagnostics)) continue;
        for (const file of set.files) {
          files += 1;
          const versions = targetFor(backend.needs, target);
          assert.equal(strangers(file, versions), [], `${name} ${backend.id}`);
        }
      }
    }
  }
  assert.ok(files > (isLong ? 8_000 : 2_000), `${files} files`);
});

test('a key too new, and one that is not in the table, are noticed', () => {
  const old = targetFor(['networkd'], asked('systemd=241'));
  const { sets } = compile(intentOf('original'), { file: 'intent.yaml', backends: ['networkd'] });
  const found = (sets?.[0]?.files ?? []).flatMap((file) => strangers(file, old));
  assert.ok(found.some((line) => line.includes('RequiredFamilyForOnline')));
  assert.ok(found.some((line) => line.includes('RequiredForOnline= carrier')));
  const [file] = sets?.[0]?.files ?? [];
  if (!file) throw new Error('no file');
  const authority = 'systemd.network(5), [Network] Teleport=' as Entry['authority'];
  const strange = { ...file.about, authority };
  assert.is(strangers({ ...file, view: { strange } }, old).length, 1);
});

test('keys left out for a target are reported', () => {
  const target = asked('systemd=241');
  const { sets, diagnostics } = compile(intentOf('original'), {
    file: 'intent.yaml',
    backends: ['networkd'],
    target,
  });
  const text = sets?.[0]?.files.map((file) => file.text).join('') ?? '';
  assert.not.match(text, /RequiredFamilyForOnline/);
  assert.match(text, /RequiredForOnline=yes/);
  const codes = new Set(diagnostics.map(({ code }) => code));
  assert.equal([...codes].sort(), ['left-out-for-target', 'older-spelling']);
});

test('a group without entries goes with them, and a file with its hinge', () => {
  const { sets } = compile(intentOf('original'), {
    file: 'intent.yaml',
    backends: ['networkmanager'],
    target: asked('systemd=230,udev=252'),
  });
  const paths = sets?.[0]?.files.map(({ path }) => path) ?? [];
  assert.ok(paths.length > 3);
  assert.not.ok(
    paths.some((path) => path.endsWith('.network')),
    paths.join(' '),
  );
  const target = targetFor(['networkd'], asked('systemd=252'));
  assert.equal(fit([], target, 'networkd'), { files: [], diagnostics: [] });
});

test('the table: every line has a version and a source, and older names lead to newer ones', () => {
  assert.ok(sinceLines().length > 200);
  for (const [authority, { since, source, newer }] of sinceLines()) {
    assert.ok(parseVersion(since), authority);
    assert.ok(source.length > 5, authority);
    assert.ok(daemonOf(authority), authority);
    if (newer === undefined) continue;
    const manual = authority.replace(/, .*/, '');
    const section = /\[[A-Za-z0-9]+\]/.exec(authority)?.[0] ?? '';
    const full = /^[[-]/.test(newer) ? newer : `${section} ${newer}`;
    assert.ok(sinceOf(`${manual}, ${full}`), `${authority} → ${newer}`);
  }
});

test('distributions: all can be asked for, with versions that can be read, and that keep their order', () => {
  for (const [name, { systemd, networkmanager, netplan, source }] of Object.entries(
    DISTRIBUTIONS,
  )) {
    for (const version of [systemd, networkmanager, netplan])
      assert.ok(parseVersion(version), name);
    assert.ok(source.length > 10, name);
  }
  assert.equal(targetNames(), Object.keys(DISTRIBUTIONS));
  const series = ['debian-11', 'debian-12', 'debian-13'].map((name) => asked(name).versions);
  for (const [index, later] of series.slice(1).entries()) {
    assert.ok(isAtLeast(later.systemd ?? [], series[index]?.systemd ?? []));
  }
});

test('--target: names and versions, and what is wrong with others', () => {
  assert.equal(asked('systemd=252').versions, { systemd: [252], udev: [252] });
  assert.equal(asked('systemd=253,udev=239').versions, { systemd: [253], udev: [239] });
  assert.equal(asked('NetworkManager=1.42,netplan=0.106').versions, {
    NetworkManager: [1, 42],
    netplan: [0, 106],
  });
  for (const wrong of [
    'debian-99',
    'constructor',
    '',
    'systemd=',
    'systemd=x',
    'systemd=1=2',
    'docker=1',
    'systemd=100',
    'netplan=0.1',
    'systemd=252,',
  ]) {
    assert.type(parseTarget(wrong), 'string', wrong);
  }
});

test('without a target, every supported distribution that has the systems of the back end counts', () => {
  assert.equal(targetFor(['networkd']).versions.systemd, [249]);
  // RHEL 8 has no networkd, but an udev that counts for NetworkManager's way.
  assert.equal(targetFor(['networkd']).versions.udev, [249]);
  assert.equal(targetFor(['networkmanager']).versions.udev, [239]);
  assert.equal(targetFor(['networkmanager']).versions.NetworkManager, [1, 36]);
  assert.equal(targetFor(['netplan', 'networkd']).versions.netplan, [0, 104]);
});

test('os-release: distributions, twins, and strangers', () => {
  const name = (fields: Record<string, string>): string => {
    const found = targetOfOsRelease(fields);
    return typeof found === 'string' ? found : found.name;
  };
  assert.is(name({ ID: 'debian', VERSION_ID: '12' }), 'debian-12');
  assert.is(name({ ID: 'ubuntu', VERSION_ID: '24.04' }), 'ubuntu-24.04');
  assert.is(name({ ID: 'rocky', VERSION_ID: '9.4' }), 'rhel-9');
  assert.is(name({ ID: 'arch' }), 'arch');
  assert.is(name({ ID: 'opensuse-leap', VERSION_ID: '15.6' }), 'opensuse-leap-15.6');
  assert.match(name({ ID: 'gentoo', VERSION_ID: '2' }), /`gentoo-2`, which is unknown/);
  assert.match(name({}), /names no distribution/);
  assert.match(name({ ID: 'constructor' }), /unknown/);
});

test.run();
