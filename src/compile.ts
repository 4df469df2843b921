/**
 * The whole flow, and the place to begin reading:
 *
 *     load → parse → resolve → check → render → emit
 *
 * A fleet is split before `parse` (`fleet.ts`), each of its hosts is compiled alone, and at the end they are
 * compared with each other. Rendered files are fitted to the versions of a target.
 *
 * `load` (reading the file) and `emit` (writing the files) touch the world and belong to the
 * command; what is between them is pure, and here.
 */

import type { Backend } from './backends/backend.ts';
import { checkHostDefaults } from './backends/host/host-defaults.ts';
import { type Diagnostic, hasErrors, type Outcome, strictly } from './diagnostics/diagnostic.ts';
import { fit } from './fit.ts';
import { type Parsed, parse } from './intent/parse.ts';
import type { Source } from './intent/source.ts';
import { type HostLinks, onHost } from './model/on-host.ts';
import { resolve } from './model/resolve.ts';
import type { Model } from './model/types.ts';
import { checkNames, type Selection, selectedBackends, selectedTarget } from './selection.ts';
import { targetFor } from './targets/floor.ts';
import type { Target, TargetSpec } from './targets/target.ts';
import type { RenderedFile } from './view/rendered.ts';

/** What is asked for, of one intent as of a fleet. */
export interface RenderOptions extends Selection {
  /** Every warning is an error. */
  readonly strict?: boolean;
  /** On the host itself, or for a tree of it: what it says of links with `managed: false`. */
  readonly hostLinks?: HostLinks;
}

export interface CompileOptions extends RenderOptions {
  /** How diagnostics name the text: a path, or `<stdin>`. */
  readonly file: string;
}

export interface RenderedSet {
  readonly backend: string;
  readonly files: readonly RenderedFile[];
}

export interface Compilation {
  readonly source: Source;
  readonly diagnostics: readonly Diagnostic[];
  /** One for each selected back end; absent exactly if there is an error. */
  readonly sets?: readonly RenderedSet[];
  /** What was understood; as absent as `sets`. */
  readonly model?: Model;
  /** What could be understood in spite of errors, for the comparison with other hosts. */
  readonly draft?: Model;
}

/**
 * Text of an intent → files for every requested back end, or diagnostics.
 * @throws Error for a way that there is none of: `backends` has the names
 */
export function compile(text: string, options: CompileOptions): Compilation {
  return compileParsed(parse(options.file, text), options);
}

/** What was read → files, or what is wrong. @throws Error as `compile` does */
export function compileParsed(parsed: Parsed, options: RenderOptions): Compilation {
  const resolved: Outcome<Model> & { readonly draft?: Model } = parsed.intent
    ? resolve(parsed.intent, [...parsed.diagnostics, ...checkNames(parsed.intent)])
    : { diagnostics: parsed.diagnostics };
  const { hostLinks } = options;
  const model = resolved.value && hostLinks ? onHost(resolved.value, hostLinks) : resolved.value;
  const target = model && selectedTarget(model, options);
  const rendered = model
    ? selectedBackends(model, options).map((backend) => renderFor(backend, model, target))
    : [];
  const found = [...resolved.diagnostics, ...rendered.flatMap(({ diagnostics }) => diagnostics)];
  const diagnostics = options.strict ? strictly(found) : found;
  const { source } = parsed;
  const { draft } = resolved;
  const common = { source, diagnostics, ...(draft && { draft }) };
  if (!model || hasErrors(diagnostics)) return common;
  return { ...common, sets: rendered.map(({ set }) => set), model };
}

/** check → render → fit: what a back end makes of the model, and what it cannot express. */
export function renderFor(
  backend: Backend,
  model: Model,
  spec: TargetSpec | undefined,
): { set: RenderedSet; diagnostics: Diagnostic[] } {
  const target: Target = targetFor(backend.needs, spec);
  const checked = [...checkHostDefaults(backend, model, target), ...backend.check(model, target)];
  const { files, diagnostics } = fit(backend.render(model, target), target, backend.id);
  return { set: { backend: backend.id, files }, diagnostics: [...checked, ...diagnostics] };
}
