/**
 * A host with a bridge, a guest that runs on it and one that does not: to macvtap and back by `apply`, each
 * rolled back by its timer first, and then confirmed. Host and guest are pinged from the LAN and from another subnet.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { withMachine } from '../../drive/boot.ts';
import {
  attachedTo,
  CONFIGURATION,
  consoleText,
  define,
  PACKAGES,
  putKernel,
  startLibvirt,
  storedText,
  virsh,
} from '../../drive/domains.ts';
import { untilOnline } from '../../drive/look.ts';
import type { Running } from '../../drive/machine.ts';
import { mutatedProgram, type Program } from '../../drive/program.ts';
import type { Scene } from '../../drive/scene.ts';
import type { Image } from '../../image/images.ts';
import { withPackages } from '../../image/packages.ts';
import { must, run } from '../../process.ts';
import type { Trial, Verdict } from '../../trial.ts';
import { APPLY_KINDS } from '../apply/kinds.ts';
import { at } from '../apply/moments.ts';
import { type Cell, cellOf } from '../change/cell.ts';
import { driversFor } from '../change/hosts.ts';
import { ADDRESS, type Kind, ORIGINAL } from '../change/kinds.ts';
import { connect } from '../change/lan.ts';
import type { Stage } from '../change/outcome.ts';
import { now, type Reach, watch } from '../change/reach.ts';
import { judgeNegative } from '../negatives/trials.ts';
import {
  CURES,
  GUEST_ADDRESS,
  ON_BRIDGE,
  PLAYS,
  type PlayName,
  RUNS,
  SLEEPS,
  THERE,
  type Turn,
} from './plays.ts';

const PART = 'libvirt';
const INTENT = '/var/lib/lab-intent.yaml';
/** How long a guest takes to boot without KVM, on a machine that has other things to do. */
const GUEST_SECONDS = 120;
const REACH_SECONDS = 30;
const APPLY_SECONDS = 180;

/** A guest's kernel boots without KVM: a minute, and more on a busy machine. */
const SUITE = 'bookworm';

export function movedTrials(images: readonly Image[]): Trial[] {
  const image = images.find(({ suite }) => suite === SUITE);
  if (!image) return [];
  const trial = (play: PlayName, backend: string, run: Trial['run'], ...more: string[]): Trial => ({
    part: PART,
    words: [play, backend, SUITE, ...more],
    repeat: [
      ...['--tier', '1', '--backend', 'libvirt', '--suite', SUITE, '--only', `${play}, ${backend}`],
      ...more.flatMap((word) => ['--only', word]),
    ],
    run,
  });
  const names = Object.keys(PLAYS) as PlayName[];
  return [
    ...Object.keys(SITE).map((backend) =>
      trial(names[0] ?? CUT, backend, () => played(image, backend, names[0])),
    ),
    ...names.slice(1).map((name) => trial(name, 'networkd', () => played(image, 'networkd', name))),
    // Its files have other links, too, and are rewritten.
    trial(CUT, 'ifupdown', () => played(image, 'ifupdown', CUT)),
    ...CURES.map(({ name, play, line, fails }) =>
      trial(
        play,
        'networkd',
        async () => {
          const { failures, evidence = {} } = await played(image, 'networkd', play, line);
          return { ...judgeNegative({ fails }, failures), evidence };
        },
        `without: ${name}`,
      ),
    ),
  ];
}

const SITE = APPLY_KINDS.find(({ site }) => site)?.site ?? {};
const KIND: Kind = { name: 'guests', second: ORIGINAL, nics: ['eth0'], site: SITE };

const CUT: PlayName = 'power cut with guests';

