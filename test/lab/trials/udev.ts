/**
 * Rules for taps on the real udev of each suite, which gets the kernel's events of one network: owner,
 * group and permissions of `/dev/tapN`, and that a tap receives all multicast frames; also where another
 * network has a tap with the same index, whose device then has that name.
 */
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { compile } from '../../../src/compile.ts';
import { openScene, type Scene } from '../drive/scene.ts';
import { askStatus } from '../drive/status.ts';
import { putFiles, type TargetFile } from '../image/host.ts';
import type { Image } from '../image/images.ts';
import { type Bare, must, type Place } from '../place.ts';
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

const TAPS = ['tap0', 'tap1', 'tap2'];
/** `ls` and `ip` of each tap, as they must be. */
const RIGHT = ['tap0 660 1000:kvm on', 'tap1 640 nobody:root off', 'tap2 600 root:root on'];
const ROOTS = '600 root:root';

/** Devices of all networks of this machine have their names in one folder, by the number of the link. */
const someNumber = (): number => randomInt(1_000_000, 2_000_000_000);

/** What is done to the host, and what `status` must have of the devices. */
interface Kind {
  readonly fault?: string;
  readonly rules: (text: string) => string | undefined;
  readonly reports: readonly RegExp[];
}

const KINDS: readonly Kind[] = [
  { rules: (text) => text, reports: [] },
  {
    fault: 'without the rules',
    rules: () => undefined,
    reports: [/^error\[tap-access-drift\]: .*`tap0`/, /^error\[tap-access-drift\]: .*`tap1`/],
  },
];

export const udevTrials = (images: readonly Image[]): Trial[] =>
  images.flatMap((image) => [
    ...KINDS.map((kind) => ownTrial(image, kind)),
    clashTrial(image, false),
    clashTrial(image, true),
  ]);

const repeatOf = (suite: string): string[] => [
  ...['--tier', '1', '--suite', suite, '--only', PART],
];

function ownTrial(image: Image, { fault, rules, reports }: Kind): Trial {
  return {
    part: PART,
    words: ['taps', image.suite, ...(fault === undefined ? [] : [`negative: ${fault}`])],
    repeat: repeatOf(image.suite),
    run: async () => {
      const first = someNumber();
      return withUdev(image, rules, async (scene) => {
        await createTaps(scene, first);
        const limit = performance.now() + (fault === undefined ? LIMIT_MS : 1500);
        let seen = await lookAt(scene.host, first);
        const isRight = (): boolean => RIGHT.every((line) => seen.includes(line));
        while (!isRight() && performance.now() < limit) {
          await sleep(200);
          seen = await lookAt(scene.host, first);
        }
        const status = await reported(scene.host);
        const shown = `seen: ${seen.join('; ')}; status: ${status.join(' ')}`;
        const wrong = RIGHT.filter((line) => !seen.includes(line));
        const isMissed = fault !== undefined && wrong.length < RIGHT.length;
        const isSeen =
          status.length === reports.length &&
          reports.every((line, at) => line.test(status[at] ?? ''));
        return {
          failures: [
            ...(fault === undefined && wrong.length > 0 ? [shown] : []),
            ...(isMissed || !isSeen ? [`not as expected: ${shown}`] : []),
          ],
          notes: fault === undefined ? [] : [shown],
        };
      });
    },
  };
}

/**
 * A macvtap of another network came first, and has the index of a tap: its device stays as it is, and
 * `status` has a warning, which stops no change; also when it goes, and leaves the tap without a device.
 * @param isAnybodys whether the rule takes whatever device has the name, which must be seen
 */
