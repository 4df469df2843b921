/** `status`: files, daemon and kernel of this host against the intent, and the change that is pending. */
import { clock } from '../apply/duration.ts';
import { type PendingChange, pendingChange } from '../apply/pending-change.ts';
import type { Backend } from '../backends/backend.ts';
import type { Compilation } from '../compile.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Finding } from '../diagnostics/finding.ts';
import { type Check, checkTree } from '../install/check.ts';
import { isFixedByInstall } from '../install/differences.ts';
import { managerOf } from '../kernel/manager.ts';
import { readKernel } from '../kernel/read.ts';
import type { Model } from '../model/types.ts';
import { diagnosticsOf, documentText, findingsOf, hostKey } from '../report/output.ts';
import { statusDocument } from '../report/outputs/status.ts';
import { reportFindings, visible } from '../report/text.ts';
import { type Drift, driftOf } from '../status/drift.ts';
import { countText, driftText, isDrift } from '../status/text.ts';
import { type Directory, type System, SystemError } from '../system.ts';
import type { CommandLine } from './command-line.ts';
import { backendNamed, layOut } from './layout.ts';
import { colourful, EXIT, type ExitStatus } from './status.ts';

/** What was found of the host. */
interface Seen {
  readonly model: Model;
  readonly backend: Backend;
  readonly running: readonly Drift[];
  readonly files: Check;
  readonly count: number;
  /** They are those for the versions of this host. */
  readonly isForHost?: true;
  readonly pending: PendingChange;
}

/**
 * @param forThisHost the intent as compiled for the versions of this host; empty where they are not known
 * @throws SystemError where the files of the host cannot be read
 */
export async function hostStatus(
  system: System,
  line: CommandLine,
  compiled: Compilation,
  diagnostics: readonly Diagnostic[],
  forThisHost: () => Promise<readonly Compilation[]>,
): Promise<ExitStatus> {
  const top = system.openExisting('/');
  if (!top) throw new SystemError('not-found', '/', 'cannot be read');
  try {
    const asIs = compareFiles(top, line, compiled);
    const isAsked = line.target !== undefined || asIs.model.target !== undefined;
    // Files that were installed with a target differ from those for the newest versions.
    const others = isAsked || !asIs.files.differences.some(isError) ? [] : await forThisHost();
    const forHost = others
      // One that these versions cannot express has no files.
      .filter(({ sets = [] }) => sets.length > 0)
      .map((other) => compareFiles(top, line, other))
      .find((compared) => !compared.files.differences.some(isError));
    const { model, backend, files, count } = forHost ?? asIs;
    const { source } = compiled;
    const seen: Seen = {
      model,
      backend,
      running: driftOf(model, readKernel(system, managerOf(backend), model.taps)),
      files,
      count,
      ...(forHost && { isForHost: true as const }),
      pending: pendingChange(system),
    };
    system.stdout.write(
      line.format === 'json'
        ? documentText(statusDocument, {
            hosts: [hostDocument(seen)],
            diagnostics: diagnosticsOf(source, diagnostics),
          })
        : text(system, line, seen),
    );
    return differs(seen) ? EXIT.difference : EXIT.done;
  } finally {
    top.close();
  }
}

/** The files of a host against an intent. @throws SystemError where there is nothing to compare, or to read */
function compareFiles(
  top: Directory,
  line: CommandLine,
  { sets, model }: Compilation,
): Pick<Seen, 'model' | 'backend' | 'files' | 'count'> {
  const [layout] = layOut(line, sets ?? []);
  if (!layout || !model) throw new SystemError('not-found', '/', 'cannot be read');
  const { set, base, placements } = layout;
  const backend = backendNamed(set.backend);
  const checked = { backend, model, files: set.files, base, placements };
  return {
    model,
    backend,
    files: checkTree(top, checked, { shown: '/', ignoreRights: false }),
    count: set.files.length,
  };
}

const isError = ({ severity }: Finding): boolean => severity === 'error';

const differs = ({ running, files }: Seen): boolean =>
  running.some(isDrift) || [...files.differences, ...files.conflicts].some(isError);

function hostDocument(seen: Seen) {
  const { model, backend, running, files, pending } = seen;
  const { patch } = files;
  return {
    host: hostKey(model.host),
    backend: backend.id,
    isDrift: differs(seen),
    running: running.map((found) => ({
      ...found,
      message: visible(found.message),
      hint: visible(found.hint),
    })),
    files: findingsOf([...files.differences, ...files.conflicts]),
    patches: patch === '' ? [] : [{ backend: backend.id, patch }],
    ...pendingDocument(pending),
  };
}

/** The same intent gives other files for the versions of a target. */
const ifTarget = ({ target }: CommandLine, { target: own }: Model): string =>
  target === undefined && own === undefined
    ? ' (name `--target` if they were installed with one)'
    : '';

/** What differs, then a line for each thing that was looked at. */
function text(
  system: System,
  line: CommandLine,
  { model, backend, running, files, count, isForHost, pending }: Seen,
): string {
  const colour = colourful(system, system.stdout);
  const found = [...files.differences, ...files.conflicts];
  const kernel = countText(running);
  const ofFiles = countText(found);
  const advice = [
    ...(files.patch === ''
      ? []
      : [`; \`macvtap-render check\` prints the difference${ifTarget(line, model)}`]),
    ...(files.differences.some(isFixedByInstall)
      ? ['; `macvtap-render apply` installs them again']
      : []),
  ].join('');
  const rows = [
    ['Network', `${kernel === '' ? 'as the intent says' : kernel} (${backend.id})`],
    [
      'Files',
      ofFiles === ''
        ? `up to date (${count} files${isForHost ? ', for the versions of this host' : ''})`
        : `${ofFiles}${advice}`,
    ],
    ['Change', pendingText(pending)],
  ];
  const parts = [
    driftText(running, colour),
    reportFindings(found, colour, isFixedByInstall),
    rows.map(([name = '', value = '']) => `${name.padEnd(8)} ${value}\n`).join(''),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function pendingDocument({ state, ...pending }: PendingChange) {
  return state === 'none' ? {} : { pending: { state, ...pending } };
}

function pendingText({ state, secondsLeft, rollsBackAtBoot }: PendingChange): string {
  if (state !== 'pending') return STATES[state];
  const whens = [
    ...(secondsLeft === undefined ? [] : [`in ${clock(secondsLeft)}`]),
    ...(rollsBackAtBoot ? ['at the next boot'] : []),
  ];
  const when = whens.length === 0 ? '' : `, or it rolls back ${whens.join(' and ')}`;
  return `pending: \`macvtap-render confirm\` keeps it${when}`;
}

const STATES = {
  none: 'none pending',
  installing:
    'an installation stopped before every file was in place: `macvtap-render rollback` ends it',
  'waits-for-reboot': 'pending: the next boot activates it',
  'rolling-back': 'being rolled back',
  'rollback-failed': 'a rollback stopped, or had problems: `macvtap-render rollback` resumes it',
} as const;
