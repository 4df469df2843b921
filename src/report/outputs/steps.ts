/** What `steps --format json` prints. */
import * as v from 'valibot';
import { documentSchema } from '../output.ts';

const about = v.description;

const step = v.object({
  text: v.pipe(v.string(), about('What to do, and why.')),
  commands: v.pipe(v.array(v.string()), about('Command lines to run, in this order.')),
  note: v.exactOptional(v.pipe(v.string(), about('What else is to be known of it.'))),
});

export const stepsDocument = documentSchema('steps', 'The steps that follow an installation.', {
  backend: v.pipe(v.string(), about('The back end that the files are for.')),
  steps: v.pipe(v.array(step), about('In the order in which they are to be done.')),
});
