/** What the parts of the schema are made of: shapes, limits, and their descriptions. */
import * as v from 'valibot';
import type { DiagnosticCode } from '../../diagnostics/diagnostic.ts';

/** A check's message is the code of the diagnostic that it becomes. */
export const code = (name: DiagnosticCode): DiagnosticCode => name;

export const about = v.description;
export const text = (description: string) => v.pipe(v.string(), about(description));
export const flag = (description: string) => v.optional(v.pipe(v.boolean(), about(description)));
export const whole = (min: number, max: number, description: string) =>
  v.pipe(
    v.number(),
    v.integer(code('wrong-type')),
    v.minValue(min, code('wrong-value')),
    v.maxValue(max, code('wrong-value')),
    about(description),
  );
export const oneOf = <const T extends readonly string[]>(words: T, description: string) =>
  v.optional(v.pipe(v.picklist(words, code('wrong-value')), about(description)));

/** netplan up to 0.106 writes larger metrics and tables as negative numbers. */
export const NETPLAN_MAX = 2147483647;

const MAC = /^[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}$/;

export const mac = (description: string) =>
  v.pipe(v.string(), v.regex(MAC, code('mac-malformed')), about(description));

export const macaddress = (description: string) => v.optional(mac(description));

export const mtu = (description: string) =>
  v.optional(
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
