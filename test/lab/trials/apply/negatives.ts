/** Every cure of a change by `apply`, taken out of the program: the trial that needs it must fail. */

import { mutatedProgram } from '../../drive/program.ts';
import type { Image } from '../../image/images.ts';
import type { Trial, Verdict } from '../../trial.ts';
import { judge } from '../boot/negatives.ts';
import { type Cell, cellOf } from '../change/cell.ts';
import { driversFor } from '../change/hosts.ts';
import { CURES, type Cure } from './cures.ts';
import { APPLY_KINDS } from './kinds.ts';
import { cellWithoutSystemd } from './no-systemd.ts';
import { applied } from './run.ts';

export function cureTrials(
  part: string,
  images: readonly Image[],
  backends: readonly string[],
  isWhole: boolean,
): Trial[] {
  return CURES.filter(
    ({ backend, isSample }) => backends.includes(backend) && (isWhole || isSample),
  ).flatMap((cure) => {
    const image = images.find(({ suite }) => suite === cure.suite);
    return image ? [trialOf(part, cure, image)] : [];
  });
}

function trialOf(part: string, cure: Cure, image: Image): Trial {
  const { name, kind, outcome, backend, flavour, suite } = cure;
  const words = [`${kind}; ${outcome}, without ${name}`, backend, suite];
  return {
    part,
    words: [...words, ...(flavour ? [flavour] : []), 'must fail'],
    repeat: ['--only', part, '--only', `without ${name}`, '--backend', backend, '--suite', suite],
    run: async (): Promise<Verdict> => {
      const { failures, evidence } = await applied(await cellFor(cure, image), outcome);
      const { failures: missing, notes } = judge(cure, failures);
      // Where it is not the expected one, what it was instead.
      const others = missing.length > 0 ? failures.slice(0, 3).map((line) => `not: ${line}`) : [];
      return { failures: missing, notes: [...notes.slice(0, 2), ...others], evidence };
    },
  };
}

const SETTLE_SECONDS = 5;

async function cellFor(cure: Cure, image: Image): Promise<Cell> {
  const { lines, by = '  :' } = cure;
  const cell = await healthyCell(cure, image);
  const program = await mutatedProgram((bundle) => {
    const other = bundle.replace(lines, by);
    if (other === bundle) throw new Error(`the script has nothing like ${lines}`);
    return other;
  });
  const soon = { settleSeconds: SETTLE_SECONDS };
  return {
    ...cell,
    program,
    host: { ...cell.host, binds: program.binds },
    first: { ...cell.first, ...soon },
    second: { ...cell.second, ...soon },
  };
}

async function healthyCell(
  { kind: name, backend, flavour, without }: Cure,
  image: Image,
): Promise<Cell> {
  if (without !== undefined) return cellWithoutSystemd(image, without, name);
  const kind = APPLY_KINDS.find((item) => item.name === name);
  const driver = driversFor(backend, image).find((item) => item.flavour === flavour);
  if (!kind || !driver) throw new Error(`there is no ${name} on ${backend}`);
  const cell = await cellOf(kind, backend, image, driver);
  if ('refusal' in cell) throw new Error(`the program refuses: ${cell.refusal}`);
  return cell;
}
