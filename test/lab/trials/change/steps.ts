/**
 * The steps as the program prints them after an installation: what is run is taken from its own
 * text, so that a step that is wrong there is run as it is wrong.
 */

import type { Running } from '../../drive/machine.ts';
import { run } from '../../process.ts';

const STEPS = ['arm', 'activate', 'confirm', 'rollback'] as const;
export type Step = (typeof STEPS)[number];
export type Steps = Readonly<Record<Step, string>>;

/** Where the script and all that it keeps are until the change is confirmed or rolled back. */
export const PENDING = '/etc/macvtap-render/pending';
export const SCRIPT = `${PENDING}/change`;

/** @throws Error where a step is missing */
export function readSteps(printed: string): Steps {
  const lines = printed.split('\n').map((line) => line.trim());
  const step = (name: Step): string => {
    const line = lines.find((item) => item.startsWith(`sh ${SCRIPT} ${name}`));
    if (line === undefined) throw new Error(`no step "${name}" is printed:\n${printed}`);
    // What follows in words belongs to the reader: `… confirm   (or: … rollback)`.
    return line.replace(/\s+[(#].*$/, '');
  };
  return Object.fromEntries(STEPS.map((name) => [name, step(name)])) as Steps;
}

/** The printed line with other seconds. @throws Error where it names none */
export function armFor(steps: Steps, seconds: number): string {
  if (!/ 300$/.test(steps.arm)) throw new Error(`"${steps.arm}" does not say 300`);
  return steps.arm.replace(/300$/, String(seconds));
}

/** Activation may wait for a lease, and ifupdown for what does not come. */
const STEP_SECONDS = 120;

export interface Ran {
  readonly status: number;
  readonly text: string;
}

/** Runs a line as root on the machine, in a session of its own. */
export async function runStep(running: Running, line: string): Promise<Ran> {
  const { status, stdout, stderr } = await run(
    running.inside(['sh', '-c', line]),
    '',
    STEP_SECONDS,
  );
  return { status, text: `${stdout}${stderr}`.trim() };
}

/** @throws Error for any status but 0 */
export async function mustStep(running: Running, line: string): Promise<string> {
  const { status, text } = await runStep(running, line);
  if (status !== 0) throw new Error(`"${line}": status ${status}: ${text}`);
  return text;
}
