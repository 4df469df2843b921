/** What `doctor --format json` prints. */
import * as v from 'valibot';
import { documentSchema } from '../output.ts';

const about = v.description;
const text = (description: string) => v.pipe(v.string(), about(description));

const cause = v.object({
  code: text('Stable; `explain CODE` has a page on it.'),
  severity: v.pipe(
    v.picklist(['error', 'warning', 'note']),
    about('A warning: it is odd, and may be of no consequence.'),
  ),
  certainty: v.pipe(
    v.picklist(['certain', 'likely', 'possible']),
    about('`certain`: seen. `likely`: nothing else explains it. `possible`: one of several.'),
  ),
  link: v.exactOptional(text('The link that it is about; absent: none alone.')),
  message: text('Why they do not reach each other, in one sentence.'),
  hint: text('What to do about it.'),
  alternatives: v.exactOptional(
    v.pipe(
      v.array(v.string()),
      about('Where several look alike from here: what it may be, and how to find out.'),
    ),
  ),
});

const probe = v.object({
  role: v.pipe(v.picklist(['gateway', 'guest']), about('Who it is.')),
  address: text('Whom it asked.'),
  link: v.exactOptional(text('The link that the kernel sends it to; absent: it refuses.')),
  isAnswered: v.pipe(v.boolean(), about('Whether a ping was answered.')),
  mac: v.exactOptional(text('Its MAC; absent: nobody answered ARP.')),
});

export const doctorDocument = documentSchema(
  'doctor',
  'Why the host, its guests and its LAN do not reach each other.',
  {
    backend: text('The back end whose daemon was asked.'),
    causes: v.pipe(v.array(cause), about('The first one first. Empty: nothing was found.')),
    probes: v.pipe(v.array(probe), about('Who was asked, and who answered.')),
    lookedAt: v.pipe(v.array(v.string()), about('What was looked at, a sentence each.')),
  },
);
