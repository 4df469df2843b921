/** What `lint --format json` prints. */
import * as v from 'valibot';
import { documentSchema } from '../output.ts';

export const lintDocument = documentSchema('lint', 'Errors, warnings and notes.', {
  valid: v.pipe(v.boolean(), v.description('Whether the host has no error: `render` takes it.')),
  backends: v.pipe(
    v.array(v.string()),
    v.description('The back ends that it is checked for; none of a host with an error.'),
  ),
});
