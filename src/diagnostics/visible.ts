/**
 * Text of an intent, a host's file or a path, made safe to print: characters that are invisible, move
 * other text or control a terminal are escaped.
 */

/**
 * Controls but for the tab; and what Unicode calls format characters, separators of lines and
 * paragraphs, unpaired surrogates, and what is not displayed by default (zero-width and filler
 * characters, variation selectors, tags): UAX #44, UAX #9 and UTR #36.
 */
const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

/** Control characters as pictures (`␛`), other invisible ones by number (`\u200e`). */
export const visible = (text: string): string =>
  text.replace(HIDDEN, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code === 0x7f) return '\u2421';
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : numbered(character);
  });

/** The same for JSON, where an escape is the character itself. */
export const visibleJson = (json: string): string =>
  json.replace(HIDDEN, (character) => (character === '\n' ? character : escapes(character)));

function numbered(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : escapes(character);
}

const escapes = (character: string): string =>
  Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('');
