/** What may happen between the first step of a change and its rollback. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Running } from '../../drive/machine.ts';
import { must, start } from '../../process.ts';
import { activate, mutateScript, put } from './activation.ts';
import type { Cell } from './cell.ts';
import type { Mutate, Outcome, Stage } from './outcome.ts';
import { armFor, mustStep, PENDING, runStep, type Steps } from './steps.ts';

/** What is wrong so far, and what is to be done once the rollback has begun. */
interface Begun {
  readonly lines: string[];
  end(): Promise<void>;
}

type Take = (
  cell: Cell,
  stage: Stage,
  steps: Steps,
  outcome: Outcome,
  mutate: Mutate,
) => Promise<Begun>;

/** The printed timer is replaced by this one as soon as the change is seen to work. */
const TIMER_SECONDS = 2;
/** Until a rollback begins at the latest. */
export const CLAIM_SECONDS = TIMER_SECONDS + 8;
const KILLED_AFTER_MS = 300;
/** The number of the session that waits for an activation: killed as when a connection is cut. */
const SESSION = '/run/lab-session';

const nothing = async (): Promise<void> => {};

export const TURNS = {
  /** Nobody confirms. */
  rollback: async (cell, stage, steps, outcome, mutate) => {
    const lines = await activate(cell, stage, steps, outcome);
    await mutateScript(stage.running, mutate);
    if (cell.kind.hasGuest) await startGuest(stage.running);
    await mustStep(stage.running, armFor(steps, TIMER_SECONDS));
    return { lines, end: nothing };
  },
  'shim deleted before the rollback': async (cell, stage, steps, outcome, mutate) => {
    const lines = await activate(cell, stage, steps, outcome);
    await mutateScript(stage.running, mutate);
    await must(stage.running.inside(['ip', 'link', 'delete', 'veth0']));
    await mustStep(stage.running, armFor(steps, TIMER_SECONDS));
    return { lines, end: nothing };
  },
  'shim that the change removed is still there': async (cell, stage, steps, outcome, mutate) => {
    const lines = await activate(cell, stage, steps, outcome);
    await mutateScript(stage.running, mutate);
    const add = ['ip', 'link', 'add', 'link', 'eth0', 'name', 'storage', 'type', 'macvlan'];
    await must(stage.running.inside([...add, 'mode', 'bridge']));
    await mustStep(stage.running, armFor(steps, TIMER_SECONDS));
    return { lines, end: nothing };
  },
  'rollback by hand': async (cell, stage, steps, outcome) => {
    const lines = await activate(cell, stage, steps, outcome);
    const asked = runStep(stage.running, steps.rollback);
    return {
      lines,
      end: async () => {
        const { status, text } = await asked;
        if (status !== 0) lines.push(`rollback: status ${status}: ${text.split('\n').at(-1)}`);
      },
    };
  },
  'timer before activation': async (_, { running }, steps) => {
    await mustStep(running, armFor(steps, 1));
    return { lines: [], end: nothing };
  },
  'timer during activation': async (_, { running }, steps) => {
    await mustStep(running, armFor(steps, 1));
    await sleep(700);
    const cut = runStep(running, steps.activate);
    return { lines: [], end: async () => void (await cut) };
  },
  'session killed during activation': async (cell, stage, steps, outcome) => {
    const line = `echo $$ >${SESSION}; ${steps.activate}; :`;
    const session = start(stage.running.inside(['setsid', '--wait', 'sh', '-c', line]));
    await sleep(KILLED_AFTER_MS);
    const kill = `kill -KILL -- "-$(cat ${SESSION})"; rm ${SESSION}`;
    await must(stage.running.inside(['sh', '-c', kill]));
    session.kill('SIGKILL');
    // It goes on by itself; another waits for its end.
    const again = await activate(cell, stage, steps, outcome);
    await mustStep(stage.running, armFor(steps, TIMER_SECONDS));
    return { lines: again, end: nothing };
  },
  'activated twice': async (cell, stage, steps, outcome) => {
    const first = await activate(cell, stage, steps, outcome);
    const second = await activate(cell, stage, steps, outcome);
    await mustStep(stage.running, armFor(steps, TIMER_SECONDS));
    return { lines: [...first, ...second], end: nothing };
  },
  'a second change before the first is confirmed': async (cell, stage, steps, outcome) => {
    const first = await activate(cell, stage, steps, outcome);
    const next = { ...cell, second: cell.third };
    const others = await put(next, stage, cell.third);
    const second = await activate(next, stage, others, outcome);
    await mustStep(stage.running, armFor(others, TIMER_SECONDS));
    return { lines: [...first, ...second], end: nothing };
  },
  'rollback killed and started again': async (cell, stage, steps, outcome) => {
    const lines = await activate(cell, stage, steps, outcome);
    await mustStep(stage.running, armFor(steps, TIMER_SECONDS));
    return {
      lines,
      end: async () => {
        const kill = ['systemctl', 'kill', '--signal=KILL', 'macvtap-timer.service'];
        await must(stage.running.inside(kill));
        await sleep(KILLED_AFTER_MS);
        await mustStep(stage.running, `sh ${PENDING}.claimed/change rollback`);
      },
    };
  },
} satisfies Readonly<Record<string, Take>>;

export type Turn = keyof typeof TURNS;

/** A guest's macvtap: libvirt makes one when the guest starts. */
async function startGuest({ inside }: Running): Promise<void> {
  const add = ['ip', 'link', 'add', 'link', 'eth0', 'name', 'macvtap7', 'type', 'macvtap'];
  await must(inside([...add, 'mode', 'bridge']));
  await must(inside(['ip', 'link', 'set', 'macvtap7', 'up']));
}
