/**
 * Man pages, from the same sources as `help`: the command in section 1, the intent in section 5, the guides in
 * section 7. Deterministic: no date.
 */
import remarkGfm from 'remark-gfm';
import remarkMan from 'remark-man';
import remarkParse from 'remark-parse';
import { unified } from 'unified';
import { backends } from '../backends/registry.ts';
import { COMMAND_HELP } from '../cli/command-help.ts';
import type { Command } from '../cli/command-line.ts';
import { optionHelp } from '../cli/option-help.ts';
import { EXIT_STATUS } from '../cli/usage.ts';
import { guide, topicNames } from '../help/topics.ts';

const NAME = 'macvtap-render';

/** Every page, by the name of its file. */
export function manPages(): Record<string, string> {
  const topics = topicNames().filter((topic) => topic !== 'intent');
  const pages: [string, number, string][] = [
    [NAME, 1, commandPage(topics)],
    [`${NAME}-intent`, 5, pageOf('intent', 'the description of a host')],
    ...topics.map((topic): [string, number, string] => [`${NAME}-${topic}`, 7, pageOf(topic)]),
  ];
  return Object.fromEntries(
    pages.map(([name, section, markdown]) => [`${name}.${section}`, roff(name, section, markdown)]),
  );
}

const roff = (name: string, section: number, markdown: string): string =>
  `${String(
    unified()
      .use(remarkParse)
      .use(remarkGfm)
      // A date would make two builds differ.
      .use(remarkMan, { name, section, date: new Date(0), manual: NAME, version: '' })
      .processSync(markdown),
  )
    .replace(/^(\.TH "[^"]*" "[0-9]") "[^"]*"/m, '$1 ""')
    .trimEnd()}\n`;

/** A guide as a page: its title becomes the line after the name. */
function pageOf(topic: string, about?: string): string {
  const text = guide(topic) ?? '';
  const [first = '', ...rest] = text.split('\n');
  const title = about ?? first.replace(/^# /, '');
  return `# ${NAME}-${topic}(7) -- ${title}\n${rest.join('\n')}`;
}

function commandPage(topics: readonly string[]): string {
  const commands = Object.entries(COMMAND_HELP).map(([name, { summary, about, options }]) => {
    const rows = options.map((option) => {
      const { form, text } = optionHelp(option);
      return `* \`${form}\`: ${text.replaceAll('\n', ' ')}\n`;
    });
    return `### ${name}\n\n${summary}.\n\n${about.replaceAll('\n', ' ')}\n\n${rows.join('')}`;
  });
  const usage = Object.keys(COMMAND_HELP).flatMap((name) =>
    COMMAND_HELP[name as Command].usage.map((line) => `\`${NAME} ${line}\`  `),
  );
  return [
    `# ${NAME}(1) -- the network of a virtualisation host, compiled for the system that owns it\n`,
    `## SYNOPSIS\n\n${usage.join('\n')}\n`,
    `## DESCRIPTION\n\nCompiles one description of a host whose guests attach to its NIC by macvtap into files for the system that owns the host's network. ${NAME}-intent(5) describes the language.\n`,
    `## BACK ENDS\n\n${backends.map(({ id, summary }) => `* \`${id}\`: ${summary}\n`).join('')}`,
    `## COMMANDS\n\n${commands.join('\n')}`,
    `## EXIT STATUS\n\n${EXIT_STATUS.map(([status, text]) => `* \`${status}\`: ${text}\n`).join('')}`,
    `## SEE ALSO\n\n${[`${NAME}-intent(5)`, ...topics.map((topic) => `${NAME}-${topic}(7)`)].join(', ')}\n`,
  ].join('\n');
}
