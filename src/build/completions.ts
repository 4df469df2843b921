/** Completions for bash, zsh and fish, from the tables of the help. */

import { COMMAND_HELP } from '../cli/command-help.ts';
import { COMMANDS, type Command, FORMATS } from '../cli/command-line.ts';
import { optionHelp } from '../cli/option-help.ts';
import { topicNames } from '../help/topics.ts';
import { backendNames } from '../selection.ts';
import { targetNames } from '../targets/distributions.ts';

const NAME = 'macvtap-render';

/** What follows an option: words, a directory, or nothing that can be known. */
function valuesOf(option: string, command: Command): readonly string[] | 'directory' | undefined {
  switch (option) {
    case '--backend':
      return backendNames();
    case '--renderer':
      return ['networkd', 'NetworkManager'];
    case '--target':
      return [...targetNames(), 'host'];
    case '--format':
      return FORMATS[command];
    case '--root':
    case '--output':
      return 'directory';
    default:
      return undefined;
  }
}

interface Option {
  readonly long: string;
  readonly takesValue: boolean;
  readonly text: string;
}

const optionsOf = (command: Command): Option[] => [
  ...COMMAND_HELP[command].options.map((name) => {
    const { form, text } = optionHelp(name, command);
    const [, long = '', value] = /(--[a-z-]+)(?: (.+))?$/.exec(form) ?? [];
    return { long, takesValue: value !== undefined, text: text.split('\n')[0] ?? '' };
  }),
  ...(FORMATS[command].length > 0 && !COMMAND_HELP[command].options.includes('format')
    ? [{ long: '--format', takesValue: true, text: 'format of the output' }]
    : []),
  { long: '--help', takesValue: false, text: 'help of the command' },
];

/** Each file's text, by its name. */
export const completions = (): Record<string, string> => ({
  [`${NAME}.bash`]: bash(),
  [`_${NAME}`]: zsh(),
  [`${NAME}.fish`]: fish(),
});

/** A clause of `case` that completes the value of an option. */
interface ValueClause {
  /** The option, in each of its spellings. */
  readonly names: readonly string[];
  /** The command that it is of, or `*`. */
  readonly command: string;
  readonly reply: string;
}

function valueClause(long: string, command: Command): ValueClause[] {
  const values = valuesOf(long, command);
  if (values === undefined) return [];
  const words = values === 'directory' ? '-d' : `-W '${values.join(' ')}'`;
  return [
    {
      names: long === '--backend' ? [long, '-b'] : [long],
      command: long === '--format' ? command : '*',
      reply: `COMPREPLY=($(compgen ${words} -- "$cur"))`,
    },
  ];
}

/** Each option's clause once, and that of `--format` once for each command. */
function valueClauses(): string[] {
  const all = COMMANDS.flatMap((command) =>
    optionsOf(command)
      .filter(({ takesValue }) => takesValue)
      .flatMap(({ long }) => valueClause(long, command)),
  );
  const byPattern = new Map(
    all.map(({ names, command, reply }) => [
      names.map((name) => `${command}:${name}`).join(' | '),
      reply,
    ]),
  );
  return [...byPattern].map(
    ([pattern, reply]) => `    ${pattern})\n      ${reply}\n      return\n      ;;`,
  );
}

function bash(): string {
  const values = valueClauses();
  const options = COMMANDS.map((command) => {
    const words = optionsOf(command).map(({ long }) => long);
    return `    ${command}) words='${words.join(' ')}' ;;`;
  });
  return `# bash completion for ${NAME}
_macvtap_render() {
  local cur prev command word words
  cur=\${COMP_WORDS[COMP_CWORD]}
  prev=\${COMP_WORDS[COMP_CWORD-1]}
  command=render
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in ${COMMANDS.join(' | ')}) command=$word ;; esac
  done
  case $command:$prev in
${values.join('\n')}
    help:help)
      COMPREPLY=($(compgen -W '${[...COMMANDS, ...topicNames()].join(' ')}' -- "$cur"))
      return
      ;;
  esac
  case $command in
${options.join('\n')}
  esac
  case $cur in
    -*) COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
    *)
      COMPREPLY=($(compgen -f -- "$cur"))
      [ "$COMP_CWORD" -gt 1 ] || COMPREPLY+=($(compgen -W '${COMMANDS.join(' ')}' -- "$cur"))
      ;;
  esac
}
complete -o filenames -F _macvtap_render ${NAME}
`;
}

const zshQuoted = (text: string): string =>
  text.replace(/[[\]:'\\]/g, '\\$&').replaceAll("\\'", "'\\''");

function zsh(): string {
  const commands = COMMANDS.map(
    (command) => `    '${command}:${zshQuoted(COMMAND_HELP[command].summary)}'`,
  );
  const cases = COMMANDS.map((command) => {
    const specs = optionsOf(command).map(({ long, takesValue, text }) => {
      const values = valuesOf(long, command);
      const action = values === 'directory' ? '_directories' : `(${(values ?? []).join(' ')})`;
      const value = takesValue ? `:value:${values === undefined ? '' : action}` : '';
      return `'*${long}[${zshQuoted(text)}]${value}'`;
    });
    const operand =
      command === 'help'
        ? `'1:topic:(${[...COMMANDS, ...topicNames()].join(' ')})'`
        : "'*:intent:_files'";
    return `    ${command}) _arguments ${[...specs, operand].join(' \\\n      ')} ;;`;
  });
  return `#compdef ${NAME}
_macvtap_render() {
  local -a commands
  commands=(
${commands.join('\n')}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    _files
  fi
  local command=render
  if ((\${#words} > 2)) && [[ \${commands[(r)\${words[2]}:*]} ]]; then
    command=\${words[2]}
    shift words
    ((CURRENT--))
  fi
  case $command in
${cases.join('\n')}
  esac
}
_macvtap_render "$@"
`;
}

const fishQuoted = (text: string): string => `'${text.replace(/['\\]/g, '\\$&')}'`;

function fish(): string {
  const none = `not __fish_seen_subcommand_from ${COMMANDS.join(' ')}`;
  const lines = COMMANDS.flatMap((command) => {
    const when = command === 'render' ? none : `__fish_seen_subcommand_from ${command}`;
    return optionsOf(command).map(({ long, takesValue, text }) => {
      const values = valuesOf(long, command);
      const words =
        values === undefined || values === 'directory'
          ? values === 'directory'
            ? ` -a '(__fish_complete_directories)'`
            : ''
          : ` -a '${values.join(' ')}'`;
      const short = long === '--backend' ? ' -s b' : '';
      return `complete -c ${NAME} -n '${when}' -l ${long.slice(2)}${short}${takesValue ? ` -r${words}` : ''} -d ${fishQuoted(text)}`;
    });
  });
  const commands = COMMANDS.map(
    (command) =>
      `complete -c ${NAME} -n '${none}' -a ${command} -d ${fishQuoted(COMMAND_HELP[command].summary)}`,
  );
  const topics = `complete -c ${NAME} -n '__fish_seen_subcommand_from help' -f -a '${[...COMMANDS, ...topicNames()].join(' ')}'`;
  return `# fish completion for ${NAME}\n${[...commands, ...lines, topics].join('\n')}\n`;
}
