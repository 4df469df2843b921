/** Backups of replaced files, next to the new ones. */

import type { Directory } from '../system.ts';
import { backupName } from '../view/ownership.ts';
import { shownPath } from './folders.ts';
import { MAX_COPY } from './kept.ts';

/**
 * A second name for the file, which daemons do not read. An earlier backup is never overwritten, and
 * the same content is not kept twice.
 */
export function keepBeside(folder: Directory, name: string): string {
  const taken = new Set(folder.list());
  let n = 1;
  while (taken.has(backupName(name, n)) && !isSame(folder, name, backupName(name, n))) n += 1;
  const backup = backupName(name, n);
  if (!taken.has(backup)) folder.link(name, backup);
  return shownPath(folder.path, [backup]);
}

/** Whether two files have the same bytes and rights; of anything else: no. */
function isSame(folder: Directory, item: string, other: string): boolean {
  if (folder.kindOf(item) !== 'file' || folder.kindOf(other) !== 'file') return false;
  const [a, b] = [folder.readBytes(item, MAX_COPY), folder.readBytes(other, MAX_COPY)];
  return (
    a.mode === b.mode &&
    a.uid === b.uid &&
    a.gid === b.gid &&
    a.bytes.length === b.bytes.length &&
    a.bytes.every((byte, index) => byte === b.bytes[index])
  );
}
