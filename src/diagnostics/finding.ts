/** Errors, warnings and notes on the files of a host. */
import { CODES } from './codes.ts';
import type { DiagnosticCode, Severity } from './diagnostic.ts';

/** An error: the host would be unreachable, or generated files without effect. */
export interface Finding {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  /** Absolute, on the target. */
  readonly path: string;
  /** Counted from 1; absent: the file as a whole. */
  readonly line?: number;
  readonly message: string;
  readonly hint: string;
}

type Extra = Partial<Pick<Finding, 'severity' | 'line' | 'hint'>>;

/** A fix is a command to paste: it has the file's name, unless a shell reads that as something else. */
const namesFile = (hint: string, path: string): string =>
  /^[\w./@+-]+$/.test(path)
    ? hint.replace(/(`apply (?:--switch )?--move )FILE/, (_all, words: string) => words + path)
    : hint;

/** Builds a finding; severity and hint are those of its code by default. */
export function finding(
  code: DiagnosticCode,
  path: string,
  message: string,
  extra: Extra = {},
): Finding {
  const { severity, remedy } = CODES[code];
  const { hint = remedy } = extra;
  return { code, severity, path, message, ...extra, hint: namesFile(hint, path) };
}
