/** `explain CODE` and `explain KEY`: what a diagnostic means, and what a key of the intent holds. */
import { distance } from 'fastest-levenshtein';
import examples from '#examples';
import keyExamples from '#key-examples';
import { backends } from '../backends/registry.ts';
import { compile } from '../compile.ts';
import { CODES, type DiagnosticCode, descriptionOf } from '../diagnostics/codes.ts';
import { BOND, BRIDGE } from '../intent/language/parameters.ts';
import { reportText } from '../report/text.ts';
import { type KeyPlace, keyPlaces, sharedKeys } from './keys.ts';
import { LIMITS } from './limits.ts';
import { RIGHT } from './right.ts';

const isCode = (word: string): word is DiagnosticCode => Object.hasOwn(CODES, word);

/** The page of a code or key; undefined if there is neither of that name. */
export function referencePage(word: string): string | undefined {
  if (isCode(word)) return codePage(word);
  const places = placesOf(word);
  return places.length > 0 ? keyPage(places) : undefined;
}

/** A shorter word is in too many names. */
const SHORTEST = 3;

/** Codes and keys that contain the word, those that begin with it first; undefined if there are none. */
export function matchingPage(word: string): string | undefined {
  if (word.length < SHORTEST) return undefined;
  const names = [
    ...Object.entries(CODES).map(([name, { severity, meaning }]) => ({
      name,
      text: `${name} (${severity})\n    ${meaning}\n`,
    })),
    ...new Map(
      keyPlaces()
        .filter(({ key }) => !key.startsWith('<'))
        .map(({ key, path, description }) => [
          key,
          { name: key, text: `${key} (key, as in ${path})\n    ${description}\n` },
        ]),
    ).values(),
  ].filter(({ name }) => name.includes(word));
  if (names.length === 0) return undefined;
  const first = names.filter(({ name }) => name.startsWith(word));
  const rest = names.filter(({ name }) => !name.startsWith(word));
  return [...first, ...rest].map(({ text }) => text).join('');
}

