/** The command within this process: the real file system, its output caught. */
import { run } from '../src/cli.ts';
import { nodeSystem } from '../src/node.ts';

export interface Caught {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function runHere(...args: string[]): Promise<Caught> {
  let stdout = '';
  let stderr = '';
  const caught = (take: (text: string) => void) => ({ isTerminal: false, write: take });
  const status = await run(
    {
      ...nodeSystem(args, {}),
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
