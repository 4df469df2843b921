/** YAML as the oldest reader takes it. */
import { Document, parse as parseYaml } from 'yaml';
import { type Files, fail } from '../description.ts';
import { mapToList, NETPLAN } from './netplan.ts';
import { isNumber } from './text.ts';

/** What makes something else than text of a plain scalar, in either version of YAML. */
const NOT_TEXT = (['1.1', '1.2'] as const).flatMap((version) =>
  (new Document(null, { version }).schema?.tags ?? []).flatMap((tag) =>
    'test' in tag && tag.test !== undefined ? [tag.test] : [],
  ),
);

/** A plain scalar must be the same in both versions, and what is not text look like what it is. */
function isSafePlain(source: string): boolean {
  // Most are addresses and words of the language; no version of YAML has another idea of those.
  if (/^(?:[a-z]+(?:-[a-z]+)+|[0-9]+\.[0-9]+\.[0-9.]+(?:\/[0-9]+)?)$/.test(source)) return true;
  if (!NOT_TEXT.some((test) => test.test(source))) return true;
  if (/^(?:null|~)$/i.test(source)) return false;
  const [old, young]: unknown[] = [
    parseYaml(source, { version: '1.1' }),
    parseYaml(source, { version: '1.2' }),
  ];
  return old === young && String(young) === source;
}

export type Plain = string | number | boolean | Plain[] | Map<string, Plain>;

/**
 * The YAML that netplan is given: blocks, plain and double-quoted scalars, flat lists in brackets.
 * A reader of its own, since the package takes longer than all else here; `readEverybody` holds
 * the two against each other.
 */
export function yamlData(text: string): Plain {
  const lines = text.split('\n').filter((line) => line !== '' && !/^ *#/.test(line));
  let at = 0;
  const indentOf = (line = ''): number => line.length - line.trimStart().length;
  const block = (indent: number): Plain => {
    if ((lines[at] ?? '').startsWith('- ', indent)) {
      const items: Plain[] = [];
      while (at < lines.length && indentOf(lines[at]) === indent) {
        const rest = (lines[at] ?? '').slice(indent + 2);
        if (!(lines[at] ?? '').startsWith('- ', indent)) fail(`YAML: ${lines[at]}`);
        if (ENTRY.test(rest)) {
          // The first key of a mapping is beside the dash.
          lines[at] = `${' '.repeat(indent + 2)}${rest}`;
          items.push(block(indent + 2));
        } else {
          items.push(inline(rest));
          at += 1;
        }
      }
      return items;
    }
    const map = new Map<string, Plain>();
    while (at < lines.length && indentOf(lines[at]) === indent) {
      const [, keyText = '', rest] =
        ENTRY.exec((lines[at] ?? '').slice(indent)) ?? fail(`YAML: ${lines[at]}`);
      const key = inline(keyText);
      if (typeof key !== 'string' || map.has(key)) fail(`YAML: key ${keyText}`);
      at += 1;
      const deeper = indentOf(lines[at]);
      if (rest !== undefined) map.set(key, inline(rest));
      else if (at < lines.length && deeper > indent) map.set(key, block(deeper));
      else fail(`YAML: ${key} holds nothing`);
    }
    return map;
  };
  const data = block(0);
  return at === lines.length ? data : fail(`YAML: ${lines[at]}`);
}

const ENTRY = /^("(?:[^"\\]|\\.)*"|[A-Za-z0-9_.-]+):(?: (.+))?$/;

function inline(text: string): Plain {
  if (/^"(?:[^"\\]|\\.)*"$/.test(text)) return String(JSON.parse(text));
  const list = /^\[(.*)\]$/.exec(text);
  if (list) return list[1] ? list[1].split(', ').map(inline) : [];
  if (!/^[A-Za-z0-9_./-]+$/.test(text) || !isSafePlain(text)) fail(`YAML: is \`${text}\` text?`);
  if (text === 'true' || text === 'false') return text === 'true';
  return isNumber(text) ? Number(text) : text;
}

/**
 * The whole text by both versions of YAML, and as a reader that takes each scalar as text. Slow:
 * for a share of the files; `yamlData` asks as much of each scalar of every file.
 */
export function readEverybody(files: Files): void {
  const text = files.get(NETPLAN);
  if (text === undefined) return;
  const asJson = (data: unknown): string => JSON.stringify(data, mapToList);
  const young: unknown = parseYaml(text, { version: '1.2', mapAsMap: true });
  const old: unknown = parseYaml(text, { version: '1.1', mapAsMap: true });
  if (asJson(old) !== asJson(young)) fail('YAML 1.1 and YAML 1.2 read different data');
  if (asJson(yamlData(text)) !== asJson(young)) fail('the reader of these tests reads other data');
  const asText: unknown = parseYaml(text, { schema: 'failsafe', mapAsMap: true });
  const texts = JSON.stringify(young, (key, value: unknown) =>
    typeof value === 'number' || typeof value === 'boolean' ? String(value) : mapToList(key, value),
  );
  if (asJson(asText) !== texts) fail('netplan, which reads text, reads other text');
}
