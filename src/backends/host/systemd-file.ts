/**
 * Files of systemd as its parser reads them (systemd.syntax(7); the same on 247, 252, 257 and 262):
 * lines continued by a backslash, comments between them, words with quotes and escapes.
 */
import type { Setting } from './foreign.ts';

/** Settings in their order; undefined if systemd refuses the whole file. */
export function systemdSettings(text: string): Setting[] | undefined {
  let section = '';
  const settings: Setting[] = [];
  for (const { content, line } of logicalLines(text)) {
    if (content.startsWith('[')) {
      if (!content.endsWith(']')) return undefined;
      section = content.slice(1, -1);
      continue;
    }
    const at = content.indexOf('=');
    // A line without a key, or outside of a section, is ignored.
    if (at < 1 || section === '') continue;
    settings.push({
      section,
      key: content.slice(0, at).trim(),
      value: content.slice(at + 1).trim(),
      line,
    });
  }
  return settings;
}

interface Line {
  /** Trimmed; never empty. */
  readonly content: string;
  /** Its first line, counted from 1. */
  readonly line: number;
}

/** Joins continued lines; comments between them are dropped and do not end them. */
function logicalLines(text: string): Line[] {
  const lines: Line[] = [];
  let parts: string[] = [];
  let start = 1;
  const end = (): void => {
    const content = parts.join('').trim();
    parts = [];
    if (content !== '') lines.push({ content, line: start });
  };
  for (const [index, raw] of text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    if (/^[ \t]*[#;]/.test(raw)) continue;
    if (parts.length === 0) start = index + 1;
    const isContinued = endsInBackslash(raw);
    parts.push(isContinued ? `${raw.slice(0, -1)} ` : raw);
    if (!isContinued) end();
  }
  end();
  return lines;
}

/** Whether a line ends in a backslash that is not itself escaped. */
function endsInBackslash(line: string): boolean {
  let at = line.length;
  while (line[at - 1] === '\\') at--;
  return (line.length - at) % 2 === 1;
}

/** How words are read: literally, or without quotes, or without backslashes. */
export type Words = 'unquoted' | 'unescaped';

/**
 * The words of a value. Words after an unclosed quote or a final backslash are dropped, as systemd
 * does. `unescaped` is for names of links: `eth\*` is `eth*`.
 */
export function wordsOf(value: string, mode: Words): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < value.length; at++) {
    const char = value[at] ?? '';
    if (quote !== '') {
      if (char === quote) quote = '';
      else word += char;
    } else if (mode === 'unquoted' && (char === '"' || char === "'")) {
      quote = char;
      word ??= '';
    } else if (mode === 'unescaped' && char === '\\') {
      const next = value[++at];
      if (next === undefined) return words;
      word = (word ?? '') + next;
    } else if (/[ \t\n\r]/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + char;
    }
  }
  if (word !== undefined && quote === '') words.push(word);
  return words;
}
