/**
 * Files → one text. A single file stands as it is; each of several is headed by a line with its
 * path and mode. No line of a file begins so, and every file ends with one newline, so that the
 * stream can be taken apart again.
 */

import { octal } from '../view/octal.ts';
import type { RenderedFile } from '../view/rendered.ts';
import type { Packaging } from './package.ts';

export function stream(files: readonly Pick<RenderedFile, 'path' | 'mode' | 'text'>[]): string {
  const [only] = files;
  if (files.length === 1 && only) return only.text;
  return files.map(({ path, mode, text }) => `# ==> ${path} (${octal(mode)})\n${text}`).join('');
}

export const streamPackaging = {
  id: 'stream',
  summary: 'one text, each file headed by its path and mode (default)',
  takesSeveral: false,
  takesHosts: false,
  activates: false,
  text: (packages) => stream(packages.flatMap(({ files }) => files)),
} as const satisfies Packaging;
