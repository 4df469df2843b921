/**
 * Fixes: what `lint --fix` may do about a diagnostic. A diagnostic has one only where its hint leaves a
 * single thing to do. Imports nothing.
 *
 * A fix says what changes in the intent; `intent/edits.ts` turns it into edits of the text, and
 * `fix-texts.ts` applies those that lead to no new error.
 */

/** What changes, at the key or value that the fix is about. */
export type Change =
  /** The value becomes another text; it stays in the quotes that it has. */
  | { readonly kind: 'value'; readonly text: string }
  /** The value becomes this word, without quotes: a number, `true` or `false`. */
  | { readonly kind: 'word'; readonly text: string }
  /** The key has another name. */
  | { readonly kind: 'key'; readonly text: string }
  /**
   * Another key takes the place of this one, with its value between two texts in YAML's flow style, such
   * as `[{to: default, via: ` and `}]`. Where these end and begin with a list, the value may be one.
   */
  | {
      readonly kind: 'entry';
      readonly key: string;
      readonly before: string;
      readonly after: string;
    }
  /** The value becomes a list of one item, or a list of one item becomes that item. */
  | { readonly kind: 'wrap' | 'unwrap' }
  /** The key and its value are removed, or the innermost item of a list that is around the place. */
  | { readonly kind: 'remove-entry' | 'remove-item' }
  /** A key is added before the first one. */
  | { readonly kind: 'first-entry'; readonly key: string; readonly value: string };

export interface Fix {
  /** What it does, as an order: ``Rename the key to `addresses`.`` */
  readonly message: string;
  readonly change: Change;
  /** Where, if not at the place of the diagnostic: keys and list indices from the root. */
  readonly path?: readonly (string | number)[];
  /** The same as an offset, where `path` cannot say it or is not known any more. */
  readonly offset?: number;
  /**
   * Right at this place only: never done to a mapping that an alias uses elsewhere, and in `defaults`
   * only if it is right for every host.
   */
  readonly isLocal?: true;
}

export const renameKey = (text: string): Fix => ({
  message: `Rename the key to \`${text}\`.`,
  change: { kind: 'key', text },
});

export const setValue = (text: string): Fix => ({
  message: `Write \`${text}\`.`,
  change: { kind: 'value', text },
});

export const setWord = (text: string): Fix => ({
  message: `Write \`${text}\`.`,
  change: { kind: 'word', text },
});

export const removeQuotes = (text: string): Fix => ({
  message: 'Remove the quotes.',
  change: { kind: 'word', text },
});

/** @param before,after around the value, in YAML's flow style */
export const replaceEntry = (key: string, before: string, after: string): Fix => ({
  message: `Write \`${key}: ${before}…${after}\`.`,
  change: { kind: 'entry', key, before, after },
});

export const removeEntry = (message = 'Remove the key.'): Fix => ({
  message,
  change: { kind: 'remove-entry' },
  isLocal: true,
});

export const removeItem = (message: string, path?: Fix['path']): Fix => ({
  message,
  change: { kind: 'remove-item' },
  isLocal: true,
  ...(path && { path }),
});

export const wrapInList: Fix = { message: 'Write a list.', change: { kind: 'wrap' } };
export const unwrapItem: Fix = {
  message: 'Write the item without its list.',
  change: { kind: 'unwrap' },
};

export const addFirst = (key: string, value: string): Fix => ({
  message: `Add \`${key}: ${value}\`.`,
  change: { kind: 'first-entry', key, value },
});
