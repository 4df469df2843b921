/** What is reported when a run ends with an exception, and its exit status. */
import { type System, SystemError } from '../system.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { EXIT, type ExitStatus, printProblem } from './status.ts';

export function statusOf(error: unknown): ExitStatus {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof SystemError) return EXIT.system;
  return EXIT.bug;
}

/** @param line absent where it is what is wrong */
export function reportFailure(
  system: System,
  version: string,
  error: unknown,
  line?: CommandLine,
): ExitStatus {
  const status = statusOf(error);
  if (error instanceof UsageError) {
    printProblem(
      system,
      error.message,
      '`macvtap-render help` lists the commands; `macvtap-render COMMAND --help` shows the options of one.',
    );
  } else if (error instanceof SystemError) {
    const again = line && resumes(line) ? '; it resumes' : '';
    const isDenied = line && isOfHost(line) && error.message === 'permission denied';
    printProblem(
      system,
      `${error.path}: ${error.message}`,
      isDenied ? 'Run the command as root.' : `Fix this and run the command again${again}.`,
    );
  } else {
    printProblem(
      system,
      'internal error; do not rely on the output of this run',
      'Report it with the intent (names and addresses changed), the command line, and what follows.',
    );
    system.stderr.write(`version ${version}\n${traceOf(error)}\n`);
  }
  return status;
}

/** Whether it reads, or changes, what only root may on this host. */
const isOfHost = ({ command, root }: CommandLine): boolean =>
  root === '/' ||
  (root === undefined &&
    ['apply', 'confirm', 'rollback', 'status', 'doctor', 'check'].includes(command));

/** Whether it goes on with what an earlier run has written. */
function resumes({ command, root, output, fix, dryRun }: CommandLine): boolean {
  if (dryRun) return false;
  const isToTree = root !== undefined || output !== undefined;
  return (
    ['apply', 'confirm', 'rollback'].includes(command) ||
    (command === 'render' && isToTree) ||
    (command === 'lint' && fix)
  );
}

/** What it says, and where: V8's stack begins with that, QuickJS's has places alone. */
function traceOf(error: unknown): string {
  const text = String(error);
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return stack.includes(text) ? stack : `${text}\n${stack}`.trimEnd();
}
