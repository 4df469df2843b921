/**
 * Reads what libvirt is given: a file an element, of the few kinds and attributes below.
 *
 *     https://libvirt.org/formatdomain.html#direct-attachment-to-physical-interface
 *     https://libvirt.org/formatnetwork.html
 */
import { type Files, fail } from '../description.ts';

/** A path of elements with an attribute, or the text in it: `interface/source@dev` → `eth0`. */
export type Element = ReadonlyMap<string, string>;

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  apos: "'",
  quot: '"',
};

const plain = (text: string): string =>
  text.replace(/&(\w*);?|[<>]/g, (_, name) => ENTITIES[name] ?? fail(`XML: ${text}`));

function readXml(text: string): Element {
  const found = new Map<string, string>();
  const open: string[] = [];
  const put = (key: string, value: string): void => {
    if (found.has(key)) fail(`${key} twice`);
    found.set(key, plain(value));
  };
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line === '' || /^<!-- (?:(?!--).)* -->$/.test(line)) continue;
    const [, closed] = /^<\/([a-z]+)>$/.exec(line) ?? [];
    if (closed !== undefined) {
      if (open.pop() !== closed) fail(`XML: ${line}`);
      continue;
    }
    const [, name = '', attributes = '', end, content] =
      /^<([a-z]+)((?: [A-Za-z]+='[^'<>]*')*)(\/?)>(?:([^<>]*)<\/\1>)?$/.exec(line) ??
      fail(`XML: ${line}`);
    const path = [...open, name].join('/');
    for (const [, key, value = ''] of attributes.matchAll(/ ([A-Za-z]+)='([^']*)'/g))
      put(`${path}@${key}`, value);
    if (content !== undefined) put(path, content);
    else if (end === '') open.push(name);
  }
  if (open.length > 0) fail(`XML: ${open.join('/')} is open`);
  return found;
}

/** Each file by its name, without folder and ending. */
export const readLibvirt = (files: Files): ReadonlyMap<string, Element> =>
  new Map(
    [...files].map(([path, text]) => {
      const [, name = ''] =
        /^\/etc\/libvirt\/macvtap\/([^/]+)\.xml$/.exec(path) ?? fail(`whose is ${path}?`);
      return [name, readXml(text)];
    }),
  );
