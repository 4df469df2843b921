/** What the Debian package is made of; the lab packs, installs and removes it. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import packageJson from '../../package.json' with { type: 'json' };
import { copyrightOf } from '../../src/build/deb-copyright.ts';
import { changelogOf, controlOf, debianVersion, packageFiles } from '../../src/build/deb-tree.ts';
import type { Bundled } from '../../src/build/notices.ts';

const PROJECT = 'MIT License\n\nCopyright (c) 2026 the authors\n\nPermission is granted.\n';
const engine: Bundled = {
  name: 'quickjs',
  version: '1',
  license: 'MIT',
  text: 'QuickJS\n\nCopyright (c) 2017-2021 Fabrice Bellard\nCopyright (c) 2017 Another\n\n.\nMore.',
};
const library: Bundled = {
  name: 'yaml',
  version: '2',
  license: 'ISC',
  text: 'Copyright Eemeli Aro <eemeli@example.net>\n\nPermission to use.',
};

test('the package has the version of package.json, in Debian’s words', () => {
  const binary = Buffer.from('');
  // The newest of its releases is this version: else no package is made.
  assert.ok(packageFiles({ binary, copyright: '' }).has('usr/bin/macvtap-render'));
  const release = { version: '1.0.0-rc.1', date: Date.UTC(2026, 1, 3), changes: ['One.', 'Two.'] };
  const text = changelogOf([release], '1.0.0-rc.1');
  assert.match(
    text,
    /^macvtap-render \(1\.0\.0~rc\.1\) unstable; urgency=medium\n\n {2}\* One\.\n/,
  );
  assert.match(text, /\n -- .* <.*@.*> {2}Tue, 03 Feb 2026 00:00:00 \+0000\n$/);
  assert.throws(() => changelogOf([release], packageJson.version), /the newest is 1\.0\.0-rc\.1/);
  assert.is(debianVersion('0.1.0'), '0.1.0');
});

test('files: where Debian wants them', () => {
  const binary = Buffer.from('program');
  const files = packageFiles({ binary, copyright: 'rights' });
  const paths = [...files.keys()];
  for (const path of [
    'usr/share/man/man1/macvtap-render.1.gz',
    'usr/share/man/man5/macvtap-render-intent.5.gz',
    'usr/share/bash-completion/completions/macvtap-render',
    'usr/share/zsh/vendor-completions/_macvtap-render',
    'usr/share/fish/vendor_completions.d/macvtap-render.fish',
    'usr/share/macvtap-render/intent.schema.json',
    'usr/share/doc/macvtap-render/changelog.gz',
  ]) {
    assert.ok(paths.includes(path), path);
  }
  assert.is(files.get('usr/share/doc/macvtap-render/copyright')?.content, 'rights');
  const programs = paths.filter((path) => files.get(path)?.isProgram);
  assert.equal(programs, ['usr/bin/macvtap-render']);
  // No configuration of the host is the package's: a purge leaves it.
  assert.equal(
    paths.filter((path) => !path.startsWith('usr/')),
    [],
  );
  const zipped = paths.filter((path) => files.get(path)?.isZipped);
  assert.equal(
    paths.filter((path) => path.endsWith('.gz')),
    zipped,
  );
});

test('the control file depends on nothing', () => {
  const control = controlOf({
    version: '1',
    architecture: 'arm64',
    installedSize: 3,
    builtUsing: 'glibc (= 2)',
  });
  assert.not.match(control, /^(?:Pre-)?Depends:/m);
  assert.match(control, /^Architecture: arm64$/m);
  assert.equal(
    control.split('\n').filter((line) => line.length > 80),
    [],
  );
});

test('copyright: a paragraph for each package, with its holders and its licence whole', () => {
  const text = copyrightOf(PROJECT, [library], engine);
  const paragraphs = text.trimEnd().split('\n\n');
  assert.equal(
    paragraphs.slice(1).map((paragraph) => paragraph.split('\n')[0]),
    ['Files: *', 'Files: node_modules/yaml/*', 'Files: quickjs/*', 'Files: libc.a libm.a'],
  );
  assert.match(
    text,
    /^Copyright: Eemeli Aro <eemeli@example\.net>\nLicense: ISC\n Copyright Eemeli/m,
  );
  assert.match(text, /^Copyright: 2017-2021 Fabrice Bellard\n 2017 Another\nLicense: Expat\n/m);
  // An empty line would end the paragraph.
  assert.match(text, /\n \.\n/);
  assert.match(text, /\nLicense: LGPL-2\.1\+\n/);
  const nobody = { ...library, text: 'Permission to use.' };
  assert.throws(() => copyrightOf(PROJECT, [nobody], engine), /yaml: no holder/);
});

test.run();
