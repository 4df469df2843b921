/** The program as modules of bytecode, packed for the native binary. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Metafile } from 'esbuild';
import { lz4 } from './lz4.ts';

/**
 * What is evaluated before the program runs, besides what it always needs: the commands that
 * compile one intent, and the search for it.
 */
const FIRST = [
  'src/native/main.ts',
  'src/native/search.ts',
  'src/cli/pack.ts',
  'src/cli/fleet-install.ts',
  'src/cli/install.ts',
  'src/cli/check.ts',
];

/** Of a bundle: the files of `FIRST` and what they import, each in front of what it imports. */
export function firstModules({ outputs }: Pick<Metafile, 'outputs'>): string[] {
  const found = new Set<string>();
  const add = (path: string): void => {
    if (found.has(path)) return;
    found.add(path);
    for (const { path: next, kind } of outputs[path]?.imports ?? [])
      if (kind === 'import-statement') add(next);
  };
  for (const entry of FIRST) {
    const [path] = Object.entries(outputs).find(([, of]) => of.entryPoint === entry) ?? [];
    if (path === undefined) throw new Error(`no module of ${entry}`);
    add(path);
  }
  return [...found].map((path) => basename(path));
}

/** Compiles the modules below `folder`. @returns name → bytecode */
export function bytecode(qjsc: string, folder: string): ReadonlyMap<string, Buffer> {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.js'))
    .sort();
  // What is imported otherwise qjsc finds itself, and would compile twice if it were named here.
  const dynamic = names
    .filter((name) => name !== 'main.js' && !name.startsWith('chunk-'))
    .flatMap((name) => ['-D', name]);
  const words = ['-c', '-m', '-s', '-N', 'qjsc_main', ...dynamic, '-o', 'program.c', 'main.js'];
  execFileSync(qjsc, words, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
  const source = readFileSync(join(folder, 'program.c'), 'utf8');
  const arrays = new Map(
    [...source.matchAll(/const uint8_t qjsc_(\w+)\[\d+\] = \{([^}]*)\}/g)].map(
      ([, symbol = '', bytes = '']) => [
        symbol,
        Buffer.from((bytes.match(/0x\w\w/g) ?? []).map((byte) => Number(byte))),
      ],
    ),
  );
  return new Map(
    names.map((name) => {
      const found = arrays.get(name.replace(/\.js$/, '').replace(/\W/g, '_'));
      if (!found) throw new Error(`no bytecode of ${name}`);
      return [name, found];
    }),
  );
}

/**
 * As main.c reads them: three sizes (name with its NUL, packed, unpacked), name, packed bytes.
 * @throws Error for a name that is in no bytecode
 */
export function archive(program: ReadonlyMap<string, Buffer>, names: readonly string[]): Buffer {
  return Buffer.concat(
    names.flatMap((name) => {
      const bytes = program.get(name);
      if (!bytes) throw new Error(`no module ${name}`);
      const packed = lz4(bytes);
      const head = Buffer.from(`${name}\0`);
      const sizes = Buffer.alloc(12);
      for (const [index, size] of [head.length, packed.length, bytes.length].entries())
        sizes.writeUInt32LE(size, index * 4);
      return [sizes, head, packed];
    }),
  );
}
