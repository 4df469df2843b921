/** Every change on every back end: which suites each is tried on. */
import { backends as allBackends } from '../../../src/index.ts';
import { hasService, SERVICE } from '../ifupdown.ts';
import type { Image } from '../images.ts';
import type { Selection } from '../options.ts';
import type { Driver } from '../tier1/drivers.ts';
import type { Host } from '../tier2/boot.ts';
import { managerOf } from '../tier2/look.ts';
import type { Trial, Verdict } from '../trial.ts';
import { change } from './cell.ts';
import { driversFor, expectFor, hostFor } from './hosts.ts';
import { ADDRESS, KINDS, type Kind } from './kinds.ts';
import { type Program, theProgram } from './program.ts';
import type { Aimed, Side } from './settled.ts';

export const PART = 'change';

/** A change of a host, with all that is needed to try it. */
export interface Cell {
  readonly kind: Kind;
  readonly host: Host;
  readonly program: Program;
  readonly first: Side;
  readonly second: Aimed;
  /** The host may be out of reach for so long. */
  readonly limitSeconds?: number;
}

/** Programs that are started one after the other, and by ifupdown2 each in Python. */
const LIMITS: Readonly<Record<string, number>> = { ifupdown: 8, 'ifupdown-ng': 8, ifupdown2: 15 };

export async function cellOf(
  kind: Kind,
  backend: string,
  image: Image,
  driver: Driver,
): Promise<Cell | { readonly refusal: string }> {
  const program = await theProgram();
  const host = hostFor(kind, backend, image, driver, program.binds);
  const after = kind.becomes ? kind.becomes[backend] : backend;
  if (after === undefined) throw new Error(`${kind.name}: nothing to become of ${backend}`);
  const side = (aim: Kind['second'], id: string): Aimed | { readonly refusal: string } => {
    const [own] = id === backend ? [driver] : driversFor(id, image);
    const expected = own ? expectFor(aim, id, image, own) : { refusal: 'no driver' };
    if ('refusal' in expected) return expected;
    const needs = allBackends.find((one) => one.id === id)?.needs ?? [];
    return {
      address: aim.address,
      manager: managerOf(needs, driver.flavour),
      wanted: { intent: aim.intent, backend: id, expected },
    };
  };
  const second = side(kind.second, after);
  if ('refusal' in second) return second;
  const old = { address: ADDRESS, manager: managerOf(host.systems, driver.flavour) };
  const first = kind.first ? side(kind.first, backend) : old;
  if ('refusal' in first) return first;
  const limitSeconds = LIMITS[driver.flavour ?? ''];
  return {
    kind,
    host,
    program,
    first,
    second,
    ...(limitSeconds !== undefined && { limitSeconds }),
  };
}

/** All that is selected. */
export function changeTrials(
  { backends, suites: _ }: Pick<Selection, 'backends' | 'suites'>,
  images: readonly Image[],
): Trial[] {
  return images.flatMap((image) =>
    backends.flatMap((backend) =>
      driversFor(backend, image).flatMap((driver) =>
        KINDS.filter((kind) => !kind.becomes || kind.becomes[backend] !== undefined).map((kind) =>
          trialOf(kind, backend, image, driver),
        ),
      ),
    ),
  );
}

function trialOf(kind: Kind, backend: string, image: Image, driver: Driver): Trial {
  const { flavour } = driver;
  const name = `${kind.name}, rolled back and confirmed`;
  return {
    part: PART,
    words: [name, backend, image.suite, ...(flavour ? [flavour] : [])],
    repeat: [
      ...['--only', PART, '--only', `: ${name}`, '--backend', backend, '--suite', image.suite],
      ...(flavour ? ['--only', flavour] : []),
    ],
    run: async (): Promise<Verdict> => {
      if (flavour && !hasService(image, flavour)) {
        const reason = `Debian's ${flavour} has no ${SERVICE} from trixie on`;
        return { outcome: 'not judged', reason, failures: [] };
      }
      const reason = withoutClient(kind, driver);
      if (reason !== undefined) return { outcome: 'not judged', reason, failures: [] };
      const cell = await cellOf(kind, backend, image, driver);
      if ('refusal' in cell) return { outcome: 'refused', reason: cell.refusal, failures: [] };
      const { failures, evidence, figures } = await change(cell, ['rollback', 'confirm']);
      const notes = Object.entries(figures).map(
        ([what, seconds]) => `${what}: out of reach for ${seconds.toFixed(2)} s`,
      );
      return { failures, evidence, figures, notes };
    },
  };
}

/** Why a driver cannot be tried with a kind. */
const withoutClient = ({ isLeased, second }: Kind, { dhcp }: Driver): string | undefined =>
  (isLeased || second.intent.includes('dhcp4')) && !dhcp.includes('ipv4')
    ? 'there is no DHCP client'
    : undefined;
