/**
 * The command as a small loader, its program in parts, and V8's code cache of each: a third of the
 * time to start. The caches are made by this Node; another Node or processor, other flags of V8 and a
 * damaged file run the program without them. No run writes them.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import * as zlib from 'node:zlib';
import { ENTRY, type Part } from './parts.ts';

/** In the folder of each run: one without diagnostics, and one with some. */
const INTENT = 'macvtap.yaml';
const WARNED = 'warned.yaml';

const INTENTS: Readonly<Record<string, string>> = {
  [INTENT]: 'original',
  [WARNED]: 'setting-unused',
};

const BACKENDS = ['networkd', 'networkmanager', 'netplan', 'ifupdown'] as const;

const renderedFor = (backend: string): string => `${INTENT} --backend ${backend}`;

/** The part with what all of its runs use; of another, what one of them uses. */
const COMMON = 'render';

/** What runs of the command use, in the order in which a module is given to the first that has it. */
const RUNS: Readonly<Record<string, readonly string[]>> = {
  start: ['--version'],
  // What most runs do: one host, without diagnostics.
  [COMMON]: BACKENDS.map(renderedFor),
  ...Object.fromEntries(BACKENDS.map((backend) => [backend, [renderedFor(backend)]])),
  search: ['--backend networkd'],
  help: ['--help', 'help render'],
  explain: [`explain ${INTENT} --backend networkd`],
  tree: ['render', 'check'].map((word) => `${word} ${INTENT} --backend networkd --root tree`),
  diagnostics: [`lint ${WARNED}`, `${WARNED} --backend networkd`],
};

/** The names of the parts; the last has what none of the runs uses. */
export const PARTS: readonly string[] = [...Object.keys(RUNS), 'rest'];

/** The files of a part, beside the loader. */
export const textFile = (part: string): string => `program/${part}.js`;
export const cacheFile = (part: string): string => `program/${part}.cache`;

/** What a Node is built of, and for which processor: V8 has neither the latter nor its own build in its cache. */
const MADE_BY = `process.arch + JSON.stringify(process.versions)`;

/**
 * zlib's sum without `node:zlib`, which loads all of the streams: 1.5 ms. The binding is internal to Node
 * and may change: only the build of Node that has made the cache asks for it. Node would warn of it
 * (DEP0111, with --pending-deprecation).
 */
const CHECKSUM = `
function checksum() {
  const { noDeprecation } = process;
  process.noDeprecation = true;
  try {
    return process.binding('zlib').crc32;
  } finally {
    process.noDeprecation = noDeprecation;
  }
}`;

/** A part asks for modules of another by `part`, which loads it. */
const LINKED = `
const provided = {};
const part = (name, id) => {
  if (!provided[id]) load(name);
  return provided[id]();
};
part.provide = (modules) => Object.assign(provided, modules);
`;

/**
 * V8 compares its version, its flags and the length of the program with what the cache has, but no
 * processor and no checksum (11.3, Node 20: bytes of bytecode that were changed crashed it). The sum of
 * both files, which the build writes here, takes 0.5 ms; zlib has it from Node 20.15.
 */
const loaderOf = (
  sums: Readonly<Record<string, number>>,
  madeBy: string,
): string => `#!/usr/bin/env node
'use strict';
const { readFileSync } = require('node:fs');
const { Script } = require('node:vm');
const isMaker = ${MADE_BY} === ${JSON.stringify(madeBy)};
const sums = ${JSON.stringify(sums)};
let sumOf;
${CHECKSUM}
${LINKED}
function load(name) {
  const path = __dirname + '/program/' + name;
  const filename = path + '.js';
  const program = readFileSync(filename);
  let cachedData;
  try {
    if (isMaker) {
      sumOf ??= checksum();
      const cache = readFileSync(path + '.cache');
      if (sumOf(cache, sumOf(program, 0)) === sums[name]) cachedData = cache;
    }
  } catch {
    // Slower, and otherwise the same.
  }
  new Script(program.toString('latin1'), { filename, cachedData }).runInThisContext()(require, part);
}
part('${PARTS[0]}', '${ENTRY}');
`;

/** -1, which no sum is, where this Node has none: such a build has no use of its cache. */
const sumOf = (program: Buffer, cache: Buffer): number =>
  zlib.crc32?.(cache, zlib.crc32(program)) ?? -1;

