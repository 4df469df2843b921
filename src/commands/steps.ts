/** `steps`: the steps after an installation, at any time; or the change script alone. */
import {
  type Compilation,
  changeScript,
  quote,
  type System,
  stepsText,
  visible,
} from '../index.ts';
import { type CommandLine, UsageError } from '../options.ts';
import { backendNamed } from './install.ts';
import { EXIT, type ExitStatus } from './status.ts';

/** @throws UsageError for a back end whose files no daemon of the host follows */
export function steps(system: System, line: CommandLine, { sets, model }: Compilation): ExitStatus {
  const [set] = sets ?? [];
  if (!set || !model) throw new Error('nothing to print steps for');
  const backend = backendNamed(set.way);
  if (line.script) {
    if (backend.scope !== 'host') {
      throw new UsageError(`\`--script\` is for back ends of a host's network, not \`${set.way}\``);
    }
    system.stdout.write(changeScript(backend, model, set.files));
    return EXIT.done;
  }
  const root = line.root ?? '/';
  const paths = set.files.map(({ path }) => path);
  const text = stepsText(backend, model, {
    root,
    paths,
    hasRollback: true,
    scriptCommand: scriptCommand(line, set.way),
  });
  system.stdout.write(text.replace(/^\n/, '').split('\n').map(visible).join('\n'));
  return EXIT.done;
}

/** The command line that prints the change script for the same intent. */
export function scriptCommand(line: CommandLine, way: string): string {
  const words = [
    ...(line.intents.length > 0 ? line.intents : []),
    '--backend',
    way,
    ...line.hosts.flatMap((name) => ['--host', name]),
  ];
  return ['macvtap-render steps --script', ...words.map(quote)].join(' ');
}
