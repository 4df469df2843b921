/**
 * Runs the tests, and sees that they ran: uvu ends with 0 when no file matches, and when a file
 * forgets `test.run()`.
 *
 *     node --import tsx test/run.ts [WORD...]     the test files whose path has one of these words
 *
 * After each file: its tests, its seconds, and its processor's, those of all its processes
 * included. Other programs change the former, and hardly the latter.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { bundle, bundledTexts, precompiledTemplates } from '../src/build/bundle.ts';

const folder = fileURLToPath(new URL('./', import.meta.url));
const wanted = process.argv.slice(2);
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .filter((file) => wanted.length === 0 || wanted.some((word) => file.includes(word)))
  .sort();

const made: string[] = [];
process.on('exit', () => {
  for (const one of made) rmSync(one, { recursive: true, force: true });
});

function temporary(parent: string): string {
  const folder = mkdtempSync(join(parent, 'macvtap-test-dist-'));
  made.push(folder);
  return folder;
}

/** The command, bundled once for all test files (`command.ts` takes it from here). */
const dist = temporary(tmpdir());
const inputs = join(temporary(tmpdir()), 'inputs.json');
writeFileSync(inputs, JSON.stringify(await bundle(dist)));

/** A module knows where its source is, not where it has been bundled to. */
const ownPlaces: Plugin = {
  name: 'own-places',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: readFileSync(path, 'utf8')
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href))
        .replaceAll('import.meta.filename', JSON.stringify(path)),
    }));
  },
};

/** What is loaded by few test files, and itself loads files beside it. */
const NOT_BUNDLED = [
  'cosmiconfig',
  'esbuild',
  'handlebars',
  'quickjs-emscripten',
  'remark-gfm',
  'remark-man',
  'remark-parse',
  'unified',
];

/** Packages that are CommonJS ask for Node's modules by this function, which a module lacks. */
const REQUIRE =
  "import { createRequire as requireFor } from 'node:module'; const require = requireFor(import.meta.url);";

/**
 * The test files, bundled together: to translate and load some two hundred modules in each of so
 * many processes would take half of the time that the tests take.
 */
async function bundledTests(): Promise<string> {
  const modules = fileURLToPath(new URL('../node_modules/.cache/', import.meta.url));
  mkdirSync(modules, { recursive: true });
  const outdir = temporary(modules);
  await build({
    absWorkingDir: folder,
    entryPoints: files,
    outbase: folder,
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'linked',
    logLevel: 'warning',
    external: NOT_BUNDLED,
    banner: { js: REQUIRE },
    plugins: [precompiledTemplates, bundledTexts, ownPlaces],
  });
  return outdir;
}
const bundled = await bundledTests();

/**
 * V8 optimizes a function once it has used up this budget: by default one that is so small that a
 * process of a few seconds spends a fifth of them on code that it hardly runs. Other versions of V8
 * may not know the option, and Node does not start with one that it does not know.
 */
const LATE = '--interrupt-budget=1000000';
const flags = spawnSync(process.execPath, [LATE, '--eval', '']).status === 0 ? [LATE] : [];

let passed = 0;
let failed = 0;

/** Runs its arguments, then writes to its descriptor 3 what times(1p) says of itself and of them. */
const TIMED = '"$@"; status=$?; times >&3; exit "$status"';

/** Seconds of the processor, out of what `times` prints: two lines, each `0m1.234s 0m0.567s`. */
const processorSeconds = (times: string): number =>
  [...times.matchAll(/([0-9]+)m([0-9.,]+)s/g)]
    .map(([, minutes, seconds]) => 60 * Number(minutes) + Number(seconds?.replace(',', '.')))
    .reduce((sum, one) => sum + one, 0);

let processor = 0;

function runFile(file: string): Promise<void> {
  const started = process.hrtime.bigint();
  const child = spawn(
    'sh',
    ['-c', TIMED, 'sh', process.execPath, ...flags, join(bundled, file.replace(/ts$/, 'mjs'))],
    {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      env: { ...process.env, MACVTAP_TEST_DIST: dist, MACVTAP_TEST_INPUTS: inputs },
    },
  );
  const texts = ['', '', '', ''];
  for (const [index, stream] of child.stdio.entries()) {
    stream?.on('data', (chunk) => {
      texts[index] += String(chunk);
    });
  }
  return new Promise((settle) => {
    child.once('close', (status) => {
      const seconds = Number(process.hrtime.bigint() - started) / 1e9;
      const [, stdout = '', stderr = '', times = ''] = texts;
      // The summary that `test.run()` of uvu prints at the end.
      const total = Number(/Total:\s+(\d+)/.exec(stdout)?.[1] ?? 0);
      const good = Number(/Passed:\s+(\d+)/.exec(stdout)?.[1] ?? 0);
      passed += good;
      const bad = total === 0 || status !== 0 ? Math.max(1, total - good) : total - good;
      failed += bad;
      const own = processorSeconds(times);
      processor += own;
      console.log(
        `${bad > 0 ? 'FAILED' : 'ok    '} ${file.padEnd(36)} ${good} of ${total}, ${seconds.toFixed(1)} s, processor ${own.toFixed(1)} s`,
      );
      if (bad > 0) {
        console.log(total === 0 ? `no test ran\n${stdout}${stderr}` : `${stdout}${stderr}`);
      }
      settle();
    });
  });
}

/** The longest first: one that began last would be waited for alone. */
const LONGEST = [
  'install/change-domains.test.ts',
  'install/change-unmanaged.test.ts',
  'install/change.test.ts',
  'readme/readme.test.ts',
  'intent/limits.test.ts',
  'golden/golden.test.ts',
  'cli/search.test.ts',
  'package/packagings.test.ts',
  'install/install-order.test.ts',
  'targets/target.test.ts',
  'build/quickjs.test.ts',
];
const waiting = LONGEST.filter((file) => files.includes(file)).concat(
  files.filter((file) => !LONGEST.includes(file)),
);
async function lane(): Promise<void> {
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) await runFile(file);
}
await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, lane));

// Each file that is there must have been seen; fewer than this, and somebody has lost some.
const LEAST = wanted.length === 0 ? 40 : 1;
if (files.length < LEAST) {
  failed += 1;
  console.log(`FAILED: ${files.length} test files found, ${LEAST} expected`);
}
const { userCPUTime, systemCPUTime } = process.resourceUsage();
console.log(`processor ${(processor + (userCPUTime + systemCPUTime) / 1e6).toFixed(0)} s`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
