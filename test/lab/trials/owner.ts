/**
 * Whose network a host is: what the program says of a disk is compared with systemctl, and with
 * what the host does when it boots with the files anyway.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type NetworkDaemon,
  startOf,
  unitWatches,
} from '../../../src/backends/host/owner/units.ts';
import { surveyAll } from '../../../src/install/survey-all.ts';
import { nodeSystem } from '../../../src/node/node.ts';
import { runHere } from '../../in-process.ts';
import { withMachine } from '../drive/boot.ts';
import type { Machine, Running } from '../drive/machine.ts';
import { type Image, SUITES } from '../image/images.ts';
import type { Selection } from '../options.ts';
import { must, run } from '../process.ts';
import type { Trial } from '../trial.ts';
import { ofSystem } from './past/old.ts';
import { type Situation, situationOf } from './past/situation.ts';

const PART = 'owner';
const CASE = 'original';
const INTENT = `golden/${CASE}/intent.yaml`;

const UNITS: Readonly<Record<'networkd' | 'networkmanager', string>> = {
  networkd: 'systemd-networkd.service',
  networkmanager: 'NetworkManager.service',
};

/** What is done to an image with systemctl(1), one after the other. */
const CHANGES: readonly string[] = [
  'true',
  'systemctl disable NetworkManager',
  'systemctl enable systemd-networkd',
  'systemctl mask systemd-networkd',
  'systemctl unmask systemd-networkd',
  'systemctl mask NetworkManager',
  'systemctl unmask NetworkManager; systemctl enable NetworkManager',
  'systemctl disable systemd-networkd',
  'systemctl add-requires multi-user.target systemd-networkd',
  'rm -r /etc/systemd/system/multi-user.target.requires; systemctl enable systemd-networkd-wait-online',
];

export function ownerTrials(
  { cases, suites }: Pick<Selection, 'cases' | 'suites'>,
  images: readonly Image[],
): Trial[] {
  if (!cases.includes(CASE)) return [];
  const isNamed = suites !== SUITES;
  const booted = images.filter(({ suite }) => isNamed || suite === 'trixie');
  return [
    ...booted.flatMap((image) => [
      trial('the wrong back end, and the right one', image, wrongAndRight),
      trial('the first boot of an image', image, firstBoot),
    ]),
    ...images.map((image) => trial('what systemctl says', image, asSystemctl)),
  ];
}

const trial = (
  name: string,
  image: Image,
  act: (image: Image) => Promise<readonly string[]>,
): Trial => ({
  part: PART,
  words: [name, image.suite],
  repeat: ['--tier', '2', '--suite', image.suite, '--only', name],
  run: async () => ({ failures: await act(image) }),
});

/** A host of NetworkManager's, with a profile for its NIC. */
function situation(image: Image): Situation {
  const found = situationOf('static', 'static', 'networkmanager', image);
  if (typeof found === 'string') throw new Error(`the program refuses: ${found}`);
  return found;
}

/** Whether each daemon is started, as systemctl and as the program have it. */
function asSystemctl(image: Image): Promise<string[]> {
  const { host } = situation(image);
  return withMachine({ ...host, files: [] }, async (machine) => {
    const failures: string[] = [];
    for (const change of CHANGES) {
      await must(machine.offline(['sh', '-euc', change]));
      for (const [daemon, unit] of Object.entries(UNITS) as [NetworkDaemon, string][]) {
        const { stdout } = await run(machine.offline(['systemctl', 'is-enabled', unit]), '');
        const start = startIn(machine, daemon);
        const is = start.isStarted ? 'enabled' : start.because;
        const expected = stdout.trim();
        if (is !== expected) failures.push(`after \`${change}\`, ${unit}: ${is}, not ${expected}`);
      }
    }
    return failures;
  });
}

function startIn({ root }: Machine, daemon: NetworkDaemon) {
  const top = nodeSystem([], {}).openExisting(root);
  if (!top) throw new Error(`there is no ${root}`);
  try {
    return startOf(surveyAll(top, { steps: [] }, unitWatches), daemon);
  } finally {
    top.close();
  }
}

/** So long does a host that is lost get to answer. */
const LOST_SECONDS = 20;

/** networkd's files on a host of NetworkManager's: refused; written by force, the host is lost. */
function wrongAndRight(image: Image): Promise<string[]> {
  const { host, old } = situation(image);
  const [address = ''] = old.address.split('/');
  const files = ofSystem('networkmanager', old);
  return withMachine({ ...host, files }, async (machine, surround) => {
    const failures: string[] = [];
    const install = (backend: string, ...more: string[]) =>
      runHere(INTENT, '-b', backend, '--root', machine.root, ...more);
    const boots = async (seconds: number): Promise<boolean> => {
      const scene = await surround();
      const running = await machine.boot(scene);
      const end = performance.now() + seconds * 1000;
      let isReached = false;
      while (!isReached && performance.now() < end) isReached = await scene.router.ping(address);
      await sleep(1000);
      isReached &&= await scene.router.ping(address);
      await running.end();
      await scene.end();
      return isReached;
    };
    const refused = await install('networkd');
    if (
      refused.status !== 4 ||
      !/error\[other-network-owner\][\s\S]*--backend networkmanager/.test(refused.stderr)
    ) {
      failures.push(`networkd: status ${refused.status}: ${refused.stderr}`);
    }
    const right = await install('networkmanager');
    if (right.status !== 0)
      failures.push(`networkmanager: status ${right.status}: ${right.stderr}`);
    if (!(await boots(60))) failures.push('the right back end: not reached');
    const forced = await install('networkd', '--force');
    if (forced.status !== 0) failures.push(`by force: status ${forced.status}: ${forced.stderr}`);
    if (await boots(LOST_SECONDS))
      failures.push('by force the host was reached: it is not an error');
    const checked = await runHere('check', INTENT, '-b', 'networkd', '--root', machine.root);
    if (checked.status !== 1) failures.push(`check says that all is well: ${checked.stdout}`);
    return failures;
  });
}

/** An image without an identity of its own: networkd is started beside NetworkManager, or is not. */
async function firstBoot(image: Image): Promise<string[]> {
  const { host } = situation(image);
  const failures: string[] = [];
  for (const [id, isFirst] of [
    ['uninitialized\n', true],
    ['', false],
  ] as const) {
    await withMachine({ ...host, files: [] }, async (machine, surround) => {
      writeFileSync(`${machine.root}/etc/machine-id`, id, { mode: 0o644 });
      const { stderr } = await runHere(
        ...[INTENT, '-b', 'networkmanager', '--root', machine.root, '--dry-run'],
      );
      const isTold = stderr.includes('error[two-network-owners]');
      const running = await machine.boot(await surround());
      const state = await enabledAfterBoot(running);
      await running.end();
      const about = JSON.stringify(id);
      if (isTold !== isFirst) failures.push(`machine-id ${about}: ${stderr}`);
      if ((state === 'enabled') !== isFirst)
        failures.push(`machine-id ${about}: networkd ${state}`);
    });
  }
  return failures;
}

async function enabledAfterBoot(running: Running): Promise<string> {
  for (const end = performance.now() + 60_000; performance.now() < end; await sleep(200)) {
    const { stdout } = await running.runInside(['systemctl', 'is-active', 'basic.target']);
    if (stdout.trim() === 'active') break;
  }
  const { stdout } = await running.runInside(['systemctl', 'is-enabled', UNITS.networkd]);
  return stdout.trim();
}
