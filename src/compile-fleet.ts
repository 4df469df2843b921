/**
 * Many hosts: the texts are split into hosts, each host is compiled as in `compile.ts`, and what
 * holds of all together is checked at the end. What is wrong with one hides nothing of another.
 */
import { type Compilation, compileParsed, type RenderOptions } from './compile.ts';
import { type Diagnostic, diagnostic, hasErrors, strictly } from './diagnostics/diagnostic.ts';
import { fixOffset, textFixOf } from './intent/edits.ts';
import { bounded, composeFleet, type HostTree, type IntentText } from './intent/fleet.ts';
import { parseTree } from './intent/parse.ts';
import { rangeOf } from './intent/positions.ts';
import type { Source } from './intent/source.ts';
import { checkFleet } from './model/fleet.ts';
import type { Model } from './model/types.ts';
import { backendNames, backendsNamed } from './selection.ts';

export interface FleetOptions extends RenderOptions {
  /** Names of the hosts to render; default: all. The others are read, too, to be compared with these. */
  readonly hosts?: readonly string[];
  /** Where some hosts name a back end in the intent, whether it is an error if others do not. */
  readonly needsBackends?: boolean;
  /** Called after each host, with how many are done and how many there are: for a progress bar. */
  readonly onHost?: (done: number, all: number) => void;
}

/** One host of a fleet. */
export interface HostCompilation extends Compilation {
  /** Its name; empty where the intent of one host has none. */
  readonly host: string;
}

export interface Fleet {
  /** Of all diagnostics. */
  readonly source: Source;
  /** Whether hosts are named under `hosts`, or in several files; else there is one at most. */
  readonly isFleet: boolean;
  /** The names of all hosts, whether rendered or not. */
  readonly names: readonly string[];
  /** Those that were asked for, in the order in which they are written. */
  readonly hosts: readonly HostCompilation[];
  /** What is wrong with the texts as such, with those hosts, and between them and any other. */
  readonly diagnostics: readonly Diagnostic[];
  /** Hosts that were not asked for and have errors, which are not reported. */
  readonly hostsWithErrors: readonly string[];
  /** By host, whether rendered or not: ids of the back ends for its network that the intent names. */
  readonly systems: ReadonlyMap<string, readonly string[]>;
}

/**
 * Texts of an intent, or of the parts of a fleet → files for each host and every back end asked for.
 * @param texts one at least; several are a fleet, and so is one with `hosts` or `defaults`
 * @throws Error as `compile` does
 */
export function compileFleet(texts: readonly IntentText[], options: FleetOptions): Fleet {
  const { hosts: wanted, needsBackends = false, onHost, ...compileOptions } = options;
  const { source, isFleet, hosts: trees, diagnostics } = composeFleet(texts);
  const requested = new Set(wanted);
  const isAsked = ({ name = '' }: HostTree): boolean =>
    !isFleet || wanted === undefined || requested.has(name);
  const isBomb = bounded(trees.length);
  const compiled = trees.map((tree, index): HostCompilation => {
    // What is too much together is reported for the host at which it is, and all that follow.
    if (isBomb()) return refused(tree);
    const item = compileHost(
      tree,
      isAsked(tree) ? compileOptions : { ...compileOptions, backends: [] },
    );
    onHost?.(index + 1, trees.length);
    return isBomb(tree.tree.copied) ? refused(tree) : item;
  });
  const across = isFleet ? clashes(compiled, compileOptions.strict ?? false) : [];
  const isChosen = trees.map(isAsked);
  const lacking =
    needsBackends && !options.backends ? withoutBackend(compiled, isChosen) : new Map();
  const all = compiled.map((item, index) =>
    withMore(item, [...(across[index] ?? []), ...(lacking.get(index) ?? [])]),
  );
  const hosts = all.filter((_, index) => isChosen[index]);
  const others = all.filter((_, index) => !isChosen[index]);
  const ofHosts = hosts.flatMap((item) =>
    item.diagnostics.map((each) => placed(item.source, each, isFleet ? item.host : undefined)),
  );
  return {
    source: isFleet ? source : (hosts[0]?.source ?? source),
    isFleet,
    names: all.map(({ host }) => host),
    hosts,
    diagnostics: merged([
      ...(compileOptions.strict ? strictly(diagnostics) : diagnostics),
      ...ofHosts,
    ]).map((item) => withoutPartialFix(source, item, trees.length)),
    hostsWithErrors: others.filter((item) => hasErrors(item.diagnostics)).map(({ host }) => host),
    systems: new Map(
      compiled.map(({ host, draft }) => [host, draft ? systemsOf(draft, compileOptions) : []]),
    ),
  };
}

