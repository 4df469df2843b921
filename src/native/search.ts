/** src/node/search.ts in the native binary, where cosmiconfig does not run: the same places in the same order. */
import { searchLimit } from '../node/node.ts';
import { SystemError } from '../system.ts';
import { accessSync, constants, statSync } from './fs.ts';
import { dirname } from './path.ts';
import { posix } from './posix.ts';

/** The nearest file with one of these names, from the working directory up. @throws SystemError where it cannot be read */
export function searchIntent(
  names: readonly string[],
  home: string | undefined,
): string | undefined {
  const from = workingDirectory();
  const last = searchLimit(from, home);
  for (let folder = from; ; folder = dirname(folder)) {
    for (const name of names) {
      const path = `${folder === '/' ? '' : folder}/${name}`;
      if (!statSync(path, { throwIfNoEntry: false })?.isFile()) continue;
      try {
        accessSync(path, constants.R_OK);
      } catch {
        throw new SystemError('refused', path, 'permission denied');
      }
      return path;
    }
    if (folder === last || folder === '/') return undefined;
  }
}

function workingDirectory(): string {
  try {
    return posix.getcwd();
  } catch {
    throw new SystemError('not-found', '.', 'the working directory is gone');
  }
}
