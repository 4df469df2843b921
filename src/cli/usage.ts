/** What `--help` prints, for the program and for each command: one screen each. */

import { backends } from '../backends/registry.ts';
import { titleOf, topicNames } from '../help/topics.ts';
import { packagings } from '../package/packagings.ts';
import type { Command } from './options.ts';

/** An option, and what it does; lines are broken by hand. */
export interface OptionHelp {
  readonly form: string;
  readonly text: string;
}

const OPTIONS = {
  backend: {
    form: '-b, --backend ID',
    text: 'back end (below), in place of `backend` in the intent; may be given\nseveral times with --root',
  },
  renderer: {
    form: '--renderer R',
    text: 'networkd or NetworkManager, for --backend netplan\n(default: `renderer` in the intent, else networkd)',
  },
  target: {
    form: '--target T',
    text: "what must accept the output: a distribution (debian-12, rhel-9),\n`host` for this machine's, or versions (systemd=252,netplan=0.106);\ndefault: `target` in the intent, else every version in support",
  },
  root: {
    form: '--root DIR',
    text: "the target's tree is below DIR (render: / installs on this host); with\nseveral back ends to DIR/<back end>/, of a fleet to DIR/<host>/",
  },
  output: {
    form: '--output DIR',
    text: "files are flat in DIR, which stands for the back end's own directory\n(/etc/systemd/network); or a packaging that is a folder",
  },
  format: {
    form: '--format F',
    text: 'on standard output: one of the formats below',
  },
  host: {
    form: '--host NAME',
    text: 'of a fleet: this host only; NAME,NAME or several times;\nwith --root / it is this machine',
  },
  keepGoing: {
    form: '--keep-going',
    text: 'of a fleet: write valid hosts even if others have errors;\nthe exit status is still 2',
  },
  dryRun: {
    form: '--dry-run',
    text: 'print what would be written and what would happen, and stop',
  },
  force: {
    form: '--force',
    text: 'overwrite edited files and files that were not generated; install\nin spite of conflicts on the host',
  },
  backup: {
    form: '--backup',
    text: 'keep replaced and removed files: with --root in a pending directory\n(/etc/macvtap-render/pending; default with --root /), with --output\nnext to the file',
  },
  noBackup: {
    form: '--no-backup',
    text: 'with --root /: do not keep replaced files; no rollback is possible',
  },
  before: {
    form: '--before INTENT',
    text: 'the intent of the host as it is: draw what changes from it',
  },
  guest: {
    form: '--guest GUEST',
    text: 'the guest that is not reached, by its libvirt name or address',
  },
  parent: {
    form: '--parent NAME',
    text: 'the link under the shim (default: the one with the default route)',
  },
  shim: { form: '--shim NAME', text: 'the name of the shim (default: veth0)' },
  keepParent: {
    form: '--keep-parent',
    text: 'the link keeps its configuration (`managed: false`), beside a shim\nwith an address of its own',
  },
  address: {
    form: '--address A',
    text: 'with --keep-parent: the address of the shim, as in 198.51.100.222/32',
  },
  range: {
    form: '--range N',
    text: 'with --keep-parent: the network of the guests, as in 198.51.100.192/27',
  },
  newMac: {
    form: '--new-mac',
    text: 'derive the MAC of the shim, even if a lease depends on the old one',
  },
  write: { form: '--write FILE', text: 'write the intent to a new file' },
  script: { form: '--script', text: 'print the change script that the steps run' },
  timeout: {
    form: '--timeout T',
    text: 'until it rolls back by itself: 90s, 2m, 1h (default: 2m; with\n--reboot 5m, from the boot on)',
  },
  reboot: {
    form: '--reboot',
    text: 'the reboot is the activation, for changes that need one',
  },
  yes: { form: '--yes', text: 'confirm once the change is verified' },
  move: {
    form: '--move FILE',
    text: "move another program's file away with the change (a bridge's, in a\nmigration); several times",
  },
  switch: {
    form: '--switch',
    text: 'disable the system that owns the network, and enable the one of the\nback end; a rollback reverses it',
  },
  noPrune: { form: '--no-prune', text: 'leave orphaned files' },
  fix: {
    form: '--fix',
    text: 'fix what has one certain fix (explain CODE), and report what is left;\nwith --dry-run print the diff, and write nothing',
  },
  only: { form: '--only CODE', text: 'with --fix: fix this alone; several times' },
  noMode: { form: '--no-mode', text: 'do not compare modes and owners (git keeps neither)' },
  strict: { form: '--strict', text: 'warnings are errors' },
} as const satisfies Record<string, OptionHelp>;

export type OptionName = keyof typeof OPTIONS;

/** How an option is written, and what it does. */
export const optionHelp = (name: OptionName): OptionHelp => OPTIONS[name];

/** What each exit status means. */
export const EXIT_STATUS: readonly (readonly [number, string])[] = [
  [0, 'done'],
  [1, 'found a difference or a cause (`check`, `diff`, `status`, `doctor`); `apply` rolled back'],
  [2, 'the intent has errors or was not found'],
  [3, 'the command line is wrong'],
  [4, 'the system refused (permission, disk, a file that was not generated)'],
  [70, 'an internal error'],
  [130, 'interrupted'],
];

