/** Tier 1: every golden case, on every back end, on every suite; daemons alone, in namespaces. */

import type { Model } from '../../../src/model/types.ts';
import { intentOf, targetOf } from '../../golden/cases.ts';
import { type Rendering, type Renderings, renderingsOf } from '../case.ts';
import { type Driver, driversOf } from '../drive/drivers.ts';
import { expectOf, withoutDhcp } from '../drive/less.ts';
import { type Round, tryReach } from '../drive/reach.ts';
import { observe, type Scenario } from '../drive/scenario.ts';
import type { Asked } from '../drive/status.ts';
import type { TargetFile } from '../image/host.ts';
import type { Image } from '../image/images.ts';
import { check } from '../judge/check.ts';
import { canonical } from '../judge/equality.ts';
import { ON_LINK_UNSAID } from '../judge/expected.ts';
import { IMPLICIT_ON_LINK, LEFT_TO_THE_KERNEL } from '../judge/harmless.ts';
import type { Observed } from '../judge/observed.ts';
import type { Comparison } from '../judge/reach.ts';
import type { Guest } from '../network/lan.ts';
import type { Trial, Verdict } from '../trial.ts';
import { notTested } from './not-tested.ts';

const PART = 'tier 1';

/** Cases on which a guest is tried on a true macvtap, too: each kind of neighbour once. */
const ON_MACVTAP = new Set(['original', 'dual-stack', 'two-parents', 'side-shim', 'dhcp', 'taps']);

/**
 * Where commands make the links each of them costs as much as a daemon's whole work. In a run of
 * all back ends a few cases are run by each program on these suites, one on all suites, and those
 * that differ most by the first program on the last of these.
 */
const BY_COMMANDS_ON = ['bookworm', 'trixie'];
const BY_COMMANDS = new Set(['original', 'dual-stack', 'dhcp']);
const BY_COMMANDS_EVERYWHERE = 'original';
/** Commands are tried in both directions here, too. */
const BY_ALL_COMMANDS = new Set([
  ...ON_MACVTAP,
  'bridge-parent',
  'mode-source',
  'policy-routing',
  'link-local-unavoidable',
]);
const IN_SAMPLE = new Set([BY_COMMANDS_EVERYWHERE, ...BY_COMMANDS, ...BY_ALL_COMMANDS]);
/** The suite on which a run of all back ends compares pings with `graph`. */
const REACH_ON = 'trixie';
const NOT_RUN = 'made by commands, and run where the back end is named (`--backend`)';

export function casesOf(
  cases: readonly string[],
  images: readonly Image[],
  backends: readonly string[],
  { seen, isSample }: Options,
): Trial[] {
  const judged = new Map<string, string>();
  return cases.flatMap((name) =>
    images.flatMap((image) =>
      backends.flatMap((backend) => ofCase(name, backend, image, { seen, isSample, judged })),
    ),
  );
}

export interface Options {
  readonly seen: Seen;
  /** Not all that commands make is run, since no back end is named. */
  readonly isSample: boolean;
}

/** Hears the state that each rendering has led to. */
export type Seen = (where: Where, state: readonly string[]) => void;

export interface Where {
  readonly name: string;
  readonly backend: string;
  readonly suite: string;
  readonly target?: string;
}

export const repeatOf = ({ name, backend, suite }: Where): string[] => [
  ...['--tier', '1', '--case', name, '--backend', backend, '--suite', suite],
];

function ofCase(
  name: string,
  backendId: string,
  image: Image,
  { seen, isSample, judged }: Options & { readonly judged: Map<string, string> },
): Trial[] {
  const renderings = renderingsOf(name, backendId, image);
  const where = { name, backend: backendId, suite: image.suite };
  const words = [name, backendId, image.suite];
  const trial = (more: readonly string[], run: () => Promise<Verdict>): Trial => ({
    part: PART,
    words: [...words, ...more],
    repeat: repeatOf(where),
    run,
  });
  const { model, backend, all, refusal } = renderings;
  // What is for guests alone has no link of the host to show.
  if (backend.scope === 'guests') return [];
  if (refusal !== undefined) {
    return [trial([], async () => ({ outcome: 'refused', reason: refusal, failures: [] }))];
  }
  const kinds: Guest[] = ON_MACVTAP.has(name) ? ['macvlan', 'macvtap'] : ['macvlan'];
  const drivers = driversOf(backend, image);
  // Of a case that is not run nothing was judged.
  const isPassedOver =
    isSample && drivers.every(({ isOfCommands }) => isOfCommands) && !IN_SAMPLE.has(name);
  // Cases that differ in what they warn of may have the very same files: these are run once.
  const isNew = ({ files }: Rendering): boolean => {
    if (isPassedOver) return true;
    const key = JSON.stringify([backendId, image.suite, model.host, files]);
    const first = judged.get(key) ?? name;
    judged.set(key, first);
    return first === name;
  };
  const isThorough = BY_ALL_COMMANDS.has(name);
  const isRun = (driver: Driver): boolean =>
    !isSample ||
    !driver.isOfCommands ||
    name === BY_COMMANDS_EVERYWHERE ||
    (BY_COMMANDS.has(name) && BY_COMMANDS_ON.includes(image.suite)) ||
    (isThorough && driver === drivers[0] && image.suite === BY_COMMANDS_ON.at(-1));
  const tried = all
    .filter(isNew)
    .flatMap((rendering) => drivers.map((driver) => ({ rendering, driver })));
  return tried.flatMap(({ rendering, driver }, index) =>
    // One rendering is enough to show that the guest is none of the files' business.
    (index === 0 && !(driver.isOfCommands && isSample) ? kinds : kinds.slice(0, 1)).map((guest) =>
      trial(
        [
          ...driver.words,
          ...(rendering.target === undefined ? [] : [`for ${rendering.target}`]),
          ...(guest === 'macvtap' ? ['guest on macvtap'] : []),
        ],
        async () => {
          if (!isRun(driver)) return { outcome: 'not judged', reason: NOT_RUN, failures: [] };
          const reason =
            (await notTested(model, image, backend.needs)) ?? withoutDhcp(model, driver);
          if (reason !== undefined) return { outcome: 'not judged', reason, failures: [] };
          const judged = await judge(renderings, rendering, image, {
            guest,
            driver,
            isThorough,
            // The guest is none of the host's business: it is asked once.
            ...(guest === 'macvlan' && { status: askedOf(name, backendId, rendering) }),
            ...(index === 0 &&
              guest === 'macvlan' &&
              asksReach(where, image, { isSample }) && {
                reach: { isJoined: !isSample || ON_MACVTAP.has(name) },
              }),
          });
          const { observed, reach } = judged;
          const failures = [...judged.failures, ...falseAlarms(judged), ...(reach?.failures ?? [])];
          // What this version cannot express makes it another state, and the program says so.
          const isLess =
            rendering.leftOut.some((note) => note.includes('RouteMetric=')) ||
            leavesIpv6(rendering.files) ||
            (driver.less !== undefined && asksOthers(model));
          const by = [backendId, ...driver.words].join(' by ');
          if (guest === 'macvlan' && !isLess) {
            seen({ ...where, backend: by, ...rendering }, judged.state);
          }
          return {
            failures,
            evidence: observed.evidence,
            ...(reach && { counts: countsOf(reach) }),
          };
        },
      ),
    ),
  );
}

