/** Which generated files are left on a host. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { Running } from '../../drive/machine.ts';
import type { Situation } from './situation.ts';

const HEADER = '# Written by macvtap-render';

/** Where generated files are, and where a generator puts what it makes of them. */
const FOLDERS = [
  '/etc/systemd',
  '/etc/NetworkManager',
  '/etc/netplan',
  '/etc/sysctl.d',
  '/run/systemd/network',
  '/run/NetworkManager/system-connections',
];

/** @returns a line for each generated file, or file made of one */
export async function generated(
  { root }: Running,
  { shims }: Pick<Situation, 'shims'>,
): Promise<string[]> {
  const isGenerated = (path: string): boolean =>
    shims.some((shim) => new RegExp(`[-/]${shim}\\b`).test(path)) ||
    textOf(`${root}${path}`).includes(HEADER);
  return FOLDERS.flatMap((folder) => filesBelow(root, folder))
    .filter(isGenerated)
    .map((path) => `${path} is left`);
}

/** Nothing for a file that the host has removed since it was listed. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

function filesBelow(root: string, folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(`${root}${folder}`);
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const path = `${folder}/${name}`;
    const is = statSync(`${root}${path}`, { throwIfNoEntry: false });
    if (is?.isDirectory()) return filesBelow(root, path);
    return is?.isFile() ? [path] : [];
  });
}
