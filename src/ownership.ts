/** By which mark a file is known to be ours. A file is ours if it has our name *and* this mark. */

const MARK = 'Written by macvtap-render from ';

/** What a comment begins with, in the formats that are written. */
const COMMENTS = ['# ', '<!-- '];

/** How a script says what runs it, in the line before its first comment (execve(2)). */
const INTERPRETER = /^#![^\n]*\n/;

/** The first line of every file; it names the host and nothing that changes from run to run. */
export const ownershipLine = (host: string): string => `# ${ownership(host)}`;

/** As `ownershipLine`, in XML, where no comment may hold `--` or end with `-`. */
export const xmlOwnershipLine = (host: string): string =>
  `<!-- ${ownership(host).replace(/-(?=-)/g, '- ')} -->`;

const ownership = (host: string): string =>
  `${MARK}${host === '' ? 'an intent without a host' : `the intent of host ${host}`}.`;

/** Whether a file's text says that it is ours. */
export function isOurs(text: string): boolean {
  const said = text.replace(INTERPRETER, '');
  return COMMENTS.some((comment) => said.startsWith(`${comment}${MARK}`));
}
