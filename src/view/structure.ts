/**
 * Which lines of a template are printed. A template has every line that its kind of file may have, and
 * no conditions: a line is printed if its value is there, and a header if something is below it.
 *
 *     [Link]                          a header; without both lines below it is not printed
 *     MTUBytes={{link.mtu}}           printed where the view has `link.mtu`
 *     MACAddress={{link.macaddress}}
 *
 * The same holds for a mapping of YAML: `nameservers:` goes if all that is indented below it does. This
 * is safe, since no value is empty (`entry` refuses that).
 */

/** Where a value ends. Control characters: `entry` keeps them out of values, and no template has any. */
export const MARK_BEGIN = '\u0001';
export const MARK_END = '\u0002';
// biome-ignore lint/suspicious/noControlCharactersInRegex: the marks
export const MARK = /\u0001([0-9]*)\u0002/g;

/** A section of an INI file, whatever it is called. */
const SECTION = /^\[[^\]]+\]$/;

/** A mapping of YAML: its values are in the lines below it. */
const MAPPING = /^ *[a-z][a-z0-9-]*:$/;

/** A comment that says something, a tag of XML without a value, quotes of a shell, or nothing. */
const OTHER = /^(?:\s*#.*|\s*<\/?[a-z]+>|\s*<!-- \S.*-->|[A-Z]+='|'|)$/;

const isHeader = (line: string): boolean => SECTION.test(line) || MAPPING.test(line);

/** Whether a line without a value may be in a file: it has no reason other than the file's. */
export const isStructure = (line: string): boolean => isHeader(line) || OTHER.test(line);

/** How deep a line is: sections first, then by its indentation. */
const depthOf = (line: string): number => (SECTION.test(line) ? 1 : 2 + line.search(/\S/));

/**
 * What remains of a printed template.
 * @param text each value in it followed by a mark; the marks stay
 */
export function withoutAbsent(text: string): string {
  const kept: string[] = [];
  // Of the next line that is printed; at the end there is none.
  let depthBelow = 0;
  const lines = text.split('\n');
  for (let index = lines.length - 1; index >= 0; index -= 1) {
    const line = lines[index] ?? '';
    const hasValue = line.includes(MARK_END);
    const plain = hasValue ? line.replaceAll(MARK, '') : line;
    if (!hasValue && !isStructure(plain)) continue;
    const isAbove = isHeader(plain);
    const depth = hasValue || isAbove ? depthOf(plain) : 0;
    if (isAbove && depth >= depthBelow) continue;
    // Sections that are gone leave their blank lines: one is enough, and none at the end.
    if (plain === '' && (kept.at(-1) ?? '') === '') continue;
    kept.push(line);
    if (hasValue || isAbove) depthBelow = depth;
  }
  return kept.reverse().join('\n').concat('\n');
}
