/**
 * Faults put into the files of a case, each of which the check must see. A check that lets one
 * pass proves nothing when it passes the files themselves.
 */
import type { Model } from '../../../../src/model/types.ts';
import type { TargetFile } from '../../image/host.ts';

export interface Negative {
  readonly name: string;
  mutate(files: readonly TargetFile[]): TargetFile[];
  /** Each of these must match a failure: it is to fail for its own reason. */
  readonly fails: readonly RegExp[];
  /** None of these may match: what the fault does not touch. */
  readonly spares?: readonly RegExp[];
}

/** Golden case → the faults put into it. */
export type Negatives = ReadonlyMap<string, (model: Model) => Negative[]>;

export const SYSCTL = '/etc/sysctl.d/90-macvtap.conf';

/** What a fault needs of a model must be there. */
export function need<T>(what: T | undefined): T {
  if (what === undefined) throw new Error('the case has not what its faults are put into');
  return what;
}

/** Host and guest do not reach each other; the LAN is not affected. */
export const CUT_OFF_FROM_GUESTS: readonly RegExp[] = [
  /^host → guest .*: no answer/,
  /^guest → host .*: no answer/,
];

export const noSuchLink = (name: string): RegExp => new RegExp(`^${name}: there is no such link`);

export const wrongMac = (name: string): RegExp =>
  new RegExp(`^${name}, MAC: 02:00:5e:00:00:01, must be `);

export const WRONG_MAC = '02:00:5e:00:00:01';

/** What else lies on the host. */
export const withFile = (
  files: readonly TargetFile[],
  path: string,
  text: string,
  mode = 0o644,
): TargetFile[] => [...files.filter((file) => file.path !== path), { path, mode, text }];

/** The same files, with another mode for one. */
export function withMode(files: readonly TargetFile[], path: string, mode: number): TargetFile[] {
  const file = need(files.find((item) => item.path === path));
  return withFile(files, path, file.text, mode);
}

/** One line replaced by another. */
export function withLine(
  files: readonly TargetFile[],
  path: string,
  line: RegExp,
  other: string,
): TargetFile[] {
  let replaced = 0;
  const changed = files.map((file) => {
    if (file.path !== path) return file;
    const lines = file.text.split('\n').map((text) => {
      if (!line.test(text)) return text;
      replaced += 1;
      return other;
    });
    return { ...file, text: lines.join('\n') };
  });
  if (replaced !== 1) throw new Error(`${path}: ${replaced} lines ${line} to replace, must be one`);
  return changed;
}

/** A fault that changes nothing would pass for a blind check, or be blamed on one. */
export function without(files: readonly TargetFile[], paths: readonly string[]): TargetFile[] {
  for (const path of paths) {
    if (!files.some((file) => file.path === path))
      throw new Error(`there is no ${path} to leave out`);
  }
  return files.filter(({ path }) => !paths.includes(path));
}

export function withoutLine(
  files: readonly TargetFile[],
  path: string,
  line: RegExp,
): TargetFile[] {
  return withoutPart(files, path, line, '\n');
}

/** Sections stand apart by an empty line. */
export function withoutSection(
  files: readonly TargetFile[],
  path: string,
  line: RegExp,
): TargetFile[] {
  return withoutPart(files, path, line, '\n\n');
}

function withoutPart(
  files: readonly TargetFile[],
  path: string,
  part: RegExp,
  between: string,
): TargetFile[] {
  let removed = 0;
  const changed = files.map((file) => {
    if (file.path !== path) return file;
    const before = file.text.split(between);
    const after = before.filter((text) => !part.test(text));
    removed += before.length - after.length;
    return { ...file, text: after.join(between) };
  });
  if (removed !== 1) throw new Error(`${path}: ${removed} parts ${part} to remove, must be one`);
  return changed;
}
