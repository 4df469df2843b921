/** `Directory` on Node. */
import * as fs from 'node:fs';
import { type Directory, type EntryKind, type Rights, SystemError } from '../system.ts';
import { attempt, codeOf } from './error.ts';
import { lock } from './lock.ts';
import { readAll, readDescriptor } from './read.ts';

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_DIRECTORY, O_NONBLOCK } = fs.constants;

const kindFrom = (
  item: Pick<fs.Dirent, 'isSymbolicLink' | 'isDirectory' | 'isFile'>,
): EntryKind => {
  if (item.isSymbolicLink()) return 'link';
  return item.isDirectory() ? 'directory' : item.isFile() ? 'file' : 'other';
};

const rightsOf = ({ mode, uid, gid }: fs.Stats): Rights => ({ mode: mode & 0o7777, uid, gid });

/** The umask. It can be read only by setting it (umask(2)). */
export function umaskNow(): number {
  const mask = process.umask(0o022);
  process.umask(mask);
  return mask;
}

/**
 * A new directory that a daemon can read which is not root, whatever the umask, from its first
 * moment: one that an interruption leaves behind is used by the next run as it is.
 */
export function makeReadable(path: string, mask: number, mode = 0o755): void {
  if ((mode & mask) === 0) {
    fs.mkdirSync(path, mode);
    return;
  }
  const before = process.umask(0o022);
  try {
    fs.mkdirSync(path, mode);
  } finally {
    process.umask(before);
  }
}

/**
 * As root, in a directory of root's: what is made there is root's, even where the group is inherited.
 * Whether it would be another's is asked of the first file: it is the same for all in the directory.
 */
function rootsFiles(folder: number): (file: number) => void {
  let isOthers: boolean | undefined;
  const wouldBeOthers = (file: number): boolean => {
    if (process.geteuid?.() !== 0 || fs.fstatSync(folder).uid !== 0) return false;
    const { uid, gid } = fs.fstatSync(file);
    return uid !== 0 || gid !== 0;
  };
  return (file) => {
    isOthers ??= wouldBeOthers(file);
    if (isOthers) fs.fchownSync(file, 0, 0);
  };
}

/**
 * Node has no `renameat2`: link(2) refuses a name that is taken, in the same instant. A file system
 * without hard links (vfat) answers EPERM; there, looking first is the best that there is.
 */
function renameNew(from: string, to: string): void {
  try {
    fs.linkSync(from, to);
  } catch (error) {
    if (!NO_HARD_LINKS.has(codeOf(error) ?? '')) throw error;
    if (fs.lstatSync(to, { throwIfNoEntry: false })) {
      throw Object.assign(new Error('taken'), { code: 'EEXIST' });
    }
    fs.renameSync(from, to);
    return;
  }
  fs.unlinkSync(from);
}

const NO_HARD_LINKS: ReadonlySet<string> = new Set(['EPERM', 'EOPNOTSUPP', 'ENOTSUP', 'ENOSYS']);

/** How often a folder is created again that another run removes. */
const TRIES = 100;

/** Undefined where another program removes it between a look at it and its opening. */
function unlessGone<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Node has no `openat`. On Linux `/proc/self/fd/N/name` is the same thing: it resolves the name
 * in the directory that is open, even if its path means another one by now.
 */
