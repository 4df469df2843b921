/** Text → YAML that means just that, to readers of YAML 1.1 (PyYAML, libyaml) and 1.2 alike. */

/** What no reader takes for a line break, an end of the document, or not allowed. */
const PLAIN_LINES = /^(?:[\x20-\x7e]*\n)+$/;

/** Longer lines are hard to review. */
const WIDTH = 110;

/**
 * A double-quoted scalar; what is not ASCII and printable is escaped.
 * @param indent where it goes on if it is long: by lines that end with `\\`, which add nothing
 */
export function quoted(text: string, indent?: number): string {
  const escaped = characters(text);
  if (indent === undefined) return `"${escaped.join('')}"`;
  const lines = [''];
  for (const item of escaped) {
    // Not before a blank: those at the beginning of a line do not count.
    const last = lines.at(-1) ?? '';
    if (last.length >= WIDTH && last.endsWith(' ') && item !== ' ') lines.push(item);
    else lines[lines.length - 1] = `${last}${item}`;
  }
  return `"${lines.join(`\\\n${' '.repeat(indent)}`)}"`;
}

function characters(text: string): string[] {
  return [...text].map((character) => {
    if (character === '"' || character === '\\') return `\\${character}`;
    if (character === '\n') return '\\n';
    const point = character.codePointAt(0) ?? 0;
    if (point >= 0x20 && point < 0x7f) return character;
    return point > 0xffff
      ? `\\U${point.toString(16).padStart(8, '0')}`
      : `\\u${point.toString(16).padStart(4, '0')}`;
  });
}

/**
 * Lines as a literal block, which a person can read; where they could mean something else there,
 * as a quoted scalar.
 * @param indent of the block's lines
 */
export function literal(text: string, indent: number): string {
  // A first line that begins with a blank would be taken for the indentation.
  if (!PLAIN_LINES.test(text) || /^[ \n]/.test(text) || text.endsWith('\n\n')) return quoted(text);
  const margin = ' '.repeat(indent);
  const lines = text.slice(0, -1).split('\n');
  return `|\n${lines.map((line) => (line === '' ? '' : `${margin}${line}`)).join('\n')}`;
}

/** A quoted scalar that Ansible takes as it stands: in others it evaluates what is in braces. */
export const unevaluated = (text: string, indent?: number): string =>
  /\{[{%#]/.test(text) ? `!unsafe ${quoted(text, indent)}` : quoted(text, indent);
