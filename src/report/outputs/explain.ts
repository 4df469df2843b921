/** What `explain --format json` prints. */
import * as v from 'valibot';
import { documentSchema, originSchema } from '../output.ts';

const about = v.description;

const line = v.object({
  line: v.pipe(v.number(), v.integer(), v.minValue(1), about('In the file; counted from 1.')),
  text: v.pipe(v.string(), about('The line, without its end.')),
  reason: v.pipe(v.string(), about('Why it is there.')),
  authority: v.pipe(v.string(), about('The manual page and key, or the document of the kernel.')),
  origin: originSchema,
});

export const explainDocument = documentSchema('explain', 'Every line, and why it is there.', {
  files: v.pipe(
    v.array(
      v.object({
        backend: v.pipe(v.string(), about('The back end that the file is for.')),
        path: v.pipe(v.string(), about('Where it goes on the host; absolute.')),
        lines: v.array(line),
      }),
    ),
    about('In the order in which they are put in place.'),
  ),
});
