/** Every past, on the back ends that it concerns, on each suite. */
import { setTimeout as sleep } from 'node:timers/promises';
import { bootTwice, type Host, withMachine } from '../../drive/boot.ts';
import { look, managerOf } from '../../drive/look.ts';
import type { Image } from '../../image/images.ts';
import { check } from '../../judge/check.ts';
import { without } from '../../judge/harmless.ts';
import { readKernel } from '../../judge/observed.ts';
import type { Trial, Verdict } from '../../trial.ts';
import { judge } from '../boot/negatives.ts';
import { PASTS, type Past } from './pasts.ts';
import { onTop, type Situation, situationOf } from './situation.ts';

export const PART = 'past';

export const repeatOf = (part: string, name: string, backend: string, suite: string): string[] => [
  ...['--only', part, '--only', name, '--backend', backend, '--suite', suite],
];

export function pastTrials(images: readonly Image[], backends: readonly string[]): Trial[] {
  const all = images.flatMap((image) =>
    PASTS.flatMap((past) =>
      past.backends
        .filter((backend) => backends.includes(backend))
        .map((backend) => ({ past, backend, image })),
    ),
  );
  return all.map(({ past, backend, image }) => pastTrial(past, backend, image));
}

function pastTrial(past: Past, backend: string, image: Image): Trial {
  const { suite } = image;
  return {
    part: PART,
    words: [past.name, backend, suite, ...(past.fails ? ['known to fail'] : [])],
    repeat: repeatOf(PART, past.name, backend, suite),
    run: async () => {
      const situation = situationOf(past.kind, 'static', backend, image);
      if (typeof situation === 'string') {
        return { outcome: 'refused', reason: situation, failures: [] };
      }
      const host = withPast(past, situation);
      return past.fails ? lost(past, host, situation) : verdictOf(past, host);
    },
  };
}

/** The host with its past, and the generated files on top of it. */
export const withPast = (past: Past, { host, old }: Situation): Host => ({
  ...host,
  ...(past.others && { others: past.others }),
  // What waits for two minutes, as networkd does, is to be seen as such.
  limitSeconds: 150,
  files: onTop(past.files(old), host.files),
});

async function verdictOf(past: Past, host: Host): Promise<Verdict> {
  const { boots, failures } = await bootTwice(host);
  const evidence = boots.flatMap(({ observed }, index) =>
    Object.entries(observed.evidence).map(([file, text]) => [`boot${index + 1}-${file}`, text]),
  );
  return { failures: ofGenerated(past, failures), evidence: Object.fromEntries(evidence) };
}

/** Without the warnings that the past alone is the reason for. */
function ofGenerated({ harmless = [] }: Past, failures: readonly string[]): string[] {
  const printed = /^(?:first boot: |second boot: )?warning: /;
  return failures.filter(
    (line) => !printed.test(line) || without([line.replace(printed, '')], harmless).length > 0,
  );
}

/** So long may it take until the NIC has what it is not to have, or the shim is there. */
const LOST_SECONDS = 60;

/** A host that is known to go wrong: boot would stand still for minutes, and is not waited for. */
function lost(past: Past, host: Host, { old, shims }: Situation): Promise<Verdict> {
  return withMachine(host, async (machine, surround) => {
    const scene = await surround();
    const running = await machine.boot(scene);
    const end = performance.now() + LOST_SECONDS * 1000;
    const isDecided = async (): Promise<boolean> =>
      (await readKernel(running)).links.some(
        ({ ifname, addr_info: all }) =>
          shims.includes(ifname) ||
          (ifname === old.nic && all.some(({ family }) => family === 'inet')),
      );
    while (!(await isDecided()) && performance.now() < end) await sleep(100);
    const manager = managerOf(host.systems);
    const { segments, expected } = host;
    const observed = await look(running, manager, {
      ...{ segments, expected, guest: 'macvlan', places: scene },
    });
    return judge({ fails: past.fails ?? [] }, check(observed, expected, manager.good));
  });
}
