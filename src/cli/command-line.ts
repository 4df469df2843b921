/** The commands, their formats, and the command line as the commands read it. */
import type { Model } from '../model/types.ts';
import { packagings } from '../package/packagings.ts';
import type { TargetSpec } from '../targets/target.ts';

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
  doctor: ['text', 'svg', 'json'],
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
  /** `init`: compose files with networks of containers. */
  readonly compose: readonly string[];
  /** `init`: the shim gets a MAC of its own. */
  readonly newMac: boolean;
  readonly help: boolean;
  readonly version: boolean;
}

/** The command line is wrong: exit status 3. */
export class UsageError extends Error {}
