/**
 * `node --import tsx test/qjs.ts`: every golden case through Debian's `qjs`, the engine that a
 * static binary will have; the same bytes as here. Needs Debian's apt; takes `qjs` from trixie
 * and runs it by its own loader, so that nothing is installed. Fails where it cannot.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { backends } from '../src/backends/registry.ts';
import { architecture, cacheFolder, fetchFrom } from '../src/build/debian.ts';
import { compile } from '../src/compile.ts';
import { dist } from './command.ts';
import { caseNames, GOLDEN, intentOf } from './golden/cases.ts';

const SUITE = 'trixie';

/** The command line that starts qjs: one that is installed, or the suite's own, unpacked. */
function qjs(): string[] {
  const cache = cacheFolder('qjs');
  const root = join(cache, 'root');
  if (!existsSync(join(root, 'usr/bin/qjs'))) unpack(cache, root);
  const triplet = architecture() === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
  const loader = readdirSync(join(root, 'usr/lib', triplet)).find((name) =>
    name.startsWith('ld-linux'),
  );
  if (!loader) throw new Error(`no loader in ${root}`);
  const libraries = join(root, 'usr/lib', triplet);
  return [join(libraries, loader), '--library-path', libraries, join(root, 'usr/bin/qjs')];
}

function unpack(cache: string, root: string): void {
  const debs = join(cache, 'debs');
  mkdirSync(root, { recursive: true });
  fetchFrom(SUITE, cache, debs, ['download', 'quickjs', 'libc6']);
  for (const name of readdirSync(debs)) execFileSync('dpkg', ['-x', join(debs, name), root]);
}

const names = caseNames();
const program = join(dist, 'qjs.js');
writeFileSync(
  program,
  `import { backends, compile } from './index.js';
import * as std from 'std';
for (const path of scriptArgs.slice(1)) {
  const text = std.loadFile(path);
  const files = [];
  for (const file of compile(text).value?.files ?? []) files.push([file.backend, file.path, file.mode, file.text]);
  for (const { id } of backends) {
    for (const file of compile(text, { backends: [id] }).value?.files ?? []) {
      files.push([id, file.path, file.mode, file.text]);
    }
  }
  console.log(JSON.stringify(files));
}
`,
);
const [command = '', ...words] = qjs();
const paths = names.map((name) => fileURLToPath(new URL(`${name}/intent.yaml`, GOLDEN)));
const { status, stdout, stderr } = spawnSync(command, [...words, '--module', program, ...paths], {
  encoding: 'utf8',
  maxBuffer: 256 * 1024 * 1024,
});
const lines = stdout.trimEnd().split('\n');
let failed = status === 0 && lines.length === names.length ? 0 : 1;
if (failed)
  console.log(`qjs ended with ${status} after ${lines.length} of ${names.length} cases\n${stderr}`);
let rendered = 0;
for (const [index, name] of names.entries()) {
  const filesFor = (selection: { readonly backends?: readonly string[] }) =>
    (compile(intentOf(name), { file: name, ...selection }).sets ?? []).flatMap(
      ({ backend, files }) => files.map((file) => [backend, file.path, file.mode, file.text]),
    );
  // For the back ends of the intent, then for each.
  const expected = [filesFor({}), ...backends.map(({ id }) => filesFor({ backends: [id] }))].flat();
  rendered += expected.length;
  if (lines[index] !== JSON.stringify(expected)) {
    failed += 1;
    console.log(`FAILED ${name}: qjs gives other bytes`);
  }
}
console.log(`qjs: ${rendered} files of ${names.length} cases`);
console.log(`${names.length - failed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
