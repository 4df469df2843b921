/** The JSON Schema of every `--format json`, made from the schemas of the documents. Usable offline. */
import { toJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';
import { SHARED } from './output.ts';
import { DOCUMENTS } from './outputs/index.ts';

/** JSON Schema, draft 7. */
export function outputJsonSchema(): string {
  // A key that a later version adds is no error: readers ignore what they do not know.
  const { $schema, ...schema } = toJsonSchema(v.union(Object.values(DOCUMENTS)), {
    errorMode: 'throw',
    definitions: { ...SHARED, ...DOCUMENTS },
  });
  return `${JSON.stringify({ $schema, title: 'macvtap-render output', ...schema }, null, 2)}\n`;
}
