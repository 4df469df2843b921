/**
 * `npm run views`: the types of views, from the templates. A template is where its keys are named;
 * a view with another key does not compile. What is written lies beside the printer, and a test
 * compares it with the templates.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Keys, type Shape, shapeOf } from './shapes.ts';
import { viewTemplates } from './templates.ts';

const OUTPUT = new URL('../view/views.ts', import.meta.url);

/** What biome(1) breaks lines at, and what may follow a group. */
const WIDTH = 100;
const AFTER = '>;';

/** The text of `src/view/views.ts`. */
export const viewTypes = (): string => `/**
 * What each template prints, by its name. Written by \`npm run views\` from \`templates/\`: what may be
 * absent stands alone in its line there.
 */
import type { Entry } from './rendered.ts';

type Value = Entry | undefined;
type Group<T> = T | undefined;
type List<T> = readonly T[] | undefined;

export interface Views {
${viewTemplates()
  .map(([name, source]) => `  '${name}': ${literal(shapeOf(name, source), '  ', `'${name}': `)};\n`)
  .join('')}}

/** A group of a view, or one item of a list. */
export type Part<V, K extends keyof V> =
  NonNullable<V[K]> extends readonly (infer Item)[] ? Item : NonNullable<V[K]>;
`;

/** The type of a group, on one line where it fits. */
function literal(keys: Keys, indent: string, before: string): string {
  const members = [...keys].map(([key, shape]) => {
    const isRequired = shape.kind === 'entry' && shape.isRequired;
    const member = `readonly ${key}${isRequired ? '' : '?'}: `;
    return `${member}${typeOf(shape, `${indent}  `, member)}`;
  });
  const line = `{ ${members.join('; ')} }`;
  const fits = `${indent}${before}${line}`.length + AFTER.length <= WIDTH;
  if (fits && !line.includes('\n')) return line;
  return `{\n${members.map((member) => `${indent}  ${member};\n`).join('')}${indent}}`;
}

function typeOf(shape: Shape, indent: string, before: string): string {
  switch (shape.kind) {
    case 'entry':
      return shape.isRequired ? 'Entry' : 'Value';
    case 'entries':
      return 'List<Entry>';
    case 'list':
      return `List<${literal(shape.keys, indent, `${before}List<`)}>`;
    case 'group':
      return `Group<${literal(shape.keys, indent, `${before}Group<`)}>`;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(OUTPUT, viewTypes());
