/** Addresses in files of any format. */

/** With a prefix length, after the beginning of a line, a blank or `=`. */
const PREFIX = /(?:^|[\s=])((?=[0-9a-f.]*:|(?:[0-9]+\.){3})[0-9a-f:.]+\/[0-9]+)/;

/** The first of each line that is not a comment, as written. */
export const prefixesIn = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .flatMap((line) => PREFIX.exec(line)?.[1] ?? []);
