/** netplan's generator, as boot runs it. */
import { existsSync, mkdirSync } from 'node:fs';
import { HARMLESS, without } from '../judge/harmless.ts';
import type { Place } from '../place.ts';

const GENERATOR = '/lib/systemd/system-generators/netplan';
/** From 1.2 on the generator makes units only, and this the rest. */
const CONFIGURE = '/usr/libexec/netplan/configure';

/** @returns what it complained of; each line is a failure */
export async function generate(host: Place): Promise<string[]> {
  const directories = ['generator', 'generator.early', 'generator.late'].map(
    (name) => `/run/systemd/${name}`,
  );
  for (const directory of directories) {
    mkdirSync(`${host.root}${directory}`, { recursive: true });
  }
  const steps = [[GENERATOR, ...directories]];
  if (existsSync(`${host.root}${CONFIGURE}`)) steps.push([CONFIGURE]);
  const complaints: string[] = [];
  for (const argv of steps) {
    const { status, stdout, stderr } = await host.runInside(argv);
    const printed = without(`${stdout}\n${stderr}`.split('\n'), HARMLESS.netplan);
    complaints.push(...printed.map((line) => `netplan: ${line}`));
    if (status !== 0) complaints.push(`netplan: ${argv[0]} ended with ${status}`);
  }
  return complaints;
}
