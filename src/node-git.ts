/** A file at a git revision. Loaded only where one was named. */

import { isUtf8 } from 'node:buffer';
import { spawnSync } from 'node:child_process';
import { SystemError } from './system.ts';

/** @throws SystemError */
export function readRevision(revision: string, path: string, limit: number): string {
  const shown = `${revision}:${path}`;
  if (revision.startsWith('-')) throw new SystemError('not-found', shown, 'is no revision');
  // The object as it is stored: no filter and no program of the repository's configuration is run.
  const { error, status, stdout, stderr } = spawnSync('git', ['cat-file', 'blob', shown], {
    maxBuffer: limit,
  });
  if (error && 'code' in error && error.code === 'ENOBUFS') {
    throw new SystemError('too-large', shown, `is larger than ${limit / 1024 / 1024} MiB`);
  }
  if (error) throw new SystemError('refused', shown, 'git cannot be run');
  if (status !== 0) {
    const [said = ''] = stderr.toString('utf8').split('\n');
    throw new SystemError('not-found', shown, `is not known to git (${said})`);
  }
  if (!isUtf8(stdout)) throw new SystemError('not-utf8', shown, 'is not UTF-8 text');
  return stdout.toString('utf8');
}
