/**
 * `npm run test:native`: the native binary is built, and is the same command. Needs root on Debian,
 * or the compiler there; fails where it cannot be built.
 *
 * - Two builds give the same bytes; it is static, hardened and small.
 * - Every golden case by every back end, one for this host, and every page of help: status, output
 *   and diagnostics are those under Node.
 * - The tests that run the command run it, and pass.
 * - The build that watches its memory gives the same for a sample; it evaluates the program at each run, so loading
 *   the recorded memory is tried by the other builds alone.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import packageJson from '../package.json' with { type: 'json' };
import { backends } from '../src/backends/registry.ts';
import { buildNative } from '../src/build/native.ts';
import { CODES } from '../src/diagnostics/diagnostic.ts';
import { REPOSITORY, temporaryFolder } from './command.ts';
import { commandHere } from './command-here.ts';
import { caseNames } from './golden/cases.ts';

const LARGEST_MIB = 4;
/** Files of tests in which the command is run, as words of `run.ts`. */
const SUITES = [
  'cli/',
  'install/',
  'package/',
  'changes/',
  'explain/',
  'draw/graph',
  'host/foreign-host',
  'host/foreign-public',
  'host/owner',
  'intent/fleet',
  'readme/',
];

let [passed, failed] = [0, 0];

function check(name: string, isGood: boolean, more = ''): void {
  if (isGood) passed += 1;
  else {
    failed += 1;
    console.log(`FAILED ${name}${more && `\n${more}`}`);
  }
}

const { path: binary } = await buildNative(join(REPOSITORY, 'dist/native'));

/** The kernel loads nothing beside it, and where it goes is not known beforehand. */
function checkFile(again: string): void {
  const sum = (path: string): string =>
    createHash('sha256').update(readFileSync(path)).digest('hex');
  check('two builds, the same bytes', sum(binary) === sum(again));
  const size = statSync(binary).size / 1024 / 1024;
  check(`at most ${LARGEST_MIB} MiB`, size <= LARGEST_MIB, `${size.toFixed(2)} MiB`);
  const elf = execFileSync('readelf', ['-hldW', binary], { encoding: 'utf8' });
  check('position-independent', /Type:\s+DYN/.test(elf), elf);
  check('no loader', !/INTERP/.test(elf), elf);
  check('no shared library', !/\(NEEDED\)/.test(elf), elf);
  check('relocations are read-only', /GNU_RELRO/.test(elf) && /BIND_NOW/.test(elf), elf);
  check('the stack is not executable', /GNU_STACK.* RW /.test(elf), elf);
  const texts = readFileSync(binary, 'latin1');
  check('no path of the building machine', !texts.includes(REPOSITORY) && !/\/tmp\//.test(texts));
}

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function ended(program: string, words: readonly string[]): Ended {
  const { status, stdout, stderr } = spawnSync(program, words, {
    cwd: REPOSITORY,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    // What a report of the sanitizers ends with is none of the command's statuses.
    env: {
      PATH: process.env['PATH'] ?? '',
      ASAN_OPTIONS: 'exitcode=99',
      UBSAN_OPTIONS: 'exitcode=99',
    },
  });
  return { status, stdout, stderr };
}

/** The binary, and the command within this process. */
async function checkSame(program: string, words: readonly string[]): Promise<void> {
  const there = ended(program, words);
  const here = await commandHere(words);
  const isSame =
    there.status === here.status && there.stdout === here.stdout && there.stderr === here.stderr;
  const first = `${there.status}, not ${here.status}\n${there.stderr.slice(0, 500)}`;
  check(words.join(' '), isSame, first);
}

/** Each intent by each back end, explained, too; what lint and diff have to say of it. */
function wordsOf(name: string): string[][] {
  const intent = `golden/${name}/intent.yaml`;
  return [
    ...backends.map(({ id }) => ['render', intent, '-b', id, '--format', 'json']),
    ['explain', intent, '-b', backends[0]?.id ?? ''],
    ['lint', intent],
    ['diff', 'golden/original/intent.yaml', intent, '-b', 'networkd'],
    ['graph', intent, '--format', 'svg'],
  ];
}

const PAGES = [
  // The parser of os-release(5) is loaded where it is needed.
  ['render', 'golden/original/intent.yaml', '-b', 'networkd', '--target', 'host'],
  ['help'],
  ['schema'],
  ['schema', 'output'],
  ...['render', 'check', 'diff', 'lint', 'explain', 'graph', 'status', 'doctor', 'apply'].map(
    (command) => [command, '--help'],
  ),
  ...Object.keys(CODES).map((code) => ['explain', code]),
];

checkFile((await buildNative(temporaryFolder())).path);
const version = ended(binary, ['--version']).stdout;
check('--version', version === `macvtap-render ${packageJson.version}\n`, version);
const all = [...caseNames().flatMap(wordsOf), ...PAGES];
for (const words of all) await checkSame(binary, words);
console.log(`native: ${all.length} command lines give the same as under Node`);

const { path: sanitized } = await buildNative(join(REPOSITORY, 'dist/native'), undefined, true);
const some = all.filter((_, index) => index % 19 === 0);
for (const words of some) await checkSame(sanitized, words);
console.log(`native: ${some.length} of them with memory watched`);

const run = spawnSync(
  process.execPath,
  ['--import', 'tsx', fileURLToPath(new URL('run.ts', import.meta.url)), ...SUITES],
  { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, MACVTAP_TEST_NATIVE: binary } },
);
check('the tests that run the command', run.status === 0);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
