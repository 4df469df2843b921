/** Asks the running container engines for their networks. Nothing is started, and no other host is asked. */
import type { System } from '../system.ts';
import { ask } from './ask.ts';
import type { ContainerAnswers, EngineAnswer } from './types.ts';
import { readUnits } from './units.ts';

/** `DOCKER_HOST` and contexts may name another host. */
const DOCKER = ['--host', 'unix:///var/run/docker.sock', 'network'];

/** A limit for the words of a command. */
const MOST_NETWORKS = 256;

/** Clients whose sockets would start their daemons: they are called where a daemon runs. */
const CLIENTS: readonly {
  readonly engine: string;
  readonly program: string;
  readonly units: readonly string[];
}[] = [
  { engine: 'Docker', program: 'docker', units: ['docker.service', 'snap.docker.dockerd.service'] },
  { engine: 'Incus', program: 'incus', units: ['incus.service'] },
  { engine: 'LXD', program: 'lxc', units: ['lxd.service', 'snap.lxd.daemon.service'] },
];

export function readContainers(system: System): ContainerAnswers {
  const { text } = ask(system, 'systemctl', [
    ...['show', '--no-pager', '-p', 'Id,ActiveState'],
    ...CLIENTS.flatMap(({ units }) => units),
  ]);
  const states = text === undefined ? undefined : readUnits(text);
  const isRunning = (unit: string): boolean => states?.get(unit)?.active === 'active';
  return {
    engines: CLIENTS.filter(({ units }) => units.some(isRunning)).map(({ engine, program }) =>
      program === 'docker' ? docker(system) : incus(system, engine, program),
    ),
  };
}

function docker(system: System): EngineAnswer {
  const answer = { engine: 'Docker', command: 'docker', instances: '[]', networks: '[]' };
  const filters = ['driver=macvlan', 'driver=ipvlan'].flatMap((filter) => ['--filter', filter]);
  const { text, problem } = ask(system, 'docker', [...DOCKER, 'ls', '--quiet', ...filters]);
  if (text === undefined) return { ...answer, problem: problem ?? '' };
  const ids = text.split(/\s+/).filter((id) => /^[0-9a-f]{6,64}$/.test(id));
  if (ids.length === 0) return answer;
  const shown = ask(system, 'docker', [...DOCKER, 'inspect', ...ids.slice(0, MOST_NETWORKS)]);
  return shown.text === undefined
    ? { ...answer, problem: shown.problem ?? '' }
    : { ...answer, networks: shown.text };
}

/** `local:` is the daemon of this host, whatever remote is the default. */
function incus(system: System, engine: string, program: string): EngineAnswer {
  const answer = { engine, command: program, instances: '[]', networks: '[]' };
  const instances = ask(system, program, ['list', 'local:', '--all-projects', '--format', 'json']);
  const networks = ask(system, program, ['network', 'list', 'local:', '--format', 'json']);
  const problem = instances.problem ?? networks.problem;
  return problem === undefined
    ? { ...answer, instances: instances.text ?? '[]', networks: networks.text ?? '[]' }
    : { ...answer, problem };
}
