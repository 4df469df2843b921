/**
 * Rules for taps on the real udev of each suite, which gets the kernel's events of one network: owner,
 * group and permissions of `/dev/tapN`, and that a tap receives all multicast frames.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { compile } from '../../../src/compile.ts';
import { openScene } from '../drive/scene.ts';
import { askStatus } from '../drive/status.ts';
import { putFiles } from '../image/host.ts';
import type { Image } from '../image/images.ts';
import { must, type Place } from '../place.ts';
import type { Trial } from '../trial.ts';

const PART = 'udev';
const UDEV = '/lib/systemd/systemd-udevd';
const LIMIT_MS = 5000;

const INTENT = `version: 1
host: kvm1
taps:
  tap0: {parent: eth0, owner: 1000, group: kvm}
  tap1: {parent: eth0, owner: nobody, permissions: "0640", allmulticast: false}
  tap2: {parent: eth0}
`;

const ACCESS = 'error[tap-access-drift]: ';
const TAPS = ['tap0', 'tap1', 'tap2'];
/** Devices of all networks have their names in one folder, by their numbers: these nobody else has. */
const FIRST = 917_000;

/** `ls` and `ip` of each tap, as they must be. */
const RIGHT = ['tap0 660 1000:kvm on', 'tap1 640 nobody:root off', 'tap2 600 root:root on'];

export function udevTrials(images: readonly Image[]): Trial[] {
  return images.flatMap((image, index) => [
    trial(image, true, FIRST + 20 * index),
    trial(image, false, FIRST + 20 * index + 10),
  ]);
}

/** @param first the number of the first tap */
function trial(image: Image, hasRules: boolean, first: number): Trial {
  return {
    part: PART,
    words: ['taps', image.suite, ...(hasRules ? [] : ['negative: without the rules'])],
    repeat: ['--tier', '1', '--suite', image.suite, '--only', PART],
    run: async () => {
      const { seen, status } = await taps(image, hasRules, first);
      const wrong = RIGHT.filter((line) => !seen.includes(line));
      const shown = `seen: ${seen.join('; ')}`;
      const reported = `status: ${status.join(' ')}`;
      if (hasRules) {
        return { failures: [...(wrong.length === 0 ? [] : [shown]), ...status] };
      }
      const isSeen = status.length === 2 && status.every((line) => line.includes(ACCESS));
      return {
        failures: [
          ...(wrong.length === RIGHT.length ? [] : [`not missed without the rules, ${shown}`]),
          ...(isSeen ? [] : [`not seen by status: ${reported}`]),
        ],
        notes: [shown, reported],
      };
    },
  };
}

interface Seen {
  readonly seen: readonly string[];
  /** What the program's `status` has of the devices. */
  readonly status: readonly string[];
}

async function taps(image: Image, hasRules: boolean, first: number): Promise<Seen> {
  const { sets, diagnostics } = compile(INTENT, { file: 'x', backends: ['networkmanager'] });
  const rules = sets?.[0]?.files.filter(({ path }) => path.endsWith('.rules'));
  if (rules?.length !== 1) throw new Error(JSON.stringify(diagnostics));
  const scene = await openScene(image.root);
  const { host } = scene;
  const inside = (...argv: string[]): Promise<string> => must(host.runInside(argv), argv);
  try {
    await inside('mount', '-t', 'devtmpfs', 'devtmpfs', '/dev');
    if (hasRules) putFiles(host.root, rules);
    host.start([UDEV]);
    await sleep(1000);
    await must(host.run(['ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'far']), []);
    for (const [at, name] of TAPS.entries()) {
      const words = ['link', 'add', name, 'index', String(first + at), 'link', 'eth0'];
      await inside('ip', ...words, 'type', 'macvtap', 'mode', 'bridge');
    }
    const seen = await settled(host, first, hasRules ? LIMIT_MS : 1500);
    const asked = { intent: INTENT, backend: 'networkmanager' };
    const { running } = await askStatus(host, asked, true);
    return { seen, status: running.filter((line) => line.includes('[tap-')) };
  } finally {
    await scene.end();
  }
}

async function settled(host: Place, first: number, limit: number): Promise<string[]> {
  for (const end = performance.now() + limit; ; await sleep(200)) {
    const seen = await Promise.all(TAPS.map((name, at) => look(host, name, first + at)));
    if (performance.now() > end || RIGHT.every((line) => seen.includes(line))) return seen;
  }
}

async function look(host: Place, name: string, index: number): Promise<string> {
  const { stdout: access } = await host.runInside(['stat', '-c', '%a %U:%G', `/dev/tap${index}`]);
  const { stdout: flags } = await host.runInside(['ip', '-o', 'link', 'show', name]);
  // A number without a user.
  const named = access.trim().replace('UNKNOWN:', '1000:');
  return `${name} ${named} ${flags.includes('ALLMULTI') ? 'on' : 'off'}`;
}