/** Codes and keys that a misspelt word may stand for, the closest first; of a path, paths of keys. */
export function nearestNames(word: string): string[] {
  const paths = word.includes('.') ? nearestPaths(word) : [];
  if (paths.length > 0) return paths;
  const names = [...Object.keys(CODES), ...new Set(keyPlaces().map(({ key }) => key))];
  return names
    .map((name) => ({ name, far: distance(name, word) }))
    .filter(({ name, far }) => far <= Math.max(2, Math.floor(name.length / 4)))
    .sort((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** Paths whose keys are those of the word, but for a letter or two; `*` is any. */
function nearestPaths(word: string): string[] {
  const parts = partsOf(word);
  const far = (part: string, own: string, index: number): number => {
    // A path that begins with a user's name is possible, and less likely.
    if (own.startsWith('<')) return index === 0 ? 1 : 0;
    return part === '*' ? 0 : distance(part, own);
  };
  const near = keyPlaces()
    .flatMap(({ path }) => [path, ...ofParent(path)])
    .map((path) => {
      const own = partsOf(path).slice(-parts.length);
      const sum = parts.reduce((all, part, index) => all + far(part, own[index] ?? '', index), 0);
      return { path, far: own.length === parts.length ? sum : Number.POSITIVE_INFINITY };
    })
    .filter((each) => each.far <= 2)
    .sort((a, b) => a.far - b.far);
  return near
    .filter((each) => each.far === near[0]?.far)
    .slice(0, 3)
    .map(({ path }) => path);
}

/** The path of a shim's key in a parent with an address of its own. */
function ofParent(path: string): string[] {
  const [, key = '', rest = ''] = /^shims\.<name>\.([^.[]+)(.*)$/.exec(path) ?? [];
  return sharedKeys().includes(key) ? [`parents.<id>.${key}${rest}`] : [];
}

const WHAT = {
  error: 'An error: nothing is written.',
  warning: 'A warning: files are written, unless `--strict` is given.',
  note: 'A note, reported by `lint` only.',
} as const;

/** Of a running host: `status`, `doctor`, and what `apply` verifies. */
const WHAT_OF_HOST = {
  error: 'An error: the host, its guests or its LAN lack something. `apply` rolls back.',
  warning: 'A warning: something differs, and all may reach each other.',
  note: 'A note: information, and no drift.',
} as const;

function codePage(code: DiagnosticCode): string {
  const { severity, meaning, remedy, fix, isOfHost } = descriptionOf(code);
  return [
    `${code} (${severity})\n`,
    `${meaning}\n`,
    `What to do: ${remedy}\n`,
    ...(fix === undefined ? [] : [`\`lint --fix\` ${fix}\n`]),
    `${(isOfHost ? WHAT_OF_HOST : WHAT)[severity]}\n`,
    ...exampleOf(code),
    ...rightOf(code),
  ].join('\n');
}

/** The golden intent that has it, and all that is then reported of it. */
function exampleOf(code: DiagnosticCode): string[] {
  const texts: Readonly<Record<string, string>> = examples;
  const text = texts[code];
  if (text === undefined) return [];
  const backendIds = backends.map(({ id }) => id);
  const { source, diagnostics } = compile(text, { file: 'macvtap.yaml', backends: backendIds });
  const all = diagnostics.filter((item) => item.code === code);
  // What several back ends cannot express is shown for the first of them.
  const found = all.filter(({ backend }) => backend === all[0]?.backend);
  if (found.length === 0) return [];
  return ['Wrong:\n', indented(text), 'Reported:\n', indented(reportText(source, found, false))];
}

/** An intent that does it right. */
function rightOf(code: DiagnosticCode): string[] {
  const text = RIGHT[code];
  return text === undefined ? [] : ['Right:\n', indented(text)];
}

const indented = (text: string): string => text.replace(/^(?=.)/gm, '    ');

/** Places that a word names: a whole path, its end, or a key. A user's name matches `<name>`. */
function placesOf(word: string): KeyPlace[] {
  const parts = partsOf(word);
  const isIt = (path: string): boolean => {
    const end = partsOf(path).slice(-parts.length);
    return (
      end.length === parts.length &&
      parts.every((part, index) => part === end[index] || end[index]?.startsWith('<') === true) &&
      !(parts.length === 1 && end[0]?.startsWith('<'))
    );
  };
  return keyPlaces().filter(({ path }) => isIt(path) || ofParent(path).some(isIt));
}

/** Without the places in lists: `routes[0].via` has two. */
const partsOf = (path: string): string[] => path.replace(/\[[0-9]*\]/g, '').split('.');

function keyPage(places: readonly KeyPlace[]): string {
  const shared = new Set(sharedKeys());
  return places
    .map(({ path, key, description, holds }) => {
      const also =
        path === `shims.<name>.${key}` && shared.has(key)
          ? [`Also for a parent with its own address: \`parents.<id>.${key}\`.`]
          : [];
      return [
        `${path}\n`,
        ...[description, `Holds ${holds}.`, ...keysOf(path), ...also].map((line) => `  ${line}`),
        ...limitsOf(key),
        ...keyExampleOf(path),
        '',
      ].join('\n');
    })
    .join('\n')
    .concat('\n');
}

/** The keys of a mapping, or of each mapping in it. */
function keysOf(path: string): string[] {
  const below = keyPlaces().filter(
    (place) => place.path === `${path}.${place.key}` || place.path === `${path}[].${place.key}`,
  );
  const names = below.map(({ key }) => key);
  const [first] = names;
  if (first === undefined) return [];
  if (first.startsWith('<')) {
    return keysOf(`${path}.${first}`).map((line) =>
      line.replace('Keys:', `Keys of each \`${first}\`:`),
    );
  }
  if (path.endsWith('.parameters')) {
    return [
      `Keys of a bond: ${list(Object.keys(BOND))}.`,
      `Keys of a bridge: ${list(Object.keys(BRIDGE))}.`,
    ];
  }
  const shared = path === 'parents.<id>' ? sharedKeys() : [];
  return [`Keys: ${list([...names, ...shared])}.`];
}

const list = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

/** The part of an intent that has the key. */
function keyExampleOf(path: string): string[] {
  const texts: Readonly<Record<string, string>> = keyExamples;
  const text = texts[path];
  return text === undefined ? [] : ['', indented(text).trimEnd()];
}

const limitsOf = (key: string): string[] => {
  const limits = Object.hasOwn(LIMITS, key) ? (LIMITS[key] ?? []) : [];
  return limits.length === 0 ? [] : ['  Known limits:', ...limits.map((limit) => `  - ${limit}`)];
};
