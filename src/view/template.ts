/** The one place that prints templates: plainly, or with a mark behind every entry. */

import Handlebars from 'handlebars/runtime.js';
import templates from '#templates';
import { type Entry, isEntry, type RenderedFile, type View } from './rendered.ts';

type Printed = string | { [key: string]: Printed } | Printed[] | undefined;

/** The view with each entry replaced by what is to be printed for it. */
function mapEntries(view: View, print: (entry: Entry) => string): { [key: string]: Printed } {
  const mapValue = (value: Entry | View): Printed =>
    isEntry(value) ? print(value) : mapEntries(value, print);
  const printed: { [key: string]: Printed } = {};
  for (const [key, value] of Object.entries(view)) {
    if (value === undefined) continue;
    printed[key] = Array.isArray(value) ? value.map(mapValue) : mapValue(value as Entry | View);
  }
  return printed;
}

/** What prints each template; made once. */
const printers = new Map(
  Object.entries(templates).map(([name, specification]) => [
    name,
    Handlebars.template(specification),
  ]),
);

function printed(template: string, values: { readonly [key: string]: Printed }): string {
  const printer = printers.get(template);
  if (!printer) throw new Error(`there is no template ${template}`);
  return printer(values);
}

const print = (template: string, view: View, printEntry: (entry: Entry) => string): string =>
  printed(template, mapEntries(view, printEntry));

/** What a template of a packaging prints: encoded text, and lists and groups of it. */
export type Values = { readonly [key: string]: string | Values | readonly Values[] };

/** Prints what is no file of a back end. `template` is its name, as for `file`. */
export const plainText = (template: string, values: Values): string =>
  printed(template, values as { readonly [key: string]: Printed });

/** Prints a file. `template` is its name below `templates/`, without the ending. */
export function file(spec: Omit<RenderedFile, 'text'>): RenderedFile {
  return { ...spec, text: print(spec.template, spec.view, (entry) => entry.text) };
}

export interface MarkedLine {
  readonly text: string;
  /** The entries that the line prints, from left to right. */
  readonly entries: readonly Entry[];
}

/** Prints a file again and says of every line which entries it holds. */
export function markedLines({ template, view, text }: RenderedFile): MarkedLine[] {
  const entries: Entry[] = [];
  // Control characters: `entry` keeps them out of values, and no template has any.
  const marked = print(
    template,
    view,
    (entry) => `${entry.text}\u0001${entries.push(entry) - 1}\u0002`,
  );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the marks
  const MARK = /\u0001([0-9]+)\u0002/g;
  if (marked.replaceAll(MARK, '') !== text) throw new Error(`marks change what ${template} prints`);
  return marked
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => ({
      text: line.replaceAll(MARK, ''),
      entries: [...line.matchAll(MARK)].flatMap(([, index]) => entries[Number(index)] ?? []),
    }));
}

/** Every entry of a view, in its order. */
export function entriesOfView(view: View): Entry[] {
  const mapValue = (value: Entry | View): Entry[] =>
    isEntry(value) ? [value] : entriesOfView(value);
  return Object.values(view).flatMap((value) =>
    value === undefined
      ? []
      : Array.isArray(value)
        ? value.flatMap(mapValue)
        : mapValue(value as Entry | View),
  );
}
