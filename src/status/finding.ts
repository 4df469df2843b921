/** What differs between an intent and the running host. */
import { CODES, type DiagnosticCode, type Severity } from '../diagnostics/diagnostic.ts';

export interface Drift {
  readonly code: DiagnosticCode;
  /**
   * An error: the host, its guests or its LAN are without something that the intent gives them.
   * A warning: it differs, and all reach each other. A note is information and no drift.
   */
  readonly severity: Severity;
  /** The link that it is about; absent where it is about none alone. */
  readonly link?: string;
  /** One sentence: what is, and what the intent says. */
  readonly message: string;
  readonly hint: string;
  /** It may come by itself within seconds: a lease, duplicate detection, a daemon at work. */
  readonly mayStillCome: boolean;
}

type Extra = Partial<Pick<Drift, 'severity' | 'hint' | 'mayStillCome' | 'link'>>;

/** Builds a drift; severity and hint come from its code, unless `extra` says closer. */
export const drift = (code: DiagnosticCode, message: string, extra: Extra = {}): Drift => ({
  code,
  severity: CODES[code].severity,
  message,
  hint: CODES[code].remedy,
  mayStillCome: false,
  ...extra,
});
