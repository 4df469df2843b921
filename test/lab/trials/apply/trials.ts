/** Every change by `apply`, ended by every event: which of them are tried on which suites. */
import { backends as allBackends } from '../../../../src/backends/registry.ts';
import type { Driver } from '../../drive/drivers.ts';
import { type Flavour, hasService, SERVICE } from '../../drive/flavours.ts';
import { type Image, SUITES } from '../../image/images.ts';
import type { Selection } from '../../options.ts';
import type { Trial, Verdict } from '../../trial.ts';
import { cellOf } from '../change/cell.ts';
import { driversFor } from '../change/hosts.ts';
import type { Kind } from '../change/kinds.ts';
import { APPLY_KINDS, BRIDGE_OF_SITE, BRIDGE_SWITCHED } from './kinds.ts';
import { cureTrials } from './negatives.ts';
import { trialsWithoutSystemd } from './no-systemd.ts';
import { OUTCOMES, type OutcomeName } from './outcomes.ts';
import { applied } from './run.ts';
import { unmanagedTrials } from './unmanaged.ts';

export const PART = 'apply';
/** `--only 'every kind'`: each kind of change ended by each event, which takes hours; never by default. */
const EVERY_KIND = 'every kind';

const OUTCOME_NAMES = Object.keys(OUTCOMES) as OutcomeName[];

/** How every kind is ended; the other endings are tried on one kind that changes and one that is new. */
const EVERY: readonly OutcomeName[] = ['confirmed by --yes', 'timer fires'];
const THOROUGH: readonly string[] = ['address and gateway', 'first installation'];
/** What only a reboot changes. */
const BY_REBOOT: readonly OutcomeName[] = [
  'refused without a reboot',
  'reboot, confirmed',
  'reboot, timer fires and reboots',
];
const OVER_REBOOT: readonly OutcomeName[] = ['reboot, confirmed', 'reboot, timer fires'];
/** Of kinds and hosts of their own. */
const ELSEWHERE: readonly OutcomeName[] = [
  'refused without a reboot',
  'reboot, timer fires and reboots',
  'reboot without systemd',
  'timer fires, its sleep killed',
];
/** Tried in whole. On the others every kind in each system is ended once, and each ending is tried somewhere. */
const MIDDLE = 'trixie';
/** Of three systems or suites, one tries an ending. */
const SPREAD = 3;

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
    suite: 'trixie',
    kind: 'bridge of the site, with a guest',
    outcomes: ['timer fires'],
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
  {
    backend: 'ifupdown',
    flavour: 'ifupdown',
    suite: 'bookworm',
    kind: 'bridge of the site, with a guest',
    outcomes: ['timer fires'],
  },
];

/** All that is selected: the whole matrix where it is named (`--only apply`), else a sample. */
export function applyTrials(
  { backends, suites, only }: Pick<Selection, 'backends' | 'suites' | 'only'>,
  images: readonly Image[],
): Trial[] {
  if (only.includes(EVERY_KIND)) return everyKind(backends, images);
  const isWhole = only.includes(PART);
  const isEvery = suites !== SUITES;
  const all = images.flatMap((image, suiteIndex) =>
    backends.filter(isOfHosts).flatMap((backend, backendIndex) =>
      driversFor(backend, image).flatMap((driver, driverIndex) => {
        const at = suiteIndex + backendIndex + driverIndex;
        return kindsOf(backend).flatMap((kind, kindIndex) =>
          OUTCOME_NAMES.filter((outcome, outcomeIndex) => {
            if (!isWhole) return isInSample(kind, outcome, backend, image, driver);
            if (!isInMatrix(kind, outcome, backend)) return false;
            if (isEvery || kind.rebootsUnder) return true;
            if (EVERY.includes(outcome)) {
              return image.suite === MIDDLE || EVERY[(at + kindIndex) % 2] === outcome;
            }
            if (kind.name !== THOROUGH[0]) return backend === 'networkd' && image.suite === MIDDLE;
            return image.suite === MIDDLE || (at + outcomeIndex) % SPREAD === 0;
          }).map((outcome) => trialOf(kind, outcome, backend, image, driver)),
        );
      }),
    ),
  );
  return [
    ...cureTrials(PART, images, backends, isWhole),
    ...(isWhole ? trialsWithoutSystemd(PART, images, backends) : []),
    ...unmanagedTrials(PART, images, backends.filter(isOfHosts), isWhole),
    ...all,
  ];
}

