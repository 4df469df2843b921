/**
 * Files → a directory tree. Nothing is touched before all of it is known to be allowed; then new
 * files are written and synced under temporary names, and renamed in the order in which they
 * take effect. Whatever is not ours stays as it is.
 */
import type { RenderedFile } from '../backends/types.ts';
import { isOurs } from '../ownership.ts';
import { type Directory, SystemError } from '../system.ts';

/** One file and where it goes: components below the directory, the last one its name. */
export interface Placement {
  readonly file: RenderedFile;
  readonly steps: readonly string[];
}

export interface Problem {
  readonly path: string;
  readonly message: string;
  readonly hint: string;
}

export interface Written {
  readonly path: string;
  readonly change: 'created' | 'replaced' | 'mode' | 'unchanged';
}

/** `--root`: the target's own tree below the directory. */
export function treePlacements(
  files: readonly RenderedFile[],
  below: readonly string[] = [],
): Placement[] {
  return files.map((file) => ({ file, steps: [...below, ...file.path.split('/').slice(1)] }));
}

/** `--output`: the back end's own directory is the one named; what lies elsewhere has no place. */
export function flatPlacements(
  files: readonly RenderedFile[],
  directory: string,
): {
  placements: Placement[];
  elsewhere: RenderedFile[];
} {
  const placements: Placement[] = [];
  const elsewhere: RenderedFile[] = [];
  for (const file of files) {
    const name = file.path.startsWith(`${directory}/`)
      ? file.path.slice(directory.length + 1)
      : '/';
    if (name.includes('/')) elsewhere.push(file);
    else placements.push({ file, steps: [name] });
  }
  return { placements, elsewhere };
}

/** A comparison needs no more: what is larger is not what we wrote. */
const MAX_SIZE = 1024 * 1024;

const temporary = (name: string): string => `.${name}.macvtap-new`;

/**
 * Writes every file, or none; where the system refuses once files are being put in place, those
 * that take effect first are there.
 * @returns what was done to each, or what stands in the way
 * @throws SystemError where the system refuses; temporary files are taken back
 */
export function writeFiles(
  top: Directory,
  placements: readonly Placement[],
): { written?: readonly Written[]; problems: readonly Problem[] } {
  const looks = placements.map((placement) => look(top, placement));
  const problems = looks.flatMap(({ problem }) => (problem ? [problem] : []));
  if (problems.length > 0) return { problems };
  const folders = new Map<string, Directory>();
  const folderOf = (steps: readonly string[]): Directory => {
    let folder = top;
    for (const [index, step] of steps.slice(0, -1).entries()) {
      const key = steps.slice(0, index + 1).join('/');
      const known = folders.get(key) ?? folder.enterOrCreate(step);
      folders.set(key, known);
      folder = known;
    }
    return folder;
  };
  const pending: { folder: Directory; name: string }[] = [];
  try {
    for (const { placement, change } of looks) {
      if (change !== 'created' && change !== 'replaced') continue;
      const folder = folderOf(placement.steps);
      const name = placement.steps.at(-1) ?? '';
      // What an interrupted run of ours left behind; the name is nobody else's.
      if (folder.kindOf(temporary(name)) !== undefined) folder.remove(temporary(name));
      // Before it is made: where the disk is full, half of it is there.
      pending.push({ folder, name });
      folder.create(temporary(name), placement.file.mode, placement.file.text);
    }
    for (const folder of new Set(pending.map((p) => p.folder))) folder.sync();
    for (const { placement, change } of looks) {
      const name = placement.steps.at(-1) ?? '';
      if (change === 'mode') folderOf(placement.steps).chmod(name, placement.file.mode);
    }
    // `placements` come in the order of their ranks.
    while (pending[0]) {
      const { folder, name } = pending[0];
      folder.rename(temporary(name), name);
      folder.sync();
      pending.shift();
    }
  } finally {
    for (const { folder, name } of pending) removeQuietly(folder, temporary(name));
    for (const folder of folders.values()) folder.close();
  }
  return { written: looks.map(({ path, change }) => ({ path, change })), problems };
}

interface Look {
  readonly placement: Placement;
  readonly path: string;
  readonly change: Written['change'];
  readonly problem?: Problem;
}

/** What is there now, without touching it. */
function look(top: Directory, placement: Placement): Look {
  const { file, steps } = placement;
  const path = `${top.path === '/' ? '' : top.path}/${steps.join('/')}`;
  const opened: Directory[] = [];
  const refuse = (message: string, hint: string): Look => ({
    placement,
    path,
    change: 'unchanged',
    problem: { path, message, hint },
  });
  try {
    let folder = top;
    for (const step of steps.slice(0, -1)) {
      const next = folder.enter(step);
      if (!next) return { placement, path, change: 'created' };
      opened.push(next);
      folder = next;
    }
    const name = steps.at(-1) ?? '';
    switch (folder.kindOf(name)) {
      case undefined:
        return { placement, path, change: 'created' };
      case 'file':
        break;
      case 'link':
        return refuse('is a symbolic link, which is not followed', 'Remove the link.');
      default:
        return refuse('is there, and is no file', 'Move it away.');
    }
    const { text, mode } = folder.read(name, MAX_SIZE);
    if (text === file.text)
      return { placement, path, change: mode === file.mode ? 'unchanged' : 'mode' };
    return isOurs(text)
      ? { placement, path, change: 'replaced' }
      : refuse(
          'was not written by macvtap-render: its first line is not ours',
          'Move the file away; it is not overwritten.',
        );
  } catch (error) {
    // Nothing is known to have gone wrong with the disk: the tree itself is not as it must be.
    const kinds = ['is-link', 'not-directory', 'not-utf8', 'too-large'];
    if (!(error instanceof SystemError) || !kinds.includes(error.kind)) throw error;
    return {
      ...refuse(error.message, 'Move it away.'),
      problem: {
        path: error.path,
        message: error.message,
        hint: 'Move it away; nothing is written through a link, nor over a file of somebody else.',
      },
    };
  } finally {
    for (const folder of opened) folder.close();
  }
}

/** On the way out of a failure: that failure is the one to be told. */
function removeQuietly(folder: Directory, name: string): void {
  try {
    folder.remove(name);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
  }
}
