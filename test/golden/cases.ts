/** The golden cases: what is on disk, and what the program makes of each intent. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { backends } from '../../src/backends/registry.ts';
import { type Compilation, compile, compileParsed } from '../../src/compile.ts';
import { type ExplainedLine, explain } from '../../src/explain/lines.ts';
import { type Parsed, parse } from '../../src/intent/parse.ts';
import { packagesOf } from '../../src/package/packages.ts';
import { packagings } from '../../src/package/packagings.ts';
import { diagnosticsOf } from '../../src/report/output.ts';
import { parseTarget } from '../../src/targets/requested.ts';
import type { TargetSpec } from '../../src/targets/target.ts';
import { octal } from '../../src/view/octal.ts';
import type { RenderedFile } from '../../src/view/rendered.ts';
import { baseOf } from './bases.ts';
import { applied, difference, filesOf, type GoldenFile, whole } from './difference.ts';
import { BACKENDS, TARGETS } from './options.ts';

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

/** What `--target` is in a case. */
export function targetOf(name: string): { readonly target?: TargetSpec } {
  const words = TARGETS[name];
  if (words === undefined) return {};
  const target = parseTarget(words);
  if (typeof target === 'string') throw new Error(`${name}: ${target}`);
  return { target };
}

const parsed = new Map<string, Parsed>();
const compiled = new Map<string, Compilation>();

/** A case for one back end or several: each intent is parsed once, and compiled once for the same ones. */
export function compiledCase(name: string, ...backends: readonly string[]): Compilation {
  const key = `${name} ${backends}`;
  const known = compiled.get(key);
  if (known) return known;
  const intent = parsed.get(name) ?? parse('intent.yaml', intentOf(name));
  parsed.set(name, intent);
  const made = compileParsed(intent, { backends, ...targetOf(name) });
  compiled.set(key, made);
  return made;
}

/** The back ends that a case is about. */
export const backendsOf = (name: string): readonly string[] =>
  BACKENDS[name] ?? backends.map(({ id }) => id);

/** A diagnostic, as the golden files have it: of the intent, or of one way. */
export interface Found {
  readonly code: string;
  readonly severity: string;
  readonly path: readonly (string | number)[];
  readonly line: number;
  readonly column: number;
  readonly backend?: string;
}

function listOf(found: readonly Found[]): string {
  const short = found.map(({ code, severity, path, line, column, backend }) =>
    JSON.stringify({ code, severity, path, line, column, backend }),
  );
  return short.length === 0 ? '[]\n' : `[${short.join(',\n ')}]\n`;
}

/** Every diagnostic of a case. */
export const foundIn = (files: ReadonlyMap<string, string>): Found[] =>
  JSON.parse(files.get('diagnostics.json') ?? '[]') as Found[];

/** What a back end writes in a case, as the golden output has it: in the order in which it takes effect. */
export function goldenTree(name: string, backend: string): readonly GoldenFile[] {
  const files = goldenFiles(name);
  const text = files.get(`${backend}.golden`);
  if (text !== undefined) return filesOf(text);
  const base = baseOf(name);
  if (base === undefined || isRefused(files, backend)) return [];
  return applied(goldenTree(base, backend), files.get(`${backend}.diff`) ?? '');
}

/** Whether a back end does not render a case: an error of its own, or one of the intent. */
const isRefused = (files: ReadonlyMap<string, string>, id: string): boolean =>
  foundIn(files).some(
    ({ severity, backend }) => severity === 'error' && (backend === undefined || backend === id),
  );

interface Made {
  readonly found: readonly Found[];
  /** Back end, or packaging → its files; none where it refuses. */
  readonly sets: ReadonlyMap<string, readonly GoldenFile[]>;
}

const made = new Map<string, Made>();

