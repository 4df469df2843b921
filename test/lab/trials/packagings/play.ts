/** A playbook with the role, against a machine of the lab, by Debian's own Ansible. */
import { copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runHere } from '../../../in-process.ts';
import type { Running } from '../../drive/machine.ts';
import type { Scene } from '../../drive/scene.ts';
import { run } from '../../process.ts';

/** The guides that have playbooks. */
const GUIDES = ['ansible', 'fleet'].map(
  (topic) => new URL(`../../../../src/help/${topic}.md`, import.meta.url),
);
const CONNECTION = fileURLToPath(new URL('connection.py', import.meta.url));
const SECONDS = 240;

export interface Played {
  readonly status: number;
  readonly text: string;
  readonly changed: number;
  readonly failed: number;
}

/** The block of a guide after a comment `<!-- ansible: NAME -->`. */
export function recipe(name: string): string {
  const found = new RegExp(`<!-- ansible: ${name} -->\n\`\`\`[a-z -]+\n([\\s\\S]*?)\`\`\``).exec(
    GUIDES.map((guide) => readFileSync(guide, 'utf8')).join('\n'),
  );
  if (!found?.[1]) throw new Error(`no guide has the recipe ${name}`);
  return found[1];
}

/** A folder with the role and the README's playbook. @throws Error where the role is not made */
export async function layRole(folder: string, intent: string, backend: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'macvtap.yaml'), intent);
  const role = join(folder, 'roles/macvtap');
  const words = [
    join(folder, 'macvtap.yaml'),
    '-b',
    backend,
    '--format',
    'ansible',
    '--output',
    role,
  ];
  const { status, stderr } = await runHere(...words);
  if (status !== 0) throw new Error(`no role: ${stderr}`);
  writeFileSync(join(folder, 'site.yml'), recipe('site.yml'));
}

/** Says how a play gets to a machine: to be repeated after each boot, also while one is on its way. */
export function reachable(
  folder: string,
  running: Running,
  { files, router }: Scene,
  address: string,
  reach: readonly string[] = [],
): void {
  const lan = ['nsenter', `--net=${files}/run/netns/${router.network}`];
  const ping = [...lan, 'ping', '-c', '1', '-W', '1', address];
  const machine = { inside: running.inside([]), root: running.root, reach: [...reach, ...ping] };
  writeFileSync(join(folder, 'machine.new'), JSON.stringify(machine));
  renameSync(join(folder, 'machine.new'), join(folder, 'machine'));
}

/**
 * @param before what has the play run by another Ansible (`within`)
 * @returns runs the playbook against the machine (`reachable`), with options added
 */
export function player(
  folder: string,
  host: string,
  before: readonly string[] = [],
): (...options: string[]) => Promise<Played> {
  mkdirSync(join(folder, 'plugins'), { recursive: true });
  copyFileSync(CONNECTION, join(folder, 'plugins/lab.py'));
  const python = 'ansible_python_interpreter=/usr/bin/python3';
  writeFileSync(join(folder, 'hosts'), `[kvm]\n${host} ansible_connection=lab ${python}\n`);
  const environment = {
    ANSIBLE_CONNECTION_PLUGINS: join(folder, 'plugins'),
    ANSIBLE_HOME: join(folder, '.ansible'),
    ANSIBLE_LOCAL_TEMP: join(folder, '.ansible/tmp'),
    ANSIBLE_PIPELINING: '1',
    ANSIBLE_NOCOLOR: '1',
    LC_ALL: 'C.UTF-8',
    LAB_MACHINE: join(folder, 'machine'),
  };
  const set = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return async (...options) => {
    const argv = ['ansible-playbook', '-i', 'hosts', 'site.yml', ...options];
    const words = [...before, 'env', `--chdir=${folder}`, ...set, ...argv];
    const { status, stdout, stderr } = await run(words, '', SECONDS);
    const count = (what: string): number =>
      Number(new RegExp(`^${host} .*\\b${what}=(\\d+)`, 'm').exec(stdout)?.[1] ?? -1);
    return {
      status,
      text: `${stdout}${stderr}`,
      changed: count('changed'),
      failed: count('failed') + count('unreachable'),
    };
  };
}
