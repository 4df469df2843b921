/** New texts for files of the user: each is replaced at once, and keeps its mode and owner. */
import { MAX_BYTES } from '../intent/parse.ts';
import { type Directory, type System, SystemError } from '../system.ts';
import { temporaryName } from '../view/ownership.ts';

/** A file, the text that was read from it, and its new text. */
export interface Rewrite {
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

interface Target extends Rewrite {
  readonly folder: Directory;
  readonly name: string;
}

/**
 * All new texts are on the disk before the first file is replaced.
 * @throws SystemError where a file is a link or a directory, or its text has changed since it was read
 */
export function rewriteFiles(system: System, rewrites: readonly Rewrite[]): void {
  const folders = new Map<string, Directory>();
  const unlocks: (() => void)[] = [];
  try {
    const targets = rewrites.map((rewrite) => targetOf(system, folders, rewrite));
    for (const [, folder] of [...folders].sort(([a], [b]) => (a < b ? -1 : 1))) {
      unlocks.push(folder.lock());
    }
    replaceAll(targets);
  } finally {
    for (const unlock of unlocks.reverse()) unlock();
    for (const folder of folders.values()) folder.close();
  }
}

function targetOf(system: System, folders: Map<string, Directory>, rewrite: Rewrite): Target {
  const { file } = rewrite;
  const slash = file.lastIndexOf('/');
  const path = slash === -1 ? '.' : file.slice(0, slash) || '/';
  const folder = folders.get(path) ?? system.openExisting(path);
  if (!folder) throw new SystemError('not-found', file, 'does not exist any more');
  folders.set(path, folder);
  return { ...rewrite, folder, name: file.slice(slash + 1) };
}

function replaceAll(targets: readonly Target[]): void {
  const waiting: Target[] = [];
  try {
    for (const target of targets) {
      waiting.push(target);
      writeBeside(target);
    }
    for (const { folder, name } of targets) {
      folder.rename(temporaryName(name), name);
      waiting.shift();
    }
    for (const folder of new Set(targets.map((target) => target.folder))) folder.sync();
  } catch (error) {
    for (const { folder, name } of waiting) {
      const temporary = temporaryName(name);
      if (folder.kindOf(temporary) === 'file') folder.remove(temporary);
    }
    throw error;
  }
}

function writeBeside({ folder, name, file, before, after }: Target): void {
  const kind = folder.kindOf(name);
  if (kind === 'link') {
    throw new SystemError('is-link', file, 'is a symbolic link: name the file it points to');
  }
  if (kind !== 'file') throw new SystemError('refused', file, 'is not a regular file');
  const { text, mode, uid, gid } = folder.read(name, MAX_BYTES);
  if (text !== before) throw new SystemError('refused', file, 'changed while it was being fixed');
  const temporary = temporaryName(name);
  // Of a run that was interrupted: the folder is locked.
  if (folder.kindOf(temporary) === 'file') folder.remove(temporary);
  folder.create(temporary, mode, after, { uid, gid });
}
