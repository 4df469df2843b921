/**
 * One change of one host: it is brought to the first intent, changed to the second by the steps as
 * printed, and nobody confirms; then the same again, and confirmed. A reboot follows each.
 */

import { withMachine } from '../../drive/boot.ts';
import { untilOnline } from '../../drive/look.ts';
import type { Scene } from '../../drive/scene.ts';
import { must } from '../../process.ts';
import { bringToFirst } from './activation.ts';
import type { Cell } from './cell.ts';
import { confirm } from './confirm.ts';
import { leftovers } from './files.ts';
import { LEASES } from './kinds.ts';
import { connect } from './lan.ts';
import type { Mutate, Outcome, Stage } from './outcome.ts';
import { now, watch } from './reach.ts';
import { rollBack } from './rollback.ts';
import { isAimed, untilAimed, untilState } from './settled.ts';
import { compare, lasting, type State, show, unlike } from './state.ts';
import type { Turn } from './turns.ts';

const BOOT_SECONDS = 150;

export type Part = Turn | 'confirm';

/** Runs the parts that are asked for, in turn; stops where the host is not what the next needs. */
export function change(
  cell: Cell,
  parts: readonly Part[],
  mutate: Mutate = (script) => script,
): Promise<Outcome> {
  const outcome: Outcome = { failures: [], evidence: {}, figures: {} };
  return withMachine(cell.host, async (machine, surround) => {
    const plugIn = async (): Promise<Scene> => {
      const scene = await surround();
      await connect(scene, cell.kind.nics, LEASES);
      return scene;
    };
    const start = async (scene: Scene): Promise<Stage> => {
      const running = await machine.boot(scene);
      await untilOnline(running, BOOT_SECONDS);
      return { running, scene };
    };
    const reboot = async ({ running, scene }: Stage): Promise<Stage> => {
      const [next] = await Promise.all([plugIn(), running.reboot()]);
      await scene.end();
      return start(next);
    };
    let stage = await start(await plugIn());
    try {
      await bringToFirst(cell, stage);
      for (const part of parts) {
        const isRollback = part !== 'confirm';
        const { lines, before, after } = isRollback
          ? await rollBack(cell, stage, outcome, mutate, part)
          : await confirm(cell, stage, outcome, mutate);
        note(outcome, part, lines);
        if (lines.length > 0) {
          note(outcome, part, compare(before, after));
          break;
        }
        stage = await reboot(stage);
        const boot = await checkBoot(cell, stage, after, isRollback, outcome);
        note(outcome, part, unlike(before, after, boot.state));
        note(outcome, `${part}, booted`, boot.lines);
        if (outcome.failures.length > 0) break;
      }
    } finally {
      const journal = ['journalctl', '--boot', '--no-pager', '--output=short-monotonic'];
      outcome.evidence['journal'] = await must(stage.running.inside(journal)).catch(String);
    }
    return outcome;
  });
}

const note = ({ failures }: Outcome, when: string, lines: readonly string[]): void =>
  void failures.push(...lines.map((line) => `${when}: ${line}`));

/** After a reboot it is what it was before it. */
async function checkBoot(
  cell: Cell,
  { running, scene }: Stage,
  before: State,
  isRollback: boolean,
  { evidence }: Outcome,
): Promise<{ readonly state: State; readonly lines: string[] }> {
  const aim = isRollback ? cell.first : cell.second;
  const reach = watch(scene, aim.address);
  const silent = await reach.untilAnswered(now(), 20);
  await reach.end();
  const wrong = isAimed(aim) ? await untilAimed(running, aim) : [];
  const after = await untilState(running, scene, aim, lasting(before), lasting);
  evidence[`booted-${isRollback ? 'rollback' : 'confirm'}`] = show(after.state);
  return {
    state: after.state,
    lines: [
      ...silent,
      ...wrong,
      ...after.lines,
      ...compare(lasting(before), lasting(after.state)),
      ...(await leftovers(running)),
    ],
  };
}
