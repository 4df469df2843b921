/** Options of bonds and bridges in other systems' words → `parameters`. */
import { BOND, BOND_MODES, BRIDGE, type Row } from '../intent/language/parameters.ts';
import { type FoundLink, leave, type Origin, scalarOf, set } from './found.ts';
import { flagOf, ipOf, timeOf, wholeOf, wordsIn } from './values.ts';

interface NamedRow extends Row {
  readonly word: string;
  readonly systemd?: string;
  readonly modes?: readonly string[];
}

const rowsOf = (table: Readonly<Record<string, Row>>): NamedRow[] =>
  Object.entries(table).map(([word, row]) => ({ ...row, word }));

const ROWS: Readonly<Record<'bond' | 'bridge', readonly NamedRow[]>> = {
  bond: rowsOf(BOND),
  bridge: rowsOf(BRIDGE),
};

/** In whose words an option is; systemd has times with units. */
export type Words = 'netplan' | 'systemd' | 'kernel';

/** @param kernelName of ifupdown and NetworkManager's bonds: `xmit_hash_policy` */
export function setParameter(
  link: FoundLink,
  words: Words,
  name: string,
  text: string,
  origin: Origin,
): void {
  const shown = `${name}=${text}`;
  const row =
    link.kind === 'bond' || link.kind === 'bridge'
      ? ROWS[link.kind].find((item) => nameIn(item, words) === name)
      : undefined;
  const value = row && parameterOf(row, text, words);
  if (!row || value === undefined) leave(link, origin, shown);
  else set(link, `parameters.${row.word}`, value, origin);
}

function nameIn(row: NamedRow, words: Words): string | undefined {
  if (words === 'netplan') return row.word;
  return words === 'systemd' ? row.systemd : row.kernel;
}

function parameterOf(
  { takes, word, unit }: NamedRow & { readonly unit?: string },
  text: string,
  words: Words,
): string | number | boolean | string[] | undefined {
  if (takes === 'flag') return flagOf(text);
  if (takes === 'text') return /^[^\s/:]{1,15}$/.test(text) ? text : undefined;
  if (takes === 'addresses') {
    const all = wordsIn(text).map(ipOf);
    return all.every((item) => item !== undefined) ? (all as string[]) : undefined;
  }
  if (Array.isArray(takes)) return wordOf(takes, word, text);
  const range = takes as Exclude<Row['takes'], string | readonly string[]>;
  const isTime = range.unit !== undefined && words === 'systemd';
  const plain = /^(\d+)(ms|s)?$/.exec(text.trim());
  const number = isTime
    ? inUnit(timeOf(text), range.unit)
    : plain && range.unit === 'ms' && plain[2] === 's'
      ? Number(plain[1]) * 1000
      : wholeOf(plain?.[1] ?? text);
  void unit;
  return number !== undefined && number >= range.min && number <= range.max ? number : undefined;
}

const inUnit = (ms: number | undefined, unit: 'ms' | 's' | undefined): number | undefined =>
  ms === undefined || unit !== 's' ? ms : Number.isInteger(ms / 1000) ? ms / 1000 : undefined;

/** Words of the kernel have numbers, too: mode `1`, rate `1`. */
function wordOf(known: readonly string[], key: string, text: string): string | undefined {
  const word = text.trim().toLowerCase();
  if (known.includes(word)) return word;
  const list: readonly string[] =
    key === 'mode'
      ? BOND_MODES
      : key === 'primary-reselect-policy'
        ? ['always', 'better', 'failure']
        : known;
  return /^\d$/.test(word) ? list[Number(word)] : undefined;
}

/** Options that the bond's mode does not know are without effect, and errors in an intent. */
export function dropForeignParameters(link: FoundLink): void {
  if (link.kind !== 'bond') return;
  const mode = scalarOf(link, 'parameters.mode');
  for (const { word, modes } of ROWS.bond) {
    const entry = link.entries.find(({ key }) => key === `parameters.${word}`);
    if (!entry || !modes || modes.includes(String(mode))) continue;
    link.entries.splice(link.entries.indexOf(entry), 1);
    leave(link, entry.origin, word, `Mode \`${String(mode)}\` does not use it.`);
  }
}
