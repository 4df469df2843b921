/** By which mark a file is known to be ours. A file is ours if it has our name *and* this mark. */

const MARK = '# Written by macvtap-render from ';

/** The first line of every file; it names the host and nothing that changes from run to run. */
export function ownershipLine(host: string): string {
  return `${MARK}${host === '' ? 'an intent without a host' : `the intent of host ${host}`}.`;
}

/** Whether a file's text says that it is ours. */
export const isOurs = (text: string): boolean => text.startsWith(MARK);
