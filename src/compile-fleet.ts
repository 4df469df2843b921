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
import { checkFleet, claimsOf, type HostClaims } from './model/fleet.ts';
import type { Model } from './model/types.ts';
import { backendNames, backendsNamed } from './selection.ts';

export interface FleetOptions extends RenderOptions {
  /** Names of the hosts to render; default: all. The others are read, too, to be compared with these. */
  readonly hosts?: readonly string[];
  /** Where some hosts name a back end in the intent, whether it is an error if others do not. */
  readonly needsBackends?: boolean;
  /** Called after each host, with how many are done and how many there are: for a progress bar. */
  readonly onHost?: (done: number, all: number) => void;
  /**
   * Called with each host of a fleet that has files; what it returns is kept in place of those and
   * of the model, so that those of all hosts need not be in memory at a time.
   */
  readonly keep?: (item: HostCompilation) => Kept;
}

export type Kept = Pick<Compilation, 'sets' | 'model'>;

/** One host of a fleet. */
export interface HostCompilation extends Compilation {
  /** Its name; empty where the intent of one host has none. */
  readonly host: string;
  /** The back ends that its intent names. */
  readonly named: readonly string[];
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
  const { hosts: wanted, needsBackends = false, onHost, keep, ...compileOptions } = options;
  const { source, isFleet, count, hosts: trees, diagnostics } = composeFleet(texts);
  const requested = new Set(wanted);
  const isAsked = ({ name = '' }: HostTree): boolean =>
    !isFleet || wanted === undefined || requested.has(name);
  const isBomb = bounded(count);
  const compiled: Compiled[] = [];
  for (const tree of trees) {
    const isChosen = isAsked(tree);
    const own = isChosen ? compileOptions : { ...compileOptions, backends: [] };
    // What is too much together is reported for the host at which it is, and all that follow.
    let item = isBomb() ? refused(tree) : compileHost(tree, own);
    if (isBomb(tree.tree.copied)) item = refused(tree);
    compiled.push(compiledOf(tree, item, { isFleet, isChosen, options: compileOptions, keep }));
    onHost?.(compiled.length, count);
  }
  const across = isFleet ? clashes(compiled, compileOptions.strict ?? false) : [];
  const lacking = needsBackends && !options.backends ? withoutBackend(compiled) : new Map();
  const all = compiled.map((one, index) =>
    withMore(one, [...(across[index] ?? []), ...(lacking.get(index) ?? [])]),
  );
  const hosts = all.flatMap(({ item, isChosen }) => (isChosen ? [item] : []));
  const others = all.flatMap(({ item, isChosen }) => (isChosen ? [] : [item]));
  const ofHosts = all.flatMap((one) => (one.isChosen ? one.placed : []));
  return {
    source: isFleet ? source : (hosts[0]?.source ?? source),
    isFleet,
    names: all.map(({ item }) => item.host),
    hosts,
    diagnostics: merged([
      ...(compileOptions.strict ? strictly(diagnostics) : diagnostics),
      ...ofHosts,
    ]).map((item) => withoutPartialFix(source, item, compiled.length)),
    hostsWithErrors: others.filter((item) => hasErrors(item.diagnostics)).map(({ host }) => host),
    systems: new Map(compiled.map(({ item, systems }) => [item.host, systems])),
  };
}

/** What is held of a host until all are compiled: of a fleet neither its tree nor its model. */
interface Compiled {
  readonly item: HostCompilation;
  /** Its diagnostics, with their places. */
  readonly placed: readonly Diagnostic[];
  readonly isChosen: boolean;
  readonly systems: readonly string[];
  /** Undefined where nothing could be understood. */
  readonly namesBackend?: boolean;
  readonly claims?: HostClaims;
}

interface Compiling {
  readonly isFleet: boolean;
  readonly isChosen: boolean;
  readonly options: RenderOptions;
  readonly keep: FleetOptions['keep'];
}

function compiledOf(
  { lightSource }: HostTree,
  item: HostCompilation,
  { isFleet, isChosen, options, keep }: Compiling,
): Compiled {
  const { draft, ...whole } = item;
  const { sets, model, ...rest } = whole;
  const { host } = item;
  const light = { ...rest, source: lightSource };
  const kept = keep && isFleet && isChosen ? { ...light, ...(sets && keep(whole)) } : whole;
  return {
    item: isChosen ? kept : light,
    placed: placedAll(item, isFleet),
    isChosen,
    systems: draft ? systemsOf(draft, options) : [],
    ...(draft && { namesBackend: draft.backends.length > 0, claims: claimsOf(host, draft) }),
  };
}

function refused({ name = '', source }: HostTree): HostCompilation {
  const message = 'Aliases and merges of the fleet add too many values.';
  const diagnostics = [diagnostic('yaml-alias-bomb', ['host'], message)];
  return { host: name, named: [], source, diagnostics };
}

function compileHost(
  { name, source, tree, diagnostics }: HostTree,
  options: RenderOptions,
): HostCompilation {
  const item = compileParsed(parseTree(source, tree, diagnostics), options);
  const { host = '', backends = [] } = item.draft ?? {};
  return { host: name ?? host, named: backends, ...item };
}

function clashes(compiled: readonly Compiled[], isStrict: boolean): Diagnostic[][] {
  const found = compiled.map((): Diagnostic[] => []);
  const claims = compiled.map((item) => item.claims);
  for (const { host, diagnostic: item } of checkFleet(claims)) {
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
function withoutBackend(compiled: readonly Compiled[]): Map<number, readonly Diagnostic[]> {
  const silent = compiled.flatMap(({ item, isChosen, namesBackend }, index) =>
    isChosen && namesBackend === false ? [{ item, index }] : [],
  );
  const [first] = silent;
  if (!first || compiled.every(({ namesBackend }) => !namesBackend)) return new Map();
  const message = 'No back end, and other hosts of the fleet have one.';
  const missing = diagnostic('backend-missing', ['backend'], message, { at: 'key' });
  const found = [{ ...missing, offsets: rangeOf(first.item.source, missing) }];
  return new Map(silent.map(({ index }) => [index, found]));
}

/** What is wrong between hosts is wrong with each: it has no files then. */
function withMore(one: Compiled, more: readonly Diagnostic[]): Compiled {
  if (more.length === 0) return one;
  const { sets, model, ...rest } = one.item;
  const diagnostics = [...rest.diagnostics, ...more];
  const isRight = !hasErrors(more);
  return {
    ...one,
    item: { ...rest, diagnostics, ...(isRight && sets && { sets, ...(model && { model }) }) },
    placed: [...one.placed, ...placedAll({ ...rest, diagnostics: more }, true)],
  };
}

const placedAll = ({ host, source, diagnostics }: HostCompilation, isFleet: boolean) =>
  diagnostics.map((each) => placed(source, each, isFleet ? host : undefined));

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
