/** What `diff --format json` prints. */
import * as v from 'valibot';
import { documentSchema, patchSchema } from '../output.ts';

const about = v.description;

/** One thing that happens on the machine. */
export const changeSchema = v.object({
  severity: v.pipe(
    v.picklist(['may-lock-out', 'drops-connections', 'harmless']),
    about('The worst that it may do.'),
  ),
  subject: v.pipe(v.string(), about('The link, or what else changes.')),
  message: v.pipe(v.string(), about('What happens, in whole sentences.')),
});

export const diffDocument = documentSchema(
  'diff',
  'What happens on each host when the second intent replaces the first.',
  {
    changes: v.pipe(v.array(changeSchema), about('What changes on the machine, the worst first.')),
    patches: v.pipe(v.array(patchSchema), about('From the old files to the new ones.')),
  },
);
