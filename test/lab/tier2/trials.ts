/** Tier 2: hosts that boot, in containers, and boot again. */
import { renderingsOf } from '../case.ts';
import { expect } from '../expected.ts';
import type { Image } from '../images.ts';
import { planLab } from '../plan.ts';
import type { Trial, Verdict } from '../trial.ts';
import { bootTwice, type Reboot } from './boot.ts';

export const PART = 'tier 2';

/** The cases that a boot may make a difference to. */
const CASES = ['original', 'dual-stack', 'dhcp', 'two-parents', 'side-shim', 'slaac', 'cable-out'];

/** Booted with the cables out; they are put in afterwards. */
const WITHOUT_CABLE = new Set(['cable-out']);

/** Every case that is wanted, on every way and suite. */
export function bootTrials(
  cases: readonly string[],
  images: readonly Image[],
  ways: readonly string[],
): Trial[] {
  return CASES.filter((name) => cases.includes(name)).flatMap((name) =>
    images.flatMap((image) => ways.map((way) => bootTrial(name, way, image))),
  );
}

export const repeatOf = (name: string, way: string, suite: string): string[] => [
  ...['--tier', '2', '--case', name, '--backend', way, '--suite', suite],
];

function bootTrial(name: string, way: string, image: Image): Trial {
  const { suite } = image;
  return {
    part: PART,
    words: [name, way, suite],
    repeat: repeatOf(name, way, suite),
    run: async () => {
      const { model, backend, all, refusal } = renderingsOf(name, way, image);
      if (refusal !== undefined) return { outcome: 'refused', reason: refusal, failures: [] };
      // What is written for the suite itself comes last.
      const files = all.at(-1)?.files ?? [];
      const segments = planLab(model);
      const expected = expect(model, segments);
      const isCableOut = WITHOUT_CABLE.has(name);
      const systems = backend.needs;
      const host = { image, systems, hostname: model.host, files, segments, expected, isCableOut };
      return verdictOf(await bootTwice(host));
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
