/** `System` on Node. Besides `main.ts` the one module of the program that imports `node:`. */
import { isUtf8 } from 'node:buffer';
import * as fs from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  type Directory,
  type Output,
  type System,
  SystemError,
  type SystemErrorKind,
} from './system.ts';

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_DIRECTORY, O_NONBLOCK } = fs.constants;

export function nodeSystem(args: readonly string[], env: NodeJS.ProcessEnv): System {
  return {
    args,
    env: (name) => env[name],
    stdout: output(1),
    stderr: output(2),
    readText: (path, limit) =>
      attempt(path, () => {
        const shown = path === '-' ? '<stdin>' : path;
        const fd = path === '-' ? 0 : fs.openSync(path, O_RDONLY);
        try {
          return readDescriptor(fd, shown, limit);
        } finally {
          if (fd !== 0) fs.closeSync(fd);
        }
      }),
    async search(names) {
      const { searchIntent } = await import('./node-search.ts');
      return searchIntent(names, env['HOME']);
    },
    openDirectory: (path) =>
      attempt(path, () => {
        makeDirectory(resolve(path));
        return directory(fs.openSync(path, O_RDONLY | O_DIRECTORY), path);
      }),
  };
}

function output(fd: number): Output {
  return {
    // `node:tty` would load the whole of `node:net`, a tenth of the start-up. What else is a
    // character device (/dev/null) nobody reads.
    get isTerminal() {
      return fs.fstatSync(fd).isCharacterDevice();
    },
    write(text) {
      const bytes = Buffer.from(text);
      // `process.stdout` would cost a third of the whole start-up, and writes pipes later on.
      for (let done = 0; done < bytes.length; ) {
        try {
          done += fs.writeSync(fd, bytes, done);
        } catch (error) {
          if (codeOf(error) === 'EAGAIN') {
            // A pipe that is full and not blocking: wait for its reader.
            Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
          } else if (codeOf(error) === 'EPIPE') {
            // A reader that has seen enough (`| head`) is no error, and changes no status.
            return;
          } else throw asSystemError(fd === 1 ? 'standard output' : 'standard error', error);
        }
      }
    },
  };
}

/** As `mkdir -p`, each folder readable by daemons whatever the umask. Links above are the user's own. */
function makeDirectory(path: string): void {
  if (fs.statSync(path, { throwIfNoEntry: false })) return;
  if (fs.lstatSync(path, { throwIfNoEntry: false })) {
    throw new SystemError('is-link', path, 'is a link to nothing');
  }
  makeDirectory(dirname(path));
  try {
    fs.mkdirSync(path, 0o755);
  } catch (error) {
    // /proc says that it is not there, where nothing can be made.
    if (codeOf(error) === 'ENOENT') throw new SystemError('refused', path, 'cannot be made');
    throw error;
  }
  fs.chmodSync(path, 0o755);
}

function readDescriptor(fd: number, path: string, limit: number): string {
  const stat = fs.fstatSync(fd);
  if (stat.isDirectory()) throw new SystemError('is-directory', path, 'is a directory');
  const chunks: Buffer[] = [];
  let size = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(Math.min(Math.max(stat.size - size + 1, 65536), limit + 1));
    let count: number;
    try {
      count = fs.readSync(fd, chunk);
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      continue;
    }
    if (count === 0) break;
    size += count;
    if (size > limit) {
      throw new SystemError('too-large', path, `is larger than ${limit / 1024 / 1024} MiB`);
    }
    chunks.push(chunk.subarray(0, count));
  }
  const bytes = Buffer.concat(chunks);
  if (!isUtf8(bytes)) throw new SystemError('not-utf8', path, 'is not UTF-8 text');
  return bytes.toString('utf8');
}

/**
 * Node has no `openat`. On Linux `/proc/self/fd/N/name` is the same thing: it resolves the name
 * in the directory that is open, even if its path means another one by now.
 */
