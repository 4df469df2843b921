/** The part used of npm's `ini`, which has no types: the reader of plain `KEY=value` files. */
declare module 'ini' {
  /** @returns keys with their values, without quotes */
  export function decode(text: string): Readonly<Record<string, unknown>>;
}
