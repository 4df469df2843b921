/**
 * Errors, warnings and notes on the intent, as data. Imports only the catalogue of codes, so that
 * every stage may use it.
 *
 * A diagnostic names a *path* into the intent; only `report/` turns it into line and column.
 */
import { CODES, type DiagnosticCode, type Severity } from './codes.ts';
import type { Fix } from './fix.ts';

export { CODES, type DiagnosticCode, type Severity };

/** A place in the intent: keys and list indices from the root, e.g. `['shims', 'veth0', 'mtu']`. */
export type Path = readonly (string | number)[];

export interface Diagnostic {
  /** Stable, kebab-case. */
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  /** One plain sentence, without the place. */
  readonly message: string;
  /** How to fix it. */
  readonly hint: string;
  /** Where in the intent. */
  readonly path: Path;
  /** Whether it is about the key or the value at `path`. */
  readonly at: 'key' | 'value';
  /** First and last character, where `path` cannot say it (syntax errors, a key's second use). */
  readonly offsets?: readonly [start: number, end: number];
  /** Of an unknown key: the path of the key that was probably meant, which is then not reported as missing. */
  readonly meant?: Path;
  /** What `lint --fix` does about it; absent: nothing that is certain. */
  readonly fix?: Fix;
  /** The hosts of a fleet that it concerns; absent: not specific to a host. */
  readonly hosts?: readonly string[];
  /** The back end that cannot express it; absent: an error in the intent. */
  readonly backend?: string;
}

/** Value and diagnostics of a stage: there is no value exactly when there is an error. */
export interface Outcome<T> {
  readonly value?: T;
  readonly diagnostics: readonly Diagnostic[];
}

type Extra = Partial<Pick<Diagnostic, 'hint' | 'at' | 'offsets' | 'meant' | 'backend' | 'fix'>>;

/** Builds a diagnostic; severity and hint are those of its code by default. */
export function diagnostic(
  code: DiagnosticCode,
  path: Path,
  message: string,
  extra: Extra = {},
): Diagnostic {
  const { severity, remedy } = CODES[code];
  const shown = message.replace(/`[^`]{80,}`/g, (quoted) => `${quoted.slice(0, 77)}...\``);
  return { code, severity, message: shown, hint: remedy, path, at: 'value', ...extra };
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((d) => d.severity === 'error');
}

/** What `--strict` does: every warning becomes an error; a note stays what it is. */
export function strictly(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics.map((d) => (d.severity === 'warning' ? { ...d, severity: 'error' } : d));
}

/**
 * Answers whether there is an error at a path or below it: what depends on it is then not checked.
 * `diagnostics` may grow between two calls.
 */
export function damageIn(diagnostics: readonly Diagnostic[]): (path: Path) => boolean {
  const prefixes = new Set<string>();
  let known = 0;
  return (path) => {
    for (const { severity, path: at, meant } of diagnostics.slice(known)) {
      if (severity !== 'error') continue;
      for (let length = 0; length <= at.length; length += 1) {
        prefixes.add(JSON.stringify(at.slice(0, length)));
      }
      if (meant) prefixes.add(JSON.stringify(meant));
    }
    known = diagnostics.length;
    // Most intents have no error: nothing is to be looked up then.
    return prefixes.size > 0 && prefixes.has(JSON.stringify(path));
  };
}
