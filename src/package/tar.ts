/**
 * Files → an archive for tar(1), in the format of POSIX.1-1988 (ustar), which every tar reads.
 * Files only: an entry for `/etc` would change the mode and the times of the host's own. No clock,
 * so the same intent is the same archive.
 */
import { type Member, OWNER, type Packaging } from './package.ts';

const BLOCK = 512;
/** What tar writes at a time; shorter archives are filled up. */
const RECORD = 20 * BLOCK;

export const tarPackaging = {
  id: 'tar',
  summary: "the target's tree, for tar -x -p -C /; of a fleet, each host's",
  takesSeveral: false,
  takesHosts: true,
  activates: false,
  text: (packages) =>
    tar(
      packages.flatMap(({ folder, files }) =>
        files.map(({ path, mode, text }) => ({
          path: folder === undefined ? path.slice(1) : `${folder}${path}`,
          mode,
          text,
        })),
      ),
    ),
} as const satisfies Packaging;

/** As text in which zero bytes are characters; written in UTF-8 it is the archive. */
export function tar(members: readonly Member[]): string {
  const body = members.map(entryOf).join('');
  const length = body.length === 0 ? 0 : utf8Length(body);
  const end = length + 2 * BLOCK;
  return `${body}${'\0'.repeat(Math.ceil(end / RECORD) * RECORD - length)}`;
}

function entryOf({ path, mode, text }: Member): string {
  const size = utf8Length(text);
  const named = nameAndPrefix(path);
  // Too long for the format: GNU tar's extension, which busybox's tar also reads.
  const long = named
    ? ''
    : header({ name: '././@LongLink', prefix: '' }, 0o644, utf8Length(path) + 1, 'L') +
      filled(`${path}\0`);
  return `${long}${header(named ?? { name: firstBytes(path, 100), prefix: '' }, mode, size, '0')}${filled(text)}`;
}

interface Named {
  readonly name: string;
  readonly prefix: string;
}

/** A path in its two fields; undefined where it does not fit. */
function nameAndPrefix(path: string): Named | undefined {
  if (utf8Length(path) <= 100) return { name: path, prefix: '' };
  for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
    if (utf8Length(prefix) <= 155 && name !== '' && utf8Length(name) <= 100)
      return { name, prefix };
  }
  return undefined;
}

function header({ name, prefix }: Named, mode: number, size: number, type: '0' | 'L'): string {
  const number = (value: number, width: number): string =>
    `${value.toString(8).padStart(width - 1, '0')}\0`;
  const [front, back] = [
    `${field(name, 100)}${number(mode, 8)}${number(0, 8)}${number(0, 8)}${number(size, 12)}${number(0, 12)}`,
    `${type}${field('', 100)}ustar\x0000${field(OWNER, 32)}${field(OWNER, 32)}${number(0, 8)}${number(0, 8)}${field(prefix, 155)}${field('', 12)}`,
  ];
  // The sum of all bytes, its own field taken for blanks.
  const sum = byteSum(front) + 8 * 32 + byteSum(back);
  return `${front}${sum.toString(8).padStart(6, '0')}\0 ${back}`;
}

const field = (text: string, width: number): string =>
  `${text}${'\0'.repeat(width - utf8Length(text))}`;

const filled = (text: string): string =>
  `${text}${'\0'.repeat((BLOCK - (utf8Length(text) % BLOCK)) % BLOCK)}`;

/** Length in UTF-8. The engines of the core have no encoder in common. */
function utf8Length(text: string): number {
  let length = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    length += unit < 0x80 ? 1 : unit < 0x800 ? 2 : unit >= 0xd800 && unit < 0xe000 ? 2 : 3;
  }
  return length;
}

function byteSum(text: string): number {
  let sum = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    if (point < 0x80) sum += point;
    else if (point < 0x800) sum += (0xc0 | (point >> 6)) + (0x80 | (point & 63));
    else if (point < 0x10000)
      sum += (0xe0 | (point >> 12)) + (0x80 | ((point >> 6) & 63)) + (0x80 | (point & 63));
    else
      sum +=
        (0xf0 | (point >> 18)) +
        (0x80 | ((point >> 12) & 63)) +
        (0x80 | ((point >> 6) & 63)) +
        (0x80 | (point & 63));
  }
  return sum;
}

/** The name that a tar without long names gives it. */
function firstBytes(text: string, most: number): string {
  let cut = '';
  for (const character of text) {
    if (utf8Length(cut + character) > most) break;
    cut += character;
  }
  return cut;
}
