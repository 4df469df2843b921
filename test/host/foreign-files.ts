/** For tests of what is found on hosts: a tree of files, and what each back end says of it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import { backends } from '../../src/backends/registry.ts';
import { temporaryFolder } from '../command.ts';
import { runHere } from '../in-process.ts';
import { isLong } from '../long.ts';
import { inShort, isShown, findingsOf as judged } from './judged.ts';

export const ORIGINAL = 'golden/original/intent.yaml';
/** Back ends for the network of a host. */
export const HOST_BACKENDS = backends.filter(({ scope }) => scope === 'host').map(({ id }) => id);

/** Files of a host, by their paths. */
export type Files = Readonly<Record<string, string>>;

/** Writes a tree; returns its directory. */
export function hostOf(files: Files): string {
  const root = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** What an installation would say: `error[code] path:line`, in its order. */
export async function findingsOf(
  backend: string,
  files: Files,
  intent = ORIGINAL,
): Promise<{
  readonly status: number;
  readonly findings: readonly string[];
  readonly text: string;
}> {
  const root = hostOf(files);
  const { status, stderr } = await runHere(intent, '-b', backend, '--root', root, '--dry-run');
  const findings = [
    ...stderr.matchAll(/^(\S+?)(:\d+)?: (error|warning|note)\[([a-z-]+)\]: /gm),
  ].map(
    ([, path = '', line = '', severity, code]) =>
      `${severity}[${code}] ${path.slice(root.length + 1)}${line}`,
  );
  const text = stderr
    .split('\n')
    .filter((line) => line.startsWith(root))
    .join('\n');
  return { status, findings, text };
}

let turn = 0;

/** What a back end finds without the command, which shows it files that others include, too. */
function judgedFindings(backend: string, files: Files): readonly string[] | undefined {
  const tree = Object.fromEntries(Object.entries(files).map(([path, text]) => [`/${path}`, text]));
  if (!Object.keys(tree).every((path) => isShown(path))) return undefined;
  return judged(backend, tree).map((finding) => inShort(finding).replace('] /', '] '));
}

/**
 * Each back end says this, and nothing else, of the files. In a short run the command is asked for
 * one of them, whose turn it is, and for files that only it finds; the others are asked directly.
 */
export async function assertFindings(
  files: Files,
  expected: readonly string[] | Readonly<Record<string, readonly string[]>>,
  ids: readonly string[] = HOST_BACKENDS,
): Promise<void> {
  turn += 1;
  for (const [index, id] of ids.entries()) {
    const wanted = Array.isArray(expected)
      ? (expected as readonly string[])
      : ((expected as Readonly<Record<string, readonly string[]>>)[id] ?? []);
    const isAsked = isLong || (index + turn) % ids.length === 0;
    const direct = isAsked ? undefined : judgedFindings(id, files);
    if (direct) {
      assert.equal([...direct].sort(), [...wanted].sort(), `${id}\n${JSON.stringify(files)}`);
      continue;
    }
    const { status, findings: all, text } = await findingsOf(id, files);
    // Trees that have units say whose network it is, too: that is for the tests of owners.
    const findings = all.filter((item) => !item.startsWith('warning[system-not-enabled]'));
    assert.equal(
      [...findings].sort(),
      [...wanted].sort(),
      `${id}\n${JSON.stringify(files)}\n${text}`,
    );
    const isRefused = wanted.some((item) => item.startsWith('error'));
    assert.is(status, isRefused ? 4 : 0, `${id}\n${text}`);
  }
}
