/** Judges what `--format json` prints by its JSON Schema, with an independent validator. */
import { createRequire } from 'node:module';
import type { Document } from '../src/report/output.ts';
import { outputJsonSchema } from '../src/report/output-schema.ts';
import type { DOCUMENTS } from '../src/report/outputs/index.ts';

type Validate = ((data: unknown) => boolean) & { readonly errors?: unknown };
const { Ajv } = createRequire(import.meta.url)('ajv') as {
  Ajv: new (options: object) => { compile(schema: unknown): Validate };
};

/** Keys that are in no schema are errors here: whatever is printed is documented. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]) => [key, closed(value)] as const);
  const isObject = 'properties' in schema && !('additionalProperties' in schema);
  return { ...Object.fromEntries(entries), ...(isObject && { additionalProperties: false }) };
}

const schema = closed(JSON.parse(outputJsonSchema())) as Readonly<Record<string, unknown>>;
const validators = new Map<string, Validate>();

/** @returns the validator of a command's document; undefined where there is none */
function validatorOf(command: string): Validate | undefined {
  const { $defs } = schema as { $defs: Readonly<Record<string, unknown>> };
  if (!Object.hasOwn($defs, command)) return undefined;
  const known =
    validators.get(command) ??
    new Ajv({ allErrors: true, strict: true, strictTypes: false }).compile({
      $ref: `#/$defs/${command}`,
      $defs,
    });
  validators.set(command, known);
  return known;
}

/** What is wrong with a document; empty: nothing. */
export function problemsOf(stdout: string): string {
  let document: unknown;
  try {
    document = JSON.parse(stdout);
  } catch (error) {
    return String(error);
  }
  const { command } = (document ?? {}) as { command?: unknown };
  const validate = validatorOf(String(command));
  if (!validate) return `no schema of ${JSON.stringify(command)}`;
  return validate(document) ? '' : JSON.stringify(validate.errors, null, 2);
}

/** The document of a command. @throws Error where it is not what its schema says */
export function documentOf<Command extends keyof typeof DOCUMENTS>(
  command: Command,
  stdout: string,
): Document<(typeof DOCUMENTS)[Command]> {
  const problems = problemsOf(stdout);
  if (problems !== '') throw new Error(`${problems}\n${stdout.slice(0, 2000)}`);
  const document = JSON.parse(stdout) as Document<(typeof DOCUMENTS)[Command]>;
  if (document.command !== command) throw new Error(`${document.command} is not ${command}`);
  return document;
}
