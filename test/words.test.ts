/**
 * The words of the product: phrases that readers stumble over are in no message, guide, template, comment or
 * identifier of the program, nor in its tests.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** A phrase, and what to write. */
const FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [
    /\bway back\b|\bput (?:everything )?back\b|\bcall(?:s|ed)? off\b/i,
    'rollback, roll back, cancel',
  ],
  [/\b(?:both|several|other|these|those|all|each|every|which) ways?\b|\bways\b/i, 'back end'],
  [/\b(?:tell|tells|telling|told)\b/i, 'report, print, show'],
  [/\bmend(?:s|ed|ing)?\b/i, 'fix'],
  [/\banew\b/i, 'recreate'],
  [
    /\bke(?:eps?|pt|eping) off\b|\bleaves? (?:\w+ ){0,3}alone\b|\bleft alone\b/i,
    'ignore, unmanaged',
  ],
  [/\bunless said\b|\b(?:is|are|was|were|be|has|have) said\b|\bsaid\b/i, 'default: X; has, sets'],
  [/\bours\b|\bof ours\b/i, 'generated file'],
  [/\bnot meant\b|\b(?:is|are|was|were) meant\b/i, 'no longer in the intent; orphaned'],
  [
    /\bstands? (?:on|here|beside|in the way|upon|against)\b|\bstanding (?:on|in)\b|\bcarries\b/i,
    'on top of, attached to, has',
  ],
  [/\bfights?\b/i, 'conflicts with, overrides'],
  [/\bessential\b|\bcompanions?\b/i, 'required, optional'],
  [
    /\bas well\b(?! as)|\ball the same\b|(?<!\b(?:one|none|any|each|most|some|both|two) )\bof which\b|\bhangs? on\b|\bnothing but\b/i,
    'plain grammar',
  ],
  [
    /\bcalls? itself\b|\bnamesake\b|\bwhose (?:it|this|they) (?:is|are)\b/i,
    'sends no identifier; itself; missing `host`',
  ],
  [/\bsomebody else|\bother people/i, 'another file, another program'],
  [/(?<!\bthere )(?<!\bthere)\b(?:is|are) no (?!longer\b|one\b)/i, 'is not a'],
  [/\bbug of (?:ours|macvtap)/i, 'internal error'],
  [
    /\bheld against\b|\bin vain\b|\blooks? (?:at|into) whether\b|\b(?:of|from) before\b/i,
    'compared with; until the timeout; old',
  ],
  [
    /\b[a-z]+(?:Said|Told|Anew|Ours|Mended)\b|\b(?:said|told)[A-Z]\w*/,
    'a name that says what it is',
  ],
];

/** Where a phrase is right: part of the path, and the text of the line. */
const EXCEPT: readonly (readonly [file: string, text: string])[] = [
  // What the old output was called.
  ['src/help/json.md', '`essential`, `companion`'],
  ['src/help/json.md', '`mend`'],
  // The variable's earlier name still works.
  ['templates/ansible/defaults.yml.hbs', 'macvtap_way_back_seconds'],
  // Names of cases, labels, and code.
  ['test/cli/fleet.test.ts', "join(folder, 'ways')"],
  ['test/host/foreign-host.test.ts', '# ours'],
  ['test/install/changed-host.ts', 'ours'],
  ['test/install/install-disturbed.test.ts', '# of somebody else'],
  ['test/lab/judge/harmless.ts', 'Newer versions wish that'],
  ['test/lab/judge/harmless.ts', 'put back what it found'],
  ['test/lab/trials/change/negatives.ts', "name: 'the "],
  ['test/lab/trials/install/tree.ts', 'of before)'],
  ['test/lab/trials/owner.ts', 'isTold'],
  ['test/lab/trials/packagings/', "somebody else's"],
  ['test/lab/trials/packagings/tools.ts', 'tell'],
  ['test/lab/trials/past/negatives.ts', 'name: '],
  ['test/lab/trials/past/pasts.ts', 'no YAML of ours'],
  ['test/lab/trials/scripts.ts', 'ofOurs'],
  ['test/properties/features.ts', 'beside what carries'],
  ['test/properties/intents/print.ts', '# said: {so'],
  ['test/status/drift.test.ts', "': ["],
];

const filesBelow = (folder: string): string[] =>
  readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:ts|md|hbs|sh|py)$/.test(name))
    .map((name) => `${folder}/${name}`)
    .sort();

/** Phrases of a text, each with its line and what to write. */
export function phrasesIn(path: string, text: string): string[] {
  return text.split('\n').flatMap((line, index) =>
    FORBIDDEN.flatMap(([phrase, better]) => {
      const found = phrase.exec(line)?.[0];
      const isExcepted = EXCEPT.some(([file, part]) => path.includes(file) && line.includes(part));
      return found === undefined || isExcepted
        ? []
        : [`${path}:${index + 1}: "${found}", better: ${better}`];
    }),
  );
}

test('no message, guide, template, comment or identifier has a phrase that readers stumble over', () => {
  const paths = ['README.md', ...filesBelow('src'), ...filesBelow('templates')];
  const found = paths.flatMap((path) => phrasesIn(path, readFileSync(`${ROOT}${path}`, 'utf8')));
  assert.is(found.length, 0, `${found.length} phrases\n${found.join('\n')}`);
});

test('no comment, title or message of the tests has one', () => {
  const found = filesBelow('test')
    .filter((path) => path !== 'test/words.test.ts')
    .flatMap((path) => phrasesIn(path, readFileSync(`${ROOT}${path}`, 'utf8')));
  assert.is(found.length, 0, `${found.length} phrases\n${found.join('\n')}`);
});

test('each phrase is seen where it is, and its like is not', () => {
  for (const text of [
    'The way back is armed.',
    'both ways of netplan',
    'Tells what there is to tell.',
    'an installation mends it',
    'made anew',
    'keeps off the link',
    'the target, unless said',
    'files of ours',
    'what is not meant',
    'a shim stands on a NIC',
    'what will fight with it',
    'an essential file',
    'and IPv6 as well',
    'nothing but Node',
    'it calls itself by nothing',
    "somebody else's file",
    '`x` is no value of `mode`',
    'this is a bug of ours',
    'is held against this one',
    'const isSaid = true;',
    'function saidOff() {}',
  ]) {
    assert.is.not(phrasesIn('x.ts', text).length, 0, text);
  }
  for (const text of [
    'It is no longer there.',
    'There is no such file.',
    'IPv4 as well as IPv6',
    'always',
    'aside',
  ]) {
    assert.equal(phrasesIn('x.ts', text), [], text);
  }
});

test.run();
