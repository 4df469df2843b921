/**
 * The trial on a host whose NIC has the address: what the LAN thinks of that address when the trial
 * is made, and when it is undone. A neighbour that gets no announcement goes on sending to the old MAC.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { targetOf } from '../../golden/cases.ts';
import { compileFor, modelOf } from '../case.ts';
import { openScene } from '../drive/scene.ts';
import { furnish, type TargetFile } from '../image/host.ts';
import type { Image } from '../image/images.ts';
import { plugIn } from '../network/lan.ts';
import { planLab } from '../network/plan.ts';
import { must, type Place } from '../place.ts';
import type { Trial } from '../trial.ts';

const PART = 'undo';
const BACKEND = 'iproute2';
const CASE = 'original';
const SCRIPT = '/usr/local/sbin/macvtap-trial';
/** A host that is out of reach for longer counts as lost to monitoring. */
const LIMIT_SECONDS = 3;

/** What announces it to the LAN: every line that calls it. */
const ANNOUNCED = /^ *announce .*$/gm;

/** With the trial's announcement, and seen to be needed without it. */
export function undoTrials(images: readonly Image[], backends: readonly string[]): Trial[] {
  const image = images.find(({ suite }) => suite === 'bookworm') ?? images[0];
  if (!image || !backends.includes(BACKEND)) return [];
  const trial = (words: readonly string[], run: Trial['run']): Trial => ({
    part: PART,
    words: [...words, BACKEND, image.suite],
    repeat: ['--tier', '1', '--backend', BACKEND, '--only', PART],
    run,
  });
  return [
    trial(['the LAN hears of it'], async () => ({
      failures: await silences(image, (text) => text),
    })),
    trial(['not announced, must fail'], async () => {
      const seen = await silences(image, (text) => text.replace(ANNOUNCED, ':'));
      const isSeen = seen.some((line) => line.startsWith('undone: '));
      return {
        failures: isSeen ? [] : ['the silence is not seen'],
        notes: seen.map((line) => `seen: ${line}`),
      };
    }),
  ];
}

/** @returns a line for each time that the LAN had no answer for too long */
async function silences(image: Image, mutate: (text: string) => string): Promise<string[]> {
  const model = modelOf(CASE);
  const { files } = compileFor(CASE, BACKEND, targetOf(CASE).target);
  const [address] = model?.shims[0]?.addresses ?? [];
  const nic = model?.parents[0]?.name;
  if (!model || !files || !address || !nic) throw new Error(`nothing is rendered for ${CASE}`);
  const segments = planLab(model);
  const scene = await openScene(image.root);
  try {
    const { host, router } = scene;
    await furnish(
      host,
      model.host,
      files.map((file): TargetFile => ({ ...file, text: mutate(file.text) })),
    );
    await plugIn(host, router, segments);
    const own = `${address.address}/${address.prefix}`;
    await ip(host, 'link', 'set', nic, 'up');
    await ip(host, 'address', 'add', own, 'dev', nic);
    const asks = async (what: string): Promise<string[]> => {
      const begin = performance.now();
      const end = begin + 10 * LIMIT_SECONDS * 1000;
      while (performance.now() < end) {
        const { status } = await router.run(
          ['ping', '-n', '-c', '1', '-W', '1', address.address],
          '',
          5,
        );
        const seconds = (performance.now() - begin) / 1000;
        if (status === 0)
          return seconds > LIMIT_SECONDS ? [`${what}: silent for ${seconds.toFixed(1)} s`] : [];
        await sleep(50);
      }
      return [`${what}: no answer for ${10 * LIMIT_SECONDS} s`];
    };
    const before = await asks('before');
    await must(host.runInside([SCRIPT], '', 60), [SCRIPT]);
    const made = await asks('made');
    await must(host.runInside([SCRIPT, '--undo'], '', 60), [SCRIPT, '--undo']);
    return [...before, ...made, ...(await asks('undone'))];
  } finally {
    await scene.end();
  }
}

async function ip(place: Place, ...words: readonly string[]): Promise<void> {
  await must(place.run(['ip', ...words]), words);
}
