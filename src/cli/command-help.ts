/** The commands: how each is called, what it does and its options, as help prints them. */
import type { Command } from './command-line.ts';
import type { OptionName } from './option-help.ts';

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
gives back its intent; several DIRs are a fleet (help existing).
--format: yaml, json (each value with its source).`,
    options: [
      ...(['root', 'write', 'parent', 'shim', 'newMac', 'keepParent'] as const),
      ...(['address', 'range', 'compose', 'host'] as const),
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
answers, and prints the cause first, with its fix, then the topology with ! where it
breaks, and what was looked at. "help unreachable" lists the causes that it can see,
those that it can only narrow down, and what it does not look at. Changes nothing, and
sends pings and ARP requests only. Exits with 1 where it finds a cause.
--format: text, svg (the topology alone), json.`,
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
