/** For tests of installing: the files of the original case, and an intent in a file. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../../src/compile.ts';
import { temporaryFolder } from '../command.ts';
import { intentOf } from '../golden/cases.ts';
import { runHere } from '../in-process.ts';

export const ORIGINAL = 'golden/original/intent.yaml';

export const NETWORK = 'etc/systemd/network';

export const PARENT = `${NETWORK}/00-macvtap-eth0.network`;

export const SHIM = `${NETWORK}/00-macvtap-veth0.network`;

export const SET =
  compile(intentOf('original'), { file: 'x', backends: ['networkd'] }).sets?.[0]?.files ?? [];

export const files = (root: string): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();

export const install = (root: string, intent = ORIGINAL, ...more: string[]) =>
  runHere(intent, '-b', 'networkd', '--root', root, ...more);

/** An intent of one's own, in a file. */
export function intentFile(text: string): string {
  const file = join(temporaryFolder(), 'macvtap.yaml');
  writeFileSync(file, text);
  return file;
}

export const renamed = (): string => intentFile(intentOf('original').replaceAll('veth0', 'shim0'));
