/**
 * Which back ends are rendered, and for which versions: what the caller names, else what the intent
 * does (`backend`, `target`). The names are checked here, as the language knows of no system.
 */
import { distance } from 'fastest-levenshtein';
import type { Backend } from './backends/backend.ts';
import { backendOf, backends as known } from './backends/registry.ts';
import { type Diagnostic, diagnostic, type Path } from './diagnostics/diagnostic.ts';
import { type Fix, setValue } from './diagnostics/fix.ts';
import type { Intent } from './intent/schema.ts';
import { slipOf } from './intent/slips.ts';
import type { Model } from './model/types.ts';
import { targetNames } from './targets/distributions.ts';
import { parseTarget } from './targets/requested.ts';
import type { TargetSpec } from './targets/target.ts';

/** What the caller names. */
export interface Selection {
  /**
   * Ids of back ends, or `netplan` for the one that `renderer` selects. Absent: those of the intent;
   * empty: none, for diagnostics alone.
   */
  readonly backends?: readonly string[];
  /** What renders netplan, in place of what the intent says. */
  readonly renderer?: Model['renderer'];
  /** What must accept the output; absent: that of the intent, else every version in support (`parseTarget`). */
  readonly target?: TargetSpec;
  /** Of the intent's back ends, only those that configure the network of a host for good. */
  readonly isForHost?: boolean;
  /** Asked where neither names a back end, of an intent without errors. */
  readonly otherwise?: (model: Model) => readonly string[];
}

/** Ids of the back ends, and `netplan` for the one that the renderer selects. */
export const backendNames = (): string[] => [...known.map(({ id }) => id), 'netplan'];

/** What `backend` and `target` may be, for the JSON Schema. */
export const systemNames = (): { backends: string[]; targets: string[] } => ({
  backends: backendNames(),
  targets: targetNames(),
});

/** Unknown names in an intent, whether they are used or not. */
export function checkNames({ backend, target }: Intent): Diagnostic[] {
  const named =
    typeof backend === 'string'
      ? [{ name: backend, path: ['backend'] }]
      : (backend ?? []).map((name, index) => ({ name, path: ['backend', index] }));
  const isUnknown = (name: string | undefined): name is string =>
    name !== undefined && !backendNames().includes(name);
  return [
    ...named.flatMap(({ name, path }) => (isUnknown(name) ? [unknownBackend(name, path)] : [])),
    ...(target === undefined ? [] : unknownTarget(target, ['target'])),
  ];
}

/** @param path where it stands; empty for an option */
export function unknownBackend(name: string, path: Path = []): Diagnostic {
  const hint = meant(name, backendNames()) ?? `There are ${listed(backendNames())}.`;
  return diagnostic('backend-unknown', path, `There is no back end \`${name}\`.`, {
    hint,
    ...fixOf(name, backendNames(), path),
  });
}

/** What is wrong with the text of a target, if anything is. */
export function unknownTarget(text: string, path: Path = []): Diagnostic[] {
  const parsed = parseTarget(text);
  if (typeof parsed !== 'string') return [];
  if (text === 'host') {
    const message =
      'The target `host` is for the command line: an intent may be compiled on another machine.';
    const hint = "Name the host's distribution, or use `--target host` on the host itself.";
    return [diagnostic('target-unknown', path, message, { hint })];
  }
  const hint =
    meant(text, targetNames()) ??
    `There are ${listed(targetNames())}, and versions as in \`systemd=252,netplan=0.106\`.`;
  const sentence = `${parsed.charAt(0).toUpperCase()}${parsed.slice(1)}.`;
  return [
    diagnostic('target-unknown', path, sentence, { hint, ...fixOf(text, targetNames(), path) }),
  ];
}

/** Names with the same digits: another number is another release, and no slip. */
function sameRelease(name: string, names: readonly string[]): string[] {
  const digits = (text: string): string => text.replace(/\D/g, '');
  return names.filter((known) => digits(known) === digits(name));
}

/** Of a name in an intent; an option has no text to edit. */
function fixOf(name: string, names: readonly string[], path: Path): { readonly fix?: Fix } {
  const slip = path.length === 0 ? undefined : slipOf(name, sameRelease(name, names));
  return slip === undefined ? {} : { fix: setValue(slip) };
}

function meant(name: string, names: readonly string[]): string | undefined {
  // Longer than any name: its distance would only take time.
  if (name.length > 40) return undefined;
  const near = sameRelease(name, names).find((known) => distance(known, name.toLowerCase()) <= 2);
  return near && `Did you mean \`${near}\`?`;
}

const listed = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

/** Back ends that an intent names, each once. */
export function backendsNamed(
  { backends, renderer: own }: Model,
  { renderer, isForHost = false }: Pick<Selection, 'renderer' | 'isForHost'>,
): Backend[] {
  // `netplan` may be one of those that are named, too.
  const all = [...new Set(backends.map((name) => backendOf(name, renderer ?? own)))];
  return isForHost ? all.filter(({ scope }) => scope === 'host') : all;
}

/**
 * The back ends that are rendered of a model.
 * @throws Error for a name of the caller's that there is no back end of
 */
export function selectedBackends(model: Model, selection: Selection): Backend[] {
  const { backends, otherwise } = selection;
  if (backends) return backendsNamed({ ...model, backends }, { ...selection, isForHost: false });
  const own = backendsNamed(model, selection);
  if (own.length > 0 || !otherwise) return own;
  return backendsNamed(
    { ...model, backends: otherwise(model) },
    { ...selection, isForHost: false },
  );
}

/** What must accept the output; a model has no target that is unknown. */
export function selectedTarget(model: Model, { target }: Selection): TargetSpec | undefined {
  if (target || model.target === undefined) return target;
  const parsed = parseTarget(model.target);
  return typeof parsed === 'string' ? undefined : parsed;
}
