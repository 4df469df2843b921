/** The JSON Schema of an intent, made from the one schema there is. Usable offline. */
import { type ConversionConfig, toJsonSchema } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';
import { intentSchema, NAME } from './schema.ts';

/** For `# yaml-language-server: $schema=FILE`. JSON Schema, draft 7. */
export function jsonSchema(): string {
  const { $schema, ...schema } = convert(intentSchema);
  return `${JSON.stringify({ $schema, title: 'macvtap-render intent', ...schema }, null, 2)}\n`;
}

const convert = (schema: GenericSchema): ReturnType<typeof toJsonSchema> =>
  toJsonSchema(schema, { errorMode: 'ignore', overrideSchema });

const overrideSchema: NonNullable<ConversionConfig['overrideSchema']> = ({
  valibotSchema,
  jsonSchema: converted,
}) => {
  // Unknown keys are refused by `read`, so the schema itself does not say it.
  if (valibotSchema.type === 'object') return { ...converted, additionalProperties: false };
  // A `v.map` is a mapping whose keys the user chooses.
  if (valibotSchema.type !== 'map' || !('value' in valibotSchema)) return undefined;
  const { $schema: _, ...value } = convert(valibotSchema.value as GenericSchema);
  return { type: 'object', propertyNames: { pattern: NAME.source }, additionalProperties: value };
};
