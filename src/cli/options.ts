/** The command line: words → what is asked for, or what is wrong with them. */
import arg from 'arg';
import { distance } from 'fastest-levenshtein';
import { backends } from '../backends/registry.ts';
import type { Model } from '../model/types.ts';
import { packagings } from '../package/packagings.ts';
import { parseTarget, targetNames } from '../targets/distributions.ts';
import type { TargetSpec } from '../targets/target.ts';

export const COMMANDS = [
  'render',
  'check',
  'diff',
  'lint',
  'explain',
  'steps',
  'schema',
  'help',
] as const;
export type Command = (typeof COMMANDS)[number];

/** What `--format` takes, by command; the first is meant where nothing is said. */
export const FORMATS = {
  render: packagings.map(({ id }) => id),
  check: ['text', 'json', 'sarif'],
  diff: ['text', 'json', 'markdown'],
  lint: ['text', 'json'],
  explain: ['text', 'json'],
  steps: [],
  schema: [],
  help: [],
} as const satisfies Record<Command, readonly string[]>;

export type Format = (typeof FORMATS)[Command][number];

export interface CommandLine {
  readonly command: Command;
  /** Whether the command was named; `render` need not be. */
  readonly namesCommand: boolean;
  /**
   * Files, directories, `-`. None: the intent is to be searched for. `diff` has two, each an intent;
   * anywhere else several are the parts of one fleet.
   */
  readonly intents: readonly string[];
  /** Of a fleet: the hosts that are meant; none: all. */
  readonly hosts: readonly string[];
  readonly backends: readonly string[];
  readonly renderer?: Model['renderer'];
  /** What must accept the output; `host` is to be looked up on the machine. */
  readonly target?: TargetSpec | 'host';
  readonly root?: string;
  readonly output?: string;
  readonly format?: Format;
  readonly strict: boolean;
  /** Writing over what is not ours; keeping what is written over; leaving what is not meant any more. */
  readonly force: boolean;
  readonly backup: boolean;
  /** `--root /` keeps what it changes unless this is given. */
  readonly noBackup: boolean;
  readonly noPrune: boolean;
  /** Of a fleet: what is right is written although another host is not. */
  readonly keepGoing: boolean;
  /** Nothing is written. */
  readonly dryRun: boolean;
  /** `check`: modes and owners are not compared. */
  readonly noMode: boolean;
  /** `steps`: the change script alone. */
  readonly script: boolean;
  readonly help: boolean;
  readonly version: boolean;
}

/** Of several names the one that a word was most likely meant as; undefined where none is near. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const [first] = names
    .map((name) => ({ name, far: distance(name, word.toLowerCase()) }))
    .filter(({ far }) => far <= 2)
    .sort((a, b) => a.far - b.far);
  return first?.name;
}

/** The command line is wrong: exit status 3. */
export class UsageError extends Error {}

const SPEC = {
  '--backend': [String],
  '--host': [String],
  '--renderer': String,
  '--target': String,
  '--root': String,
  '--output': String,
  '--format': String,
  '--strict': Boolean,
  '--force': Boolean,
  '--backup': Boolean,
  '--no-backup': Boolean,
  '--no-prune': Boolean,
  '--keep-going': Boolean,
  '--dry-run': Boolean,
  '--no-mode': Boolean,
  '--script': Boolean,
  '--help': Boolean,
  '--version': Boolean,
  '-b': '--backend',
  '-h': '--help',
  '-V': '--version',
} as const;

/** What is for guests or for a trial; `netplan` stands for two ways of a host's. */
const isNotForGood = (backend: string): boolean =>
  backends.some(({ id, scope }) => id === backend && scope !== 'host');

/** Ways, and `netplan` for the one that its renderer decides. */
export const backendNames = (): string[] => [...backends.map(({ id }) => id), 'netplan'];

