/** What the command gives for the same intent, in the words of the page. */
import * as assert from 'uvu/assert';
import { commandHere } from '../command-here.ts';
import type { SeenFile } from './browser.ts';

interface RenderedFile {
  readonly path: string;
  readonly mode: string;
  readonly role: string;
  readonly text: string;
}

interface Found {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly hint: string;
  readonly line: number;
  readonly column: number;
  readonly backend?: string;
}

interface Document {
  readonly hosts: readonly { readonly files: readonly RenderedFile[] }[];
  readonly diagnostics: readonly Found[];
}

export interface Expected {
  /** Absent where the command refuses. */
  readonly files?: readonly SeenFile[];
  readonly findings: readonly string[];
}

/** @param words the intent's file, back end and target, as on the command line */
export async function expectedFrom(...words: readonly string[]): Promise<Expected> {
  const rendered = await commandHere(['render', ...words, '--format', 'json']);
  const linted = await commandHere(['lint', ...words, '--format', 'json']);
  assert.ok([0, 2].includes(rendered.status), rendered.stderr);
  const { hosts } = JSON.parse(rendered.stdout) as Document;
  const { diagnostics } = JSON.parse(linted.stdout) as Document;
  return {
    ...(rendered.status === 0 && {
      files: hosts.flatMap(({ files }) =>
        files.map(({ path, mode, role, text }) => ({ path, mode: `${mode}, ${role}`, text })),
      ),
    }),
    findings: diagnostics.map(findingLine),
  };
}

const findingLine = ({ code, severity, message, hint, line, column, backend }: Found): string => {
  const head = `${severity} ${code} ${line}:${column}${backend === undefined ? '' : ` ${backend}`}`;
  // What is between backticks is shown as code.
  return [head, message, hint].join(' | ').replaceAll('`', '');
};
