/** One change by `apply`, ended in one way: the host is what it must be, now and after another boot. */
import { setTimeout as sleep } from 'node:timers/promises';
import { withMachine } from '../../drive/boot.ts';
import { untilOnline } from '../../drive/look.ts';
import type { Running } from '../../drive/machine.ts';
import type { Scene } from '../../drive/scene.ts';
import { hasSystemd } from '../../image/images.ts';
import { must, patience, run } from '../../process.ts';
import { bringToFirst } from '../change/activation.ts';
import type { Cell } from '../change/cell.ts';
import { compareFiles, type Files, leftovers, readFiles, strays } from '../change/files.ts';
import { LEASES } from '../change/kinds.ts';
import { connect, GATEWAY } from '../change/lan.ts';
import type { Outcome, Stage } from '../change/outcome.ts';
import { now, type Reach, watch } from '../change/reach.ts';
import { untilNone } from '../change/rollback.ts';
import { isAimed, type Side, untilAimed, untilRead, untilState } from '../change/settled.ts';
import { compare, lasting, type State, show } from '../change/state.ts';
import { endGuests, plugGuestIn, startGuestLater, withoutGuests } from './guests.ts';
import { backendOf, type Ended, type Hands, INTENT } from './hands.ts';
import { OUTCOMES, type OutcomeName } from './outcomes.ts';

const BOOT_SECONDS = 150;
const APPLY_SECONDS = 240;
const REACH_SECONDS = 20;

/** The last that /etc/init.d/rc does: the host is in its runlevel, with its network. */
const UNTIL_UP = `until ping -n -q -c 1 -W 1 ${GATEWAY}; do sleep 0.1; done`;

export function applied(cell: Cell, name: OutcomeName): Promise<Outcome> {
  const outcome: Outcome = { failures: [], evidence: {}, figures: {} };
  return withMachine(cell.host, async (machine, surround) => {
    const plugIn = async (): Promise<Scene> => {
      const scene = await surround();
      await connect(scene, cell.kind.nics, LEASES);
      return scene;
    };
    const begin = async (scene: Scene): Promise<Stage> => {
      const running = await machine.boot(scene);
      if (hasSystemd(cell.host.image.root)) await untilOnline(running, BOOT_SECONDS);
      else await must(running.inside(['sh', '-c', UNTIL_UP]), '', BOOT_SECONDS);
      return { running, scene };
    };
    let stage = await begin(await plugIn());
    let boots = 0;
    /** @param end how the machine goes down */
    const nextBoot = async (end: (running: Running) => Promise<void>): Promise<void> => {
      const { running, scene } = stage;
      outcome.evidence[`journal ${boots}`] = await journalOf(running);
      const [next] = await Promise.all([plugIn(), end(running)]);
      await scene.end();
      stage = await begin(next);
      boots += 1;
    };
    try {
      await bringToFirst(cell, stage);
      if (cell.kind.hasGuest) await plugGuestIn(stage.running);
      const before = await untilRead(stage.running, cell.first);
      await must(stage.running.inside(['sh', '-c', `cat >${INTENT}`]), cell.second.wanted.intent);
      const files = readFiles(stage.running);
      const reach = watch(stage.scene, cell.first.address);
      const since = now();
      const hands = {
        ...handsOf(cell, () => stage.running, nextBoot),
        softReboot: async () => {
          await softlyRebooted(stage.running);
          boots += 1;
        },
      };
      const guest = cell.kind.hasGuest && startGuestLater(stage.running);
      const { isChanged, lines } = await OUTCOMES[name](hands);
      if (guest) {
        guest.kill('SIGKILL');
        // A boot has ended them.
        outcome.failures.push(...(await endGuests(stage.running, isChanged && boots === 0)));
      }
      outcome.failures.push(...lines);
      const side = isChanged ? cell.second : cell.first;
      // A host that has not sent anything since it booted is in no neighbour table.
      if (boots > 0) outcome.failures.push(...(await silentPlaces(stage.scene, side.address)));
      await checked(cell, stage, { side, isChanged, boots, before, files }, outcome);
      // A verification looks for half a minute.
      const allowed = name === 'verification fails' ? 45 : 4 * (cell.limitSeconds ?? 5);
      if (boots === 0) {
        const figure = figureOf(cell, name, isChanged);
        await measured(reach, since, { isChanged, allowed, figure }, cell, outcome);
      }
      await reach.end();
      await nextBoot((running) => running.reboot());
      const known = { side, isChanged, boots, before, files };
      const again = await reachedAndRight(cell, stage, known);
      outcome.failures.push(...again.map((line) => `after another boot: ${line}`));
    } finally {
      outcome.evidence['journal'] = await journalOf(stage.running);
    }
    return outcome;
  });
}

/** It is in memory, and goes with each boot. */
const journalOf = ({ inside }: Running): Promise<string> =>
  must(inside(['journalctl', '--no-pager', '--output=short-monotonic', '--merge']), '', 30).catch(
    String,
  );

