/** An adopted host as the text of an intent, with comments for those who review it. */
import { visible } from '../diagnostics/visible.ts';
import type { Adoption } from './adopt.ts';
import type { MovedGuests } from './moved-guests.ts';
import { originText, yamlLines } from './print.ts';

/** @throws Error without an intent */
export function intentText({ intent, findings, moved }: Adoption): string {
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
    ...(moved ? ['', ...movedLines(moved)] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** As comments, so that the plan stays with the intent. */
const movedLines = ({ isByApply, there, back }: MovedGuests): string[] => [
  `# Guests, from the bridge to macvtap${isByApply ? '. `apply` does all of it as one change; by hand' : ''}, in this order:`,
  ...stepLines(there),
  '#',
  '# And back to the bridge: `apply` an intent with the bridge (`macvtap-render help guests`); by hand:',
  ...stepLines(back),
];

const stepLines = (steps: MovedGuests['there']): string[] =>
  steps.flatMap(({ text, commands }, index) => [
    `# ${index + 1}. ${oneLine(text)}`,
    ...commands.map((command) => `#      ${oneLine(command)}`),
  ]);

const oneLine = (text: string): string => visible(text).replace(/[\r\n]+/g, ' ');
