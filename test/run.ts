/**
 * Runs the tests, and sees that they ran: uvu ends with 0 when no file matches, and when a file
 * forgets `test.run()`.
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('./', import.meta.url));
const wanted = process.argv[2] ?? '';
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && file.includes(wanted))
  .sort();

let passed = 0;
let failed = 0;

function runFile(file: string): Promise<void> {
  const started = process.hrtime.bigint();
  const child = spawn(process.execPath, ['--import', 'tsx', `${folder}${file}`], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((settle) => {
    child.once('close', (status) => {
      const seconds = Number(process.hrtime.bigint() - started) / 1e9;
      // The summary that `test.run()` of uvu prints at the end.
      const total = Number(/Total:\s+(\d+)/.exec(stdout)?.[1] ?? 0);
      const good = Number(/Passed:\s+(\d+)/.exec(stdout)?.[1] ?? 0);
      passed += good;
      const bad = total === 0 || status !== 0 ? Math.max(1, total - good) : total - good;
      failed += bad;
      console.log(
        `${bad > 0 ? 'FAILED' : 'ok    '} ${file.padEnd(36)} ${good} of ${total}, ${seconds.toFixed(1)} s`,
      );
      if (bad > 0) {
        console.log(total === 0 ? `no test ran\n${stdout}${stderr}` : `${stdout}${stderr}`);
      }
      settle();
    });
  });
}

// The longest first: one that began last would be waited for alone.
const waiting = [...files].sort(
  (a, b) => Number(b.startsWith('properties/')) - Number(a.startsWith('properties/')),
);
async function lane(): Promise<void> {
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) await runFile(file);
}
await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, lane));

// Each file that is there must have been seen; fewer than this, and somebody has lost some.
const LEAST = wanted === '' ? 15 : 1;
if (files.length < LEAST) {
  failed += 1;
  console.log(`FAILED: ${files.length} test files found, ${LEAST} expected`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
