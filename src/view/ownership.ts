/**
 * The mark of generated files: one is in a place of a back end *and* has the mark. A file with only the
 * name was edited, or was not generated.
 */

const MARK = 'Written by macvtap-render from ';

/** How a comment begins and ends, in the formats that are written. */
const COMMENTS = [
  { begin: '# ', end: '' },
  { begin: '<!-- ', end: ' -->' },
] as const;

/** How a script says what runs it, in the line before its first comment (execve(2)). */
const INTERPRETER = /^#![^\n]*\n/;

/** The first line of every file; it names the host and nothing that changes from run to run. */
export const ownershipLine = (host: string): string => `# ${ownership(host)}`;

/** As `ownershipLine`, in XML, where no comment may hold `--` or end with `-`. */
export const xmlOwnershipLine = (host: string): string =>
  `<!-- ${ownership(host).replace(/-(?=-)/g, '- ')} -->`;

const ownership = (host: string): string =>
  `${MARK}${host === '' ? 'an intent without a host' : `the intent of host ${host}`}.`;

/** The first line of a file that is the same whatever the intent: a task of a role. */
export const sharedLine = (): string =>
  `# ${MARK}its own templates; it is the same for every host.`;

/** Whether a text has the mark of a generated file. */
export const isGenerated = (text: string): boolean => ownershipText(text) !== undefined;

/** From which intent a generated file is, as its first line says: `the intent of host kvm1`. */
export const intentNamed = (text: string): string => (ownershipText(text) ?? '').replace(/\.$/, '');

/** Whether two generated files are of one host's intent. */
export const isSameHost = (text: string, other: string): boolean =>
  ownershipText(text) === ownershipText(other);

/** What follows the mark in the first line, in whatever format; undefined where it is not there. */
function ownershipText(text: string): string | undefined {
  const [line = ''] = text.replace(INTERPRETER, '').split('\n', 1);
  const comment = COMMENTS.find(({ begin }) => line.startsWith(`${begin}${MARK}`));
  if (!comment || !line.endsWith(comment.end)) return undefined;
  return line.slice(comment.begin.length + MARK.length, line.length - comment.end.length);
}

/** What a file is called while it is being written; daemons read no such name. */
export const temporaryName = (name: string): string => `.${shortened(name)}.macvtap-new`;

/** The same for what a file says while others change. */
export const interimName = (name: string): string =>
  `.${shortened(name)}.macvtap-interim.macvtap-new`;

/** Names have 255 bytes at most: of a long one the beginning, and a sum of all of it (FNV-1a). */
function shortened(name: string): string {
  if (name.length <= 200) return name;
  let sum = 0x811c9dc5;
  for (const character of name) {
    sum = Math.imul(sum ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return `${name.slice(0, 190)}~${sum.toString(16)}`;
}

/** The final name of a temporary file; undefined for any other name. */
export const nameOfTemporary = (name: string): string | undefined =>
  /^\.(.+?)(?:\.macvtap-interim)?\.macvtap-new$/.exec(name)?.[1];

/** The `n`th name under which a file is kept that was in the way. */
export const backupName = (name: string, n: number): string =>
  `.${shortened(name)}.macvtap-backup${n === 1 ? '' : `-${n}`}`;

/** How the names of locks begin. */
export const LOCK_PREFIX = '.macvtap-lock.';

/** Whether a lock could have this name: boot, pid namespace, pid, and when the process began. */
export const isLockName = (name: string): boolean =>
  /^\.macvtap-lock\.[0-9a-f-]*\.[0-9]*\.[0-9]+\.[0-9]*$/.test(name);

/** What generated another file, by its comments; for the message about the obstacle. */
export function makerOf(text: string): string {
  const comments = text.split('\n', 40).filter((line) => /^\s*[#;]/.test(line));
  const ownershipText = GENERATORS.find(({ sign }) => comments.some((line) => sign.test(line)));
  if (ownershipText) return `it says to be ${ownershipText.who}`;
  const first = text.split('\n').find((line) => line.trim() !== '');
  return first === undefined ? 'it is empty' : `it begins with \`${first.trim().slice(0, 60)}\``;
}

const GENERATORS: readonly { readonly sign: RegExp; readonly who: string }[] = [
  { sign: /cloud-init/i, who: "cloud-init's" },
  { sign: /ansible/i, who: "Ansible's" },
  { sign: /puppet/i, who: "Puppet's" },
  { sign: /\bchef\b/i, who: "Chef's" },
  { sign: /\bsalt\b/i, who: "Salt's" },
  { sign: /netplan/i, who: "netplan's" },
  { sign: /libvirt/i, who: "libvirt's" },
];
