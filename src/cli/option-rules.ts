/**
 * Which options go together: one ordered list, one rule a function. The first that is broken is
 * reported.
 */
import { backends as known } from '../backends/registry.ts';
import { fixableCodes } from '../diagnostics/codes.ts';
import { packagings } from '../package/packagings.ts';
import { COMMAND_HELP } from './command-help.ts';
import { COMMANDS, type Command, type CommandLine } from './command-line.ts';
import { longName, type OptionName } from './option-help.ts';

/** `explain CODE|KEY`: no back end, and one word that is not a path (`./fleet`). */
export const isReference = ({
  command,
  backends,
  intents,
}: Pick<CommandLine, 'command' | 'backends' | 'intents'>): boolean =>
  command === 'explain' &&
  backends.length === 0 &&
  intents.length === 1 &&
  /^[a-zA-Z][\w.<>*[\]-]*$/.test(intents[0] ?? '') &&
  !/\.(?:ya?ml|json)$/.test(intents[0] ?? '');

/** @returns what is wrong, if the rule is broken */
type Rule = (line: CommandLine) => string | undefined;

const isOneOf = (command: Command, ...commands: readonly Command[]): boolean =>
  commands.includes(command);

/** Options with their own command, by how they are written. */
const OWNERS: readonly (readonly [
  option: string,
  command: Command,
  isGiven: (line: CommandLine) => boolean,
])[] = [
  ['--timeout', 'apply', ({ seconds }) => seconds !== undefined],
  ['--reboot', 'apply', ({ reboot }) => reboot],
  ['--yes', 'apply', ({ yes }) => yes],
  ['--switch', 'apply', (line) => line.switch],
  ['--move', 'apply', ({ move }) => move.length > 0],
  ['--guest', 'doctor', ({ guest }) => guest !== undefined],
  ['--script', 'steps', ({ script }) => script],
  ['--parent', 'init', ({ parent }) => parent !== undefined],
  ['--shim', 'init', ({ shim }) => shim !== undefined],
  ['--write', 'init', ({ write }) => write !== undefined],
  ['--keep-parent', 'init', ({ keepParent }) => keepParent],
  ['--address', 'init', ({ addresses }) => addresses.length > 0],
  ['--range', 'init', ({ ranges }) => ranges.length > 0],
  ['--compose', 'init', ({ compose }) => compose.length > 0],
  ['--new-mac', 'init', ({ newMac }) => newMac],
  ['--before', 'graph', ({ before }) => before !== undefined],
  ['--fix', 'lint', ({ fix }) => fix],
  ['--only', 'lint', ({ only }) => only.length > 0],
  ['--no-mode', 'check', ({ noMode }) => noMode],
];

function optionOfOther(line: CommandLine): string | undefined {
  const found = OWNERS.find(([, command, isGiven]) => isGiven(line) && line.command !== command);
  return found && `\`${found[0]}\` is for \`${found[1]}\``;
}

const confirmOrRollback: Rule = ({ command, intents, hosts, backends, target, strict }) =>
  isOneOf(command, 'confirm', 'rollback') &&
  (intents.length + hosts.length + backends.length > 0 || target !== undefined || strict)
    ? `\`${command}\` takes no intent and no options: there is one change`
    : undefined;

function schema({ command, intents, hosts, backends, target, strict }: CommandLine) {
  const isSchema = intents.every((word) => ['intent', 'output'].includes(word));
  const hasOptions = hosts.length + backends.length > 0 || target !== undefined || strict;
  return command === 'schema' && (!isSchema || intents.length > 1 || hasOptions)
    ? '`schema` takes `intent` or `output`, and no options'
    : undefined;
}

const oneBackend: Rule = ({ command, backends }) =>
  isOneOf(command, 'explain', 'check', 'status', 'apply', 'doctor', 'steps') && backends.length > 1
    ? `\`${command}\` takes one \`--backend\` at a time`
    : undefined;

/** `render`, `lint --fix` and `apply`: the commands that have an option. */
function ownersOf(option: OptionName): string {
  const commands = COMMANDS.filter((command) => COMMAND_HELP[command].options.includes(option));
  const names = commands.map((command) =>
    command === 'lint' && option === 'dryRun' ? '`lint --fix`' : `\`${command}\``,
  );
  const last = names.pop() ?? '';
  return names.length === 0 ? last : `${names.join(', ')} and ${last}`;
}

function noTree({ command, root, output }: CommandLine): string | undefined {
  const found = (
    [
      ['root', root],
      ['output', output],
    ] as const
  ).find(([name, path]) => path !== undefined && !COMMAND_HELP[command].options.includes(name));
  return found && `\`--${found[0]}\` is for ${ownersOf(found[0])}, not for \`${command}\``;
}

const isInstall = (line: CommandLine): boolean =>
  line.command === 'render' && (line.root ?? line.output) !== undefined;

/** Options of writing files; some of them are of `apply` and `lint --fix`, too. */
function forWriting(line: CommandLine): string | undefined {
  const { command } = line;
  const found = (['force', 'backup', 'noBackup', 'noPrune', 'keepGoing', 'dryRun'] as const).find(
    (name) => line[name],
  );
  if (found === undefined || isInstall(line)) return undefined;
  const option = longName(found);
  if (command === 'render') return `\`${option}\` is for writing, with \`--root\` or \`--output\``;
  const takesIt = COMMAND_HELP[command].options.includes(found) && (command !== 'lint' || line.fix);
  if (takesIt) return undefined;
  const init =
    command === 'init' ? '; `init` writes a file only with `--write`, and only a new one' : '';
  return `\`${option}\` is for ${ownersOf(found)}${init}`;
}

