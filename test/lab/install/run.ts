/**
 * Installing, as root, under everything that goes wrong. `npm run test:lab` runs it; alone:
 *
 *     node --import tsx test/lab/install/run.ts [--long] [--share 0.05]
 *
 * Fails, and does not skip, where something is missing.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { dist } from '../../command.ts';
import { inject } from './faults.ts';
import { others } from './others.ts';
import { preCommit } from './pre-commit.ts';
import { situations } from './situations.ts';
import { bundleWorker } from './strace.ts';

export interface Judged {
  readonly passed: number;
  readonly failed: number;
}

interface Wanted {
  /** Every fault, 10,000 runs one after the other. */
  readonly long: boolean;
  /** Of the faults, unless all. */
  readonly share: number;
  /** Only situations whose name begins so. */
  readonly only?: string;
}

export async function installing(
  { long, share, only = '' }: Wanted,
  say: (line: string) => void,
): Promise<Judged> {
  const started = process.hrtime.bigint();
  const seconds = (): string => (Number(process.hrtime.bigint() - started) / 1e9).toFixed(0);
  let passed = 0;
  let failed = 0;
  let faults = 0;
  let broken = 0;
  const tell = (name: string, problems: readonly string[], more = ''): void => {
    if (problems.length === 0) passed += 1;
    else failed += 1;
    say(`${problems.length === 0 ? 'ok    ' : 'FAILED'} install: ${name}${more}`);
    for (const problem of problems.slice(0, 20)) say(`         ${problem}`);
  };
  // Memory that is gone with the run: a disk would be worn for nothing.
  mkdirSync('/dev/shm', { recursive: true });
  const folder = mkdtempSync('/dev/shm/macvtap-install-');
  const command = [process.execPath, `${dist}/macvtap-render.cjs`];
  const program = join(folder, 'worker.mjs');
  try {
    await bundleWorker(program);
    for (const situation of situations().filter(({ name }) => name.startsWith(only))) {
      const outcome = await inject(program, situation, folder, long ? 1 : share);
      faults += outcome.injected;
      broken += outcome.broken.length;
      const none = outcome.injected === 0 ? ['no fault was injected'] : [];
      tell(
        `faults, ${situation.name}`,
        [...none, ...outcome.broken],
        `: ${outcome.injected} faults, trees by prefix ${outcome.prefixes.join(' ')}`,
      );
    }
    say(`         ${faults} faults injected, ${broken} broke the promise, ${seconds()} s`);
    if (only === '') {
      for (const [name, problems] of await others(command, folder, long)) tell(name, problems);
      for (const [name, problems] of await preCommit(folder)) tell(name, problems);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  say(`         installing: ${seconds()} s`);
  return { passed, failed };
}

if (process.argv[1] === import.meta.filename) {
  const option = (name: string): string | undefined => {
    const at = process.argv.indexOf(name);
    return at === -1 ? undefined : process.argv[at + 1];
  };
  const only = option('--only');
  const { passed, failed } = await installing(
    {
      long: process.argv.includes('--long'),
      share: Number(option('--share') ?? '0.012'),
      ...(only !== undefined && { only }),
    },
    (line) => console.log(line),
  );
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}
