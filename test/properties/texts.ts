/** Hostile texts, and the texts that an intent has. */

export const words = (text: string): string[] => text.trim().split(/\s+/);

export const HOSTILE = [
  ...words(`
    ] [ [x] [Network] ; \\; \\ % %i %% $ $(x) {{x}} {{{x}}} ../ / .. . # &a *a !!x | > " ' , = ? @ *
    __proto__ constructor prototype toString null ~ true yes 0 007 1e3 0x10 -1 :: ::1 0.0.0.0/0
    lo all default version renderer eth0 veth0 198.51.100.1/24 2001:db8::1/64 fe80::1%eth0
  `),
  ...[
    '',
    ' ',
    'a b',
    'default ',
    ' #',
    ': ',
    '- ',
    '`x`',
    '$' + '{x}',
    '\n[Match]\nName=*\n',
    '\nDHCP=yes',
  ],
  // Ends of lines, control characters, what a terminal obeys, and what is not a character at all.
  ...[
    '\n',
    '\r',
    '\t',
    '\0',
    '\u001b[31m',
    '\u007f',
    '\u0085',
    '\u00a0',
    '\u2028',
    '\u2029',
    '\ufeff',
    '\ud800',
    '𝕏',
    'é',
  ],
];

/** In the order of the positions of `withText`. */
export function* flatTexts(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (value instanceof Map) {
    for (const [key, item] of value) {
      yield String(key);
      yield* flatTexts(item);
    }
  } else if (typeof value === 'object' && value !== null)
    for (const item of Object.values(value)) yield* flatTexts(item);
}
