/**
 * The library's public types, written by hand: this file is `dist/index.d.ts`, with `intent.d.ts` and
 * `names.d.ts` beside it. `macvtap-render help library` has an example of each function.
 *
 * Everything is plain data and synchronous, and no function touches the world: it runs in Node, in a
 * browser and in QuickJS. Wrong input never throws: it is reported in `diagnostics`.
 */

import type { FleetIntent, Intent } from './intent.js';
import type { BackendId, Format, TargetName } from './names.js';

/**
 * Compiles the intent of one host: text (YAML or JSON) or a value.
 * @returns the files for every back end that was asked for; no value if there is an error
 */
declare function compile(intent: string | Intent, options?: CompileOptions): Outcome<Host>;

/**
 * Compiles a fleet: one text, a value, or several files.
 * @returns the hosts if none has an error; in `hosts`, each with its own outcome
 */
declare function compileFleet(
  fleet: string | FleetIntent | readonly NamedText[],
  options?: FleetOptions,
): FleetOutcome;

/**
 * Compares what a host has with what it should have. Of the back ends for a host's network, compile it
 * for the one that it has.
 * @param files the host's files, by their absolute paths. Of other programs' files, those that are
 *   given are searched for conflicts
 */
declare function check(host: Host, files: Readonly<Record<string, string>>): CheckResult;

/** What happens on a host, and in its files, when `after` replaces `before`. */
declare function diff(before: Host, after: Host): DiffResult;

/** Every line of every file: why it is there, and where it comes from. */
declare function explain(host: Host): readonly ExplainedFile[];

/**
 * Files as one text for another program: a tar archive, a role for Ansible …
 * @returns no value if the format cannot hold these hosts or back ends
 */
declare function pack(hosts: Host | readonly Host[], format: Format): Outcome<Package>;

/**
 * Does what `lint --fix` does: edits text where a diagnostic has one certain fix, and only where no other
 * error follows. Comments and layout are kept.
 * @returns the texts, changed or not; `diagnostics` are those that are left
 */
declare function fix(
  intent: string | readonly NamedText[],
  options?: FixOptions,
): {
  readonly texts: readonly NamedText[];
  /** Each with its place before it was fixed. */
  readonly fixed: readonly Diagnostic[];
  readonly diagnostics: readonly Diagnostic[];
};

/** Diagnostics as the command prints them, with the lines at fault. */
declare function report(outcome: Outcome<unknown>, options?: { readonly colour?: boolean }): string;

/** All back ends. */
declare const backends: readonly BackendInfo[];

/** The distributions that are known as targets. */
declare const targets: readonly TargetName[];

/** A value, and what is wrong with the input: there is no value exactly if there is an error. */
interface Outcome<T> {
  readonly value?: T;
  readonly diagnostics: readonly Diagnostic[];
}

interface FleetOutcome extends Outcome<readonly Host[]> {
  /** Every host that was asked for, in the order of the fleet. */
  readonly hosts: readonly HostOutcome[];
}

interface HostOutcome extends Outcome<Host> {
  readonly host: string | null;
}

interface RenderOptions {
  /**
   * What to render for; `netplan` is the netplan back end that `renderer` names. Default: as the intent
   * says (`backend`). Empty, or where neither names any: nothing, for diagnostics alone.
   */
  readonly backends?: readonly (BackendId | 'netplan')[];
  /** What renders netplan; default: as the intent says. */
  readonly renderer?: 'networkd' | 'NetworkManager';
  /** Default: as the intent says (`target`), else every version that is still supported. */
  readonly target?: TargetName;
  /** Warnings are errors. */
  readonly strict?: boolean;
}

interface CompileOptions extends RenderOptions {
  /** How diagnostics name the text; default: `<intent>`. */
  readonly file?: string;
}

interface FleetOptions extends CompileOptions {
  /** The hosts to render; default: all. The others are read too, for conflicts between hosts. */
  readonly hosts?: readonly string[];
  /** Called after each host. */
  readonly onHost?: (done: number, all: number) => void;
}

interface FixOptions extends FleetOptions {
  /** Whether to fix a diagnostic; default: all that have a fix. */
  readonly only?: (diagnostic: Diagnostic) => boolean;
}

interface NamedText {
  /** How diagnostics name the text. */
  readonly file: string;
  readonly text: string;
}

declare const internal: unique symbol;

