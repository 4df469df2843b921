/** Every container engine of a host: where its networks are configured, and what of it is attached to which link. */
import type { HostFile, Watch } from '../../backends/host/foreign.ts';
import type { ContainerAnswers } from '../../kernel/types.ts';
import { type Found, joined } from './attachment.ts';
import { composeWatches, isKnown, type NamedFile, readCompose } from './compose.ts';
import { DOCKER_DATABASE, readDocker } from './docker.ts';
import { INCUS_FOLDERS, incusWatches, readBackups, readIncus } from './incus.ts';
import { lxcWatches, readLxc } from './lxc.ts';
import { nspawnWatches, readNspawn } from './nspawn.ts';
import { podmanWatches, readPodman } from './podman.ts';

const slash = DOCKER_DATABASE.lastIndexOf('/');

export const containerWatches: readonly Watch[] = [
  { folder: DOCKER_DATABASE.slice(0, slash), isOfNames: true, name: /^local-kv\.db$/ },
  ...composeWatches,
  ...podmanWatches,
  ...incusWatches,
  ...nspawnWatches,
  ...lxcWatches,
];

/**
 * @param answers of the running daemons; absent: files alone count
 * @param compose files that the command line names
 */
export function containersIn(
  files: readonly HostFile[],
  answers: ContainerAnswers | undefined,
  compose: readonly NamedFile[] = [],
): Found {
  const asked = new Set(answers?.engines.map(({ engine }) => engine));
  const failed = new Set(
    answers?.engines.flatMap(({ engine, problem }) => (problem === undefined ? [] : [engine])),
  );
  /** Files that the daemon answers for; of one that fails, its database, as the failure is reported. */
  const isAnswered = ({ path, name }: HostFile): boolean =>
    Object.entries(INCUS_FOLDERS).some(
      ([folder, engine]) =>
        path.startsWith(`${folder}/`) &&
        asked.has(engine) &&
        !(failed.has(engine) && name === 'backup.yaml'),
    );
  const ofDocker = (answers?.engines ?? []).flatMap(({ engine, networks, problem }) =>
    engine === 'Docker' && problem === undefined ? readDocker(networks).attachments : [],
  );
  // Networks of labels are Docker's once it answers.
  const hasAnswer = asked.has('Docker') && !failed.has('Docker');
  const composed = joined(readCompose(hasAnswer ? [] : files, compose));
  return joined([
    {
      attachments: composed.attachments.filter((item) => !isKnown(item, ofDocker)),
      unread: composed.unread,
    },
    ...dockerOf(files, answers, asked.has('Docker')),
    ...readPodman(files),
    ...readBackups(files.filter((file) => !isAnswered(file))),
    ...readNspawn(files),
    ...readLxc(files),
    ...(answers?.engines ?? []).flatMap(({ engine, command, instances, networks, problem }) => {
      if (problem !== undefined) return [unanswered(engine, problem)];
      return engine === 'Docker'
        ? readDocker(networks)
        : readIncus(engine, command, instances, networks);
    }),
  ]);
}

/** Docker's networks are in a database alone. */
function dockerOf(
  files: readonly HostFile[],
  answers: ContainerAnswers | undefined,
  isAsked: boolean,
): Found[] {
  if (isAsked || !files.some(({ path }) => path === DOCKER_DATABASE)) return [];
  const why = answers ? '`systemctl` shows no Docker that runs' : 'this is not the running host';
  const message = `Docker has its networks in a database that is not read, and ${why}.`;
  return [{ attachments: [], unread: [{ path: DOCKER_DATABASE, message }] }];
}

function unanswered(engine: string, message: string): Found {
  const folder = Object.keys(INCUS_FOLDERS).find((key) => INCUS_FOLDERS[key] === engine);
  return { attachments: [], unread: [{ path: folder ?? DOCKER_DATABASE, message }] };
}