function refused({ name = '', source }: HostTree): HostCompilation {
  const message = 'Aliases and merges of the fleet add too many values.';
  return { host: name, source, diagnostics: [diagnostic('yaml-alias-bomb', ['host'], message)] };
}

function compileHost(
  { name, source, tree, diagnostics }: HostTree,
  options: RenderOptions,
): HostCompilation {
  const item = compileParsed(parseTree(source, tree, diagnostics), options);
  return { host: name ?? item.draft?.host ?? '', ...item };
}

function clashes(compiled: readonly HostCompilation[], isStrict: boolean): Diagnostic[][] {
  const found = compiled.map((): Diagnostic[] => []);
  const drafts = compiled.map(({ host, draft }) => ({ host, model: draft }));
  for (const { host, diagnostic: item } of checkFleet(drafts)) {
    found[host]?.push(...(isStrict ? strictly([item]) : [item]));
  }
  return found;
}

/** An intent with unknown names has errors, and no system. */
function systemsOf(draft: Model, { renderer }: RenderOptions): string[] {
  const known = backendNames();
  const backends = draft.backends.filter((name) => known.includes(name));
  const options = { ...(renderer && { renderer }), isForHost: true };
  return backendsNamed({ ...draft, backends }, options).map(({ id }) => id);
}

/**
 * Where some hosts name a back end, those that do not; all reported at the first, as one.
 * @returns by the index of the host
 */
function withoutBackend(
  compiled: readonly HostCompilation[],
  isChosen: readonly boolean[],
): Map<number, readonly Diagnostic[]> {
  const isSilent = ({ draft }: HostCompilation): boolean => draft?.backends.length === 0;
  const silent = compiled.flatMap((item, index) =>
    isChosen[index] && isSilent(item) ? [{ item, index }] : [],
  );
  const [first] = silent;
  if (!first || compiled.every(({ draft }) => !draft || isSilent({ draft } as HostCompilation)))
    return new Map();
  const message = 'No back end, and other hosts of the fleet have one.';
  const missing = diagnostic('backend-missing', ['backend'], message, { at: 'key' });
  const found = [{ ...missing, offsets: rangeOf(first.item.source, missing) }];
  return new Map(silent.map(({ index }) => [index, found]));
}

/** What is wrong between hosts is wrong with each: it has no files then. */
function withMore(item: HostCompilation, more: readonly Diagnostic[]): HostCompilation {
  const { host, sets, model, source } = item;
  const diagnostics = [...item.diagnostics, ...more];
  const isRight = sets && model && !hasErrors(diagnostics);
  return { host, source, diagnostics, ...(isRight && { sets, model }) };
}

/** No fix: a change of the `defaults` that is right for some of the hosts only. */
function withoutPartialFix(source: Source, item: Diagnostic, hosts: number): Diagnostic {
  const { fix, ...rest } = item;
  const isPartial = fix?.isLocal === true && item.hosts !== undefined && item.hosts.length < hosts;
  return isPartial && textFixOf(source, item)?.isForAll !== false ? rest : item;
}

/** With its place, which only the host's own source knows. */
const placed = (source: Source, item: Diagnostic, host: string | undefined): Diagnostic => ({
  ...item,
  offsets: rangeOf(source, item),
  ...(item.fix && { fix: { ...item.fix, offset: fixOffset(source, item, item.fix) } }),
  ...(host !== undefined && { hosts: [host] }),
});

/** A fault in one place that many hosts share is reported once. */
function merged(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const byKey = new Map<string, Diagnostic & { hosts?: string[] }>();
  for (const item of diagnostics) {
    const { offsets, code, severity, message, backend, hosts } = item;
    const key = JSON.stringify([offsets, code, severity, message, backend]);
    const known = byKey.get(key);
    if (!known) byKey.set(key, { ...item, ...(hosts && { hosts: [...hosts] }) } as never);
    // For one host, several paths may lead to one place.
    else known.hosts?.push(...(hosts ?? []).filter((host) => host !== known.hosts?.at(-1)));
  }
  return [...byKey.values()];
}
