/** `graph`: the topology of one host, and who reaches whom; or what changes in it. */
import type { Fleet } from '../compile-fleet.ts';
import { type Diagnostic, hasErrors } from '../diagnostics/diagnostic.ts';
import { changeBetween, type Drawing } from '../draw/change.ts';
import { drawingMermaid } from '../draw/mermaid.ts';
import { type Reach, reachOf } from '../draw/reach.ts';
import { drawingSvg } from '../draw/svg.ts';
import { drawingText } from '../draw/text.ts';
import { topologyOf } from '../draw/topology.ts';
import type { Model } from '../model/types.ts';
import {
  type DocumentDiagnostic,
  diagnosticsOf,
  documentText,
  hostKey,
  refusal,
} from '../report/output.ts';
import { graphDocument } from '../report/outputs/graph.ts';
import type { System } from '../system.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { compileEither } from './diff.ts';
import { EXIT, type ExitStatus } from './status.ts';

/**
 * @param report prints the diagnostics of the intent that `--before` names, and returns them
 * @throws UsageError for a fleet without `--host`
 */
export async function graph(
  system: System,
  line: CommandLine,
  fleet: Fleet,
  reported: readonly Diagnostic[],
  report: (fleet: Fleet) => readonly Diagnostic[],
): Promise<ExitStatus> {
  const model = modelToDraw(fleet);
  const diagnostics = diagnosticsOf(fleet.source, reported);
  let before: Model | undefined;
  if (line.before !== undefined) {
    const old = await compileEither(system, line, line.before, {
      backends: [],
      strict: line.strict,
    });
    diagnostics.push(...diagnosticsOf(old.source, report(old)));
    if (hasErrors(old.diagnostics)) {
      if (line.format === 'json') system.stdout.write(refusal('graph', diagnostics));
      return EXIT.intent;
    }
    before = modelToDraw(old);
  }
  const drawing = drawingOf(model, before);
  const reach = reachOf(model);
  system.stdout.write(
    line.format === 'json'
      ? graphJson(model, drawing, reach, diagnostics)
      : drawn(drawing, reach, line.format),
  );
  return EXIT.done;
}

/** @throws UsageError where there is not one host to draw */
export function modelToDraw({ hosts }: Fleet): Model {
  const [first, another] = hosts;
  if (!first?.model || another) {
    throw new UsageError('one host of a fleet is drawn at a time: `--host NAME`');
  }
  return first.model;
}

/** @returns one topology, or with `before` what changes in it */
export function drawingOf(model: Model, before?: Model): Drawing {
  const now = topologyOf(model);
  return before ? changeBetween(topologyOf(before), now) : now;
}

/** @param format of `--format`; text by default */
export function drawn(
  drawing: Drawing,
  reach: readonly Reach[],
  format: CommandLine['format'],
): string {
  if (format === 'svg') return drawingSvg(drawing, reach);
  if (format === 'mermaid') return drawingMermaid(drawing);
  return drawingText(drawing, reach);
}

const graphJson = (
  { host }: Model,
  { nodes, edges }: Drawing,
  reach: readonly Reach[],
  diagnostics: readonly DocumentDiagnostic[],
): string =>
  documentText(graphDocument, {
    hosts: [
      {
        host: hostKey(host),
        nodes: nodes.map(({ id, kind, name, facts, change, was }) => ({
          id,
          kind,
          name,
          facts,
          ...(change && { change }),
          ...(was && { was }),
        })),
        edges: edges.map(({ from, to, change }) => ({ from, to, ...(change && { change }) })),
        reach,
      },
    ],
    diagnostics,
  });