/** What `status` is asked of a rendering. */
export const askedOf = (name: string, backend: string, { target }: Rendering): Asked => {
  const spec = target ?? targetOf(name).target?.name;
  return { intent: intentOf(name), backend, ...(spec !== undefined && { target: spec }) };
};

/**
 * Who reaches whom is a matter of the kernel, which each back end leads to the same state: without
 * `--backend`, each case is tried with one, and those with neighbours of every kind with all.
 */
const asksReach = (
  { name, backend }: Where,
  { suite }: Image,
  { isSample }: Pick<Options, 'isSample'>,
): boolean => !isSample || (suite === REACH_ON && (backend === 'networkd' || ON_MACVTAP.has(name)));

const countsOf = ({ predicted, pinged }: Comparison): NonNullable<Verdict['counts']> => ({
  'pairs that `graph` predicts': predicted,
  'pairs that were pinged': pinged,
});

/** What `status` says of a host on which nothing is wrong. */
const falseAlarms = ({ failures, observed: { status } }: Judged): string[] =>
  failures.length > 0
    ? []
    : [...(status?.running ?? []), ...(status?.files ?? [])].map((line) => `status: ${line}`);

/** Whether a link gets anything from its LAN. */
const asksOthers = ({ parents, shims }: Model): boolean =>
  [...parents, ...shims].some(({ dhcp4, dhcp6, acceptRa }) => dhcp4 || dhcp6 || acceptRa);

const leavesIpv6 = (files: readonly TargetFile[]): boolean =>
  files.some(({ text }) => /^method=ignore$/m.test(text));

export interface Judged {
  readonly failures: string[];
  readonly observed: Observed;
  readonly state: string[];
  /** Who reaches whom, where it was asked for. */
  readonly reach?: Comparison;
}

/** Runs files for a model, and holds what comes of it against the model. */
export async function judge(
  { model, backend }: Pick<Renderings, 'model' | 'backend'>,
  { files, leftOut }: Pick<Rendering, 'files' | 'leftOut'>,
  image: Image,
  {
    guest = 'macvlan',
    driver = driversOf(backend, image)[0] as Driver,
    isThorough = false,
    status,
    reach: asked,
  }: Partial<Pick<Scenario, 'guest' | 'driver' | 'isThorough' | 'status'>> & {
    readonly reach?: Omit<Round, 'model' | 'segments' | 'isOfManager'>;
  } = {},
): Promise<Judged> {
  const { segments, expected } = expectOf(model, driver, leftOut);
  const systems = backend.needs;
  // A parent must still be silent.
  const isOfShim = (line: string): boolean =>
    model.shims.some(({ name }) => line.startsWith(`${name}, `));
  let reach: Comparison | undefined;
  const observed = await observe({
    image,
    systems,
    driver,
    isThorough,
    hostname: model.host,
    files,
    segments,
    expected,
    guest,
    ...(status && { status }),
    ...(asked && {
      afterwards: async (places) => {
        const isOfManager = systems.includes('networkmanager');
        reach = await tryReach({ ...asked, model, segments, isOfManager }, places);
      },
    }),
  });
  return {
    failures: check(observed, expected, driver.good).filter(
      (line) =>
        !(leftOut.includes(ON_LINK_UNSAID) && IMPLICIT_ON_LINK.line.test(line)) &&
        !(leavesIpv6(files) && isOfShim(line) && LEFT_TO_THE_KERNEL.line.test(line)),
    ),
    observed,
    state: canonical(observed, expected),
    ...(reach && { reach }),
  };
}
