/** The golden cases: what is on disk, and what the program makes of each intent. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { stream } from '../../src/emit/stream.ts';
import {
  type Asked,
  backends,
  compile,
  explain,
  packagesOf,
  packagings,
  parseTarget,
  type RenderedFile,
} from '../../src/index.ts';
import { reportJson } from '../../src/report.ts';

export const GOLDEN = new URL('../../golden/', import.meta.url);

/** Names of all cases: every folder of `golden/`. */
export function caseNames(): string[] {
  return readdirSync(GOLDEN, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

export const intentOf = (name: string): string =>
  readFileSync(new URL(`${name}/intent.yaml`, GOLDEN), 'utf8');

/** What `--target` is in a case: the file `target`, where it has one. */
export function targetOf(name: string): { readonly target?: Asked } {
  const file = new URL(`${name}/target`, GOLDEN);
  if (!existsSync(file)) return {};
  const target = parseTarget(readFileSync(file, 'utf8').trim());
  if (typeof target === 'string') throw new Error(`${name}: ${target}`);
  return { target };
}

/** A diagnostic, as the golden files have it: of the intent, or of one way. */
export interface Found {
  readonly code: string;
  readonly severity: string;
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly backend?: string;
}

function listOf(found: readonly Found[]): string {
  const short = found.map(({ code, severity, path, line, column, backend }) =>
    JSON.stringify({ code, severity, path, line, column, backend }),
  );
  return short.length === 0 ? '[]\n' : `[\n  ${short.join(',\n  ')}\n]\n`;
}

/** Every diagnostic of a case: the intent's, then each way's. */
export const foundIn = (files: ReadonlyMap<string, string>): Found[] =>
  [...files]
    .filter(([path]) => path.endsWith('diagnostics.json'))
    .flatMap(([, text]) => JSON.parse(text) as Found[]);

/** What a way writes in a case: the path on the target → text and mode. */
export function goldenTree(
  name: string,
  way: string,
): ReadonlyMap<string, { readonly text: string; readonly mode: string }> {
  const files = goldenFiles(name);
  const lines = (files.get(`${way}/MANIFEST`) ?? '').split('\n').filter((line) => line !== '');
  return new Map(
    lines.map((line) => {
      const [mode = '', , path = ''] = line.split(/ +/);
      return [path, { text: files.get(`${way}${path}`) ?? '', mode }];
    }),
  );
}

/** What a case must look like: every file below its folder but the intent, by relative path. */
export function expectedFiles(name: string): Map<string, string> {
  const text = intentOf(name);
  const file = 'intent.yaml';
  const target = targetOf(name);
  const files = new Map<string, string>();
  const ways = backends.map(({ id }) => id);
  const { source, diagnostics } = compile(text, { file, ways, ...target });
  const found = JSON.parse(reportJson(source, diagnostics)) as Found[];
  files.set('diagnostics.json', listOf(found.filter(({ backend }) => !backend)));
  for (const way of ways) {
    const own = found.filter(({ backend }) => backend === way);
    if (own.length > 0) files.set(`${way}/diagnostics.json`, listOf(own));
    const { sets } = compile(text, { file, ways: [way], ...target });
    for (const set of sets ?? []) {
      files.set(`${way}/MANIFEST`, manifest(set.files));
      for (const { path, text: content } of set.files) files.set(`${way}${path}`, content);
    }
  }
  for (const [path, content] of packed(name)) files.set(path, content);
  return files;
}

/** Cases whose packagings are kept, too, and the way that they are of. */
const PACKED: Readonly<Record<string, string>> = {
  original: 'networkd',
  'two-shims': 'netplan-networkd',
};

/** What a reader of golden output can read: a role as a stream, and no archive. */
function packed(name: string): [string, string][] {
  const way = PACKED[name];
  if (way === undefined) return [];
  const packages = packagesOf(compile(intentOf(name), { file: 'intent.yaml', ways: [way] }));
  return packagings
    .filter(({ id }) => id !== 'stream' && id !== 'tar')
    .map(({ id, members, text }) => [
      `packagings/${id}`,
      members ? stream(members(packages)) : text(packages),
    ]);
}

/** Mode and path of each file, in the order in which they take effect. */
const manifest = (files: readonly RenderedFile[]): string =>
  files
    .map(
      ({ mode, path, role }) => `${mode.toString(8).padStart(4, '0')} ${role.padEnd(9)} ${path}\n`,
    )
    .join('');

/** What is on disk, in the same shape. */
export function goldenFiles(name: string): Map<string, string> {
  const root = new URL(`${name}/`, GOLDEN);
  const files = new Map<string, string>();
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const path = `${entry.parentPath}/${entry.name}`.slice(root.pathname.length).replace(/^\//, '');
    if (path !== 'intent.yaml' && path !== 'target')
      files.set(path, readFileSync(new URL(path, root), 'utf8'));
  }
  return files;
}

/** Every rendered file of a case, with its source, for tests that look into views. */
export function renderedFiles(name: string): {
  files: RenderedFile[];
  lines: ReturnType<typeof explain>;
} {
  const text = intentOf(name);
  const files: RenderedFile[] = [];
  const lines: ReturnType<typeof explain> = [];
  for (const { id } of backends) {
    const { sets, source } = compile(text, { file: 'intent.yaml', ways: [id], ...targetOf(name) });
    for (const set of sets ?? []) {
      files.push(...set.files);
      lines.push(...explain(source, set.files));
    }
  }
  return { files, lines };
}

export const hasIntent = (name: string): boolean =>
  existsSync(new URL(`${name}/intent.yaml`, GOLDEN));
