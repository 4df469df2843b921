/** The one place that prints templates: plainly, or with a mark behind every entry. */

import Handlebars from 'handlebars/runtime.js';
import templates from '#templates';
import {
  type Entry,
  entry,
  isEntry,
  type Paragraph,
  type RenderedFile,
  type View,
} from './rendered.ts';
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

type Printer = ReturnType<typeof Handlebars.template>;

/** What prints a template, made when it is first printed: a run prints a few of all. */
const printers = new Map<string, Printer>();

function printerOf(template: string): Printer {
  const there = printers.get(template);
  if (there) return there;
  const specification = Object.hasOwn(templates, template) && templates[template];
  if (!specification) throw new Error(`there is no template ${template}`);
  const printer = Handlebars.template(specification);
  printers.set(template, printer);
  return printer;
}

function printed(template: string, values: { readonly [key: string]: Printed }): string {
  const printer = printerOf(template);
  return printer(values, { helpers: HELPERS });
}

/** @param mark what stands behind an entry, between `MARK_BEGIN` and `MARK_END` */
function printedView(template: string, view: View, mark: (entry: Entry) => string): string {
  const values = mapEntries(view, (entry) => entry.text + MARK_BEGIN + mark(entry) + MARK_END);
  return withoutAbsent(printed(template, values));
}

/** What a template of a packaging prints: encoded text, and lists and groups of it. */
export type Values = { readonly [key: string]: string | Values | readonly Values[] };

/** Prints a text that is not a file of a back end. `template` is its name, as for `file`. */
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
  const own = printedView(spec.template, view, () => '').replaceAll(MARK, '');
  const body = (spec.body ?? []).map(({ text }) => `\n${text}`);
  return { ...spec, view, text: [own, ...body].join('') };
}

/**
 * The paragraphs of a static text, which are divided by blank lines. Each begins with a comment: its
 * reason, and in brackets at the end the authority.
 *
 *     # The timer is armed first. (POSIX.1, Shell Command Language)
 *
 * @throws Error for a paragraph without them
 */
export const paragraphsOf = (template: string): Paragraph[] =>
  plainText(template, {})
    .trimEnd()
    .split('\n\n')
    .map((text) => {
      const comment = text
        .split(/\n(?!# )/, 1)
        .join('')
        .replace(/^# /gm, '')
        .replaceAll('\n', ' ');
      const [, why, authority] = /^(.+) \(([^()]+(?:\([0-9]\)[^()]*)*)\)$/.exec(comment) ?? [];
      if (why === undefined) throw new Error(`${template}: no reason for ${text.slice(0, 60)}`);
      return { text: `${text}\n`, about: entry(why, why, authority as Entry['authority'], []) };
    });

export interface MarkedLine {
  readonly text: string;
  /** The entries that the line prints, from left to right. */
  readonly entries: readonly Entry[];
}

/** Prints a file again and says of every line which entries it holds. */
export function markedLines(rendered: RenderedFile): MarkedLine[] {
  const { template, view, text, body = [] } = rendered;
  const entries: Entry[] = [];
  const marked = printedView(template, view, (entry) => String(entries.push(entry) - 1));
  const own = marked
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => ({
      text: line.replaceAll(MARK, ''),
      entries: [...line.matchAll(MARK)].flatMap(([, index]) => entries[Number(index)] ?? []),
    }));
  const lines = [...own, ...body.flatMap(paragraphLines)];
  if (lines.map((line) => `${line.text}\n`).join('') !== text) {
    throw new Error(`marks change what ${template} prints`);
  }
  return lines;
}

/** A paragraph, after a blank line. */
const paragraphLines = ({ text, about }: Paragraph): MarkedLine[] => [
  { text: '', entries: [] },
  ...text
    .trimEnd()
    .split('\n')
    .map((line) => ({ text: line, entries: [about] })),
];

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
