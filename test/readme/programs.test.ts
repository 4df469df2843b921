/** Pages for programs: the examples of the library run; the page on JSON says what the schema says. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as library from '../../src/index.ts';
import { outputJsonSchema } from '../../src/report/output-schema.ts';
import { DOCUMENTS } from '../../src/report/outputs/index.ts';
import { dist, REPOSITORY, temporaryFolder } from '../command.ts';
import { problemsOf } from '../output-schema.ts';
import { pages, readPage } from './generate.ts';

const blocksOf = (language: string): string[] =>
  pages().flatMap((page) =>
    [...readPage(page).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
      ([, body = '']) => body,
    ),
  );

/** Runs programs that have the package installed, in one process. @returns what each has printed */
function ranAsInstalled(programs: readonly string[]): { status: number | null; outputs: string[] } {
  const folder = temporaryFolder();
  const installed = join(folder, 'node_modules/macvtap-render');
  mkdirSync(installed, { recursive: true });
  cpSync(join(REPOSITORY, 'package.json'), join(installed, 'package.json'));
  cpSync(dist, join(installed, 'dist'), { recursive: true });
  for (const [index, body] of programs.entries()) writeFileSync(join(folder, `${index}.mjs`), body);
  const all = programs.map((_, index) => `await import('./${index}.mjs');console.log('\\f');`);
  writeFileSync(join(folder, 'all.mjs'), all.join('\n'));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['all.mjs'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0) console.log(stderr);
  return { status, outputs: stdout.split('\f\n').slice(0, -1) };
}

test('every example of the library runs and prints; each function has one', () => {
  const examples = blocksOf('js');
  const { status, outputs } = ranAsInstalled(examples);
  assert.is(status, 0);
  assert.is(outputs.length, examples.length);
  for (const [index, output] of outputs.entries()) assert.ok(output.length > 1, examples[index]);
  const imported = examples.flatMap((example) =>
    [...example.matchAll(/^import \{([^}]*)\} from 'macvtap-render';$/gm)].flatMap(
      ([, list = '']) => list.split(',').map((name) => name.trim()),
    ),
  );
  assert.equal([...new Set(imported)].sort(), Object.keys(library).sort());
  // One that fails is noticed.
  assert.is.not(ranAsInstalled(["import { none } from 'macvtap-render';"]).status, 0);
});

test('the page on JSON has each key of each document', () => {
  for (const document of blocksOf('json')) assert.is(problemsOf(document), '');
  const page = readPage('src/help/json.md');
  const { $defs } = JSON.parse(outputJsonSchema()) as {
    $defs: Record<string, { properties: Record<string, { items?: { properties?: object } }> }>;
  };
  for (const command of Object.keys(DOCUMENTS)) {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${command}\` |`)) ?? '';
    const { hosts, ...others } = $defs[command]?.properties ?? {};
    const keys = [...Object.keys(hosts?.items?.properties ?? {}), ...Object.keys(others)];
    assert.ok(keys.length > 4, command);
    for (const key of keys.filter((one) => !FRAME.has(one))) {
      assert.ok(row.includes(`\`${key}\``), `${command}: ${key}`);
    }
  }
});

/** In every document. */
const FRAME: ReadonlySet<string> = new Set(['version', 'command', 'host', 'diagnostics']);

test.run();