/** Every kind of change, and everything that may end it. */
const everyKind = (backends: readonly string[], images: readonly Image[]): Trial[] =>
  images.flatMap((image) =>
    backends
      .filter(isOfHosts)
      .flatMap((backend) =>
        driversFor(backend, image).flatMap((driver) =>
          kindsOf(backend).flatMap((kind) =>
            OUTCOME_NAMES.filter((outcome) => mayEnd(kind, outcome, backend)).map((outcome) =>
              trialOf(kind, outcome, backend, image, driver, `${PART}, ${EVERY_KIND}`),
            ),
          ),
        ),
      ),
  );

const isOfHosts = (id: string): boolean =>
  allBackends.some((backend) => backend.id === id && backend.scope === 'host');

const kindsOf = (backend: string): Kind[] =>
  APPLY_KINDS.filter(
    ({ becomes, site, rebootsUnder }) =>
      (!becomes || becomes[backend] !== undefined) &&
      (!site || site[backend] !== undefined) &&
      (!rebootsUnder || rebootsUnder.includes(backend)),
  );

/** Whether an event can end a kind: what `apply` refuses to do live is ended over a reboot. */
function mayEnd({ name, rebootsUnder }: Kind, outcome: OutcomeName, backend: string): boolean {
  const isCut = outcome === 'reboot, then a power cut';
  if (rebootsUnder?.includes(backend)) return isCut || BY_REBOOT.includes(outcome);
  if (name === BRIDGE_SWITCHED) return isCut || OVER_REBOOT.includes(outcome);
  return !ELSEWHERE.includes(outcome);
}

/** Whether the whole matrix has it, with every suite named. */
function isInMatrix({ name, rebootsUnder }: Kind, outcome: OutcomeName, backend: string): boolean {
  if (rebootsUnder?.includes(backend)) return BY_REBOOT.includes(outcome);
  if (name === BRIDGE_SWITCHED) return OVER_REBOOT.includes(outcome);
  if (EVERY.includes(outcome)) return true;
  if (name === BRIDGE_OF_SITE) return OVER_REBOOT.includes(outcome);
  if (ELSEWHERE.includes(outcome)) return false;
  return THOROUGH.includes(name);
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
  part = PART,
): Trial {
  const { flavour } = driver;
  const name = `${kind.name}; ${outcome}`;
  return {
    part,
    words: [name, backend, image.suite, ...(flavour ? [flavour] : [])],
    repeat: [
      ...[
        '--only',
        part.replace(`${PART}, `, ''),
        '--only',
        `: ${name}`,
        '--backend',
        backend,
        '--suite',
        image.suite,
      ],
      ...(flavour ? ['--only', `, ${flavour}`] : []),
    ],
    run: async (): Promise<Verdict> => {
      const reason = notTried(kind, outcome, image, driver);
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

/** The first systemd with `systemctl soft-reboot` (its NEWS). */
const SOFT_REBOOT = 254;

/** Why a kind cannot be tried with a driver. */
function notTried(
  { isLeased, second }: Kind,
  outcome: OutcomeName,
  image: Image,
  driver: Driver,
): string | undefined {
  const { flavour, dhcp } = driver;
  if (flavour && !hasService(image, flavour)) {
    return `Debian's ${flavour} has no ${SERVICE} from trixie on`;
  }
  if (outcome.startsWith('soft reboot') && Number(image.versions.systemd) < SOFT_REBOOT) {
    return `systemd before ${SOFT_REBOOT} has no soft reboot`;
  }
  const asks = isLeased || second.intent.includes('dhcp4');
  return asks && !dhcp.includes('ipv4') ? 'there is no DHCP client' : undefined;
}
