/** All files that ifupdown reads: /etc/network/interfaces, and its includes, in that order. */
import { fits, type HostFile, type Included, type Watch } from '../foreign.ts';
import {
  forNg,
  type Mapping,
  type Refusal,
  readInterfaces,
  type Source,
  type Stanza,
  type Statement,
} from './file.ts';

const FOLDER = '/etc/network';
const MAIN = `${FOLDER}/interfaces`;
const CONFIG = '/etc/default/networking';
const OF_IFUPDOWN2 = '/etc/network/ifupdown2';
const BLANKS = /\s+/;

export const ifupdownWatches: readonly Watch[] = [
  { folder: FOLDER, name: /^interfaces$/, follow: includedBy },
  { folder: `${FOLDER}/interfaces.d`, name: /^[a-zA-Z0-9_.-]+$/ },
  { folder: '/etc/default', name: /^networking$/ },
  { folder: OF_IFUPDOWN2, name: /^ifupdown2\.conf$/ },
  { folder: FOLDER, name: /^ifupdown-ng\.conf$/ },
];

interface At {
  readonly path: string;
  readonly line: number;
}

/** A word after `auto` or `allow-*`. */
export interface Brought extends At {
  readonly word: string;
  readonly kind: 'auto' | 'hotplug';
}

/** All files, merged. */
export interface Interfaces {
  /** Undefined: there is no such file. */
  readonly main?: HostFile;
  /**
   * The program, by its files; classic ifupdown by default. From Debian 13 on ifupdown-ng and classic
   * ifupdown may both be installed, and boot uses the classic one.
   */
  readonly program: 'ifupdown' | 'ifupdown2' | 'ifupdown-ng';
  /** Whether ifupdown itself is installed, by its own configuration. */
  readonly isInstalled: boolean;
  readonly brought: readonly Brought[];
  readonly stanzas: readonly (Stanza & At)[];
  /** The first of each name, from which others inherit. */
  readonly byName: ReadonlyMap<string, Stanza & At>;
  readonly mappings: readonly (Mapping & At)[];
  readonly renames: readonly (At & { readonly word: string })[];
  readonly includes: readonly (Included & At)[];
  readonly refusals: readonly (Refusal & { readonly path: string })[];
  /** `EXCLUDE_INTERFACES=` of /etc/default/networking, and whether it turns everything off. */
  readonly excluded: readonly (At & { readonly pattern: string })[];
  readonly off?: At;
}

/** Reads the tree; a loop of includes ends, as each file is read once. */
export function readTree(files: readonly HostFile[]): Interfaces {
  const own = files.filter(({ text }) => text !== undefined);
  const main = own.find(({ path }) => path === MAIN);
  const found = emptyTree();
  const seen = new Set<string>();
  const visit = (file: HostFile): void => {
    if (seen.has(file.path)) return;
    seen.add(file.path);
    const { statements, refusal } = readInterfaces(file.text ?? '');
    if (refusal) found.refusals.push({ ...refusal, path: file.path });
    for (const statement of statements) {
      const at = { path: file.path, line: statement.line };
      if (!isSource(statement)) {
        keep(found, statement, at);
        continue;
      }
      for (const included of includedOf(file, statement)) {
        if (found.includes.length >= MOST_INCLUDES) return;
        found.includes.push({ ...included, ...at });
        for (const other of own) if (isIncluded(included, other.path)) visit(other);
      }
    }
  };
  if (main) visit(main);
  // Without it, `--output` sees only this folder.
  else for (const file of own) if (file.folder === `${FOLDER}/interfaces.d`) visit(file);
  const program = programOf(files);
  const stanzas = program === 'ifupdown-ng' ? found.stanzas.map(forNg) : found.stanzas;
  const byName = new Map<string, Stanza & At>();
  for (const stanza of stanzas) if (!byName.has(stanza.name)) byName.set(stanza.name, stanza);
  return {
    ...found,
    stanzas,
    ...(main && { main }),
    ...defaultsIn(files),
    brought: [...found.brought.values()],
    byName,
    program,
  };
}

/** A limit for `source` lines, above what is written by hand. */
const MOST_INCLUDES = 256;
/** A limit: each is compared with each link. */
const MOST_MAPPINGS = 256;