/** @throws UsageError */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const given = readWords(args);
  const [first, ...rest] = given._;
  const command = COMMANDS.find((name) => name === first);
  const operands = command ? rest : given._;
  if (!command && first !== undefined && /^[a-z]+$/.test(first)) {
    // A file may be called as it likes; a word near a command's name is more likely a slip.
    const near = COMMANDS.find((name) => distance(name, first) <= 2);
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
    strict: given['--strict'] ?? false,
    force: given['--force'] ?? false,
    backup: given['--backup'] ?? false,
    noBackup: given['--no-backup'] ?? false,
    noPrune: given['--no-prune'] ?? false,
    keepGoing: given['--keep-going'] ?? false,
    dryRun: given['--dry-run'] ?? false,
    noMode: given['--no-mode'] ?? false,
    script: given['--script'] ?? false,
    help: given['--help'] ?? false,
    version: given['--version'] ?? false,
  };
  if (operands.includes('')) throw new UsageError('the name of the intent is empty');
  const doubled = operands.find((path, index) => operands.indexOf(path) < index);
  if (doubled !== undefined && command !== 'diff') {
    throw new UsageError(`\`${doubled}\` is named twice`);
  }
  if (command === 'diff' && operands.length > 2) {
    throw new UsageError(`\`diff\` takes two intents: \`${operands[2]}\` is one too many`);
  }
  if (!line.help && !line.version) checkTogether(line);
  return line;
}

function readWords(args: readonly string[]): arg.Result<typeof SPEC & arg.Spec> {
  try {
    return arg(SPEC as unknown as typeof SPEC & arg.Spec, { argv: [...args] });
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    const unknown = /option: (-[^\s=]*)/.exec(error.message)?.[1];
    if (unknown === undefined) throw new UsageError(error.message);
    const options = Object.keys(SPEC).filter((name) => name.startsWith('--'));
    const near = options.find((name) => distance(name, unknown) <= 2);
    throw new UsageError(
      `there is no option \`${unknown}\`${near ? `; did you mean \`${near}\`?` : ''}`,
    );
  }
}

function backend(name: string): string {
  const known = backendNames();
  if (known.includes(name)) return name;
  const near = known.find((id) => distance(id, name.toLowerCase()) <= 2);
  const list = known.map((id) => `\`${id}\``).join(', ');
  throw new UsageError(
    `there is no back end \`${name}\`${near ? `; did you mean \`${near}\`?` : ` (there are ${list})`}`,
  );
}

/** `kvm1,kvm2`: no name has a comma. */
function hostNames(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new UsageError('`--host` takes the name of a host');
  return names;
}

function renderer(name: string): Model['renderer'] {
  if (name === 'networkd' || name === 'NetworkManager') return name;
  throw new UsageError(`\`--renderer\` takes \`networkd\` or \`NetworkManager\`, not \`${name}\``);
}

function target(text: string): TargetSpec | 'host' {
  if (text === 'host') return text;
  const parsed = parseTarget(text);
  if (typeof parsed !== 'string') return parsed;
  const names = targetNames();
  const near = names.find((name) => distance(name, text.toLowerCase()) <= 2);
  throw new UsageError(
    `\`--target\`: ${parsed}${near ? `; did you mean \`${near}\`?` : ` (there are ${names.map((name) => `\`${name}\``).join(', ')}, \`host\`, and versions as in \`systemd=252,netplan=0.106\`)`}`,
  );
}

function format(command: Command, name: string): Format {
  const formats: readonly Format[] = FORMATS[command];
  const known = formats.find((candidate) => candidate === name);
  if (known) return known;
  const list = formats.map((item) => `\`${item}\``).join(' or ');
  throw new UsageError(
    list === ''
      ? `\`${command}\` has no \`--format\``
      : `\`--format\` of \`${command}\` takes ${list}, not \`${name}\``,
  );
}

function folder(option: string, path: string): string {
  if (path === '') throw new UsageError(`\`${option}\` takes a directory`);
  // However the root is written (`/.`, `//`, `/../`), it is the root.
  if (/^\/[./]*$/.test(path) && path.split('/').every((part) => /^\.{0,2}$/.test(part))) return '/';
  return path.length > 1 ? path.replace(/\/+$/, '') || '/' : path;
}

/** `explain CODE|KEY` names no system, and one word that is no path. */
export const isReference = ({
  command,
  backends,
  intents,
}: Pick<CommandLine, 'command' | 'backends' | 'intents'>): boolean =>
  command === 'explain' &&
  backends.length === 0 &&
  intents.length === 1 &&
  /^[a-zA-Z][\w.<>[\]-]*$/.test(intents[0] ?? '') &&
  !/\.(?:ya?ml|json)$/.test(intents[0] ?? '');

