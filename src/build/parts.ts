/**
 * The program of the command, in parts: a run reads and evaluates what it uses. What belongs to which
 * part is what runs have evaluated, when it is built; the last part has all the rest.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type BuildOptions, build, type Plugin, type PluginBuild } from 'esbuild';
import { lazyModule } from './lazy-modules.ts';
import { precompileAll } from './templates.ts';

/** A module of the sources by its path from the root, or the name of a package. */
export type Id = string;

/** What the loader starts. */
export const ENTRY: Id = 'src/main.ts';

/** Packages of ES modules: of each, the names that are used are one module, without the rest of it. */
const PACKAGES: readonly string[] = [
  'valibot',
  '@valibot/to-json-schema',
  'yaml',
  'diff',
  '@noble/hashes/sha2',
  '@noble/hashes/legacy',
];

/** `yaml` gives Node its CommonJS, which would be taken whole. */
const FILES: Readonly<Record<string, string>> = { yaml: 'node_modules/yaml/browser/index.js' };

/** The module of all templates; what is behind it and a slash is the name of one. */
const TEMPLATES: Id = '#templates';

const IMPORTS = /^(?:import|export) (?:\* as (\w+)|\{([^}]*)\}) from '([^'.#][^']*)';$/gm;

/** What the sources below `folder` import of a package, by its name. */
function namesUsed(folder: string): ReadonlyMap<string, ReadonlySet<string>> {
  const used = new Map(PACKAGES.map((name) => [name, new Set<string>()]));
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    const text = readFileSync(join(folder, file), 'utf8');
    for (const [, space, list = '', name = ''] of text.matchAll(IMPORTS)) {
      const members =
        space === undefined ? [] : text.matchAll(new RegExp(`\\b${space}\\.(\\w+)`, 'g'));
      const words = list.split(',').map((word) => /^\s*(\w+)(?: as \w+)?\s*$/.exec(word));
      for (const match of [...members, ...words]) {
        if (match?.[1] !== undefined) used.get(name)?.add(match[1]);
      }
    }
  }
  return used;
}

/** What is built of the modules, and how a module requires one that is not in it. */
interface Layout {
  /** What the module at the entry does. */
  readonly entry: string;
  /** What stands for a module where another imports it; undefined: the module itself. */
  readonly insteadOf: (id: Id, importer: Id) => string | undefined;
}

/** @param root of the repository */
const lazyModules = (root: string, layout: Layout): Plugin => ({
  name: 'lazy-modules',
  setup(hooks) {
    const { onResolve, onLoad } = hooks;
    onResolve({ filter: /.*/ }, ({ path, importer, namespace, kind }) => {
      if (kind === 'entry-point') return { path: 'entry', namespace: 'entry' };
      if (path.startsWith('node:')) return undefined;
      if (namespace === 'instead') return itself(path);
      if (!['lazy', 'entry', 'template'].includes(namespace)) return undefined;
      const id = path.startsWith('.') ? join(dirname(importer), path) : path;
      const instead = layout.insteadOf(id, importer);
      return instead === undefined
        ? itself(id)
        : { path: id, namespace: 'instead', pluginData: instead };
    });
    // In namespaces of their own: `type` of package.json would make ES modules of them.
    const itself = (id: Id) => {
      if (id.endsWith('.ts')) return { path: id, namespace: 'lazy' };
      if (PACKAGES.includes(id)) return { path: id, namespace: 'used' };
      if (id.startsWith(TEMPLATES)) return { path: id, namespace: 'template' };
      return id.endsWith('.json') ? { path: join(root, id) } : undefined;
    };
    onLoad({ filter: /.*/, namespace: 'entry' }, () => ({
      contents: layout.entry,
      resolveDir: root,
    }));
    onLoad({ filter: /.*/, namespace: 'instead' }, ({ pluginData }) => ({
      contents: pluginData,
      resolveDir: root,
    }));
    onLoad({ filter: /.*/, namespace: 'lazy' }, ({ path }) => {
      try {
        const contents = lazyModule(readFileSync(join(root, path), 'utf8'));
        return { contents, resolveDir: join(root, dirname(path)) };
      } catch (error) {
        return { errors: [{ text: `${path}: ${error}` }] };
      }
    });
    eachTemplate(hooks);
    packagesInPart(hooks, root);
  },
});

