/** Text for a shell. */

/** A word: it means itself, whatever is in it. */
export const quote = (word: string): string =>
  /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
