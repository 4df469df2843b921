/** Tier 2: hosts that boot, in containers, and boot again. */
import { backends as allBackends } from '../../../src/index.ts';
import type { Image } from '../images.ts';
import type { Selection } from '../options.ts';
import type { Trial, Verdict } from '../trial.ts';
import { bootTwice, type Reboot } from './boot.ts';
import { hostOf, PART, repeatOf } from './host.ts';
import { negativeTrials } from './negatives.ts';

/** The cases that a boot may make a difference to. */
const CASES = ['original', 'dual-stack', 'dhcp', 'two-parents', 'side-shim', 'cable-out'] as const;

/** Booted with the cables out; they are put in afterwards. */
const WITHOUT_CABLE: ReadonlySet<string> = new Set(['cable-out']);

/** Those whose daemon the images start at boot: none for a trial or guests, and ifupdown is not in them. */
const BOOTED: ReadonlySet<string> = new Set(
  allBackends
    .filter(({ needs }) => needs.length > 0 && !needs.includes('ifupdown'))
    .map(({ id }) => id),
);

/** All of tier 2 that is selected; what takes longest comes first. */
export function tier2Trials(
  { cases, backends }: Pick<Selection, 'cases' | 'backends'>,
  images: readonly Image[],
): Trial[] {
  return [
    ...negativeTrials(cases, images, backends),
    ...CASES.filter((name) => cases.includes(name)).flatMap((name) =>
      images.flatMap((image) =>
        backends.filter((way) => BOOTED.has(way)).map((way) => bootTrial(name, way, image)),
      ),
    ),
  ];
}

function bootTrial(name: string, way: string, image: Image): Trial {
  const { suite } = image;
  return {
    part: PART,
    words: [name, way, suite],
    repeat: repeatOf(name, way, suite),
    run: async () => {
      const host = hostOf(name, way, image);
      if ('refusal' in host) return { outcome: 'refused', reason: host.refusal, failures: [] };
      return verdictOf(await bootTwice({ ...host, isCableOut: WITHOUT_CABLE.has(name) }));
    },
  };
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
