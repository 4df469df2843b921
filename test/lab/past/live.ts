/**
 * A running host, with its address on the NIC, gets our files, and the commands that the README
 * names for its system; it boots; it goes the way back; and boots again.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { check } from '../check.ts';
import { type Harmless, without } from '../harmless.ts';
import { putFiles, type TargetFile } from '../host.ts';
import { readKernel } from '../observed.ts';
import { must, run } from '../process.ts';
import type { Scene } from '../tier1/scene.ts';
import { withMachine, witness } from '../tier2/boot.ts';
import { look, managerOf, untilOnline } from '../tier2/look.ts';
import type { Running } from '../tier2/machine.ts';
import { readWarnings } from '../tier2/warnings.ts';
import { type Commands, withWords } from './commands.ts';
import { checkOld, OLD_PROFILE } from './old.ts';
import { ours } from './ours.ts';
import { watch } from './reach.ts';
import type { Situation } from './situation.ts';

export interface Change extends Situation {
  readonly way: string;
  /** What the host had, all of it. */
  readonly before: readonly TargetFile[];
  readonly commands: Commands;
}

export interface Changed {
  /** Among them each silence that is too long. */
  readonly failures: readonly string[];
  readonly evidence: Readonly<Record<string, string>>;
  /** Seconds out of reach. */
  readonly figures: Readonly<Record<string, number>>;
}

const HARMLESS: readonly Harmless[] = [
  {
    line: /^warning: NetworkManager: .*audit: failed to open auditd socket: /,
    why: 'nmcli is on record where the kernel has it, which only the first network of a machine has.',
  },
];

/** Whatever comes after a command has had its time to come. */
const SETTLED_MS = 500;
/** A command may wait for a lease, or for what never comes. */
const COMMAND_SECONDS = 120;
const BOOT_SECONDS = 150;
/** NetworkManager tries an old profile for a while, and networkd asks a DHCP server again. */
const OLD_SECONDS = 20;

/** There, a boot, back, and a boot. */
export function changeAndBack(change: Change): Promise<Changed> {
  const failures: string[] = [];
  const note = (when: string, lines: readonly string[]): void =>
    void failures.push(...lines.map((line) => `${when}: ${line}`));
  return withMachine({ ...change.host, files: change.before }, async (machine, surround) => {
    const first = await surround();
    const running = await machine.boot(first);
    await untilOnline(running, BOOT_SECONDS);
    note('before', await untilOld(change, running, first));
    const there = await activate(change, running, first);
    note('activated', there.failures);
    await inside(running, lastLine(change.commands.verify));
    const [second] = await Promise.all([surround(), running.reboot()]);
    await first.end();
    const booted = await machine.boot(second);
    // A process that carries a macvtap's frames would hold up the next reboot.
    const boot = await witness(change.host, booted, second, 'macvlan');
    note('booted', boot.failures);
    const back = watch(second, bare(change));
    await sleep(SETTLED_MS);
    await inside(booted, backOf(change));
    note('back', await untilOld(change, booted, second));
    note('back', await ours(booted, change));
    await sleep(SETTLED_MS);
    const figures = { activation: there.seconds, back: await back.end() };
    failures.push(...tooLong(figures));
    const [third] = await Promise.all([surround(), booted.reboot()]);
    await second.end();
    const last = await machine.boot(third);
    await untilOnline(last, BOOT_SECONDS);
    note('back, booted', await untilOld(change, last, third));
    const evidence = Object.entries(boot.observed.evidence);
    return {
      failures,
      figures,
      evidence: {
        ...there.evidence,
        ...Object.fromEntries(evidence.map(([name, text]) => [`boot-${name}`, text])),
        'last-journal': await must(last.inside(['journalctl', '--boot', '--no-pager'])),
      },
    };
  });
}

/** The way back by itself: nobody calls it off. */
export function changeAndWait(change: Change, seconds: number): Promise<Changed> {
  return withMachine({ ...change.host, files: change.before }, async (machine, surround) => {
    const scene = await surround();
    const running = await machine.boot(scene);
    await untilOnline(running, BOOT_SECONDS);
    const reach = watch(scene, bare(change));
    await putInPlace(change, running, `${seconds}s`);
    const activated = await untilThere(change, running);
    await sleep(seconds * 1000);
    const back = [...(await untilOld(change, running, scene)), ...(await ours(running, change))];
    await sleep(SETTLED_MS);
    const figures = { 'there, and back by itself': await reach.end() };
    return {
      failures: [
        ...activated,
        ...back.map((line) => `back by itself: ${line}`),
        ...tooLong(figures),
      ],
      figures,
      evidence: { journal: await must(running.inside(['journalctl', '--boot', '--no-pager'])) },
    };
  });
}

/** A host that is out of reach for longer is lost to whoever has an eye on it. */
const REACH_SECONDS = 2;

