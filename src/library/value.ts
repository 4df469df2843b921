/**
 * The value of an intent → JSON text, so that it is validated as text is. Bounded before anything is made of
 * it: a value may be shared, or contain itself.
 */
import { type Diagnostic, diagnostic, type Path } from '../diagnostics/diagnostic.ts';
import { MAX_BYTES, tooLarge } from '../intent/parse.ts';
import { MAX_VALUES } from '../intent/size.ts';
import { MAX_DEPTH } from '../intent/yaml.ts';

/** The text, or why there is none. */
export type Written = { readonly text: string } | { readonly problem: Diagnostic };

/** @param value plain data; what is none becomes text that the schema refuses at its place */
export function textOfValue(value: unknown): Written {
  const parts: string[] = [];
  const path: (string | number)[] = [];
  let values = 0;
  let length = 0;
  let problem: Diagnostic | undefined;
  const add = (part: string): void => {
    length += part.length;
    if (length > MAX_BYTES) problem ??= tooLarge();
    if (!problem) parts.push(part);
  };
  const addItems = (items: readonly (readonly [step: string | number, value: unknown])[]): void => {
    if (path.length >= MAX_DEPTH) problem ??= tooDeep(path);
    for (const [index, [step, item]] of items.entries()) {
      if (problem) return;
      if (index > 0) add(',');
      if (typeof step === 'string') add(`${JSON.stringify(step)}:`);
      path.push(step);
      write(item);
      path.pop();
    }
  };
  const write = (item: unknown): void => {
    values += 1;
    if (values > MAX_VALUES) problem ??= tooManyValues();
    if (problem) return;
    if (Array.isArray(item)) {
      add('[');
      addItems(Array.from(item, (one, index) => [index, one] as const));
      add(']');
    } else if (isMapping(item)) {
      add('{');
      addItems(Object.entries(item).filter(([, one]) => one !== undefined));
      add('}');
    } else add(scalar(item));
  };
  write(value);
  return problem ? { problem } : { text: parts.join('') };
}

/** Of any realm; a `Map` or a `Date` is none. */
const isMapping = (item: unknown): item is Record<string, unknown> =>
  Object.prototype.toString.call(item) === '[object Object]';

function scalar(item: unknown): string {
  if (item === null || item === undefined) return 'null';
  if (typeof item === 'boolean' || (typeof item === 'number' && Number.isFinite(item))) {
    return String(item);
  }
  if (typeof item === 'object' || typeof item === 'function') {
    return JSON.stringify(Object.prototype.toString.call(item));
  }
  return JSON.stringify(String(item));
}

const tooDeep = (path: Path): Diagnostic =>
  diagnostic('too-deep', [...path], `Collections are nested more than ${MAX_DEPTH} deep here.`);

const tooManyValues = (): Diagnostic =>
  diagnostic('too-many-values', [], `The intent has more than ${MAX_VALUES} values.`);
