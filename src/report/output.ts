/**
 * What `--format json` prints: one document a run, of one shape for every command, for one host and
 * for many. The schemas here are the one source of its types and of `output.schema.json`.
 */
import * as v from 'valibot';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Finding } from '../diagnostics/finding.ts';
import { visible } from '../diagnostics/visible.ts';
import { type TextFix, textFixOf } from '../intent/edits.ts';
import { inOrder, locator } from '../intent/positions.ts';
import type { Source } from '../intent/source.ts';
import { jsonText } from './text.ts';

/** Of the shape. A key that is added does not change it. */
export const OUTPUT_VERSION = 1;

const about = v.description;
const text = (description: string) => v.pipe(v.string(), about(description));
const count = (description: string) =>
  v.pipe(v.number(), v.integer(), v.minValue(1), about(description));
const severity = v.pipe(
  v.picklist(['error', 'warning', 'note']),
  about('With an error, nothing is written; a note is worth knowing, and nothing is wrong.'),
);
const code = text('Stable; `explain CODE` has a page on it.');
const message = text('What is wrong, in one sentence.');
const hint = text('What to do about it.');

/** Keys and list indices from the top of an intent. */
export const pathSchema = v.pipe(
  v.array(v.union([v.string(), v.number()])),
  about('Keys and list indices from the top of the intent; empty: the intent as a whole.'),
);

/** A place in the intent that something comes from. */
export const originSchema = v.pipe(
  v.object({
    file: text('The file of the intent.'),
    line: count('The line in it.'),
    path: pathSchema,
  }),
  about('A place in the intent.'),
);

/** What `lint --fix` does about a diagnostic. */
export const fixSchema = v.pipe(
  v.object({
    message: text('What it does, as an order.'),
    edits: v.pipe(
      v.array(
        v.object({
          file: text('The file of the intent.'),
          line: count('Where the text begins that is replaced.'),
          column: count('In characters, not in bytes.'),
          endLine: count('The line in which it ends; the same place: text is added.'),
          endColumn: count('The column after its last character.'),
          text: text('What takes its place; empty: it is removed.'),
        }),
      ),
      about('All of them, or none.'),
    ),
  }),
  about(
    'The one thing that the hint leaves to do, as edits of the text; comments and layout are kept.',
  ),
);

/** A diagnostic of an intent. */
export const diagnosticSchema = v.pipe(
  v.object({
    code,
    severity,
    message,
    hint,
    file: text('The file of the intent, as it was named; `<stdin>` for standard input.'),
    line: count('Counted from 1, as all lines and columns are.'),
    column: count('In characters, not in bytes.'),
    endLine: count('The line in which the text at fault ends.'),
    endColumn: count('The column after its last character.'),
    path: pathSchema,
    hosts: v.exactOptional(
      v.pipe(
        v.array(v.string()),
        about('The hosts of a fleet that it concerns; absent: not specific to a host.'),
      ),
    ),
    backend: v.exactOptional(
      text('The back end that cannot express it; absent: not specific to a back end.'),
    ),
    fix: v.exactOptional(fixSchema),
  }),
  about('An error, warning or note about the intent.'),
);

/** A finding on a host: in a file, or about its network. */
export const findingSchema = v.pipe(
  v.object({
    code,
    severity,
    path: text(
      'The file on the host; `/` for the host as a whole; or the command that shows what no file has.',
    ),
    line: v.exactOptional(count('Absent: the file as a whole.')),
    message,
    hint,
  }),
  about('What differs on a host, or conflicts with the generated files there.'),
);

/** The unified diff of one back end's files. */
export const patchSchema = v.pipe(
  v.object({
    backend: text('The back end that the files are for.'),
    patch: text('A unified diff, as patch(1) reads it.'),
  }),
  about('What changes in the files of a back end; there is none where nothing does.'),
);

/** Definitions that several documents share, by their names in `output.schema.json`. */
export const SHARED = {
  origin: originSchema,
  diagnostic: diagnosticSchema,
  fix: fixSchema,
  finding: findingSchema,
  patch: patchSchema,
} as const;

/**
 * The schema of one command's document.
 * @param description what the command prints, in a sentence
 * @param ofHost what it has of each host, beside the name
 * @param ofAll what it has of all hosts together
 */
export const documentSchema = <
  const Command extends string,
  const OfHost extends v.ObjectEntries,
  const OfAll extends v.ObjectEntries = Record<never, never>,
