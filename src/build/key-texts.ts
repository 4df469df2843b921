/**
 * An example for each key of the language, as short as golden intents have one: `#key-examples`. The
 * bundler puts the texts themselves in its place (`bundle.ts`).
 */
import { parse, stringify } from 'yaml';
import { keyPlaces } from '../explain/keys.ts';
import { rightIntents } from './texts.ts';

type Value = unknown;

/** Intents without an error of their own, the shortest first. */
function intents(): Value[] {
  const texts = rightIntents().sort((a, b) => a.length - b.length);
  return texts.map((text) => parse(text, { merge: true, uniqueKeys: false }) as Value);
}

const isMapping = (value: Value): value is Readonly<Record<string, Value>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a link is on top of goes with whatever else is shown of it. */
const CONTEXT = ['parent', 'type'];

/**
 * The part of an intent that leads to a key; of a list the first item that has it, whole.
 * @param steps `shims`, `<name>`, `routes[]`, `via`
 */
function partOf(value: Value, [step, ...rest]: readonly string[]): Value {
  if (step === undefined) return value;
  if (!isMapping(value)) return undefined;
  if (step.startsWith('<')) {
    const found = Object.entries(value)
      .map(([name, item]) => [name, partOf(item, rest), item] as const)
      .find(([, part]) => part !== undefined);
    if (!found) return undefined;
    const [name, part, whole] = found;
    const context = isMapping(whole) ? CONTEXT.filter((key) => key in whole) : [];
    return isMapping(part) && isMapping(whole)
      ? { [name]: { ...Object.fromEntries(context.map((key) => [key, whole[key]])), ...part } }
      : { [name]: part };
  }
  const key = step.replace('[]', '');
  const inner = value[key];
  if (step === key) {
    const part = partOf(inner, rest);
    return part === undefined ? undefined : { [key]: part };
  }
  const item = Array.isArray(inner) && inner.find((one) => partOf(one, rest) !== undefined);
  return item ? { [key]: [item] } : undefined;
}

/** By the path of the key, as `explain` prints it; absent: no golden intent has the key. */
export function allKeyExamples(): Record<string, string> {
  const all = intents();
  const examples = keyPlaces().flatMap(({ path }) => {
    const parts = all.map((intent) => partOf(intent, path.split('.')));
    const texts = parts.flatMap((part) =>
      part === undefined ? [] : [stringify(part, { lineWidth: 0 })],
    );
    const [shortest] = texts.sort((a, b) => a.length - b.length);
    return shortest === undefined ? [] : [[path, shortest] as const];
  });
  return Object.fromEntries(examples);
}
