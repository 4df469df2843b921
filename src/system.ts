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
  /**
   * The text of a file, or of standard input for `-`.
   * @throws SystemError `too-large` above `limit` bytes, `not-utf8`, `is-directory`, `not-found` …
   */
  readText(path: string, limit: number): string;
  /**
   * The nearest file with one of these names (relative to each folder asked), from the working
   * directory up to the root of the repository or the home folder. Reads data only.
   */
  search(names: readonly string[]): Promise<string | undefined>;
  /** A directory that the user named; made, with what leads to it, if it is not there. */
  openDirectory(path: string): Directory;
}

export interface Output {
  readonly isTerminal: boolean;
  /** Writes all of it, unless nobody reads any more. @throws SystemError, e.g. on a full disk */
  write(text: string): void;
}

/**
 * An open directory. Names are single components; none of these calls follows a symbolic link,
 * nor leaves the directory that was opened, whatever happens to its path meanwhile.
 */
export interface Directory {
  /** How messages call it. */
  readonly path: string;
  /** What is there under this name. */
  kindOf(name: string): 'file' | 'directory' | 'link' | 'other' | undefined;
  /** A directory below it, or undefined where there is none. @throws SystemError where it is a link or a file */
  enter(name: string): Directory | undefined;
  /** As `enter`; made with mode 0755 if it is not there. */
  enterOrCreate(name: string): Directory;
  /** A file's text and mode (permission bits). @throws SystemError, as `System.readText` does */
  read(name: string, limit: number): { text: string; mode: number };
  /** A new file, with its mode before its first byte, written and synced. Fails if it is there. */
  create(name: string, mode: number, text: string): void;
  chmod(name: string, mode: number): void;
  rename(from: string, to: string): void;
  remove(name: string): void;
  /** Waits until names are on the disk. */
  sync(): void;
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
  | 'refused';

/** The system said no: a file that cannot be read, a full disk, a link where none may be. */
export class SystemError extends Error {
  readonly kind: SystemErrorKind;
  readonly path: string;

  constructor(kind: SystemErrorKind, path: string, message: string) {
    super(message);
    this.kind = kind;
    this.path = path;
  }
}
