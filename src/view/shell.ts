/** Words of a POSIX shell: no value can become a second word, an option or a command. */

/** A part of what stands between single quotes. */
export const inQuotes = (text: string): string => text.replaceAll("'", "'\\''");

/** The value as one argument: as it is where every character is safe, else between quotes. */
export const quote = (word: string): string =>
  /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${inQuotes(word)}'`;
