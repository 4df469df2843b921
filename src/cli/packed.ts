/** What is to be written to many hosts, in little memory: most of their lines are the same. */
import type { Base, Placement } from '../install/places.ts';
import type { InstallOptions } from '../install/plan.ts';

/** The files of one host. */
export interface Packed {
  readonly files: readonly PackedFile[];
  /** The lines that `files` have numbers of; the first line is empty. */
  readonly lines: string;
}

/** Of all hosts whose lines differ at the same places: lines of all of them, and numbers of a host's own. */
interface PackedFile extends Pick<Placement, 'steps'> {
  readonly file: Omit<Placement['file'], 'text' | 'about'>;
  readonly lines: readonly (string | number)[];
}

/** The file of the first host that others are compared with. */
interface First extends Omit<PackedFile, 'lines'> {
  readonly id: number;
  readonly lines: readonly string[];
}

export interface Packer {
  readonly pack: (placements: readonly Placement[]) => Packed;
  readonly text: (text: string) => string;
  readonly bases: (bases: readonly Base[]) => readonly Base[];
  /** Those of a pending change have the host's own model with them, and are not shared. */
  readonly options: (options: InstallOptions) => InstallOptions;
}

/** For one fleet. */
export function newPacker(): Packer {
  const firsts = new Map<string, First>();
  const known = new Map<string, readonly PackedFile[]>();
  const firstOf = ({ file, steps }: Placement, count: number): First => {
    const { path, mode, rank } = file;
    const key = JSON.stringify([path, mode, rank, steps, count]);
    const found = firsts.get(key);
    if (found) return found;
    const first = {
      id: firsts.size,
      file: { path, mode, ...(rank !== undefined && { rank }) },
      steps,
      lines: copied(file.text).split('\n'),
    };
    firsts.set(key, first);
    return first;
  };
  const texts = sharedBy((text: string) => text);
  const bases = sharedBy((all: readonly Base[]) => JSON.stringify(all));
  const options = sharedBy((all: InstallOptions) => JSON.stringify(all));
  return {
    pack(placements) {
      const own = new Map<string, number>();
      const files = placements.map((placement) => {
        const lines = placement.file.text.split('\n');
        const first = firstOf(placement, lines.length);
        return { first, lines: lines.map((line, at) => oneOf(own, line, first.lines[at])) };
      });
      const key = files.map(({ first, lines }) => keyOf(first, lines)).join(';');
      let shared = known.get(key);
      if (!shared) {
        shared = files.map(({ first: { file, steps }, lines }) => ({ file, steps, lines }));
        known.set(key, shared);
      }
      // With an empty line before them: a single line would stay a part of the whole text.
      return { files: shared, lines: ['', ...own.keys()].join('\n') };
    },
    text: texts,
    bases,
    options: (all) => (all.pendingFolders || all.onKept ? all : options(all)),
  };
}

/** The files as they were packed. */
export function unpacked({ files, lines: all }: Packed): Placement[] {
  const own = all.split('\n');
  return files.map(({ file, steps, lines }) => {
    const text = lines.map((line) => (typeof line === 'string' ? line : own[line])).join('\n');
    return { file: { ...file, text }, steps };
  });
}

/** The line of the first host where it is the same; else the number of this host's own. */
function oneOf(own: Map<string, number>, line: string, first: string | undefined): string | number {
  if (line === first) return first;
  const number = own.get(line) ?? own.size + 1;
  own.set(line, number);
  return number;
}

const keyOf = ({ id }: First, lines: readonly (string | number)[]): string => {
  let key = `${id}`;
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at];
    if (typeof line === 'number') key += `,${at}:${line}`;
  }
  return key;
};

/** Printed text may be a part of a longer one, and keep that in memory. */
const copied = (text: string): string => text.split('\n').join('\n');

/** One of those that have the same key. */
function sharedBy<T>(keyOf: (item: T) => string): (item: T) => T {
  const known = new Map<string, T>();
  return (item) => {
    const key = keyOf(item);
    const found = known.get(key);
    if (found !== undefined) return found;
    known.set(key, item);
    return item;
  };
}
