/** An intent as YAML text, with a comment behind each value that says where it is from. */
import { visible } from '../diagnostics/visible.ts';
import type { Item, Origin, Scalar } from './found.ts';
import type { Branch, Node } from './tree.ts';

/** @returns lines without their ends */
export function yamlLines(tree: Branch, indent = ''): string[] {
  return [...tree.pairs].flatMap(([key, node]) => linesOf(keyText(key), node, indent));
}

function linesOf(key: string, node: Node, indent: string): string[] {
  switch (node.kind) {
    case 'scalar':
      return [`${indent}${key}: ${scalarText(node.value)}${comment(node.origin)}`];
    case 'words':
      return [`${indent}${key}: [${node.value.map(scalarText).join(', ')}]${comment(node.origin)}`];
    case 'list':
      return [
        `${indent}${key}:`,
        ...node.items.map(
          ({ value, origin }) => `${indent}  - ${itemText(value)}${comment(origin)}`,
        ),
      ];
    case 'map':
      return node.pairs.size === 0
        ? [`${indent}${key}: {}`]
        : [`${indent}${key}:`, ...yamlLines(node, `${indent}  `)];
  }
}

const itemText = (item: Item): string =>
  typeof item === 'object'
    ? `{${Object.entries(item)
        .map(([key, value]) => `${keyText(key)}: ${scalarText(value)}`)
        .join(', ')}}`
    : scalarText(item);

/** Words that YAML takes for something else than text. */
const OTHER = /^(?:true|false|null|yes|no|on|off|y|n|~)$/i;

/** Plain where YAML 1.1 and 1.2 read the same text. */
export function scalarText(value: Scalar): string {
  if (typeof value !== 'string') return String(value);
  const isPlain = /^[A-Za-z_][A-Za-z0-9_./-]*$/.test(value) && !OTHER.test(value);
  const isAddress = /^\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?$/.test(value);
  return isPlain || isAddress ? value : JSON.stringify(value);
}

const keyText = (key: string): string => scalarText(key);

/** `/etc/network/interfaces:12`, or what has no place in a file. */
export function originText({ path, line, note }: Origin): string {
  const place = path === undefined ? undefined : line === undefined ? path : `${path}:${line}`;
  return visible([place, note].filter((part) => part !== undefined).join(', ')).replace(
    /[\r\n]+/g,
    ' ',
  );
}

const comment = (origin: Origin | undefined): string => {
  const text = origin ? originText(origin) : '';
  return text === '' ? '' : `  # ${text}`;
};
