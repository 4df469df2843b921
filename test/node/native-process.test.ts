/** The native binary has of `process` what src/node/ uses: what it has not fails on a host only, where it is reached. */
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const source = (path: string): string =>
  readFileSync(new URL(`../../src/${path}`, import.meta.url), 'utf8');
const files = (folder: string): string[] =>
  readdirSync(new URL(`../../src/${folder}/`, import.meta.url)).filter((name) =>
    /^(?!.*\.d\.ts$).*\.ts$/.test(name),
  );

/** Members that a text uses, apart from its comments. */
const used = (text: string): string[] =>
  [...text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '').matchAll(/\bprocess\.([a-zA-Z]\w*)/g)].map(
    ([, name = '']) => name,
  );

/** Members of the object that stands for it. */
const had = (text: string): Set<string> =>
  new Set([...text.matchAll(/^ {2}(?:get )?(\w+)(?:\(|:)/gm)].flatMap(([, name]) => name ?? []));

const missing = (text: string, native = source('native/process.ts')): string[] =>
  used(text).filter((name) => !had(native.slice(native.indexOf('export const process'))).has(name));

test('what src/node/ uses of `process`, src/native/ has', () => {
  // A file of the same name takes the place of one of Node.
  const replaced = new Set(files('native'));
  const texts = files('node').filter((name) => !replaced.has(name));
  assert.ok(texts.length > 4);
  const all = texts.map((name) => source(`node/${name}`)).join('\n');
  assert.ok(new Set(used(all)).size > 4);
  assert.equal(missing(all), []);
});

test('a member that is missing is found, in code and not in a comment', () => {
  assert.equal(missing('process.kill(process.pid);\n// process.abort\n'), ['kill']);
});

test.run();