/** Runs the command several times over, without output, by its parts in FOLDER. */
const RUNNER = `
const { readFileSync, writeFileSync } = require('node:fs');
const { Script } = require('node:vm');
const [folder, result, ...runs] = process.argv.slice(1);
const scripts = {};
const seen = new Set();
function run(words) {
  process.argv = [process.execPath, 'macvtap-render', ...words.split(' ')];
  ${LINKED}
  part.seen = (id) => seen.add(id);
  part.unfinished = () => undefined;
  function load(name) {
    const filename = folder + '/program/' + name + '.js';
    scripts[name] ??= new Script(readFileSync(filename, 'latin1'), { filename });
    scripts[name].runInThisContext()(require, part);
  }
  part('${PARTS[0]}', '${ENTRY}');
}
function next() {
  if (process.exitCode) throw new Error('ended with ' + process.exitCode);
  const words = runs.shift();
  if (words === undefined) {
    writeFileSync(result, done());
    return;
  }
  run(words);
  // All that the program waits for is done by then: its calls of the system are synchronous.
  setImmediate(next);
}
`;

/** What was evaluated. */
const EVALUATED = `const done = () => JSON.stringify([...seen]);\n`;

/** What was compiled of a part. */
const compiledOf = (name: string): string => `
const done = () => {
  scripts['${name}'] ??= new Script(readFileSync(folder + '/program/${name}.js', 'latin1'), { filename: '${name}' });
  return scripts['${name}'].createCachedData();
};
`;

/**
 * Does runs of the command in one process.
 * @param words of each
 * @param code what `done` returns after them
 * @param result the file that gets it
 */
function runs(
  root: string,
  folder: string,
  words: readonly string[],
  code: string,
  result: string,
): void {
  const cwd = mkdtempSync(`${tmpdir()}/macvtap-build-`);
  try {
    for (const [name, golden] of Object.entries(INTENTS)) {
      copyFileSync(`${root}golden/${golden}/intent.yaml`, `${cwd}/${name}`);
    }
    const argv = ['-e', `${RUNNER}${code}next();`, '--', folder, result, ...words];
    execFileSync(process.execPath, argv, {
      cwd,
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
      // Flags of V8 are in the cache: those that a user has.
      env: { ...process.env, NODE_OPTIONS: '' },
    });
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

/** A program of esbuild's as the function that the loader calls. */
export function wrapped(program: string): string {
  // One byte a character: read without decoding, and half of the memory.
  if (Buffer.byteLength(program) !== program.length) throw new Error('the program is not ASCII');
  return `(function(require,part){${program}\n})`;
}

/** @returns what the runs of each part evaluate of a program that is not in parts */
export function evaluatedOf(root: string, program: string): string[][] {
  const folder = mkdtempSync(`${tmpdir()}/macvtap-build-`);
  try {
    mkdirSync(`${folder}/program`);
    writeFileSync(`${folder}/${textFile(PARTS[0] ?? '')}`, wrapped(program));
    const evaluated = (words: readonly string[]): string[] => {
      runs(root, folder, words, EVALUATED, `${folder}/evaluated`);
      return JSON.parse(readFileSync(`${folder}/evaluated`, 'utf8')) as string[];
    };
    return Object.entries(RUNS).map(([part, words]) => {
      if (part !== COMMON) return evaluated(words);
      const [first = [], ...others] = words.map((word) => evaluated([word]));
      return first.filter((id) => others.every((ids) => ids.includes(id)));
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a cache has is compiled by runs of its part; of the part that all start with, most run on. */
const compiling = (part: string): readonly string[] => [
  ...(RUNS[part] ?? []),
  ...(part === PARTS[0] ? (RUNS[COMMON] ?? []) : []),
];

/**
 * Writes the parts, their caches and the loader.
 * @param root of the repository: the intent that is rendered
 * @param command the path of the loader, beside which the others are
 */
export function writeProgram(root: string, parts: readonly Part[], command: string): void {
  const outdir = dirname(command);
  mkdirSync(`${outdir}/program`, { recursive: true });
  for (const { name, text } of parts) writeFileSync(`${outdir}/${textFile(name)}`, wrapped(text));
  const sums = parts.map(({ name }) => {
    const cache = `${outdir}/${cacheFile(name)}`;
    runs(root, outdir, compiling(name), compiledOf(name), cache);
    return [name, sumOf(readFileSync(`${outdir}/${textFile(name)}`), readFileSync(cache))] as const;
  });
  const madeBy = process.arch + JSON.stringify(process.versions);
  writeFileSync(command, loaderOf(Object.fromEntries(sums), madeBy));
}
