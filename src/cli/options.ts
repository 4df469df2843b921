/** The command line: words → options, or the first error. */
import arg from 'arg';
import { distance } from 'fastest-levenshtein';
import { parseDuration } from '../apply/duration.ts';
import type { Model } from '../model/types.ts';
import { packagings } from '../package/packagings.ts';
import { backendNames } from '../selection.ts';
import { targetNames } from '../targets/distributions.ts';
import { parseTarget } from '../targets/requested.ts';
import type { TargetSpec } from '../targets/target.ts';
import { conflictIn } from './option-rules.ts';

export const COMMANDS = [
  'render',
  'check',
  'diff',
  'lint',
  'explain',
  'init',
  'status',
  'apply',
  'confirm',
  'rollback',
  'graph',
  'doctor',
  'steps',
  'schema',
  'help',
] as const;
export type Command = (typeof COMMANDS)[number];

/** Values of `--format`, by command; the first is the default. */
export const FORMATS = {
  render: packagings.map(({ id }) => id),
  check: ['text', 'json', 'sarif'],
  diff: ['text', 'json', 'markdown', 'svg'],
  lint: ['text', 'json'],
  explain: ['text', 'json'],
  init: ['yaml', 'json'],
  status: ['text', 'json'],
  apply: ['text', 'json'],
  confirm: [],
  rollback: [],
  graph: ['text', 'svg', 'mermaid', 'json'],
  doctor: ['text', 'json'],
  steps: ['text', 'json'],
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
   * for other commands, several are the parts of one fleet.
   */
  readonly intents: readonly string[];
  /** Of a fleet: the selected hosts; none: all. */
  readonly hosts: readonly string[];
  readonly backends: readonly string[];
  readonly renderer?: Model['renderer'];
  /** What must accept the output; `host`: the machine that the command runs on. */
  readonly target?: TargetSpec | 'host';
  readonly root?: string;
  readonly output?: string;
  readonly format?: Format;
  readonly strict: boolean;
  /** Overwrite files that were not generated; keep replaced files; leave orphaned files. */
  readonly force: boolean;
  readonly backup: boolean;
  /** `--root /`: do not keep replaced files. */
  readonly noBackup: boolean;
  readonly noPrune: boolean;
  /** Of a fleet: write valid hosts even if others have errors. */
  readonly keepGoing: boolean;
  /** Write nothing. */
  readonly dryRun: boolean;
  /** `lint`: fix what has a fix; of these codes only, if there are any. */
  readonly fix: boolean;
  readonly only: readonly string[];
  /** `check`: do not compare modes and owners. */
  readonly noMode: boolean;
  /** `steps`: only the change script. */
  readonly script: boolean;
  /** `apply`: until it rolls back by itself. */
  readonly seconds?: number;
  /** `apply`: the next boot is the activation. */
  readonly reboot: boolean;
  /** `apply`: confirmed once it is verified. */
  readonly yes: boolean;
  /** `apply`: another system takes over the network. */
  readonly switch: boolean;
  /** `apply`: files of others that go with the change. */
  readonly move: readonly string[];
  /** `graph`: the intent of the host as it is, to draw what changes. */
  readonly before?: string;
  /** `doctor`: a guest's name or address. */
  readonly guest?: string;
  /** `init`: the link under the shim; the name of the shim; where the intent is written. */
  readonly parent?: string;
  readonly shim?: string;
  readonly write?: string;
  /** `init`: the parent keeps its configuration, beside a shim with these addresses and ranges. */
  readonly keepParent: boolean;
  readonly addresses: readonly string[];
  readonly ranges: readonly string[];
  /** `init`: the shim gets a MAC of its own. */
  readonly newMac: boolean;
  readonly help: boolean;
  readonly version: boolean;
}

/** The name that a misspelt word most likely stands for; undefined if none is close. */
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

/** A name that a link may have (dev_valid_name of the kernel). */
function linkName(option: string, name: string): string {
  if (/^[^\s/:]{1,15}$/.test(name) && name !== '.' && name !== '..') return name;
  throw new UsageError(`\`${option}\` takes the name of a link, not \`${name}\``);
}

/** A name or an address, and no option of the programs that are asked about it. */
function guest(word: string): string {
  if (/^[^-\s]\S{0,252}$/.test(word)) return word;
  throw new UsageError('`--guest` takes the name or address of a guest');
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

/** A file of the host; a newline would end its line in a list. */
function absolute(path: string): string {
  const isPlain = /^(?:\/[^/\n]+)+$/.test(path) && !/\/\.{1,2}(?:\/|$)/.test(path);
  if (!isPlain || !path.startsWith('/etc/')) {
    throw new UsageError(`\`--move\` takes the path of a file below /etc, not \`${path}\``);
  }
  return path;
}

function duration(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === undefined) {
    throw new UsageError(
      `\`--timeout\` takes 10s to 24h, as in \`2m\` or \`90s\`, not \`${text}\``,
    );
  }
  return seconds;
}

function folder(option: string, path: string): string {
  if (path === '') throw new UsageError(`\`${option}\` takes a directory`);
  // `/.`, `//` and `/../` are the root, too.
  if (/^\/[./]*$/.test(path) && path.split('/').every((part) => /^\.{0,2}$/.test(part))) return '/';
  return path.length > 1 ? path.replace(/\/+$/, '') || '/' : path;
}
