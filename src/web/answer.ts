/** What the page shows of an intent, as plain data that a worker can send: the core's own results. */
import { backendOf } from '../backends/registry.ts';
import type { ChangeSeverity } from '../changes/words.ts';
import type { RenderedSet } from '../compile.ts';
import {
  compileFleet,
  type Fleet,
  type FleetOptions,
  type HostCompilation,
} from '../compile-fleet.ts';
import { type Diagnostic, hasErrors, type Severity } from '../diagnostics/diagnostic.ts';
import { visible } from '../diagnostics/visible.ts';
import { changeBetween, type Drawing } from '../draw/change.ts';
import { reachOf } from '../draw/reach.ts';
import { drawingSvg } from '../draw/svg.ts';
import { topologyOf } from '../draw/topology.ts';
import { type ExplainedLine, explain } from '../explain/lines.ts';
import { changesOfHost, patchesOfHost } from '../install/replacement.ts';
import { textFixOf } from '../intent/edits.ts';
import { inOrder, rangeOf } from '../intent/positions.ts';
import type { Source } from '../intent/source.ts';
import type { Model } from '../model/types.ts';
import { backendNames, unknownTarget } from '../selection.ts';
import { parseTarget } from '../targets/requested.ts';
import { octal } from '../view/octal.ts';
import { type ShownStep, stepsFor } from './steps.ts';

/** How the page calls the text of the editor, in diagnostics and origins. */
export const FILE = 'macvtap.yaml';

/** Where neither the intent nor the reader names a back end. */
export const DEFAULT_BACKEND = 'networkd';

export interface Question {
  readonly text: string;
  /** Absent: that of the intent, else `DEFAULT_BACKEND`. */
  readonly backend?: string;
  /** As `--target` has it; absent: that of the intent, else every version in support. */
  readonly target?: string;
  /** Of a fleet; absent: the first. */
  readonly host?: string;
  /** The text that `text` replaces. */
  readonly before: string;
}

export interface Answer {
  /** The names of a fleet's hosts; none of an intent of one host. */
  readonly hosts: readonly string[];
  /** Other hosts with errors, which are not among the diagnostics. */
  readonly hostsWithErrors: readonly string[];
  /** In the order of their places. */
  readonly diagnostics: readonly ShownDiagnostic[];
  /** Absent exactly if there is an error. */
  readonly output?: Output;
  /** What the program threw, which it never should. */
  readonly internalError?: string;
}

export interface ShownDiagnostic {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly hint: string;
  /** Counted from 1. */
  readonly line: number;
  readonly column: number;
  /** UTF-16 units of the text, `to` past the last. */
  readonly from: number;
  readonly to: number;
  readonly backend?: string;
  readonly fix?: { readonly message: string; readonly edits: readonly ShownEdit[] };
}

