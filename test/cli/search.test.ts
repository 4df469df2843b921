/**
 * No code is ever run: neither beside the intent, nor above it, nor named as it is. Every door by
 * which cosmiconfig would run some is held shut by a file that would leave a mark.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { cosmiconfigSync } from 'cosmiconfig';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { COMMAND, macvtapRender, programText, REPOSITORY, temporaryFolder } from '../command.ts';
import { intentOf } from '../golden/cases.ts';
import { isLong } from '../long.ts';

/** CommonJS that leaves a mark when it is run, and otherwise would give an intent. */
const marking = (mark: string): string =>
  `require('fs').writeFileSync(${JSON.stringify(mark)}, ''); module.exports = { version: 1 };\n`;

interface Trap {
  readonly folder: string;
  readonly home: string;
  readonly marks: () => string[];
}

/** A repository with a home beside it, in which every file of `code` leaves a mark. */
function trap(code: readonly string[], data: Readonly<Record<string, string>> = {}): Trap {
  const top = temporaryFolder();
  const marks = join(top, 'marks');
  for (const folder of ['marks', 'work/.git', 'home'])
    mkdirSync(join(top, folder), { recursive: true });
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(top, path)), { recursive: true });
    writeFileSync(join(top, path), text);
  };
  for (const path of code) put(path, marking(join(marks, path.replaceAll('/', '_'))));
  for (const [path, text] of Object.entries(data)) put(path, text);
  return { folder: join(top, 'work'), home: join(top, 'home'), marks: () => readdirSync(marks) };
}

const PROGRAMS = [undefined, ['--import', 'tsx', join(REPOSITORY, 'src/main.ts')]];

/** Runs the search in the trap, by the command as it is built, and in a long run from source. */
function search({ folder, home }: Trap, programs = isLong ? 2 : 1): (number | null)[] {
  return PROGRAMS.slice(0, programs).map(
    (program) =>
      macvtapRender(['lint'], {
        cwd: folder,
        ...(program && {
          program: program.map((word) =>
            word === 'tsx' ? join(REPOSITORY, 'node_modules/tsx/dist/loader.mjs') : word,
          ),
        }),
        env: { HOME: home, XDG_CONFIG_HOME: join(home, '.config') },
      }).status,
  );
}

const INTENT = { 'work/macvtap.yaml': intentOf('original') };

test('the trap works: cosmiconfig as it comes runs what lies there', () => {
  const set = trap(['work/.config/config.cjs', 'work/.macvtaprc.cjs']);
  const before = process.cwd();
  process.chdir(set.folder);
  try {
    cosmiconfigSync('macvtap').search(set.folder);
  } finally {
    process.chdir(before);
  }
  assert.ok(set.marks().length > 0);
});

test('door 1: a meta-configuration in .config of the working directory', () => {
  const set = trap(
    [
      'work/.config/config.js',
      'work/.config/config.cjs',
      'work/.config/config.mjs',
      'work/.config/config.ts',
    ],
    {
      ...INTENT,
      'work/.config/config.json': '{"cosmiconfig": {"searchPlaces": ["evil.cjs"]}}',
      'work/package.json': '{"cosmiconfig": {"searchPlaces": ["evil.cjs"]}, "type": "commonjs"}',
    },
  );
  // From source in each run: one door of theirs stands for the others.
  assert.equal(search(set, 2), [0, 0]);
  assert.equal(set.marks(), []);
});

test('door 2: code in ~/.config, which the global strategy looks for last', () => {
  const set = trap([
    'home/.config/macvtap/config.js',
    'home/.config/macvtap/config.cjs',
    'home/.config/macvtap/config',
    'home/.config/config.js',
    'home/.macvtaprc.js',
  ]);
  assert.equal(new Set(search(set)), new Set([2]));
  assert.equal(set.marks(), []);
});

test('door 3: $import in the data itself', () => {
  for (const imports of ['$import: ./evil.cjs', '$import: [./evil.cjs, ./evil.js]']) {
    const set = trap(['work/evil.cjs', 'work/evil.js'], {
      'work/macvtap.yaml': `${imports}\n${intentOf('original')}`,
    });
    // An unknown key like any other.
    assert.equal(new Set(search(set)), new Set([2]));
    assert.equal(set.marks(), []);
  }
});

test('door 4: code under the name of the intent, or named as the intent', () => {
  const code = [
    'macvtap.js',
    'macvtap.cjs',
    'macvtap.mjs',
    'macvtap.ts',
    'macvtap.config.js',
    'macvtap.config.cjs',
    '.macvtaprc',
    '.macvtaprc.js',
    '.macvtaprc.cjs',
    '.config/macvtaprc.js',
    '.config/macvtap.js',
    'package.js',
  ];
  const set = trap(code.map((path) => `work/${path}`));
  assert.equal(new Set(search(set)), new Set([2]));
  for (const path of code) {
    const { status } = macvtapRender(['lint', path], { cwd: set.folder });
    assert.is(status, 2, path);
  }
  const disguised = trap(['work/macvtap.yaml', 'work/macvtap.json']);
  assert.equal(new Set(search(disguised)), new Set([2]));
  assert.equal([...set.marks(), ...disguised.marks()], []);
});

test('code above is not run either', () => {
  const set = trap(['work/.config/config.cjs', 'work/macvtap.config.cjs'], {
    'work/macvtap.yaml': intentOf('original'),
  });
  mkdirSync(join(set.folder, 'deep'));
  assert.is(
    macvtapRender(['lint'], { cwd: join(set.folder, 'deep'), env: { HOME: set.home } }).status,
    0,
  );
  assert.equal(set.marks(), []);
});

test('a folder or pipe named as an intent is passed over; an empty file is not', () => {
  const set = trap([], INTENT);
  mkdirSync(join(set.folder, 'deep', 'macvtap.yaml'), { recursive: true });
  const from = (cwd: string): number | null =>
    macvtapRender(['lint'], { cwd, env: { HOME: set.home } }).status;
  assert.is(from(join(set.folder, 'deep')), 0);
  mkdirSync(join(set.folder, 'other'));
  writeFileSync(join(set.folder, 'other', 'macvtap.yaml'), '');
  assert.is(from(join(set.folder, 'other')), 2);
});

test('the bundle requires only Node itself, and evaluates nothing', () => {
  // The command is a loader, with its program beside it.
  const text = readFileSync(COMMAND, 'utf8') + programText();
  const required = [...text.matchAll(/\brequire\(["']([^"']+)["']\)/g)].map(
    ([, name = '']) => name,
  );
  assert.ok(required.length > 3);
  for (const name of required) assert.ok(isBuiltin(name), name);
  assert.not.match(text, /\bnew Function\b|\beval\(|\bimport\((?!\))/);
});

test.run();
