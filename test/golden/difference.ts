/**
 * What one case's files have that its base's have not: no context lines, so that a line which comes
 * into every file changes the bases alone. A hunk is found again by the line that encloses it (a
 * section's header, the key above) and by what it removes; where that is not enough, it has as
 * many lines of context as it takes. `applied` is the proof that nothing is lost.
 *
 *     # ==> /etc/systemd/network/00-macvtap-veth0.netdev (0644, required)
 *     @ [MACVLAN]
 *     -Mode=bridge
 *     +Mode=vepa
 */
import { diffArrays } from 'diff';

/** A file as the golden output has it. */
export interface GoldenFile {
  readonly path: string;
  /** Octal, four digits. */
  readonly mode: string;
  readonly role: string;
  readonly text: string;
}

interface Hunk {
  /** The enclosing line, where it is another than the hunk's before it. */
  readonly anchor?: string;
  readonly context: readonly string[];
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

const MOST_CONTEXT = 4;

/** All files, whole. */
export const whole = (files: readonly GoldenFile[]): string =>
  files.map((file) => `${headOf(file)}\n${file.text}`).join('');

/** The difference of two sets; empty where there is none. */
export function difference(base: readonly GoldenFile[], files: readonly GoldenFile[]): string {
  const kept = keptInOrder(base, files);
  const known = new Map(base.map((file) => [file.path, file]));
  const parts: string[] = [];
  let previous: GoldenFile | undefined;
  let placed = 0;
  for (const file of files) {
    // What has moved goes, and comes again where it is now.
    const before = kept.has(file.path) ? known.get(file.path) : undefined;
    const body = before && bodyOf(before.text, file.text);
    const isListed = !before || body !== '' || headOf(before) !== headOf(file);
    // A new file comes after the one that is listed before it: that one is listed for its sake.
    if (!before && previous && placed !== files.indexOf(previous) + 1) {
      parts.push(`${headOf(previous)}\n`);
    }
    if (isListed) {
      parts.push(before ? `${headOf(file)}\n${body}` : newPart(base, file));
      placed = files.indexOf(file) + 1;
    }
    previous = file;
  }
  const gone = base.filter(({ path }) => !files.some((file) => file.path === path));
  return [...parts, ...gone.map((file) => `${headOf(file)} gone\n`)].join('');
}

/** Paths that both have, in an order that both have. */
function keptInOrder(base: readonly GoldenFile[], files: readonly GoldenFile[]): Set<string> {
  const paths = (some: readonly GoldenFile[]): string[] => some.map(({ path }) => path);
  const common = diffArrays(paths(base), paths(files)).filter(
    ({ added, removed }) => !added && !removed,
  );
  return new Set(common.flatMap(({ value }) => value));
}

/** A new file: as the difference from the file of the base that is most like it, where one is. */
function newPart(base: readonly GoldenFile[], file: GoldenFile): string {
  const kind = (path: string): string => path.replace(/^(.*\/)?[^/]*?(\.[a-z]+)?$/, '$1*$2');
  const likely = base
    .filter(({ path }) => kind(path) === kind(file.path))
    .map(({ path, text }) => ({ path, body: bodyOf(text, file.text) }));
  const length = (text: string): number => text.split('\n').length;
  const [nearest] = likely.sort((a, b) => length(a.body) - length(b.body));
  return nearest && length(nearest.body) + 2 < length(file.text)
    ? `${headOf(file)} like ${nearest.path}\n${nearest.body}`
    : `${headOf(file)} new\n${file.text}`;
}

/** The files that a difference says, on top of its base. @throws Error where it does not fit */
export function applied(base: readonly GoldenFile[], text: string): GoldenFile[] {
  const files = [...base];
  let place = 0;
  for (const { head, body } of partsOf(text)) {
    const [, path = '', mode = '', role = '', word, like] = HEAD.exec(head) ?? [];
    const at = files.findIndex((file) => file.path === path);
    if (at >= 0 && (word === 'new' || like !== undefined)) {
      files.splice(at, 1);
      if (at < place) place -= 1;
    }
    if (word === 'new' || like !== undefined) {
      const model = base.find((file) => file.path === like);
      const own = model ? patched(model.text, body) : body;
      files.splice(place, 0, { path, mode, role, text: own });
      place += 1;
    } else if (at < 0) {
      throw new Error(`the base has no ${path}`);
    } else if (word === 'gone') {
      files.splice(at, 1);
    } else {
      files.splice(at, 1, { path, mode, role, text: patched(files[at]?.text ?? '', body) });
      place = at + 1;
    }
  }
  return files;
}

const headOf = ({ path, mode, role }: GoldenFile): string => `# ==> ${path} (${mode}, ${role})`;
const HEAD = /^# ==> (\S+) \((\d{4}), (\w+)\)(?: (new|gone|like (\S+)))?$/;

/** Files of a `.golden`, or parts of a `.diff`. */
export function partsOf(text: string): { head: string; body: string }[] {
  return text
    .split(/^(?=# ==> )/m)
    .filter((part) => part !== '')
    .map((part) => {
      const end = part.indexOf('\n');
      return { head: part.slice(0, end), body: part.slice(end + 1) };
    });
}

/** The files of a `.golden`. */
export const filesOf = (text: string): GoldenFile[] =>
  applied([], text.replace(/^(# ==> .*)$/gm, '$1 new'));

const linesOf = (text: string): string[] => text.split('\n').slice(0, -1);

function bodyOf(before: string, after: string): string {
  const base = linesOf(before);
  const hunks: Hunk[] = [];
  let from = 0;
  let anchorAt = -1;
  for (const { at, removed, added } of changesOf(base, linesOf(after))) {
    const enclosing = enclosingOf(base, at, removed[0] ?? added[0] ?? '');
    const anchor = enclosing >= 0 && enclosing !== anchorAt ? base[enclosing] : undefined;
    const candidates = Array.from({ length: MOST_CONTEXT + 1 }, (_, count) => ({
      ...(anchor !== undefined && { anchor }),
      context: base.slice(Math.max(0, at - count), at),
      removed,
      added,
    }));
    const hunk = candidates.find((item) => located(base, from, item) === at);
    if (!hunk) return wholeBody(base, linesOf(after));
    hunks.push(hunk);
    from = at + removed.length;
    anchorAt = enclosing;
  }
  return hunks
    .map((hunk, index) => `${separator(hunks[index - 1], hunk)}${printed(hunk)}`)
    .join('');
}

/** A bare `@` where the lines of two hunks would read as one. */
function separator(before: Hunk | undefined, hunk: Hunk): string {
  if (!before || hunk.anchor !== undefined) return '';
  const last = before.added.length > 0 ? '+' : '-';
  const first = hunk.context.length > 0 ? ' ' : hunk.removed.length > 0 ? '-' : '+';
  return ORDER.indexOf(first) < ORDER.indexOf(last) ? '' : '@\n';
}

/** No context distinguishes the lines: all are removed and all are added. */
const wholeBody = (removed: readonly string[], added: readonly string[]): string =>
  printed({ context: [], removed, added });

const printed = ({ anchor, context, removed, added }: Hunk): string =>
  [
    ...(anchor === undefined ? [] : [`@ ${anchor}`]),
    ...context.map((line) => ` ${line}`),
    ...removed.map((line) => `-${line}`),
    ...added.map((line) => `+${line}`),
  ]
    .map((line) => `${line}\n`)
    .join('');

function changesOf(
  base: readonly string[],
  lines: readonly string[],
): { at: number; removed: string[]; added: string[] }[] {
  const found: { at: number; removed: string[]; added: string[] }[] = [];
  let at = 0;
  for (const { value, added, removed } of diffArrays([...base], [...lines])) {
    const last = found.at(-1);
    const isNext = last !== undefined && last.at + last.removed.length === at;
    const item = isNext ? last : { at, removed: [], added: [] };
    if (added || removed) {
      if (!isNext) found.push(item);
      (added ? item.added : item.removed).push(...value);
    }
    if (!added) at += value.length;
  }
  return found;
}

const indentOf = (line: string): number => line.length - line.trimStart().length;
const isHeader = (line: string): boolean => /^\[.*\]$/.test(line);

/** The line above that the hunk belongs to; -1 where there is none. */
function enclosingOf(base: readonly string[], at: number, first: string): number {
  const isInSections = base.some(isHeader);
  for (let index = at - 1; index >= 0; index -= 1) {
    const line = base[index] ?? '';
    const encloses = isInSections
      ? isHeader(line)
      : line !== '' && indentOf(line) < indentOf(first);
    if (encloses) return index;
  }
  return -1;
}

/** Where a hunk belongs, as its text alone says it; -1 where it does not fit. */
function located(base: readonly string[], from: number, hunk: Hunk): number {
  const { anchor, context, removed } = hunk;
  let start = from;
  if (anchor !== undefined) {
    const at = base.indexOf(anchor, from);
    if (at < 0) return -1;
    start = at + 1;
  }
  const wanted = [...context, ...removed];
  if (wanted.length === 0) return endOfSection(base, start, anchor);
  // The context may lie before what the last hunk has replaced.
  for (let index = Math.max(0, start - context.length); index <= base.length; index += 1) {
    if (wanted.every((line, offset) => base[index + offset] === line)) {
      const at = index + context.length;
      if (at >= start) return at;
    }
  }
  return -1;
}

function endOfSection(base: readonly string[], start: number, anchor: string | undefined): number {
  const depth = anchor === undefined || isHeader(anchor) ? -1 : indentOf(anchor);
  const end = base.findIndex(
    (line, index) =>
      index >= start && (depth < 0 ? line === '' || isHeader(line) : indentOf(line) <= depth),
  );
  return end < 0 ? base.length : end;
}

/** The text that a file's part of a difference makes of its base. @throws Error where it does not fit */
function patched(text: string, body: string): string {
  const base = linesOf(text);
  const lines: string[] = [];
  let from = 0;
  for (const hunk of hunksOf(body)) {
    const at = located(base, from, hunk);
    if (at < 0) throw new Error(`no place for:\n${printed(hunk)}`);
    lines.push(...base.slice(from, at), ...hunk.added);
    from = at + hunk.removed.length;
  }
  return [...lines, ...base.slice(from)].map((line) => `${line}\n`).join('');
}

/** A line of another kind than may come next begins another hunk. */
function hunksOf(body: string): Hunk[] {
  const hunks: { anchor?: string; context: string[]; removed: string[]; added: string[] }[] = [];
  let last = '+';
  for (const line of linesOf(body)) {
    const [sign = '', rest] = [line[0], line.slice(1)];
    if (
      ORDER.indexOf(sign) < ORDER.indexOf(last) ||
      (sign === '@' && last === '@') ||
      hunks.length === 0
    ) {
      hunks.push({ context: [], removed: [], added: [] });
    }
    const hunk = hunks.at(-1);
    if (sign === '@') {
      if (rest !== '' && hunk) hunk.anchor = rest.slice(1);
    } else if (sign === ' ') hunk?.context.push(rest);
    else if (sign === '-') hunk?.removed.push(rest);
    else hunk?.added.push(rest);
    last = sign;
  }
  return hunks;
}

const ORDER = ['@', ' ', '-', '+'];
