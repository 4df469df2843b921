/** What each intent renders to, byte by byte; and that every line has its reason. */
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { backends } from '../../src/backends/registry.ts';
import { type Keys, shapeOf } from '../../src/build/shapes.ts';
import { viewTemplates } from '../../src/build/templates.ts';
import { CODES } from '../../src/diagnostics/diagnostic.ts';
import { reasonsFor } from '../../src/explain/lines.ts';
import { octal } from '../../src/view/octal.ts';
import { isGenerated } from '../../src/view/ownership.ts';
import { isEntry, type View } from '../../src/view/rendered.ts';
import { entriesOfView, markedLines } from '../../src/view/template.ts';
import { baseOf, namedInBases } from './bases.ts';
import {
  backendsOf,
  caseNames,
  compiledCase,
  expectedFiles,
  foundIn,
  goldenFiles,
  goldenTree,
  hasIntent,
  renderedFiles,
} from './cases.ts';
import { BACKENDS, TARGETS } from './options.ts';

const NAMES = caseNames();
const REQUIRED = [
  'original',
  'ipv6-static',
  'dual-stack',
  'dhcp',
  'slaac',
  'two-shims',
  'two-parents',
  'matched-parent',
  'jumbo-mtu',
  'mode-private',
  'mode-vepa',
  'mode-passthru',
  'cable-out',
];

test('the cases are there', () => {
  for (const name of REQUIRED) assert.ok(NAMES.includes(name), name);
  assert.ok(NAMES.length >= 90, `${NAMES.length} cases`);
  for (const name of NAMES) assert.ok(hasIntent(name), `${name} has no intent: an orphan`);
});

for (const name of NAMES) {
  test(`golden: ${name}`, () => {
    const expected = expectedFiles(name);
    const actual = goldenFiles(name);
    // The list first: a file too many or too few says more than a difference in one.
    assert.is([...actual.keys()].sort().join('\n'), [...expected.keys()].sort().join('\n'));
    for (const [path, text] of expected) assert.is(actual.get(path), text, `${name}/${path}`);
  });
}

test('options are of cases, and name back ends that there are', () => {
  for (const name of [...Object.keys(TARGETS), ...Object.keys(BACKENDS)])
    assert.ok(NAMES.includes(name), name);
  const ids = backends.map(({ id }) => id);
  for (const id of Object.values(BACKENDS).flat()) assert.ok(ids.includes(id), id);
});

test('bases are cases, and what is written as a difference says all that is rendered', () => {
  for (const name of namedInBases()) assert.ok(NAMES.includes(name), name);
  let count = 0;
  for (const name of NAMES) {
    for (const id of backendsOf(name)) {
      const files = compiledCase(name, id).sets?.[0]?.files ?? [];
      const printed = goldenTree(name, id).map(({ path, mode, role, text }) => [
        path,
        mode,
        role,
        text,
      ]);
      assert.equal(
        printed,
        files.map(({ path, mode, role, text }) => [path, octal(mode), role, text]),
        `${name}, ${id}, from ${baseOf(name) ?? 'nothing'}`,
      );
      count += files.length;
    }
  }
  assert.ok(count > 3000, `${count} files`);
});

test('a case that renders nothing is called bad-, and no other', () => {
  for (const name of NAMES) {
    const renders = backendsOf(name).some((id) => goldenTree(name, id).length > 0);
    assert.is(name.startsWith('bad-'), !renders, name);
  }
});

test('every required case renders with all back ends; one that owns no network may refuse', () => {
  for (const name of REQUIRED) {
    const files = goldenFiles(name);
    for (const { id, scope } of backends) {
      // A back end that has nothing to write has not refused.
      if (goldenTree(name, id).length > 0 || files.has(`${id}.diff`)) continue;
      const reasons = foundIn(files).filter(
        ({ backend, severity }) => backend === id && severity === 'error',
      );
      assert.ok(scope !== 'host' && reasons.length > 0, `${name}: ${id}`);
    }
  }
});

