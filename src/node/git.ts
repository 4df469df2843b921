/** Files at a git revision. Loaded only where one was named. */

import { isUtf8 } from 'node:buffer';
import { spawnSync } from 'node:child_process';
import { SystemError } from '../system.ts';

/** @throws SystemError, also `is-directory` */
export function readRevision(revision: string, path: string, limit: number): string {
  const shown = `${revision}:${path}`;
  // The object as it is stored: no filter and no program of the repository's configuration is run.
  const { status, stdout, message } = git(['cat-file', 'blob', shown], shown, revision, limit);
  if (status !== 0) {
    const { stdout: kind } = git(['cat-file', '-t', shown], shown, revision, limit);
    if (kind.toString('utf8').trim() === 'tree') {
      throw new SystemError('is-directory', shown, 'is a directory');
    }
    throw new SystemError('not-found', shown, `is not known to git (${message})`);
  }
  return utf8(stdout, shown);
}

/**
 * The files in a directory and below it, by their paths from there; submodules are none.
 * @throws SystemError
 */
export function readRevisionTree(
  revision: string,
  path: string,
  wanted: RegExp,
  limit: number,
): { path: string; text: string; isLink: boolean }[] {
  const shown = `${revision}:${path}`;
  const list = git(['ls-tree', '-r', '-z', '--full-tree', shown], shown, revision, limit);
  if (list.status !== 0) {
    throw new SystemError('not-found', shown, `is not known to git (${list.message})`);
  }
  const entries = list.stdout
    .toString('utf8')
    .split('\0')
    .flatMap((line) => {
      const [, mode = '', id = '', name = ''] =
        /^(100|120)\d{3} blob ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
      return wanted.test(name) ? [{ id, name, isLink: mode === '120' }] : [];
    });
  const input = entries.map(({ id }) => `${id}\n`).join('');
  const { stdout } = git(['cat-file', '--batch'], shown, revision, limit, input);
  let at = 0;
  return entries.map(({ name, isLink }) => {
    // `ID blob SIZE`, a newline, so many bytes, a newline.
    const end = stdout.indexOf(10, at);
    const size = Number(stdout.subarray(at, end).toString('utf8').split(' ')[2]);
    const text = utf8(stdout.subarray(end + 1, end + 1 + size), `${shown}/${name}`);
    at = end + 1 + size + 1;
    return { path: name, text, isLink };
  });
}

function git(
  words: readonly string[],
  shown: string,
  revision: string,
  limit: number,
  input = '',
): { status: number | null; stdout: Buffer; message: string } {
  if (revision.startsWith('-')) throw new SystemError('not-found', shown, 'is not a revision');
  const { error, status, stdout, stderr } = spawnSync('git', words, { maxBuffer: limit, input });
  if (error && 'code' in error && error.code === 'ENOBUFS') {
    throw new SystemError('too-large', shown, `is larger than ${limit / 1024 / 1024} MiB`);
  }
  if (error) throw new SystemError('refused', shown, 'git cannot be run');
  const [message = ''] = stderr.toString('utf8').split('\n');
  return { status, stdout, message };
}

function utf8(bytes: Buffer, shown: string): string {
  if (!isUtf8(bytes)) throw new SystemError('not-utf8', shown, 'is not UTF-8 text');
  return bytes.toString('utf8');
}
