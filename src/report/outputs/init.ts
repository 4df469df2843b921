/** What `init --format json` prints. */
import * as v from 'valibot';
import { documentSchema, findingSchema } from '../output.ts';

const about = v.description;
const text = (description: string) => v.pipe(v.string(), about(description));

const value = v.object({
  path: v.pipe(
    v.array(v.union([v.string(), v.number()])),
    about('Keys and list indices from the top of the intent.'),
  ),
  value: v.pipe(v.unknown(), about('A scalar, a short list, or a route or rule as a mapping.')),
  file: v.exactOptional(
    text('The file of the host that it is from; absent: a default, or the kernel.'),
  ),
  line: v.exactOptional(v.pipe(v.number(), v.integer(), about('The line in it.'))),
  endLine: v.exactOptional(
    v.pipe(v.number(), v.integer(), about('Of a value that takes several lines: the last one.')),
  ),
  note: v.exactOptional(text('What it is from, unless a file; or what else is to be known.')),
});

const steps = v.array(
  v.object({
    text: text('What to do, and why.'),
    commands: v.pipe(v.array(v.string()), about('Command lines, in their order.')),
  }),
);

export const initDocument = documentSchema('init', 'An intent from a host as it is.', {
  backend: v.exactOptional(
    text('The back end of the system that has the uplink; absent: none writes for it.'),
  ),
  target: v.exactOptional(text('The target of its distribution, where that is known.')),
  intent: v.exactOptional(v.pipe(v.unknown(), about('The intent; absent with an error.'))),
  values: v.pipe(v.array(value), about('Each value of the intent, with its source.')),
  guests: v.exactOptional(
    v.object({
      there: v.pipe(steps, about('From the bridge to macvtap.')),
      back: v.pipe(steps, about('And back to the bridge.')),
    }),
  ),
  findings: v.pipe(v.array(findingSchema), about('What the intent does not have, and errors.')),
});
