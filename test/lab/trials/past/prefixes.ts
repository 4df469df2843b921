/**
 * An installation that was cut off: whatever number of our files is in place, in their order, the
 * host comes up reachable from the LAN.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { withMachine } from '../../drive/boot.ts';
import { putFiles } from '../../image/host.ts';
import type { Image } from '../../image/images.ts';
import type { Trial } from '../../trial.ts';
import { ofSystem } from './old.ts';
import { PART, repeatOf } from './past-trials.ts';
import { type Situation, situationOf } from './situation.ts';

const NAME = 'cut off after each file';

/** A boot that takes longer has lost the host to whoever waits for it. */
const REACH_SECONDS = 60;

export function prefixTrials(images: readonly Image[], backends: readonly string[]): Trial[] {
  return images.flatMap((image) => backends.map((backend) => prefixTrial(backend, image)));
}

const prefixTrial = (backend: string, image: Image): Trial => ({
  part: PART,
  words: [NAME, backend, image.suite],
  repeat: repeatOf(PART, NAME, backend, image.suite),
  run: async () => {
    const situation = situationOf('static', 'static', backend, image);
    if (typeof situation === 'string') {
      return { outcome: 'refused', reason: situation, failures: [] };
    }
    return { failures: await bootAfterEach(backend, situation) };
  },
});

/** @returns a line for each prefix with which the host is not reached */
function bootAfterEach(backend: string, { host, old }: Situation): Promise<string[]> {
  const failures: string[] = [];
  const [address = ''] = old.address.split('/');
  return withMachine({ ...host, files: ofSystem(backend, old) }, async (machine, surround) => {
    for (let count = 0; count <= host.files.length; count++) {
      const last = host.files[count - 1];
      if (last) putFiles(machine.root, [last]);
      const scene = await surround();
      const running = await machine.boot(scene);
      const end = performance.now() + REACH_SECONDS * 1000;
      let isReached = false;
      while (!isReached && performance.now() < end) isReached = await scene.router.ping(address);
      // What is reached early in a boot may be lost later in it.
      await sleep(LATER_MS);
      isReached &&= await scene.router.ping(address);
      if (!isReached) failures.push(`not reached after ${count} files (${last?.path ?? 'none'})`);
      await running.end();
      await scene.end();
    }
    return failures;
  });
}

const LATER_MS = 1000;