test('every file: header, one final newline, an absolute path, no trailing space', () => {
  for (const name of NAMES) {
    for (const { path, text } of renderedFiles(name).files) {
      assert.ok(isGenerated(text), path);
      assert.match(text, /[^\n]\n$/, path);
      assert.match(path, /^\/(?:etc|usr\/local)\/(?:[A-Za-z0-9_.-]+\/)+[A-Za-z0-9_.+-]+$/);
      assert.not.match(text, /[ \t]$/m, path);
      assert.not.match(text, /^# ==> /m, path);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be there
      assert.not.match(text, /[\u0000-\u0009\u000b-\u001f\u007f]/, path);
    }
  }
});

test('every entry of a view is printed, every line has an entry or is structure, and no name is idle', () => {
  let entries = 0;
  const filled = new Set<string>();
  for (const name of NAMES) {
    const { files, lines } = renderedFiles(name);
    for (const file of files) {
      const printed = new Set(markedLines(file).flatMap((line) => line.entries));
      for (const entry of entriesOfView(file.view)) {
        assert.ok(
          printed.has(entry),
          `${file.path}: ${entry.text} (${entry.authority}) is not printed`,
        );
        entries += 1;
      }
      for (const path of filledIn(file.view)) filled.add(`${file.template}: ${path}`);
    }
    for (const line of lines) {
      assert.ok(
        line.reason.length > 0 && line.authority.length > 0 && line.origin.line > 0,
        line.text,
      );
    }
  }
  assert.ok(entries > 5000, `${entries} entries`);
  const named = viewTemplates().flatMap(([name, source]) =>
    pathsOf(shapeOf(name, source)).map((path) => `${name}: ${path}`),
  );
  assert.equal(
    named.filter((path) => !filled.has(path)),
    [],
    'names in templates that no case has a value for',
  );
});

/** The names that a view has values for, lists as groups. */
const filledIn = (view: View): string[] =>
  Object.entries(view).flatMap(([key, value]) =>
    [value ?? []].flat().flatMap((item) => {
      const below = isEntry(item) ? [] : filledIn(item);
      return isEntry(item) ? [key] : below.map((path) => `${key}.${path}`);
    }),
  );

/** The names that a template has, as `filledIn` gives them. */
const pathsOf = (keys: Keys): string[] =>
  [...keys].flatMap(([key, shape]) =>
    shape.kind === 'list' || shape.kind === 'group'
      ? pathsOf(shape.keys).map((path) => `${key}.${path}`)
      : [key],
  );

test('a line without an entry is noticed', () => {
  const [file] = renderedFiles('original').files;
  if (!file) throw new Error('no file');
  assert.throws(() => reasonsFor('Extra=1', [], file), /no reason for "Extra=1"/);
  for (const text of ['', '# comment', '[Match]', '  ethernets:']) {
    assert.equal(reasonsFor(text, [], file), [file.about]);
  }
  assert.throws(() => markedLines({ ...file, text: `${file.text}Extra=1\n` }), /marks change/);
});

/** What no YAML file in a folder can be. */
// test/limits.test.ts has the last two.
const ELSEWHERE = new Set([
  'intent-not-found',
  'intent-is-directory',
  'not-utf8',
  'too-large',
  'too-many-values',
  'too-many-diagnostics',
]);

/** What is found on a host or between hosts, and not in an intent, has its trap in these. */
const TESTS = new URL('../', import.meta.url);
const ofHosts = (): string[] =>
  readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
    .filter((name) =>
      /^(?:(?:adopt|apply|doctor|host|install|status)\/.*|cli\/apply|[a-z]+\/(?:foreign|check|fleet|library|owner|verify).*)\.test\.ts$/.test(
        name,
      ),
    )
    .map((name) => readFileSync(new URL(name, TESTS), 'utf8'));

/**
 * The codes that a test compares with: `'code'`, `'likely code'`, `[code]`, `/code`. A comment does not test, that a
 * code is absent (`assert.not`) shows nothing, and a code is not a part of a longer one.
 */
function comparedIn(source: string): string[] {
  const code = source.replace(/^\s*(?:\/\/|\/\*|\*|assert\.not\.).*$/gm, '');
  const words = 'error|warning|note|certain|likely|possible';
  const compared = new RegExp(
    `['"\`/[](?:(?:${words}) )?([a-z0-9]+(?:-[a-z0-9]+)*)(?![\\w-])`,
    'g',
  );
  return [...code.matchAll(compared)].map(([, found = '']) => found);
}

test('a code counts as compared with where it is whole, and not in a comment', () => {
  const source = [
    "assert.equal(codes, ['error one-code', 'two-codes', 'possible three-codes more']);",
    'assert.match(stderr, /error\\[four-codes\\]: x|y/); // five-codes',
    "  // 'six-codes' is elsewhere",
    " * 'seven-codes'",
    "'eight-codes-longer', 'longer-nine-codes'",
    'assert.not.match(stderr, /ten-codes/);',
  ].join('\n');
  const found = new Set(comparedIn(source));
  for (const code of ['one-code', 'two-codes', 'three-codes', 'four-codes']) {
    assert.ok(found.has(code), code);
  }
  for (const code of ['five', 'six', 'seven', 'eight', 'nine', 'ten'].map(
    (word) => `${word}-codes`,
  )) {
    assert.not.ok(found.has(code), code);
  }
});

test('every diagnostic has a golden case', () => {
  const seen = new Set<string>(
    NAMES.flatMap((name) => foundIn(goldenFiles(name)).map(({ code }) => code)),
  );
  const compared = new Set(ofHosts().flatMap(comparedIn));
  const isTried = (code: string): boolean =>
    seen.has(code) || ELSEWHERE.has(code) || compared.has(code);
  const untried = Object.keys(CODES).filter((code) => !isTried(code));
  assert.equal(untried, [], 'neither a golden case nor a test of a host has them');
});

test.run();