/** @param without a line of the change script */
async function played(
  image: Image,
  backend: string,
  name: PlayName = 'guests from a bridge and back',
  without?: string,
): Promise<Verdict> {
  const withLibvirt = await withPackages(image, 'libvirt', PACKAGES);
  const [driver] = driversFor(backend, withLibvirt);
  if (!driver) return { failures: [`no driver for ${backend}`] };
  const cell = await cellOf(KIND, backend, withLibvirt, driver);
  if ('refusal' in cell) return { outcome: 'refused', reason: cell.refusal, failures: [] };
  const program = without === undefined ? cell.program : await lacking(without);
  const configuration = { path: '/etc/libvirt/qemu.conf', mode: 0o644, text: CONFIGURATION };
  const host = {
    ...cell.host,
    binds: program.binds,
    files: [...cell.host.files, configuration],
  };
  const report: Report = { failures: [], evidence: {}, figures: {} };
  await withMachine(host, async (machine, surround) => {
    await putKernel(machine);
    const begin = async (): Promise<Stage> => {
      const scene = await surround();
      await connect(scene, KIND.nics);
      const running = await machine.boot(scene);
      await untilOnline(running, 150);
      await startLibvirt(running);
      return { running, scene };
    };
    const first = await begin();
    const stage: Stage[] = [first];
    try {
      for (const domain of [RUNS, SLEEPS]) await define(first.running, domain, 'br0');
      await virsh(first.running, 'start', RUNS.name);
      const reaches = watchBoth(first.scene);
      const silent = await reaches.guest.untilAnswered(now(), GUEST_SECONDS);
      if (silent.length > 0) throw new Error(`the guest does not boot: ${silent.join('; ')}`);
      for (const one of PLAYS[name] as readonly Turn[]) {
        const lines =
          one.end === 'power cut'
            ? await cut(cell, program, first, one, async () => {
                await Promise.all(Object.values(reaches).map((reach) => reach.end()));
                await first.running.end();
                await first.scene.end();
                const next = await begin();
                stage.push(next);
                return next;
              })
            : await turned(cell, program, first, reaches, one, report);
        report.failures.push(...lines.map((line) => `${one.name}: ${line}`));
        if (lines.length > 0) break;
      }
      if (stage.length === 1) await Promise.all(Object.values(reaches).map((reach) => reach.end()));
    } finally {
      const journal = ['journalctl', '--no-pager', '--output=short-monotonic', '--merge'];
      const last = stage.at(-1)?.running ?? first.running;
      report.evidence['guest'] = consoleText(machine, RUNS.name);
      report.evidence['journal'] = await must(last.inside(journal), '', 30).catch(String);
    }
  });
  const { figures } = report;
  const notes = Object.entries(figures).map(
    ([what, seconds]) => `${what} for ${seconds.toFixed(2)} s`,
  );
  return { ...report, notes };
}

const lacking = (line: string): Promise<Program> =>
  mutatedProgram((bundle) => {
    const other = bundle.replaceAll(`\n${line}\n`, '\n  :\n');
    if (other === bundle) throw new Error(`no such line: ${line}`);
    return other;
  });

interface Report {
  readonly failures: string[];
  readonly evidence: Record<string, string>;
  readonly figures: Record<string, number>;
}

interface Reaches {
  readonly host: Reach;
  readonly guest: Reach;
}

const watchBoth = (scene: Scene): Reaches => ({
  host: watch(scene, ADDRESS),
  guest: watch(scene, GUEST_ADDRESS),
});

const definitions = (running: Running): string[] =>
  [RUNS, SLEEPS].map(({ name }) => storedText(running, name));

/** Files of the site go with the bridge, and are named. */
async function wordsFor({ host }: Cell, { running }: Stage, { intent }: Turn): Promise<string[]> {
  await must(running.inside(['sh', '-c', `cat >${INTENT}`]), intent);
  const site = Object.values(SITE).flat();
  const moved = host.files.filter(
    ({ path }) => intent === THERE && site.some((file) => file.path === path),
  );
  return ['apply', INTENT, ...moved.flatMap(({ path }) => ['--move', path])];
}

