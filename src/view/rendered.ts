/** What files are made of: entries with their reasons, views, and rendered files. */
import type { Path } from '../diagnostics/diagnostic.ts';
import type { Authority } from '../targets/since.ts';
import type { Place, Rank } from './place.ts';

/**
 * One value in a file, encoded for the format of the file, and why it is there.
 *
 *     MACVLAN=veth0      text `veth0`, why "the shim is created on top of this link",
 *                        authority "systemd.network(5), [Network] MACVLAN="
 */
export interface Entry {
  readonly text: string;
  readonly why: string;
  /** Manual page and key, or kernel document. */
  readonly authority: Authority;
  /** Where in the intent it comes from. */
  readonly origin: Path;
}

/** What a template prints: entries, and lists and groups of them. Absent means not printed. */
export interface View {
  readonly [key: string]: Entry | View | readonly (Entry | View)[] | undefined;
}

export const isEntry = (value: Entry | View): value is Entry => typeof value['why'] === 'string';

/** Makes an entry. A value can never become a second line: that would be an internal error. */
export function entry(
  text: string | number,
  why: string,
  authority: Authority,
  origin: Path,
): Entry {
  const line = String(text);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (line === '' || /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(line)) {
    throw new Error(`a value must be one line of text: ${JSON.stringify(line)} (${path(origin)})`);
  }
  return { text: line, why, authority, origin };
}

const path = (origin: Path): string => origin.join('.');

/** The group, or nothing where it would be empty: a section without keys says nothing. */
export function definedOnly(group: View): View | undefined {
  return Object.values(group).some((value) => value !== undefined) ? group : undefined;
}

export interface RenderedFile {
  /** Absolute, on the target. */
  readonly path: string;
  readonly mode: 0o600 | 0o644 | 0o755;
  readonly text: string;
  /** Whether the arrangement fails without it, or it is advisable only. */
  readonly role: 'required' | 'optional';
  /** Which of the back end's places it lies in. */
  readonly place: Place;
  /** See `RANK`; less is earlier. */
  readonly rank: Rank;
  /** Why the file is there at all; its headers and sections are explained by this. */
  readonly about: Entry;
  /** The entry that the file is for: a version that does not know it gets no such file. */
  readonly keyEntry?: Entry;
  /** What it was printed from: `explain` prints it again, with marks. */
  readonly template: string;
  readonly view: View;
  /** What follows the printed template: the same for every host, such as the commands of a script. */
  readonly body?: readonly Paragraph[];
}

/** Lines of a static text, and why they are there. */
export interface Paragraph {
  readonly text: string;
  readonly about: Entry;
}
