/** What `apply --format json` prints. */
import * as v from 'valibot';
import { documentSchema, findingSchema } from '../output.ts';
import { changeSchema } from './diff.ts';

const about = v.description;
const text = (description: string) => v.pipe(v.string(), about(description));

const step = v.object({
  name: v.pipe(
    v.picklist(['keep', 'arm', 'install', 'activate', 'verify', 'confirm', 'rollback']),
    about('What was done.'),
  ),
  isDone: v.pipe(v.boolean(), about('Whether it succeeded.')),
  seconds: v.pipe(v.number(), about('How long it took.')),
  lines: v.pipe(v.array(v.string()), about('What it printed.')),
});

const difference = v.object({
  severity: v.pipe(
    v.picklist(['error', 'warning', 'note']),
    about('An error rolls the change back.'),
  ),
  message: text('What differs from the intent, in one sentence.'),
  hint: text('What to do about it.'),
});

const file = v.object({
  path: text('The file on the host.'),
  change: v.pipe(
    v.picklist(['created', 'replaced', 'mode', 'owner', 'unchanged', 'removed', 'left']),
    about('What happens to it.'),
  ),
});

export const applyDocument = documentSchema(
  'apply',
  'What was changed on this host, and whether it stays.',
  {
    backend: text('The back end whose files are installed.'),
    result: v.pipe(
      v.picklist([
        'confirmed',
        'rolled-back',
        'rollback-failed',
        'waits-for-reboot',
        'pending',
        'up-to-date',
        'differs',
        'would-change',
        'refused',
      ]),
      about(
        '`up-to-date`: nothing to change; `differs`: the files are, the running network is not; `would-change`: `--dry-run`; `refused`: nothing was touched; `pending`: interrupted by Ctrl-C, and neither confirmed nor rolled back yet.',
      ),
    ),
    changes: v.pipe(v.array(changeSchema), about('What happens on the machine, the worst first.')),
    files: v.pipe(v.array(file), about('Every generated file.')),
    findings: v.pipe(v.array(findingSchema), about('What conflicts with them on the host.')),
    steps: v.pipe(v.array(step), about('In the order in which they were done.')),
    differences: v.pipe(v.array(difference), about('What the verification found.')),
    log: v.pipe(
      v.array(v.string()),
      about('What the network daemon logged, where a change was rolled back.'),
    ),
  },
);
