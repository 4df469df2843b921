/**
 * What a fleet costs, rendered and written by the command, beside a program in C that writes the same
 * files (`write.c`), plainly and with the same care. In memory, where there is such a file system: the
 * programs are measured, not a disk.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { COMMAND, dist } from '../command.ts';
import { fleetOf } from './intents.ts';
import { type Program, peakMemory, timed } from './measure.ts';
import { median, pairedRatio, type Summary, summary } from './statistics.ts';

export interface FleetCost {
  readonly hosts: number;
  readonly files: number;
  readonly milliseconds: Summary;
  /** With `--dry-run`, per host, in milliseconds. */
  readonly renderedPerHost: number;
  /** The rest, per host, in milliseconds. */
  readonly writtenPerHost: number;
  /** Again, where every file is there already, per host, in milliseconds. */
  readonly againPerHost: number;
  readonly careful?: Summary;
  /** To the program in C, of the same round. */
  readonly toCareful?: Summary;
  readonly toPlain?: Summary;
  readonly mebibytes?: number;
}

/** Of small fleets several runs. */
const roundsOf = (hosts: number, isQuick: boolean): number =>
  isQuick ? 3 : hosts <= 100 ? 11 : hosts <= 1000 ? 5 : hosts <= 10_000 ? 3 : 1;

export const fleetSizes = (isQuick: boolean): readonly number[] =>
  isQuick ? [1, 10, 100, 1000] : [1, 10, 100, 1000, 10_000, 100_000];

/** @param note takes what is measured next */
export function fleetCosts(
  folder: string,
  isQuick: boolean,
  note: (text: string) => void,
): FleetCost[] {
  const writer = writerIn(folder);
  if (!writer) note('no C compiler: fleets are measured alone');
  return fleetSizes(isQuick).map((hosts) => {
    note(`${hosts} hosts`);
    return costOf(folder, writer, hosts, roundsOf(hosts, isQuick));
  });
}

function writerIn(folder: string): string | undefined {
  const writer = join(folder, 'write');
  const source = fileURLToPath(new URL('write.c', import.meta.url));
  const words = ['-O2', '-Wall', '-Wextra', '-o', writer, source];
  return spawnSync('cc', words, { stdio: 'ignore' }).status === 0 ? writer : undefined;
}

function costOf(
  folder: string,
  writer: string | undefined,
  hosts: number,
  count: number,
): FleetCost {
  const intent = join(folder, 'fleet.yaml');
  const out = join(folder, 'out');
  const list = join(folder, 'list');
  const clear = (): void => rmSync(out, { recursive: true, force: true });
  const words = [process.execPath, COMMAND, intent, '-b', 'networkd', '--root', out];
  const render: Program = { name: 'render', words, prepare: clear };
  const dry: Program = { name: 'dry run', words: [...words, '--dry-run'], prepare: clear };
  const again: Program = { name: 'again', words };
  writeFileSync(intent, fleetOf(hosts));
  const times = { render: [] as number[], dry: [] as number[], again: [] as number[] };
  const byC = { plain: [] as number[], careful: [] as number[] };
  let files = 0;
  for (let round = 0; round < count; round += 1) {
    times.render.push(timed(render, folder));
    if (round === 0) files = writeList(list, out);
    times.again.push(timed(again, folder));
    times.dry.push(timed(dry, folder));
    if (!writer) continue;
    const prepare = (): void => {
      clear();
      mkdirSync(out);
    };
    byC.plain.push(timed({ name: 'write.c', words: [writer, list, out], prepare }, folder));
    byC.careful.push(
      timed({ name: 'write.c', words: [writer, list, out, 'careful'], prepare }, folder),
    );
  }
  const mebibytes = peakMemory(render, folder);
  clear();
  const [all, dryRun] = [median(times.render), median(times.dry)];
  return {
    hosts,
    files,
    milliseconds: summary(times.render),
    renderedPerHost: dryRun / hosts,
    writtenPerHost: Math.max(0, all - dryRun) / hosts,
    againPerHost: median(times.again) / hosts,
    ...(writer && {
      careful: summary(byC.careful),
      toCareful: pairedRatio(times.render, byC.careful),
      toPlain: pairedRatio(times.render, byC.plain),
    }),
    ...(mebibytes !== undefined && { mebibytes }),
  };
}

/** Every file of a tree, as `write.c` reads it. */
function writeList(list: string, out: string): number {
  let count = 0;
  // Host by host: a hundred thousand are more than one buffer takes.
  writeFileSync(list, '');
  for (const host of readdirSync(out).sort()) {
    const paths = readdirSync(join(out, host), { recursive: true, encoding: 'utf8' })
      .map((path) => `${host}/${path}`)
      .filter((path) => lstatSync(join(out, path)).isFile())
      .sort();
    const entries = paths.map((path) => {
      const text = readFileSync(join(out, path));
      const mode = (lstatSync(join(out, path)).mode & 0o7777).toString(8);
      return Buffer.concat([Buffer.from(`${mode} ${text.length} ${path}\n`), text]);
    });
    writeFileSync(list, Buffer.concat(entries), { flag: 'a' });
    count += paths.length;
  }
  return count;
}

/** Milliseconds a host, in a process that has compiled others before. */
export async function warmCompile(hosts: number): Promise<number> {
  const { compileFleet } = (await import(join(dist, 'index.js'))) as {
    compileFleet: (text: string, options: object) => { hosts: readonly unknown[] };
  };
  const text = fleetOf(hosts);
  const once = (): number => {
    const start = performance.now();
    const { hosts: compiled } = compileFleet(text, { backends: ['networkd'] });
    if (compiled.length !== hosts) throw new Error(`${compiled.length} hosts of ${hosts}`);
    return (performance.now() - start) / hosts;
  };
  return median([once(), once(), once(), once(), once()].slice(1));
}

/** A file system in memory, where there is one. */
export const memoryFolder = (): string | undefined =>
  existsSync('/dev/shm') ? '/dev/shm' : undefined;
