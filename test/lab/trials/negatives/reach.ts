/**
 * Wrong predictions of who reaches whom, of hosts that are right: each must be seen to differ from
 * what the kernel does. They are those of another model, in which one fact is wrong.
 */
import type { Model } from '../../../../src/model/types.ts';
import { renderingsOf } from '../../case.ts';
import type { Image } from '../../image/images.ts';
import type { Trial } from '../../trial.ts';
import { judge } from '../cases.ts';
import { judgeNegative } from './trials.ts';

interface WrongPrediction {
  readonly name: string;
  readonly case: string;
  predict(model: Model): Model;
  readonly fails: readonly RegExp[];
  /** It differs where a switch sends frames back and a router joins the LANs. */
  readonly isJoined?: true;
}

const WRONG: readonly WrongPrediction[] = [
  {
    name: 'the shim is predicted in mode private',
    case: 'original',
    predict: (model) => ({
      ...model,
      shims: model.shims.map((shim) => ({ ...shim, mode: 'private' })),
    }),
    fails: [/^graph: the host ↔ bridge eth0 0 .*: answered, predicted no: /],
  },
  {
    name: 'the shim is predicted in mode bridge',
    case: 'mode-private',
    predict: (model) => ({
      ...model,
      shims: model.shims.map((shim) => ({ ...shim, mode: 'bridge' })),
    }),
    fails: [/^graph: the host ↔ bridge eth0 0 .*: no answer, predicted yes: /],
  },
  {
    name: 'guests in mode private and vepa are predicted in mode bridge',
    case: 'original',
    predict: (model) => ({
      ...model,
      guests: model.guests.map((guest) => ({ ...guest, mode: 'bridge' })),
    }),
    fails: [
      /^graph: the host ↔ private eth0 4 .*: no answer, predicted yes: /,
      /^graph: bridge eth0 0 ↔ vepa eth0 2 .*: no answer, predicted yes: /,
      /^graph: bridge eth0 0 ↔ private eth0 4 .*: no answer, predicted yes: /,
    ],
  },
  {
    name: 'the address of the shim is predicted on the NIC',
    case: 'original',
    predict: ({ shims, ...model }) => {
      const parents = model.parents.map((parent) => {
        const above = shims.find((shim) => shim.parent === parent);
        return above ? { ...parent, addresses: above.addresses, families: above.families } : parent;
      });
      const guests = model.guests.map((guest) => ({
        ...guest,
        parent: parents.find(({ name }) => name === guest.parent.name) ?? guest.parent,
      }));
      return { ...model, parents, guests, shims: [] };
    },
    fails: [/^graph: the host ↔ bridge eth0 0 .*: answered, predicted no: eth0: a link and /],
  },
  {
    name: 'no route of the side shim is known',
    case: 'side-shim',
    predict: (model) => ({
      ...model,
      shims: model.shims.map((shim) => ({ ...shim, routes: [] })),
    }),
    fails: [/^graph: the host ↔ bridge eth0 0 .*: answered, predicted no: veth0 has no subnet/],
  },
  {
    name: 'guests in mode vepa are predicted in mode private',
    case: 'original',
    predict: (model) => ({
      ...model,
      guests: model.guests.map((guest) =>
        guest.mode === 'vepa' ? { ...guest, mode: 'private' } : guest,
      ),
    }),
    isJoined: true,
    fails: [/^graph: bridge eth0 0 ↔ vepa eth0 2 .*: answered, predicted no: mode private/],
  },
];

/** Of one back end on one suite: what is looked at is the comparison. */
export function wrongPredictionsOf(
  cases: readonly string[],
  [image]: readonly Image[],
  [backend]: readonly string[],
): Trial[] {
  if (!image || backend === undefined) return [];
  const { suite } = image;
  return WRONG.filter((wrong) => cases.includes(wrong.case)).map(
    (wrong): Trial => ({
      part: 'negatives',
      words: [wrong.case, backend, suite, wrong.name],
      repeat: [
        ...['--tier', '1', '--case', wrong.case, '--backend', backend, '--suite', suite],
        ...['--only', wrong.name],
      ],
      run: async () => {
        const renderings = renderingsOf(wrong.case, backend, image);
        const [rendering] = renderings.all;
        if (!rendering) throw new Error(`${backend} cannot express ${wrong.case}`);
        const { reach, failures, observed } = await judge(renderings, rendering, image, {
          reach: { predictedBy: wrong.predict, isJoined: wrong.isJoined === true },
        });
        const verdict = judgeNegative(wrong, reach?.failures ?? []);
        // The host itself is right.
        return {
          ...verdict,
          failures: [...failures, ...verdict.failures],
          evidence: observed.evidence,
        };
      },
    }),
  );
}
