/** What `--help` prints, for the program and for each command: one screen each. */

import { backends } from '../backends/registry.ts';
import { titleOf, topicNames } from '../help/topics.ts';
import { packagings } from '../package/packagings.ts';
import { COMMAND_HELP } from './command-help.ts';
import type { Command } from './command-line.ts';
import { optionHelp } from './option-help.ts';

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
  ${NAME} lint && ${NAME} apply --dry-run

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
  const rows = options.map((name) => {
    const { form, text } = optionHelp(name, command);
    return [form, text] as const;
  });
  return [
    `${NAME} ${command} - ${summary}\n`,
    `${usage.map((line) => `  ${NAME} ${line}`).join('\n')}\n`,
    `${about}\n`,
    ...(rows.length > 0 ? [`Options\n${padded(rows, 17)}\n`] : []),
    ...(command === 'render' ? [`Back ends\n${backEnds()}\n`, `Formats\n${formats()}\n`] : []),
  ].join('\n');
}