interface CommandHelp {
  readonly summary: string;
  readonly usage: readonly string[];
  readonly about: string;
  readonly options: readonly OptionName[];
}

const INTENT = `INTENT is a file, - for standard input, or found: macvtap.yaml, macvtap.yml,
macvtap.json or .config/macvtap.yaml, from here up to the root of the repository
or the home folder. Several files, or a directory, are a fleet.`;

export const COMMAND_HELP: Readonly<Record<Command, CommandHelp>> = {
  render: {
    summary: 'files for a system (the default command)',
    usage: ['[render] [INTENT] [--backend ID...] [--root DIR | --output DIR | --format F]'],
    about: `Prints the files, or writes them, for --backend, or for \`backend\` in the intent.
${INTENT}
Nothing is written if there is an error. Nothing is activated: the
activation and rollback steps are printed (help install).`,
    options: [
      ...(['backend', 'renderer', 'target', 'root', 'output', 'format', 'host'] as const),
      ...(['keepGoing', 'dryRun', 'force', 'backup', 'noBackup', 'noPrune', 'strict'] as const),
    ],
  },
  check: {
    summary: 'how the files on disk differ from the intent',
    usage: ['check [INTENT] [--backend ID] [--root DIR | --output DIR] [--format F]'],
    about: `Compares the files below DIR (default: /) with the intent, and reports what on
the host conflicts with them. Exits with 1 where they differ. Where neither --backend
nor the intent names a back end, it takes the one whose files are there.
--format: text, json, sarif.`,
    options: ['backend', 'renderer', 'target', 'root', 'output', 'host', 'noMode', 'strict'],
  },
  diff: {
    summary: 'what changes on the machine, and in the files',
    usage: ['diff A B [--backend ID...] [--format F]'],
    about: `A and B are intents: files, directories, or REVISION:PATH as git knows them
(main:macvtap.yaml). Prints what happens on the machine, the worst first, and with
a back end (--backend, or the intent's) the difference of the files. Exits with 1
where there is any.
--format: text, json, markdown; svg draws one host.`,
    options: ['backend', 'renderer', 'target', 'host', 'strict'],
  },
  lint: {
    summary: 'diagnostics and notes alone',
    usage: ['lint [INTENT] [--backend ID...] [--fix] [--format F]'],
    about: `Reports errors, warnings, and notes on what is worth knowing. With --fix it edits
the files of the intent: only where the help leaves one thing to do, only if no other
error follows, and comments and layout stay. Standard input is printed, fixed.
--format: text, json.`,
    options: ['backend', 'renderer', 'target', 'host', 'fix', 'only', 'dryRun', 'strict'],
  },
  explain: {
    summary: 'why each line is there; what a diagnostic or key means',
    usage: ['explain [INTENT] [--backend ID]', 'explain CODE | KEY'],
    about: `With an intent: every line of every file, its reason, its place in the intent,
and the manual page. With the code of a diagnostic (gateway-unreachable) or a key of
the intent (mtu, shims.veth0.routes.via): what it means, with a wrong and a right
example; a part of a name (gate) lists the codes and keys that have it.
--format: text, json.`,
    options: ['backend', 'renderer', 'target', 'host'],
  },
  init: {
    summary: 'an intent from the host as it is',
    usage: ['init [--root DIR...] [--write FILE] [--parent NAME] [--format F]'],
    about: `Reads how the network of this host (or of a copy of its files below DIR) is
configured, and prints an intent in which a shim has the addresses of its uplink.
A comment behind each value has its file and line. What the intent does not have is
reported, with its place. Changes nothing on the host. A host with generated files
gives back its intent; several DIRs are a fleet (defaults, hosts).
--format: yaml, json (each value with its source).`,
    options: [
      ...(['root', 'write', 'parent', 'shim', 'newMac', 'keepParent'] as const),
      ...(['address', 'range', 'host'] as const),
    ],
  },
  status: {
    summary: 'the running host against the intent',
    usage: ['status [INTENT] [--backend ID] [--format F]'],
    about: `Compares links, addresses, routes, rules, name servers and kernel parameters of
this host, the state of its network daemon, and the generated files with the intent,
and reports what differs, with its fix (help drift). It takes the back end of
--backend, else of the intent, else the one whose files are on the host. Exits
with 1 where anything differs.
--format: text, json.`,
    options: ['backend', 'renderer', 'target', 'host'],
  },
  apply: {
    summary: 'change this host, verify, and roll back unless confirmed',
    usage: ['apply [INTENT] [--backend ID] [--timeout T] [--yes] [--dry-run]'],
    about: `Prints what will happen, keeps what it replaces, arms a rollback, installs the
files, activates them, and verifies the running network (help install). What is not
as the intent says is rolled back at once. Then confirm it: with Enter, or with
\`macvtap-render confirm\` from a new connection. Unless confirmed it rolls back by
itself, over a reboot or power cut too. It takes the back end of --backend, else of
the intent, else the one whose files are on the host or that owns its network. Exits
with 1 where the change was rolled back, or the running network differs.
--format: text, json.`,
    options: [
      ...(['backend', 'renderer', 'target', 'host', 'timeout', 'reboot', 'yes'] as const),
      ...(['switch', 'move', 'dryRun', 'force', 'noPrune', 'strict'] as const),
    ],
  },
  confirm: {
    summary: 'keep the change that is pending',
    usage: ['confirm'],
    about: `Cancels the rollback and removes what was kept. Fails once the rollback has begun.`,
    options: [],
  },
  rollback: {
    summary: 'roll back the change that is pending, now',
    usage: ['rollback'],
    about: `Restores the old files and the old running network. Resumes a rollback
that was interrupted.`,
    options: [],
  },
  graph: {
    summary: 'the topology, and who reaches whom',
    usage: ['graph [INTENT] [--before INTENT] [--format F]'],
    about: `Draws the LAN, the NICs, what is on top of them, and the guests, and says for the
host and each guest whom it reaches and why not. With --before: what is added (+),
removed (-) and changed (~). Takes one host of a fleet (--host NAME).
--format: text, svg, mermaid, json.`,
    options: ['before', 'host', 'strict'],
  },
  doctor: {
    summary: 'why host, guests and LAN do not reach each other',
    usage: ['doctor [INTENT] [--guest GUEST] [--backend ID] [--format F]'],
    about: `Looks at links, addresses, routes, filters, the guests that are attached and who
answers, and prints the cause first, with its fix, then what was looked at
(help unreachable). Changes nothing, and sends pings and ARP requests only. Exits
with 1 where it finds a cause. --format: text, json.`,
    options: ['guest', 'backend', 'renderer', 'target', 'host'],
  },
  steps: {
    summary: 'the activation and rollback steps, or their script',
    usage: ['steps [INTENT] [--backend ID] [--root DIR] [--script | --format F]'],
    about: `Prints the steps that follow an installation (help install); with --root DIR
those for a tree that is copied to the host.
--format: text, json.`,
    options: ['backend', 'renderer', 'target', 'root', 'host', 'script'],
  },
  schema: {
    summary: 'the JSON Schema of an intent, or of the output',
    usage: ['schema [intent | output]'],
    about: `Of an intent (default), for editors that complete and check it offline; or of the
output, everything that --format json prints (help json).`,
    options: [],
  },
  help: {
    summary: 'this text, a command, or a guide',
    usage: ['help [COMMAND | TOPIC]'],
    about: 'Prints the help of a command, or a guide.',
    options: [],
  },
};

