/** The texts of an intent, and one of them in the place of another. */

import type { IntentData } from './data.ts';

/** How many texts of an intent there are to put something else in the place of. */
export const countTexts = (data: IntentData): number => textSetters(data).length;

/** The intent with the `position`th of its texts (names of parents and shims too) replaced. */
export function withText(data: IntentData, position: number, text: string): IntentData {
  const copy = structuredClone(data);
  textSetters(copy)[position]?.(text);
  return copy;
}

function textSetters(data: object): ((text: string) => void)[] {
  const setters: ((text: string) => void)[] = [];
  const visit = (value: unknown, replace: (text: string) => void): void => {
    if (typeof value === 'string') setters.push(replace);
    else if (value instanceof Map) {
      for (const [key, item] of value) {
        setters.push((text) => {
          const entries = [...value].map(([k, v]) => [k === key ? text : k, v] as const);
          value.clear();
          for (const [k, v] of entries) value.set(k, v);
        });
        visit(item, (text) => value.set(key, text));
      }
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        visit(item, (text) => Object.assign(value, { [key]: text }));
      }
    }
  };
  visit(data, () => {});
  return setters;
}
