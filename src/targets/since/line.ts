/** What a table of versions says of one key. */

export interface Since {
  /** The key, as messages call it. */
  readonly key: string;
  readonly since: string;
  /** Where that can be looked up. */
  readonly source: string;
  /** Without this key the arrangement that asks for it cannot be had; other keys are left out. */
  readonly lacking?: 'refused';
  /** Marks the older spelling of a key. */
  readonly newer?: string;
}

export type Extra = Pick<Since, 'lacking' | 'newer'>;

export type Line = readonly [since: string, source: string, extra?: Extra | undefined];

/** Keys of one manual page → their lines; `key=value` where a value came later than its key. */
export type Lines = Readonly<Record<string, Line>>;

export const REFUSED = { lacking: 'refused' } as const satisfies Extra;
