/**
 * Runs the tests, and sees that they ran: uvu ends with 0 when no file matches, and when a file
 * forgets `test.run()`.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const wanted = process.argv[2] ?? '';
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && file.includes(wanted))
  .sort();

let passed = 0;
let failed = 0;
for (const file of files) {
  const started = process.hrtime.bigint();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', `${folder}${file}`],
    {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    },
  );
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
  if (bad > 0) console.log(total === 0 ? `no test ran\n${stdout}${stderr}` : `${stdout}${stderr}`);
}

// Each file that is there must have been seen; fewer than this, and somebody has lost some.
const LEAST = wanted === '' ? 15 : 1;
if (files.length < LEAST) {
  failed += 1;
  console.log(`FAILED: ${files.length} test files found, ${LEAST} expected`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
