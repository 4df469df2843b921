/** An intent as text: notations, quotes, orders and spellings that mean the same. */
import fc from 'fast-check';
import type { IntentData } from './data.ts';
import { type Dice, dice } from './dice.ts';
import { seed } from './draw.ts';

type Value = string | number | boolean | readonly Value[] | Dictionary;

/** Keys in an order; whether that order says something. */
interface Dictionary {
  readonly entries: readonly (readonly [string, Value])[];
  /** The user chose the keys: their order is the order of stanzas. */
  readonly isOrdered: boolean;
}

const isDictionary = (value: Value): value is Dictionary =>
  typeof value === 'object' && 'entries' in value && !Array.isArray(value);

function toValue(data: unknown): Value {
  if (typeof data === 'string' || typeof data === 'number' || typeof data === 'boolean')
    return data;
  if (Array.isArray(data)) return data.map(toValue);
  if (data instanceof Map) {
    return {
      entries: [...data].map(([key, value]) => [String(key), toValue(value)]),
      isOrdered: true,
    };
  }
  if (typeof data !== 'object' || data === null) throw new Error('no data of an intent');
  const entries = Object.entries(data).map(([key, value]) => [key, toValue(value)] as const);
  return { entries, isOrdered: false };
}

export interface Style {
  /** What the text is written as; `mixed` is block YAML with flow collections in it. */
  readonly notation: 'block' | 'mixed' | 'flow' | 'json';
  readonly seed: number;
}

export const style: fc.Arbitrary<Style> = fc.record({
  notation: fc.constantFrom('block', 'mixed', 'flow', 'json'),
  seed,
});

/** Words that YAML 1.2 reads as null: as text they are quoted. */
const NULLS = new Set(['', '~', 'null', 'Null', 'NULL']);

const PLAIN = /^(?![-:])(?!.*:$)[A-Za-z0-9_.~/:-]+$/;

/** The text of an intent; keys of the language in any order, quotes and notation as it falls. */
export function print(intent: IntentData, { notation, seed: at }: Style): string {
  const d = dice(at);
  const value = toValue(intent);
  if (notation === 'json') return json(value, d, d.once(2) ? '  ' : '', '');
  const writer = new YamlWriter(d, notation);
  const text = writer.document(value);
  return d.once(8) ? text.replaceAll('\n', '\r\n') : text;
}

export function shuffled<T>(items: readonly T[], d: Dice): T[] {
  const rest = [...items];
  for (let i = rest.length - 1; i > 0; i -= 1) {
    const j = d.below(i + 1);
    const [a, b] = [rest[i], rest[j]];
    if (a !== undefined && b !== undefined) [rest[i], rest[j]] = [b, a];
  }
  return rest;
}

const entriesOf = (
  { entries, isOrdered }: Dictionary,
  d: Dice,
): readonly (readonly [string, Value])[] => (isOrdered ? entries : shuffled(entries, d));

function json(value: Value, d: Dice, step: string, indent: string): string {
  if (typeof value === 'number') return numberText(value, d, true);
  if (typeof value === 'string') return quoted(value, d);
  if (typeof value === 'boolean') return String(value);
  const inner = indent + step;
  const parts = isDictionary(value)
    ? entriesOf(value, d).map(
        ([key, item]) => `${quoted(key, d)}:${step && ' '}${json(item, d, step, inner)}`,
      )
    : value.map((item) => json(item, d, step, inner));
  const [open, close] = isDictionary(value) ? '{}' : '[]';
  if (parts.length === 0) return `${open}${close}`;
  if (step === '') return `${open}${parts.join(',')}${close}`;
  return `${open}\n${parts.map((part) => inner + part).join(',\n')}\n${indent}${close}`;
}

