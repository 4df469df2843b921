/** A slip in a random intent is fixed, and nothing else of its text changes. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compileFleet, type Fleet } from '../../src/compile-fleet.ts';
import { fixTexts } from '../../src/fix-texts.ts';
import { seed } from './intents/draw.ts';
import { intent } from './intents/intent.ts';
import { print, style } from './intents/print.ts';
import { check, RUNS } from './runs.ts';

/** What somebody may write in the place of a part of an intent. */
const SLIPS: readonly (readonly [what: RegExp, slip: (found: string) => string])[] = [
  // Words that YAML 1.1 has for a boolean.
  [/(?<=[\w-]: )(?:true|TRUE|True)\b/g, () => 'yes'],
  [/(?<=[\w-]: )(?:false|FALSE|False)\b/g, () => 'Off'],
  [/(?<=[\w-]: )(?:true|false)\b/g, (found) => `"${found}"`],
  // Keys that are one letter off.
  [
    /(?<=^|[\s{"',])(?:addresses|nameservers|parent|routes|optional)(?=["']?:(?:\s|["'[{]))/g,
    (found) => found.slice(0, 2) + found.slice(3),
  ],
  [
    /(?<=^|[\s{"',])(?:macaddress|wakeonlan|accept-ra|parameters)(?=["']?:(?:\s|["'[{]))/g,
    (found) => `${found}x`,
  ],
  // Other spellings.
  [/(?<=[\s"'])(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/gi, (found) => found.replaceAll(':', '-')],
  [/(?<=mtu: )[1-9][0-9]{2,4}(?=[\s,}]|$)/g, (found) => `'${found}'`],
  [/(?<=mtu: )[1-9][0-9]{3}(?=[\s,}]|$)/g, (found) => `${found[0]}_${found.slice(1)}`],
];

interface Slip {
  readonly text: string;
  readonly wrong: string;
  readonly line: number;
}

/** One of all slips that there may be in a text; not in comments. */
function slipIn(text: string, at: number): Slip | undefined {
  const all = SLIPS.flatMap(([what, slip]) =>
    [...text.matchAll(what)].map(({ 0: found, index }) => ({ found, index, by: slip(found) })),
  ).filter(({ index }) => !text.slice(text.lastIndexOf('\n', index) + 1, index).includes('#'));
  const slip = all[at % Math.max(1, all.length)];
  if (!slip) return undefined;
  const before = text.slice(0, slip.index);
  const wrong = before + slip.by + text.slice(slip.index + slip.found.length);
  return { text, wrong, line: before.split('\n').length - 1 };
}

const compiled = (text: string): Fleet =>
  compileFleet([{ file: 'intent.yaml', text }], { backends: [] });

/** What the text means, without places. */
const meaning = ({ hosts }: Fleet): string =>
  JSON.stringify(
    hosts.map(({ model }) => model),
    (key, value) => (key === 'origin' ? undefined : value),
  );

const comments = (text: string): string[] => text.match(/#.*/g) ?? [];

test('a slip is fixed, and only its line changes', () => {
  let fixedCount = 0;
  let slips = 0;
  check(
    RUNS,
    fc.tuple(intent, style, seed),
    ([data, how]) => print(data, how),
    ([data, how, at]) => {
      const slip = slipIn(print(data, how), at);
      if (!slip) return;
      const { text, wrong, line } = slip;
      slips += 1;
      const result = fixTexts([{ file: 'intent.yaml', text: wrong }], { backends: [] });
      const after = result.texts[0]?.text ?? '';
      assert.equal(comments(after), comments(wrong));
      assert.is(fixTexts(result.texts, { backends: [] }).texts[0]?.text, after, 'fixed twice');
      const [lines, old] = [after.split('\n'), wrong.split('\n')];
      assert.is(lines.length, old.length);
      assert.equal(
        lines.filter((one, index) => index !== line && one !== old[index]),
        [],
      );
      if (result.fixed.length === 0) return;
      fixedCount += 1;
      assert.is(meaning(result.fleet), meaning(compiled(text)), after);
    },
  );
  assert.ok(
    fixedCount > 0.8 * slips && slips > RUNS / 2,
    `${fixedCount} of ${slips} slips in ${RUNS}`,
  );
});

test.run();
