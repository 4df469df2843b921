/** An adopted host as the text of an intent, with comments for those who review it. */
import { visible } from '../diagnostics/visible.ts';
import type { Adoption } from './adopt.ts';
import { originText, yamlLines } from './print.ts';

/** @throws Error without an intent */
export function intentText({ intent, findings }: Adoption): string {
  if (!intent) throw new Error('no intent');
  const left = findings.filter(({ severity }) => severity !== 'error');
  const lines = [
    '# From the host as it is; behind each value the file and line that it is from.',
    ...yamlLines(intent),
    ...(left.length > 0 ? ['', '# Not in this intent:'] : []),
    ...left.map(
      ({ path, line, message }) =>
        `# - ${originText({ path, ...(line !== undefined && { line }) })}: ${oneLine(message)}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

const oneLine = (text: string): string => visible(text).replace(/[\r\n]+/g, ' ');
