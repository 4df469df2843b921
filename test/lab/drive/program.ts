/**
 * The program as a user of the booted machine runs it: the bundle, on this machine's Node, which is
 * bound into the machine with the libraries that it is linked with.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { PARTS, textFile } from '../../../src/build/code-cache.ts';
import { COMMAND, dist, temporaryFolder } from '../../command.ts';
import { NATIVE } from '../../native-binary.ts';
import { must, run } from '../process.ts';
import { once } from '../trial.ts';
import type { Binds, Running } from './machine.ts';

/** No package of Debian has files here. */
const FOLDER = '/opt/macvtap-render-lab';
const LIBRARIES = `${FOLDER}/lib`;

export interface Program {
  readonly binds: Binds;
  /** Runs it on the machine, as root. @throws Error for any status but 0 */
  install(running: Running, words: readonly string[]): Promise<string>;
  /** Its exit status and all that it prints. */
  run(
    running: Running,
    words: readonly string[],
    seconds?: number,
  ): Promise<{ readonly status: number; readonly text: string }>;
  /** The command line, as it is run on the machine. */
  readonly argv: readonly string[];
}

/** Made once a run: the bundle is that of the sources at this moment. */
export const theProgram = once(
  (): Promise<Program> =>
    NATIVE === undefined ? programIn(dist) : Promise.resolve(nativeProgram(NATIVE)),
);

function nativeProgram(path: string): Program {
  const there = `${FOLDER}/macvtap-render`;
  return programOf(new Map([[path, there]]), [there]);
}

/** No part has it. */
const BETWEEN = '\n\0\n';

/** The same program with another text, in a folder of its own; without its code cache, which is not of that text. */
export function mutatedProgram(mutate: (program: string) => string): Promise<Program> {
  const folder = temporaryFolder();
  copyFileSync(COMMAND, join(folder, basename(COMMAND)));
  mkdirSync(join(folder, dirname(textFile(PARTS[0] ?? ''))));
  // One text: what it replaces may be in any part.
  const texts = PARTS.map((part) => readFileSync(join(dist, textFile(part)), 'latin1'));
  const changed = mutate(texts.join(BETWEEN)).split(BETWEEN);
  if (changed.length !== PARTS.length) throw new Error('a change has removed the end of a part');
  for (const [index, part] of PARTS.entries()) {
    writeFileSync(join(folder, textFile(part)), changed[index] ?? '', 'latin1');
  }
  return programIn(folder);
}

async function programIn(folder: string): Promise<Program> {
  const { loader, libraries } = await linkedWith(process.execPath);
  const binds = new Map([
    [process.execPath, `${FOLDER}/node`],
    [folder, `${FOLDER}/dist`],
    [loader, `${FOLDER}/loader`],
    ...libraries.map((path) => [path, join(LIBRARIES, basename(path))] as const),
  ]);
  const own = [`${FOLDER}/loader`, '--library-path', LIBRARIES, `${FOLDER}/node`];
  return programOf(binds, [...own, join(FOLDER, 'dist', basename(COMMAND))]);
}

function programOf(binds: Binds, argv: readonly string[]): Program {
  const runInside: Program['run'] = async (running, words, seconds = 60) => {
    const { status, stdout, stderr } = await run(running.inside([...argv, ...words]), '', seconds);
    return { status, text: `${stdout}\n${stderr}` };
  };
  return {
    binds,
    argv,
    run: runInside,
    install: async (running, words) => {
      const { status, text } = await runInside(running, words);
      if (status !== 0) throw new Error(`macvtap-render ${words.join(' ')}: ${status}: ${text}`);
      return text;
    },
  };
}

/** What ldd(1) prints: `libm.so.6 => /lib/… (0x…)`, and the loader alone. */
export async function linkedWith(path: string): Promise<{ loader: string; libraries: string[] }> {
  const lines = (await must(['ldd', path])).split('\n');
  const loader = lines.flatMap((line) => /^\s+(\/\S+) \(/.exec(line)?.[1] ?? [])[0];
  if (loader === undefined) throw new Error(`${path}: ldd names no loader`);
  return {
    loader,
    libraries: lines.flatMap((line) => /=> (\/\S+) \(/.exec(line)?.[1] ?? []),
  };
}
