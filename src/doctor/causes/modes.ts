/** What the mode of a shim keeps from it, or that there is none. */
import type { Facts, Probe } from '../facts.ts';
import { cause, type FindCause, named, unanswered } from './cause.ts';

/** The host has an address on the NIC alone: by design it does not reach guests on that NIC. */
export const noShim: FindCause = (facts) => {
  const guest = unanswered(facts).find(({ role }) => role === 'guest');
  const parent = facts.model.parents.find(({ name }) => name === guest?.expected);
  if (!guest || !parent || facts.model.shims.some((shim) => shim.parent.name === parent.name)) {
    return [];
  }
  return [
    cause(
      'no-shim',
      `The host has its address on \`${parent.name}\`, and no shim: the kernel passes no frame between a NIC and the macvtaps on it.`,
      { link: parent.name },
    ),
  ];
};

const WHERE_FRAMES_GO: ReadonlyMap<string, string> = new Map([
  ['vepa', 'its frames go to the switch, which would have to send them back'],
  ['private', 'it exchanges no frames with what is beside it'],
  ['passthru', 'it has the NIC for itself'],
  ['source', 'it takes frames of the MACs of its list only'],
]);

/** The intent itself has another mode than `bridge`: of a shim that is attached as it says. */
export const shimMode: FindCause = (facts) =>
  unanswered(facts)
    .filter(({ role, mac }) => role === 'guest' && mac === undefined)
    .flatMap(({ expected }) => {
      const shim = facts.model.shims.find(({ name }) => name === expected);
      const why = WHERE_FRAMES_GO.get(shim?.mode ?? '');
      if (!shim || why === undefined) return [];
      return cause(
        'shim-mode',
        `\`${shim.name}\` has mode ${shim.mode} in the intent, and reaches no guest on \`${shim.parent.name}\`: ${why}.`,
        { link: shim.name, certainty: 'likely' },
      );
    });

/** What a shim in mode `source` takes frames of, as it runs. */
function listOf({ model, state }: Facts, { link }: Probe): readonly string[] | undefined {
  const shim = model.shims.find(({ name }) => name === link);
  const running = state.links.find(({ name }) => name === link);
  return shim && running?.mode === 'source' ? running.sourceMacs : undefined;
}

/** Whether a list is there, and does not have the MAC under which the NIC hears the answer. */
export function isUnlisted(facts: Facts, probe: Probe): boolean {
  const list = listOf(facts, probe);
  return list !== undefined && probe.macByNic !== undefined && !list.includes(probe.macByNic);
}

/** The NIC hears who answers, and the list of a shim in mode `source` does not have that MAC (ip-link(8), macvlan). */
export const sourceList: FindCause = (facts) =>
  unanswered(facts).flatMap((probe) => {
    if (!isUnlisted(facts, probe)) return [];
    const [list, mac] = [listOf(facts, probe) ?? [], probe.macByNic];
    return cause(
      'shim-mode',
      `The ${named(probe)} has the MAC ${mac}, and \`${probe.link}\` takes frames of the MACs of its list only (mode source): ${list.join(', ') || 'it is empty'}.`,
      {
        ...(probe.link !== undefined && { link: probe.link }),
        hint: `Add it to \`source-macs\` of \`${probe.link}\` in the intent, or for now: \`ip link set dev ${probe.link} type macvlan macaddr add ${mac}\`.`,
      },
    );
  });

/** Of IPv6 nobody asks by the NIC: that the list is out of date is one of several causes. */
export const sourceListUnseen: FindCause = (facts) =>
  unanswered(facts)
    .filter(({ mac, address }) => mac === undefined && address.includes(':'))
    .flatMap((probe) => {
      const list = listOf(facts, probe);
      if (list === undefined) return [];
      return cause(
        'shim-mode',
        `The ${named(probe)} does not answer, and \`${probe.link}\` takes frames of the MACs of its list only (mode source): ${list.join(', ') || 'it is empty'}.`,
        {
          ...(probe.link !== undefined && { link: probe.link }),
          certainty: 'possible',
          alternatives: [
            'It has another MAC than the list: ask on the machine itself, or from another one of the LAN.',
            'It is down or has another address.',
          ],
        },
      );
    });
