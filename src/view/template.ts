/** The one place that prints templates: plainly, or with a mark behind every entry. */

import Handlebars from 'handlebars/runtime.js';
import templates from '#templates';
import { type Entry, isEntry, type RenderedFile, type View } from './rendered.ts';
import { MARK, MARK_BEGIN, MARK_END, withoutAbsent } from './structure.ts';
import type { Views } from './views.ts';

type Printed = string | { [key: string]: Printed } | Printed[] | undefined;

const HELPERS = {
  /** `{{join devices ","}}`: a list in one line. */
  join: (items: readonly string[] | undefined, separator: string) => (items ?? []).join(separator),
};

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
  return printer(values, { helpers: HELPERS });
}

/** @param mark what stands behind an entry, between `MARK_BEGIN` and `MARK_END` */
function printedView(
  { template, hasParagraphs }: Omit<RenderedFile, 'text'>,
  view: View,
  mark: (entry: Entry) => string,
): string {
  const values = mapEntries(view, (entry) => entry.text + MARK_BEGIN + mark(entry) + MARK_END);
  const text = printed(template, values);
  return hasParagraphs ? text : withoutAbsent(text);
}

/** What a template of a packaging prints: encoded text, and lists and groups of it. */
export type Values = { readonly [key: string]: string | Values | readonly Values[] };

/** Prints what is no file of a back end. `template` is its name, as for `file`. */
export const plainText = (template: string, values: Values): string =>
  printed(template, values as { readonly [key: string]: Printed });

/** A file to be printed, with the view that its template takes. */
export interface FileSpec<T extends keyof Views>
  extends Omit<RenderedFile, 'text' | 'template' | 'view'> {
  /** Its name below `templates/`, without the ending. */
  readonly template: T;
  readonly view: Views[T];
}

/** Prints a file. */
export const file = <T extends keyof Views>(spec: FileSpec<T>): RenderedFile =>
  withView(spec, spec.view);

/** Prints a file again, from a part of its view. */
export function withView(spec: Omit<RenderedFile, 'text'>, view: View): RenderedFile {
  return { ...spec, view, text: printedView(spec, view, () => '').replaceAll(MARK, '') };
}

export interface MarkedLine {
  readonly text: string;
  /** The entries that the line prints, from left to right. */
  readonly entries: readonly Entry[];
}

/** Prints a file again and says of every line which entries it holds. */
export function markedLines(rendered: RenderedFile): MarkedLine[] {
  const { template, view, text } = rendered;
  const entries: Entry[] = [];
  const marked = printedView(rendered, view, (entry) => String(entries.push(entry) - 1));
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
  const entriesOf = (value: Entry | View): Entry[] =>
    isEntry(value) ? [value] : entriesOfView(value);
  return Object.values(view).flatMap((value) =>
    value === undefined
      ? []
      : Array.isArray(value)
        ? value.flatMap(entriesOf)
        : entriesOf(value as Entry | View),
  );
}