/** What `init` takes: a host, and how its intent is to be. */
function init({
  command,
  intents,
  backends,
  target,
  renderer,
  root,
  keepParent,
  addresses,
  ranges,
  write,
  format,
}: CommandLine) {
  if (command !== 'init') return undefined;
  if (backends.length > 0 || target !== undefined || renderer !== undefined) {
    return '`init` finds back end and target on the host: leave out `--backend`, `--target` and `--renderer`';
  }
  if (intents.length > 0 && root === undefined) {
    return '`init` takes no intent; name the trees of hosts with `--root DIR...`';
  }
  if (write !== undefined && (write === '' || format !== undefined)) {
    return '`--write FILE` writes YAML to a file: leave out `--format`';
  }
  if (!keepParent && addresses.length + ranges.length > 0) {
    return '`--address` and `--range` are of the shim beside a link that `--keep-parent` keeps';
  }
  return undefined;
}

function unfixable({ only }: CommandLine): string | undefined {
  // The catalogue is long, and most runs need nothing of it.
  if (only.length === 0) return undefined;
  const codes: readonly string[] = fixableCodes();
  const word = only.find((code) => !codes.includes(code));
  return word === undefined
    ? undefined
    : `\`--only\` takes the code of a diagnostic that has a fix, not \`${word}\` (there are ${codes.map((code) => `\`${code}\``).join(', ')})`;
}

/** Standard input is fixed on the way to standard output. */
function fixOfInput({ fix, format, dryRun, intents }: CommandLine): string | undefined {
  if (!fix || !intents.includes('-')) return undefined;
  if (intents.length > 1) return '`--fix` takes standard input alone, or files';
  return format === 'json' && !dryRun
    ? '`--fix` prints the fixed text of standard input: leave out `--format json`, or add `--dry-run`'
    : undefined;
}

const packagingOf = ({ format }: CommandLine) => packagings.find(({ id }) => id === format);

/** A folder of a packaging goes to `--output`; any other format to standard output. */
function formatOfFiles(line: CommandLine): string | undefined {
  const { format, output } = line;
  const isFolder = packagingOf(line)?.members !== undefined;
  if (!isInstall(line) || format === undefined || (isFolder && output !== undefined)) {
    return undefined;
  }
  return isFolder
    ? `\`--format ${format}\` writes a folder: name it with \`--output\``
    : '`--format` is for standard output: leave it out with `--root` or `--output`';
}

/** Back ends for guests or for a trial; `netplan` is either of two for a host. */
const isNotForGood = (backend: string): boolean =>
  known.some(({ id, scope }) => id === backend && scope !== 'host');

function activates(line: CommandLine): string | undefined {
  const unfit = packagingOf(line)?.activates ? line.backends.find(isNotForGood) : undefined;
  return unfit === undefined
    ? undefined
    : `\`--format ${line.format}\` activates the host's network, which \`${unfit}\` does not configure: use \`--format tar\``;
}

const severalBackends: Rule = (line) =>
  line.command === 'render' &&
  line.backends.length > 1 &&
  line.root === undefined &&
  !packagingOf(line)?.takesSeveral
    ? 'several back ends need `--root DIR` (each goes to `DIR/<back end>/`) or `--format json`'
    : undefined;

/** A rule that is broken where a condition holds. */
const unless =
  (isBroken: (line: CommandLine) => boolean, message: string): Rule =>
  (line) =>
    isBroken(line) ? message : undefined;

const RULES: readonly Rule[] = [
  optionOfOther,
  unless(
    ({ reboot, yes }) => reboot && yes,
    '`--yes` confirms before the reboot that `--reboot` waits for',
  ),
  confirmOrRollback,
  schema,
  oneBackend,
  unless(
    ({ command, intents }) => command === 'diff' && intents.length < 2,
    '`diff` takes two intents: the old one and the new one',
  ),
  noTree,
  init,
  forWriting,
  unless(({ fix, only }) => only.length > 0 && !fix, '`--only` is for `--fix`'),
  unfixable,
  fixOfInput,
  unless(({ before }) => before === '', 'the name of the intent is empty'),
  unless(
    ({ backup, noBackup }) => backup && noBackup,
    '`--backup` and `--no-backup` exclude each other',
  ),
  unless(
    ({ noBackup, root }) => noBackup && root !== '/',
    '`--no-backup` is for `--root /`: elsewhere nothing is kept by default',
  ),
  unless(
    ({ root, output }) => root !== undefined && output !== undefined,
    '`--root` and `--output` exclude each other',
  ),
  formatOfFiles,
  activates,
  severalBackends,
  unless(
    ({ renderer, backends }) =>
      renderer !== undefined && backends.length > 0 && !backends.includes('netplan'),
    '`--renderer` is for `--backend netplan`',
  ),
];

/** @returns the first rule that the options break, in words */
export function conflictIn(line: CommandLine): string | undefined {
  if (line.command === 'help') {
    return line.intents.length > 1 ? '`help` takes one command or topic' : undefined;
  }
  if (isReference(line)) {
    return line.format === 'json'
      ? '`explain CODE|KEY` prints text only: leave out `--format json`'
      : undefined;
  }
  for (const rule of RULES) {
    const message = rule(line);
    if (message !== undefined) return message;
  }
  return undefined;
}
