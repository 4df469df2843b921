/** The README's playbook for a fleet, run on the LAN by this machine's Ansible, over SSH. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runHere } from '../../../in-process.ts';
import type { Scene } from '../../drive/scene.ts';
import { run } from '../../process.ts';
import type { Planned } from './fleet-lan.ts';
import { recipe } from './play.ts';

/** Of all hosts together. */
const SECONDS = 900;

/** What the play says of a host at its end; nothing of one that it did not come to. */
export interface Recap {
  readonly changed: number;
  readonly failed: number;
}

export interface FleetPlayed {
  readonly status: number;
  readonly text: string;
  readonly hosts: ReadonlyMap<string, Recap>;
}

/**
 * One role of all hosts, each of the system that its intent names, rendered from a directory with an intent of each, with the inventory that
 * comes with it, one that says how they are reached, and the README's playbook.
 * @throws Error where the role is not made
 */
export async function layFleet(
  folder: string,
  hosts: readonly Pick<Planned, 'name' | 'intent' | 'old'>[],
): Promise<void> {
  const fleet = join(folder, 'fleet');
  mkdirSync(fleet, { recursive: true });
  for (const { name, intent } of hosts) writeFileSync(join(fleet, `${name}.yaml`), intent);
  const words = [fleet, '--format', 'ansible', '--output', join(folder, ROLE)];
  const { status, stderr } = await runHere(...words);
  if (status !== 0) throw new Error(`no role: ${stderr}`);
  const lines = hosts.map(({ name, old }) => `${name} ansible_host=${old.address.split('/')[0]}\n`);
  writeFileSync(join(folder, 'hosts'), lines.join(''));
  writeFileSync(join(folder, 'fleet.yml'), recipe('fleet.yml'));
}

const ROLE = 'roles/macvtap';

/** @returns runs the playbook from where the gateway is, with options added */
export function fleetPlayer(
  folder: string,
  key: string,
  { files, router }: Scene,
): (...options: string[]) => Promise<FleetPlayed> {
  const environment = {
    ANSIBLE_HOME: join(folder, '.ansible'),
    ANSIBLE_LOCAL_TEMP: join(folder, '.ansible/tmp'),
    ANSIBLE_REMOTE_USER: 'root',
    ANSIBLE_PRIVATE_KEY_FILE: key,
    ANSIBLE_HOST_KEY_CHECKING: '0',
    ANSIBLE_SSH_ARGS: '-o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile=/dev/null',
    // There is no SFTP server on them.
    ANSIBLE_SSH_TRANSFER_METHOD: 'piped',
    ANSIBLE_PYTHON_INTERPRETER: '/usr/bin/python3',
    ANSIBLE_PIPELINING: '1',
    // How long a connection may take that does not come about.
    ANSIBLE_TIMEOUT: '4',
    ANSIBLE_FORKS: '8',
    ANSIBLE_NOCOLOR: '1',
    LC_ALL: 'C.UTF-8',
  };
  const set = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  // Connections that are kept end with the play: they are in a process namespace of its own.
  const alone = ['unshare', '--pid', '--fork', '--kill-child'];
  const there = ['nsenter', `--net=${files}/run/netns/${router.network}`];
  return async (...options) => {
    // The README's command: `ansible-playbook -i … -i … fleet.yml`.
    const argv = [...recipe('roll out').trim().split(' '), ...options];
    const shell = ['sh', '-c', '"$@"; exit $?', 'sh', 'env', `--chdir=${folder}`, ...set, ...argv];
    const { status, stdout, stderr } = await run([...alone, ...there, ...shell], '', SECONDS);
    const recap = stdout.slice(stdout.lastIndexOf('PLAY RECAP'));
    const hosts = [...recap.matchAll(/^(\S+) +: (ok=.*)$/gm)].map(([, name = '', line = '']) => {
      const count = (what: string): number =>
        Number(new RegExp(`\\b${what}=(\\d+)`).exec(line)?.[1] ?? -1);
      return [
        name,
        { changed: count('changed'), failed: count('failed') + count('unreachable') },
      ] as const;
    });
    return { status, text: `${stdout}${stderr}`, hosts: new Map(hosts) };
  };
}
