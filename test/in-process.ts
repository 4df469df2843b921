/** The command within this process: the real file system, its output caught. */
import { spawnSync } from 'node:child_process';
import { run } from '../src/cli/run.ts';
import { nodeSystem } from '../src/node/node.ts';
import type { System } from '../src/system.ts';
import { NATIVE } from './native-binary.ts';

export interface Caught {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export const runHere = async (...args: string[]): Promise<Caught> =>
  NATIVE === undefined ? runWith({}, args) : runNative(NATIVE, args);

/** Without any environment, as `runWith`. */
function runNative(program: string, args: readonly string[]): Caught {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    env: {},
    input: '',
    maxBuffer: 256 * 1024 * 1024,
  });
  return { status: status ?? -1, stdout, stderr };
}

/** As `runHere`, where `/` is a folder of the test's. */
export function runOn(root: string, ...args: string[]): Promise<Caught> {
  const { openDirectory, openExisting } = nodeSystem([], {});
  const at = (path: string): string => (path === '/' ? root : path);
  return runWith(
    {
      openDirectory: (path) => ({ ...openDirectory(at(path)), path }),
      openExisting: (path) => {
        const there = openExisting(at(path));
        return there && { ...there, path };
      },
    },
    args,
  );
}

/** As `runHere`, in another world: parts of it. */
export async function runWith(part: Partial<System>, args: readonly string[]): Promise<Caught> {
  let stdout = '';
  let stderr = '';
  const caught = (take: (text: string) => void) => ({ isTerminal: false, write: take });
  const status = await run(
    {
      ...nodeSystem(args, {}),
      ...part,
      stdout: caught((text) => {
        stdout += text;
      }),
      stderr: caught((text) => {
        stderr += text;
      }),
    },
    '0.0.0',
  );
  return { status, stdout, stderr };
}
