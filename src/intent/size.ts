/**
 * How many values a text has at most, by one walk over its characters: before anything is made of
 * it, since each value costs about a kilobyte once it is composed, and the limit of bytes alone
 * would let a file of `[a,a,…]` take more memory than Node has.
 */

import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';

/**
 * Keys, scalars, mappings and lists. A fleet of 100,000 hosts has nine each where a host says its
 * address alone, and 22 with a route and a guest: composed, that is more than 2 GB, and the heap that
 * Node takes by default ends at 2 to 4 GB.
 */
export const MAX_VALUES = 3_000_000;

/** Lines and quotes become tokens, too; a value has at most two. */
const MAX_TOKENS = 2 * MAX_VALUES;

/** What a text holds of it; the count stops where it is too much. */
export interface Size {
  readonly values: number;
  /** The line in which the text became too large. */
  readonly tooLargeAt?: number;
}

const NEWLINE = 10;
const SPACE = 32;
const QUOTE = 34;
const APOSTROPHE = 39;
const COMMA = 44;
const DASH = 45;
const COLON = 58;
const QUESTION = 63;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const OPEN_MAP = 123;
const CLOSE_MAP = 125;
/** `! # % & * > @ \ | \``: what begins a tag, a comment, an anchor, an escape, or is an error. */
const MARKS: ReadonlySet<number> = new Set([33, 35, 37, 38, 42, 62, 64, 92, 96, 124]);

/** By character, whether it is more than a letter of a word: looked up, as this is done for each. */
const IS_SPECIAL = Uint8Array.from({ length: 128 }, (_, code) =>
  MARKS.has(code) || code <= SPACE || ',-:?"\'[]{}'.includes(String.fromCharCode(code)) ? 1 : 0,
);

const isBlank = (code: number): boolean => code === SPACE || code === 9;
const endsLine = (code: number): boolean => code === NEWLINE || code === 13 || Number.isNaN(code);
const isFlow = (code: number): boolean =>
  code === COMMA ||
  code === OPEN_LIST ||
  code === CLOSE_LIST ||
  code === OPEN_MAP ||
  code === CLOSE_MAP;

/** @param before values of other texts that are read together with this one */
export function sizeOf(text: string, before = 0): Size {
  let values = before;
  let lines = 0;
  let quotes = 0;
  let marks = 0;
  // The last character that is not white space; whether the line has begun with indicators alone.
  let last = COMMA;
  let isIndented = true;
  let isOpen = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (IS_SPECIAL[code] !== 1) {
      if (isOpen) values += 1;
      isIndented = false;
      isOpen = false;
      last = code;
      continue;
    }
    if (isBlank(code)) continue;
    if (code === NEWLINE) {
      lines += 1;
      // After `,` or an opening bracket the value is counted already.
      isOpen = last !== COMMA && last !== OPEN_LIST && last !== OPEN_MAP;
      isIndented = true;
    } else {
      const next = text.charCodeAt(at + 1);
      const isAlone = isBlank(next) || endsLine(next);
      const begins = isOpen && code !== CLOSE_LIST && code !== CLOSE_MAP && !MARKS.has(code);
      if (begins) values += 1;
      if (code === COMMA || code === OPEN_LIST || code === OPEN_MAP) values += 1;
      else if (code === COLON && (isAlone || isFlow(next) || endsValue(last))) values += 1;
      else if (code === QUESTION && isAlone) values += 2;
      else if (code === DASH && isAlone && isIndented && !begins) values += 1;
      else if (code === QUOTE || code === APOSTROPHE) quotes += 1;
      else if (code === CLOSE_LIST || code === CLOSE_MAP || MARKS.has(code)) marks += 1;
      isIndented &&= isAlone && (code === DASH || code === QUESTION);
      isOpen = false;
      last = code;
    }
    const isTooMuch =
      values > MAX_VALUES || lines > MAX_TOKENS || quotes > MAX_TOKENS || marks > MAX_VALUES;
    if (isTooMuch) return { values, tooLargeAt: lines + 1 };
  }
  return { values };
}

/** A key in quotes, or a collection, takes its `:` without a space behind it (as JSON). */
const endsValue = (code: number): boolean =>
  code === QUOTE || code === APOSTROPHE || code === CLOSE_LIST || code === CLOSE_MAP;

export const tooManyValues = (line: number): Diagnostic =>
  diagnostic(
    'too-many-values',
    [],
    `The intent has more than ${counted(MAX_VALUES)} values, as of line ${line}.`,
  );

/** `2,000,000`: no `Intl` here. */
const counted = (count: number): string => String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
