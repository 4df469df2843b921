/** Sections of a file of systemd with its drop-ins, each by itself: two `[Route]` are two routes. */
import type { HostFile, Setting } from '../backends/host/foreign.ts';
import type { Unit } from '../backends/host/networkd/judge.ts';
import { wordsOf } from '../backends/host/systemd-file.ts';

export interface Section {
  readonly name: string;
  readonly settings: readonly (Setting & { readonly path: string })[];
}

/** @param files those that the unit was read from */
export function sectionsOf(unit: Unit, files: readonly HostFile[]): Section[] {
  const heads = new Map<string, readonly number[]>();
  const headsOf = (path: string): readonly number[] => {
    const known = heads.get(path);
    if (known) return known;
    const text = files.find((file) => file.path === path)?.text ?? '';
    const found = text
      .split(/\r\n|\n|\r/)
      .flatMap((line, index) => (/^\s*\[.*\]\s*$/.test(line) ? [index + 1] : []));
    heads.set(path, found);
    return found;
  };
  const found = new Map<
    string,
    { name: string; settings: (Setting & { readonly path: string })[] }
  >();
  for (const setting of unit.settings) {
    const head = headsOf(setting.path).findLast((line) => line <= setting.line) ?? 0;
    const key = `${setting.path}:${head}`;
    const section = found.get(key) ?? { name: setting.section, settings: [] };
    section.settings.push(setting);
    found.set(key, section);
  }
  return [...found.values()];
}

/** Files of the distribution are for links of containers and the like, and match no NIC by name. */
export const isVendor = ({ path }: Unit): boolean => !path.startsWith('/etc/');

/** Words of a key of [Match]. */
export const matchWords = ({ settings }: Unit, key: string): string[] =>
  settings
    .filter((item) => item.section === 'Match' && item.key === key)
    .flatMap(({ value }) => wordsOf(value, 'unescaped'));