/** What the program makes of a case now; each is compiled once. */
function makeOf(name: string): Made {
  const known = made.get(name);
  if (known) return known;
  const backends = backendsOf(name);
  const { source, diagnostics } = compiledCase(name, ...backends);
  const found = diagnosticsOf(source, diagnostics);
  const sets = backends.flatMap((backend) =>
    (compiledCase(name, backend).sets ?? []).map(
      ({ files }) => [backend, files.map(goldenFile)] as const,
    ),
  );
  const result = { found, sets: new Map([...sets, ...packed(name)]) };
  made.set(name, result);
  return result;
}

const goldenFile = ({ path, mode, role, text }: RenderedFile): GoldenFile => ({
  path,
  mode: octal(mode),
  role,
  text,
});

/** What a case must look like: every file in its folder but the intent, by relative path. */
export function expectedFiles(name: string): Map<string, string> {
  const files = new Map<string, string>();
  const { found, sets } = makeOf(name);
  if (found.length > 0) files.set('diagnostics.json', listOf(found));
  const base = baseOf(name);
  const below = base === undefined ? undefined : makeOf(base).sets;
  for (const [backend, own] of sets) {
    const before = below?.get(backend);
    if (!before) files.set(`${backend}.golden`, whole(own));
    // Without a difference, what no error refuses is the same as the base's.
    else if (difference(before, own)) files.set(`${backend}.diff`, difference(before, own));
  }
  return files;
}

/** Cases whose packagings are kept, too, and the way that they are of. */
const PACKED: Readonly<
  Record<string, { readonly backend: string; readonly ids: readonly string[] }>
> = {
  original: { backend: 'networkd', ids: ['json', 'cloud-init', 'ansible', 'ignition'] },
  'two-shims': { backend: 'netplan-networkd', ids: ['cloud-init', 'ansible', 'ignition'] },
};

/** What a reader of golden output can read: the members of a role, and no archive. */
function packed(name: string): [string, GoldenFile[]][] {
  const wanted = PACKED[name];
  if (!wanted) return [];
  const backends = [wanted.backend];
  const packages = packagesOf(compile(intentOf(name), { file: 'intent.yaml', backends }));
  return packagings
    .filter(({ id }) => wanted.ids.includes(id))
    .map(({ id, members, text }) => {
      const files = members?.(packages) ?? [{ path: id, mode: 0o644, text: text(packages) }];
      const role = 'member';
      return [
        `packagings/${id}`,
        files.map((file) => ({
          path: file.path,
          mode: octal(file.mode),
          role,
          text: file.path.startsWith('changes/') ? dataOf(file.text) : file.text,
        })),
      ];
    });
}

/** Of the change script what is a host's own; the rest is `templates/change`, and the same for all. */
const dataOf = (script: string): string =>
  script
    .split('\n')
    .filter((line, index) => index < 2 || /^[A-Z_]+='?/.test(line) || /^ *'?\/etc\//.test(line))
    .map((line) => `${line}\n`)
    .join('');

/** What is on disk, in the same shape. */
export function goldenFiles(name: string): Map<string, string> {
  const root = new URL(`${name}/`, GOLDEN);
  const files = new Map<string, string>();
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const path = `${entry.parentPath}/${entry.name}`.slice(root.pathname.length).replace(/^\//, '');
    if (path !== 'intent.yaml') files.set(path, readFileSync(new URL(path, root), 'utf8'));
  }
  return files;
}

/** Every rendered file of a case, with its source, for tests that look into views. */
export function renderedFiles(name: string): {
  files: RenderedFile[];
  lines: ExplainedLine[];
} {
  const files: RenderedFile[] = [];
  const lines: ExplainedLine[] = [];
  for (const { id } of backends) {
    const { sets, source } = compiledCase(name, id);
    for (const set of sets ?? []) {
      files.push(...set.files);
      lines.push(...explain(source, set.files).flatMap((file) => file.lines));
    }
  }
  return { files, lines };
}

export const hasIntent = (name: string): boolean =>
  existsSync(new URL(`${name}/intent.yaml`, GOLDEN));
