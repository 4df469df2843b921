/**
 * The public types, in one file: declarations that the compiler writes → those that `index.ts`
 * exports, and what they refer to. Consumers need none of the packages that are bundled.
 */
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';

/** One name of one file, with all of its statements (overloads). */
interface Declaration {
  readonly name: string;
  readonly text: string;
}

interface Module {
  readonly declarations: ReadonlyMap<string, Declaration>;
  /** A name here → the module that it comes from, and its name there. */
  readonly imports: ReadonlyMap<string, readonly [from: string, name: string]>;
  readonly exports: ReadonlyMap<string, readonly [from: string, name: string]>;
}

/**
 * @param folder where the compiler has written its declarations
 * @throws Error where a public type needs a package
 */
export function rolledUp(folder: string): string {
  const modules = new Map<string, Module>();
  const moduleAt = (path: string): Module => {
    const known =
      modules.get(path) ?? readModule(readFileSync(`${folder}/${path}.d.ts`, 'utf8'), path);
    modules.set(path, known);
    return known;
  };
  const index = moduleAt('index');
  const names = new Map<string, string>();
  const taken = new Set(index.exports.keys());
  const waiting: (readonly [module: string, name: string])[] = [];
  /** What a name of a module is called in the one file; it is then printed there. */
  const givenName = (module: string, name: string, wanted = name): string => {
    const key = `${module} ${name}`;
    const known = names.get(key);
    if (known !== undefined) return known;
    let free = wanted;
    for (let n = 2; free !== wanted || taken.has(free); n += 1) {
      if (!taken.has(free)) break;
      free = `${wanted}${n}`;
    }
    taken.add(free);
    names.set(key, free);
    waiting.push([module, name]);
    return free;
  };
  const resolve = (module: string, name: string): readonly [string, string] | undefined => {
    const { declarations, imports, exports } = moduleAt(module);
    if (declarations.has(name)) return [module, name];
    const [from, there] = imports.get(name) ?? exports.get(name) ?? [];
    if (from === undefined || there === undefined) return undefined;
    if (!from.startsWith('./')) throw new Error(`a public type needs \`${from}\` (${module})`);
    return resolve(from.slice(2), there);
  };
  for (const [name, [from, there]] of index.exports) {
    const found = resolve(from.slice(2), there);
    if (!found) throw new Error(`nothing declares ${name}`);
    taken.delete(name);
    givenName(...found, name);
  }
  const printed: string[] = [];
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const [module, name] = next;
    const { text } = moduleAt(module).declarations.get(name) ?? { text: '' };
    const own = names.get(`${module} ${name}`) ?? name;
    printed.push(
      renamed(text, module, own, name, (from, word) => {
        const found = resolve(from, word);
        return found && givenName(...found);
      }),
    );
  }
  const exported = [...index.exports.keys()].sort().join(',\n  ');
  return `/** The library's types. Generated from the sources; see the README. */\n${printed.join('')}export {\n  ${exported},\n};\n`;
}

/** Comments and strings are passed over; a word behind a dot or before a colon is a member. */
const WORDS =
  /\/\*[\s\S]*?\*\/|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|import\("(\.[^"]+)"\)\.([A-Za-z_$][\w$]*)|(?<![.\w$])([A-Za-z_$][\w$]*)(?!\??:[^:]|\()/g;

function renamed(
  text: string,
  module: string,
  own: string,
  name: string,
  nameOf: (module: string, word: string) => string | undefined,
): string {
  return text
    .replace(WORDS, (all, path?: string, member?: string, word?: string) => {
      if (path !== undefined && member !== undefined) {
        return nameOf(below(module, path).slice(2), member) ?? all;
      }
      if (word === undefined) return all;
      return word === name ? own : (nameOf(module, word) ?? all);
    })
    .replace(/^(declare function )[\w$]+/gm, (_, head: string) => `${head}${own}`);
}

/** A path as a module names another, from the top: `./emit/dir`; a package as it is. */
const below = (module: string, path: string): string =>
  path.startsWith('.')
    ? `./${posix.normalize(posix.join(posix.dirname(module), path)).replace(/\.ts$/, '')}`
    : path;

const HEAD =
  /^(?:export )?(?:declare )?(?:abstract )?(?:interface|type|const|function|class|enum) ([\w$]+)/;

function readModule(text: string, path: string): Module {
  const declarations = new Map<string, Declaration>();
  const imports = new Map<string, readonly [string, string]>();
  const exports = new Map<string, readonly [string, string]>();
  for (const statement of statementsOf(text)) {
    const bare = statement.replace(/^(?:\/\*\*[\s\S]*?\*\/\s*)*/, '');
    const name = HEAD.exec(bare)?.[1];
    if (name !== undefined) {
      const before = declarations.get(name)?.text ?? '';
      const plain = statement.replace(/^export (?=declare |interface |type |abstract )/m, '');
      declarations.set(name, { name, text: `${before}${plain}` });
      continue;
    }
    const [, kind, all, list = '', from = ''] =
      /^(import|export)(?: type)? (?:\* as ([\w$]+)|\{([^}]*)\}) from ["']([^"']+)["'];/.exec(
        bare,
      ) ?? [];
    if (kind === undefined) continue;
    const target = below(path, from);
    if (all !== undefined) imports.set(all, [target, '*']);
    for (const word of list.split(',').map((item) => item.trim().replace(/^type /, ''))) {
      const [there = '', here = there] = word.split(' as ');
      if (there !== '') (kind === 'import' ? imports : exports).set(here, [target, there]);
    }
  }
  return { declarations, imports, exports };
}

/** At the top level a statement ends where the next line begins one, or a comment. */
function statementsOf(text: string): string[] {
  const statements: string[] = [];
  let current = '';
  let isOpen = false;
  for (const line of text.split('\n')) {
    const begins = /^(?:\/\*\*|export |import |declare |interface |type )/.test(line);
    if (begins && !isOpen && current !== '') {
      statements.push(current);
      current = '';
    }
    current += `${line}\n`;
    // A comment belongs to what comes after it.
    isOpen = /^(?:\/\*\*| \*)/.test(line);
  }
  return [...statements, current.trimEnd() === '' ? '' : current].filter((item) => item !== '');
}
