/** What a change is, and the words that all sentences about changes share. */

/** The worst that a change may do; the first is to be seen at once. */
export const SEVERITIES = ['may-lock-out', 'drops-connections', 'harmless'] as const;
export type ChangeSeverity = (typeof SEVERITIES)[number];

export interface Change {
  readonly severity: ChangeSeverity;
  /** The link, or what else it is about. */
  readonly subject: string;
  /** Whole sentences. */
  readonly message: string;
  /** Nothing of it happens but with this back end, or where a change of netplan's renderer is followed. */
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
