/**
 * `npm run test:web`: the page in a real browser, Debian's Chromium (`apt-get install chromium`), headless and
 * from file://. Fails where there is none.
 *
 *     npm run test:web -- [WORD...]     the trials whose name has one of these words
 */
import { accessibleTrials } from './accessible.ts';
import { closeBrowser, launched } from './browser.ts';
import { changeTrials } from './changes.ts';
import { closedTrials } from './closed.ts';
import { downloadTrials } from './downloads.ts';
import { fleetTrials } from './fleet.ts';
import { goldenTrials } from './golden.ts';
import { hostileTrials } from './hostile.ts';
import { keyboardTrials } from './keyboard.ts';
import { languageTrials } from './language.ts';
import { linkTrials } from './links.ts';
import { pageTrials } from './page.ts';
import { speedTrials } from './speed.ts';
import type { Trial } from './trial.ts';

/** Alone, as they measure. */
const first: readonly Trial[] = [...speedTrials, ...pageTrials];

/** One after the other, two rows of them at a time: golden cases share a page. */
const rows: readonly (readonly Trial[])[] = [
  goldenTrials,
  [
    ...closedTrials,
    ...languageTrials,
    ...keyboardTrials,
    ...changeTrials,
    ...fleetTrials,
    ...downloadTrials,
    ...linkTrials,
    ...accessibleTrials,
    ...hostileTrials,
  ],
];

/** With fewer, a file of trials has been lost. */
const LEAST = 220;

const wanted = process.argv.slice(2);
const isWanted = ({ name }: Trial): boolean =>
  wanted.length === 0 || wanted.some((word) => name.includes(word));
let [passed, failed] = [0, 0];

async function runRow(trials: readonly Trial[]): Promise<void> {
  for (const { name, run } of trials.filter(isWanted)) {
    const started = performance.now();
    try {
      await run();
      passed += 1;
    } catch (error) {
      failed += 1;
      // The difference, of an assertion of uvu's.
      const { stack, details = '' } = error as { stack?: string; details?: string };
      console.log(`FAILED ${name}\n${stack ?? String(error)}\n${details}\n`);
    }
    const seconds = (performance.now() - started) / 1000;
    if (seconds > 10) console.log(`${name}: ${seconds.toFixed(1)} s`);
  }
}

const began = performance.now();
try {
  await launched();
} catch (error) {
  console.log(`${error}\nThe tests of the page need Chromium: apt-get install chromium`);
  console.log('0 passed, 1 failed');
  process.exit(1);
}
await runRow(first);
await Promise.all(rows.map(runRow));
await closeBrowser();
if (wanted.length === 0 && passed + failed < LEAST) {
  failed += 1;
  console.log(`FAILED: ${passed + failed} trials, ${LEAST} expected`);
}
if (passed + failed === 0) failed += 1;
console.log(`web: ${((performance.now() - began) / 1000).toFixed(0)} s`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
