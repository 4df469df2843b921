/** A carrier that is missing below what is asked. */
import type { Facts } from '../facts.ts';
import { cause, type FindCause, unanswered } from './cause.ts';

/** A link, and what it is on top of: the NIC of a shim, the link of a VLAN, the ports of a bridge or bond. */
export function belowOf({ model }: Facts, name: string): readonly string[] {
  const found: string[] = [];
  const open = [name];
  while (open.length > 0) {
    const next = open.pop() ?? '';
    if (found.includes(next)) continue;
    found.push(next);
    const shim = model.shims.find((one) => one.name === next);
    const parent = model.parents.find((one) => one.name === next);
    open.push(...(parent?.members ?? []), ...(shim ? [shim.parent.name] : []));
    if (parent?.vlan) open.push(parent.vlan.link);
  }
  return found;
}

/**
 * Addresses may stay without a carrier (`ignore-carrier`, `optional`): that is a note, until somebody does not answer.
 * A bridge has a carrier by any of its ports, and reaches no LAN without one at its NIC.
 */
export const carrierOfUsed: FindCause = (facts) => {
  const { model, state, drift } = facts;
  const reported = drift.flatMap(({ code, severity, link }) =>
    code === 'no-carrier' && severity === 'error' ? (link ?? []) : [],
  );
  const used = new Set(unanswered(facts).flatMap(({ expected = '' }) => belowOf(facts, expected)));
  const ports = model.parents
    .filter(({ name, kind }) => kind === 'bridge' && used.has(name) && !reported.includes(name))
    .map(({ members }) => state.links.filter(({ name }) => members.includes(name)))
    .filter((all) => all.every(({ isUp, hasCarrier }) => isUp && !hasCarrier))
    .flatMap((all) => all.map(({ name }) => name));
  const kept = drift.flatMap(({ code, severity, link }) =>
    code === 'no-carrier' && severity !== 'error' && used.has(link ?? '') ? (link ?? []) : [],
  );
  return [...new Set([...ports, ...kept])].map((link) =>
    cause('no-carrier', `\`${link}\` has no carrier.`, { link }),
  );
};
