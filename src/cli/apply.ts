/** `apply`: changes this host, verifies the change, and rolls it back unless it is confirmed. */
import { type DomainChange, domainChange } from '../apply/domains.ts';
import { type Result, runChange } from '../apply/flow.ts';
import { pendingChange } from '../apply/pending-change.ts';
import { type Preparation, prepare } from '../apply/prepare.ts';
import { lookAt, lookBefore, verify } from '../apply/verify.ts';
import type { Backend } from '../backends/backend.ts';
import type { Compilation } from '../compile.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Finding } from '../diagnostics/finding.ts';
import { hasChanges, type InstallOptions } from '../install/plan.ts';
import { planFiles, writeFiles } from '../install/write.ts';
import { managerOf } from '../kernel/manager.ts';
import type { Model } from '../model/types.ts';
import { reportFindings, visible } from '../report/text.ts';
import { type System, SystemError } from '../system.ts';
import { refusal } from './apply-refusal.ts';
import { type Ended, logOf, printEnd } from './apply-report.ts';
import { shownSteps } from './apply-steps.ts';
import type { CommandLine } from './command-line.ts';
import { type Assessment, assess, blocking, installOptionsFor, reportWritten } from './install.ts';
import { domainLines, unmoved } from './install-domains.ts';
import { checkHere, installedTarget } from './installed-target.ts';
import { backendNamed, layOut } from './layout.ts';
import { addressesHere } from './running-host.ts';
import { colourful, EXIT, type ExitStatus, printProblem } from './status.ts';
import { printWhatHappens } from './what-happens.ts';

/** Two minutes; with a reboot, five: a host takes its time to be reached again. */
export const DEFAULT_SECONDS = { live: 120, reboot: 300 } as const;

/** What is to be installed, and on what. */
interface Task {
  readonly system: System;
  readonly line: CommandLine;
  readonly compilation: Compilation;
  readonly model: Model;
  readonly backend: Backend;
  readonly diagnostics: readonly Diagnostic[];
  readonly preparation: Preparation;
  /** Of the files that are installed. */
  readonly notes: readonly Finding[];
}

interface Assessed extends Assessment {
  readonly domains: DomainChange;
}

/**
 * @param here the distribution of this host, as `--target` takes it; absent: unknown
 * @throws SystemError where the host cannot be read
 */
export function apply(
  system: System,
  commandLine: CommandLine,
  compilation: Compilation,
  diagnostics: readonly Diagnostic[],
  here: string | undefined,
): ExitStatus {
  const { sets, model } = compilation;
  const [set] = sets ?? [];
  if (!set || !model) throw new Error('nothing to apply');
  const line = { ...commandLine, root: '/' };
  const backend = backendNamed(set.backend);
  const preparation = prepared(system, line, backend, model);
  const known = { backend, model, here };
  const { fitted, notes } = ofInstalledTarget(system, line, compilation, known);
  const task: Task = {
    ...{ system, line, model, backend, diagnostics, preparation },
    compilation: fitted,
    notes,
  };
  const assessment = assessed(task);
  const refused = refusal(system, task, assessment);
  if (refused) {
    printProblem(system, refused.message, refused.hint);
    return end(task, assessment, { result: 'refused', status: EXIT.system });
  }
  const { written = [] } = assessment.plan;
  const isChange = hasChanges(written);
  const asText = line.format !== 'json';
  if (asText) {
    printWhatHappens(system, backend.id, written, addressesHere(system, line), {
      isForced: line.force,
      ...(line.reboot && { isReboot: true }),
    });
    if (isChange) {
      const verb = line.dryRun ? 'would be' : 'will be';
      reportWritten(system, written, `${verb} `);
      const moves = domainLines(assessment.domains.moves, verb);
      for (const text of [...preparation.lines(verb), ...moves])
        system.stderr.write(`${visible(text)}\n`);
    }
  }
  if (!isChange) return unchanged(task, assessment);
  if (line.dryRun) return end(task, assessment, { result: 'would-change', status: EXIT.done });
  return change(task, assessment);
}

/** The files that were installed with `--target` are not replaced by others for want of it, or not silently. */
function ofInstalledTarget(
  system: System,
  line: CommandLine,
  compilation: Compilation,
  { backend, model, here }: Pick<Task, 'backend' | 'model'> & { readonly here: string | undefined },
): { readonly fitted: Compilation; readonly notes: readonly Finding[] } {
  const [layout] = layOut(line, compilation.sets ?? []);
  const top = system.openExisting('/');
  if (!layout || !top) return { fitted: compilation, notes: [] };
  try {
    const host = { backend, model, base: layout.base };
    const known = { backend, model, set: layout.set };
    const { found, notes } = installedTarget(line, known, (set) => checkHere(top, host, set), here);
    return { fitted: found ? { ...compilation, sets: [found.set] } : compilation, notes };
  } finally {
    top.close();
  }
}

