/** What `status --format json` prints. */
import * as v from 'valibot';
import { documentSchema, findingSchema, patchSchema } from '../output.ts';

const about = v.description;
const text = (description: string) => v.pipe(v.string(), about(description));

/** A difference of the running host. */
export const driftSchema = v.object({
  code: text('Stable; `explain CODE` has a page on it.'),
  severity: v.pipe(
    v.picklist(['error', 'warning', 'note']),
    about('A note is information, and no drift.'),
  ),
  link: v.exactOptional(text('The link that it is about; absent: none alone.')),
  message: text('What is, and what the intent says, in one sentence.'),
  hint: text('What to do about it.'),
  mayStillCome: v.pipe(
    v.boolean(),
    about('It may come by itself within seconds: a lease, a daemon at work.'),
  ),
});

export const statusDocument = documentSchema(
  'status',
  'The running host, and its files, against the intent.',
  {
    backend: text('The back end whose files and daemon were looked at.'),
    isDrift: v.pipe(v.boolean(), about('Whether anything differs: the exit status is 1 then.')),
    running: v.pipe(
      v.array(driftSchema),
      about('What differs in the kernel and the daemon; causes before effects.'),
    ),
    files: v.pipe(
      v.array(findingSchema),
      about('What differs in the files, and what conflicts with them.'),
    ),
    patches: v.pipe(
      v.array(patchSchema),
      about('From the files on the host to the rendered ones.'),
    ),
    pending: v.exactOptional(
      v.pipe(
        v.object({
          path: text('Where what it replaces is kept.'),
          state: v.pipe(
            v.picklist([
              'installing',
              'pending',
              'waits-for-reboot',
              'rolling-back',
              'rollback-failed',
            ]),
            about(
              '`installing`: not every file is in place; `waits-for-reboot`: the next boot activates it.',
            ),
          ),
          secondsLeft: v.exactOptional(
            v.pipe(v.number(), about('Until it rolls back by itself; absent: no timer runs.')),
          ),
          rollsBackAtBoot: v.pipe(v.boolean(), about('Whether the next boot rolls it back.')),
        }),
        about('A change that is neither confirmed nor rolled back; absent: there is none.'),
      ),
    ),
  },
);
