/** Modules that are evaluated when they are used, and the program in parts that is built of them. */
import { createRequire } from 'node:module';
import { Script } from 'node:vm';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ofCommand } from '../../src/build/bundle.ts';
import { wrapped } from '../../src/build/code-cache.ts';
import { lazyModule } from '../../src/build/lazy-modules.ts';
import { ENTRY, wholeProgram } from '../../src/build/parts.ts';
import { REPOSITORY } from '../command.ts';

type Exports = Record<string, unknown>;

/** Evaluates a module. @returns its exports, and what it has required until now */
function evaluated(
  source: string,
  others: Readonly<Record<string, Exports>> = {},
): { exports: Exports; required: string[] } {
  const required: string[] = [];
  const exports: Exports = {};
  const require = (name: string): Exports | undefined => {
    required.push(name);
    return others[name];
  };
  const run = new Script(`(function(require,exports){${lazyModule(source)}})`);
  (run.runInThisContext() as (...given: unknown[]) => void)(require, exports);
  return { exports, required };
}

test('an import is evaluated where it is first used, and once', () => {
  const { exports, required } = evaluated(
    `import { a } from './a.ts';
     import { b as other } from './b.ts';
     import type { C } from './c.ts';
     export const begin: C = other();
     export function later(): number { return a + a; }`,
    { './a.ts': { a: 2 }, './b.ts': { b: () => 'now' } },
  );
  assert.is(exports['begin'], 'now');
  assert.equal(required, ['./b.ts']);
  const { later } = exports as { later: () => number };
  assert.is(later(), 4);
  assert.is(later(), 4);
  assert.equal(required, ['./b.ts', './a.ts']);
});

test('a function is there before its module has been evaluated', () => {
  const seen: string[] = [];
  const source = `import { use } from './use.ts';
    use();
    export function hoisted() {}
    export const late = 1;`;
  const exports: Exports = {};
  const run = new Script(`(function(require,exports){${lazyModule(source)}})`);
  const require = (): Exports => ({ use: () => seen.push(...Object.keys(exports)) });
  (run.runInThisContext() as (...given: unknown[]) => void)(require, exports);
  assert.equal(seen, ['__esModule', 'hoisted']);
  assert.is(exports['late'], 1);
});

test('an export of another module is that one, when it is used', () => {
  const { exports, required } = evaluated(`export { a as b } from './a.ts';`, {
    './a.ts': { a: 1 },
  });
  assert.equal(required, []);
  assert.is(exports['b'], 1);
});

test('a default import takes a CommonJS module itself, and what an ES module says', () => {
  for (const [module, value] of [
    [{ name: 'whole' }, 'whole'],
    [{ __esModule: true, default: { name: 'default' } }, 'default'],
  ] as const) {
    const { exports } = evaluated(`import all from 'all'; export const name = all.name;`, {
      all: module,
    });
    assert.is(exports['name'], value);
  }
});

test('what a module imports on demand is required then', async () => {
  const { exports, required } = evaluated(
    `export const later = async () => (await import('./a.ts')).a;`,
    { './a.ts': { a: 1 } },
  );
  assert.equal(required, []);
  assert.is(await (exports as { later: () => Promise<number> }).later(), 1);
});

test('words that esbuild makes, and an export that changes, are refused', () => {
  for (const source of [
    'const import_a = 1;',
    "require('a');",
    'export let a = 1;',
    'const __export = 1;',
  ]) {
    assert.throws(() => lazyModule(source), undefined, source);
  }
});

test('each module can be the first, and none needs one that is being evaluated', async () => {
  const { imports } = await wholeProgram(REPOSITORY, ofCommand, [ENTRY]);
  const ids = [...new Set(imports.map(({ id }) => id))].filter((id) => id !== ENTRY).sort();
  assert.ok(ids.length > 300);
  const { text } = await wholeProgram(REPOSITORY, ofCommand, ids);
  const script = new Script(wrapped(text));
  const require = createRequire(import.meta.url);
  const failures: string[] = [];
  for (const id of ids) {
    let provided: Record<string, () => unknown> = {};
    const part = {
      seen: () => {},
      unfinished: (unfinished: string) =>
        new Proxy(
          {},
          {
            get: (_all, name) => {
              throw new Error(`${unfinished} has no ${String(name)} yet`);
            },
          },
        ),
      provide: (all: typeof provided) => {
        provided = all;
      },
    };
    (script.runInThisContext() as (...given: unknown[]) => void)(require, part);
    try {
      provided[id]?.();
    } catch (error) {
      failures.push(`${id}: ${error}`);
    }
  }
  assert.equal(failures, []);
});

test.run();
