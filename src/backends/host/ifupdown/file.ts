/**
 * One file of ifupdown, as classic ifupdown 0.8 reads it (interfaces(5); config.c), with the additions
 * of ifupdown2 and ifupdown-ng. Their differences were tried on 0.8.41, 3.0.0 and 0.12.1.
 */

/** A line that is not an option of a stanza. */
export type Statement = Names | Stanza | Mapping | Source;

/** `auto`, `allow-hotplug`, `rename`. */
export interface Names {
  readonly kind: 'auto' | 'hotplug' | 'rename';
  readonly line: number;
  readonly names: readonly string[];
}

/** `source`, `source-directory`. */
export interface Source {
  readonly kind: 'source' | 'source-directory';
  readonly line: number;
  readonly path: string;
}

/** `iface`. */
export interface Stanza {
  readonly kind: 'iface';
  readonly line: number;
  readonly name: string;
  /** Optional in ifupdown2 and ifupdown-ng. */
  readonly family?: string;
  readonly method?: string;
  readonly inherits?: string;
  /** Keys with `-` for `_`: classic ifupdown and ifupdown2 accept both, ifupdown-ng not for all (`forNg`). */
  readonly options: Option[];
}

export interface Option {
  readonly key: string;
  /** The key as it is written, where that has a `_`. */
  readonly written?: string;
  readonly value: string;
  readonly line: number;
}

/** `mapping`: a script chooses the stanza. */
export interface Mapping {
  readonly kind: 'mapping';
  readonly line: number;
  readonly names: readonly string[];
  readonly maps: string[];
}

/** The line at which classic ifupdown stops reading, and why. */
export interface Refusal {
  readonly line: number;
  readonly because: string;
}

export interface InterfacesFile {
  readonly statements: readonly Statement[];
  /**
   * The first line that classic ifupdown refuses: it reads no further, and ignores all of
   * `/etc/network/interfaces`. The other two go on.
   */
  readonly refusal?: Refusal;
}

interface Line {
  readonly line: number;
  readonly word: string;
  readonly rest: string;
}

const BLANKS = /[ \t\r\v\f]+/;

/**
 * Lines of a file: a `\` at the end continues a line; `#` begins a comment only at the beginning of a
 * line, and a comment is not continued.
 */
function linesOf(text: string): Line[] {
  const raw = text.split('\n');
  const found: Line[] = [];
  for (let at = 0; at < raw.length; at++) {
    const line = at + 1;
    const first = (raw[at] ?? '').trimStart();
    if (first.startsWith('#')) continue;
    const parts = [first];
    while (parts.at(-1)?.endsWith('\\') && at + 1 < raw.length) {
      parts.push((parts.pop() ?? '').slice(0, -1), raw[++at] ?? '');
    }
    const whole = parts.join('').trim();
    if (whole === '') continue;
    const [word = ''] = whole.split(BLANKS, 1);
    found.push({ line, word, rest: whole.slice(word.length).trim() });
  }
  return found;
}

const wordsOf = (text: string): string[] => text.split(BLANKS).filter((word) => word !== '');

/** Methods of 0.8, by family; tried one by one. */
const METHODS: ReadonlyMap<string, string> = new Map([
  ['inet', 'loopback static manual dhcp bootp tunnel ppp wvdial ipv4ll'],
  ['inet6', 'auto loopback static manual dhcp tunnel v4tunnel 6to4'],
  ['can', 'static'],
  ['ipx', 'static dynamic'],
]);

const COMMANDS = /^(?:pre-up|up|post-up|pre-down|down|post-down)$/;

/** A `?` after a key sets it unless it is set already. */
function keyOf(word: string): string {
  const key = word.replace(/\?$/, '');
  return COMMANDS.test(key) ? key : key.replaceAll('_', '-');
}

/**
 * The options as ifupdown-ng 0.11 and 0.12 understand them: a bridge or bond is created for an option that begins with
 * `bridge-` or `bond-`, and not for `bridge_ports` alone, whose key stays as it is written.
 */
