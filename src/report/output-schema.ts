/** The JSON Schema of all `--format json` output, made from the schemas of the documents. Usable offline. */
import { toJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';
import { SHARED } from './output.ts';
import { DOCUMENTS } from './outputs/index.ts';

/** JSON Schema, draft 7. */
export function outputJsonSchema(): string {
  // Keys that a later version adds are allowed: readers ignore unknown keys.
  const { $schema, ...schema } = toJsonSchema(v.union(Object.values(DOCUMENTS)), {
    errorMode: 'throw',
    definitions: { ...SHARED, ...DOCUMENTS },
  });
  return `${JSON.stringify({ $schema, title: 'macvtap-render output', ...schema }, null, 2)}\n`;
}
