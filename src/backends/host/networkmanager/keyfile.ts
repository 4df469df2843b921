/** Files that GLib's GKeyFile reads: NetworkManager's configuration and its profiles. */
import type { Setting } from '../foreign.ts';

/**
 * Settings in their order; the last of repeated ones counts. Undefined if GLib refuses the whole file:
 * only `#` begins a comment, and each other line is a section or has a key.
 */
export function keyfileSettings(text: string): Setting[] | undefined {
  const settings: Setting[] = [];
  let section: string | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const at = line.indexOf('=');
    if (line.startsWith('[')) {
      if (line.indexOf(']') !== line.length - 1 || line === '[]') return undefined;
      section = line.slice(1, -1);
    } else if (section === undefined || at < 1) {
      return undefined;
    } else {
      const [key, value] = [line.slice(0, at).trim(), line.slice(at + 1).trim()];
      // `key[de]` is a translation; brackets elsewhere are refused.
      if (!/^[^[\]]+(?:\[[^[\]]*\])?$/.test(key)) return undefined;
      settings.push({ section, key, value, line: index + 1 });
    }
  }
  return settings;
}

/** The items of a list in a profile, separated by `;`; `\` escapes it. */
export function listItems(value: string): string[] {
  const items: string[] = [];
  let item = '';
  for (let at = 0; at < value.length; at++) {
    const char = value[at] ?? '';
    if (char === '\\' && at + 1 < value.length) {
      const next = value[++at] ?? '';
      // Other escapes are white space, which no name of a link has.
      item += next === ';' || next === '\\' ? next : `\\${next}`;
    } else if (char === ';') {
      items.push(item);
      item = '';
    } else {
      item += char;
    }
  }
  return [...items, item].map((item) => item.trim()).filter((item) => item !== '');
}

/** A boolean as NetworkManager reads it; undefined if it is not one. */
export function booleanOf(value: string | undefined): boolean | undefined {
  if (value === undefined) return undefined;
  if (/^(?:yes|true|on|1)$/i.test(value.trim())) return true;
  return /^(?:no|false|off|0)$/i.test(value.trim()) ? false : undefined;
}
