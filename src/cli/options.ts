/** The command line: words → options, or the first error. */
import arg from 'arg';
import { COMMAND_HELP } from './command-help.ts';
import { COMMANDS, type Command, type CommandLine, FORMATS, UsageError } from './command-line.ts';
import { nearest } from './nearest.ts';
import { longName } from './option-help.ts';
import { conflictIn } from './option-rules.ts';
import {
  absolute,
  backend,
  duration,
  folder,
  format,
  guest,
  hostNames,
  linkName,
  renderer,
  target,
} from './option-values.ts';

const SPEC = {
  '--backend': [String],
  '--host': [String],
  '--renderer': String,
  '--target': String,
  '--root': String,
  '--output': String,
  '--format': String,
  '--before': String,
  '--strict': Boolean,
  '--force': Boolean,
  '--backup': Boolean,
  '--no-backup': Boolean,
  '--no-prune': Boolean,
  '--keep-going': Boolean,
  '--dry-run': Boolean,
  '--fix': Boolean,
  '--only': [String],
  '--no-mode': Boolean,
  '--script': Boolean,
  '--timeout': String,
  '--reboot': Boolean,
  '--yes': Boolean,
  '--switch': Boolean,
  '--move': [String],
  '--guest': String,
  '--parent': String,
  '--shim': String,
  '--write': String,
  '--keep-parent': Boolean,
  '--address': [String],
  '--range': [String],
  '--compose': [String],
  '--new-mac': Boolean,
  '--help': Boolean,
  '--version': Boolean,
  '-b': '--backend',
  '-h': '--help',
  '-V': '--version',
} as const;

/** @throws UsageError */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const given = readWords(args);
  const [first, ...rest] = given._;
  const command = COMMANDS.find((name) => name === first);
  const operands = command ? rest : given._;
  if (!command && first !== undefined && /^[a-z]+$/.test(first)) {
    // A file may have any name, but a word close to a command's name is more likely a typing error.
    const near = nearest(first, COMMANDS);
    if (near)
      throw new UsageError(
        `there is no command \`${first}\`; did you mean \`${near}\`? (A file of that name: \`./${first}\`.)`,
      );
  }
  const line: CommandLine = {
    command: command ?? 'render',
    namesCommand: command !== undefined,
    intents: operands,
    hosts: [...new Set((given['--host'] ?? []).flatMap(hostNames))],
    backends: [...new Set((given['--backend'] ?? []).map(backend))],
    ...(given['--renderer'] !== undefined && { renderer: renderer(given['--renderer']) }),
    ...(given['--target'] !== undefined && { target: target(given['--target']) }),
    ...(given['--root'] !== undefined && { root: folder('--root', given['--root']) }),
    ...(given['--output'] !== undefined && { output: folder('--output', given['--output']) }),
    ...(given['--format'] !== undefined && {
      format: format(command ?? 'render', given['--format']),
    }),
    ...(given['--before'] !== undefined && { before: given['--before'] }),
    strict: given['--strict'] ?? false,
    force: given['--force'] ?? false,
    backup: given['--backup'] ?? false,
    noBackup: given['--no-backup'] ?? false,
    noPrune: given['--no-prune'] ?? false,
    keepGoing: given['--keep-going'] ?? false,
    dryRun: given['--dry-run'] ?? false,
    fix: given['--fix'] ?? false,
    only: [...new Set(given['--only'] ?? [])],
    noMode: given['--no-mode'] ?? false,
    script: given['--script'] ?? false,
    ...(given['--timeout'] !== undefined && { seconds: duration(given['--timeout']) }),
    reboot: given['--reboot'] ?? false,
    yes: given['--yes'] ?? false,
    switch: given['--switch'] ?? false,
    move: [...new Set((given['--move'] ?? []).map(absolute))],
    ...(given['--guest'] !== undefined && { guest: guest(given['--guest']) }),
    ...(given['--parent'] !== undefined && { parent: linkName('--parent', given['--parent']) }),
    ...(given['--shim'] !== undefined && { shim: linkName('--shim', given['--shim']) }),
    ...(given['--write'] !== undefined && { write: given['--write'] }),
    keepParent: given['--keep-parent'] ?? false,
    addresses: given['--address'] ?? [],
    ranges: given['--range'] ?? [],
    compose: given['--compose'] ?? [],
    newMac: given['--new-mac'] ?? false,
    help: given['--help'] ?? false,
    version: given['--version'] ?? false,
  };
  if (operands.includes('')) throw new UsageError('empty file name for the intent');
  const doubled = operands.find((path, index) => operands.indexOf(path) < index);
  if (doubled !== undefined && command !== 'diff') {
    throw new UsageError(`\`${doubled}\` is named twice`);
  }
  if (command === 'diff' && operands.length > 2) {
    throw new UsageError(`\`diff\` takes two intents, not a third: \`${operands[2]}\``);
  }
  const conflict = line.help || line.version ? undefined : conflictIn(line);
  if (conflict !== undefined) throw new UsageError(conflict);
  return line;
}

function readWords(args: readonly string[]): arg.Result<typeof SPEC & arg.Spec> {
  try {
    return arg(SPEC as unknown as typeof SPEC & arg.Spec, { argv: [...args] });
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    const unknown = /option: (-[^\s=]*)/.exec(error.message)?.[1];
    if (unknown === undefined) throw new UsageError(error.message);
    const command = COMMANDS.find((name) => args.includes(name)) ?? 'render';
    const near = nearest(unknown, optionsOf(command));
    throw new UsageError(
      `there is no option \`${unknown}\`${near ? `; did you mean \`${near}\`?` : ''}`,
    );
  }
}

/** What a command takes: the others are refused. */
const optionsOf = (command: Command): string[] => [
  ...COMMAND_HELP[command].options.map(longName),
  ...(FORMATS[command].length > 0 ? ['--format'] : []),
  '--help',
  '--version',
];