/** What does not go together. */
function checkTogether({
  command,
  backends,
  renderer: chosen,
  target: requested,
  root,
  output,
  format: form,
  intents,
  hosts,
  strict,
  force,
  backup,
  noBackup,
  noPrune,
  keepGoing,
  dryRun,
  noMode,
  script,
}: CommandLine): void {
  const list = backendNames()
    .map((id) => `\`${id}\``)
    .join(', ');
  if (command === 'help') {
    if (intents.length > 1) throw new UsageError('`help` takes one command or topic');
    return;
  }
  if (isReference({ command, backends, intents })) {
    if (form === 'json') {
      throw new UsageError('a page on a diagnostic or key is text: leave out `--format json`');
    }
    return;
  }
  if (['render', 'check', 'explain', 'steps'].includes(command) && backends.length === 0) {
    throw new UsageError(`\`--backend ID\` is missing (${list})`);
  }
  const isSchema = intents.every((word) => ['intent', 'output'].includes(word));
  if (
    command === 'schema' &&
    (!isSchema || intents.length > 1 || hosts.length + backends.length > 0 || requested || strict)
  ) {
    throw new UsageError('`schema` takes `intent` or `output`, and no options');
  }
  if (['explain', 'check', 'steps'].includes(command) && backends.length > 1) {
    throw new UsageError(`\`${command}\` takes one \`--backend\` at a time`);
  }
  if (command === 'diff' && intents.length < 2) {
    throw new UsageError('`diff` takes two intents: of before, and of after');
  }
  const tree = root === undefined ? output : root;
  const takesTree =
    ['render', 'check', 'steps'].includes(command) &&
    !(command === 'steps' && output !== undefined);
  if (!takesTree && tree !== undefined) {
    throw new UsageError(
      `\`${command}\` writes no files: leave out \`${root === undefined ? '--output' : '--root'}\``,
    );
  }
  const isInstall = command === 'render' && tree !== undefined;
  for (const [option, isGiven] of [
    ['--force', force],
    ['--backup', backup],
    ['--no-backup', noBackup],
    ['--no-prune', noPrune],
    ['--keep-going', keepGoing],
    ['--dry-run', dryRun],
  ] as const) {
    if (isGiven && !isInstall) {
      throw new UsageError(`\`${option}\` is for writing, with \`--root\` or \`--output\``);
    }
  }
  if (script && command !== 'steps') throw new UsageError('`--script` is for `steps`');
  if (backup && noBackup) throw new UsageError('`--backup` and `--no-backup` exclude each other');
  if (noBackup && root !== '/') {
    throw new UsageError('`--no-backup` is for `--root /`: elsewhere nothing is kept by default');
  }
  if (noMode && command !== 'check') throw new UsageError('`--no-mode` is for `check`');
  if (root !== undefined && output !== undefined) {
    throw new UsageError('`--root` and `--output` exclude each other');
  }
  const packaging = packagings.find(({ id }) => id === form);
  if (isInstall && form !== undefined && !(packaging?.members && output !== undefined)) {
    throw new UsageError(
      packaging?.members
        ? `\`--format ${form}\` makes a folder of its own: name it with \`--output\``
        : '`--format` is for standard output; with `--root` or `--output` leave it out',
    );
  }
  const unfit = packaging?.activates ? backends.find(isNotForGood) : undefined;
  if (unfit !== undefined) {
    throw new UsageError(
      `\`--format ${form}\` activates what it brings, and \`${unfit}\` makes nothing that lasts of a host's network; \`--format tar\` takes it`,
    );
  }
  if (
    backends.length > 1 &&
    command === 'render' &&
    root === undefined &&
    !packaging?.takesSeveral
  ) {
    throw new UsageError(
      'several back ends need `--root DIR` (each goes to `DIR/<back end>/`) or `--format json`',
    );
  }
  if (requested !== undefined && backends.length === 0) {
    throw new UsageError(`\`--target\` needs to know for which system: \`--backend ID\` (${list})`);
  }
  if (chosen !== undefined && !backends.includes('netplan')) {
    throw new UsageError('`--renderer` is for `--backend netplan`');
  }
}
