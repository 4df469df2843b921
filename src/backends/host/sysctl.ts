/** sysctl.d(5): other files that override the generated one. */

import { type Finding, finding } from '../../diagnostics/finding.ts';
import type { RenderedFile } from '../../view/rendered.ts';
import { type HostFile, merged, type Watch } from './foreign.ts';

/** For each name the file in the first folder counts. */
const FOLDERS = [
  '/etc/sysctl.d',
  '/run/sysctl.d',
  '/usr/local/lib/sysctl.d',
  '/usr/lib/sysctl.d',
  '/lib/sysctl.d',
];
const OWN_FILE = '90-macvtap.conf';
const OLD = '/etc/sysctl.conf';

export const sysctlWatches: readonly Watch[] = [
  ...FOLDERS.map((folder) => ({ folder, name: /\.conf$/ })),
  { folder: '/etc', name: /^sysctl\.conf$/ },
];

interface Assignment {
  /** The path below /proc/sys. */
  readonly key: string;
  readonly value: string;
  readonly line: number;
}

/**
 * If two files set a key, the later one by name counts. A pattern (`net.ipv4.conf.*.rp_filter`) never
 * overrides a key that any file sets by name, and a `-` before a key only ignores failures.
 * `sysctl --system` reads /etc/sysctl.conf last.
 */
export function judgeSysctl(
  rendered: readonly RenderedFile[],
  files: readonly HostFile[],
): Finding[] {
  const generated = rendered.find(({ path }) => path === `${FOLDERS[0]}/${OWN_FILE}`);
  if (!generated) return [];
  const later = [
    ...merged(files, FOLDERS).filter(({ name }) => name > OWN_FILE),
    ...files.filter(({ path }) => path === OLD),
  ];
  if (later.length === 0) return [];
  const wanted = new Map(assignmentsIn(generated.text).map(({ key, value }) => [key, value]));
  const last = new Map<string, Assignment & { readonly path: string }>();
  for (const { path, text = '' } of later) {
    for (const assignment of assignmentsIn(text)) {
      if (wanted.has(assignment.key)) last.set(assignment.key, { ...assignment, path });
    }
  }
  return [...last.values()]
    .filter(({ key, value }) => wanted.get(key) !== value)
    .map(({ key, value, path, line }) =>
      finding(
        'sysctl-overridden',
        path,
        `It sets \`${key}\` to ${value} after the generated file.`,
        { line },
      ),
    );
}

function assignmentsIn(text: string): Assignment[] {
  return text.split('\n').flatMap((raw, index) => {
    const line = raw.trim();
    const at = line.indexOf('=');
    if (at === -1 || /^[#;]/.test(line)) return [];
    const key = pathOf(line.slice(0, at).trim().replace(/^-/, ''));
    return [{ key, value: line.slice(at + 1).trim(), line: index + 1 }];
  });
}

/** If the first separator is a dot, dots and slashes change places. */
function pathOf(key: string): string {
  const first = /[./]/.exec(key)?.[0];
  return first === '.'
    ? key.replace(/[./]/g, (char) => (char === '.' ? '/' : '.'))
    : key.replace(/\/+/g, '/');
}
