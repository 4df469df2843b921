/** `diff A B`: what happens on the machine, and in the files, when B replaces A. */
import { changesMarkdown, changesText } from '../changes/text.ts';
import type { Change, ChangeSeverity } from '../changes/words.ts';
import {
  compileFleet,
  type Fleet,
  type FleetOptions,
  type HostCompilation,
} from '../compile-fleet.ts';
import { type Diagnostic, hasErrors } from '../diagnostics/diagnostic.ts';
import { changesOfHost, patchesOfHost } from '../install/replacement.ts';
import { load, loadRevision } from '../intent/load.ts';
import {
  type DocumentHost,
  diagnosticsOf,
  documentText,
  hostKey,
  refusal,
} from '../report/output.ts';
import { diffDocument } from '../report/outputs/diff.ts';
import { visible } from '../report/text.ts';
import type { System } from '../system.ts';
import { unused } from './choice.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { checkNames } from './hosts.ts';
import { colourful, EXIT, type ExitStatus } from './status.ts';

/** @param report prints the diagnostics of one of the two, and returns them */
export async function diff(
  system: System,
  line: CommandLine,
  options: Omit<FleetOptions, 'hosts' | 'onHost'>,
  report: (fleet: Fleet) => readonly Diagnostic[],
): Promise<ExitStatus> {
  const names = [line.intents[0] ?? '', line.intents[1] ?? ''] as const;
  const [before, after] = await compileBoth(system, line, names, options);
  checkBoth(line, before, after);
  const diagnostics = [before, after].flatMap((one) => diagnosticsOf(one.source, report(one)));
  if (hasErrors(before.diagnostics) || hasErrors(after.diagnostics)) {
    if (line.format === 'json') system.stdout.write(refusal('diff', diagnostics));
    return EXIT.intent;
  }
  const problem = unused(line, [...before.hosts, ...after.hosts]);
  if (problem !== undefined) throw new UsageError(problem);
  const shown = names.map(visible) as [string, string];
  const paint = painter(colourful(system, system.stdout));
  if (line.format === 'svg') return diffSvg(system, before, after);
  if (before.isFleet || after.isFleet) {
    const { diffFleets } = await import('./fleet-diff.ts');
    return diffFleets(system, line, [before, after], shown, paint, diagnostics);
  }
  const [old, now] = [before.hosts[0], after.hosts[0]];
  if (!old?.model || !now?.model) return EXIT.intent;
  const changes = changesOfHost(old, now);
  const patches = patchesOfHost(old, now);
  if (line.format === 'json') {
    const hosts = [changedHost(now.host, changes, patches)];
    system.stdout.write(documentText(diffDocument, { hosts, diagnostics }));
  } else if (line.format === 'markdown') {
    system.stdout.write(lines(changesMarkdown(changes, patches, shown)));
  } else {
    const parts = [
      changes.length === 0 ? 'Nothing changes on the machine.\n' : changesText(changes, paint),
      ...patches.map(({ backend, patch }) => `${backend}:\n\n${patch}`),
    ];
    system.stdout.write(lines(parts.join('\n')));
  }
  return changes.length + patches.length === 0 ? EXIT.done : EXIT.difference;
}

/** An intent that names no back end is compared under that of the other. */
async function compileBoth(
  system: System,
  line: CommandLine,
  [old, now]: readonly [string, string],
  options: Omit<FleetOptions, 'hosts' | 'onHost'>,
): Promise<[Fleet, Fleet]> {
  const compileOne = (name: string, otherwise?: (host: string) => string[]): Promise<Fleet> =>
    compileEither(system, line, name, {
      ...options,
      ...(otherwise && { otherwise: ({ host }) => otherwise(host) }),
    });
  const before = await compileOne(old);
  const after = await compileOne(now, backendsIn(before));
  const ofAfter = backendsIn(after);
  const lacksSome = before.hosts.some(
    ({ host, sets }) => sets?.length === 0 && ofAfter(host).length > 0,
  );
  return [lacksSome ? await compileOne(old, ofAfter) : before, after];
}

/** By the name of a host; without a fleet of the only one, which may have had another name. */
function backendsIn({ isFleet, hosts }: Fleet): (host: string) => string[] {
  const idsOf = (sets: HostCompilation['sets'] = []): string[] =>
    sets.map(({ backend }) => backend);
  const byName = new Map(hosts.map(({ host, sets }) => [host, idsOf(sets)]));
  return (host) => byName.get(host) ?? (isFleet ? [] : idsOf(hosts[0]?.sets));
}

/** @throws UsageError where there is not one host to draw */
async function diffSvg(system: System, before: Fleet, after: Fleet): Promise<ExitStatus> {
  const { drawingOf, modelToDraw } = await import('./graph.ts');
  const { drawingSvg } = await import('../draw/svg.ts');
  const { reachOf } = await import('../draw/reach.ts');
  const now = modelToDraw(after);
  const drawing = drawingOf(now, modelToDraw(before));
  system.stdout.write(drawingSvg(drawing, reachOf(now)));
  const isSame = [...drawing.nodes, ...drawing.edges].every(({ change }) => change === undefined);
  return isSame ? EXIT.done : EXIT.difference;
}

/** One host of the JSON document. */
export const changedHost = (
  host: string,
  changes: readonly Change[],
  patches: DocumentHost<typeof diffDocument>['patches'],
): DocumentHost<typeof diffDocument> => ({
  host: hostKey(host),
  changes: changes.map(({ severity, subject, message }) => ({
    severity,
    subject,
    message: visible(message),
  })),
  patches,
});

/** A file or directory; if there is none and the name has a colon, one at a git revision. */
export async function compileEither(
  system: System,
  line: CommandLine,
  name: string,
  options: Omit<FleetOptions, 'hosts' | 'onHost'>,
): Promise<Fleet> {
  const wanted = { ...options, ...(line.hosts.length > 0 && { hosts: line.hosts }) };
  const colon = name.indexOf(':');
  const loaded = await load(system, [name]);
  const isThere = loaded.every(({ problem }) => problem === undefined);
  if (isThere || colon < 1) return compileFleet(loaded, wanted);
  const at = await loadRevision(system, name.slice(0, colon), name.slice(colon + 1));
  return compileFleet(at, wanted);
}

/** A host named by `--host` may be in only one of the two. */
function checkBoth(line: CommandLine, before: Fleet, after: Fleet): void {
  const names = [...new Set([...before.names, ...after.names])];
  checkNames(line, { ...after, names, diagnostics: [...before.diagnostics, ...after.diagnostics] });
}

const lines = (text: string): string => text.split('\n').map(visible).join('\n');

const TINT: Readonly<Record<ChangeSeverity, number>> = {
  'may-lock-out': 31,
  'drops-connections': 33,
  harmless: 32,
};

/** Colours a heading by how bad it is. */
export const painter =
  (colour: boolean) =>
  (severity: ChangeSeverity, text: string): string =>
    colour ? `\u001b[${TINT[severity]}m${text}\u001b[39m` : text;
