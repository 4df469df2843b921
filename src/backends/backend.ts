/** What every back end gives and takes. */
import type { Diagnostic, DiagnosticCode } from '../diagnostics/diagnostic.ts';
import type { Finding } from '../diagnostics/finding.ts';
import type { Model } from '../model/types.ts';
import type { Daemon, Owner, Target } from '../targets/target.ts';
import type { Place } from '../view/place.ts';
import type { RenderedFile } from '../view/rendered.ts';
import type { HostFile, Watch } from './host/foreign.ts';
import type { Activation } from './shared/activation.ts';
import type { Reader } from './shared/file-links.ts';

/** A file of others, without what the generated files replace. */
export interface Edited {
  /** Absolute, on the target. */
  readonly path: string;
  /** @returns undefined where nothing of the model's links is in it */
  readonly without: (text: string, model: Model) => string | undefined;
  /** Codes of findings at the file that are gone with it. */
  readonly solves: ReadonlySet<DiagnosticCode>;
  /** Where the system has files like it. */
  readonly watches: readonly Watch[];
  /**
   * Files that the user gives up (`apply --move FILE`), which have other links' settings, too.
   * @returns undefined where none of them is such a file
   */
  readonly replace: (
    files: readonly HostFile[],
    model: Model,
    named: readonly string[],
  ) => Replaced | undefined;
  /** Codes of findings at a file that is given up, which are gone with what `replace` removes. */
  readonly replaceSolves: ReadonlySet<DiagnosticCode>;
}

/** What becomes of files that the user gives up. */
export interface Replaced {
  /** What is left of them, by path. */
  readonly texts: ReadonlyMap<string, string>;
  /** Those that have nothing left. */
  readonly moved: readonly string[];
  /** Links that go down by the old files first, each after what it is on top of; none without a bridge. */
  readonly links: readonly string[];
  /** Why the files cannot be changed so. */
  readonly problem?: { readonly message: string; readonly hint: string };
}

export interface Backend {
  /** As `--backend` takes it. */
  readonly id: string;
  /** One line, for `--help`. */
  readonly summary: string;
  /** What it is for: the host's network for good, a trial of it until the next boot, or guests. */
  readonly scope: 'host' | 'trial' | 'guests';
  /** Its own directory, which `--output` takes the place of. */
  readonly directory: string;
  /**
   * What must be there for it, the system that owns the network last. Nothing where the files are
   * for people to run or to hand on, and lie in wait for no daemon.
   */
  readonly needs: readonly Owner[];
  /** Whose versions decide what it can write; none where it keeps to what every version knows. */
  readonly daemons: readonly Daemon[];
  /** What this system cannot express of the model, in these versions. */
  check(model: Model, target: Target): Diagnostic[];
  /**
   * The files, for a model that `check` found no error in; cannot fail, whatever the model.
   * What is written for newer versions alone is taken out afterwards (`fit.ts`).
   */
  render(model: Model, target: Target): RenderedFile[];
  /** How what was written takes effect on a host that runs. */
  activation(model: Model): Activation;
  /** Where its files lie, and when each takes effect. */
  readonly places: readonly Place[];
  /** How its generated files are read; absent where they give no host its network. */
  readonly reader?: Reader;
  /** A file of others that activation changes, as the system adds it up with the generated ones. */
  readonly edits?: Edited;
  /** What nobody but people can do before an activation, or before a reboot alone; a sentence or two. */
  readonly byHand?: (model: Model) => { readonly activation: string; readonly reboot: string };
  /** Where on a host files of others may be that conflict with the generated ones. */
  readonly watches: readonly Watch[];
  /**
   * What of them does, and what to do about it.
   * @param rendered what `render` gave
   * @param files what is at `watches`, without generated files
   */
  judge(model: Model, rendered: readonly RenderedFile[], files: readonly HostFile[]): Finding[];
}
