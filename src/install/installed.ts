/** By which back end a host is configured: the one whose generated files are there. */
import { backendsIn } from '../backends/generated.ts';
import type { Directory } from '../system.ts';
import { foldersBelow } from './folders.ts';
import { findLeftovers } from './leftovers.ts';

/**
 * Ids of the back ends whose generated files are below a root; several where one was installed
 * beside another.
 * @throws SystemError where the system refuses to show a folder or a file
 */
export function installedBackends(top: Directory): string[] {
  const folders = foldersBelow(top);
  try {
    const files = findLeftovers(top, folders, [{ steps: [] }], []);
    return backendsIn(new Map(files.map(({ target, text }) => [target, text])));
  } finally {
    folders.close();
  }
}
