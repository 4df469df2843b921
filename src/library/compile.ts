/** `compile` and `compileFleet` of the library: text or values → hosts with their files, as plain data. */
import { type Compilation, compileParsed } from '../compile.ts';
import {
  compileFleet as compileTexts,
  type Fleet,
  type HostCompilation,
} from '../compile-fleet.ts';
import { type Diagnostic, diagnostic, hasErrors } from '../diagnostics/diagnostic.ts';
import type { IntentText } from '../intent/fleet.ts';
import { parse } from '../intent/parse.ts';
import { plainSource } from '../intent/source.ts';
import { OWNER } from '../package/package.ts';
import { packagedFiles } from '../package/packages.ts';
import { diagnosticsOf, hostKey } from '../report/output.ts';
import { originAs, type Report, reportOf, withHandle, withReport } from './handles.ts';
import { readOptions } from './options.ts';
import type * as api from './public.d.ts';
import { textOfValue } from './value.ts';

const UNNAMED = '<intent>';

export const compile: typeof api.compile = (intent, given = {}) => {
  const { file = UNNAMED } = given;
  const { options, diagnostics } = readOptions(given);
  if (diagnostics.length > 0) return failed(file, diagnostics, {});
  const hasLines = typeof intent === 'string';
  const written = hasLines ? { text: intent } : textOfValue(intent);
  if ('problem' in written) return failed(file, [written.problem], {});
  return outcomeOf(compileParsed(parse(file, written.text), options), hasLines);
};

export const compileFleet: typeof api.compileFleet = (fleet, given = {}) => {
  const { file = UNNAMED, hosts: wanted, onHost } = given;
  const { options, diagnostics } = readOptions(given);
  if (diagnostics.length > 0) return failed(file, diagnostics, { hosts: [] });
  const hasLines = typeof fleet === 'string' || isTexts(fleet);
  const read = textsOf(fleet, file);
  if ('problem' in read) return failed(file, [read.problem], { hosts: [] });
  const compiled = compileTexts(read.texts, {
    ...options,
    ...(wanted && { hosts: wanted }),
    ...(onHost && { onHost }),
  });
  const hosts = compiled.hosts.map((item) => {
    const outcome = outcomeOf(item, hasLines);
    return { host: hostKey(item.host), outcome };
  });
  const all = [...compiled.diagnostics, ...unknownHosts(compiled, wanted)];
  const isRight = !hasErrors(all);
  const value = hosts.flatMap(({ outcome }) => outcome.value ?? []);
  const report = { source: compiled.source, diagnostics: all, hasLines };
  return withReport(
    {
      ...(isRight && { value }),
      diagnostics: placed(report),
      hosts: hosts.map(({ host, outcome }) => withReport({ host, ...outcome }, reportOf(outcome))),
    },
    report,
  );
};

/** Hosts that were named and are not there; where a text is broken, they may be in there. */
function unknownHosts({ names, diagnostics }: Fleet, wanted: readonly string[] = []): Diagnostic[] {
  if (hasErrors(diagnostics.filter(({ hosts }) => hosts === undefined))) return [];
  const known = new Set(names);
  return wanted
    .filter((name) => !known.has(name))
    .map((name) => diagnostic('host-unknown', ['hosts'], `There is no host \`${name}\`.`));
}

/** Whatever else is in a list is a value, which is none of a fleet. */
const isTexts = (fleet: unknown): fleet is readonly IntentText[] =>
  Array.isArray(fleet) &&
  fleet.every((item) => typeof item?.file === 'string' && typeof item?.text === 'string');

/** What was given, as texts; one at least. */
function textsOf(
  fleet: Parameters<typeof api.compileFleet>[0],
  file: string,
): { readonly texts: readonly IntentText[] } | { readonly problem: Diagnostic } {
  if (isTexts(fleet)) return { texts: fleet.length > 0 ? fleet : [{ file, text: '' }] };
  const written = typeof fleet === 'string' ? { text: fleet } : textOfValue(fleet);
  return 'problem' in written ? written : { texts: [{ file, text: written.text }] };
}

/** Nothing was compiled. @param rest what the outcome has beside diagnostics */
function failed<Rest extends object>(
  file: string,
  diagnostics: readonly Diagnostic[],
  rest: Rest,
): Rest & api.Outcome<never> {
  const report = { source: plainSource(file, ''), diagnostics, hasLines: false };
  return withReport({ ...rest, diagnostics: placed(report) }, report);
}

function outcomeOf(
  compilation: Compilation | HostCompilation,
  hasLines: boolean,
): api.Outcome<api.Host> {
  const { source, diagnostics } = compilation;
  const report = { source, diagnostics, hasLines };
  const value = hostOf(compilation, hasLines);
  return withReport({ ...(value && { value }), diagnostics: placed(report) }, report);
}

/** Diagnostics as they are shown: with lines, where there are any. */
function placed({ source, diagnostics, hasLines }: Report): readonly api.Diagnostic[] {
  const all = diagnosticsOf(source, diagnostics);
  if (hasLines) return all;
  return all.map(
    ({ file: _, line: __, column: ___, endLine: ____, endColumn: _____, fix: ______, ...rest }) =>
      rest,
  );
}

function hostOf(compilation: Compilation, hasLines: boolean): api.Host | undefined {
  const { sets, model, source } = compilation;
  if (!sets || !model) return undefined;
  const withOrigins = packagedFiles(source);
  const files = sets.flatMap(({ backend, files: all }) =>
    all.map(withOrigins).map(({ path, mode, role, text, origins }) => ({
      backend,
      path,
      mode,
      owner: OWNER,
      group: OWNER,
      role,
      text,
      origins: origins.map((origin) => originAs(origin, hasLines)),
    })),
  );
  return withHandle({ host: hostKey(model.host), files } as unknown as api.Host, {
    compilation,
    hasLines,
  });
}
