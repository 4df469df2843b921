/**
 * The command, run again and again in one process: a line of standard input is a command line as
 * JSON, a line of standard output its status. So that thousands of faults can be injected where a
 * start of the runtime for each would take hours.
 */
import { createInterface } from 'node:readline';
import { runHere } from '../../in-process.ts';

const lines = createInterface({ input: process.stdin });
for await (const line of lines) {
  const { status, stderr } = await runHere(...(JSON.parse(line) as string[]));
  process.stdout.write(`${JSON.stringify({ status, stderr })}\n`);
}