/** In double quotes; JSON and YAML agree on these escapes. */
function quoted(text: string, d: Dice): string {
  const unicode = (char: string): string =>
    `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const safe = JSON.stringify(text).replace(/[^\x20-\x7e]/g, unicode);
  return d.once(8) && !safe.includes('\\') ? safe.replace(/[A-Za-z0-9]/, unicode) : safe;
}

function numberText(value: number, d: Dice, isJson: boolean): string {
  const decimal = String(value);
  const exponent = /0$/.test(decimal) && value !== 0 ? `${decimal.slice(0, -1)}e1` : decimal;
  const signed = [exponent, `${decimal}.0`];
  // YAML 1.2 has no negative number in base 16 or 8 (core schema, 10.3.2).
  const others =
    isJson || value < 0
      ? signed
      : [`0x${value.toString(16)}`, `0o${value.toString(8)}`, ...signed, `+${decimal}`];
  return d.once(4) ? d.pick(others) : decimal;
}

class YamlWriter {
  private readonly d: Dice;
  private readonly flowShare: number;
  private readonly withAnchors: boolean;
  private readonly anchors = new Map<string, string>();
  private readonly merges: { name: string; entries: Map<string, string> }[] = [];

  constructor(d: Dice, notation: 'block' | 'mixed' | 'flow') {
    this.d = d;
    this.flowShare = notation === 'block' ? 0 : notation === 'mixed' ? 2 : 1;
    this.withAnchors = d.once(3);
  }

  document(value: Value): string {
    const { d } = this;
    const start = d.once(8) ? '\uFEFF' : '';
    const head = d.once(6) ? (d.once(2) ? '%YAML 1.2\n---\n' : '---\n') : '';
    const end = d.once(8) ? '...\n' : '';
    const body = this.flowShare === 1 ? `${this.flow(value, '')}\n` : this.block(value, '');
    return `${start}${this.comment('')}${head}${body}${end}${this.comment('')}`;
  }

  private comment(indent: string): string {
    return this.d.once(12) ? `${indent}# {a: [comment, "of no weight\n` : '';
  }

  /** Lines of a collection that is not empty, each with its indent. */
  private block(value: Value, indent: string): string {
    const { d } = this;
    if (typeof value !== 'object') throw new Error('no collection');
    if (!isDictionary(value)) {
      return value.map((item) => this.item(item, indent)).join('');
    }
    let text = '';
    for (const [key, item] of this.merged(entriesOf(value, d), indent, (line) => (text += line))) {
      text += this.comment(indent);
      text += this.entry(`${indent}${this.scalar(key)}:`, item, indent);
    }
    return text;
  }

  private item(item: Value, indent: string): string {
    if (typeof item !== 'object' || isEmpty(item) || this.d.once(3))
      return this.entry(`${indent}-`, item, indent);
    const lines = this.block(item, `${indent}  `).split('\n');
    // Comments may come first; the mark goes before the first thing that counts.
    const first = lines.findIndex((line) => !line.trimStart().startsWith('#'));
    const marked = `${indent}- ${lines[first]?.slice(indent.length + 2)}`;
    return lines.with(first, marked).join('\n');
  }

  private entry(prefix: string, value: Value, indent: string): string {
    const { d } = this;
    const trail = d.once(12) ? '  # said: {so' : '';
    if (typeof value !== 'object') {
      if (typeof value === 'string' && /^[!-~]+$/.test(value) && d.once(30)) {
        return `${prefix} ${d.pick(['|-', '>-'])}\n${indent}    ${value}\n`;
      }
      return `${prefix} ${this.scalar(value)}${trail}\n`;
    }
    const anchored = this.anchor(value);
    if (anchored.startsWith('*')) return `${prefix} ${anchored}\n`;
    const named = anchored === '' ? '' : ` ${anchored}`;
    if (isEmpty(value) || (this.flowShare > 0 && d.once(this.flowShare))) {
      return `${prefix}${named} ${this.flow(value, indent)}${trail}\n`;
    }
    const deeper =
      !isDictionary(value) && prefix.endsWith(':') && d.once(2)
        ? indent
        : `${indent}${d.pick(['  ', '  ', '    ', ' '])}`;
    return `${prefix}${named}${trail}\n${this.block(value, deeper)}`;
  }

  private flow(value: Value, indent: string): string {
    const { d } = this;
    if (typeof value !== 'object') return this.scalar(value);
    const parts = isDictionary(value)
      ? entriesOf(value, d).map(([key, item]) => `${this.scalar(key)}: ${this.flow(item, indent)}`)
      : value.map((item) => this.flow(item, indent));
    const [open, close] = isDictionary(value) ? '{}' : '[]';
    const comma = d.once(4) ? `,\n${indent}  ` : ', ';
    const last = parts.length > 0 && d.once(8) ? ',' : '';
    return `${open}${parts.join(comma)}${last}${close}`;
  }

  /** `&name ` for the first of several equal collections, `*name` for the later ones. */
  private anchor(value: Value): string {
    if (!this.withAnchors || typeof value !== 'object' || isEmpty(value)) return '';
    const key = JSON.stringify(value);
    const known = this.anchors.get(key);
    if (known !== undefined) return `*${known}`;
    const given = `a${this.anchors.size}`;
    this.anchors.set(key, given);
    if (isDictionary(value) && !value.isOrdered) {
      const entries = new Map(value.entries.map(([k, v]) => [k, JSON.stringify(v)]));
      this.merges.push({ name: given, entries });
    }
    return `&${given}`;
  }

  /** The entries to write; what an earlier mapping says alike is merged in by `<<`. */
  private merged(
    entries: readonly (readonly [string, Value])[],
    indent: string,
    write: (line: string) => void,
  ): readonly (readonly [string, Value])[] {
    const own = new Map(entries.map(([key, value]) => [key, JSON.stringify(value)]));
    const base = this.merges.find(
      (other) =>
        other.entries.size > 1 &&
        [...other.entries].every(([key]) => own.has(key)) &&
        [...other.entries].some(([key, text]) => own.get(key) === text),
    );
    // A mapping is known before it is written: it must not be merged into itself.
    if (
      !base ||
      [...base.entries].every(
        ([key, text]) => own.get(key) === text && own.size === base.entries.size,
      )
    )
      return entries;
    write(`${indent}<<: *${base.name}\n`);
    return entries.filter(([key]) => base.entries.get(key) !== own.get(key));
  }

  private scalar(value: string | number | boolean): string {
    const { d } = this;
    if (typeof value === 'number') return numberText(value, d, false);
    if (typeof value === 'boolean') {
      const text = String(value);
      return d.once(6)
        ? d.pick([text.toUpperCase(), text.charAt(0).toUpperCase() + text.slice(1)])
        : text;
    }
    const isPlain = PLAIN.test(value) && !NULLS.has(value);
    const kind = d.below(4);
    if (isPlain && kind > 1) return value;
    if (kind === 1 && /^[\x20-\x7e]*$/.test(value)) return `'${value.replaceAll("'", "''")}'`;
    return quoted(value, d);
  }
}

const isEmpty = (value: Value): boolean =>
  typeof value === 'object' &&
  (isDictionary(value) ? value.entries.length === 0 : value.length === 0);