export function forNg<T extends Stanza>(stanza: T): T {
  const isMade = (kind: string): boolean =>
    stanza.options.some(
      ({ key, value, written }) =>
        (written === undefined && key.startsWith(`${kind}-`)) || (key === 'use' && value === kind),
    );
  const options = stanza.options.map((option) => {
    const [, kind] = /^(bridge|bond)-/.exec(option.key) ?? [];
    const isRead = option.written === undefined || kind === undefined || isMade(kind);
    return isRead ? option : { ...option, key: option.written ?? option.key };
  });
  return { ...stanza, options };
}

/** Reads a file; any text is accepted. */
export function readInterfaces(text: string): InterfacesFile {
  const statements: Statement[] = [];
  const stanzas = new Set<string>();
  let open: Stanza | Mapping | undefined;
  let refusal: Refusal | undefined;
  for (const { line, word, rest } of linesOf(text)) {
    const refuse = (because: string): void => {
      refusal ??= { line, because };
    };
    const statement = statementOf(word, rest, line);
    if (statement) {
      statements.push(statement);
      open = statement.kind === 'iface' || statement.kind === 'mapping' ? statement : undefined;
      if (statement.kind !== 'iface') continue;
      const because = refusalOf(word, statement, stanzas);
      if (because !== undefined) refuse(because);
      stanzas.add(statement.name);
    } else if (/^no-(?:auto-down|scripts)$/.test(word) || /^allow-./.test(word)) {
      open = undefined;
    } else if (open?.kind === 'mapping' && (word === 'script' || word === 'map')) {
      if (word === 'map') open.maps.push(rest);
    } else if (open?.kind === 'iface') {
      if (rest === '') refuse(`\`${word}\` has no value`);
      const key = keyOf(word);
      const isOther = key.includes('-') && word.includes('_');
      open.options.push({ key, value: rest, line, ...(isOther && { written: word }) });
    } else refuse(`\`${word}\` is outside of an \`iface\``);
  }
  return { statements, ...(refusal && { refusal }) };
}

function statementOf(word: string, rest: string, line: number): Statement | undefined {
  const names = wordsOf(rest);
  switch (word) {
    case 'auto':
    case 'allow-auto':
      return { kind: 'auto', line, names };
    case 'allow-hotplug':
      return { kind: 'hotplug', line, names };
    case 'rename':
      return { kind: 'rename', line, names };
    case 'mapping':
      return { kind: 'mapping', line, names, maps: [] };
    case 'source':
      return { kind: 'source', line, path: rest };
    case 'iface':
    // Of ifupdown-ng.
    case 'interface':
    case 'template':
      return { ...stanzaOf(names), line };
    default:
      return /^source-dir/.test(word) ? { kind: 'source-directory', line, path: rest } : undefined;
  }
}

function stanzaOf([name = '', ...words]: readonly string[]): Omit<Stanza, 'line'> {
  const at = words.indexOf('inherits');
  const [family, method] = at === -1 ? words : words.slice(0, at);
  const inherits = at === -1 ? undefined : (words[at + 1] ?? '');
  return {
    kind: 'iface',
    name,
    ...(family !== undefined && { family }),
    ...(method !== undefined && { method }),
    ...(inherits !== undefined && { inherits }),
    options: [],
  };
}

/** Why classic ifupdown refuses an `iface` line. */
function refusalOf(
  word: string,
  { name, family, method, inherits }: Stanza,
  before: ReadonlySet<string>,
): string | undefined {
  if (word !== 'iface') return `\`${word}\` is outside of an \`iface\``;
  if (name === '') return '`iface` has no name';
  if (inherits !== undefined && !before.has(inherits)) {
    return `\`iface ${name}\` inherits from \`${inherits}\`, which no line before it defines`;
  }
  if (family === undefined) {
    return inherits === undefined ? `\`iface ${name}\` has no address family` : undefined;
  }
  const methods = METHODS.get(family);
  if (methods === undefined) return `\`${family}\` is not an address family`;
  if (method === undefined) {
    return inherits === undefined ? `\`iface ${name}\` has no method` : undefined;
  }
  return methods.split(' ').includes(method)
    ? undefined
    : `\`${method}\` is not a method of ${family}`;
}
