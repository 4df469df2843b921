/**
 * The world, as the command sees it. `node.ts` is the implementation for Node; another runtime
 * brings its own. Nothing else reads, writes, or asks who and where it is.
 */

export interface System {
  /** What stands behind the name of the command. */
  readonly args: readonly string[];
  /** An environment variable. */
  env(name: string): string | undefined;
  readonly stdout: Output;
  readonly stderr: Output;
  /** A clock that never goes back, for showing how far a run is; nothing that is rendered sees it. */
  milliseconds(): number;
  /**
   * The text of a file, or of standard input for `-`.
   * @throws SystemError `too-large` above `limit` bytes, `not-utf8`, `is-directory`, `not-found` …
   */
  readText(path: string, limit: number): string;
  /**
   * The text of a file as it was at a revision of the git repository around the working
   * directory: of `main:macvtap.yaml`, the part before the first colon and the part after it.
   * @throws SystemError `not-found` where git knows no such revision or file; `is-directory`;
   *   `refused` without git
   */
  readRevision(revision: string, path: string, limit: number): Promise<string>;
  /** As `readRevision`, of a directory: the files whose paths from there are wanted. */
  readRevisionTree(
    revision: string,
    path: string,
    wanted: RegExp,
    limit: number,
  ): Promise<readonly RevisionFile[]>;
  /**
   * The nearest file with one of these names (relative to each folder asked), from the working
   * directory up to the root of the repository or the home folder. Reads data only.
   */
  search(names: readonly string[]): Promise<string | undefined>;
  /** A directory that the user named; made, with what leads to it, if it is not there. */
  openDirectory(path: string): Directory;
  /** As `openDirectory`; undefined where there is none, and nothing is made. */
  openExisting(path: string): Directory | undefined;
  /**
   * Runs a program to its end: no shell, in the C locale, with the folders of an administrator's
   * programs in its search path.
   * @param program a name to search for, or an absolute path
   * @throws SystemError `not-found` without such a program; `too-large` where it prints more than
   *   `limitBytes`; `refused` where it cannot be started
   */
  run(program: string, args: readonly string[], options?: RunOptions): ProgramResult;
  /** What follows is large: memory counts more than a little time. */
  saveMemory?(): Promise<void>;
  /** Waits; nothing else runs meanwhile. */
  sleep(milliseconds: number): void;
  /**
   * Waits until a line is entered at standard input. `0` discards what was entered before.
   * @returns `closed` where nobody can enter anything: standard input has ended, or the session has
   */
  waitForEnter(milliseconds: number): 'enter' | 'timeout' | 'closed';
  /**
   * Runs it to its end, or until Ctrl-C (SIGINT): undefined. It may stop anywhere, without its
   * `finally`: it only looks, or leaves the acting to a program.
   */
  untilInterrupt<T>(act: () => T): T | undefined;
}

export interface RunOptions {
  /** What it reads; by default nothing. */
  readonly input?: string;
  /** When it is killed; by default never. */
  readonly timeoutMs?: number;
  /** Of each of its two outputs; 16 MiB by default. */
  readonly limitBytes?: number;
  /** Variables besides those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface ProgramResult {
  /** Undefined where it was killed: by a signal, or when its time was up. */
  readonly status: number | undefined;
  /** Bytes that are not UTF-8 are replaced by U+FFFD. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface RevisionFile {
  /** From the directory that was asked for. */
  readonly path: string;
  readonly text: string;
  /** It is a symbolic link, and `text` is where it leads. */
  readonly isLink: boolean;
}

export interface Output {
  readonly isTerminal: boolean;
  /** Writes all of it, unless nobody reads any more. @throws SystemError, e.g. on a full disk */
  write(text: string): void;
}

/** Permission bits and owner, of a file or a directory. */
export interface Rights {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export type EntryKind = 'file' | 'directory' | 'link' | 'other';

/**
 * An open directory. Names are single components; none of these calls follows a symbolic link,
 * nor leaves the directory that was opened, whatever happens to its path meanwhile.
 */
export interface Directory {
  /** How messages call it. */
  readonly path: string;
  /** Its own mode and owner. */
  rights(): Rights;
  /** Whether it is the root of the host that runs, however its path is written. */
  isRoot(): boolean;
  /** What is there under this name. */
  kindOf(name: string): EntryKind | undefined;
  /** The names in it, sorted as byte strings are. */
  list(): readonly string[];
  /** As `list`, with what is there under each name. */
  entries(): ReadonlyMap<string, EntryKind>;
  /** A directory below it, or undefined where there is none. @throws SystemError where it is a link or a file */
  enter(name: string): Directory | undefined;
  /** As `enter`; made with mode 0755, for good, if it is not there. */
  enterOrCreate(name: string): Directory;
  /** As `enterOrCreate`, of one that is not there; mode 0755 by default. @throws SystemError `exists` */
  enterNew(name: string, mode?: number): Directory;
  /** A file's text, mode and owner. @throws SystemError, as `System.readText` does */
  read(name: string, limit: number): { readonly text: string } & Rights;
  /** As `read`, whatever the bytes are. @throws SystemError */
  readBytes(name: string, limit: number): { readonly bytes: Uint8Array } & Rights;
  /** Where a symbolic link points to, as it is written. */
  readLink(name: string): string;
  /**
   * A new file, with its mode before its first byte, written and synced. Fails if it is there.
   * Where root writes into a directory of root, owner and group are root, unless `owner` names others.
   */
  create(
    name: string,
    mode: number,
    content: string | Uint8Array,
    owner?: Pick<Rights, 'uid' | 'gid'>,
  ): void;
  /** A new symbolic link. Fails if the name is taken. */
  createLink(name: string, to: string): void;
  /** A second name for what is there, whatever it is. Fails if the name is taken. */
  link(from: string, to: string): void;
  rename(from: string, to: string): void;
  /**
   * As `rename`, of a file, to a name that is not taken, even by somebody faster.
   * @throws SystemError `exists`
   */
  renameNew(from: string, to: string): void;
  remove(name: string): void;
  /** Removes a directory in which nothing is left. */
  removeDirectory(name: string): void;
  /** Waits until names are on the disk. */
  sync(): void;
  /**
   * Keeps other runs out of this directory until it is called back; a process that ended, in
   * whatever way, holds none. Waits for another run, but not for ever.
   * @returns what gives it back
   * @throws SystemError `locked`
   */
  lock(): () => void;
  close(): void;
}

export type SystemErrorKind =
  | 'not-found'
  | 'is-directory'
  | 'not-utf8'
  | 'too-large'
  | 'is-link'
  | 'not-directory'
  | 'exists'
  | 'locked'
  | 'refused';

/** The system refused: an unreadable file, a full disk, an unexpected symbolic link. */
export class SystemError extends Error {
  readonly kind: SystemErrorKind;
  readonly path: string;

  constructor(kind: SystemErrorKind, path: string, message: string) {
    super(message);
    this.kind = kind;
    this.path = path;
  }
}
