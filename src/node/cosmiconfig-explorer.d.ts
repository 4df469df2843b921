/** cosmiconfig 9.0.2, pinned: the class is not part of its published types. */
declare module 'cosmiconfig/dist/ExplorerSync.js' {
  export interface Folder {
    readonly path: string;
    readonly isGlobalConfig: boolean;
  }

  export class ExplorerSync {
    constructor(options: {
      moduleName: string;
      searchPlaces: string[];
      searchStrategy: 'none' | 'project' | 'global';
      stopDir: string;
      loaders: Record<string, (path: string, text: string) => unknown>;
      ignoreEmptySearchPlaces: boolean;
      cache: boolean;
      transform: (result: unknown) => unknown;
      mergeImportArrays: boolean;
      mergeSearchPlaces: boolean;
      applyPackagePropertyPathToConfiguration: boolean;
      metaConfigFilePath: null;
    });
    getGlobalDirs(start: string): Generator<Folder>;
    getSearchPlacesForDir(folder: Folder, globalPlaces: string[]): string[];
    search(from: string): { filepath: string } | null;
  }
}
