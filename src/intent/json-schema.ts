/** The JSON Schema of an intent and of a fleet, made from the one schema there is. Usable offline. */
import { type ConversionConfig, toJsonSchema } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';
import { HOST, intentSchema, NAME } from './schema.ts';

type Json = ReturnType<typeof toJsonSchema>;

/** Names that the language itself does not know. */
export interface SystemNames {
  readonly backends: readonly string[];
  readonly targets: readonly string[];
}

/** For `# yaml-language-server: $schema=FILE`. JSON Schema, draft 7. */
export function jsonSchema(names: SystemNames): string {
  const { $schema, ...intent } = withNames(convert(intentSchema), names);
  const { version, host: _, ...body } = (intent.properties ?? {}) as Record<string, Json>;
  const { required: __, ...rest } = intent;
  const part = relaxed({ ...rest, properties: body });
  const fleet = {
    type: 'object',
    properties: {
      version,
      defaults: {
        $ref: '#/definitions/part',
        description: 'Defaults of all hosts: mappings are merged, lists replaced, `null` removes.',
      },
      hosts: {
        type: 'object',
        propertyNames: { pattern: HOST.source },
        additionalProperties: { $ref: '#/definitions/part' },
        description: 'The hosts, by name.',
      },
    },
    required: ['version'],
    additionalProperties: false,
    description: 'A fleet, or a part of it: defaults, and the hosts.',
  };
  const schema = {
    $schema,
    title: 'macvtap-render intent',
    // So that a fault in one of the two is not reported as being neither.
    if: { anyOf: [{ required: ['hosts'] }, { required: ['defaults'] }] },
    // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
    then: fleet,
    else: intent,
    definitions: { part },
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** With the values of `backend` and `target`. */
function withNames({ properties = {}, ...schema }: Json, { backends, targets }: SystemNames): Json {
  const { backend, target } = properties as Record<string, Json>;
  const one: Json = { enum: [...backends] };
  const versions = { type: 'string', pattern: '^(systemd|udev|networkmanager|netplan)=' } as const;
  const described = (before: Json | undefined, anyOf: Json[]): Json => ({
    ...(before?.description !== undefined && { description: before.description }),
    anyOf,
  });
  return {
    ...schema,
    properties: {
      ...properties,
      backend: described(backend, [one, { type: 'array', items: one, minItems: 1 }]),
      target: described(target, [{ enum: [...targets] }, versions]),
    },
  };
}

const convert = (schema: GenericSchema): Json =>
  toJsonSchema(schema, { errorMode: 'ignore', overrideSchema });

const overrideSchema: NonNullable<ConversionConfig['overrideSchema']> = ({
  valibotSchema,
  jsonSchema: converted,
}) => {
  // `read` refuses unknown keys; the schema itself does not.
  if (valibotSchema.type === 'object') return { ...converted, additionalProperties: false };
  // A `v.map` is a mapping whose keys the user chooses.
  if (valibotSchema.type !== 'map' || !('value' in valibotSchema)) return undefined;
  const { $schema: _, ...value } = convert(valibotSchema.value as GenericSchema);
  return { type: 'object', propertyNames: { pattern: NAME.source }, additionalProperties: value };
};

/** Of a part of a fleet: a required key may be in the other part, and `null` removes one. */
function relaxed(schema: Json): Json {
  const { required: _, properties, additionalProperties, ...rest } = schema;
  return {
    ...rest,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([key, value]) => [key, orNull(value as Json)]),
      ),
    }),
    ...(additionalProperties !== undefined && {
      additionalProperties:
        typeof additionalProperties === 'object'
          ? orNull(additionalProperties as Json)
          : additionalProperties,
    }),
  };
}

/** A list is replaced as a whole: its items are complete. */
const orNull = (schema: Json): Json => {
  const { description } = schema;
  return {
    ...(description !== undefined && { description }),
    anyOf: [relaxed(schema), { type: 'null' }],
  };
};
