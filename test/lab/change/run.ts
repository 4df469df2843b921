/**
 * One change of one host: it is brought to the first intent, changed to the second by the steps as
 * printed, and nobody confirms; then the same again, and confirmed. A reboot follows each.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { must } from '../process.ts';
import type { Scene } from '../tier1/scene.ts';
import { withMachine } from '../tier2/boot.ts';
import { untilOnline } from '../tier2/look.ts';
import type { Running } from '../tier2/machine.ts';
import type { Cell } from './cell.ts';
import { compareFiles, type Files, leftovers, readFiles } from './files.ts';
import { LEASES } from './kinds.ts';
import { connect } from './lan.ts';
import { now, type Reach, watch } from './reach.ts';
import { type Aimed, isAimed, untilAimed, untilRead, untilState } from './settled.ts';
import { compare, lasting, type State, show, unlike } from './state.ts';
import { armFor, mustStep, PENDING, readSteps, runStep, type Steps } from './steps.ts';

export interface Outcome {
  readonly failures: string[];
  readonly evidence: Record<string, string>;
  /** Seconds out of reach. */
  readonly figures: Record<string, number>;
}

/** A host that is out of reach for longer is lost to whoever has an eye on it. */
const REACH_SECONDS = 5;
const BOOT_SECONDS = 150;
/** The printed timer is replaced by this one as soon as the change is seen to work. */
const TIMER_SECONDS = 2;
/** The rollback ends, its own checks included. */
const ROLLBACK_SECONDS = 90;

interface Changed {
  /** What is wrong at once. */
  readonly lines: string[];
  /** The state that `after` must be: of before the change, or the same where it is to stay. */
  readonly before: State;
  readonly after: State;
}

/** What one boot of the machine is seen with. */
interface Stage {
  readonly running: Running;
  readonly scene: Scene;
}

