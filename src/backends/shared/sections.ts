/** Generated files in sections: systemd's and NetworkManager's. */

export interface Section {
  readonly name: string;
  readonly entries: readonly (readonly [key: string, value: string])[];
}

/** Sections in their order, repeated ones kept apart (systemd.syntax(7)). */
export function sectionsOf(text: string): Section[] {
  const found: { name: string; entries: [string, string][] }[] = [];
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (line.startsWith('[') && line.endsWith(']')) {
      found.push({ name: line.slice(1, -1), entries: [] });
      continue;
    }
    const at = line.indexOf('=');
    if (at < 1 || line.startsWith('#') || line.startsWith(';')) continue;
    found.at(-1)?.entries.push([line.slice(0, at).trim(), line.slice(at + 1).trim()]);
  }
  return found;
}

/** Every value of a key, in its order. */
export const allOf = (sections: readonly Section[], section: string, key: string): string[] =>
  sections
    .filter(({ name }) => name === section)
    .flatMap(({ entries }) => entries.filter(([item]) => item === key).map(([, value]) => value));

/** The last value of a key, which is the one that counts. */
export const lastOf = (
  sections: readonly Section[],
  section: string,
  key: string,
): string | undefined => allOf(sections, section, key).at(-1);

/** Sections of a name that may stand several times, each with its last values. */
export const eachOf = (
  sections: readonly Section[],
  section: string,
): ReadonlyMap<string, string>[] =>
  sections.filter(({ name }) => name === section).map(({ entries }) => new Map(entries));
