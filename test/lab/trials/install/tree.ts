/** A tree as it is on disk, to be compared with what it may be. */
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { isGenerated } from '../../../../src/view/ownership.ts';

export interface Held {
  readonly mode: number;
  readonly uid: number;
  readonly text: string;
}

/** Path below the root → what is there; folders end with a slash. */
export type Tree = ReadonlyMap<string, Held>;

export function treeAt(root: string): Map<string, Held> {
  const tree = new Map<string, Held>();
  const walk = (folder: string): void => {
    for (const name of readdirSync(join(root, folder)).sort()) {
      const path = join(folder, name);
      const stat = lstatSync(join(root, path));
      const held = { mode: stat.mode & 0o7777, uid: stat.uid };
      if (stat.isDirectory()) {
        tree.set(`${path}/`, { ...held, text: '' });
        walk(path);
      } else {
        const text = stat.isFile() ? readFileSync(join(root, path), 'utf8') : '';
        tree.set(path, { ...held, text });
      }
    }
  };
  walk('');
  return tree;
}

export function layTree(root: string, files: Iterable<readonly [string, string, number]>): void {
  for (const [path, text, mode] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true, mode: 0o755 });
    writeFileSync(join(root, path), text);
    chmodSync(join(root, path), mode);
  }
}

export function copyTree(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  cpSync(from, to, { recursive: true, preserveTimestamps: true });
}

const nameOf = (path: string): string => path.slice(path.replace(/\/$/, '').lastIndexOf('/') + 1);

/** What an installation keeps for the rollback; no daemon looks there. */
const KEPT = 'etc/macvtap-render/';
const PENDING = `${KEPT}pending/`;

export const isTemporary = (path: string): boolean =>
  /\.macvtap-(?:new|old)\/?$/.test(nameOf(path));
export const isLock = (path: string): boolean => nameOf(path).startsWith('.macvtap-lock.');
const isBackup = (path: string): boolean => nameOf(path).includes('.macvtap-backup');

/** What a daemon sees: no names that begin with a dot, no folders. */
export const visibleFiles = (tree: Tree): Map<string, Held> =>
  new Map(
    [...tree].filter(
      ([path]) => !path.endsWith('/') && !nameOf(path).startsWith('.') && !path.startsWith(KEPT),
    ),
  );

/** What a rollback would make of a tree; undefined where no change is pending. */
export function rolledBack(tree: Tree): Map<string, Held> | undefined {
  const created = tree.get(`${PENDING}created`)?.text;
  if (created === undefined) return undefined;
  const files = visibleFiles(tree);
  for (const path of created.split('\n')) files.delete(path.slice(1));
  for (const [path, held] of tree) {
    const target = path.slice(`${PENDING}files/`.length);
    if (path.startsWith(`${PENDING}files/`) && !path.endsWith('/')) files.set(target, held);
  }
  return files;
}

/** One text for a set of files; equal exactly where names, modes, owners and bytes are. */
export const print = (files: ReadonlyMap<string, Held>): string =>
  JSON.stringify([...files].map(([path, held]) => [path, held.mode, held.uid, held.text]).sort());

/**
 * What is wrong with a tree whatever was interrupted: a temporary that is wider than its file,
 * a folder that daemons cannot enter, something of another program that is not as it was.
 */
export function faultsOf(tree: Tree, before: Tree, modes: ReadonlyMap<string, number>): string[] {
  const found: string[] = [];
  for (const [path, { mode, uid, text }] of tree) {
    if (uid !== 0) found.push(`${path} belongs to ${uid}`);
    if (path.startsWith(KEPT)) {
      const isOpen = path !== KEPT && path.endsWith('/') && (mode & 0o777) !== 0o700;
      if (isOpen) found.push(`${path} has mode ${mode.toString(8)}`);
      continue;
    }
    if (path.endsWith('/')) {
      if ((mode & 0o777) !== 0o755) found.push(`${path} has mode ${mode.toString(8)}`);
      continue;
    }
    const name = nameOf(path);
    const final = isTemporary(path)
      ? `${path.slice(0, -name.length)}${name.slice(1, -'.macvtap-new'.length)}`
      : path;
    const allowed = modes.get(final);
    if (allowed !== undefined && !isBackup(path) && (mode & ~allowed) !== 0) {
      found.push(`${path} has mode ${mode.toString(8)}, wider than ${allowed.toString(8)}`);
    }
    if (!isTemporary(path) && !isLock(path) && !isBackup(path) && !isGenerated(text)) {
      if (before.get(path)?.text !== text)
        found.push(`${path} is not a generated file, and changed`);
    }
  }
  for (const [path, { text }] of before) {
    if (!path.endsWith('/') && !isGenerated(text) && !tree.has(path)) found.push(`${path} is gone`);
  }
  return found;
}
