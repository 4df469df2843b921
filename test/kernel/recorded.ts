/** What real programs printed on Debian 11, 12, 13 and sid, on one host of the lab. */
import { readFileSync } from 'node:fs';

export const SUITES = ['bullseye', 'bookworm', 'trixie', 'sid'] as const;

/** Command line or path → what it printed. */
export function recorded(suite: (typeof SUITES)[number]): Record<string, string> {
  const text = readFileSync(new URL(`recorded/${suite}.txt`, import.meta.url), 'utf8');
  const parts = text.split(/^# ==> (.*)\n/m).slice(1);
  return Object.fromEntries(
    parts.flatMap((part, index) => (index % 2 === 0 ? [[part, parts[index + 1] ?? '']] : [])),
  );
}
