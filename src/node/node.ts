/** `System` on Node. This and its `node-…` parts are what imports `node:`, besides the build. */
import * as fs from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Output, type System, SystemError } from '../system.ts';
import { directory, makeReadable, umaskNow } from './directory.ts';
import { waitForEnter } from './enter.ts';
import { attempt, codeOf, systemError } from './error.ts';
import { untilInterrupt } from './interrupt.ts';
import { runProgram } from './program.ts';
import { readDescriptor } from './read.ts';
import { sleep } from './sleep.ts';

const { O_RDONLY, O_DIRECTORY } = fs.constants;

export function nodeSystem(args: readonly string[], env: NodeJS.ProcessEnv): System {
  return {
    args,
    env: (name) => env[name],
    stdout: output(1),
    stderr: output(2),
    milliseconds() {
      // Node loads `performance` when it is first used: 0.8 ms.
      const [seconds, nanoseconds] = process.hrtime();
      return seconds * 1000 + nanoseconds / 1e6;
    },
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
    async readRevision(revision, path, limit) {
      const { readRevision } = await import('./git.ts');
      return readRevision(revision, path, limit);
    },
    async readRevisionTree(revision, path, wanted, limit) {
      const { readRevisionTree } = await import('./git.ts');
      return readRevisionTree(revision, path, wanted, limit);
    },
    async search(names) {
      const { searchIntent } = await import('./search.ts');
      return searchIntent(names, env['HOME']);
    },
    openDirectory: (path) =>
      attempt(path, () => {
        const mask = umaskNow();
        makeDirectory(resolve(path), mask);
        return directory(fs.openSync(path, O_RDONLY | O_DIRECTORY), path, mask);
      }),
    openExisting: (path) =>
      attempt(path, () =>
        fs.statSync(path, { throwIfNoEntry: false })
          ? directory(fs.openSync(path, O_RDONLY | O_DIRECTORY), path, umaskNow())
          : undefined,
      ),
    async saveMemory() {
      const { keepHeapSmall } = await import('./heap.ts');
      keepHeapSmall();
    },
    run: (program, words, options) => runProgram(program, words, options, env),
    sleep,
    waitForEnter,
    untilInterrupt,
  };
}

function output(fd: number): Output {
  return {
    // `node:tty` would load the whole of `node:net`, a tenth of the start-up. What else is a
    // character device (/dev/null) nobody reads.
    get isTerminal() {
      try {
        return fs.fstatSync(fd).isCharacterDevice();
      } catch {
        // What cannot be looked at is written to anyway.
        return false;
      }
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
            sleep(5);
          } else if (codeOf(error) === 'EPIPE') {
            // A reader that closes the pipe (`| head`) is not an error, and does not change the status.
            return;
          } else throw systemError(fd === 1 ? 'standard output' : 'standard error', error);
        }
      }
    },
  };
}

/** As `mkdir -p`, each folder readable by daemons whatever the umask. Links above are the user's own. */
function makeDirectory(path: string, mask: number): void {
  if (fs.statSync(path, { throwIfNoEntry: false })) return;
  if (fs.lstatSync(path, { throwIfNoEntry: false })) {
    throw new SystemError('is-link', path, 'is a link to nothing');
  }
  makeDirectory(dirname(path), mask);
  try {
    makeReadable(path, mask);
  } catch (error) {
    // /proc says that it is not there, where nothing can be made.
    if (codeOf(error) === 'ENOENT') throw new SystemError('refused', path, 'cannot be made');
    throw error;
  }
}

/** The folder at which a search for the intent ends: the root of the repository, or home. */
export function searchLimit(from: string, home: string | undefined): string {
  let folder = resolve(from);
  for (;;) {
    if (folder === home || fs.existsSync(`${folder}/.git`)) return folder;
    const above = dirname(folder);
    // Neither a repository nor home: no search in folders of other users.
    if (above === folder) return resolve(from);
    folder = above;
  }
}
