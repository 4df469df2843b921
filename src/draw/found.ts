/** The topology of a host as `doctor` found it: guests that are attached, who answers, and where it breaks. */
import { visible } from '../diagnostics/visible.ts';
import type { Model } from '../model/types.ts';
import type { Drawing, DrawnNode } from './change.ts';
import { type Edge, guestId, linkId, topologyOf } from './topology.ts';

/** The device of a guest on the running host. */
export interface FoundGuest {
  readonly name?: string;
  readonly guest?: string;
  readonly parent?: string;
  readonly mode?: string;
  readonly mac?: string;
  readonly isUp: boolean;
}

/** A station that was asked; `link`: the one that leads to it. */
export interface FoundAnswer {
  readonly role: string;
  readonly address: string;
  readonly link?: string;
  readonly isAnswered: boolean;
  readonly mac?: string;
}

export interface FoundCause {
  readonly code: string;
  /** The link where it was found; absent where it is none of this host's. */
  readonly link?: string;
}

export interface Found {
  readonly guests: readonly FoundGuest[];
  readonly probes: readonly FoundAnswer[];
  readonly causes: readonly FoundCause[];
  /** The guest that was asked for, by libvirt's name or by its address. */
  readonly asked?: { readonly word: string };
}

/** @returns the drawing of the intent, with the guests of the running host, and marks */
export function foundIn(model: Model, found: Found): Drawing {
  const { host, nodes, edges } = topologyOf(model);
  const ranks = new Map(nodes.map(({ id, rank }) => [id, rank]));
  const attached = attachedOf(found.guests);
  // A guest of the intent that runs is drawn as it runs.
  const running = new Set(found.guests.map((guest) => guestId(titleOf(guest))));
  const all = [
    ...nodes.filter(({ id }) => !running.has(id)),
    ...attached.map(({ id, guest }) => nodeOf(id, guest, ranks)),
  ].sort((a, b) => a.rank - b.rank);
  const joined: Edge[] = [
    ...edges.filter(({ to }) => !running.has(to)),
    ...attached.flatMap(({ id, guest }) => {
      const from = linkId(guest.parent ?? '');
      return ranks.has(from) ? [{ from, to: id }] : [];
    }),
  ];
  return {
    host,
    nodes: all.map((node) => marked(node, joined, found, attached)),
    edges: joined,
  };
}

interface Attached {
  readonly id: string;
  readonly guest: FoundGuest;
}

const titleOf = ({ guest, name }: FoundGuest): string => guest ?? name ?? '';

/** Each device has an id: of the guest alone where it has one device, else of both (no name has a slash). */
const attachedOf = (guests: readonly FoundGuest[]): readonly Attached[] =>
  guests.map((guest, index) => {
    const title = titleOf(guest);
    const isOnly = guests.filter((other) => titleOf(other) === title).length === 1;
    return { id: guestId(isOnly ? title : `${title}/${guest.name ?? `/${index}`}`), guest };
  });

function nodeOf(id: string, guest: FoundGuest, ranks: ReadonlyMap<string, number>): DrawnNode {
  const { name, parent, mode, mac, isUp } = guest;
  return {
    id,
    kind: 'guest',
    name: visible(guest.guest ?? name ?? '?'),
    facts: [
      [name ?? 'no device', mode && `mode ${mode}`]
        .filter(Boolean)
        .map((part) => visible(part ?? '')),
      parent !== undefined && !ranks.has(linkId(parent)) ? [visible(`on ${parent}`)] : [],
      mac === undefined ? [] : [visible(`MAC ${mac}`)],
      isUp ? [] : ['down'],
    ].flat(),
    rank: (ranks.get(linkId(parent ?? '')) ?? 1) + 1,
  };
}

/** With what was found there: the causes by their link, the answers by the LAN or guest. */
function marked(
  node: DrawnNode,
  edges: readonly Edge[],
  found: Found,
  attached: readonly Attached[],
): DrawnNode {
  const codes = found.causes
    .filter(({ link }) => link !== undefined && isOf(node, link, attached))
    .map(({ code }) => code);
  const answers = found.probes.filter((probe) => homeOf(probe, edges, found, attached) === node.id);
  const silent = answers.filter(({ isAnswered }) => !isAnswered);
  return {
    ...node,
    facts: [
      ...node.facts,
      ...answers
        .filter(({ isAnswered }) => isAnswered)
        .map(({ role, address }) => `${role} ${address} answers`),
    ],
    ...(codes.length + silent.length > 0 && {
      breaks: [
        ...new Set(codes),
        ...silent.map(({ role, address }) => `${role} ${address}: no answer`),
      ],
    }),
  };
}

const isOf = ({ id }: DrawnNode, link: string, attached: readonly Attached[]): boolean =>
  id === linkId(link) || attached.some((one) => one.guest.name === link && one.id === id);

/** The guest of that name or with the MAC that was heard, or the LAN that the link leads to. */
function homeOf(
  { role, link, mac }: FoundAnswer,
  edges: readonly Edge[],
  { asked }: Found,
  attached: readonly Attached[],
): string {
  const below = (upper: string): string | undefined => edges.find(({ to }) => to === upper)?.from;
  const word = role === 'guest' ? asked?.word : undefined;
  const named = attached.filter(({ guest }) => word !== undefined && guest.guest === word);
  const hasMac = ({ guest }: Attached): boolean => mac !== undefined && guest.mac === mac;
  // Of several devices the one that answers, or that is on the parent of the link which leads to it.
  const guest =
    named.find(hasMac) ??
    named.find(({ id }) => below(id) !== undefined && below(id) === below(linkId(link ?? ''))) ??
    named[0] ??
    attached.find(hasMac);
  if (guest) return guest.id;
  let id = linkId(link ?? '');
  for (let depth = 0; depth <= edges.length; depth += 1) {
    const lower = below(id);
    if (lower === undefined) return id;
    id = lower;
  }
  return id;
}
