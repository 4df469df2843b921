/** Every cure of the change script, taken out of it: the change that needs it must be seen to fail. */
import type { Flavour } from '../ifupdown.ts';
import type { Image } from '../images.ts';
import { judge } from '../tier2/negatives.ts';
import type { Trial, Verdict } from '../trial.ts';
import { type Cell, cellOf } from './cell.ts';
import { driversFor } from './hosts.ts';
import { KINDS } from './kinds.ts';
import { change, type Part } from './run.ts';

interface Cure {
  /** What is taken out. */
  readonly name: string;
  readonly kind: string;
  readonly backend: string;
  readonly flavour?: Flavour;
  readonly suite: string;
  /** All lines that match. */
  readonly lines: RegExp;
  readonly part: Part;
  /** Each of these must match a failure. */
  readonly fails: readonly RegExp[];
}

const CURES: readonly Cure[] = [];

/** A line that does nothing, so that the block that it is in is none without a command. */
const NOTHING = ':';

/** @throws Error where nothing matches: a fault that changes nothing would pass for a blind check */
function without(script: string, lines: RegExp): string {
  let count = 0;
  const other = script
    .split('\n')
    .map((line) => {
      if (!lines.test(line)) return line;
      count += 1;
      return NOTHING;
    })
    .join('\n');
  if (count === 0) throw new Error(`the script has no line like ${lines}`);
  return other;
}

/** So long is a host looked for that is not to be found. */
const LIMIT_SECONDS = 2;

export function cureTrials(
  part: string,
  images: readonly Image[],
  backends: readonly string[],
): Trial[] {
  return CURES.filter(({ backend }) => backends.includes(backend)).flatMap((cure) => {
    const image = images.find(({ suite }) => suite === cure.suite);
    return image ? [trialOf(part, cure, image)] : [];
  });
}

function trialOf(part: string, cure: Cure, image: Image): Trial {
  const { name, kind, backend, flavour, suite } = cure;
  const words = [`${kind}, without ${name}`, backend, suite, ...(flavour ? [flavour] : [])];
  return {
    part,
    words: [...words, 'must fail'],
    repeat: ['--only', part, '--only', `without ${name}`, '--backend', backend, '--suite', suite],
    run: async (): Promise<Verdict> => {
      const cell = await cellFor(cure, image);
      const { failures } = await change(
        { ...cell, limitSeconds: LIMIT_SECONDS },
        [cure.part],
        (script) => without(script, cure.lines),
      );
      return judge(cure, failures);
    },
  };
}

async function cellFor(cure: Cure, image: Image): Promise<Cell> {
  const kind = KINDS.find(({ name }) => name === cure.kind);
  const driver = driversFor(cure.backend, image).find(({ flavour }) => flavour === cure.flavour);
  if (!kind || !driver) throw new Error(`there is no ${cure.kind} on ${cure.backend}`);
  const cell = await cellOf(kind, cure.backend, image, driver);
  if ('refusal' in cell) throw new Error(`the program refuses: ${cell.refusal}`);
  return cell;
}
