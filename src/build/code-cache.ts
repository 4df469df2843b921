/**
 * The command as a small loader, its program, and V8's code cache of it: a third of the time to
 * start. The cache is made by this Node; another Node or processor, other flags of V8 and a damaged
 * file run the program without it. No run writes it.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import * as zlib from 'node:zlib';

export const PROGRAM = 'program.js';
export const CACHE = 'program.cache';

/** What a Node is built of, and for which processor: V8 has neither the latter nor its own build in its cache. */
const MADE_BY = `process.arch + JSON.stringify(process.versions)`;

/**
 * V8 compares its version, its flags and the length of the program with what the cache has, but no
 * processor and no checksum (11.3, Node 20: bytes of bytecode that were changed crashed it). The sum of
 * both files, which the build writes here, takes 2 ms; zlib has it from Node 20.15.
 */
const loaderOf = (sum: number, madeBy: string): string => `#!/usr/bin/env node
'use strict';
const { readFileSync } = require('node:fs');
const { Script } = require('node:vm');
const filename = __dirname + '/${PROGRAM}';
const program = readFileSync(filename);
let cachedData;
try {
  if (${MADE_BY} === ${JSON.stringify(madeBy)}) {
    const { crc32 } = require('node:zlib');
    const cache = readFileSync(__dirname + '/${CACHE}');
    if (crc32(cache, crc32(program)) === ${sum}) cachedData = cache;
  }
} catch {
  // Slower, and otherwise the same.
}
new Script(program.toString('latin1'), { filename, cachedData }).runInThisContext()(require);
`;

/** -1, which no sum is, where this Node has none: such a build has no use of its cache. */
const sumOf = (program: Buffer, cache: Buffer): number =>
  zlib.crc32?.(cache, zlib.crc32(program)) ?? -1;

/** Renders an intent several times over, without output, and keeps what was compiled for it. */
const MAKER = `
const { readFileSync, writeFileSync } = require('node:fs');
const { Script } = require('node:vm');
const [program, cache, ...runs] = process.argv.slice(1);
const script = new Script(readFileSync(program, 'latin1'), { filename: program });
const next = () => {
  if (process.exitCode) throw new Error('ended with ' + process.exitCode);
  const words = runs.shift();
  if (words === undefined) {
    writeFileSync(cache, script.createCachedData());
    return;
  }
  process.argv = [process.execPath, program, ...words.split(' ')];
  script.runInThisContext()(require);
  // All that the program waits for is done by then: its calls of the system are synchronous.
  setImmediate(next);
};
next();
`;

/** What most runs do: one host, without diagnostics. */
const RUNS = ['networkd', 'networkmanager'].map(
  (backend) => `golden/original/intent.yaml --backend ${backend}`,
);

/** A program of esbuild's as the function of `require` that the loader calls. */
export function wrapped(program: string): string {
  // One byte a character: read without decoding, and half of the memory.
  if (Buffer.byteLength(program) !== program.length) throw new Error('the program is not ASCII');
  return `(function(require){${program}\n})`;
}

/**
 * Makes the cache of a program that is there, and the loader.
 * @param root of the repository: the intent that is rendered
 * @param outdir has PROGRAM and gets CACHE
 * @param command the path of the loader
 */
export function writeLoader(root: string, outdir: string, command: string): void {
  const [program, cache] = [`${outdir}/${PROGRAM}`, `${outdir}/${CACHE}`];
  execFileSync(process.execPath, ['-e', MAKER, '--', program, cache, ...RUNS], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    // Flags of V8 are in the cache: those that a user has.
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const sum = sumOf(readFileSync(program), readFileSync(cache));
  writeFileSync(command, loaderOf(sum, process.arch + JSON.stringify(process.versions)));
}
