/** Parameters of bonds and bridges: from the intent into the model, and for back ends one by one. */
import type { Path } from '../diagnostics/diagnostic.ts';
import { BOND, type BondRow, BRIDGE, type BridgeRow, type Row } from '../intent/schema.ts';
import type { BondParameters, BridgeParameters } from './types.ts';

export { type Row, unitOf } from '../intent/schema.ts';

type Value = string | number | boolean | readonly string[];

/** A parameter that has a value: netplan's word for it, and the row with what others call it. */
export interface Setting<R extends Row, Word extends string> {
  readonly word: Word;
  readonly row: R;
  readonly value: Value;
  readonly why: string;
  readonly origin: Path;
}

export type BondSetting = Setting<BondRow, keyof typeof BOND>;
export type BridgeSetting = Setting<BridgeRow, keyof typeof BRIDGE>;

/** What a bond's parameters are, in the order of the table. */
export const bondSettings = ({ values, origin }: BondParameters): BondSetting[] =>
  settings<BondRow, keyof typeof BOND>(BOND, values, origin);

/** As for a bond. */
export const bridgeSettings = ({ values, origin }: BridgeParameters): BridgeSetting[] =>
  settings<BridgeRow, keyof typeof BRIDGE>(BRIDGE, values, origin);

function settings<R extends Row, Word extends string>(
  table: Readonly<Record<Word, R>>,
  values: { readonly [W in Word]?: Value | undefined },
  origin: Path,
): Setting<R, Word>[] {
  return (Object.keys(table) as Word[]).flatMap((word) => {
    const value = values[word];
    const row = table[word];
    if (value === undefined || (Array.isArray(value) && value.length === 0)) return [];
    const why =
      row.default?.value === value
        ? row.default.why
        : `The intent sets \`${word}\`; without it the kernel's default applies.`;
    return { word, row, value, why, origin: [...origin, word] };
  });
}

/**
 * The values of a table's words, in its order: two models with the same values print the same.
 * @param pick undefined where the kernel's default holds
 */
export function valuesIn<Word extends string>(
  table: Readonly<Record<Word, Row>>,
  pick: (word: Word) => Value | undefined,
): { readonly [W in Word]?: Value } {
  const found = (Object.keys(table) as Word[]).flatMap((word) => {
    const value = pick(word);
    return value === undefined ? [] : [[word, value] as const];
  });
  return Object.fromEntries(found) as { readonly [W in Word]?: Value };
}
