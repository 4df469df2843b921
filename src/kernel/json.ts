/**
 * What `ip -j` prints: a list of flat objects. Versions differ in which keys are there, and some
 * print `{}` for what was left out; what is not of the expected shape is passed over.
 */

export type Fields = Readonly<Record<string, unknown>>;

/** More entries than a host has of anything: what is above is not read. */
export const MAX_ENTRIES = 100_000;

/** The objects of a list, without empty ones; undefined if the text is not such a list. */
export function readObjects(text: string): readonly Fields[] | undefined {
  // With nothing to show, `ip` prints nothing, or an empty list.
  if (text.trim() === '') return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Not JSON, or nested deeper than the engine's stack.
    return undefined;
  }
  if (!Array.isArray(value)) return undefined;
  return objectsIn(value);
}

export const objectsIn = (value: unknown): readonly Fields[] =>
  Array.isArray(value)
    ? value.slice(0, MAX_ENTRIES).filter((one): one is Fields => {
        return typeof one === 'object' && one !== null && Object.keys(one).length > 0;
      })
    : [];

export function textOf(fields: Fields, key: string): string | undefined {
  const value = own(fields, key);
  return typeof value === 'string' ? value : undefined;
}

/** A whole number, which may be negative. */
export function signedOf(fields: Fields, key: string): number | undefined {
  const value = own(fields, key);
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined;
}

/** A number, also where it is printed as text, in decimal or as `0x10`. */
export function numberOf(fields: Fields, key: string): number | undefined {
  const value = own(fields, key);
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || !/^(?:[0-9]{1,10}|0x[0-9a-f]{1,8})$/i.test(value)) {
    return undefined;
  }
  return Number(value);
}

/** A flag: printed as `true`, or as `null` by older versions (print_null). */
export const isSet = (fields: Fields, key: string): boolean =>
  Object.hasOwn(fields, key) && fields[key] !== false;

export const textsOf = (fields: Fields, key: string): readonly string[] => {
  const value = own(fields, key);
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
};

export function fieldsOf(fields: Fields, key: string): Fields {
  const value = own(fields, key);
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : {};
}

const own = (fields: Fields, key: string): unknown =>
  Object.hasOwn(fields, key) ? fields[key] : undefined;