/** One host, compiled. Only `compile` and `compileFleet` make one. */
interface Host {
  /** Its name; null if the intent has none. */
  readonly host: string | null;
  /** In the order in which they are put in place, back end by back end. */
  readonly files: readonly RenderedFile[];
  readonly [internal]: unknown;
}

interface RenderedFile {
  readonly backend: BackendId;
  /** Where it goes on the host; absolute. */
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  readonly owner: string;
  readonly group: string;
  /** The network fails without a required file; an optional one is advisable. */
  readonly role: 'required' | 'optional';
  readonly text: string;
  /** The places in the intent that it comes from. */
  readonly origins: readonly Origin[];
}

/** A place in an intent. A value has paths, and neither files nor lines. */
interface Origin {
  /** Keys and list indices from the top; empty: the intent as a whole. */
  readonly path: readonly (string | number)[];
  readonly file?: string;
  /** Counted from 1. */
  readonly line?: number;
}

/** An error, warning or note about the intent. `macvtap-render explain CODE` has a page on each. */
interface Diagnostic extends Origin {
  /** Stable. */
  readonly code: string;
  /** With an error there is no value; a note is worth knowing, and nothing is wrong. */
  readonly severity: 'error' | 'warning' | 'note';
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
  /** In characters, counted from 1. */
  readonly column?: number;
  readonly endLine?: number;
  readonly endColumn?: number;
  /** The hosts of a fleet that it concerns; absent: not specific to a host. */
  readonly hosts?: readonly string[];
  /** The back end that cannot express it; absent: not specific to a back end. */
  readonly backend?: BackendId;
  /** The one thing that the hint leaves to do; absent: nothing that is certain, or the intent is a value. */
  readonly fix?: {
    readonly message: string;
    /** All of them, or none. Lines and columns are counted as those of the diagnostic are. */
    readonly edits: readonly {
      readonly file: string;
      readonly line: number;
      readonly column: number;
      readonly endLine: number;
      readonly endColumn: number;
      /** What takes the place of the text there; empty: it is removed. */
      readonly text: string;
    }[];
  };
}

/** What differs on a host, or conflicts with the generated files there. */
interface Finding {
  readonly code: string;
  readonly severity: 'error' | 'warning' | 'note';
  /** The file on the host. */
  readonly path: string;
  /** Counted from 1; absent: the file as a whole. */
  readonly line?: number;
  readonly message: string;
  readonly hint: string;
}

interface CheckResult {
  /** Empty: up to date, and nothing conflicts. */
  readonly findings: readonly Finding[];
  /** From the files on the host to the rendered ones. */
  readonly patches: readonly Patch[];
}

interface DiffResult {
  /** The worst first. */
  readonly changes: readonly Change[];
  /** From the old files to the new ones. */
  readonly patches: readonly Patch[];
}

/** What changes on the machine. */
interface Change {
  /** The worst that it may do. */
  readonly severity: 'may-lock-out' | 'drops-connections' | 'harmless';
  /** The link, or what else changes. */
  readonly subject: string;
  readonly message: string;
}

interface Patch {
  readonly backend: BackendId;
  /** A unified diff. */
  readonly patch: string;
}

interface ExplainedFile {
  readonly backend: BackendId;
  readonly path: string;
  readonly lines: readonly ExplainedLine[];
}

interface ExplainedLine {
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
  /** Why it is there. */
  readonly reason: string;
  /** The manual page and key, or the document of the kernel. */
  readonly authority: string;
  readonly origin: Origin;
}

interface Package {
  /**
   * As one text; of an archive each byte above 0x7f is in UTF-8. Absent: several hosts fit in a folder
   * only.
   */
  readonly text?: string;
  /** As a folder, if the format is one. */
  readonly folder?: readonly {
    readonly path: string;
    readonly mode: number;
    readonly text: string;
  }[];
}

interface BackendInfo {
  readonly id: BackendId;
  readonly summary: string;
  /** What it is for: the host's network, a trial of it until the next boot, or guests. */
  readonly scope: 'host' | 'trial' | 'guests';
}

export {
  type BackendId,
  backends,
  type Change,
  type CompileOptions,
  check,
  compile,
  compileFleet,
  type Diagnostic,
  diff,
  type ExplainedFile,
  explain,
  type Finding,
  type FleetIntent,
  type Format,
  fix,
  type Host,
  type Intent,
  type Outcome,
  pack,
  type RenderedFile,
  report,
  type TargetName,
  targets,
};