function handsOf(
  cell: Cell,
  running: () => Running,
  nextBoot: (end: (running: Running) => Promise<void>) => Promise<void>,
): Omit<Hands, 'softReboot'> {
  const command: Hands['command'] = (words) => cell.program.run(running(), words, APPLY_SECONDS);
  return {
    cell,
    running,
    command,
    apply: (...options) => command(['apply', INTENT, ...backendOf(cell), ...options]),
    // One that apply has asked for is under way.
    reboot: () =>
      nextBoot(async (machine) => {
        await run(machine.inside(['sh', '-c', 'systemctl reboot || shutdown -r now']));
        await machine.rebooted();
      }),
    rebooted: () => nextBoot((machine) => machine.rebooted()),
    cut: () => nextBoot((machine) => machine.end()),
    async untilOver(seconds) {
      // Between a look for names and one at them, a folder may be renamed.
      const wait = `is_there() { ls -d /etc/macvtap-render/pending*; }
        n=0; while is_there || { sleep 0.2; is_there; }; do
        [ "$n" -lt ${Math.ceil(seconds * patience() * 10)} ] || exit 1; n=$((n + 1)); sleep 0.1; done`;
      const { status } = await run(running().inside(['sh', '-c', wait]), '', 3 * seconds + 30);
      return status === 0 ? [] : [`a change is still pending after ${seconds} s`];
    },
  };
}

const SOFT_REBOOT_SECONDS = 60;

/** Its first process stays, so that only what systemd reports of itself shows when it is over. */
async function softlyRebooted({ inside }: Running): Promise<void> {
  const begun = ['systemctl', 'show', '--property=UserspaceTimestampMonotonic'];
  const before = await must(inside(begun));
  await run(inside(['systemctl', 'soft-reboot']));
  for (const end = now() + SOFT_REBOOT_SECONDS * patience(); ; await sleep(200)) {
    // What is started meanwhile is stopped and killed with all else.
    const { status, stdout } = await run(inside(begun), '', 2);
    const state = await run(inside(['systemctl', 'is-system-running']), '', 2);
    const isUp = /^(?:running|degraded)$/.test(state.stdout.trim());
    if (status === 0 && stdout !== before && isUp) return;
    if (now() > end) throw new Error(`no soft reboot in ${SOFT_REBOOT_SECONDS} s: ${state.stdout}`);
  }
}

interface Known {
  readonly side: Side;
  readonly isChanged: boolean;
  readonly boots: number;
  readonly before: State;
  readonly files: Files;
}

/** Kernel, daemon, files, and that nothing is left. */
async function checked(
  cell: Cell,
  { running, scene }: Stage,
  { side, isChanged, boots, before, files }: Known,
  { failures, evidence }: Outcome,
): Promise<void> {
  if (isChanged) {
    failures.push(...(await untilAimed(running, cell.second)));
    failures.push(...strays(files, readFiles(running)));
  } else {
    const of = boots > 0 ? afterBoot : (state: State): State => state;
    const after = await untilState(running, scene, side, of(before), of);
    failures.push(...after.lines, ...compare(of(before), of(after.state)));
    evidence['before'] = show(before);
    evidence['after'] = show(after.state);
    failures.push(...compareFiles(files, readFiles(running)).filter((line) => !isFiller(line)));
  }
  failures.push(...(await untilNone(() => left(running, isChanged && hasMoved(cell)))));
}

const afterBoot = (state: State): State => withoutGuests(lasting(state));

const hasMoved = ({ kind }: Cell): boolean => kind.isSwitched === true || kind.site !== undefined;

/** Files of others that went with a change are kept for people, once it is confirmed. */
const left = async (running: Running, mayHaveMoved = false): Promise<string[]> =>
  (await leftovers(running)).filter(
    (line) => !mayHaveMoved || line !== '/etc/macvtap-render/moved is left',
  );

const isFiller = (line: string): boolean => line.startsWith('/etc/lab-filler');

interface Measured {
  readonly isChanged: boolean;
  /** Seconds. */
  readonly allowed: number;
  /** What the seconds are of. */
  readonly figure: string;
}

/** What takes about as long. */
function figureOf({ kind }: Cell, name: OutcomeName, isChanged: boolean): string {
  if (name === 'verification fails') return 'verification fails';
  if (kind.isForced) return 'moved to another daemon';
  return isChanged ? 'confirmed' : 'rolled back';
}

/** Seconds without an answer, of a host that keeps or gets back its address. */
async function measured(
  reach: Reach,
  since: number,
  { isChanged, allowed, figure }: Measured,
  { first, second }: Cell,
  { failures, figures }: Outcome,
): Promise<void> {
  if (isChanged && first.address !== second.address) return;
  const silent = await reach.untilAnswered(now(), REACH_SECONDS);
  failures.push(...silent);
  if (silent.length > 0) return;
  // Between the change and its rollback another address is the host's.
  if (first.address !== second.address) return;
  const seconds = reach.silence(since);
  figures[`out of reach, ${figure}`] = seconds;
  if (seconds > allowed) {
    failures.push(`out of reach for ${seconds.toFixed(1)} s`);
  }
}

/** @returns a line for each place that the host does not answer */
async function silentPlaces(scene: Scene, address: string): Promise<string[]> {
  const reach = watch(scene, address);
  const silent = await reach.untilAnswered(now(), REACH_SECONDS);
  await reach.end();
  return silent;
}

/** Where no intent says what is right, it is what was there before the change. */
async function reachedAndRight(
  cell: Cell,
  { running, scene }: Stage,
  { side, isChanged, before, files }: Known,
): Promise<string[]> {
  const asBefore = async (): Promise<string[]> => {
    // Its port ends with a boot.
    if (cell.kind.hasGuest) return [];
    const wanted = lasting(before);
    const { state, lines } = await untilState(running, scene, side, wanted, lasting);
    return [...lines, ...compare(wanted, lasting(state))];
  };
  return [
    ...(await silentPlaces(scene, side.address)),
    ...(isAimed(side) ? await untilAimed(running, side) : await asBefore()),
    ...(isChanged ? [] : compareFiles(files, readFiles(running))),
    ...(await left(running, isChanged && hasMoved(cell))),
  ];
}

export type { Ended };
