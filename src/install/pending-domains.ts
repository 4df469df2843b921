/**
 * What the pending directory holds of libvirt's domains. Others change them until the activation, which reads it:
 * until then a further run replaces it, and after that nothing does.
 *
 *     domains                       a line for each interface: number, UUID, MAC, how it is attached before and after
 *     domain-files                  absolute paths of their stored definitions, one a line; kept below `files`
 *     domain-NUMBER-stored, -after, -before   the interface as XML
 */

import type { Directory } from '../system.ts';
import { type Change, keepAll, MAX_COPY, replaceText } from './kept.ts';
import { kindBelow, removeAll, textBelow, within } from './tree.ts';

export interface DomainNotes {
  /** By the name of the file. */
  readonly notes: Readonly<Record<string, string>>;
  /** Stored definitions, which a rollback restores byte for byte: absolute paths on the host. */
  readonly also: readonly string[];
  /** libvirt or the kernel did not answer: what is kept of the domains stays. */
  readonly isUnknown?: true;
}

const MAX_BYTES = 1024 * 1024;
const LIST = 'domains';
const DEFINITIONS = 'domain-files';
const isDomainNote = (name: string): boolean =>
  name === LIST || name === DEFINITIONS || /^domain-\d+-(?:stored|after|before)$/.test(name);

/** An activation writes the first at its begin; one for the next boot writes the second. */
const MARKS = ['activating', 'links'] as const;

/** Whether the state before the change is captured: domains may have moved since. */
export const hasBegun = (pending: Directory): boolean =>
  MARKS.some((name) => pending.kindOf(name) !== undefined);

const textOf = (pending: Directory, name: string): string =>
  textBelow(pending, [name], MAX_BYTES) ?? '';

/**
 * Whether the pending directory has the same of the domains, and their definitions as they are on the host: a
 * rollback restores those byte for byte.
 */
export function hasDomains(
  top: Directory,
  pending: Directory,
  base: readonly string[],
  { notes, also }: DomainNotes,
): boolean {
  const names = new Set([...pending.list().filter(isDomainNote), ...Object.keys(notes)]);
  return (
    [...names].every((name) => textOf(pending, name) === (notes[name] ?? '')) &&
    also.every((path) => {
      const steps = path.split('/').slice(1);
      const kept = textBelow(pending, ['files', ...steps], MAX_COPY);
      return kept !== undefined && kept === textBelow(top, [...base, ...steps], MAX_COPY);
    })
  );
}

/** A line of `domains` without its number. */
const wordsOf = (line: string): string => line.slice(line.indexOf(' ') + 1);

/**
 * Of a change that is activated already: the first interface that it does not move in this way, as its line of
 * `domains` without the number.
 */
export function notMovedBy(pending: Directory, { notes }: DomainNotes): string | undefined {
  const numbered = (text: string): Map<string, string> =>
    new Map(
      text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => [wordsOf(line), line.slice(0, line.indexOf(' '))]),
    );
  const kept = numbered(textOf(pending, LIST));
  // What runs has other XML after each start; what is stored has another where it was edited.
  const isSame = (number: string, before: string | undefined): boolean =>
    before !== undefined &&
    textOf(pending, `domain-${before}-stored`) === (notes[`domain-${number}-stored`] ?? '');
  return [...numbered(notes[LIST] ?? '')].find(
    ([words, number]) => !isSame(number, kept.get(words)),
  )?.[0];
}

/**
 * Replaces what a pending change that is not activated has of the domains. The list goes first and comes last:
 * without it no domain moves.
 * @param pending the pending directory; the caller holds the lock of the one above
 */
export function keepDomains(
  top: Directory,
  pending: Directory,
  base: readonly string[],
  { notes, also }: DomainNotes,
): void {
  const files = textOf(pending, DEFINITIONS).split('\n');
  removeAll(pending, LIST);
  // A kept definition may have been edited since, or its domain may be gone.
  for (const path of files) removeKept(pending, path.split('/').slice(1));
  for (const name of pending.list().filter(isDomainNote)) removeAll(pending, name);
  const changes = also.map((target): Change => {
    return { target, steps: [...base, ...target.split('/').slice(1)] };
  });
  if (changes.length > 0) keepAll(top, pending, changes, new Set(also));
  const { [LIST]: list, ...others } = notes;
  for (const [name, text] of Object.entries(others)) replaceText(pending, name, 0o600, text);
  if (list !== undefined) replaceText(pending, LIST, 0o600, list);
}

function removeKept(pending: Directory, steps: readonly string[]): void {
  const isPath = steps.length > 0 && steps.every((step) => !['', '.', '..'].includes(step));
  if (!isPath || kindBelow(pending, ['files', ...steps]) === undefined) return;
  within(pending, ['files', ...steps.slice(0, -1)], (folder) =>
    removeAll(folder, steps.at(-1) ?? ''),
  );
}
