/** A change of a running host by the steps as printed: files, timer, activation. */
import { toolErrors } from '../../../install/fake-host.ts';
import type { Running } from '../../drive/machine.ts';
import { must } from '../../process.ts';
import type { Cell } from './cell.ts';
import type { Mutate, Outcome, Stage } from './outcome.ts';
import { now, type Reach, watch } from './reach.ts';
import { type Aimed, isAimed, untilAimed } from './settled.ts';
import { mustStep, readSteps, runStep, SCRIPT, type Steps } from './steps.ts';

/** A host that is out of reach for longer counts as lost to monitoring. */
const REACH_SECONDS = 5;

/** Installed, activated and confirmed as printed; nothing where the host has what it is to have. */
export async function bringToFirst(cell: Cell, { running }: Stage): Promise<void> {
  const { first } = cell;
  if (!isAimed(first)) return;
  await prepareInterfaces(cell, running);
  // netplan merges: addresses of a file that is not generated stay on the port of a bridge.
  const old = cell.kind.dropsOld
    ? cell.host.files.filter(({ path }) => /\/netplan\//.test(path))
    : [];
  for (const { path } of old) await must(running.inside(['rm', path]));
  const steps = await install(cell, running, first);
  await mustStep(running, steps.arm);
  await mustStep(running, steps.activate);
  await mustStep(running, steps.confirm);
  const wrong = await untilAimed(running, first);
  if (wrong.length > 0) throw new Error(`not at the first intent: ${wrong.join('; ')}`);
}

/** As the steps for ifupdown say: a copy of the file without the old stanza of the NIC. */
export async function prepareInterfaces({ host }: Cell, { inside }: Running): Promise<void> {
  if (!host.flavour) return;
  const file = '/etc/network/interfaces';
  const without = `sed '/^auto eth0$/d; /^iface eth0 /,/^$/d' ${file} >${file}.new; cmp -s ${file} ${file}.new && rm ${file}.new || :`;
  await must(inside(['sh', '-c', without]));
}

export async function install(cell: Cell, running: Running, { wanted }: Aimed): Promise<Steps> {
  const { intent, backend } = wanted;
  const path = '/root/intent.yaml';
  await must(running.inside(['sh', '-c', `cat >${path}`]), intent);
  const words = [path, '--backend', backend, '--root', '/'];
  if (cell.kind.isForced) words.push('--force');
  const printed = await cell.program.install(running, words);
  await must(running.inside(['rm', path]));
  return readSteps(printed);
}

/** The files, and the timer. */
export async function put(cell: Cell, { running }: Stage, aim: Aimed): Promise<Steps> {
  await prepareInterfaces(cell, running);
  const steps = await install(cell, running, aim);
  await mustStep(running, steps.arm);
  return steps;
}

/** Has the running network follow them. @returns what is wrong */
export async function activate(
  cell: Cell,
  { running, scene }: Stage,
  { activate: line }: Pick<Steps, 'activate'>,
  outcome: Outcome,
): Promise<string[]> {
  const reach = watch(scene, cell.second.address);
  const begun = now();
  const { status, text } = await runStep(running, line);
  outcome.evidence['activation'] = text;
  const lines = [
    ...toolErrors(text).map((line) => `activation: ${line}`),
    ...(status === 0 ? [] : [`activation: status ${status}: ${text.split('\n').at(-1)}`]),
    ...(await answered(reach, begun, 'activation', cell, outcome)),
  ];
  await reach.end();
  return lines;
}

/**
 * It answers now, and has not been silent for long since then.
 * @param reach that of the address which it must have
 */
export async function answered(
  reach: Reach,
  since: number,
  what: string,
  { limitSeconds = REACH_SECONDS }: Cell,
  { figures }: Outcome,
): Promise<string[]> {
  const silent = await reach.untilAnswered(now(), 4 * limitSeconds);
  if (silent.length > 0) return silent.map((line) => `${what}: ${line}`);
  const seconds = reach.silence(since);
  figures[what] = Math.max(seconds, figures[what] ?? 0);
  return seconds > limitSeconds ? [`${what}: out of reach for ${seconds.toFixed(1)} s`] : [];
}

export async function mutateScript({ inside }: Running, mutate: Mutate): Promise<void> {
  const script = await must(inside(['cat', SCRIPT]));
  const other = mutate(script);
  if (other !== script) await must(inside(['sh', '-c', `cat >${SCRIPT}`]), other);
}
