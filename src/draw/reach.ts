/**
 * Who reaches whom: the host, its guests and the LANs, computed from the modes of macvlans and
 * macvtaps and from the addresses of the host.
 *
 * How the kernel passes frames: drivers/net/macvlan.c (Linux 6.12). Devices in mode `bridge` on one
 * parent reach each other directly; a frame from any other mode leaves by the NIC, and comes back
 * only from a switch that reflects it; the parent itself and the devices on top of it never hear
 * each other; mode `private` drops what the others on the parent have sent.
 */
import { visible } from '../diagnostics/visible.ts';
import {
  hasAddress,
  isIpvlanMode,
  isRoutedMode,
  type Link,
  type MacvlanMode,
  type Model,
  type Parent,
} from '../model/types.ts';
import { type Wire, wiresOf } from './topology.ts';

/** `depends`: on something that is not in the intent, which the reason names. */
export type Verdict = 'yes' | 'no' | 'depends';

export interface Reach {
  /** `the host`, a LAN, or the names of guests and taps that are alike. */
  readonly from: string;
  readonly to: string;
  readonly verdict: Verdict;
  readonly reason: string;
}

/** Guests and taps that differ only in their names. */
interface Group {
  readonly names: readonly string[];
  readonly parent: Parent;
  readonly mode: MacvlanMode;
  /** In mode `source`: whose frames are accepted. */
  readonly sources: readonly string[];
}

/** @returns a line for each distinct pair, the host first */
export function reachOf(model: Model): Reach[] {
  const wires = wiresOf(model);
  const groups = groupsOf(model);
  return [
    ...domainsOf(model, wires).map((domain) => hostToLan(model, domain)),
    ...groups.map((group) => hostToGroup(model, group)),
    ...groups.map((group) => groupToLan(model, group)),
    ...groups.flatMap((group, index) => [
      ...(group.names.length > 1 ? [withinGroup(group)] : []),
      ...groups
        .slice(index + 1)
        .filter(({ parent }) => parent === group.parent)
        .map((other) => betweenGroups(group, other)),
    ]),
    ...acrossParents(groups),
  ];
}

/** Between the host and a guest or tap of this name, as `reachOf` says. */
export function hostReach(model: Model, name: string): Verdict | undefined {
  const group = groupsOf(model).find(({ names }) => names.includes(name));
  return group && hostToGroup(model, group).verdict;
}

