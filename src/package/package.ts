/** What packagings are made of: files with their rights, and how they take effect on a host. */
import type { DocumentDiagnostic } from '../report/output.ts';
import type { RenderedFile } from '../view/rendered.ts';

/** One way's files of one host, with all that a packaging says of them. */
export interface Package {
  readonly backend: string;
  /** Empty where the intent has none. */
  readonly host: string;
  /** Of a fleet: the folder that is the host's, its name. Absent: what there is, is of one host. */
  readonly folder?: string;
  /** In the order in which they take effect. */
  readonly files: readonly PackagedFile[];
  /** The command line that makes the files take effect at the end of a first boot. */
  readonly activate: string;
  /** What would else hold from the next boot on only; may complain of links not yet there. */
  readonly settle: readonly string[];
  /** The script that keeps, activates, rolls back and confirms on a host that runs. */
  readonly change: string;
  /** Command lines that succeed where the running network is the intent's. */
  readonly verify: readonly string[];
  /** NICs that others may have configured before. */
  readonly nics: readonly string[];
}

export interface PackagedFile extends Pick<RenderedFile, 'path' | 'mode' | 'role' | 'text'> {
  /** Where in the intent it comes from: the places of its values, each once. */
  readonly origins: readonly Origin[];
}

export interface Origin {
  /** Keys from the top of the intent: `['shims', 'veth0', 'parent']`. */
  readonly path: readonly (string | number)[];
  /** The file of the intent. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
}

/** Every file is root's. */
export const OWNER = 'root';

/** A file of the packaging itself: `/`-separated, relative to where it is unpacked. */
export interface Member {
  readonly path: string;
  readonly mode: RenderedFile['mode'];
  readonly text: string;
  /** Whose it is alone. */
  readonly host?: string;
}

/** One way in which rendered files leave on standard output. */
export interface Packaging {
  /** As `--format` takes it. */
  readonly id: string;
  /** What it is; half a line, for `--help`. */
  readonly summary: string;
  /** Whether several ways, or one alone, go into it. */
  readonly takesSeveral: boolean;
  /** Whether its text is of several hosts, or of one alone. */
  readonly takesHosts: boolean;
  /** Whether it activates what it brings, as only what makes a host's network for good can be. */
  readonly activates: boolean;
  /**
   * All of it, for standard output; what tar(1) reads has its zero bytes in it.
   * @param diagnostics what was reported of the intent, for a format that holds it
   */
  text(packages: readonly Package[], diagnostics?: readonly DocumentDiagnostic[]): string;
  /**
   * Where it is a directory of its own, which `--output` writes: what is in there.
   * @param fleet the names of all hosts of the fleet, also of those that are not in the packages
   */
  members?(packages: readonly Package[], fleet?: readonly string[]): Member[];
  /** Names that no host may have there. */
  readonly reserved?: readonly string[];
  /** How long the name of a host may be: it is part of the name of a file. */
  readonly longest?: number;
  /** In that directory: where the files of a host lie as they do on the host. */
  treeOf?(item: Package): readonly string[];
}

/** The one that a packaging for one way of one host is given. */
export function only(packages: readonly Package[]): Package {
  const [first, ...others] = packages;
  if (!first || others.length > 0) throw new Error('a packaging for one way takes one');
  return first;
}

/** A file of each host; in a folder of the host's, where there are several. */
export const memberOfEach = (
  packages: readonly Package[],
  name: string,
  textOf: (item: Package) => string,
): Member[] =>
  packages.map((item) => ({
    path: item.folder === undefined ? name : `${item.folder}/${name}`,
    mode: 0o644,
    text: textOf(item),
    host: item.host,
  }));