/** A template is a module of its own: a run prints a few of all. */
function eachTemplate({ onLoad }: PluginBuild): void {
  const templates = precompileAll();
  const getters = Object.keys(templates).map(
    (name) => `get "${name}"() { return require("${TEMPLATES}/${name}"); }`,
  );
  onLoad({ filter: /.*/, namespace: 'template' }, ({ path }) => {
    const value = templates[path.slice(TEMPLATES.length + 1)] ?? `{${getters.join(',\n')}}`;
    return { contents: `module.exports = ${value};` };
  });
}

function packagesInPart({ onResolve, onLoad }: PluginBuild, root: string): void {
  const used = namesUsed(join(root, 'src'));
  onResolve({ filter: /.*/, namespace: 'used' }, ({ path }) => {
    const file = FILES[path];
    return file === undefined ? undefined : { path: join(root, file) };
  });
  onLoad({ filter: /.*/, namespace: 'used' }, async ({ path }) => {
    const there = await import(path);
    const names = [...(used.get(path) ?? [])].filter((name) => name in there).sort();
    return { contents: `export { ${names.join(', ')} } from '${path}';`, resolveDir: root };
  });
}

export interface Part {
  readonly name: string;
  readonly text: string;
}

export interface Program {
  readonly parts: readonly Part[];
  /** The files that are in them, from the root. */
  readonly inputs: readonly string[];
}

/** How esbuild is called, with the plugins that make modules of what the build has. */
type Options = Pick<BuildOptions, 'plugins' | 'minify' | 'target'>;

async function built(
  root: string,
  options: Options,
  layout: Layout,
): Promise<{ text: string; inputs: string[] }> {
  const { metafile, outputFiles } = await build({
    ...options,
    charset: 'ascii',
    entryPoints: ['entry'],
    write: false,
    metafile: true,
    platform: 'node',
    format: 'cjs',
    plugins: [lazyModules(root, layout), ...(options.plugins ?? [])],
  });
  const inputs = Object.keys(metafile.inputs).map((path) => path.replace(/^lazy:/, ''));
  return { text: outputFiles[0]?.text ?? '', inputs };
}

const provide = (ids: Iterable<Id>): string => {
  const all = [...new Set(ids)].sort().map((id) => `"${id}": () => require("${id}")`);
  return `part.provide({ ${all.join(', ')} });`;
};

export interface Import {
  readonly importer: Id;
  readonly id: Id;
}

/**
 * The program as one part that calls `part.seen(ID)` before it evaluates a module. While a module is
 * evaluated, another sees `part.unfinished(ID)` in its place.
 * @param ids what can be asked of `part`
 */
export async function wholeProgram(
  root: string,
  options: Options,
  ids: readonly Id[],
): Promise<{ readonly text: string; readonly imports: readonly Import[] }> {
  const imports: Import[] = [];
  const { text } = await built(root, options, {
    entry: provide(ids),
    insteadOf: (id, importer) => {
      imports.push({ importer, id });
      return `part.seen("${id}"); module.exports = part.unfinished("${id}"); module.exports = require("${id}");`;
    },
  });
  return { text, imports };
}

/**
 * @param names of the parts; the last gets what no run evaluates
 * @param evaluated runs a program, see `wholeProgram`
 *   @returns what the runs of each part but the last evaluate
 */
export async function programInParts(
  root: string,
  options: Options,
  names: readonly string[],
  evaluated: (program: string) => readonly (readonly Id[])[],
): Promise<Program> {
  const { text: whole, imports } = await wholeProgram(root, options, [ENTRY]);
  const runs = evaluated(whole);
  const partOf = (id: Id): number => {
    const first = id === ENTRY ? 0 : runs.findIndex((ids) => ids.includes(id));
    return first < 0 ? names.length - 1 : first;
  };
  const fromOthers = imports.filter(({ importer, id }) => partOf(importer) !== partOf(id));
  const asked = [ENTRY, ...fromOthers.map(({ id }) => id)];
  const layoutOf = (index: number): Layout => ({
    entry: provide(asked.filter((id) => partOf(id) === index)),
    insteadOf: (id) =>
      partOf(id) === index ? undefined : `module.exports = part("${names[partOf(id)]}", "${id}");`,
  });
  const parts = await Promise.all(
    names.map((_name, index) => built(root, options, layoutOf(index))),
  );
  return {
    parts: parts.map(({ text }, index) => ({ name: names[index] ?? '', text })),
    inputs: [...new Set(parts.flatMap(({ inputs }) => inputs))],
  };
}
