/**
 * What src/node/ uses of `node:fs`, with the meaning that Node's documentation gives it. Numbers
 * are those of Linux (sys/stat.h, dirent.h).
 */
import { Buffer } from './buffer.ts';
import { posix, type StatList } from './posix.ts';

/** Those of open(2) differ by architecture. */
export const { constants } = posix;

const [S_IFMT, S_IFLNK, S_IFREG, S_IFDIR, S_IFCHR] = [
  0o170000, 0o120000, 0o100000, 0o040000, 0o020000,
];

export class Stats {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly dev: string;
  readonly ino: string;

  constructor([mode, uid, gid, size, dev, ino]: StatList) {
    this.mode = mode;
    this.uid = uid;
    this.gid = gid;
    this.size = size;
    this.dev = dev;
    this.ino = ino;
  }

  isFile(): boolean {
    return (this.mode & S_IFMT) === S_IFREG;
  }

  isDirectory(): boolean {
    return (this.mode & S_IFMT) === S_IFDIR;
  }

  isSymbolicLink(): boolean {
    return (this.mode & S_IFMT) === S_IFLNK;
  }

  isCharacterDevice(): boolean {
    return (this.mode & S_IFMT) === S_IFCHR;
  }
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;

interface StatOptions {
  readonly throwIfNoEntry?: false;
}

/** As Node 26: a file in the place of a folder is nothing there, too (20 throws). */
function statOf(
  call: (path: string) => StatList,
  path: string,
  { throwIfNoEntry }: StatOptions,
): Stats | undefined {
  try {
    return new Stats(call(path));
  } catch (error) {
    const code = codeOf(error);
    if (throwIfNoEntry === false && (code === 'ENOENT' || code === 'ENOTDIR')) return undefined;
    throw error;
  }
}

export const statSync = (path: string, options: StatOptions = {}): Stats | undefined =>
  statOf(posix.stat, path, options);
export const lstatSync = (path: string, options: StatOptions = {}): Stats | undefined =>
  statOf(posix.lstat, path, options);
export const fstatSync = (fd: number): Stats => new Stats(posix.fstat(fd));

export function existsSync(path: string): boolean {
  try {
    posix.access(path, 0);
    return true;
  } catch {
    return false;
  }
}

export const accessSync = (path: string, mode: number): void => posix.access(path, mode);
export const openSync = (path: string, flags: number, mode = 0o666): number =>
  posix.open(path, flags, mode);
export const closeSync = (fd: number): void => posix.close(fd);
export const fsyncSync = (fd: number): void => posix.fsync(fd);
export const fchmodSync = (fd: number, mode: number): void => posix.fchmod(fd, mode);
export const fchownSync = (fd: number, uid: number, gid: number): void =>
  posix.fchown(fd, uid, gid);

export const readSync = (fd: number, { buffer, byteOffset, byteLength }: Uint8Array): number =>
  posix.read(buffer, byteOffset, byteLength, fd);

export const writeSync = (
  fd: number,
  { buffer, byteOffset, byteLength }: Uint8Array,
  from: number,
): number => posix.write(buffer, byteOffset + from, byteLength - from, fd);

/** All of it, to a file that is open. */
export function writeFileSync(fd: number, content: string | Uint8Array): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}

export const mkdirSync = (path: string, mode: number): void => posix.mkdir(path, mode);
export const rmdirSync = (path: string): void => posix.rmdir(path);
export const unlinkSync = (path: string): void => posix.unlink(path);
export const linkSync = (from: string, to: string): void => posix.link(from, to);
export const symlinkSync = (to: string, name: string): void => posix.symlink(to, name);
export const renameSync = (from: string, to: string): void => posix.rename(from, to);
export const readlinkSync = (path: string): string => posix.readlink(path);

export interface Dirent {
  readonly name: string;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

const DT_UNKNOWN = 0;
const DT_DIR = 4;
const DT_REG = 8;
const DT_LNK = 10;

export function readdirSync(path: string): string[];
export function readdirSync(path: string, options: { readonly withFileTypes: true }): Dirent[];
export function readdirSync(
  path: string,
  options?: { readonly withFileTypes: true },
): string[] | Dirent[] {
  const list = posix.readdir(path);
  const names = list.filter((_, index) => index % 2 === 0).map(String);
  if (!options) return names;
  return names.map((name, index) => {
    const type = list[index * 2 + 1];
    // Some file systems do not say (readdir(3)).
    const found =
      type === DT_UNKNOWN ? lstatSync(`${path}/${name}`, { throwIfNoEntry: false }) : undefined;
    return {
      name,
      isFile: () => type === DT_REG || found?.isFile() === true,
      isDirectory: () => type === DT_DIR || found?.isDirectory() === true,
      isSymbolicLink: () => type === DT_LNK || found?.isSymbolicLink() === true,
    };
  });
}
