/** Every change on every back end, and every cure of the script: which suites each is tried on. */

import type { Driver } from '../../drive/drivers.ts';
import { type Flavour, hasService, SERVICE } from '../../drive/flavours.ts';
import { type Image, SUITES } from '../../image/images.ts';
import type { Selection } from '../../options.ts';
import type { Trial, Verdict } from '../../trial.ts';
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
 * What is tried with all of the lab, in five minutes on two cores: the critical kinds on networkd, a
 * few on each version of the daemons, and of the others what they have of their own. The whole:
 * `--only change`.
 */
const SAMPLE: readonly Sampled[] = [
  {
    backend: 'networkd',
    suites: ['bookworm'],
    kinds: [
      'first installation',
      'address',
      'mode from passthru',
      'parent',
      'shim renamed',
      'back end changed',
      'bridge to shim, with a guest',
    ],
  },
  { backend: 'networkd', suites: ['trixie', 'sid'], kinds: ['shim removed'] },
  {
    backend: 'networkmanager',
    suites: ['trixie'],
    kinds: ['first installation', 'parent', 'MTU taken out'],
  },
  { backend: 'networkmanager', suites: ['bookworm'], kinds: ['bridge to shim, with a guest'] },
  { backend: 'networkmanager', suites: ['sid'], kinds: ['mode'] },
  { backend: 'netplan-networkd', suites: ['trixie'], kinds: ['address', 'back end changed'] },
  {
    backend: 'netplan-networkmanager',
    suites: ['bookworm'],
    kinds: ['bridge to shim, with a guest'],
  },
  {
    backend: 'ifupdown',
    flavour: 'ifupdown',
    suites: ['bookworm'],
    kinds: ['first installation', 'shim renamed'],
  },
  { backend: 'ifupdown', flavour: 'ifupdown2', suites: ['bookworm'], kinds: ['address'] },
  { backend: 'ifupdown', flavour: 'ifupdown-ng', suites: ['bookworm'], kinds: ['address'] },
];

/** What may come between the steps of a change: on one program of each kind. */
const DISTURBED: readonly {
  readonly backend: string;
  readonly suite: string;
  readonly flavour?: Flavour;
  /** Those that are not only for where changes are named. */
  readonly sample?: readonly Turn[];
}[] = [
  {
    backend: 'networkd',
    suite: 'bookworm',
    sample: [
      'timer during activation',
      'session killed during activation',
      'a second change before the first is confirmed',
      'rollback killed and started again',
    ],
  },
  { backend: 'networkmanager', suite: 'trixie' },
  { backend: 'ifupdown', suite: 'bookworm', flavour: 'ifupdown' },
];

/** The kind that is disturbed, where it is not another one's own. */
const DISTURBED_KIND = 'address';
const OWN_KIND: Readonly<Partial<Record<Turn, string>>> = {
  'shim that the change removed is still there': 'shim removed',
};

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
  return [
    ...cureTrials(PART, some, backends, isWhole),
    ...all,
    ...disturbed(some, backends, isWhole),
  ];
}

/** The timer fires, and somebody confirms. */
const BOTH: Tried = { name: 'rolled back and confirmed', parts: ['rollback', 'confirm'] };

interface Tried {
  readonly name: string;
  readonly parts: readonly Part[];
}

function disturbed(
  images: readonly Image[],
  backends: readonly string[],
  isWhole: boolean,
): Trial[] {
  return DISTURBED.filter(({ backend }) => backends.includes(backend)).flatMap(
    ({ backend, suite, flavour, sample = [] }) => {
      const image = images.find((item) => item.suite === suite);
      const driver = image && driversFor(backend, image).find((item) => item.flavour === flavour);
      if (!image || !driver) return [];
      return TURN_NAMES.filter(
        (name) => name !== 'rollback' && (isWhole || sample.includes(name)),
      ).flatMap((name) => {
        const kind = KINDS.find((item) => item.name === (OWN_KIND[name] ?? DISTURBED_KIND));
        return kind ? [trialOf(kind, backend, image, driver, { name, parts: [name] })] : [];
      });
    },
  );
}

const TURN_NAMES = Object.keys(TURNS) as Turn[];

const isInSample = (
  { name }: Kind,
  backend: string,
  { suite }: Image,
  { flavour }: Driver,
): boolean =>
  SAMPLE.some(
    (item) =>
      item.backend === backend &&
      item.flavour === flavour &&
      item.suites.includes(suite) &&
      (item.kinds === undefined || item.kinds.includes(name)),
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
