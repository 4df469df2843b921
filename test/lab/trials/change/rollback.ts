/** Nobody confirms a change: the timer fires, and the host is what it was. */
import { setTimeout as sleep } from 'node:timers/promises';
import { toolErrors } from '../../../install/fake-host.ts';
import type { Running } from '../../drive/machine.ts';
import { must } from '../../process.ts';
import { answered, prepareInterfaces, put } from './activation.ts';
import type { Cell } from './cell.ts';
import { compareFiles, type Files, leftovers, readFiles } from './files.ts';
import type { Changed, Mutate, Outcome, Stage } from './outcome.ts';
import { now, watch } from './reach.ts';
import { untilRead, untilState } from './settled.ts';
import { type State, show } from './state.ts';
import { PENDING, runStep } from './steps.ts';
import { CLAIM_SECONDS, TURNS, type Turn } from './turns.ts';

/** The rollback ends, its own checks included. */
const ROLLBACK_SECONDS = 90;

/** @param turn what happens between the first step and the rollback */
export async function rollBack(
  cell: Cell,
  stage: Stage,
  outcome: Outcome,
  mutate: Mutate,
  turn: Turn,
): Promise<Changed> {
  const { running, scene } = stage;
  await prepareInterfaces(cell, running);
  const before = await untilRead(running, cell.first);
  const files = readFiles(running);
  const steps = await put(cell, stage, cell.second);
  const { lines, end } = await TURNS[turn](cell, stage, steps, outcome, mutate);
  const reach = watch(scene, cell.first.address);
  const claimed = await untilGone(running, [PENDING], CLAIM_SECONDS);
  if (claimed === undefined) {
    return { lines: [...lines, 'no rollback begins'], before, after: before };
  }
  const early = await runStep(running, steps.confirm);
  await end();
  // What answers at its beginning may be lost later in it.
  lines.push(...(await untilRolledBack(running)));
  lines.push(...(await answered(reach, claimed, 'rollback', cell, outcome)));
  const late = await runStep(running, steps.confirm);
  lines.push(
    ...[early, late].flatMap(({ status }) =>
      status === 0 ? ['a confirm after the rollback began has status 0'] : [],
    ),
  );
  const settled = await untilAsBefore(cell, stage, { before, files }, outcome);
  lines.push(...settled.lines);
  await reach.end();
  return { lines, before, after: settled.state };
}

async function untilAsBefore(
  { first }: Cell,
  { running, scene }: Stage,
  { before, files }: { readonly before: State; readonly files: Files },
  { evidence }: Outcome,
): Promise<{ readonly state: State; readonly lines: string[] }> {
  const after = await untilState(running, scene, first, before);
  const left = await untilNone(() => leftovers(running));
  evidence['state-before'] = show(before);
  evidence['state-after'] = show(after.state);
  return {
    state: after.state,
    lines: [...after.lines, ...compareFiles(files, readFiles(running)), ...left],
  };
}

/** A unit that has just ended may be there for a moment. */
export async function untilNone(ask: () => Promise<string[]>): Promise<string[]> {
  for (let tries = 0; ; tries++) {
    const lines = await ask();
    if (lines.length === 0 || tries > 10) return lines;
    await sleep(200);
  }
}

/** @returns when none of these was there any more; undefined if that takes longer */
async function untilGone(
  { inside }: Running,
  paths: readonly string[],
  seconds: number,
): Promise<number | undefined> {
  const tests = paths.map((path) => `[ -e ${path} ]`).join(' || ');
  const wait = `n=0; while ${tests}; do [ $n -lt ${seconds * 50} ] || exit 1; n=$((n+1)); sleep 0.02; done`;
  return must(inside(['sh', '-c', wait]), '', seconds * 3).then(now, () => undefined);
}

const LEFT = 'it is still claimed';

/** What is left of it says that something went wrong, and what. */
async function untilRolledBack(running: Running): Promise<string[]> {
  const unit = 'macvtap-timer.service';
  const script = `n=0; while [ -e ${PENDING}.claimed ]; do
  case $(systemctl is-active ${unit}) in active | activating | deactivating) ;; *) sleep 0.3; break ;; esac
  [ $n -lt ${ROLLBACK_SECONDS * 10} ] || break
  n=$((n + 1)); sleep 0.1
done
[ ! -e ${PENDING}.claimed ] || echo ${LEFT}
journalctl --no-pager --output=cat --unit=${unit}`;
  const printed = await must(running.inside(['sh', '-c', script]), '', 3 * ROLLBACK_SECONDS);
  if (!printed.startsWith(LEFT)) return toolErrors(printed).map((line) => `rollback: ${line}`);
  return [`the rollback has problems: ${printed.slice(LEFT.length).trim().replaceAll('\n', '; ')}`];
}
