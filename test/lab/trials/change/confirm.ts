/** Somebody confirms a change: it stays. */
import { activate, mutateScript, put } from './activation.ts';
import type { Cell } from './cell.ts';
import { leftovers } from './files.ts';
import type { Changed, Mutate, Outcome, Stage } from './outcome.ts';
import { untilNone } from './rollback.ts';
import { untilAimed, untilRead, untilState } from './settled.ts';
import { runStep } from './steps.ts';

/** Somebody does. */
export async function confirm(
  cell: Cell,
  stage: Stage,
  outcome: Outcome,
  mutate: Mutate,
): Promise<Changed> {
  const { running, scene } = stage;
  const steps = await put(cell, stage, cell.second);
  await mutateScript(running, mutate);
  const lines = await activate(cell, stage, steps, outcome);
  const wrong = await untilAimed(running, cell.second);
  const { status, text } = await runStep(running, steps.confirm);
  const again = await runStep(running, steps.confirm);
  const left = await untilNone(() => leftovers(running));
  const before = await untilRead(running, cell.second);
  const settled = await untilState(running, scene, cell.second, before);
  return {
    before: settled.state,
    after: settled.state,
    lines: [
      ...lines,
      ...wrong,
      ...(status === 0 ? [] : [`confirm: status ${status}: ${text}`]),
      ...(again.status === 0 ? ['a second confirm has status 0'] : []),
      ...left,
      ...settled.lines,
    ],
  };
}
