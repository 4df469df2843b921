/** What we use of npm's `ini`, which brings no types: the reader of plain `KEY=value` files. */
declare module 'ini' {
  /** @returns keys with their values; quotes are taken off */
  export function decode(text: string): Readonly<Record<string, unknown>>;
}
