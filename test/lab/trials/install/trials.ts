/** Installing, as root, under everything that goes wrong. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { dist } from '../../../command.ts';
import { bundleWorker } from '../../drive/strace.ts';
import { type Image, SUITES } from '../../image/images.ts';
import type { Selection } from '../../options.ts';
import { once, type Trial, type Verdict } from '../../trial.ts';
import { inject } from './faults.ts';
import { others } from './others.ts';
import { preCommit } from './pre-commit.ts';
import { PART as PREFIXES, prefixTrials } from './prefixes.ts';
import { situations } from './situations.ts';

const PART = 'install';

export interface Extent {
  /** Every fault, 10,000 runs one after the other. */
  readonly isLong: boolean;
  /** Of the faults, unless all: 0 to 1. */
  readonly share: number;
}

export const USUAL: Extent = { isLong: false, share: 0.004 };

/** Every state of an interrupted installation is tried on the daemons of this, unless suites are named. */
const ON_PREFIXES = 'trixie';

/** Cases that are not golden are tried with all of the lab, or when it is named (`--only install`). */
export function installPart(
  { isWhole, only, backends, suites }: Pick<Selection, 'isWhole' | 'only' | 'backends' | 'suites'>,
  images: readonly Image[],
): Trial[] {
  const isOf = (part: string): boolean => isWhole || only.includes(part);
  const isNamed = suites !== SUITES;
  const some = images.filter(({ suite }) => isNamed || suite === ON_PREFIXES);
  return [
    ...(isOf(PART) ? installTrials(USUAL) : []),
    ...(isOf(PREFIXES) ? prefixTrials(some, backends) : []),
  ];
}

export function installTrials({ isLong, share }: Extent): Trial[] {
  const place = once(makePlace);
  // A trial that is run once more finds nothing of its first run.
  const ownFolder = async (): Promise<string> =>
    mkdtempSync(join((await place()).folder, 'trial-'));
  const command = [process.execPath, join(dist, 'macvtap-render.cjs')];
  const trial = (words: readonly string[], run: () => Promise<Verdict>): Trial => ({
    part: PART,
    words,
    repeat: [PART, ...words].flatMap((word) => ['--only', word]),
    run,
  });
  return [
    // The longest first.
    trial(['pre-commit'], async () => ({ failures: await preCommit(await ownFolder()) })),
    ...situations().map((situation) =>
      trial(['faults', situation.name], async () => {
        const { program } = await place();
        const outcome = await inject(program, situation, await ownFolder(), isLong ? 1 : share);
        const { injected, broken, prefixes } = outcome;
        const none = injected === 0 ? ['no fault was injected'] : [];
        return {
          failures: [...none, ...broken.slice(0, 20)],
          notes: [`${injected} faults; trees by prefix of the order: ${prefixes.join(' ')}`],
          figures: { faults: injected, broken: broken.length },
        };
      }),
    ),
    ...others(command, isLong).map(({ name, run }) =>
      trial([name], async () => ({ failures: await run(await ownFolder()) })),
    ),
  ];
}

/** Memory that is gone with the process: a disk would be worn for nothing. */
async function makePlace(): Promise<{ folder: string; program: string }> {
  mkdirSync('/dev/shm', { recursive: true });
  const folder = mkdtempSync('/dev/shm/macvtap-install-');
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const program = join(folder, 'worker.mjs');
  await bundleWorker(program);
  return { folder, program };
}
