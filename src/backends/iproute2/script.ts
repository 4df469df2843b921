/** `macvtap-trial`: the plan of a host, followed by the script that is the same for every host. */
import type { Model } from '../../model/types.ts';
import { inPlace, type Place, RANK } from '../../view/place.ts';
import { entry, type RenderedFile } from '../../view/rendered.ts';
import { inQuotes } from '../../view/shell.ts';
import { file, paragraphsOf } from '../../view/template.ts';
import { header } from '../shared/online.ts';
import { planOf } from './plan.ts';

/** Where a host's own programs lie (hier(7)). */
export const DIRECTORY = '/usr/local/sbin';

export const SCRIPT = {
  folder: DIRECTORY,
  name: /^macvtap-trial$/,
  scope: 'trial',
  rank: RANK.parent,
} as const satisfies Place;

export const scriptFile = (model: Model): RenderedFile =>
  file({
    path: `${DIRECTORY}/macvtap-trial`,
    mode: 0o755,
    role: 'required',
    ...inPlace(SCRIPT),
    about: entry(
      'the trial',
      'Sets up the links until the next boot, and undoes that on request or when a time is up.',
      'ip(8)',
      [],
    ),
    template: 'iproute2/trial',
    view: {
      header: header(model),
      // The one place where values of an intent are quoted: the plan is one word of the shell.
      plan: planOf(model).map(({ step, words }) => ({
        step,
        words: words.map((word) => ({ ...word, text: inQuotes(word.text) })),
      })),
    },
    body: paragraphsOf('iproute2/trial.sh'),
  });
