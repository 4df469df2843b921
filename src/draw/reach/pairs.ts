/** Each pair of the host, its guests and the LANs, judged by modes, addresses and routes. */
import { visible } from '../../diagnostics/visible.ts';
import type { Model, Parent } from '../../model/types.ts';
import {
  type Addressed,
  addressed,
  domainOf,
  domainsOf,
  type Group,
  groupsOf,
  isNarrow,
} from './ends.ts';
import { frames } from './frames.ts';
import { listed } from './names.ts';
import type { Domain, End, Judgement, Pair, Verdict } from './types.ts';

const HOST: End = { kind: 'host' };
const guests = ({ names }: Pick<Group, 'names'>): End => ({ kind: 'guests', names });

/** @returns one for each distinct pair, the host first */
export function pairsOf(model: Model): Pair[] {
  const groups = groupsOf(model);
  return [
    ...domainsOf(model).map((domain) => ({
      ...{ from: HOST, to: { kind: 'lan' as const, domain } },
      ...hostToLan(model, domain),
    })),
    ...groups.map((group) => ({ from: HOST, to: guests(group), ...hostToGroup(model, group) })),
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

function hostToLan(model: Model, domain: Domain): Judgement {
  const all = addressed(model).filter(
    ({ parent }) => domainOf(model, parent)?.name === domain.name,
  );
  const taken = all.filter((link) => takerOf(model, link) !== undefined);
  const links = all.filter((link) => !taken.includes(link));
  const open = links.filter(({ mode }) => mode !== 'source');
  const other = model.unmanaged.find(({ name }) => domain.nics.includes(name));
  if (other && open.every(isNarrow)) {
    const reason = `by ${visible(other.name)}, as it is configured elsewhere`;
    return { verdict: 'depends', on: 'other files', reason };
  }
  const near = open.filter(({ needsRoute }) => !needsRoute);
  if (near.length > 0) return { verdict: 'yes', reason: `by ${names(near)}` };
  if (open.length > 0) {
    const reason = `${names(open)} has no neighbours: if the LAN has a route to it`;
    return { verdict: 'depends', on: 'route', reason };
  }
  if (links.length > 0) {
    const reason = `${names(links)} is in mode source: from the listed MACs only`;
    return { verdict: 'depends', on: 'listed MAC', reason };
  }
  const [lost] = taken;
  if (lost) {
    const taker = visible(takerOf(model, lost) ?? '');
    const reason = `mode passthru: ${taker} receives all frames of ${visible(lost.name)}`;
    return { verdict: 'no', reason };
  }
  return { verdict: 'no', reason: 'the host has no address there' };
}

/** The guest or tap that has a NIC for itself, where the NIC has addresses of its own. */
const takerOf = (model: Model, { name }: Addressed): string | undefined =>
  groupsOf(model).find(({ mode, parent }) => mode === 'passthru' && parent.name === name)?.names[0];

function groupToLan(model: Model, group: Group): Pair {
  const domain = domainOf(model, group.parent);
  const from = guests(group);
  if (!domain) {
    const reason = `no NIC is in ${visible(group.parent.name)}`;
    return { from, to: { kind: 'no lan' }, verdict: 'no', reason };
  }
  const line = { from, to: { kind: 'lan' as const, domain } };
  if (group.mode !== 'source') {
    return { ...line, verdict: 'yes', reason: `by ${visible(group.parent.name)}` };
  }
  if (group.sources.length === 0) {
    return { ...line, verdict: 'no', reason: 'mode source, and no MAC is listed' };
  }
  const reason = `mode source: from ${group.sources.join(', ')} only`;
  return { ...line, verdict: 'depends', on: 'listed MAC', reason };
}

/** Between the host and each guest of a group. */
export function hostToGroup(model: Model, group: Group): Judgement {
  const all = addressed(model);
  const here = all.filter(({ parent }) => parent === group.parent);
  const pairs = here.map((link) => ({ link, ...frames(link.mode, group.mode) }));
  const bridged = pairs.filter(({ verdict }) => verdict === 'yes').map(({ link }) => link);
  const open = bridged.filter(isRouted);
  if (open.length > 0) {
    return { verdict: 'yes', reason: `by ${open.map(withNetworks).join(', ')}` };
  }
  const on = pairs.find((pair) => pair.on !== undefined)?.on;
  if (bridged.length > 0) {
    const reason = `${names(bridged)} has no subnet and no route: add a route to the guests`;
    return { verdict: 'no', ...(on && { on }), reason };
  }
  const [first] = [...pairs].sort((a, b) => order(a.verdict) - order(b.verdict));
  if (first) {
    const { link, verdict, reason } = first;
    return { verdict, ...(on && { on }), reason: `${visible(link.name)}: ${reason}` };
  }
  const reason =
    all.length === 0
      ? 'the host has no address here: over the LAN, if another link leads to it'
      : `${names(all)} is on another link: over the LAN, where a switch or router joins the two`;
  return { verdict: 'depends', on: 'joined LANs', reason };
}

function withinGroup(group: Group): Pair {
  const [first = '', ...others] = group.names;
  return {
    from: guests({ names: [first] }),
    to: guests({ names: others }),
    ...frames(group.mode, group.mode),
  };
}

const betweenGroups = (a: Group, b: Group): Pair => ({
  from: guests(a),
  to: guests(b),
  ...frames(a.mode, b.mode),
});

/** One for each parent with guests or taps, not one for each pair: there may be hundreds. */
function acrossParents(groups: readonly Group[]): Pair[] {
  const parents = [...new Set(groups.map(({ parent }) => parent))];
  if (parents.length < 2) return [];
  const on = (parent: Parent): string[] =>
    groups.filter((group) => group.parent === parent).flatMap((group) => group.names);
  return parents.map((parent) => ({
    from: guests({ names: on(parent) }),
    to: { kind: 'others', parent },
    verdict: 'depends',
    on: 'joined LANs',
    reason: 'over the LAN, where a switch or router joins the two',
  }));
}

const isRouted = (shim: Addressed): boolean => !isNarrow(shim) || shim.link.routes.length > 0;

/** The shim, and which addresses it reaches where they are not those of a subnet of its own. */
function withNetworks(shim: Addressed): string {
  const routes = shim.link.routes.map(({ to, isDefault }) => (isDefault ? 'default' : to));
  return isNarrow(shim)
    ? `${visible(shim.name)} (guests in ${routes.join(', ')})`
    : visible(shim.name);
}

const order = (verdict: Verdict): number => ['yes', 'depends', 'no'].indexOf(verdict);
const names = (links: readonly Addressed[]): string => listed(links.map(({ name }) => name));
