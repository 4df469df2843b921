/** MAC addresses: their form, and that no two links have the same. */
import { diagnostic, type Path } from '../../diagnostics/diagnostic.ts';
import type { Model, Parent } from '../types.ts';
import type { Context } from './context.ts';

/** A MAC, and where it is written; of a derived one, the link. */
interface Placed {
  readonly mac: string;
  readonly path: Path;
}

/** A MAC that an interface is going to have. */
interface Claimed extends Placed {
  readonly owner: string;
}

export function checkMacForms({ model, report }: Context): void {
  for (const { mac, path } of writtenMacs(model)) {
    if (Number.parseInt(mac.slice(0, 2), 16) & 1) {
      report(diagnostic('mac-multicast', path, `\`${mac}\` is a multicast address.`));
    } else if (mac === '00:00:00:00:00:00') {
      report(diagnostic('mac-malformed', path, `\`${mac}\` is not an address of an interface.`));
    }
  }
}

/** All that are not derived. */
function writtenMacs({ parents, shims, taps, guests }: Model): Placed[] {
  const at = (mac: string | undefined, path: Path): Placed[] =>
    mac === undefined ? [] : [{ mac, path }];
  const own = [...parents, ...shims, ...taps].filter(({ macDerived }) => !macDerived);
  return [
    ...parents.flatMap(({ permanentMac, origin }) => at(permanentMac, matchOf(origin))),
    ...[...own, ...guests].flatMap(({ macaddress, origin }) => at(macaddress, keyOf(origin))),
    ...[...shims, ...taps]
      .flatMap(({ sourceMacs }) => sourceMacs)
      .flatMap(({ macaddress, origin }) => at(macaddress, origin)),
  ];
}

const keyOf = (origin: Path): Path => [...origin, 'macaddress'];
const matchOf = (origin: Path): Path => [...origin, 'match', 'macaddress'];

/** Each NIC is matched by one parent. */
export function checkPermanentMacs({ model, report }: Context): void {
  const matching = matchingIn(model);
  for (const { id, permanentMac, origin } of model.parents) {
    const other = permanentMac === undefined ? undefined : matching.get(permanentMac);
    if (other === undefined || other.id === id) continue;
    const message = `\`${permanentMac}\` also matches \`${other.id}\`.`;
    report(diagnostic('mac-taken', matchOf(origin), message));
  }
}

/** By permanent MAC, the first parent that is matched by it. */
function matchingIn({ parents }: Model): ReadonlyMap<string, Parent> {
  const found = new Map<string, Parent>();
  for (const parent of parents) {
    const { permanentMac } = parent;
    if (permanentMac !== undefined && !found.has(permanentMac)) found.set(permanentMac, parent);
  }
  return found;
}

/** No two links have the same MAC, except where one takes it from the other. */
export function checkMacsTaken(context: Context): void {
  const { model, report } = context;
  const matching = matchingIn(model);
  const areJoined = joinsIn(model);
  const owners = new Map<string, string>();
  for (const { mac, owner, path } of claims(context, matching)) {
    const other = owners.get(mac);
    if (other === undefined) owners.set(mac, owner);
    else if (!areJoined(other, owner)) {
      const message = `\`${mac}\` is also the MAC of \`${other}\`.`;
      report(diagnostic('mac-taken', path, message, matching.has(mac) ? TAKEOVER : {}));
    }
  }
}

const TAKEOVER = {
  hint: "To let it take over the NIC's own MAC, give the NIC another (`parents.<id>.macaddress`).",
};

/** A bond or bridge may have its member's MAC, and a VLAN has its link's anyway. */
function joinsIn({ parents }: Model): (a: string, b: string) => boolean {
  const below = new Map(
    parents.map(({ name, members, vlan }) => [name, new Set([...members, vlan?.link])]),
  );
  return (a, b) => below.get(a)?.has(b) === true || below.get(b)?.has(a) === true;
}

/** The MACs that interfaces are going to have, as far as they are known. */
function claims(context: Context, matching: ReadonlyMap<string, Parent>): Claimed[] {
  const { intent, model, damaged } = context;
  // What would be derived without a host has a diagnostic of its own.
  const isKnown = ({ macDerived }: { readonly macDerived: boolean }): boolean =>
    !macDerived || intent.host !== undefined;
  const ofParents = model.parents.filter(isKnown).flatMap((parent): Claimed[] => {
    const { name, macaddress, macDerived, permanentMac, origin } = parent;
    if (macaddress !== undefined && macaddress !== permanentMac) {
      return [{ mac: macaddress, owner: name, path: macDerived ? origin : keyOf(origin) }];
    }
    // The permanent MAC is free for a shim once the parent has been given another.
    if (permanentMac === undefined || matching.get(permanentMac) !== parent) return [];
    const isFaulty = macaddress === undefined && damaged(keyOf(origin));
    return isFaulty ? [] : [{ mac: permanentMac, owner: name, path: matchOf(origin) }];
  });
  const ofGuests = model.guests.flatMap(({ name, macaddress, origin }): Claimed[] =>
    macaddress === undefined ? [] : [{ mac: macaddress, owner: name, path: keyOf(origin) }],
  );
  const ofUppers = [...model.shims, ...model.taps]
    .filter(isKnown)
    .flatMap(({ name, macaddress, macDerived, origin }): Claimed[] => {
      if (macaddress === undefined || damaged(keyOf(origin))) return [];
      return [{ mac: macaddress, owner: name, path: macDerived ? origin : keyOf(origin) }];
    });
  return [...ofParents, ...ofGuests, ...ofUppers];
}
