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
import { COMMANDS } from '../cli/command-line.ts';
import { optionHelp } from '../cli/option-help.ts';
import { EXIT_STATUS } from '../cli/usage.ts';
import { guide, topicNames } from '../help/topics.ts';

const NAME = 'macvtap-render';

/** Every page, by the name of its file. */
export function manPages(): Record<string, string> {
  const topics = topicNames().filter((topic) => topic !== 'intent');
  const pages: [string, number, string][] = [
    [NAME, 1, commandPage(topics)],
    [`${NAME}-intent`, 5, pageOf('intent', 5, 'the description of a host')],
    ...topics.map((topic): [string, number, string] => [`${NAME}-${topic}`, 7, pageOf(topic, 7)]),
  ];
  return Object.fromEntries(
    pages.map(([name, section, markdown]) => [`${name}.${section}`, roff(name, section, markdown)]),
  );
}

function roff(name: string, section: number, markdown: string): string {
  // A date would make two builds differ.
  const header = { name, section, date: new Date(0), manual: NAME, version: '' };
  const page = String(
    unified().use(remarkParse).use(remarkGfm).use(remarkMan, header).processSync(markdown),
  );
  const text = page
    .replace(/^(\.TH "[^"]*" "[0-9]") "[^"]*"/m, '$1 ""')
    .replace(/^\.TS\n.*\n(?:.*\n)*?.*\.\n((?:.*\n)*?)\.TE$/gm, narrowTable)
    .trimEnd();
  // man(1) runs tbl(1) for a page that asks for it in its first line.
  return `${/^\.TS$/m.test(text) ? `'\\" t\n` : ''}${text}\n`;
}

/** What a page has on a terminal of 80. */
const LINE = 78;

/** A table that is wider than a page becomes a list: its first column is what the others are about. */
function narrowTable(table: string, lines: string): string {
  const [header = [], ...rows] = lines
    .trimEnd()
    .split('\n')
    .map((line) => line.split('@'));
  const printed = (cell = ''): number => cell.replace(/\\f[A-Z]|\\&/g, '').length;
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((row) => printed(row[column]))),
  );
  // Three for each border and the blanks beside it.
  if (widths.reduce((sum, width) => sum + width + 3, 1) <= LINE) return table;
  return rows
    .map(([first = '', ...cells]) => {
      const named = cells.map((cell, index) => {
        const about = cells.length > 1 ? (header[index + 1] ?? '') : '';
        // A column without a name goes on with what the one before it is about.
        return cell === '' ? '' : about === '' ? `, ${cell}` : `; ${about}: ${cell}`;
      });
      return `.TP\n\\&${first}\n\\&${named.join('').slice(2)}`;
    })
    .join('\n');
}

/** A guide as a page: its title becomes the line after the name. */
function pageOf(topic: string, section: number, about?: string): string {
  const text = guide(topic) ?? '';
  const [first = '', ...rest] = text.split('\n');
  const title = about ?? first.replace(/^# /, '');
  return `# ${NAME}-${topic}(${section}) -- ${title}\n${rest.join('\n')}`;
}

function commandPage(topics: readonly string[]): string {
  const commands = COMMANDS.map((name) => {
    const { summary, about, options } = COMMAND_HELP[name];
    const rows = options.map((option) => {
      const { form, text } = optionHelp(option, name);
      return `* \`${form}\`: ${text.replaceAll('\n', ' ')}\n`;
    });
    return `### ${name}\n\n${summary}.\n\n${about.replaceAll('\n', ' ')}\n\n${rows.join('')}`;
  });
  const usage = COMMANDS.flatMap((name) =>
    COMMAND_HELP[name].usage.map((line) => `\`${NAME} ${line}\`  `),
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
