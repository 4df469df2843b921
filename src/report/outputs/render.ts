/** What `render --format json` prints: the files. */
import * as v from 'valibot';
import { documentSchema, originSchema } from '../output.ts';

const about = v.description;

const file = v.object({
  backend: v.pipe(v.string(), about('The back end that the file is for.')),
  path: v.pipe(v.string(), v.regex(/^\//), about('Where it goes on the host; absolute.')),
  mode: v.pipe(v.string(), v.regex(/^0[0-7]{3}$/), about('Permission bits, octal.')),
  owner: v.pipe(v.string(), about('The owner of the file on the host.')),
  group: v.pipe(v.string(), about('The group of the file on the host.')),
  role: v.pipe(
    v.picklist(['required', 'optional']),
    about('The network fails without a required file; an optional one is advisable.'),
  ),
  text: v.pipe(v.string(), about('Its whole content.')),
  origins: v.pipe(v.array(originSchema), about('The places in the intent that it comes from.')),
});

export const renderDocument = documentSchema('render', 'The files of each host.', {
  files: v.pipe(
    v.array(file),
    about('In the order in which they are put in place, back end by back end.'),
  ),
});
