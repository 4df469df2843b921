/**
 * fnmatch(3) without flags, as glibc matches in the C locale: networkd, ifupdown and netplan match
 * names with it. Patterns come from files of others, so no regular expression is built from them, and
 * the work is bounded by the length of the pattern times that of the name.
 */

/** Whether a character fits. */
type Test = (char: string) => boolean;

/** What one character must be, or any number of any. */
type Token = '*' | Test;

/** Whether a whole name fits a pattern of the shell: `*`, `?`, brackets, `\` before a literal. */
export function fnmatch(pattern: string, name: string): boolean {
  const tokens = tokensOf(pattern);
  let token = 0;
  let index = 0;
  // Where to resume after a mismatch: after the latest star, which then takes one character more.
  let behindStar = -1;
  let starTakes = 0;
  while (index < name.length) {
    const wanted = tokens[token];
    if (wanted === '*') {
      behindStar = ++token;
      starTakes = index;
    } else if (wanted?.(name[index] ?? '')) {
      token++;
      index++;
    } else if (behindStar < 0) {
      return false;
    } else {
      token = behindStar;
      index = ++starTakes;
    }
  }
  return tokens.slice(token).every((rest) => rest === '*');
}

const never: Test = () => false;

function tokensOf(pattern: string): Token[] {
  const tokens: Token[] = [];
  const brackets = bracketReader(pattern);
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] ?? '';
    const bracket = char === '[' ? brackets(at + 1) : undefined;
    if (bracket) {
      tokens.push(bracket.fits);
      at = bracket.end - 1;
    } else if (char === '*') {
      if (tokens.at(-1) !== '*') tokens.push('*');
    } else if (char === '?') {
      tokens.push(() => true);
    } else if (char === '\\') {
      const literal = pattern[++at];
      tokens.push(literal === undefined ? never : (other) => other === literal);
    } else {
      tokens.push((other) => other === char);
    }
  }
  return tokens;
}

interface Bracket {
  readonly fits: Test;
  /** After its `]`. */
  readonly end: number;
}

/** Part of a bracket: whether it has a character; `invalid`: no character fits the bracket. */
type Item = 'invalid' | Test;

/**
 * Reads brackets of a pattern. Undefined for one without an end: its `[` is a literal. A failed search
 * for an end is remembered, as the next `[` would repeat it.
 */
function bracketReader(pattern: string): (from: number) => Bracket | undefined {
  const endless = new Set<number>();
  return (from) => {
    const isNegated = pattern[from] === '!' || pattern[from] === '^';
    const items: Item[] = [];
    const visited: number[] = [];
    let at = isNegated ? from + 1 : from;
    // A `]` in the first place is a literal.
    do {
      if (at >= pattern.length || endless.has(at)) {
        for (const place of visited) endless.add(place);
        return items.includes('invalid') ? { fits: never, end: pattern.length } : undefined;
      }
      visited.push(at);
      const { item, end } = itemAt(pattern, at);
      items.push(item);
      at = end;
    } while (pattern[at] !== ']');
    return { fits: (char) => hasChar(items, isNegated, char), end: at + 1 };
  };
}

function hasChar(items: readonly Item[], isNegated: boolean, char: string): boolean {
  for (const item of items) {
    if (item === 'invalid') return false;
    if (item(char)) return !isNegated;
  }
  return isNegated;
}

interface Read {
  readonly item: Item;
  readonly end: number;
}

function itemAt(pattern: string, at: number): Read {
  const opening = pattern.slice(at, at + 2);
  if (opening === '[:') {
    const name = classNameAt(pattern, at + 2);
    if (name !== undefined) {
      return { item: CLASSES.get(name) ?? 'invalid', end: at + name.length + 4 };
    }
  }
  if (opening === '[=' && pattern.slice(at + 3, at + 5) === '=]') {
    const same = pattern[at + 2];
    return { item: (char) => char === same, end: at + 5 };
  }
  const low = charAt(pattern, at);
  if (low.char === undefined) return { item: 'invalid', end: low.end };
  const first = low.char;
  if (pattern[low.end] !== '-' || pattern[low.end + 1] === ']') {
    return { item: (char) => char === first, end: low.end };
  }
  const high = charAt(pattern, low.end + 1);
  const last = high.char;
  if (last === undefined) return { item: 'invalid', end: high.end };
  return { item: (char) => first <= char && char <= last, end: high.end };
}

/** A character of a bracket: itself, after `\`, or between `[.` and `.]`. */
function charAt(
  pattern: string,
  at: number,
): { readonly char: string | undefined; readonly end: number } {
  const char = pattern[at];
  if (char === '\\') return { char: pattern[at + 1], end: at + 2 };
  if (char !== '[' || pattern[at + 1] !== '.') return { char, end: at + 1 };
  const end = pattern.indexOf('.]', at + 3);
  // The C locale has no names of characters.
  return end === at + 3
    ? { char: pattern[at + 2], end: end + 2 }
    : { char: undefined, end: end < 0 ? pattern.length : end + 2 };
}

/** The name in `[:name:]`; undefined if there is none, and the `[` is a literal. */
function classNameAt(pattern: string, from: number): string | undefined {
  let at = from;
  while (/^[a-y]$/.test(pattern[at] ?? '')) at++;
  return pattern.startsWith(':]', at) ? pattern.slice(from, at) : undefined;
}

const CLASSES: ReadonlyMap<string, Test> = new Map(
  Object.entries({
    alnum: /^[0-9A-Za-z]$/,
    alpha: /^[A-Za-z]$/,
    blank: /^[ \t]$/,
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are the class.
    cntrl: /^[\x00-\x1f\x7f]$/,
    digit: /^[0-9]$/,
    graph: /^[!-~]$/,
    lower: /^[a-z]$/,
    print: /^[ -~]$/,
    punct: /^[!-/:-@[-`{-~]$/,
    space: /^[\t-\r ]$/,
    upper: /^[A-Z]$/,
    xdigit: /^[0-9A-Fa-f]$/,
  }).map(([name, source]) => [name, (char: string) => source.test(char)]),
);