const tooLong = (figures: Changed['figures']): string[] =>
  Object.entries(figures)
    .filter(([, seconds]) => seconds > REACH_SECONDS)
    .map(([what, seconds]) => `${what}: out of reach for ${seconds.toFixed(1)} s`);

/** Only the files, and the commands given. @returns what is wrong after them */
export function changeOnly(change: Change): Promise<Changed> {
  return withMachine({ ...change.host, files: change.before }, async (machine, surround) => {
    const scene = await surround();
    const running = await machine.boot(scene);
    await untilOnline(running, BOOT_SECONDS);
    const { failures, evidence } = await activate(change, running, scene);
    return { failures, evidence, figures: {} };
  });
}

interface Activated {
  readonly failures: readonly string[];
  readonly evidence: Readonly<Record<string, string>>;
  readonly seconds: number;
}

/** The files, the timer, and the commands: steps 1 to 4. */
async function putInPlace(change: Change, running: Running, timer: string): Promise<void> {
  const { commands, way } = change;
  await copy(change, running);
  const script = /sh (\/\S+)\s*$/.exec(commands.arm)?.[1];
  if (script === undefined) throw new Error(`README: no script in "${commands.arm.trim()}"`);
  putFiles(running.root, [{ path: script, mode: 0o755, text: backOf(change) }]);
  const exactly = `${timer} --timer-property=AccuracySec=100ms`;
  await inside(running, withWords(commands.arm, { '5min': exactly }));
  await inside(running, commands.ways.get(way)?.activate ?? '');
  await inside(running, commands.applySysctl);
}

async function activate(change: Change, running: Running, scene: Scene): Promise<Activated> {
  const { host } = change;
  // What the old configuration had said of it says nothing of ours.
  const before = new Set((await readWarnings(running)).map((line) => `warning: ${line}`));
  const reach = watch(scene, bare(change));
  await sleep(SETTLED_MS);
  await putInPlace(change, running, '5min');
  const manager = managerOf(host.systems);
  const round = { segments: host.segments, expected: host.expected, guest: 'macvlan' } as const;
  const observed = await look(running, manager, { ...round, places: scene });
  const seconds = await reach.end();
  const evidence = Object.entries(observed.evidence);
  return {
    failures: without(check(observed, host.expected, manager.good), HARMLESS).filter(
      (line) => !before.has(line),
    ),
    seconds,
    evidence: Object.fromEntries(evidence.map(([name, text]) => [`activated-${name}`, text])),
  };
}

/** As the README has it, but for the way to the host. */
async function copy({ commands, host, way }: Change, running: Running): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'macvtap-render-lab-tree-'));
  try {
    putFiles(folder, host.files);
    const line = withWords(commands.copy, {
      'out/networkd': folder,
      'ssh root@kvm1': running.inside([]).join(' '),
    });
    await must(['sh', '-euc', line]);
  } catch (error) {
    throw new Error(`the files of ${way} do not come to the host: ${(error as Error).message}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The README's gateway, in whose place this host has its own. */
const GATEWAY = '198.51.100.254';

function backOf({ commands, way, host, old }: Change): string {
  const back = commands.ways.get(way)?.back;
  if (back === undefined) throw new Error(`README: no way back from ${way}`);
  const hasOld = host.systems.includes('networkmanager') && !host.systems.includes('netplan');
  const named = hasOld ? withWords(back, { OLD: OLD_PROFILE }) : back;
  return named.replaceAll(GATEWAY, old.gateway);
}

/** @throws Error if one of the commands fails */
async function inside(running: Running, script: string): Promise<void> {
  const argv = running.inside(['sh', '-ec', script]);
  const { status, stdout, stderr } = await run(argv, '', COMMAND_SECONDS);
  if (status === 0) return;
  throw new Error(`"${script.trim()}": status ${status}: ${stdout}${stderr}`.trim());
}

const bare = ({ old }: Change): string => old.address.replace(/\/.*/, '');
const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

/** @returns what there is of the NIC's address, if that has not gone to the shim before long */
async function untilThere({ old, shims }: Change, running: Running): Promise<string[]> {
  const end = performance.now() + OLD_SECONDS * 1000;
  for (;;) {
    const { links } = await readKernel(running);
    const having = links.filter(({ addr_info: all }) =>
      all.some(({ local, prefixlen }) => `${local}/${prefixlen}` === old.address),
    );
    if (having.length === 1 && shims.includes(having[0]?.ifname ?? '')) return [];
    const names = having.map(({ ifname }) => ifname).join(', ');
    if (performance.now() > end) return [`activated: ${old.address} is on ${names || 'no link'}`];
    await sleep(100);
  }
}

async function untilOld(
  { old, shims }: Change,
  running: Running,
  { router }: Scene,
): Promise<string[]> {
  const end = performance.now() + OLD_SECONDS * 1000;
  for (;;) {
    const lines = await checkOld(running, router, old, shims);
    if (lines.length === 0 || performance.now() > end) return lines;
    await sleep(100);
  }
}
