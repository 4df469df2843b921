/**
 * A back end is a folder, its templates and a line in the registry: one for an unknown system is
 * added to a copy of the source, which compiles and works without any other change.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { REPOSITORY, temporaryFolder } from '../command.ts';
import { caseNames } from '../golden/cases.ts';
import { isLong } from '../long.ts';

const INDEX = `/** A system that nobody knows. */
import type { Model } from '../../model/types.ts';
import { inPlace, type Place, RANK } from '../../view/place.ts';
import { entry, type RenderedFile } from '../../view/rendered.ts';
import { file } from '../../view/template.ts';
import type { Backend } from '../backend.ts';
import { header } from '../shared/online.ts';

const DIRECTORY = '/etc/scratch';

const LINKS = { folder: DIRECTORY, name: /^60-macvtap$/, rank: RANK.parent } as const satisfies Place;

export const scratch: Backend = {
  id: 'scratch',
  summary: 'a system that nobody knows',
  scope: 'host',
  directory: DIRECTORY,
  needs: [],
  daemons: [],
  places: [LINKS],
  check: () => [],
  render: (model: Model): RenderedFile[] => [
    file({
      path: \`\${DIRECTORY}/60-macvtap\`,
      mode: 0o644,
      role: 'required',
      ...inPlace(LINKS),
      about: entry('the links', 'Creates the links.', 'ip(8)', []),
      template: 'scratch/links',
      view: {
        header: header(model),
        shims: model.shims.map(({ name, parent, origin }) => ({
          name: entry(name, 'The name of the shim.', 'ip(8)', origin),
          parent: entry(parent.name, 'The link that it is on top of.', 'ip(8)', origin),
        })),
      },
    }),
  ],
  activation: () => ({ commands: ['scratch reload'] }),
  watches: [],
  judge: () => [],
};
`;

const TEMPLATE = `{{header}}
{{#each shims}}
link {{name}} on {{parent}}
{{/each}}
`;

/** Runs command lines in the copy, and prints how each ended. */
const RUNS = `import { run } from './src/cli/run.ts';
import { nodeSystem } from './src/node/node.ts';
const ended = [];
for (const words of JSON.parse(process.argv[2] ?? '[]') as string[][]) {
  let [stdout, stderr] = ['', ''];
  const status = await run(
    {
      ...nodeSystem(words, {}),
      stdout: { isTerminal: false, write: (text) => { stdout += text; } },
      stderr: { isTerminal: false, write: (text) => { stderr += text; } },
    },
    '0.0.0',
  );
  ended.push({ status, stdout, stderr });
}
console.log(JSON.stringify(ended));
`;

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Within the repository, where packages are found. */
const modules = join(REPOSITORY, 'node_modules/.cache');
mkdirSync(modules, { recursive: true });
const copy = mkdtempSync(join(modules, 'macvtap-scratch-'));
process.on('exit', () => rmSync(copy, { recursive: true, force: true }));

const IN_COPY = ['src', 'templates', 'package.json', 'tsconfig.json'];

const put = (path: string, text: string): void => {
  mkdirSync(dirname(join(copy, path)), { recursive: true });
  writeFileSync(join(copy, path), text);
};

function replace(path: string, from: string, to: string): void {
  const text = readFileSync(join(copy, path), 'utf8');
  assert.is(text.split(from).length, 2, `${path}: ${from}`);
  put(path, text.replace(from, to));
}

const inCopy = (...words: string[]) =>
  spawnSync(process.execPath, words, { cwd: copy, encoding: 'utf8' });

/** Files of the copy that the repository has otherwise, or has not. */
const changed = (): string[] =>
  readdirSync(copy, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter((item) => item.isFile())
    .map((item) => join(item.parentPath, item.name).slice(copy.length + 1))
    .filter((path) => {
      try {
        return !readFileSync(join(copy, path)).equals(readFileSync(join(REPOSITORY, path)));
      } catch {
        return true;
      }
    })
    .sort();

test('added to a copy: its folder, its template, a line of the registry, and what views generates', () => {
  for (const name of IN_COPY) cpSync(join(REPOSITORY, name), join(copy, name), { recursive: true });
  put('src/backends/scratch/index.ts', INDEX);
  put('templates/scratch/links.hbs', TEMPLATE);
  const registry = 'src/backends/registry.ts';
  replace(
    registry,
    '\n\nexport const backends',
    "\nimport { scratch } from './scratch/index.ts';\n\nexport const backends",
  );
  replace(registry, '  iproute2,\n];', '  iproute2,\n  scratch,\n];');
  const { status, stderr } = inCopy('--import', 'tsx', 'src/build/views.ts');
  assert.is(status, 0, stderr);
  assert.equal(changed(), [
    'src/backends/registry.ts',
    'src/backends/scratch/index.ts',
    'src/view/views.ts',
    'templates/scratch/links.hbs',
  ]);
});

test('it is rendered, explained, packed, installed, checked and compared, and help names it', () => {
  const intent = join(REPOSITORY, 'golden/original/intent.yaml');
  const folder = temporaryFolder();
  const other = join(folder, 'other.yaml');
  writeFileSync(other, readFileSync(intent, 'utf8').replaceAll('veth0', 'veth7'));
  const root = join(folder, 'root');
  mkdirSync(root);
  const cases = caseNames()
    .filter((name, index) => !name.startsWith('bad-') && (isLong || index % 20 === 0))
    .map((name) => join(REPOSITORY, 'golden', name, 'intent.yaml'));
  const asked: readonly (readonly [words: string[], status: number, says: RegExp])[] = [
    [[intent, '-b', 'scratch'], 0, /^link veth0 on eth0$/m],
    [['render', '--help'], 0, /^ {2}scratch +a system that nobody knows$/m],
    [['schema'], 0, /"scratch"/],
    [['lint', intent, '-b', 'scratch'], 0, /^/],
    [['explain', intent, '-b', 'scratch'], 0, /The link that it is on top of\./],
    [[intent, '-b', 'scratch', '--format', 'json'], 0, /"backend": "scratch"/],
    [[intent, '-b', 'scratch', '--format', 'cloud-init'], 0, /scratch reload/],
    [[intent, '-b', 'scratch', '--root', root], 0, /60-macvtap/],
    [['check', intent, '-b', 'scratch', '--root', root], 0, /Up to date/],
    [['check', other, '-b', 'scratch', '--root', root], 1, /60-macvtap/],
    [['diff', intent, other, '-b', 'scratch'], 1, /veth7/],
    [[intent, '-b', 'sratch'], 3, /did you mean `scratch`/],
    ...cases
      .map((path) => [['lint', path, '-b', 'scratch'], 0, /^/] as const)
      .map(([words, status, says]): [string[], number, RegExp] => [[...words], status, says]),
  ];
  put('run.ts', RUNS);
  const { status, stdout, stderr } = inCopy(
    '--import',
    'tsx',
    'run.ts',
    JSON.stringify(asked.map(([words]) => words)),
  );
  assert.is(status, 0, stderr);
  const ended = JSON.parse(stdout) as Ended[];
  assert.is(ended.length, asked.length);
  for (const [index, [words, wanted, says]] of asked.entries()) {
    const found = ended[index];
    const text = `${found?.stdout}${found?.stderr}`;
    assert.is(found?.status, wanted, `${words.join(' ')}\n${text}`);
    assert.match(text, says, words.join(' '));
  }
});

if (isLong) {
  test('the copy compiles, and a view that its template does not print does not', () => {
    const compile = () => inCopy(join(REPOSITORY, 'node_modules/typescript/bin/tsc'), '--noEmit');
    const { status, stdout } = compile();
    assert.is(status, 0, stdout);
    replace('src/backends/scratch/index.ts', 'parent: entry(', 'parents: entry(');
    const wrong = compile();
    assert.is.not(wrong.status, 0);
    assert.match(wrong.stdout, /src\/backends\/scratch\/index\.ts/);
  });
}

test.run();