function prepared(system: System, line: CommandLine, backend: Backend, model: Model): Preparation {
  const top = system.openExisting('/');
  if (!top) throw new SystemError('not-found', '/', 'cannot be read');
  try {
    return prepare(system, top, backend, model, {
      isSwitch: line.switch,
      isReboot: line.reboot,
      move: line.move,
    });
  } finally {
    top.close();
  }
}

/** What conflicts on the host, and what would be written. */
function assessed({ system, line, model, compilation, preparation, notes }: Task): Assessed {
  const top = system.openDirectory('/');
  try {
    const all = assess(top, line, compilation, '/');
    const { written } = all.plan;
    const domains = domainChange(system, top, model, unmoved({ noBackup: false }, all.plan));
    // Without a change of files the rest of the preparation is not done either.
    const isDone = !written || hasChanges(written);
    const conflicts = isDone ? preparation.unsolved(all.findings) : all.findings;
    const findings = [...notes, ...conflicts, ...domains.findings];
    const isBlocked = !written || (blocking(findings, line).length > 0 && !line.force);
    const assessment = { ...all, findings, isBlocked, domains };
    if (assessment.findings.length > 0 && line.format !== 'json') {
      system.stderr.write(reportFindings(assessment.findings, colourful(system)));
    }
    for (const { path, message, hint } of assessment.plan.problems) {
      printProblem(system, `${path}: ${message}`, hint);
    }
    return assessment;
  } finally {
    top.close();
  }
}

/** The files are up to date; whether the running network is, is another question. */
function unchanged(task: Task, assessment: Assessment): ExitStatus {
  const { system, model, backend, line } = task;
  if (line.dryRun) return end(task, assessment, { result: 'up-to-date', status: EXIT.done });
  const look = lookAt(system, managerOf(backend), model.taps);
  const differences = verify(look, model, lookBefore(look, model));
  const isRight = differences.every(({ severity }) => severity !== 'error');
  return end(task, assessment, {
    result: isRight ? 'up-to-date' : 'differs',
    status: isRight ? EXIT.done : EXIT.difference,
    differences,
  });
}

const STATUS: Readonly<Record<Result, ExitStatus>> = {
  confirmed: EXIT.done,
  'waits-for-reboot': EXIT.done,
  'rolled-back': EXIT.difference,
  'rollback-failed': EXIT.system,
  refused: EXIT.system,
  pending: EXIT.interrupted,
};

function change(task: Task, assessment: Assessed): ExitStatus {
  const { system, line, model, backend, preparation } = task;
  const { domains } = assessment;
  const placements = assessment.layouts.flatMap((one) => one.placements);
  const bases = assessment.layouts.map(({ base }) => base);
  const { pendingFolders = [], ...rest } = installOptionsFor(
    line,
    model,
    assessment.layouts,
    assessment.plan.written,
  );
  const options: InstallOptions = {
    ...rest,
    isAlone: true,
    pendingFolders: pendingFolders.map((folder) => ({
      ...folder,
      also: [...(folder.also ?? []), ...preparation.move],
      notes: { ...folder.notes, ...preparation.notes },
      domains,
    })),
  };
  const manager = managerOf(backend);
  const look = lookAt(system, manager, model.taps);
  const before = lookBefore(look, model);
  const isOver = (): boolean => pendingChange(system).state !== 'pending';
  const onTop = <T>(act: (top: ReturnType<System['openDirectory']>) => T): T => {
    const top = system.openDirectory('/');
    try {
      return act(top);
    } finally {
      top.close();
    }
  };
  const install = (more: InstallOptions): void => {
    const { written, problems } = onTop((top) => writeFiles(top, placements, bases, more));
    if (written) return;
    const [problem] = problems;
    throw new SystemError(
      'refused',
      problem?.path ?? '/',
      problem?.message ?? 'nothing was written',
    );
  };
  const outcome = runChange(
    system,
    {
      install: (onKept) => install({ ...options, onKept }),
      verify: () => [...verify({ ...look, isOver }, model, before), ...domains.drift()],
      log: () => logOf(system, manager),
      isInPlace: () =>
        onTop((top) =>
          (planFiles(top, placements, bases, options).written ?? []).every(
            ({ change: what }) => what === 'unchanged' || what === 'left',
          ),
        ),
    },
    {
      seconds: line.seconds ?? DEFAULT_SECONDS[line.reboot ? 'reboot' : 'live'],
      isReboot: line.reboot,
      confirmsItself: line.yes,
    },
    shownSteps(system, line),
  );
  return end(task, assessment, {
    ...outcome,
    status: STATUS[outcome.result],
  });
}

function end(task: Task, assessment: Assessment, ended: Ended): ExitStatus {
  const { system, line, compilation, backend, diagnostics } = task;
  printEnd(system, line, { ...assessment, ...ended }, { compilation, backend, diagnostics });
  if (ended.result === 'waits-for-reboot') system.run('systemctl', ['reboot']);
  return ended.status;
}
