/** The JSON Schema of `--format json`, made from the one schema there is. Usable offline. */
import { toJsonSchema } from '@valibot/to-json-schema';
import { filesSchema } from './json.ts';

/** JSON Schema, draft 7. */
export function filesJsonSchema(): string {
  // A key that a later version adds is no error: whoever reads it passes it over.
  const { $schema, ...schema } = toJsonSchema(filesSchema, { errorMode: 'throw' });
  return `${JSON.stringify({ $schema, title: 'macvtap-render files', ...schema }, null, 2)}\n`;
}
