/** The bundled command, as a user runs it. Built once a process, into a folder of its own. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../src/build/bundle.ts';

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

export const dist = temporaryFolder();
await bundle(dist);
export const COMMAND = join(dist, 'macvtap-render.cjs');

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
  /** How the program is started; the bundle unless said. */
  readonly program?: readonly string[];
}

/** Runs the command; no colour, no home folder but one of its own. */
export function macvtapRender(args: readonly string[], where: Where = {}): Ran {
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [...(where.program ?? [COMMAND]), ...args],
    {
      cwd: where.cwd ?? REPOSITORY,
      encoding: 'utf8',
      input: where.input ?? '',
      maxBuffer: 256 * 1024 * 1024,
      env: { PATH: process.env['PATH'] ?? '', HOME: dist, ...where.env },
    },
  );
  return { status, signal, stdout, stderr };
}