>(
  command: Command,
  description: string,
  ofHost: OfHost,
  ofAll?: OfAll,
) =>
  v.pipe(
    v.object({
      version: v.pipe(
        v.literal(OUTPUT_VERSION),
        about('The version of this shape. Keys may be added to it.'),
      ),
      command: v.pipe(v.literal(command), about('The command that printed this.')),
      hosts: v.pipe(
        v.array(
          v.object({
            host: v.nullable(
              text('The name of the host; null where the intent of one host names none.'),
            ),
            ...ofHost,
          }),
        ),
        about(
          'In the order in which the intent has them. None if the intent has errors, except with `lint`.',
        ),
      ),
      diagnostics: v.pipe(
        v.array(diagnosticSchema),
        about('All of the intents that were read, in the order of their places.'),
      ),
      ...((ofAll ?? {}) as OfAll),
    }),
    about(description),
  );

type Readonlies<T> = T extends readonly (infer Item)[]
  ? readonly Readonlies<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Readonlies<T[Key]> }
    : T;

/** What goes into the document of a schema. */
export type Document<Schema extends v.GenericSchema> = Readonlies<v.InferOutput<Schema>>;

/** One host in such a document. */
export type DocumentHost<Schema extends v.GenericSchema> =
  Document<Schema> extends { readonly hosts: readonly (infer Host)[] } ? Host : never;

/** What a command adds to the frame of its document. */
export type DocumentBody<Schema extends v.GenericSchema> = Omit<
  Document<Schema>,
  'version' | 'command'
>;

type CommonSchema = ReturnType<typeof documentSchema<string, Record<never, never>>>;

interface CommandSchema extends v.GenericSchema {
  readonly entries: { readonly command: { readonly literal: string } };
}

/**
 * A document as it goes to standard output.
 * @param schema that of the command: the compiler holds `body` against it
 */
export const documentText = <Schema extends CommandSchema>(
  schema: Schema,
  body: DocumentBody<Schema>,
): string =>
  jsonText({ version: OUTPUT_VERSION, command: schema.entries.command.literal, ...body });

/** The document of a command that refused the intent. */
export const refusal = (
  command: string,
  diagnostics: DocumentBody<CommonSchema>['diagnostics'],
): string => jsonText({ version: OUTPUT_VERSION, command, hosts: [], diagnostics });

/** The name of a host in a document. @param name empty where the intent has none */
export const hostKey = (name: string): string | null => (name === '' ? null : name);

export type DocumentDiagnostic = Readonlies<v.InferOutput<typeof diagnosticSchema>>;

/** Diagnostics with their places, as documents have them. Other programs show their text as it is. */
export const diagnosticsOf = (
  source: Source,
  diagnostics: readonly Diagnostic[],
): DocumentDiagnostic[] => {
  const edits = editsIn(source);
  return inOrder(source, diagnostics).map(({ diagnostic, place }) => ({
    code: diagnostic.code,
    severity: diagnostic.severity,
    message: visible(diagnostic.message),
    hint: visible(diagnostic.hint),
    ...place,
    path: diagnostic.path,
    ...(diagnostic.hosts !== undefined && { hosts: diagnostic.hosts }),
    ...(diagnostic.backend !== undefined && { backend: diagnostic.backend }),
    ...edits(textFixOf(source, diagnostic)),
  }));
};

type DocumentFix = Readonlies<v.InferOutput<typeof fixSchema>>;

/** Fixes as documents have them; the text of an edit is not made safe to print: it is to be written. */
function editsIn(source: Source): (fix: TextFix | undefined) => { readonly fix?: DocumentFix } {
  const { at } = locator(source);
  return (fix) => {
    if (!fix) return {};
    const edits = fix.edits.map(({ start, end, text: by }) => {
      const { line: endLine, column: endColumn } = at(end);
      return { ...at(start), endLine, endColumn, text: by };
    });
    return { fix: { message: visible(fix.message), edits } };
  };
}

/** Findings as documents have them. */
export const findingsOf = (
  findings: readonly Finding[],
): Readonlies<v.InferOutput<typeof findingSchema>>[] =>
  findings.map(({ code: name, severity: level, path, line, message, hint: advice }) => ({
    code: name,
    severity: level,
    path,
    ...(line !== undefined && { line }),
    message: visible(message),
    hint: visible(advice),
  }));