const emptyTree = () => ({
  brought: new Map<string, Brought>(),
  stanzas: [] as (Stanza & At)[],
  mappings: [] as (Mapping & At)[],
  renames: [] as (At & { word: string })[],
  includes: [] as (Included & At)[],
  refusals: [] as (Refusal & { path: string })[],
});

const isSource = (statement: Statement): statement is Source =>
  statement.kind === 'source' || statement.kind === 'source-directory';

function keep(
  found: ReturnType<typeof emptyTree>,
  statement: Exclude<Statement, Source>,
  at: At,
): void {
  if (statement.kind === 'iface') found.stanzas.push({ ...statement, ...at });
  else if (statement.kind === 'mapping') {
    if (found.mappings.length < MOST_MAPPINGS) found.mappings.push({ ...statement, ...at });
  } else {
    const { kind } = statement;
    for (const word of statement.names) {
      if (kind === 'rename') found.renames.push({ ...at, word });
      else if (!found.brought.has(`${kind} ${word}`)) {
        found.brought.set(`${kind} ${word}`, { ...at, word, kind });
      }
    }
  }
}

/** /etc/default/networking of Debian's ifupdown (ifup(8), `--read-environment`). */
function defaultsIn(
  files: readonly HostFile[],
): Pick<Interfaces, 'off' | 'excluded' | 'isInstalled'> {
  const config = settingsIn(files.find(({ path }) => path === CONFIG));
  const off = config.find(({ key, value }) => key === 'CONFIGURE_INTERFACES' && value === 'no');
  const excluded = config.filter(({ key }) => key === 'EXCLUDE_INTERFACES').at(-1);
  return {
    ...(off && { off: { path: CONFIG, line: off.line } }),
    excluded: (excluded?.value.split(BLANKS) ?? [])
      .filter((pattern) => pattern !== '')
      .map((pattern) => ({ path: CONFIG, line: excluded?.line ?? 1, pattern })),
    isInstalled: files.some(({ path }) => path === CONFIG),
  };
}

function programOf(files: readonly HostFile[]): Interfaces['program'] {
  if (files.some(({ folder }) => folder === OF_IFUPDOWN2)) return 'ifupdown2';
  return files.some(({ name }) => name === 'ifupdown-ng.conf') ? 'ifupdown-ng' : 'ifupdown';
}

/** Which files a file includes. */
export function includedBy(file: HostFile): Included[] {
  return readInterfaces(file.text ?? '')
    .statements.filter(isSource)
    .flatMap((statement) => includedOf(file, statement))
    .slice(0, MOST_INCLUDES);
}

/** Names in a `source-directory`, as for run-parts(8). */
const RUN_PARTS = /^[a-zA-Z0-9_-]+$/;

/** wordexp(3) splits words and removes quotes; words with variables of a shell are dropped. */
function includedOf({ folder }: HostFile, { kind, path }: Source): Included[] {
  if (/[$`~|&;<>(){}]/.test(path)) return [];
  return path
    .replace(/["']/g, '')
    .split(/[ \t]+/)
    .filter((word) => word !== '')
    .map((word) => ({
      pattern: normal(word.startsWith('/') ? word : `${folder}/${word}`),
      ...(kind === 'source-directory' && { name: RUN_PARTS }),
    }));
}

/** Without `.` and `..`, which never lead above the root. */
function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** Whether an include matches a path. */
export function isIncluded({ pattern, name }: Included, path: string): boolean {
  const parts = path.split('/');
  const last = name ? (parts.pop() ?? '') : '';
  const patterns = pattern.split('/');
  return (
    (name?.test(last) ?? true) &&
    patterns.length === parts.length &&
    patterns.every((item, index) => isPart(item, parts[index] ?? ''))
  );
}

const isPart = (pattern: string, part: string): boolean =>
  pattern === part || ((!part.startsWith('.') || pattern.startsWith('.')) && fits(pattern, part));

/** `KEY=value` of a shell file, without quotes. */
function settingsIn(
  file: HostFile | undefined,
): { readonly key: string; readonly value: string; readonly line: number }[] {
  return (file?.text ?? '').split('\n').flatMap((raw, index) => {
    const [, key, value] = /^\s*([A-Z_]+)=(.*)$/.exec(raw) ?? [];
    if (key === undefined || value === undefined) return [];
    return [{ key, value: value.trim().replace(/^(["'])(.*)\1$/, '$2'), line: index + 1 }];
  });
}
