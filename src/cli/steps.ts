/** `steps`: the steps after an installation, at any time; or the change script alone. */
import { backends } from '../backends/registry.ts';
import type { Compilation, RenderedSet } from '../compile.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { CHANGE, changeScript } from '../install/change-script.ts';
import type { Written } from '../install/plan.ts';
import { type Step, stepsOf, stepsText } from '../install/steps.ts';
import type { Model } from '../model/types.ts';
import { diagnosticsOf, documentText, hostKey } from '../report/output.ts';
import { stepsDocument } from '../report/outputs/steps.ts';
import { visible } from '../report/text.ts';
import type { System } from '../system.ts';
import { quote } from '../view/shell.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { effectsOf } from './install.ts';
import { backendNamed } from './layout.ts';
import { EXIT, type ExitStatus } from './status.ts';

/** @throws UsageError for a back end whose files no daemon of the host follows */
export function steps(
  system: System,
  line: CommandLine,
  { sets, model, source }: Compilation,
  diagnostics: readonly Diagnostic[],
): ExitStatus {
  const [set] = sets ?? [];
  if (!set || !model) throw new Error('nothing to print steps for');
  const backend = backendNamed(set.backend);
  if (line.script) {
    if (backend.scope !== 'host') {
      throw new UsageError(
        `\`--script\` is for back ends of a host's network, not \`${set.backend}\``,
      );
    }
    system.stdout.write(changeScript(backend, model, set.files));
    return EXIT.done;
  }
  const options = {
    root: line.root ?? '/',
    paths: set.files.map(({ path }) => path),
    hasRollback: true,
    scriptCommand: scriptCommand(line, set.backend),
  };
  if (line.format === 'json') {
    const own = stepsOf(backend, model, options).map(visibleStep);
    system.stdout.write(
      documentText(stepsDocument, {
        hosts: [{ host: hostKey(model.host), backend: set.backend, steps: own }],
        diagnostics: diagnosticsOf(source, diagnostics),
      }),
    );
    return EXIT.done;
  }
  if (line.root === undefined) system.stderr.write(installFirst(line, set));
  system.stdout.write(visibleLines(stepsText(backend, model, options).replace(/^\n/, '')));
  return EXIT.done;
}

/** Without files on the host there is nothing to activate, nor a change script. */
const installFirst = (line: CommandLine, { backend }: RenderedSet): string =>
  backends.some(({ id, scope }) => id === backend && scope === 'host')
    ? `First install the files, on the host: \`${commandFor('macvtap-render', line, backend)} --root /\`.\n`
    : '';

const visibleStep = ({ text, commands, note }: Step): Step => ({
  text: visibleLines(text),
  commands: commands.map(visibleLines),
  ...(note !== undefined && { note: visibleLines(note) }),
});

interface PendingNow {
  /** An earlier change is not confirmed: print the steps even if nothing has changed. */
  readonly isPending?: boolean;
  /** Its activation has begun. */
  readonly isActivated?: boolean;
  /** The next boot activates it. */
  readonly waitsForReboot?: boolean;
}

const ACTIVATED = `
The pending change is activated already. Verify it from a new connection, then confirm it, or roll it back now:

sh ${CHANGE} confirm
sh ${CHANGE} rollback
`;

const ARMED = `
The pending change is armed for the next boot, which activates it. Reboot, verify it from a new connection, then confirm it:

systemctl reboot
sh ${CHANGE} confirm

Or roll it back now:

sh ${CHANGE} rollback
`;

/**
 * The steps after an installation, as `--dry-run` and the run after it print them.
 * @param written what was done to each file, or would be
 */
export function nextSteps(
  line: CommandLine,
  { backend, files }: RenderedSet,
  model: Model,
  written: readonly Written[],
  { isPending = false, isActivated = false, waitsForReboot = false }: PendingNow,
): string {
  const changed = written.filter(({ change }) => change !== 'unchanged' && change !== 'left');
  if (changed.length === 0 && !isPending) return '';
  if (changed.length === 0 && waitsForReboot) return ARMED;
  if (changed.length === 0 && isActivated) return ACTIVATED;
  const text = stepsText(backendNamed(backend), model, {
    root: line.root ?? '/',
    paths: files.map(({ path }) => path),
    removed: changed.filter(({ change }) => change === 'removed').map(({ target }) => target),
    hasRollback: line.output === undefined && !line.noBackup,
    scriptCommand: scriptCommand(line, backend),
    recreated: effectsOf(backend, written),
  });
  return visibleLines(text);
}

const visibleLines = (text: string): string => text.split('\n').map(visible).join('\n');

/** The command line that prints the change script for the same intent. */
export const scriptCommand = (line: CommandLine, backend: string): string =>
  commandFor('macvtap-render steps --script', line, backend);

function commandFor(command: string, line: CommandLine, backend: string): string {
  const words = [
    ...(line.intents.length > 0 ? line.intents : []),
    '--backend',
    backend,
    ...line.hosts.flatMap((name) => ['--host', name]),
  ];
  return [command, ...words.map(quote)].join(' ');
}
