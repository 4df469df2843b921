/** What causes are made of. */
import { CODES, type DiagnosticCode } from '../../diagnostics/diagnostic.ts';
import type { Cause, Facts, Probe } from '../facts.ts';

/** One cause, or several of a kind; empty where the facts do not show it. */
export type FindCause = (facts: Facts) => readonly Cause[];

type Extra = Partial<Pick<Cause, 'severity' | 'hint' | 'certainty' | 'link' | 'alternatives'>>;

/** Builds a cause that was seen; severity and hint come from its code, unless `extra` says closer. */
export const cause = (code: DiagnosticCode, message: string, extra: Extra = {}): Cause => ({
  code,
  severity: CODES[code].severity,
  certainty: 'certain',
  message,
  hint: CODES[code].remedy,
  ...extra,
});

export const unanswered = ({ probes }: Facts): readonly Probe[] =>
  probes.filter(({ isAnswered }) => !isAnswered);

/** `gateway 198.51.100.254`, `guest 198.51.100.198`. */
export const named = ({ role, address }: Pick<Probe, 'role' | 'address'>): string =>
  `${role} ${address}`;
