/** The bundled command, as a user runs it: what `run.ts` has built, else built once a process. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PARTS, textFile } from '../src/build/code-cache.ts';
import { NATIVE } from './native-binary.ts';

export const REPOSITORY = fileURLToPath(new URL('../', import.meta.url));

const made: string[] = [];
process.on('exit', () => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is gone when the process ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'macvtap-test-'));
  made.push(folder);
  return folder;
}

interface Bundled {
  readonly dist: string;
  readonly inputs: readonly string[];
}

function built(): Bundled | undefined {
  const { MACVTAP_TEST_DIST: folder, MACVTAP_TEST_INPUTS: list } = process.env;
  if (folder === undefined || list === undefined) return undefined;
  return { dist: folder, inputs: JSON.parse(readFileSync(list, 'utf8')) };
}

async function build(): Promise<Bundled> {
  const folder = temporaryFolder();
  const { bundle } = await import('../src/build/bundle.ts');
  return { dist: folder, inputs: await bundle(folder) };
}

/** What `npm run build` makes, but man pages and completions; and the files that are in its two bundles. */
export const { dist, inputs } = built() ?? (await build());

/** The texts of the program's parts, one after the other. */
export const programText = (): string =>
  PARTS.map((part) => readFileSync(join(dist, textFile(part)), 'latin1')).join('\n');

const home = temporaryFolder();
export const COMMAND = join(dist, 'macvtap-render.cjs');

/** What starts the command: the bundle by Node, or the native binary. */
export const PROGRAM: readonly string[] = NATIVE ? [NATIVE] : [process.execPath, COMMAND];

/** The same for a shell. */
export const PROGRAM_WORDS = PROGRAM.map((word) => `"${word}"`).join(' ');

export interface Ran {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Where {
  readonly cwd?: string;
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  /** What Node runs; default: `PROGRAM`. */
  readonly program?: readonly string[];
}

/** Runs the command; no colour, no home folder but one of its own. */
export function macvtapRender(args: readonly string[], where: Where = {}): Ran {
  const [program = '', ...words] = where.program ? [process.execPath, ...where.program] : PROGRAM;
  const { status, signal, stdout, stderr } = spawnSync(program, [...words, ...args], {
    cwd: where.cwd ?? REPOSITORY,
    encoding: 'utf8',
    input: where.input ?? '',
    maxBuffer: 256 * 1024 * 1024,
    env: { PATH: process.env['PATH'] ?? '', HOME: home, ...where.env },
  });
  return { status, signal, stdout, stderr };
}