export interface ShownEdit {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

export interface Output {
  readonly host: string;
  readonly sets: readonly ShownSet[];
  /** SVG: the topology, and who reaches whom. */
  readonly picture: string;
  /** Against `before`; absent where that has errors. */
  readonly change?: ShownChange;
}

export interface ShownSet {
  readonly backend: string;
  /** Whether it configures a host's network for good. */
  readonly isForHost: boolean;
  readonly files: readonly ShownFile[];
  readonly steps: readonly ShownStep[];
}

export interface ShownFile {
  readonly path: string;
  /** Four octal digits. */
  readonly mode: string;
  readonly role: string;
  /** What it is for. */
  readonly about: string;
  readonly lines: readonly ShownLine[];
}

export interface ShownLine extends Pick<ExplainedLine, 'text' | 'reason' | 'authority'> {
  /** In the intent, counted from 1. */
  readonly origin: number;
}

export interface ShownChange {
  readonly changes: readonly {
    readonly severity: ChangeSeverity;
    readonly subject: string;
    readonly message: string;
  }[];
  readonly patches: readonly { readonly backend: string; readonly patch: string }[];
  /** SVG: what changes in the topology; absent where nothing does. */
  readonly picture?: string;
}

/** An answer, and what it was made of: for downloads. */
export interface Answered {
  readonly answer: Answer;
  readonly host?: HostCompilation;
}

/** What an intent is compared with: the host of a text, or nothing where that has errors. */
export const compiledBefore = (question: Question, before: string): HostCompilation | undefined =>
  compileOne(before, question.host, optionsOf(question).options).hosts[0];

/**
 * Never throws for what a person can write or choose.
 * @param before the host as `question.before` describes it
 */
export function answer(question: Question, before: HostCompilation | undefined): Answered {
  const { options, problems } = optionsOf(question);
  const fleet = compileOne(question.text, question.host, options);
  const [host] = fleet.hosts;
  const found = [...problems, ...fleet.diagnostics];
  const shown = {
    hosts: fleet.isFleet ? fleet.names : [],
    hostsWithErrors: fleet.hostsWithErrors,
    diagnostics: shownDiagnostics(fleet.source, found, question.text),
  };
  if (!host?.model || hasErrors(found)) return { answer: shown };
  return { answer: { ...shown, output: outputOf(host, host.model, before) }, host };
}

/** What was chosen that there is none of is reported, and left out. */
function optionsOf({ backend, target }: Question): {
  options: FleetOptions;
  problems: Diagnostic[];
} {
  const isKnown = backend !== undefined && backendNames().includes(backend);
  const spec = target === undefined ? undefined : parseTarget(target);
  return {
    options: {
      ...(isKnown ? { backends: [backend] } : { otherwise: () => [DEFAULT_BACKEND] }),
      ...(typeof spec === 'object' && { target: spec }),
    },
    problems: target === undefined ? [] : unknownTarget(target),
  };
}

/** One host: the named one of a fleet, or its first. */
function compileOne(text: string, host: string | undefined, options: FleetOptions): Fleet {
  const texts = [{ file: FILE, text }];
  const fleet = compileFleet(texts, { ...options, hosts: host === undefined ? [] : [host] });
  const [first] = fleet.names;
  if (!fleet.isFleet || fleet.hosts.length > 0 || first === undefined) return fleet;
  return compileFleet(texts, { ...options, hosts: [first] });
}

function shownDiagnostics(
  source: Source,
  diagnostics: readonly Diagnostic[],
  text: string,
): ShownDiagnostic[] {
  // The source is without the byte order mark.
  const mark = text.startsWith('\ufeff') ? 1 : 0;
  return inOrder(source, diagnostics).map(({ diagnostic, place: { line, column } }) => {
    const [from, to] = rangeOf(source, diagnostic);
    const fix = textFixOf(source, diagnostic);
    return {
      code: diagnostic.code,
      severity: diagnostic.severity,
      message: visible(diagnostic.message),
      hint: visible(diagnostic.hint),
      line,
      column,
      from: from + mark,
      to: Math.max(from, to) + mark,
      ...(diagnostic.backend !== undefined && { backend: diagnostic.backend }),
      ...(fix && {
        fix: {
          message: visible(fix.message),
          edits: fix.edits.map(({ start, end, text: insert }) => ({
            from: start + mark,
            to: end + mark,
            insert,
          })),
        },
      }),
    };
  });
}

function outputOf(
  host: HostCompilation,
  model: Model,
  before: HostCompilation | undefined,
): Output {
  const topology = topologyOf(model);
  return {
    host: model.host,
    sets: (host.sets ?? []).map((set) => shownSet(host.source, set, model, before)),
    picture: drawingSvg(topology, reachOf(model)),
    ...(before?.model && { change: changeOf(before, before.model, host, model) }),
  };
}

function shownSet(
  source: Source,
  set: RenderedSet,
  model: Model,
  before: HostCompilation | undefined,
): ShownSet {
  const backend = backendOf(set.backend, model.renderer);
  const explained = explain(source, set.files);
  return {
    backend: set.backend,
    isForHost: backend.scope === 'host',
    files: set.files.map(({ path, mode, role, about }, index) => ({
      path,
      mode: octal(mode),
      role,
      about: about.why,
      lines: (explained[index]?.lines ?? []).map(({ text, reason, authority, origin }) => ({
        text,
        reason,
        authority,
        origin: origin.line,
      })),
    })),
    steps: stepsFor(
      backend,
      model,
      set,
      before?.sets?.find(({ backend: id }) => id === set.backend),
    ),
  };
}

function changeOf(
  before: HostCompilation,
  old: Model,
  after: HostCompilation,
  now: Model,
): ShownChange {
  const drawing: Drawing = changeBetween(topologyOf(old), topologyOf(now));
  const isSame = [...drawing.nodes, ...drawing.edges].every(({ change }) => change === undefined);
  return {
    changes: changesOfHost(before, after).map(({ severity, subject, message }) => ({
      severity,
      subject: visible(subject),
      message: visible(message),
    })),
    patches: patchesOfHost(before, after),
    ...(!isSame && { picture: drawingSvg(drawing, reachOf(now)) }),
  };
}
