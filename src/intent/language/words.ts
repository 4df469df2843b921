/** What the parts of the schema are made of: shapes, limits, and their descriptions. */
import * as v from 'valibot';
import type { DiagnosticCode } from '../../diagnostics/diagnostic.ts';

/** A check's message is the code of the diagnostic that it becomes. */
export const code = (name: DiagnosticCode): DiagnosticCode => name;

/** Made when something of it is first looked at: an intent has a few of all keys. */
class Optional<T extends v.GenericSchema> {
  private readonly make: () => T;
  private made: v.OptionalSchema<T, undefined> | undefined;

  constructor(make: () => T) {
    this.make = make;
  }

  private get schema(): v.OptionalSchema<T, undefined> {
    this.made ??= v.optional(this.make());
    return this.made;
  }

  get kind() {
    return 'schema' as const;
  }

  get type() {
    return 'optional' as const;
  }

  get reference() {
    return v.optional;
  }

  get async() {
    return false as const;
  }

  get default() {
    return undefined;
  }

  get expects() {
    return this.schema.expects;
  }

  get wrapped() {
    return this.schema.wrapped;
  }

  get '~standard'() {
    return this.schema['~standard'];
  }

  get '~run'() {
    return this.schema['~run'];
  }
}

/** As valibot's `optional`; to make all schemas of the language would take longer than reading an intent. */
export const optional = <T extends v.GenericSchema>(make: () => T) =>
  new Optional(make) as unknown as v.OptionalSchema<T, undefined>;

export const about = v.description;
export const text = (description: string) => v.pipe(v.string(), about(description));
export const flag = (description: string) =>
  optional(() => v.pipe(v.boolean(), about(description)));
export const whole = (min: number, max: number, description: string) =>
  v.pipe(
    v.number(),
    v.integer(code('wrong-type')),
    v.minValue(min, code('wrong-value')),
    v.maxValue(max, code('wrong-value')),
    about(description),
  );
export const oneOf = <const T extends readonly string[]>(words: T, description: string) =>
  optional(() => v.pipe(v.picklist(words, code('wrong-value')), about(description)));

/** netplan up to 0.106 writes larger metrics and tables as negative numbers. */
export const NETPLAN_MAX = 2147483647;

const MAC = /^[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}$/;

export const mac = (description: string) =>
  v.pipe(v.string(), v.regex(MAC, code('mac-malformed')), about(description));

export const macaddress = (description: string) => optional(() => mac(description));

export const mtu = (description: string) =>
  optional(() =>
    v.pipe(
      v.number(),
      v.integer(code('wrong-type')),
      v.minValue(68, code('mtu-out-of-range')),
      v.maxValue(65535, code('mtu-out-of-range')),
      about(description),
    ),
  );

/** A type of the schema as it is read: an item of a list that is at fault is `undefined`. */
export type AsRead<T> = T extends readonly (infer Item)[]
  ? readonly (AsRead<Item> | undefined)[]
  : T extends ReadonlyMap<infer Key, infer Value>
    ? ReadonlyMap<Key, AsRead<Value>>
    : T extends object
      ? { readonly [Key in keyof T]: AsRead<T[Key]> }
      : T;
