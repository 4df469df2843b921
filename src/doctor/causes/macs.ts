/** MACs that two have, and those that somebody set by hand. */
import type { KernelLink } from '../../kernel/types.ts';
import type { Cause, Facts, Probe } from '../facts.ts';
import { cause, type FindCause, named, unanswered } from './cause.ts';

/** A MAC is to be one link's. VLANs and bridges have their link's by nature, passthru its parent's. */
export const duplicateMac: FindCause = (facts) => {
  const theirs = ofGuests(facts);
  return duplicates(facts)
    .filter(({ names }) => names.length === 0 || names.some((name) => !theirs.has(name)))
    .map(({ found }) => found);
};

/** Of two guests: the host itself has nothing to do with it. */
export const duplicateMacOfGuests: FindCause = (facts) => {
  const theirs = ofGuests(facts);
  return duplicates(facts)
    .filter(({ names }) => names.length > 0 && names.every((name) => theirs.has(name)))
    .map(({ found }) => found);
};

const ofGuests = ({ guests }: Facts): ReadonlySet<string> =>
  new Set(guests.flatMap(({ name }) => name ?? []));

function duplicates({
  state,
  model,
}: Facts): readonly { readonly names: readonly string[]; readonly found: Cause }[] {
  const parents = new Set(model.parents.map(({ name }) => name));
  const on = state.links.filter(
    ({ kind, mode, parent }) =>
      (kind === 'macvlan' || kind === 'macvtap') &&
      mode !== 'passthru' &&
      parents.has(parent ?? ''),
  );
  const same = on.flatMap((link) =>
    state.links
      .filter(
        (other) =>
          other.name !== link.name &&
          other.mac === link.mac &&
          (other.name === link.parent || (on.includes(other) && other.parent === link.parent)),
      )
      .map((other) => [link.name, other.name].sort().join(' ')),
  );
  const ofHost = [...new Set(same)].map((pair) => {
    const names = pair.split(' ');
    const text = names.join('` and `');
    return {
      names,
      found: cause(
        'duplicate-mac',
        `\`${text}\` have the same MAC: the kernel keeps the second one down.`,
      ),
    };
  });
  const own = new Map(
    state.links
      .filter(({ name }) => parents.has(name) || on.some((one) => one.name === name))
      .map(({ mac, name }) => [mac, name]),
  );
  const ofLan = state.neighbours
    .filter(({ mac, link }) => mac !== undefined && own.has(mac) && own.get(mac) === link)
    .map(({ address, mac, link }) => ({
      // The guest's device has the address of another station: that concerns the host.
      names: [],
      found: cause('duplicate-mac', `${address} has the MAC of \`${own.get(mac)}\`: ${mac}.`, {
        link,
      }),
    }));
  return [...ofHost, ...ofLan];
}

/** As `duplicateMac`, on two NICs of one LAN. */
export const duplicateMacOfLan: FindCause = ({ twins }) =>
  twins.map(({ shim, other }) =>
    cause(
      'duplicate-mac',
      `\`${shim}\` and \`${other}\` have the same MAC on two NICs of one LAN: the switch sends frames for it to whichever sent last.`,
      { link: other },
    ),
  );

/** As `duplicateMac`, of what was learnt while it was probed: a frame to that MAC goes to the link of this host. */
export const duplicateMacOfTarget: FindCause = (facts) =>
  unanswered(facts).flatMap((probe) => {
    const theirs = probe.mac ?? probe.macByNic;
    const own = facts.state.links.find(
      (link) => link.mac !== undefined && link.mac === theirs && isBeside(facts, probe, link),
    );
    if (!own) return [];
    const isGuests = facts.guests.some(({ name }) => name === own.name);
    return cause(
      'duplicate-mac',
      `The ${named(probe)} has the MAC of \`${own.name}\`: ${theirs}.`,
      { link: own.name, ...(isGuests && { certainty: 'likely' as const }) },
    );
  });

/**
 * The link of the probe, or another one on the same NIC. The device of a guest counts where the guest itself answers
 * under that MAC: else the guest may be the gateway.
 */
function isBeside({ model, guests, probes }: Facts, probe: Probe, link: KernelLink): boolean {
  if (link.name === probe.link) return true;
  const nic = model.shims.find(({ name }) => name === probe.link)?.parent.name;
  if (probe.role === 'guest' || nic === undefined) return false;
  if (link.name !== nic && link.parent !== nic) return false;
  return (
    !guests.some(({ name }) => name === link.name) ||
    probes.some(({ role, isAnswered, mac }) => role === 'guest' && isAnswered && mac === link.mac)
  );
}

/** An entry that somebody set by hand is never asked about again. */
export const staticNeighbour: FindCause = (facts) =>
  unanswered(facts)
    .filter(({ isStatic }) => isStatic)
    .map((probe) =>
      cause(
        'neighbour-static',
        `The MAC of the ${named(probe)} was set by hand (${probe.mac}), and nobody answers there.`,
        {
          certainty: 'likely',
          hint: `Run \`ip neigh delete ${probe.address} dev ${probe.link}\`: the kernel asks for it again.`,
        },
      ),
    );
