/** Intents with one hostile text. */
import fc from 'fast-check';
import type { IntentData } from './intents/data.ts';
import { intent } from './intents/intent.ts';
import { style } from './intents/print.ts';
import { countTexts, withText } from './intents/texts.ts';
import { flatTexts, HOSTILE } from './texts.ts';

const hostileText = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc
    .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ maxLength: 3 })), { maxLength: 4 })
    .map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

export const poisoned = fc.record({
  data: intent,
  style,
  position: fc.nat(),
  hostile: hostileText,
  /** In place of what stands there, or beside it. */
  how: fc.constantFrom('instead', 'before', 'after'),
});

/** The texts of an intent, for those that are to be added to. */
export function poison({
  data,
  position,
  hostile,
  how,
}: {
  data: IntentData;
  position: number;
  hostile: string;
  how: string;
}): IntentData {
  const index = position % countTexts(data);
  if (how === 'instead') return withText(data, index, hostile);
  const old = [...flatTexts(data)][index] ?? '';
  return withText(data, index, how === 'before' ? `${hostile}${old}` : `${old}${hostile}`);
}