function clashTrial(image: Image, isAnybodys: boolean): Trial {
  const fault = isAnybodys ? ['negative: whatever device has the name'] : [];
  const rules = (text: string): string =>
    isAnybodys ? text.replace(/\/bin\/sh -c '.*? (\/bin\/chown .*?)'"/g, '$1"') : text;
  return {
    part: PART,
    words: ['a tap of another network with the same index', image.suite, ...fault],
    repeat: repeatOf(image.suite),
    run: async () => {
      const number = someNumber();
      return withUdev(image, rules, async (scene) => {
        const elsewhere = scene.station('elsewhere');
        const others = (...argv: string[]): Promise<string> => must(elsewhere.run(argv), argv);
        await others('ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'far');
        await others('ip', ...macvtap('other', number));
        await createTaps(scene, number);
        await sleep(1500);
        const { stdout: access } = await accessOf(scene.host, number);
        const taken = await reported(scene.host);
        await others('ip', 'link', 'del', 'other');
        const missing = await reported(scene.host);
        const stranger = access.trim() === ROOTS ? [] : [`the other's device: ${access.trim()}`];
        if (isAnybodys) {
          return {
            failures: stranger.length > 0 ? [] : [`not seen: ${access.trim()}`],
            notes: stranger,
          };
        }
        return {
          failures: [
            ...stranger,
            ...expectedOne('taken', taken, /^warning\[tap-device-taken\]: .*`tap0`/),
            ...expectedOne('gone', missing, /^warning\[tap-device-missing\]: `tap0`/),
          ],
          notes: [...taken, ...missing],
        };
      });
    },
  };
}

const expectedOne = (when: string, found: readonly string[], line: RegExp): string[] =>
  found.length === 1 && line.test(found[0] ?? '') ? [] : [`${when}, status: ${found.join(' ')}`];

/** The real udev, with the rules that a fault leaves. */
async function withUdev<T>(
  image: Image,
  rules: Kind['rules'],
  run: (scene: Scene) => Promise<T>,
): Promise<T> {
  const { sets, diagnostics } = compile(INTENT, { file: 'x', backends: ['networkmanager'] });
  const files = sets?.[0]?.files.filter(({ path }) => path.endsWith('.rules'));
  if (files?.length !== 1) throw new Error(JSON.stringify(diagnostics));
  const put = files.flatMap(({ path, mode, text: whole }): TargetFile[] => {
    const text = rules(whole);
    return text === undefined ? [] : [{ path, mode, text }];
  });
  const scene = await openScene(image.root);
  try {
    const mount = ['mount', '-t', 'devtmpfs', 'devtmpfs', '/dev'];
    await must(scene.host.runInside(mount), mount);
    putFiles(scene.host.root, put);
    scene.host.start([UDEV]);
    await sleep(1000);
    return await run(scene);
  } finally {
    await scene.end();
  }
}

const macvtap = (name: string, index: number): string[] => [
  ...['link', 'add', name, 'index', String(index)],
  ...['link', 'eth0', 'type', 'macvtap', 'mode', 'bridge'],
];

/** With indexes from this one on. */
async function createTaps({ host }: Scene, first: number): Promise<void> {
  const nic = ['ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'far'];
  await must(host.run(nic), nic);
  for (const [at, name] of TAPS.entries()) {
    const words = ['ip', ...macvtap(name, first + at)];
    await must(host.runInside(words), words);
  }
}

/** What the program's `status` has of the devices. */
async function reported(host: Bare): Promise<string[]> {
  const asked = { intent: INTENT, backend: 'networkmanager' };
  const { running } = await askStatus(host, asked, true);
  return running.filter((line) => line.includes('[tap-'));
}

const accessOf = (host: Place, index: number): ReturnType<Place['runInside']> =>
  host.runInside(['stat', '-c', '%a %U:%G', `/dev/tap${index}`]);

const lookAt = (host: Place, first: number): Promise<string[]> =>
  Promise.all(TAPS.map((name, at) => look(host, name, first + at)));

async function look(host: Place, name: string, index: number): Promise<string> {
  const { stdout: access } = await accessOf(host, index);
  const { stdout: flags } = await host.runInside(['ip', '-o', 'link', 'show', name]);
  // A number without a user.
  const named = access.trim().replace('UNKNOWN:', '1000:');
  return `${name} ${named} ${flags.includes('ALLMULTI') ? 'on' : 'off'}`;
}
