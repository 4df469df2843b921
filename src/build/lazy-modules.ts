/**
 * Modules that are evaluated when something of theirs is first used, and not when they are imported:
 * a run uses a part of the program only. Each becomes a CommonJS module that requires another at the
 * places where it uses it; esbuild bundles those.
 */
import { transformSync } from 'esbuild';

/** The forms in which esbuild prints what a module imports and exports. */
const REQUIRED = /^var (\w+) = (__toESM\()?require\("([^"]+)"\)\)?;\n/gm;
const IMPORTED = /\bimport_\w+/g;
const EXPORTED = /^__export\(\w+, \{\n([^}]*)\}\);\nmodule\.exports = .*\n/m;
const AN_EXPORT = /^ {2}(\w+): \(\) => (.+?),?$/gm;

/** What an import by default takes of a module that may be one of CommonJS, as Node has it. */
const DEFAULT = 'const __default = (all) => (all.__esModule ? all : { default: all });\n';

/**
 * A CommonJS module for one of TypeScript. An import is evaluated where it is first used; one of a
 * whole namespace (`import * as`) where the module begins.
 * @throws Error for what it cannot be sure of
 */
export function lazyModule(source: string): string {
  // Where the text has no such word, each of them is of esbuild's making.
  if (/\bimport_|\b__export|\brequire\(/.test(source)) throw new Error('has words of esbuild');
  if (/^export let /m.test(source)) throw new Error('exports a variable');
  const { code } = transformSync(source, { loader: 'ts', format: 'cjs', target: 'es2022' });
  const exported = EXPORTED.exec(code);
  const imports = new Map<string, string>();
  const namespaces: string[] = [];
  const body = code
    .slice(exported ? exported.index + exported[0].length : 0)
    .replace(REQUIRED, (_all, name: string, isWhole: string | undefined, module: string) => {
      const required = `require("${module}")`;
      if (name.startsWith('import_')) {
        imports.set(name, isWhole ? `__default(${required})` : required);
      } else namespaces.push(`const ${name} = ${required};\n`);
      return '';
    })
    .replace(/\bimport\(("[^"]+")\)/g, 'Promise.resolve().then(() => require($1))');
  const used = (text: string): string =>
    text.replace(IMPORTED, (name) => {
      const required = imports.get(name);
      if (required === undefined) throw new Error(`no import: ${name}`);
      return `(${name} ||= ${required})`;
    });
  const { early, late } = exportsOf(exported?.[1] ?? '', body);
  const variables = imports.size > 0 ? `let ${[...imports.keys()].join(', ')};\n` : '';
  return `"use strict";\n${DEFAULT}${variables}${used(early)}${namespaces.join('')}${used(body)}${late}`;
}

/** Functions are there from the start, as they are hoisted; a re-export is looked up when it is used. */
function exportsOf(list: string, body: string): { readonly early: string; readonly late: string } {
  let [early, late] = [list === '' ? '' : 'exports.__esModule = true;\n', ''];
  for (const [, name = '', value = ''] of list.matchAll(AN_EXPORT)) {
    if (value.startsWith('import_')) {
      early += `Object.defineProperty(exports, "${name}", { get: () => ${value}, enumerable: true });\n`;
    } else if (new RegExp(`^(?:async )?function\\*? ${value}\\(`, 'm').test(body)) {
      early += `exports.${name} = ${value};\n`;
    } else late += `exports.${name} = ${value};\n`;
  }
  return { early, late };
}
