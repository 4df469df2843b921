/** The input of packagings: files with their modes, and how they take effect on a host. */
import type { DocumentDiagnostic } from '../report/output.ts';
import type { RenderedFile } from '../view/rendered.ts';

/** The files of one back end for one host, with all that a packaging needs. */
export interface Package {
  readonly backend: string;
  /** Empty if the intent has none. */
  readonly host: string;
  /** Of a fleet: the name of the host's folder. Absent: not a fleet. */
  readonly folder?: string;
  /** In the order in which they take effect. */
  readonly files: readonly PackagedFile[];
  /** The command line that makes the files take effect at the end of a first boot. */
  readonly activate: string;
  /** Settings that otherwise apply from the next boot on; may fail for links that do not exist yet. */
  readonly settle: readonly string[];
  /** The change script: keeps, activates, rolls back and confirms on a running host. */
  readonly change: string;
  /** Command lines that succeed if the running network matches the intent. */
  readonly verify: readonly string[];
  /** NICs that another system may have configured before. */
  readonly nics: readonly string[];
  /** Whether there is a parent that others configure: cloud-init may be one of them. */
  readonly hasUnmanaged: boolean;
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
  /** The only host that it is for. */
  readonly host?: string;
}

/** A host of a fleet, whether it is packaged or not. */
export interface FleetHost {
  readonly name: string;
  /** The back end for its network, where the intent names one: of a fleet of several systems. */
  readonly backend?: string;
}

/** One format of the output. */
export interface Packaging {
  /** The value of `--format`. */
  readonly id: string;
  /** Half a line, for `--help`. */
  readonly summary: string;
  /** Whether it holds several back ends, or one only. */
  readonly takesSeveral: boolean;
  /** Whether it holds several hosts, or one only. */
  readonly takesHosts: boolean;
  /** Whether it activates the files, so that it takes only back ends of a host's network. */
  readonly activates: boolean;
  /**
   * All of it, for standard output; what tar(1) reads has its zero bytes in it.
   * @param diagnostics what was reported of the intent, for a format that holds it
   */
  text(packages: readonly Package[], diagnostics?: readonly DocumentDiagnostic[]): string;
  /**
   * Where it is a directory of its own, which `--output` writes: what is in there.
   * @param fleet all hosts of the fleet, also those that are not in the packages
   */
  members?(packages: readonly Package[], fleet?: readonly FleetHost[]): Member[];
  /** Names that no host may have there. */
  readonly reserved?: readonly string[];
  /** How long the name of a host may be: it is part of the name of a file. */
  readonly longest?: number;
  /** In that directory: where the files of a host lie as they do on the host. */
  treeOf?(item: Package): readonly string[];
}

/** The only package, for a packaging of one back end and host. */
export function only(packages: readonly Package[]): Package {
  const [first, ...others] = packages;
  if (!first || others.length > 0) throw new Error('a packaging for one back end takes one');
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
