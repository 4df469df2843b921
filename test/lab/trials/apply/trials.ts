/** Every change by `apply`,ended by every event: which of them are tried on which suites. */
import type { Driver } from '../../drive/drivers.ts';
import { type Flavour, hasService, SERVICE } from '../../drive/flavours.ts';
import { type Image, SUITES } from '../../image/images.ts';
import type { Selection } from '../../options.ts';
import type { Trial, Verdict } from '../../trial.ts';
import { cellOf } from '../change/cell.ts';
import { driversFor } from '../change/hosts.ts';
import { KINDS, type Kind, SWITCHES } from '../change/kinds.ts';
import { cureTrials } from './negatives.ts';
import { OUTCOMES, type OutcomeName } from './outcomes.ts';
import { applied } from './run.ts';

export const PART = 'apply';

/** In the whole matrix, unless others are named. */
const MATRIX: readonly string[] = ['bookworm', 'trixie', 'sid'];

const OUTCOME_NAMES = Object.keys(OUTCOMES) as OutcomeName[];

/** How every kind is ended; the other endings are tried on one kind that changes and one that is new. */
const EVERY: readonly OutcomeName[] = ['confirmed by --yes', 'timer fires'];
const THOROUGH: readonly string[] = [
  'first installation',
  'address and gateway',
  'daemon switched',
];

interface Sampled {
  readonly backend: string;
  readonly suite: string;
  readonly flavour?: Flavour;
  readonly kind: string;
  readonly outcomes: readonly OutcomeName[];
}

/** With all of the lab, in two minutes on two cores. The whole: `--only apply`. */
const SAMPLE: readonly Sampled[] = [
  {
    backend: 'networkd',
    suite: 'trixie',
    kind: 'first installation',
    outcomes: ['confirmed by Enter', 'power cut at activate', 'reboot, timer fires'],
  },
  {
    backend: 'networkd',
    suite: 'bookworm',
    kind: 'address and gateway',
    outcomes: ['confirmed from elsewhere', 'verification fails', 'killed at activate'],
  },
  {
    backend: 'networkmanager',
    suite: 'trixie',
    kind: 'address and gateway',
    outcomes: ['confirmed by --yes', 'power cut at verify'],
  },
  {
    backend: 'netplan-networkd',
    suite: 'trixie',
    kind: 'address and gateway',
    outcomes: ['timer fires', 'power cut at install'],
  },
  {
    backend: 'ifupdown',
    flavour: 'ifupdown',
    suite: 'bookworm',
    kind: 'first installation',
    outcomes: ['rollback by command', 'power cut at activate'],
  },
];

/** All that is selected: the whole matrix where it is named (`--only apply`), else a sample. */
export function applyTrials(
  { backends, suites, only }: Pick<Selection, 'backends' | 'suites' | 'only'>,
  images: readonly Image[],
): Trial[] {
  const isWhole = only.includes(PART);
  const some = images.filter(({ suite }) => suites !== SUITES || MATRIX.includes(suite));
  const cures = cureTrials(PART, some, backends, isWhole);
  const all = some.flatMap((image) =>
    backends.flatMap((backend) =>
      driversFor(backend, image).flatMap((driver) =>
        [...KINDS, ...SWITCHES]
          .filter(({ becomes }) => !becomes || becomes[backend] !== undefined)
          .flatMap((kind) =>
            OUTCOME_NAMES.filter((outcome) =>
              isWhole
                ? EVERY.includes(outcome) || THOROUGH.includes(kind.name)
                : isInSample(kind, outcome, backend, image, driver),
            ).map((outcome) => trialOf(kind, outcome, backend, image, driver)),
          ),
      ),
    ),
  );
  return [...cures, ...all];
}

const isInSample = (
  { name }: Kind,
  outcome: OutcomeName,
  backend: string,
  { suite }: Image,
  { flavour }: Driver,
): boolean =>
  SAMPLE.some(
    (item) =>
      item.backend === backend &&
      item.flavour === flavour &&
      item.suite === suite &&
      item.kind === name &&
      item.outcomes.includes(outcome),
  );

function trialOf(
  kind: Kind,
  outcome: OutcomeName,
  backend: string,
  image: Image,
  driver: Driver,
): Trial {
  const { flavour } = driver;
  const name = `${kind.name}; ${outcome}`;
  return {
    part: PART,
    words: [name, backend, image.suite, ...(flavour ? [flavour] : [])],
    repeat: [
      ...['--only', PART, '--only', `: ${name}`, '--backend', backend, '--suite', image.suite],
      ...(flavour ? ['--only', `, ${flavour}`] : []),
    ],
    run: async (): Promise<Verdict> => {
      const reason = notTried(kind, image, driver);
      if (reason !== undefined) return { outcome: 'not judged', reason, failures: [] };
      const cell = await cellOf(kind, backend, image, driver);
      if ('refusal' in cell) return { outcome: 'refused', reason: cell.refusal, failures: [] };
      const { failures, evidence, figures } = await applied(cell, outcome);
      const notes = Object.entries(figures).map(
        ([what, seconds]) => `${what} for ${seconds.toFixed(2)} s`,
      );
      return { failures, evidence, figures, notes };
    },
  };
}

/** Why a kind cannot be tried with a driver. */
function notTried(
  { isLeased, hasGuest, second }: Kind,
  image: Image,
  driver: Driver,
): string | undefined {
  const { flavour, dhcp } = driver;
  if (flavour && !hasService(image, flavour)) {
    return `Debian's ${flavour} has no ${SERVICE} from trixie on`;
  }
  if (hasGuest) return 'a guest is started by the part `change`';
  const asks = isLeased || second.intent.includes('dhcp4');
  return asks && !dhcp.includes('ipv4') ? 'there is no DHCP client' : undefined;
}