const NAME = 'macvtap-render';

const padded = (rows: readonly (readonly [string, string])[], width: number): string =>
  rows
    .map(
      ([name, text]) =>
        `  ${name.padEnd(width)} ${text.replaceAll('\n', `\n${' '.repeat(width + 3)}`)}`,
    )
    .join('\n');

const backEnds = (): string =>
  padded(
    [
      ...backends.map(({ id, summary }) => [id, summary] as const),
      ['netplan', 'one of the two netplan back ends, per --renderer or the intent'],
    ],
    23,
  );

const formats = (): string =>
  padded(
    packagings.map(({ id, summary }) => [id, summary] as const),
    12,
  );

/** `--help`, and `help` without a word. */
export function generalHelp(): string {
  const commands = Object.entries(COMMAND_HELP).map(
    ([name, { summary }]) => [name, summary] as const,
  );
  const topics = topicNames().map((topic) => [topic, titleOf(topic)] as const);
  return `${NAME} - one description of a virtualisation host's network, compiled for
the system that owns it.

Guests attach to the host's NIC by macvtap. So that host and guests can talk, the
NIC is up without any address, and a macvlan on top of it, the shim, has the host's
address. The generated files make that survive a reboot.

  version: 1
  host: kvm1
  shims:
    veth0:
      parent: eth0
      addresses: [198.51.100.50/24]
      routes:
        - {to: default, via: 198.51.100.254}

Saved as macvtap.yaml:
  ${NAME} lint
  ${NAME} apply --dry-run

Commands (${NAME} COMMAND --help)
${padded(commands, 10)}

Back ends (--backend)
${backEnds()}

Guides (${NAME} help TOPIC)
${padded(topics, 14)}

Exit status
${padded(
  EXIT_STATUS.map(([status, text]) => [String(status), text.replaceAll('`', '')] as const),
  4,
)}
`;
}

/** `COMMAND --help`, and `help COMMAND`. */
export function commandHelp(command: Command): string {
  const { summary, usage, about, options } = COMMAND_HELP[command];
  const rows = options.map((name) => [OPTIONS[name].form, OPTIONS[name].text] as const);
  return [
    `${NAME} ${command} - ${summary}\n`,
    `${usage.map((line) => `  ${NAME} ${line}`).join('\n')}\n`,
    `${about}\n`,
    ...(rows.length > 0 ? [`Options\n${padded(rows, 17)}\n`] : []),
    ...(command === 'render' ? [`Back ends\n${backEnds()}\n`, `Formats\n${formats()}\n`] : []),
  ].join('\n');
}
