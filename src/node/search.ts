/**
 * Finds the intent as cosmiconfig finds any program's configuration. Loaded only where no file
 * was named.
 *
 * Data only. cosmiconfig's own entry point would run `.config/config.js` of the working directory,
 * and its global strategy looks for code in `~/.config`. Its explorer class alone, given our
 * loaders and places, does neither; a loader that returns text leaves `$import` nothing to act on.
 */
import { accessSync, constants, statSync } from 'node:fs';
import { ExplorerSync, type Folder } from 'cosmiconfig/dist/ExplorerSync.js';
import { SystemError } from '../system.ts';
import { searchLimit } from './node.ts';

class IntentExplorer extends ExplorerSync {
  /** Up to the limit, and not on to cosmiconfig's own folder in `~/.config`. */
  override *getGlobalDirs(start: string): Generator<Folder> {
    for (const folder of super.getGlobalDirs(start)) if (!folder.isGlobalConfig) yield folder;
  }

  /** Files only. One that cannot be read is not passed over for another further up. */
  override getSearchPlacesForDir(folder: Folder, global: readonly string[]): string[] {
    return super.getSearchPlacesForDir(folder, [...global]).filter((path) => {
      if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return false;
      try {
        accessSync(path, constants.R_OK);
      } catch {
        throw new SystemError('refused', path, 'permission denied');
      }
      return true;
    });
  }
}

export function searchIntent(
  names: readonly string[],
  home: string | undefined,
): string | undefined {
  const from = workingDirectory();
  const raw = (_path: string, text: string): string => text;
  const explorer = new IntentExplorer({
    moduleName: 'macvtap',
    searchPlaces: [...names],
    searchStrategy: 'global',
    stopDir: searchLimit(from, home),
    // One for each ending of `names`; others are not looked for.
    loaders: { '.yaml': raw, '.yml': raw, '.json': raw },
    // An empty file is found too: that it is empty is for us to say.
    ignoreEmptySearchPlaces: false,
    cache: false,
    transform: (result) => result,
    mergeImportArrays: true,
    mergeSearchPlaces: false,
    applyPackagePropertyPathToConfiguration: false,
    metaConfigFilePath: null,
  });
  return explorer.search(from)?.filepath;
}

function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    throw new SystemError('not-found', '.', 'the working directory is gone');
  }
}
