/** Words of a POSIX shell: no value can become a second word, an option or a command. */

/** Characters that mean nothing to a shell, wherever in a word they stand. */
const SAFE = /^[A-Za-z0-9_@%+:,./-]+$/;

/** The value as one word: as it is where every character is safe, else between quotes. */
export const word = (text: string): string =>
  SAFE.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
