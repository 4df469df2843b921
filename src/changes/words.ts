/** The type of a change, and words that all sentences about changes share. */

/** The worst that a change may do. */
export const SEVERITIES = ['may-lock-out', 'drops-connections', 'harmless'] as const;
export type ChangeSeverity = (typeof SEVERITIES)[number];

export interface Change {
  readonly severity: ChangeSeverity;
  /** The link, or what else changes. */
  readonly subject: string;
  /** Whole sentences. */
  readonly message: string;
  /** Happens only with this back end, or if the back end follows a change of netplan's renderer. */
  readonly only?: 'netplan-networkd' | 'renderer';
}

export const change = (severity: ChangeSeverity, subject: string, message: string): Change => ({
  severity,
  subject,
  message,
});

/** A link, as messages name it. */
export const linkName = (name: string): string => `\`${name}\``;

/** `a`, `b` and `c`. */
export function listed(names: readonly string[]): string {
  const all = names.map(linkName);
  const last = all.at(-1) ?? '';
  return all.length > 1 ? `${all.slice(0, -1).join(', ')} and ${last}` : last;
}
