/** What is found on a host, beside the intent. */
import { CODES } from './codes.ts';
import type { DiagnosticCode, Severity } from './diagnostic.ts';

/** A conflict with the generated files, or a possible one. An error: the host would be lost, or they be without effect. */
export interface Finding {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  /** Absolute, on the target. */
  readonly path: string;
  /** Counted from 1; absent where the file as such is meant. */
  readonly line?: number;
  readonly message: string;
  readonly hint: string;
}

type Extra = Partial<Pick<Finding, 'severity' | 'line' | 'hint'>>;

/** Builds a finding; severity and hint come from its code, unless `extra` says closer. */
export function finding(
  code: DiagnosticCode,
  path: string,
  message: string,
  extra: Extra = {},
): Finding {
  const { severity, remedy } = CODES[code];
  return { code, severity, path, message, hint: remedy, ...extra };
}
