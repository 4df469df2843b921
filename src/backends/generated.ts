/** The generated files of a host → which system they are for, and what they say of its links. */
import { backends } from './registry.ts';
import type { FileLink, Files, Reader } from './shared/file-links.ts';

export type { Aspect, FileLink, Files, How } from './shared/file-links.ts';

/** Files for one system, which may be those before a change or after it. */
export interface FilesRead {
  /** What has the network, as messages name it; empty where no generated file says. */
  readonly title: string;
  readonly links: ReadonlyMap<string, FileLink>;
  /** Whether an activation leaves links up that were there and still are. */
  readonly staysUp: boolean;
}

/** One reader a system: both back ends of netplan have the same. */
const READERS: readonly Reader[] = [
  ...new Map(
    backends.flatMap(({ reader }) => (reader ? [[reader.system, reader] as const] : [])),
  ).values(),
];

/**
 * @param files those of the other back ends may lie among them
 * @param backend the one that they are for, by its id, if that is known
 */
export function readGenerated(files: Files, backend?: string): FilesRead {
  const preferred = backends.find(({ id }) => id === backend)?.reader;
  const reader = readerFor(files, preferred);
  if (!reader) return { title: '', links: new Map(), staysUp: true };
  const { title, staysUp } = reader;
  return { title: title(files), links: reader.read(files).all, staysUp };
}

/** What files of any system say of each link; of one that several describe, what creates a device. */
export function linksIn(files: Files): ReadonlyMap<string, FileLink> {
  const found = new Map<string, FileLink>();
  for (const [name, link] of READERS.flatMap(({ read }) => [...read(files).all])) {
    const known = found.get(name);
    if (!known?.maker) found.set(name, { ...known, ...link });
  }
  return found;
}

/**
 * Ids of the back ends whose files these are; several where one was installed beside another.
 * @param files all generated files of a host
 */
export const backendsIn = (files: Files): string[] =>
  readersOf(files).map(({ backend }) => backend(files));

/** Readers of the systems that the files are for, without those of whose files another's set has some. */
function readersOf(files: Files): Reader[] {
  const marked = READERS.filter(({ isMark }) => [...files].some((file) => isMark(...file)));
  return marked.filter(({ system }) => !marked.some(({ other }) => other?.system === system));
}

/** Left-overs of another back end may lie beside the files. */
function readerFor(files: Files, preferred: Reader | undefined): Reader | undefined {
  const own = readersOf(files);
  const [first] = own;
  const isOpen =
    preferred?.other !== undefined &&
    preferred.other.system === first?.system &&
    preferred.other.isEnough(files);
  return preferred && (isOpen || own.includes(preferred)) ? preferred : first;
}
