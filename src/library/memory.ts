/** Texts by their paths, as a directory that can be looked into. */
import { type Directory, SystemError } from '../system.ts';

interface Folder {
  readonly folders: Map<string, Folder>;
  readonly files: Map<string, string>;
}

const newFolder = (): Folder => ({ folders: new Map(), files: new Map() });

/** @param files absolute path → text; a path that another one lies below is a folder */
export function directoryOf(files: Readonly<Record<string, string>>): Directory {
  const top = newFolder();
  for (const [path, text] of Object.entries(files)) {
    const steps = path.split('/').filter((step) => step !== '');
    const name = steps.pop();
    if (name === undefined) continue;
    let folder = top;
    for (const step of steps) {
      const next = folder.folders.get(step) ?? newFolder();
      folder.folders.set(step, next);
      folder = next;
    }
    folder.files.set(name, text);
  }
  return directoryAt(top, '/');
}

/** Root's, as a text has no owner. */
const RIGHTS = { uid: 0, gid: 0 };

function directoryAt(folder: Folder, path: string): Directory {
  const refuse = (): never => {
    throw new SystemError('refused', path, 'is read-only');
  };
  const missing = (name: string): never => {
    throw new SystemError('not-found', `${path}/${name}`, 'is not there');
  };
  const kindOf = (name: string) =>
    folder.folders.has(name) ? 'directory' : folder.files.has(name) ? 'file' : undefined;
  const list = () => [...new Set([...folder.folders.keys(), ...folder.files.keys()])].sort();
  return {
    path,
    rights: () => ({ mode: 0o755, ...RIGHTS }),
    isRoot: () => false,
    kindOf,
    list,
    entries: () => new Map(list().map((name) => [name, kindOf(name) ?? 'other'])),
    enter: (name) => {
      const next = folder.folders.get(name);
      if (next) return directoryAt(next, path === '/' ? `/${name}` : `${path}/${name}`);
      if (!folder.files.has(name)) return undefined;
      throw new SystemError('not-directory', `${path}/${name}`, 'is not a directory');
    },
    read: (name) => ({ text: folder.files.get(name) ?? missing(name), mode: 0o644, ...RIGHTS }),
    readBytes: refuse,
    readLink: missing,
    enterOrCreate: refuse,
    enterNew: refuse,
    create: refuse,
    createLink: refuse,
    link: refuse,
    rename: refuse,
    renameNew: refuse,
    remove: refuse,
    removeDirectory: refuse,
    sync: () => {},
    lock: () => () => {},
    close: () => {},
  };
}
