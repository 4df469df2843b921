/**
 * The part of the lab that installs, alone, and at length:
 *
 *     node --import tsx test/lab/install/run.ts [--long | --share 0.02] [--only WORD]
 */
import { parseArgs } from 'node:util';
import { endAll } from '../../process.ts';
import { ensureRequirements } from '../../requirements.ts';
import { runAll } from '../../runner.ts';
import { nameOf } from '../../trial.ts';
import { installTrials, USUAL } from './trials.ts';

const { values } = parseArgs({
  options: {
    long: { type: 'boolean' },
    share: { type: 'string' },
    only: { type: 'string', multiple: true },
  },
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    endAll();
    process.exit(1);
  });
}
await ensureRequirements();
const only = values.only ?? [];
const trials = installTrials({
  isLong: values.long === true,
  share: values.share === undefined ? USUAL.share : Number(values.share),
}).filter((trial) => only.every((word) => nameOf(trial).includes(word)));
const results = await runAll('install', trials, { lanes: 2, isVerbose: true });
const sum = (figure: string): number =>
  results.reduce((all, { verdict }) => all + (verdict.figures?.[figure] ?? 0), 0);
console.log(`faults injected: ${sum('faults')}, broke the promise: ${sum('broken')}`);
const failed = results.filter(({ outcome }) => outcome === 'failed').length;
console.log(`${results.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 || results.length === 0 ? 1 : 0;
