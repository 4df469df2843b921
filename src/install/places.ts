/** Where each file of a set goes, below the directory that the user named. */
import type { RenderedFile } from '../view/rendered.ts';

/** What is needed of a file to be put somewhere: one for a host has its reasons with it. */
export interface Placeable
  extends Pick<RenderedFile, 'path' | 'mode' | 'text'>,
    Partial<Pick<RenderedFile, 'about' | 'rank'>> {}

/** One file and where it goes: components below the directory, the last one its name. */
export interface Placement {
  readonly file: Placeable;
  readonly steps: readonly string[];
}

/**
 * Where one system's files lie: its own tree below `steps`, or, where `flat` names a directory
 * of the target, that one laid out in the directory itself.
 */
export interface Base {
  readonly steps: readonly string[];
  readonly flat?: string;
  /** The back end's; absent: `host`. */
  readonly scope?: 'host' | 'trial' | 'guests';
  /**
   * This folder alone, which is a packaging's own: whatever an interrupted run left in it, under
   * whatever name, is to go.
   */
  readonly isOwn?: true;
}

/** `--root`: the target's own tree below the directory. */
export function treePlacements(
  files: readonly RenderedFile[],
  below: readonly string[] = [],
): Placement[] {
  return files.map((file) => ({ file, steps: [...below, ...components(file.path)] }));
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

/** Where a folder of the target is, for a base; undefined where a flat one does not hold it. */
export function stepsTo({ steps, flat }: Base, folder: string): readonly string[] | undefined {
  if (flat === undefined) return [...steps, ...components(folder)];
  return folder === flat ? steps : undefined;
}

const components = (path: string): string[] => path.split('/').slice(1);