function directory(fd: number, path: string): Directory {
  const at = (name: string): string => {
    if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) {
      throw new Error(`not a single name: ${JSON.stringify(name)}`);
    }
    return `/proc/self/fd/${fd}/${name}`;
  };
  const shown = (name: string): string => `${path === '/' ? '' : path}/${name}`;
  const kindOf = (name: string): ReturnType<Directory['kindOf']> => {
    const stat = fs.lstatSync(at(name), { throwIfNoEntry: false });
    if (!stat) return undefined;
    if (stat.isSymbolicLink()) return 'link';
    return stat.isDirectory() ? 'directory' : stat.isFile() ? 'file' : 'other';
  };
  const enter = (name: string): Directory | undefined => {
    switch (kindOf(name)) {
      case undefined:
        return undefined;
      case 'link':
        throw new SystemError('is-link', shown(name), 'is a symbolic link');
      case 'directory':
        return directory(fs.openSync(at(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW), shown(name));
      default:
        throw new SystemError('not-directory', shown(name), 'is not a directory');
    }
  };
  return {
    path,
    kindOf: (name) => attempt(shown(name), () => kindOf(name)),
    enter: (name) => attempt(shown(name), () => enter(name)),
    enterOrCreate: (name) =>
      attempt(shown(name), () => {
        const there = enter(name);
        if (there) return there;
        fs.mkdirSync(at(name), 0o700);
        const made = fs.openSync(at(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
        // The umask must not make it unreadable for a daemon that is not root.
        fs.fchmodSync(made, 0o755);
        return directory(made, shown(name));
      }),
    read: (name, limit) =>
      attempt(shown(name), () => {
        const file = fs.openSync(at(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
        try {
          const text = readDescriptor(file, shown(name), limit);
          return { text, mode: fs.fstatSync(file).mode & 0o7777 };
        } finally {
          fs.closeSync(file);
        }
      }),
    create: (name, mode, text) =>
      attempt(shown(name), () => {
        const file = fs.openSync(at(name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
        try {
          // Before the first byte, and whatever the umask: a secret is never readable for a
          // moment, and networkd skips what it may not read.
          fs.fchmodSync(file, mode);
          fs.writeFileSync(file, text);
          fs.fsyncSync(file);
        } finally {
          fs.closeSync(file);
        }
      }),
    chmod: (name, mode) =>
      attempt(shown(name), () => {
        const file = fs.openSync(at(name), O_RDONLY | O_NOFOLLOW);
        try {
          fs.fchmodSync(file, mode);
        } finally {
          fs.closeSync(file);
        }
      }),
    rename: (from, to) => attempt(shown(to), () => fs.renameSync(at(from), at(to))),
    remove: (name) => attempt(shown(name), () => fs.unlinkSync(at(name))),
    sync: () => attempt(path, () => fs.fsyncSync(fd)),
    close: () => fs.closeSync(fd),
  };
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined;

const KINDS: Readonly<Record<string, SystemErrorKind>> = {
  ENOENT: 'not-found',
  ENOTDIR: 'not-directory',
  EISDIR: 'is-directory',
  ELOOP: 'is-link',
  EEXIST: 'exists',
};

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  ENOTDIR: 'is not a directory',
  EISDIR: 'is a directory',
  ELOOP: 'is a symbolic link',
  EEXIST: 'is there already',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'disk quota exceeded',
  EROFS: 'the file system is read-only',
  EIO: 'input/output error',
  ENAMETOOLONG: 'the name is too long',
};

function asSystemError(path: string, error: unknown): unknown {
  if (error instanceof SystemError) return error;
  const code = codeOf(error);
  // Without a code it is no answer of the system, but a mistake of ours.
  if (code === undefined || code.startsWith('ERR_INVALID')) return error;
  return new SystemError(KINDS[code] ?? 'refused', path, REASONS[code] ?? code);
}

function attempt<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw asSystemError(path, error);
  }
}

/** The folder at which a search for the intent ends: the root of the repository, or home. */
export function searchLimit(from: string, home: string | undefined): string {
  let folder = resolve(from);
  for (;;) {
    if (folder === home || fs.existsSync(`${folder}/.git`)) return folder;
    const above = dirname(folder);
    // Neither a repository nor home: what lies in other people's folders is not asked.
    if (above === folder) return resolve(from);
    folder = above;
  }
}
