/** `--root` and `--output`: rendered files → a tree, and the next steps. */

import type { DomainChange } from '../apply/domains.ts';
import type { Compilation } from '../compile.ts';
import type { Finding } from '../diagnostics/finding.ts';
import { changeScript } from '../install/change-script.ts';
import { contradictions, hostFacts } from '../install/contradictions.ts';
import { exactly } from '../install/exact.ts';
import { ownerFindings } from '../install/network-owner.ts';
import type { Pending, PendingFolder } from '../install/pending.ts';
import {
  hasChanges,
  type Installation,
  type InstallOptions,
  lookAtPending,
  planOf,
  type Written,
} from '../install/plan.ts';
import { type Recreated, rebootOnly, recreated } from '../install/recreated.ts';
import { findingsAt, survey } from '../install/survey.ts';
import { planFiles, writeFiles } from '../install/write.ts';
import type { Model } from '../model/types.ts';
import { reportFindings, visible } from '../report/text.ts';
import type { Directory, System } from '../system.ts';
import { conflictsAround } from './around.ts';
import type { CommandLine } from './command-line.ts';
import { domainLines, domainsHere, otherMoves, withDomains } from './install-domains.ts';
import { backendNamed, type Layout, layOut } from './layout.ts';
import { addressesHere } from './running-host.ts';
import { colourful, EXIT, type ExitStatus, printProblem } from './status.ts';
import { nextSteps } from './steps.ts';
import { printWhatHappens } from './what-happens.ts';

/** What conflicts with an installation, and what it would do. */
export interface Assessment {
  readonly layouts: readonly Layout[];
  /** Which of the host's other files conflict with the rendered ones. */
  readonly findings: readonly Finding[];
  readonly plan: Installation;
  readonly isBlocked: boolean;
}

/**
 * Changes nothing.
 * @param there undefined where there is no such directory
 * @param shown how messages call it
 * @throws SystemError; UsageError as `layOut` does
 */
export function assess(
  there: Directory | undefined,
  line: CommandLine,
  { sets, model }: Compilation,
  shown: string,
): Assessment {
  if (!sets || !model) throw new Error('nothing to install');
  const layouts = layOut(line, sets);
  const placements = layouts.flatMap((item) => item.placements);
  const options = installOptionsFor(line, model, layouts);
  // Most hosts of a fleet are up to date, and no other file is there.
  const exact = there && exactly(there, placements, shown);
  const findings = there
    ? layouts.flatMap(({ set, base }) => {
        const backend = backendNamed(set.backend);
        const files = exact ? [] : survey(there, base, backend.watches, placements);
        return findingsAt(there, base, files, (all) => [
          ...(exact ? [] : ownerFindings(there, base, backend, model)),
          ...backend.judge(model, set.files, all),
        ]);
      })
    : [];
  const contrary =
    there && line.root === '/' && isOfHost(layouts) ? contradictions(model, hostFacts(there)) : [];
  const bases = layouts.map(({ base }) => base);
  const plan = exact
    ? planOf(exact, options, lookAtPending(there, options, shown))
    : planFiles(there, placements, bases, options, shown);
  const all = [...contrary, ...findings];
  const isBlocked = !plan.written || (blocking(all, line).length > 0 && !line.force);
  return { layouts, findings: all, plan, isBlocked };
}

/**
 * Replaced files of `/` are kept in its pending directory by default, those of another tree with
 * `--backup`. Files for guests or for a trial are not the host's network: they are not rolled back,
 * and `--backup` keeps them next to the new file.
 * @param written what would be done to each file, where it is known
 */
export const installOptionsFor = (
  line: CommandLine,
  model: Model | undefined,
  layouts: readonly Layout[],
  written: readonly Written[] = [],
): InstallOptions => ({
  ...installOptions(line),
  ...(line.output === undefined &&
    (line.root === '/' || line.backup) && {
      pendingFolders: layouts.flatMap((item) => pendingFoldersOf(line, model, item, written)),
    }),
});

/** What the change of files asks of devices that exist. */
export const effectsOf = (backend: string, written: readonly Written[]): Recreated[] =>
  recreated(
    written.map(({ target, before, after }) => ({ path: target, before, after })),
    backend,
  );

function pendingFoldersOf(
  { noBackup }: CommandLine,
  model: Model | undefined,
  { set, base }: Layout,
  written: readonly Written[],
): PendingFolder[] {
  const backend = backendNamed(set.backend);
  const { scope, edits } = backend;
  if (scope !== 'host' || !model) return [];
  const devices = rebootOnly(effectsOf(set.backend, written));
  return [
    {
      base: base.steps,
      isOff: noBackup,
      ...(devices.length > 0 && {
        notes: { 'reboot-only': devices.map((name) => `${name}\n`).join('') },
      }),
      script: changeScript(backend, model, set.files),
      ...(edits && { also: [edits.path] }),
    },
  ];
}

/** Adds the findings of the tree around `--output`. */
function withTreeAround(
  system: System,
  line: CommandLine,
  assessment: Assessment,
  { model }: Compilation,
): Assessment {
  if (line.output === undefined || !model) return assessment;
  const backends = assessment.layouts.map(({ set }) => backendNamed(set.backend));
  const around = conflictsAround(system, line.output, backends, model);
  return {
    ...assessment,
    findings: [...around, ...assessment.findings],
    isBlocked: assessment.isBlocked || (blocking(around, line).length > 0 && !line.force),
  };
}

export const installOptions = ({ force, backup, noPrune }: CommandLine): InstallOptions => ({
  force,
  backup,
  keepOrphans: noPrune,
});

