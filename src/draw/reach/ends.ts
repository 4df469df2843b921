/** The ends of the pairs: what of the host has an address, its guests and taps, and the LANs. */
import {
  hasAddress,
  isIpvlanMode,
  isRoutedMode,
  type Link,
  type MacvlanMode,
  type Model,
  type Parent,
} from '../../model/types.ts';
import { type Wire, wiresOf } from '../topology.ts';
import type { Domain } from './types.ts';

/** Guests and taps that differ only in their names. */
export interface Group {
  readonly names: readonly string[];
  readonly parent: Parent;
  readonly mode: MacvlanMode;
  /** In mode `source`: whose frames are accepted. */
  readonly sources: readonly string[];
}

/** @returns groups in the order of the intent, guests before taps */
export function groupsOf(model: Model): Group[] {
  const groups = new Map<string, Group>();
  const add = (
    name: string,
    parent: Parent,
    mode: MacvlanMode,
    sources: readonly string[],
  ): void => {
    const key = JSON.stringify([parent.name, mode, sources]);
    const names = [...(groups.get(key)?.names ?? []), name];
    groups.set(key, { names, parent, mode, sources });
  };
  for (const { name, parent, mode } of model.guests) {
    add(name, parent, mode === 'passthrough' ? 'passthru' : mode, []);
  }
  for (const { name, parent, mode, sourceMacs } of model.taps) {
    const sources = sourceMacs.map(({ macaddress }) => macaddress);
    add(name, parent, mode, sources);
  }
  return [...groups.values()];
}

/** A link by which the host can be reached. */
export interface Addressed {
  readonly name: string;
  readonly link: Link;
  readonly parent: Parent;
  /** Undefined for an ipvlan, and for a parent that has addresses of its own. */
  readonly mode?: MacvlanMode;
  /** An ipvlan that answers no ARP: the LAN needs a route to it by the parent. */
  readonly needsRoute?: boolean;
}

/** @returns shims before parents */
export const addressed = (model: Model): Addressed[] =>
  [
    ...model.shims.map(({ mode, ...link }) => ({
      ...{ name: link.name, link, parent: link.parent, needsRoute: isRoutedMode(mode) },
      ...(!isIpvlanMode(mode) && { mode }),
    })),
    ...model.parents.map((link) => ({ name: link.name, link, parent: link })),
  ].filter(({ link }) => hasAddress(link) && !('master' in link && link.master));

/** Whether it has single addresses alone: then it reaches what it has routes to. */
export const isNarrow = ({ link }: Addressed): boolean =>
  !link.dhcp4 &&
  !link.dhcp6 &&
  !link.acceptRa &&
  link.addresses.every(({ family, prefix }) => prefix === (family === 'ipv4' ? 32 : 128));

/** @returns the LAN or VLAN that a link is in; undefined where no NIC is below it */
export function domainOf(model: Model, parent: Parent): Domain | undefined {
  const wire = wireOf(model, parent);
  if (!wire) return undefined;
  const tags = tagsOf(model, parent);
  const name = tags.length > 0 ? `VLAN ${tags.join('.')} of ${wire.name}` : wire.name;
  return { name, nics: wire.nics, tags };
}

/** Those in which the host or a guest is; of a cable in which nobody is, the LAN without tags. */
export function domainsOf(model: Model): Domain[] {
  const users = [...addressed(model), ...groupsOf(model)].map(({ parent }) => parent);
  const used = users.flatMap((parent) => domainOf(model, parent) ?? []);
  return wiresOf(model).flatMap(({ name, nics }) => {
    const here = new Map(
      used
        .filter((domain) => domain.nics.join(' ') === nics.join(' '))
        .map((domain) => [domain.name, domain]),
    );
    return here.size > 0 ? [...here.values()] : [{ name, nics, tags: [] }];
  });
}

/** The LAN that a link leads to; undefined where no NIC is below it. */
function wireOf(model: Model, parent: Parent): Wire | undefined {
  const nic = bottomOf(model, parent);
  return wiresOf(model).find(({ nics }) => nic !== undefined && nics.includes(nic.name));
}

/** The tags of VLANs between a link and its LAN, the outermost first. */
function tagsOf(model: Model, parent: Parent): number[] {
  const tags: number[] = [];
  let link: Parent | undefined = parent;
  for (let depth = 0; link && depth <= model.parents.length; depth++) {
    if (link.vlan) tags.unshift(link.vlan.id);
    link = below(model, link);
  }
  return tags;
}

function bottomOf(model: Model, parent: Parent): Parent | undefined {
  let link: Parent | undefined = parent;
  for (let depth = 0; link && depth <= model.parents.length; depth++) {
    if (link.kind === 'ethernet' || !link.managed) return link;
    link = below(model, link);
  }
  return undefined;
}

const below = (model: Model, { vlan, members }: Parent): Parent | undefined => {
  const name = vlan ? vlan.link : members[0];
  return model.parents.find((other) => other.name === name);
};