function groupsOf(model: Model): Group[] {
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

/** A LAN, or a VLAN of it, as a link hears it. */
interface Domain {
  readonly name: string;
  readonly wire: Wire;
  readonly tags: readonly number[];
}

function domainOf(model: Model, parent: Parent): Domain | undefined {
  const wire = wireOf(model, parent);
  if (!wire) return undefined;
  const tags = tagsOf(model, parent);
  return {
    name: tags.length > 0 ? `VLAN ${tags.join('.')} of ${wire.name}` : wire.name,
    wire,
    tags,
  };
}

/** Those in which the host or a guest is; of a cable in which nobody is, the LAN without tags. */
function domainsOf(model: Model, wires: readonly Wire[]): Domain[] {
  const users = [...addressed(model), ...groupsOf(model)].map(({ parent }) => parent);
  const used = users.flatMap((parent) => domainOf(model, parent) ?? []);
  return wires.flatMap((wire) => {
    const here = new Map(
      used.filter((domain) => domain.wire.id === wire.id).map((domain) => [domain.name, domain]),
    );
    return here.size > 0 ? [...here.values()] : [{ name: wire.name, wire, tags: [] }];
  });
}

function hostToLan(model: Model, domain: Domain): Reach {
  const line = { from: 'the host', to: domain.name };
  const links = addressed(model).filter(
    ({ parent }) => domainOf(model, parent)?.name === domain.name,
  );
  const open = links.filter(({ mode }) => mode !== 'source');
  const other = model.unmanaged.find(({ name }) => domain.wire.nics.includes(name));
  if (other && open.every(isNarrow)) {
    const reason = `by ${visible(other.name)}, as it is configured elsewhere`;
    return { ...line, verdict: 'depends', reason };
  }
  const near = open.filter(({ needsRoute }) => !needsRoute);
  if (near.length > 0) return { ...line, verdict: 'yes', reason: `by ${names(near)}` };
  if (open.length > 0) {
    const reason = `${names(open)} has no neighbours: if the LAN has a route to it`;
    return { ...line, verdict: 'depends', reason };
  }
  if (links.length > 0) {
    const reason = `${names(links)} is in mode source: from the listed MACs only`;
    return { ...line, verdict: 'depends', reason };
  }
  return { ...line, verdict: 'no', reason: 'the host has no address there' };
}

function groupToLan(model: Model, group: Group): Reach {
  const domain = domainOf(model, group.parent);
  const from = listed(group.names);
  if (!domain) {
    const reason = `no NIC is in ${visible(group.parent.name)}`;
    return { from, to: 'any LAN', verdict: 'no', reason };
  }
  const line = { from, to: domain.name };
  if (group.mode !== 'source') {
    return { ...line, verdict: 'yes', reason: `by ${visible(group.parent.name)}` };
  }
  return group.sources.length === 0
    ? { ...line, verdict: 'no', reason: 'mode source, and no MAC is listed' }
    : { ...line, verdict: 'depends', reason: `mode source: from ${group.sources.join(', ')} only` };
}

function hostToGroup(model: Model, group: Group): Reach {
  const line = { from: 'the host', to: listed(group.names) };
  const here = addressed(model).filter(({ parent }) => parent === group.parent);
  const pairs = here.map((link) => ({ link, ...frames(link.mode, group.mode) }));
  const bridged = pairs.filter(({ verdict }) => verdict === 'yes').map(({ link }) => link);
  const open = bridged.filter(isRouted);
  if (open.length > 0) {
    return { ...line, verdict: 'yes', reason: `by ${open.map(withNetworks).join(', ')}` };
  }
  if (bridged.length > 0) {
    const reason = `${names(bridged)} has no subnet and no route: add a route to the guests`;
    return { ...line, verdict: 'no', reason };
  }
  const [first] = [...pairs].sort((a, b) => order(a.verdict) - order(b.verdict));
  if (first) {
    const { verdict, reason } = first;
    return { ...line, verdict, reason: `${visible(first.link.name)}: ${reason}` };
  }
  const elsewhere = addressed(model);
  if (elsewhere.length === 0) {
    const reason = 'the host has no address here: over the LAN, if another link leads to it';
    return { ...line, verdict: 'depends', reason };
  }
  const reason = `${names(elsewhere)} is on another link: over the LAN, where a switch or router joins the two`;
  return { ...line, verdict: 'depends', reason };
}

function withinGroup(group: Group): Reach {
  const [first = '', ...others] = group.names;
  return { from: visible(first), to: listed(others), ...frames(group.mode, group.mode) };
}

const betweenGroups = (a: Group, b: Group): Reach => ({
  from: listed(a.names),
  to: listed(b.names),
  ...frames(a.mode, b.mode),
});

/** One line for each parent with guests or taps, not one for each pair: there may be hundreds. */
function acrossParents(groups: readonly Group[]): Reach[] {
  const parents = [...new Set(groups.map(({ parent }) => parent))];
  if (parents.length < 2) return [];
  const on = (parent: Parent): string[] =>
    groups.filter((group) => group.parent === parent).flatMap((group) => group.names);
  return parents.map((parent) => ({
    from: listed(on(parent)),
    to: `guests and taps on other links than ${visible(parent.name)}`,
    verdict: 'depends',
    reason: 'over the LAN, where a switch or router joins the two',
  }));
}

/** What becomes of frames between two devices on one parent; `undefined` is the parent itself. */
function frames(
  a: MacvlanMode | undefined,
  b: MacvlanMode | undefined,
): Pick<Reach, 'verdict' | 'reason'> {
  const modes = [a, b];
  if (modes.includes('private')) {
    return { verdict: 'no', reason: 'mode private: isolated from the others on its parent' };
  }
  if (modes.includes('passthru')) {
    return { verdict: 'no', reason: 'mode passthru: the guest has the NIC to itself' };
  }
  if (modes.includes('source')) {
    return { verdict: 'no', reason: 'mode source: no frames from others on its parent' };
  }
  if (modes.includes(undefined)) {
    const reason = 'a link and the macvlans on top of it do not hear each other: add a shim';
    return { verdict: 'no', reason };
  }
  if (modes.includes('vepa')) {
    const reason = 'mode vepa: only if the switch sends frames back (reflective relay)';
    return { verdict: 'depends', reason };
  }
  return { verdict: 'yes', reason: 'mode bridge: directly' };
}

interface Addressed {
  readonly name: string;
  readonly link: Link;
  readonly parent: Parent;
  /** Undefined for an ipvlan, and for a parent that has addresses of its own. */
  readonly mode?: MacvlanMode;
  /** An ipvlan that answers no ARP: the LAN needs a route to it by the parent. */
  readonly needsRoute?: boolean;
}

/** The links by which the host can be reached. */
const addressed = (model: Model): Addressed[] =>
  [
    ...model.shims.map(({ mode, ...link }) => ({
      ...{ name: link.name, link, parent: link.parent, needsRoute: isRoutedMode(mode) },
      ...(!isIpvlanMode(mode) && { mode }),
    })),
    ...model.parents.map((link) => ({ name: link.name, link, parent: link })),
  ].filter(({ link }) => hasAddress(link) && !('master' in link && link.master));

/** Whether it has single addresses alone: then it reaches what it has routes to. */
const isNarrow = ({ link }: Addressed): boolean =>
  !link.dhcp4 &&
  !link.dhcp6 &&
  !link.acceptRa &&
  link.addresses.every(({ family, prefix }) => prefix === (family === 'ipv4' ? 32 : 128));

const isRouted = (shim: Addressed): boolean => !isNarrow(shim) || shim.link.routes.length > 0;

/** The shim, and which addresses it reaches where they are not those of a subnet of its own. */
function withNetworks(shim: Addressed): string {
  const routes = shim.link.routes.map(({ to, isDefault }) => (isDefault ? 'default' : to));
  return isNarrow(shim)
    ? `${visible(shim.name)} (guests in ${routes.join(', ')})`
    : visible(shim.name);
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

const order = (verdict: Verdict): number => ['yes', 'depends', 'no'].indexOf(verdict);
const names = (links: readonly Addressed[]): string => listed(links.map(({ name }) => name));

/** At most four names; more are counted. */
function listed(all: readonly string[]): string {
  const shown = all.length > 4 ? all.slice(0, 3) : all;
  const rest = all.length - shown.length;
  return `${shown.map(visible).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
