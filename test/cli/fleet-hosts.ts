/** For tests of fleets: a small fleet, its files in a folder, and what is reported of one. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileFleet } from '../../src/compile-fleet.ts';
import { diagnosticsOf } from '../../src/report/output.ts';
import { temporaryFolder } from '../command.ts';

export const FLEET = `version: 1
defaults:
  shims:
    veth0:
      parent: eth0
      routes: [{to: default, via: 198.51.100.254}]
      nameservers: {addresses: [198.51.100.1], search: [example.net]}
hosts:
  kvm1: {shims: {veth0: {addresses: [198.51.100.50/24]}}}
  kvm2: {shims: {veth0: {addresses: [198.51.100.51/24], nameservers: {search: null}}}}
  kvm3: {shims: {veth0: {addresses: [198.51.100.52/24]}}}
`;

export const toOne = (text: string) =>
  compileFleet([{ file: 'fleet.yaml', text }], { backends: ['networkd'] });

export interface Reported {
  readonly code: string;
  readonly severity: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hosts?: readonly string[];
}

export const printed = (text: string): Reported[] => {
  const { source, diagnostics } = toOne(text);
  return diagnosticsOf(source, diagnostics) as Reported[];
};

export const short = (list: readonly Reported[]): string[] =>
  list.map(({ code, line, column, hosts }) => `${code} ${line}:${column} ${hosts?.join(',')}`);

/** A folder with these files. */
export function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

export const treeOf = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]),
  );
