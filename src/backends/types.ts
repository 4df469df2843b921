/** What every back end gives and takes. */
import type { Diagnostic, Path } from '../diagnostics.ts';
import type { Model } from '../model/types.ts';
import type { Activation } from './activation.ts';
import type { Finding, HostFile, Watch } from './foreign.ts';
import type { Daemon, Owner, Target } from './target.ts';

/**
 * One value in a file, encoded for the format it stands in, and why it stands there.
 *
 *     MACVLAN=veth0      text `veth0`, why "the shim is created on top of this link",
 *                        authority "systemd.network(5), [Network] MACVLAN="
 */
export interface Entry {
  readonly text: string;
  readonly why: string;
  /** Manual page and key, or kernel document. */
  readonly authority: string;
  /** Where in the intent it comes from. */
  readonly origin: Path;
}

/** What a template prints: entries, and lists and groups of them. Absent means not printed. */
export interface View {
  readonly [key: string]: Entry | View | readonly (Entry | View)[] | undefined;
}

export const isEntry = (value: Entry | View): value is Entry => typeof value['why'] === 'string';

/** Makes an entry. A value can never become a second line: that would be a bug of ours. */
export function entry(text: string | number, why: string, authority: string, origin: Path): Entry {
  const line = String(text);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (line === '' || /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(line)) {
    throw new Error(`a value must be one line of text: ${JSON.stringify(line)} (${path(origin)})`);
  }
  return { text: line, why, authority, origin };
}

const path = (origin: Path): string => origin.join('.');

/** The group, or nothing where it would be empty: a section without keys says nothing. */
export function definedOnly(group: View): View | undefined {
  return Object.values(group).some((value) => value !== undefined) ? group : undefined;
}

/**
 * When a file takes effect, in an installation that is interrupted: files are put in place in
 * this order, and after each one the host must come up reachable.
 */
export const RANK = {
  /** Devices and settings that nothing refers to yet. */
  device: 10,
  setting: 20,
  /** The shim's addresses. */
  shim: 30,
  /** What boot waits for. */
  boot: 40,
  /** The parent's file: it makes the arrangement. Links that stand on others come before those. */
  parent: 80,
  /** What keeps other systems off: not before there is something in the place of what they made. */
  keepOff: 90,
} as const;

export interface RenderedFile {
  /** Absolute, on the target. */
  readonly path: string;
  readonly mode: 0o600 | 0o644 | 0o755;
  readonly text: string;
  /** Whether the arrangement fails without it, or it is advisable only. */
  readonly role: 'essential' | 'companion';
  /** See `RANK`; less is earlier. */
  readonly rank: number;
  /** Why the file is there at all; its headers and sections are explained by this. */
  readonly about: Entry;
  /** The entry that the file is for: a version that does not know it gets no such file. */
  readonly hinge?: Entry;
  /** What it was printed from: `explain` prints it again, with marks. */
  readonly template: string;
  readonly view: View;
  /**
   * Of a script, whose sentences take several lines: the first entry of a paragraph, in the comment
   * at its head, is the reason of the lines below it that have none of their own.
   */
  readonly hasParagraphs?: true;
}

export interface Backend {
  /** The way, as `--backend` takes it. */
  readonly id: string;
  /** One line, for `--help`. */
  readonly summary: string;
  /** What it is for: the host's network for good, a trial of it until the next boot, or guests. */
  readonly scope: 'host' | 'trial' | 'guests';
  /** Its own directory, for which `--output` stands. */
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
  /** Where on a host other files may lie that fight with ours. */
  readonly watches: readonly Watch[];
  /**
   * What of them does, and what to do about it.
   * @param rendered what `render` gave
   * @param files what is at `watches`, without what is ours
   */
  judge(model: Model, rendered: readonly RenderedFile[], files: readonly HostFile[]): Finding[];
}