async function turned(
  cell: Cell,
  program: Program,
  stage: Stage,
  reaches: Reaches,
  one: Turn,
  { figures, evidence }: Report,
): Promise<string[]> {
  const { running } = stage;
  const { name, end, is, keeps, isSaved } = one;
  const words = await wordsFor(cell, stage, one);
  const before = definitions(running);
  if (keeps !== undefined) await virsh(running, 'suspend', RUNS.name);
  if (isSaved) await virsh(running, 'managedsave', RUNS.name);
  const since = now();
  const options = end === 'confirmed' ? ['--yes'] : ['--timeout', '20s'];
  const { status, text } = await program.run(running, [...words, ...options], APPLY_SECONDS);
  evidence[name] = text;
  const wanted = end === 'confirmed' ? 0 : 1;
  const lines = status === wanted ? [] : [`apply: status ${status}: ${text.trim()}`];
  const pending = ['sh', '-c', 'ls -d /etc/macvtap-render/pending* 2>/dev/null'];
  // The rollback reports itself, and then removes what it kept.
  const isPending = async (): Promise<boolean> =>
    (await run(running.inside(pending))).stdout !== '';
  const until = now() + 5;
  while ((await isPending()) && now() < until) await sleep(200);
  if (await isPending()) lines.push('a change is still pending');
  const isReached = keeps === undefined && !isSaved;
  const reached = isReached ? (['host', 'guest'] as const) : (['host'] as const);
  for (const what of reached) {
    const silent = await reaches[what].untilAnswered(now(), REACH_SECONDS);
    lines.push(...silent.map((line) => `${what}: ${line}`));
    if (silent.length > 0) continue;
    figures[`${what} out of reach, ${name}`] = reaches[what].silence(since);
  }
  lines.push(...(await attached(running, is, isSaved ? '' : (keeps ?? is))));
  if (isSaved) lines.push(...(await restored(running, reaches.guest, text)));
  if (keeps !== undefined) {
    if (!text.includes('has not released its interface')) lines.push(`no warning: ${text.trim()}`);
    lines.push(...(await woken(running, reaches.guest, keeps)));
  }
  const isSame = definitions(running).join() === before.join();
  if (end !== 'confirmed' && !isSame) lines.push('a stored definition is another one');
  return lines;
}

/**
 * It starts with the new one, as the warning says. Before, it releases its port late, and has no interface; a guest
 * whose macvtap was deleted cannot go on (libvirt refuses to resume it).
 */
async function woken(running: Running, guest: Reach, keeps: string): Promise<string[]> {
  if (keeps === ON_BRIDGE) await virsh(running, 'resume', RUNS.name);
  await virsh(running, 'destroy', RUNS.name);
  await virsh(running, 'start', RUNS.name);
  const silent = await guest.untilAnswered(now(), GUEST_SECONDS);
  return silent.map((line) => `started again: ${line}`);
}

/** As the warning says: restored from its image it has the bridge, which is gone; without the image it starts. */
async function restored(running: Running, guest: Reach, printed: string): Promise<string[]> {
  const lines = /guest-saved-state\]: .*`vm1` .* in its managed save image/.test(printed)
    ? []
    : [`no warning: ${printed.trim()}`];
  const start = ['virsh', 'start', RUNS.name];
  const { status, stderr } = await run(running.inside(start), '', GUEST_SECONDS);
  if (status === 0) lines.push(`it starts from its image: ${stderr}`);
  await virsh(running, 'managedsave-remove', RUNS.name);
  await virsh(running, 'start', RUNS.name);
  const silent = await guest.untilAnswered(now(), GUEST_SECONDS);
  return [...lines, ...silent.map((line) => `started without its image: ${line}`)];
}

async function attached(running: Running, is: string, live: string): Promise<string[]> {
  const lines: string[] = [];
  const look = async (name: string, side: 'stored' | 'live', must: string): Promise<void> => {
    const found = await attachedTo(running, name, side);
    if (found !== must) lines.push(`${name}, ${side}: ${found || 'no interface'}, must be ${must}`);
  };
  if (live !== '') await look(RUNS.name, 'live', live);
  await look(RUNS.name, 'stored', is);
  await look(SLEEPS.name, 'stored', is);
  return lines;
}

/** At the moment at which the host has changed; the boot restores what libvirt reads then. */
async function cut(
  cell: Cell,
  program: Program,
  stage: Stage,
  one: Turn,
  reboot: () => Promise<Stage>,
): Promise<string[]> {
  const before = definitions(stage.running);
  const words = await wordsFor(cell, stage, one);
  const asked = program.run(stage.running, [...words, '--timeout', '5m'], APPLY_SECONDS);
  await at(stage.running, 'verify', ':');
  const changed = definitions(stage.running);
  const [, { running, scene }] = await Promise.all([asked.catch(() => undefined), reboot()]);
  const reach = watch(scene, ADDRESS);
  const silent = await reach.untilAnswered(now(), REACH_SECONDS);
  await reach.end();
  return [
    ...silent,
    ...(changed.join() === before.join() ? ['the definitions were not changed'] : []),
    ...(definitions(running).join() === before.join() ? [] : ['a definition is another one']),
    ...(await attached(running, one.is, '')),
  ];
}
