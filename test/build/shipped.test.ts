/** What is shipped: types that stand alone, and the licences of what is bundled. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bundle, emitTypes } from '../../src/build/bundle.ts';
import { bundledPackages } from '../../src/build/notices.ts';
import * as library from '../../src/index.ts';
import { REPOSITORY, temporaryFolder } from '../command.ts';

const built = temporaryFolder();
const inputs = await bundle(built);
emitTypes(built);
const TYPES = readFileSync(join(built, 'index.d.ts'), 'utf8');

/** A project that has the package installed, and nothing else. @returns what the compiler says */
function consumer(source: string, types = TYPES, module = 'NodeNext'): string {
  const folder = temporaryFolder();
  const installed = join(folder, 'node_modules/macvtap-render');
  mkdirSync(installed, { recursive: true });
  cpSync(join(REPOSITORY, 'package.json'), join(installed, 'package.json'));
  cpSync(built, join(installed, 'dist'), { recursive: true });
  writeFileSync(join(installed, 'dist/index.d.ts'), types);
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  writeFileSync(join(folder, 'consumer.ts'), source);
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    target: 'ES2022',
    lib: ['ES2022'],
    types: [],
    module,
    ...(module === 'ESNext' && { moduleResolution: 'Bundler' }),
  };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['consumer.ts'] }),
  );
  const tsc = join(REPOSITORY, 'node_modules/typescript/bin/tsc');
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
  return stdout;
}

const CONSUMER = `
import {
  backends, compile, compileFleet, explain, packagesOf, packagings, parseTarget, reportText, CODES,
  type Backend, type Compilation, type Diagnostic, type Model, type CompileOptions, type RenderedFile, type System,
} from 'macvtap-render';

const options: CompileOptions = { file: 'macvtap.yaml', backends: backends.map(({ id }: { id: string }) => id), strict: true };
const made: Compilation = compile('version: 1', options);
const errors: Diagnostic[] = made.diagnostics.filter(({ severity }) => severity === 'error');
const files: readonly RenderedFile[] = made.sets?.flatMap((set) => set.files) ?? [];
const first: 0o600 | 0o644 | 0o755 | undefined = files[0]?.mode;
const shims: string[] = (made.model as Model).shims.map((shim) => shim.parent.name);
const target = parseTarget('debian-12');
const fleet = compileFleet([{ file: 'x', text: '' }], { backends: [], ...(typeof target !== 'string' && { target }) });
const text: string = packagings.map((one) => one.text(packagesOf(made))).join(reportText(fleet.source, errors, false));
const severity: 'error' | 'warning' | 'note' = CODES['too-large'].severity;
const write = (system: System, backend: Backend): void => system.stdout.write(backend.summary + text + first + shims + severity);
export const lines: number = explain(made.source, files).length;
export { write };
`;

test('a consumer compiles with the types, strictly, with no other package installed', () => {
  for (const module of ['NodeNext', 'ESNext']) assert.is(consumer(CONSUMER, TYPES, module), '');
  // What is wrong is still seen: the types are not all \`any\`.
  assert.match(consumer(CONSUMER.replace('backends: backends', 'backend: backends')), /error TS/);
  assert.match(consumer(CONSUMER.replace('fleet.source', 'fleet.name')), /error TS2\d+/);
  // And so is a declaration that needs another package.
  const needy = `import type { Node } from 'yaml';\nexport type Needy = Node;\n${TYPES}`;
  assert.match(consumer(CONSUMER, needy), /Cannot find module 'yaml'/);
});

test('the types have every name of the library, and nothing of the build', () => {
  const values = Object.keys(library);
  const [, list = ''] = /\nexport \{([^}]*)\};\n$/.exec(TYPES) ?? [];
  const exported = new Set(list.split(',').map((name) => name.trim()));
  assert.equal(
    values.filter((name) => !exported.has(name)),
    [],
  );
  assert.not.match(TYPES, /^import |from '|import\(/m);
  const { files, exports } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as {
    files: string[];
    exports: { '.': { types: string } };
  };
  assert.is(exports['.'].types, './dist/index.d.ts');
  assert.ok(files.includes('dist/THIRD-PARTY-NOTICES'));
});

test('every package in the bundles has its notice, with its licence whole', () => {
  const notices = readFileSync(join(built, 'THIRD-PARTY-NOTICES'), 'utf8');
  const names = new Set(
    inputs.flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []),
  );
  assert.ok(names.size >= 10, [...names].join(' '));
  const [, list = ''] = /in part:\n\n((?: {2}.*\n)+)/.exec(notices) ?? [];
  const listed = list
    .trim()
    .split('\n')
    .map((line) => line.trim().split(' ')[0] ?? '');
  assert.equal([...listed].sort(), [...names].sort());
  for (const { name, version, text } of bundledPackages(REPOSITORY, inputs)) {
    assert.ok(notices.includes(`\n${name} ${version}\n`), name);
    assert.ok(notices.includes(text), name);
    assert.match(text, /copyright/i, name);
  }
  assert.throws(() => bundledPackages(REPOSITORY, ['node_modules/none/x.js']));
});

test.run();
