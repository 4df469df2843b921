/** What `lint --format json` prints. */
import * as v from 'valibot';
import { diagnosticSchema, documentSchema } from '../output.ts';

export const lintDocument = documentSchema(
  'lint',
  'Errors, warnings and notes.',
  {
    valid: v.pipe(v.boolean(), v.description('Whether the host has no error: `render` takes it.')),
    backends: v.pipe(
      v.array(v.string()),
      v.description('The back ends that it is checked for; none of a host with an error.'),
    ),
  },
  {
    fixed: v.exactOptional(
      v.pipe(
        v.array(diagnosticSchema),
        v.description(
          'With `--fix`: what was fixed, each with its place before; `diagnostics` has what is left.',
        ),
      ),
    ),
    patch: v.exactOptional(
      v.pipe(
        v.string(),
        v.description('With `--fix`: what changes in the intent, as a unified diff.'),
      ),
    ),
  },
);
