/** The live change, from each kind of address, on every way and suite. */
import type { Image } from '../images.ts';
import type { Trial } from '../trial.ts';
import { readCommands } from './commands.ts';
import { type Change, type Changed, changeAndBack, changeAndWait } from './live.ts';
import { type Kind, ofSystem } from './old.ts';
import { situationOf } from './situation.ts';

const PART = 'live';
const KINDS: readonly Kind[] = ['static', 'dhcp'];

/** The way back by itself: as good on one suite as on another. */
const TIMED_SUITE = 'bookworm';
const TIMED_SECONDS = 6;

export function liveTrials(images: readonly Image[], ways: readonly string[]): Trial[] {
  return images.flatMap((image) =>
    ways.flatMap((way) => [
      ...KINDS.map((kind) => trial(image, way, [kind], kind, changeAndBack)),
      ...(image.suite === TIMED_SUITE
        ? [trial(image, way, ['static', 'back by itself'], 'static', timed)]
        : []),
    ]),
  );
}

const timed = (change: Change): Promise<Changed> => changeAndWait(change, TIMED_SECONDS);

function trial(
  image: Image,
  way: string,
  words: readonly string[],
  kind: Kind,
  body: (change: Change) => Promise<Changed>,
): Trial {
  const { suite } = image;
  return {
    part: PART,
    words: [...words, way, suite],
    repeat: repeatOf(PART, words.join(', '), way, suite),
    run: async () => {
      const situation = situationOf(kind, kind, way, image);
      if (typeof situation === 'string') {
        return { outcome: 'refused', reason: situation, failures: [] };
      }
      const change = {
        ...situation,
        way,
        before: ofSystem(way, situation.old),
        commands: readCommands(),
      };
      const changed = await body(change);
      const shown = Object.entries(changed.figures).map(
        ([what, seconds]) => `${what}: out of reach for ${seconds.toFixed(2)} s`,
      );
      return { ...changed, notes: shown };
    },
  };
}

export const repeatOf = (part: string, name: string, way: string, suite: string): string[] => [
  ...['--only', part, '--only', name, '--backend', way, '--suite', suite],
];
