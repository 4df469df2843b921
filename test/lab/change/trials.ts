/** Every change on every back end, and every cure of the script: which suites each is tried on. */
import { type Flavour, hasService, SERVICE } from '../ifupdown.ts';
import { type Image, SUITES } from '../images.ts';
import type { Selection } from '../options.ts';
import type { Driver } from '../tier1/drivers.ts';
import type { Trial, Verdict } from '../trial.ts';
import { cellOf } from './cell.ts';
import { driversFor } from './hosts.ts';
import { KINDS, type Kind } from './kinds.ts';
import { cureTrials } from './negatives.ts';
import { change, type Part } from './run.ts';
import { TURNS, type Turn } from './turns.ts';

export const PART = 'change';

/** In the whole matrix, unless others are named. */
const MATRIX: readonly string[] = ['bookworm', 'trixie', 'sid'];

interface Sampled {
  readonly backend: string;
  readonly flavour?: Flavour;
  readonly suites: readonly string[];
  /** Absent: all. */
  readonly kinds?: readonly string[];
}

/**
 * What is tried with all of the lab: every kind on each of the two daemons once, on each version
 * what differs between versions, and of the others what they have of their own.
 */
const SAMPLE: readonly Sampled[] = [
  { backend: 'networkd', suites: ['bookworm'] },
  {
    backend: 'networkd',
    suites: ['trixie', 'sid'],
    kinds: ['first installation', 'address', 'MAC', 'mode to passthru', 'shim removed'],
  },
  { backend: 'networkmanager', suites: ['trixie'] },
  {
    backend: 'networkmanager',
    suites: ['bookworm', 'sid'],
    kinds: ['address', 'mode', 'shim renamed'],
  },
  {
    backend: 'netplan-networkd',
    suites: ['trixie'],
    kinds: ['first installation', 'address', 'MAC', 'back end changed'],
  },
  {
    backend: 'netplan-networkmanager',
    suites: ['bookworm'],
    kinds: ['first installation', 'address', 'mode', 'back end changed'],
  },
  {
    backend: 'ifupdown',
    flavour: 'ifupdown',
    suites: ['bookworm'],
    kinds: ['first installation', 'address', 'MAC', 'shim renamed'],
  },
  { backend: 'ifupdown', flavour: 'ifupdown2', suites: ['bookworm'], kinds: ['address'] },
  { backend: 'ifupdown', flavour: 'ifupdown-ng', suites: ['bookworm'], kinds: ['address'] },
];

/** What may come between the steps: on one kind of change, and each of the programs. */
const DISTURBED = {
  kind: 'address',
  of: [
    { backend: 'networkd', suite: 'bookworm' },
    { backend: 'networkmanager', suite: 'trixie' },
    { backend: 'ifupdown', suite: 'bookworm', flavour: 'ifupdown' },
  ],
} as const;

/** All that is selected: the whole matrix where it is named (`--only change`), else a sample. */
export function changeTrials(
  { backends, suites, only }: Pick<Selection, 'backends' | 'suites' | 'only'>,
  images: readonly Image[],
): Trial[] {
  const isWhole = only.includes(PART);
  const some = images.filter(({ suite }) => suites !== SUITES || MATRIX.includes(suite));
  const all = some.flatMap((image) =>
    backends.flatMap((backend) =>
      driversFor(backend, image).flatMap((driver) =>
        KINDS.filter(({ becomes }) => !becomes || becomes[backend] !== undefined)
          .filter((kind) => isWhole || isInSample(kind, backend, image, driver))
          .map((kind) => trialOf(kind, backend, image, driver, BOTH)),
      ),
    ),
  );
  return [...cureTrials(PART, some, backends), ...all, ...disturbed(some, backends)];
}

/** The timer fires, and somebody confirms. */
const BOTH: Tried = { name: 'rolled back and confirmed', parts: ['rollback', 'confirm'] };

interface Tried {
  readonly name: string;
  readonly parts: readonly Part[];
}

function disturbed(images: readonly Image[], backends: readonly string[]): Trial[] {
  const kind = KINDS.find(({ name }) => name === DISTURBED.kind);
  return DISTURBED.of
    .filter(({ backend }) => backends.includes(backend))
    .flatMap(({ backend, suite, ...by }) => {
      const image = images.find((one) => one.suite === suite);
      const flavour = 'flavour' in by ? by.flavour : undefined;
      const driver = image && driversFor(backend, image).find((one) => one.flavour === flavour);
      if (!kind || !image || !driver) return [];
      return TURN_NAMES.filter((name) => name !== 'rollback').map((name) =>
        trialOf(kind, backend, image, driver, { name, parts: [name] }),
      );
    });
}

const TURN_NAMES = Object.keys(TURNS) as Turn[];

const isInSample = (
  { name }: Kind,
  backend: string,
  { suite }: Image,
  { flavour }: Driver,
): boolean =>
  SAMPLE.some(
    (one) =>
      one.backend === backend &&
      one.flavour === flavour &&
      one.suites.includes(suite) &&
      (one.kinds === undefined || one.kinds.includes(name)),
  );

function trialOf(kind: Kind, backend: string, image: Image, driver: Driver, tried: Tried): Trial {
  const { flavour } = driver;
  const name = `${kind.name}, ${tried.name}`;
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
      const { failures, evidence, figures } = await change(cell, tried.parts);
      const notes = Object.entries(figures).map(
        ([what, seconds]) => `${what}: out of reach for ${seconds.toFixed(2)} s`,
      );
      return { failures, evidence, figures, notes };
    },
  };
}

/** Why a kind cannot be tried with a driver. */
function notTried({ isLeased, second }: Kind, image: Image, driver: Driver): string | undefined {
  const { flavour, dhcp } = driver;
  if (flavour && !hasService(image, flavour)) {
    return `Debian's ${flavour} has no ${SERVICE} from trixie on`;
  }
  const asks = isLeased || second.intent.includes('dhcp4');
  return asks && !dhcp.includes('ipv4') ? 'there is no DHCP client' : undefined;
}
