/** Tier 2: hosts that boot, in containers, and boot again. */
import { backends as allBackends } from '../../../../src/backends/registry.ts';
import { intentOf } from '../../../golden/cases.ts';
import { modelOf, renderingsOf } from '../../case.ts';
import { bootTwice, type Reboot } from '../../drive/boot.ts';
import { type Driver, driversOf } from '../../drive/drivers.ts';
import { type Flavour, hasService, SERVICE } from '../../drive/flavours.ts';
import { withoutDhcp } from '../../drive/less.ts';
import type { Running } from '../../drive/machine.ts';
import { type Program, theProgram } from '../../drive/program.ts';
import type { Image } from '../../image/images.ts';
import type { Selection } from '../../options.ts';
import type { Trial, Verdict } from '../../trial.ts';
import { hostOf, PART, repeatOf } from './host.ts';
import { negativeTrials } from './negatives.ts';

/** The cases that a boot may make a difference to. */
const CASES = ['original', 'dual-stack', 'dhcp', 'two-parents', 'side-shim', 'cable-out'] as const;

/** Booted with the cables out; they are put in afterwards. */
const WITHOUT_CABLE: ReadonlySet<string> = new Set(['cable-out']);

/** Those that something starts at boot: not what is for a trial, or for guests. */
const BOOTED = allBackends.filter(({ needs }) => needs.length > 0);

/**
 * What ifupdown boots in a run of all back ends, where each command costs as much as a daemon's
 * whole work; the rest is booted where it is named.
 */
const IN_SAMPLE = { case: 'original', suites: ['bookworm', 'trixie'], flavour: 'ifupdown' };

/** All of tier 2 that is selected; what takes longest comes first. */
export function tier2Trials(
  { cases, backends, namesNoBackend }: Pick<Selection, 'cases' | 'backends' | 'namesNoBackend'>,
  images: readonly Image[],
): Trial[] {
  return [
    ...negativeTrials(cases, images, backends, namesNoBackend),
    ...CASES.filter((name) => cases.includes(name)).flatMap((name) =>
      images.flatMap((image) =>
        BOOTED.filter(({ id }) => backends.includes(id)).flatMap((backend) =>
          driversOf(backend, image)
            .filter(({ flavour }) => !namesNoBackend || isInSample(name, image, flavour))
            .map((driver) => bootTrial(name, backend.id, image, driver)),
        ),
      ),
    ),
  ];
}

const isInSample = (name: string, { suite }: Image, flavour: Flavour | undefined): boolean =>
  flavour === undefined ||
  (name === IN_SAMPLE.case && IN_SAMPLE.suites.includes(suite) && flavour === IN_SAMPLE.flavour);

function bootTrial(name: string, backend: string, image: Image, driver: Driver): Trial {
  const { suite } = image;
  return {
    part: PART,
    words: [name, backend, suite, ...driver.words],
    repeat: repeatOf(name, backend, suite),
    run: async () => {
      const reason = notBooted(name, image, driver);
      if (reason !== undefined) return { outcome: 'not judged', reason, failures: [] };
      const host = hostOf(name, backend, image, driver);
      if ('refusal' in host) return { outcome: 'refused', reason: host.refusal, failures: [] };
      const program = await theProgram();
      // The files are those for this suite.
      const target = renderingsOf(name, backend, image).all.at(-1)?.target;
      const intent = { path: INTENT, mode: 0o644, text: intentOf(name) };
      return verdictOf(
        await bootTwice({
          ...host,
          files: [...host.files, intent],
          binds: program.binds,
          isCableOut: WITHOUT_CABLE.has(name),
          askStatus: (running) => falseAlarms(program, running, target),
        }),
      );
    },
  };
}

const INTENT = '/etc/macvtap.yaml';

/** What `status` reports of a host that is right; an installed host needs no `--backend`. */
async function falseAlarms(
  program: Program,
  running: Running,
  target: string | undefined,
): Promise<string[]> {
  const words = ['status', INTENT, ...(target === undefined ? [] : ['--target', target])];
  const { status, text } = await program.run(running, words);
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return status === 0 ? [] : [`status: ${status}`, ...lines.map((line) => `status: ${line}`)];
}

/** Why a program is not booted with a case. */
function notBooted(name: string, image: Image, driver: Driver): string | undefined {
  const { flavour } = driver;
  if (flavour && !hasService(image, flavour)) {
    return `Debian's ${flavour} has no ${SERVICE} from trixie on`;
  }
  const model = modelOf(name);
  return model && withoutDhcp(model, driver);
}

function verdictOf({ boots, failures }: Reboot): Verdict {
  const evidence = boots.flatMap(({ observed, online }, index) => [
    ...Object.entries(observed.evidence).map(([file, text]) => [`boot${index + 1}-${file}`, text]),
    [`boot${index + 1}-online.json`, JSON.stringify(online.waits, null, 1)],
  ]);
  const [first, second] = boots.map(({ online }) =>
    online.waits.reduce((sum, { seconds }) => sum + seconds, 0),
  );
  return {
    failures,
    evidence: Object.fromEntries(evidence),
    figures: { 'wait at first boot': first ?? 0, 'wait at second boot': second ?? 0 },
  };
}
