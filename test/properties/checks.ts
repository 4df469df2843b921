/** What holds of every rendered set, and of every answer. */
import { isDeepStrictEqual } from 'node:util';
import { type Compilation, compile, type RenderedSet } from '../../src/compile.ts';
import { CODES } from '../../src/diagnostics/diagnostic.ts';
import { explain } from '../../src/explain/lines.ts';
import { MOST_DIAGNOSTICS } from '../../src/intent/positions.ts';
import { diagnosticsOf } from '../../src/report/output.ts';
import { reportText } from '../../src/report/text.ts';
import type { TargetSpec } from '../../src/targets/target.ts';
import { BACKENDS, type BackendId } from './backends.ts';
import { type Description, type Files, fail, toRecord } from './description.ts';
import { describe } from './expected/describe.ts';
import { activating, expectedFiles } from './expected/files.ts';
import type { IntentData } from './intents/data.ts';
import { print } from './intents/print.ts';
import { readNetplanNetworkd } from './readers/netplan-networkd.ts';
import { readNetplanNetworkManager } from './readers/netplan-networkmanager.ts';
import { readNetworkd } from './readers/networkd.ts';
import { readNetworkManager } from './readers/networkmanager.ts';
import { checkText } from './readers/text.ts';

const READERS: Readonly<Record<BackendId, (files: Files) => Description>> = {
  networkd: readNetworkd,
  networkmanager: readNetworkManager,
  'netplan-networkd': readNetplanNetworkd,
  'netplan-networkmanager': readNetplanNetworkManager,
};

/** All that is asked of a rendered set. @param isNewest whether it is for the newest versions */
export function checkSet(
  files: RenderedSet['files'],
  backend: BackendId,
  data: IntentData,
  isNewest = false,
): void {
  const lines = (modes: Iterable<readonly [string, number]>): string =>
    [...modes]
      .map(([path, mode]) => `${mode.toString(8)} ${path}\n`)
      .sort()
      .join('');
  same(
    lines(files.map(({ path, mode }) => [path, mode])),
    lines(expectedFiles(backend, data)),
    'files',
  );
  const last = activating(backend, data);
  const required = files.filter(({ role }) => role === 'required').map(({ path }) => path);
  const ending = required.slice(Math.max(0, required.length - last.length));
  same(ending.join('\n'), last.join('\n'), 'files that come last');
  for (const { path, text } of files) checkText(path, text, data.host);
  const read = READERS[backend](new Map(files.map(({ path, text }) => [path, text])));
  const whole = describe(backend, data);
  const expected = { ...whole, links: isNewest ? whole.links : withoutThresholds(whole.links) };
  if (!isDeepStrictEqual(read, expected)) same(pretty(read), pretty(expected), 'read back');
}

/** systemd-networkd has them from 256 on: they are left out for the default target. */
const withoutThresholds = (links: Description['links']): Description['links'] =>
  toRecord(new Map(Object.entries(links).map(([name, { threshold: _, ...link }]) => [name, link])));

/** Keys in order, so that two descriptions can be shown side by side. */
export const pretty = (value: unknown): string =>
  JSON.stringify(
    value,
    (_, item: unknown) =>
      typeof item === 'object' && item !== null && !Array.isArray(item)
        ? toRecord(new Map(Object.entries(item)))
        : item,
    1,
  );

export function same(actual: string, expected: string, what: string): void {
  if (actual === expected) return;
  const [a, e] = [actual.split('\n'), expected.split('\n')];
  const first = a.findIndex((line, index) => line !== e[index]);
  const around = (lines: string[]): string =>
    lines.slice(Math.max(0, first - 3), first + 4).join('\n');
  fail(`${what}: is\n${around(a)}\nand should be\n${around(e)}`);
}

/** Every line has a reason, and a place in the intent. */
export function checkExplained({ source }: Compilation, { files }: RenderedSet): void {
  const count = (source.files[0]?.text ?? '').split('\n').length;
  const explained = explain(source, files);
  for (const { path, text } of files) {
    const { lines = [] } = explained.find((file) => file.path === path) ?? {};
    same(lines.map((line) => `${line.text}\n`).join(''), text, `explained ${path}`);
  }
  for (const { path, lines } of explained) {
    for (const { line, reason, authority, origin } of lines) {
      const isPlaced = origin.line >= 1 && origin.line <= count;
      if (reason === '' || authority === '' || !isPlaced) fail(`${path}:${line} has no reason`);
    }
  }
}

export const fingerprint = (sets: readonly RenderedSet[] | undefined): string =>
  JSON.stringify(
    sets?.map(({ backend, files }) => [
      backend,
      files.map(({ path, mode, role, text }) => [path, mode, role, text]),
    ]),
  );

export const run = (
  text: string,
  backends: readonly string[] = BACKENDS,
  target?: TargetSpec,
): Compilation => compile(text, { file: 'intent.yaml', backends, ...(target && { target }) });

/** What holds of every answer, whatever the text was. */
export function checkAnswer(
  text: string,
  { source, diagnostics, sets }: Compilation,
  backends: readonly string[] = BACKENDS,
): void {
  const isWrong = diagnostics.some(({ severity }) => severity === 'error');
  if (isWrong === (sets !== undefined)) fail('neither files nor an error, or both');
  if (sets && sets.map(({ backend }) => backend).join() !== backends.join())
    fail('other back ends than asked for');
  for (const { code, severity, message, hint, path, at, offsets, backend } of diagnostics) {
    if (!Object.hasOwn(CODES, code)) fail(`no such code: ${code}`);
    if (severity !== CODES[code].severity) fail(`${code} is not of severity ${severity}`);
    const isText = (given: unknown): boolean => typeof given === 'string' && given !== '';
    if (!isText(message) || !isText(hint)) fail(`${code} says nothing`);
    if (backend !== undefined && !backends.includes(backend)) fail(`${code} of ${backend}`);
    const span = offsets ? { start: offsets[0], end: offsets[1] } : source.locate(path, at);
    const isInside = 0 <= span.start && span.start <= span.end && span.end <= text.length;
    if (!isInside) fail(`${code}: ${span.start}–${span.end} of ${text.length}`);
  }
}

/** What people are shown: lines of text, whatever stood in the intent. */
export function checkReport({ source, diagnostics }: Compilation): void {
  const shown = reportText(source, diagnostics, false);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/.exec(shown);
  if (control) fail(`the report has a control character: ${JSON.stringify(shown)}`);
  const found: unknown = diagnosticsOf(source, diagnostics);
  const isMany = diagnostics.length > MOST_DIAGNOSTICS;
  const count = isMany ? MOST_DIAGNOSTICS + 1 : diagnostics.length;
  if (!Array.isArray(found) || found.length !== count) fail('the report lacks some');
}

/** The back ends that can express the intent; none where the intent itself is refused. */
export function backendsFor({ diagnostics }: Compilation): BackendId[] {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  return BACKENDS.filter((backendId) =>
    errors.every(({ backend }) => backend !== undefined && backend !== backendId),
  );
}

/** Whether nothing is wrong with the intent itself. */
export const isAccepted = ({ diagnostics }: Compilation): boolean =>
  diagnostics.every(({ severity, backend }) => severity !== 'error' || backend !== undefined);

/** Always in quotes: `true` in the place of a text stays a text. */
export const asJson = (data: IntentData): string => print(data, { notation: 'json', seed: 1 });