export function install(system: System, line: CommandLine, compilation: Compilation): ExitStatus {
  const path = line.root ?? line.output ?? '';
  const there = system.openExisting(path);
  let assessment: Assessment;
  try {
    assessment = withTreeAround(system, line, assess(there, line, compilation, path), compilation);
  } finally {
    there?.close();
  }
  const { layouts, plan } = assessment;
  const domains = domainsHere(system, line, compilation.model, plan, isOfHost(layouts));
  const findings = [...assessment.findings, ...(domains?.findings ?? [])];
  const isBlocked = assessment.isBlocked || (blocking(findings, line).length > 0 && !line.force);
  if (findings.length > 0) system.stderr.write(reportFindings(findings, colourful(system)));
  for (const { path: where, message, hint } of plan.problems) {
    printProblem(system, `${where}: ${message}`, hint);
  }
  if (isBlocked) {
    const forced = hasChanges(plan.written) ? ' `--force` writes anyway.' : '';
    system.stderr.write(`Nothing was written.${forced}\n`);
    return EXIT.system;
  }
  const other = otherMoves(system, plan, domains);
  if (other) {
    printProblem(system, other.message, other.hint);
    return EXIT.system;
  }
  const moves = domains?.moves ?? [];
  if (line.dryRun) return report(system, line, compilation, layouts, plan, moves);
  const placements = layouts.flatMap((item) => item.placements);
  const bases = layouts.map(({ base }) => base);
  const options = withDomains(
    installOptionsFor(line, compilation.model, layouts, plan.written),
    domains,
  );
  return carryOut(system, line, compilation, layouts, moves, (top) =>
    writeFiles(top, placements, bases, options),
  );
}

const isOfHost = (layouts: readonly Layout[]): boolean =>
  layouts.some(({ set }) => backendNamed(set.backend).scope === 'host');

/** Findings that prevent writing: with `--strict` also warnings. */
export const blocking = (findings: readonly Finding[], { strict }: CommandLine): Finding[] =>
  findings.filter(({ severity }) => severity === 'error' || (strict && severity === 'warning'));

function carryOut(
  system: System,
  line: CommandLine,
  compilation: Compilation,
  layouts: readonly Layout[],
  moves: DomainChange['moves'],
  write: (top: ReturnType<System['openDirectory']>) => Installation,
): ExitStatus {
  const top = system.openDirectory(line.root ?? line.output ?? '');
  try {
    const installation = write(top);
    for (const { path, message, hint } of installation.problems) {
      printProblem(system, `${path}: ${message}`, hint);
    }
    if (!installation.written) {
      system.stderr.write('Nothing was written.\n');
      return EXIT.system;
    }
    return report(system, line, compilation, layouts, installation, moves);
  } finally {
    top.close();
  }
}

/** Reports what was (or would be) done to each file, and the next steps. */
function report(
  system: System,
  line: CommandLine,
  { model }: Compilation,
  layouts: readonly Layout[],
  { written = [], isResumed, pending = [] }: Installation,
  moves: DomainChange['moves'],
): ExitStatus {
  reportPending(system, line, pending);
  const printOptions = { isResumed, isForced: line.force };
  if (layouts.length === 1) {
    const now = addressesHere(system, line);
    printWhatHappens(system, layouts[0]?.set.backend ?? '', written, now, printOptions);
  }
  reportWritten(system, written, line.dryRun ? 'would be ' : '');
  const isPlan = line.dryRun && hasChanges(written);
  for (const text of domainLines(moves, isPlan ? 'would be' : undefined))
    system.stderr.write(`${visible(text)}\n`);
  for (const { path, about } of layouts.flatMap(({ elsewhere }) => elsewhere)) {
    system.stderr.write(`not written: ${path} (${about.why} --root writes it.)\n`);
  }
  const [only, another] = layouts;
  if (model && only && !another) {
    system.stderr.write(
      nextSteps(line, only.set, model, written, {
        isPending: isResumed || pending.some(({ isOfThisBoot }) => isOfThisBoot),
        isActivated: pending.some(({ isOfThisBoot, isActivated }) => isOfThisBoot && isActivated),
        waitsForReboot: pending.some((one) => one.waitsForReboot),
      }),
    );
  }
  return EXIT.done;
}

/** Reports a change that is pending, and an installation that was interrupted. */
function reportPending(
  system: System,
  { dryRun, noBackup }: CommandLine,
  pending: readonly Pending[],
): void {
  for (const { path, isOfThisBoot, isInterrupted } of pending) {
    if (isInterrupted) {
      const who = dryRun || noBackup ? 'a run without `--dry-run` and `--no-backup`' : 'this run';
      system.stderr.write(
        `An earlier installation stopped before every file was in place; ${who} completes it.\n`,
      );
    }
    if (isOfThisBoot) {
      system.stderr.write(
        `${visible(`A change is not confirmed yet (${path}): the rollback restores the state before it.`)}\n`,
      );
    }
  }
}

/** A line for each file. @param verb before what is done to it; empty: it was done */
export function reportWritten(
  system: System,
  written: readonly Written[],
  verb: '' | 'will be ' | 'would be ',
): void {
  for (const { path, change, backup, because } of written) {
    const rest = [
      ...(because === undefined ? [] : [` (${because})`]),
      ...(backup === undefined ? [] : [`; the old file is kept as ${backup}`]),
    ].join('');
    system.stderr.write(`${verb}${change}: ${visible(`${path}${rest}`)}\n`);
  }
}
