/** What a change came to: as text, or as a document. */
import { clock } from '../apply/duration.ts';
import type { Difference, Step } from '../apply/flow.ts';
import type { Backend } from '../backends/backend.ts';
import type { Compilation } from '../compile.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { visible } from '../diagnostics/visible.ts';
import { whatHappens } from '../install/what-happens.ts';
import type { Manager } from '../kernel/types.ts';
import {
  type DocumentHost,
  diagnosticsOf,
  documentText,
  findingsOf,
  hostKey,
} from '../report/output.ts';
import { applyDocument } from '../report/outputs/apply.ts';
import { type System, SystemError } from '../system.ts';
import { differencesText } from './apply-steps.ts';
import type { CommandLine } from './command-line.ts';
import type { Assessment } from './install.ts';
import { addressesHere } from './running-host.ts';
import type { ExitStatus } from './status.ts';

export interface Ended {
  readonly result: DocumentHost<typeof applyDocument>['result'];
  readonly status: ExitStatus;
  readonly steps?: readonly Step[];
  readonly differences?: readonly Difference[];
  readonly log?: readonly string[];
  /** Of a change that is pending: until it rolls back. */
  readonly secondsLeft?: number;
}

interface About {
  readonly compilation: Compilation;
  readonly backend: Backend;
  readonly diagnostics: readonly Diagnostic[];
}

export function printEnd(
  system: System,
  line: CommandLine,
  ended: Ended & Assessment,
  about: About,
): void {
  if (line.format === 'json') {
    system.stdout.write(document(system, line, ended, about));
    return;
  }
  system.stderr.write(text(ended, system.stderr.isTerminal));
}

function document(
  system: System,
  line: CommandLine,
  { result, steps = [], differences = [], log = [], findings, plan }: Ended & Assessment,
  { compilation, backend, diagnostics }: About,
): string {
  const written = plan.written ?? [];
  const { changes } = whatHappens(backend.id, written, addressesHere(system, line));
  return documentText(applyDocument, {
    hosts: [
      {
        host: hostKey(compilation.model?.host ?? ''),
        backend: backend.id,
        result,
        changes: changes.map((one) => ({ ...one, message: visible(one.message) })),
        files: written.map(({ target, change }) => ({ path: target, change })),
        findings: findingsOf(findings),
        steps: steps.map((step) => ({ ...step, lines: step.lines.map(visible) })),
        differences: differences.map(({ severity, message, hint }) => ({
          severity,
          message: visible(message),
          hint: visible(hint),
        })),
        log: log.map(visible),
      },
    ],
    diagnostics: diagnosticsOf(compilation.source, diagnostics),
  });
}

const RESULTS: Readonly<Record<Ended['result'], string>> = {
  confirmed: 'Confirmed: the change stays.',
  'rolled-back': 'Rolled back: the host has its old files and network again.',
  'rollback-failed':
    'The rollback had problems. Run `macvtap-render rollback` to try again, from a console.',
  'waits-for-reboot':
    'Rebooting. When the host is back, run `macvtap-render confirm`; otherwise it rolls back.',
  pending: 'Interrupted: the change is pending, and not confirmed.',
  'up-to-date': 'Up to date: nothing to change.',
  differs:
    'The files are up to date, and the running network is not: `macvtap-render status` has fixes.',
  'would-change': 'Nothing was changed (--dry-run).',
  refused: 'Nothing was changed.',
};

function text(
  { result, steps = [], differences = [], log = [], secondsLeft }: Ended & Assessment,
  isShown: boolean,
): string {
  const failed = steps.filter(({ isDone, name }) => !isDone && name !== 'verify');
  // On a terminal they have been shown as they failed.
  const ofSteps = isShown
    ? []
    : failed.flatMap(({ name, lines }) => [`${name} failed:`, ...lines.map((one) => `  ${one}`)]);
  // After an activation they have been shown as they were found.
  const found = steps.length > 0 ? '' : differencesText(differences);
  const logged =
    log.length === 0 ? [] : ['', 'Log of the network daemon:', ...log.map((one) => `  ${one}`)];
  const lines = [...ofSteps, ...logged, RESULTS[result], ...pendingLines(result, secondsLeft), ''];
  return found + lines.map((one) => visible(one)).join('\n');
}

/** Whoever ended the question can still answer it. */
function pendingLines(result: Ended['result'], secondsLeft: number | undefined): string[] {
  if (result !== 'pending') return [];
  const after = secondsLeft === undefined ? 'at the next boot' : `in ${clock(secondsLeft)}`;
  return [
    '`macvtap-render confirm` keeps it, `macvtap-render rollback` ends it.',
    `It rolls back by itself ${after}; \`macvtap-render status\` shows the time that is left.`,
  ];
}

const UNITS: Readonly<Record<Manager, string>> = {
  networkd: 'systemd-networkd.service',
  networkmanager: 'NetworkManager.service',
  ifupdown: 'networking.service',
  none: '',
};
const LOG_LINES = 20;

/** The last lines that the daemon has logged; none without a journal. */
export function logOf(system: System, manager: Manager): string[] {
  const unit = UNITS[manager];
  if (unit === '') return [];
  const words = [
    '--no-pager',
    '--output=short',
    '--boot',
    `--lines=${LOG_LINES}`,
    `--unit=${unit}`,
  ];
  try {
    const { status, stdout } = system.run('journalctl', words, { timeoutMs: 10_000 });
    return status === 0
      ? stdout.split('\n').filter((line) => line !== '' && !line.startsWith('-- '))
      : [];
  } catch (error) {
    if (error instanceof SystemError) return [];
    throw error;
  }
}