/** Runs the parts that are asked for, in turn; stops where the host is not what the next needs. */
export function change(
  cell: Cell,
  parts: readonly ('rollback' | 'confirm')[],
  mutate: (script: string) => string = (script) => script,
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
        const isRollback = part === 'rollback';
        const changed = isRollback ? rollBack : confirm;
        const { lines, before, after } = await changed(cell, stage, outcome, mutate);
        note(outcome, part, lines);
        if (lines.length > 0) break;
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

/** Installed, activated and confirmed as printed; nothing where the host has what it is to have. */
async function bringToFirst(cell: Cell, { running }: Stage): Promise<void> {
  const { first } = cell;
  if (!isAimed(first)) return;
  await prepareInterfaces(cell, running);
  const steps = await install(cell, running, first);
  await mustStep(running, steps.arm);
  await mustStep(running, steps.activate);
  await mustStep(running, steps.confirm);
  const wrong = await untilAimed(running, first);
  if (wrong.length > 0) throw new Error(`not at the first intent: ${wrong.join('; ')}`);
}

/** As the steps for ifupdown say: a copy of the file without the old stanza of the NIC. */
async function prepareInterfaces({ host }: Cell, { inside }: Running): Promise<void> {
  if (!host.flavour) return;
  const file = '/etc/network/interfaces';
  const without = `sed '/^auto eth0$/d; /^iface eth0 /,/^$/d' ${file} >${file}.new; cmp -s ${file} ${file}.new && rm ${file}.new || :`;
  await must(inside(['sh', '-c', without]));
}

async function install(cell: Cell, running: Running, { wanted }: Aimed): Promise<Steps> {
  const { intent, backend } = wanted;
  const path = '/root/intent.yaml';
  await must(running.inside(['sh', '-c', `cat >${path}`]), intent);
  const what = [path, '--backend', backend];
  const script = await cell.program.install(running, ['steps', ...what, '--script']);
  const keep = `mkdir -p /etc/macvtap-render; cat >/etc/macvtap-render/change; cd /; sh /etc/macvtap-render/change keep $(find etc -type f -exec grep -l "Written by macvtap-render" {} + 2>/dev/null | grep -v ^etc/macvtap-render | sed s,^,/, || :)`;
  await must(running.inside(['sh', '-c', keep]), script);
  await cell.program.install(running, [...what, '--root', '/']);
  const printed = await cell.program.install(running, ['steps', ...what]);
  await must(running.inside(['rm', path]));
  return readSteps(printed);
}

/** Files, timer and activation. */
async function changeOver(
  cell: Cell,
  { running, scene }: Stage,
  outcome: Outcome,
  mutate: (script: string) => string,
): Promise<{ steps: Steps; lines: string[] }> {
  const steps = await install(cell, running, cell.second);
  await mutateScript(running, mutate);
  await mustStep(running, steps.arm);
  const reach = watch(scene, cell.second.address);
  const begun = now();
  const { status, text } = await runStep(running, steps.activate);
  outcome.evidence['activation'] = text;
  const lines = [
    ...(status === 0 ? [] : [`activation: status ${status}: ${text.split('\n').at(-1)}`]),
    ...(await answered(reach, begun, `activation`, cell, outcome)),
  ];
  await reach.end();
  return { steps, lines };
}

async function answered(
  reach: Reach,
  since: number,
  what: string,
  { limitSeconds = REACH_SECONDS }: Cell,
  { figures }: Outcome,
): Promise<string[]> {
  const silent = await reach.untilAnswered(since, 4 * limitSeconds);
  if (silent.length > 0) return silent.map((line) => `${what}: ${line}`);
  const seconds = reach.lostFor(since);
  figures[what] = Math.max(seconds, figures[what] ?? 0);
  return seconds > limitSeconds ? [`${what}: out of reach for ${seconds.toFixed(1)} s`] : [];
}

/** With a line taken out of it, for those who are to see that it is needed. */
async function mutateScript(
  { inside }: Running,
  mutate: (script: string) => string,
): Promise<void> {
  const path = `${PENDING}/change`;
  const script = await must(inside(['cat', path]));
  const other = mutate(script);
  if (other !== script) await must(inside(['sh', '-c', `cat >${path}`]), other);
}

/** Nobody confirms. */
async function rollBack(
  cell: Cell,
  stage: Stage,
  outcome: Outcome,
  mutate: (script: string) => string,
): Promise<Changed> {
  const { running, scene } = stage;
  await prepareInterfaces(cell, running);
  const before = await untilRead(running, cell.first);
  const files = readFiles(running);
  const { steps, lines } = await changeOver(cell, stage, outcome, mutate);
  if (cell.kind.hasGuest) lines.push(...(await startGuest(running)));
  const reach = watch(scene, cell.first.address);
  await mustStep(running, armFor(steps, TIMER_SECONDS));
  const claimed = await untilGone(running, [PENDING], TIMER_SECONDS + 5);
  if (claimed === undefined) {
    return { lines: [...lines, 'the timer does not fire'], before, after: before };
  }
  const early = await runStep(running, steps.confirm);
  lines.push(...(await answered(reach, claimed, 'rollback', cell, outcome)));
  lines.push(...(await untilRolledBack(running)));
  const late = await runStep(running, steps.confirm);
  lines.push(
    ...[early, late].flatMap(({ status }) =>
      status === 0 ? ['a confirm after the rollback began has status 0'] : [],
    ),
  );
  const settled = await untilAsBefore(cell, stage, { before, files }, outcome);
  lines.push(...settled.lines);
  // The whole of it: what answers early in a rollback may be lost later in it.
  outcome.figures['silence'] = reach.silence(claimed);
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
async function untilNone(ask: () => Promise<string[]>): Promise<string[]> {
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

/** What is left of it says that something went wrong, and what. */
async function untilRolledBack(running: Running): Promise<string[]> {
  const unit = 'macvtap-rollback.service';
  const script = `n=0; while [ -e ${PENDING}.claimed ]; do
  case $(systemctl is-active ${unit}) in active | activating | deactivating) ;; *) sleep 0.3; break ;; esac
  [ $n -lt ${ROLLBACK_SECONDS * 10} ] || break
  n=$((n + 1)); sleep 0.1
done
[ ! -e ${PENDING}.claimed ] || journalctl --no-pager --output=cat --unit=${unit}`;
  const said = await must(running.inside(['sh', '-c', script]), '', 3 * ROLLBACK_SECONDS);
  return said === '' ? [] : [`the rollback has problems: ${said.trim().replaceAll('\n', '; ')}`];
}

/** A guest's macvtap: libvirt makes one when the guest starts. */
async function startGuest(running: Running): Promise<string[]> {
  const add = ['ip', 'link', 'add', 'link', 'eth0', 'name', 'macvtap7', 'type', 'macvtap'];
  await must(running.inside([...add, 'mode', 'bridge']));
  await must(running.inside(['ip', 'link', 'set', 'macvtap7', 'up']));
  return [];
}

/** Somebody does. */
async function confirm(
  cell: Cell,
  stage: Stage,
  outcome: Outcome,
  mutate: (script: string) => string,
): Promise<Changed> {
  const { running, scene } = stage;
  await prepareInterfaces(cell, running);
  const { steps, lines } = await changeOver(cell, stage, outcome, mutate);
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
