/** What `check --format json` prints. */
import * as v from 'valibot';
import { documentSchema, findingSchema, patchSchema } from '../output.ts';

export const checkDocument = documentSchema(
  'check',
  'What differs from the intent on each host, and what conflicts with it there.',
  {
    findings: v.pipe(
      v.array(findingSchema),
      v.description('Empty: up to date, and nothing conflicts.'),
    ),
    patches: v.pipe(
      v.array(patchSchema),
      v.description('From the files on the host to the rendered ones.'),
    ),
  },
  {
    fix: v.exactOptional(
      v.pipe(
        v.string(),
        v.description(
          'The command that brings all hosts up to date; absent: none is needed, or none can.',
        ),
      ),
    ),
  },
);
