/** The functions of posix.c, which main.c puts into the global `posixCalls`. */

/** [mode, uid, gid, size, dev, ino] */
export type StatList = readonly [number, number, number, number, string, string];

export interface Posix {
  /** The words after the name of the program; set before `main` is called. */
  readonly args: readonly string[];
  /** What main.c calls to run the program. */
  main: () => Promise<void>;
  /** Of fcntl.h and unistd.h. */
  readonly constants: Readonly<
    Record<
      | 'R_OK'
      | 'O_RDONLY'
      | 'O_WRONLY'
      | 'O_CREAT'
      | 'O_EXCL'
      | 'O_NONBLOCK'
      | 'O_NOFOLLOW'
      | 'O_DIRECTORY',
      number
    >
  >;
  /** UTF-8; a lone surrogate becomes U+FFFD. */
  encode(text: string): ArrayBuffer;
  /** What is not UTF-8 becomes U+FFFD. */
  decode(buffer: ArrayBufferLike, offset: number, length: number): string;
  isUtf8(buffer: ArrayBufferLike, offset: number, length: number): boolean;
  open(path: string, flags: number, mode: number): number;
  read(buffer: ArrayBufferLike, offset: number, length: number, fd: number): number;
  write(buffer: ArrayBufferLike, offset: number, length: number, fd: number): number;
  close(fd: number): void;
  fsync(fd: number): void;
  fchmod(fd: number, mode: number): void;
  fchown(fd: number, uid: number, gid: number): void;
  fstat(fd: number): StatList;
  stat(path: string): StatList;
  lstat(path: string): StatList;
  unlink(path: string): void;
  rmdir(path: string): void;
  mkdir(path: string, mode: number): void;
  access(path: string, mode: number): void;
  link(from: string, to: string): void;
  symlink(to: string, name: string): void;
  rename(from: string, to: string): void;
  readlink(path: string): string;
  /** Names and their `DT_…`, by turns. */
  readdir(path: string): readonly (string | number)[];
  getcwd(): string;
  umask(mask: number): number;
  geteuid(): number;
  getpid(): number;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** @throws Error EINTR while interrupts are caught and there was one */
  sleep(milliseconds: number): void;
  /**
   * Whether SIGINT ends a sleep instead of the process.
   * @returns whether there was one since the last call
   */
  catchInterrupt(isWanted: boolean): boolean;
  /** `NAME=VALUE` */
  environ(): readonly string[];
  /**
   * Runs a program to its end; the first word is searched for in the PATH of `env`.
   * @returns errno's name or '', its status or -1, standard output, standard error
   */
  spawn(
    input: ArrayBufferLike,
    offset: number,
    length: number,
    words: readonly string[],
    env: readonly string[],
    limitBytes: number,
    timeoutMs: number,
  ): readonly [string, number, ArrayBuffer, ArrayBuffer];
  /** What the process ends with. */
  status(status: number): void;
}

declare global {
  var posixCalls: Posix;
}

export const posix = globalThis.posixCalls;
