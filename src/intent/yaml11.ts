/** Words that YAML 1.1, netplan's, takes for something else than YAML 1.2 does. */
import { type Fix, setWord } from '../diagnostics/fix.ts';
import type { Scalar } from './yaml.ts';

/** What is looked at of a valibot schema. */
interface Expected {
  readonly type: string;
  readonly options?: readonly { readonly type: string }[];
}

interface Habit {
  readonly message: string;
  readonly extra: { readonly hint: string; readonly fix?: Fix };
}

/** What a plain scalar meant in YAML 1.1, where that is what its author had in mind. */
export function yaml11Habit(scalar: Scalar, expected: Expected): Habit | undefined {
  const source = scalar.source ?? '';
  const wantsBoolean =
    expected.type === 'boolean' ||
    (expected.type === 'union' && expected.options?.some(({ type }) => type === 'boolean'));
  const truth = wantsBoolean ? yaml11Boolean(source) : undefined;
  if (truth !== undefined) {
    return {
      message: `\`${source}\` is text in YAML 1.2, not a boolean.`,
      extra: { hint: 'Write `true` or `false`.', fix: setWord(truth) },
    };
  }
  if (expected.type !== 'number' || !NUMBER.test(source)) return undefined;
  const meaning = typeof scalar.value === 'number' ? `the number ${scalar.value}` : 'text';
  const hint = 'Write the number in decimal, without a leading zero, `_` or `:`.';
  // Octal and sexagesimal numbers may be meant as they are read today: only `_` is sure.
  const isGrouped = /^[1-9][0-9]*(?:_[0-9]+)+$/.test(source);
  return {
    message: `\`${source}\` is ${meaning} in YAML 1.2, and was another number in YAML 1.1.`,
    extra: { hint, ...(isGrouped && { fix: setWord(source.replaceAll('_', '')) }) },
  };
}

const NUMBER = /^[-+]?(?:0[0-9_]+|[0-9]+(?:_[0-9]+)+|[0-9]+(?::[0-9]+)+)$/;

/** `true` or `false` for a word that YAML 1.1 took for one of them. */
export function yaml11Boolean(text: string): 'true' | 'false' | undefined {
  if (/^(?:y|yes|on)$/i.test(text)) return 'true';
  return /^(?:n|no|off)$/i.test(text) ? 'false' : undefined;
}
