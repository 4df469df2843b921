/** `doctor`: why the host, its guests and its LAN do not reach each other. */
import type { Compilation } from '../compile.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { diagnose } from '../doctor/diagnose.ts';
import type { Cause, Facts } from '../doctor/facts.ts';
import { readFacts } from '../doctor/read.ts';
import { causesText, lookedAt } from '../doctor/text.ts';
import type { Drawing } from '../draw/change.ts';
import { foundIn } from '../draw/found.ts';
import { drawingSvg } from '../draw/svg.ts';
import { treeText } from '../draw/text.ts';
import { managerOf } from '../kernel/manager.ts';
import { diagnosticsOf, documentText, hostKey } from '../report/output.ts';
import { doctorDocument } from '../report/outputs/doctor.ts';
import { visible } from '../report/text.ts';
import type { System } from '../system.ts';
import type { CommandLine } from './command-line.ts';
import { backendNamed } from './layout.ts';
import { colourful, EXIT, type ExitStatus } from './status.ts';

/** Changes nothing, and sends pings and ARP requests only. */
export function doctor(
  system: System,
  line: CommandLine,
  { sets, model, source }: Compilation,
  diagnostics: readonly Diagnostic[],
): ExitStatus {
  const [set] = sets ?? [];
  if (!set || !model) throw new Error('nothing to look at');
  const facts = readFacts(system, model, managerOf(backendNamed(set.backend)), line.guest);
  const causes = diagnose(facts);
  const drawing = foundIn(model, { ...facts, causes });
  if (line.format === 'svg') {
    system.stdout.write(drawingSvg(drawing, []));
    return causes.length > 0 ? EXIT.difference : EXIT.done;
  }
  system.stdout.write(
    line.format === 'json'
      ? documentText(doctorDocument, {
          hosts: [hostDocument(model.host, set.backend, causes, facts)],
          diagnostics: diagnosticsOf(source, diagnostics),
        })
      : text(system, drawing, causes, facts),
  );
  return causes.length > 0 ? EXIT.difference : EXIT.done;
}

const hostDocument = (host: string, backend: string, causes: readonly Cause[], facts: Facts) => ({
  host: hostKey(host),
  backend,
  causes: causes.map((one) => ({
    ...one,
    message: visible(one.message),
    hint: visible(one.hint),
    ...(one.alternatives && { alternatives: one.alternatives.map(visible) }),
  })),
  probes: facts.probes.map(({ role, address, link, isAnswered, mac }) => ({
    role,
    address,
    ...(link !== undefined && { link }),
    isAnswered,
    ...(mac !== undefined && { mac }),
  })),
  lookedAt: lookedAt(facts).map(visible),
});

function text(system: System, drawing: Drawing, causes: readonly Cause[], facts: Facts): string {
  const head =
    causes.length > 0
      ? causesText(causes, colourful(system, system.stdout))
      : facts.probes.length === 0
        ? 'Nothing is wrong on the host; it has no gateway to ask, and no guest was named.\n'
        : 'Nothing is wrong: everybody who was asked answers.\n';
  const looked = lookedAt(facts).map((line) => `  ${visible(line)}\n`);
  const tree = causes.length > 0 ? treeText(drawing).map((one) => `  ${one}\n`) : [];
  const where = tree.length > 0 ? `Where it breaks (!):\n${tree.join('')}\n` : '';
  return `${head}\n${where}What was looked at:\n${looked.join('')}`;
}