export function directory(fd: number, path: string, mask: number): Directory {
  const here = `/proc/self/fd/${fd}/`;
  const belongsToRoot = rootsFiles(fd);
  const at = (name: string): string => {
    const isSingle = name !== '' && !name.includes('/') && !name.includes('\0');
    if (!isSingle || name === '.' || name === '..') {
      throw new Error(`not a single name: ${JSON.stringify(name)}`);
    }
    return here + name;
  };
  const shown = (name: string): string => `${path === '/' ? '' : path}/${name}`;
  const kindOf = (name: string): EntryKind | undefined => {
    const stat = fs.lstatSync(at(name), { throwIfNoEntry: false });
    return stat && kindFrom(stat);
  };
  const opened = (name: string): Directory => {
    const inner = fs.openSync(at(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    return directory(inner, shown(name), mask);
  };
  const enter = (name: string): Directory | undefined => {
    switch (kindOf(name)) {
      case undefined:
        return undefined;
      case 'link':
        throw new SystemError('is-link', shown(name), 'is a symbolic link');
      case 'directory':
        return unlessGone(() => opened(name));
      default:
        throw new SystemError('not-directory', shown(name), 'is not a directory');
    }
  };
  return {
    path,
    kindOf: (name) => attempt(shown(name), () => kindOf(name)),
    enter: (name) => attempt(shown(name), () => enter(name)),
    rights: () => attempt(path, () => rightsOf(fs.fstatSync(fd))),
    isRoot: () =>
      attempt(path, () => {
        const [here, root] = [fs.fstatSync(fd), fs.statSync('/')];
        return here.dev === root.dev && here.ino === root.ino;
      }),
    list: () => attempt(path, () => fs.readdirSync(`/proc/self/fd/${fd}`).sort()),
    entries: () =>
      attempt(path, () => {
        const entries = fs.readdirSync(here, { withFileTypes: true });
        entries.sort((a, b) => (a.name < b.name ? -1 : 1));
        return new Map(entries.map((entry) => [entry.name, kindFrom(entry)]));
      }),
    enterOrCreate: (name) =>
      attempt(shown(name), () => {
        for (let tries = TRIES; ; tries -= 1) {
          const there = enter(name);
          if (there) return there;
          try {
            makeReadable(at(name), mask);
          } catch (error) {
            // Another run may have been faster.
            if (codeOf(error) !== 'EEXIST') throw error;
          }
          fs.fsyncSync(fd);
          // And one that fails removes it again while it is empty.
          const made = tries > 0 ? unlessGone(() => opened(name)) : opened(name);
          if (made) return made;
        }
      }),
    enterNew: (name, mode) =>
      attempt(shown(name), () => {
        makeReadable(at(name), mask, mode);
        fs.fsyncSync(fd);
        return opened(name);
      }),
    read: (name, limit) =>
      attempt(shown(name), () => {
        const file = fs.openSync(at(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
        try {
          const stat = fs.fstatSync(file);
          return { text: readDescriptor(file, shown(name), limit, stat), ...rightsOf(stat) };
        } finally {
          fs.closeSync(file);
        }
      }),
    readBytes: (name, limit) =>
      attempt(shown(name), () => {
        const file = fs.openSync(at(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
        try {
          const stat = fs.fstatSync(file);
          return { bytes: readAll(file, shown(name), limit, stat), ...rightsOf(stat) };
        } finally {
          fs.closeSync(file);
        }
      }),
    readLink: (name) => attempt(shown(name), () => fs.readlinkSync(at(name))),
    create: (name, mode, content, owner) =>
      attempt(shown(name), () => {
        const file = fs.openSync(at(name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
        try {
          // Before the first byte, and whatever the umask: a secret is never readable for a
          // moment, and networkd skips what it may not read.
          if (owner) fs.fchownSync(file, owner.uid, owner.gid);
          else belongsToRoot(file);
          fs.fchmodSync(file, mode);
          fs.writeFileSync(file, content);
          fs.fsyncSync(file);
        } finally {
          fs.closeSync(file);
        }
      }),
    createLink: (name, to) => attempt(shown(name), () => fs.symlinkSync(to, at(name))),
    link: (from, to) => attempt(shown(to), () => fs.linkSync(at(from), at(to))),
    rename: (from, to) => attempt(shown(to), () => fs.renameSync(at(from), at(to))),
    renameNew: (from, to) => attempt(shown(to), () => renameNew(at(from), at(to))),
    remove: (name) => attempt(shown(name), () => fs.unlinkSync(at(name))),
    removeDirectory: (name) => attempt(shown(name), () => fs.rmdirSync(at(name))),
    sync: () => attempt(path, () => fs.fsyncSync(fd)),
    lock: () => attempt(path, () => lock(`/proc/self/fd/${fd}`, path)),
    close: () => {
      try {
        fs.closeSync(fd);
      } catch {
        // What was written is synced by itself: closing what was only looked into says nothing.
      }
    },
  };
}
