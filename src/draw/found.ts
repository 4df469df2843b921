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
  const attached = found.guests.map((guest) => nodeOf(guest, ranks));
  const ids = new Set(attached.map(({ id }) => id));
  // A guest of the intent that runs is drawn as it runs.
  const all = [...nodes.filter(({ id }) => !ids.has(id)), ...attached].sort(
    (a, b) => a.rank - b.rank,
  );
  const joined: Edge[] = [
    ...edges.filter(({ to }) => !ids.has(to)),
    ...found.guests.flatMap((guest, index) => {
      const [to, from] = [attached[index]?.id, linkId(guest.parent ?? '')];
      return to !== undefined && ranks.has(from) ? [{ from, to }] : [];
    }),
  ];
  return { host, nodes: all.map((node) => marked(node, joined, found)), edges: joined };
}

function nodeOf(guest: FoundGuest, ranks: ReadonlyMap<string, number>): DrawnNode {
  const { name, parent, mode, mac, isUp } = guest;
  return {
    id: guestId(guest.guest ?? name ?? ''),
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
function marked(node: DrawnNode, edges: readonly Edge[], found: Found): DrawnNode {
  const codes = found.causes
    .filter(({ link }) => link !== undefined && isOf(node, link, found))
    .map(({ code }) => code);
  const answers = found.probes.filter((probe) => homeOf(probe, edges, found) === node.id);
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

const isOf = ({ id }: DrawnNode, link: string, { guests }: Found): boolean =>
  id === linkId(link) ||
  guests.some(({ name, guest }) => name === link && id === guestId(guest ?? name));

/** The guest of that name or with the MAC that was heard, or the LAN that the link leads to. */
function homeOf(
  { role, link, mac }: FoundAnswer,
  edges: readonly Edge[],
  { guests, asked }: Found,
): string {
  const named = role === 'guest' ? guests.find((one) => one.guest === asked?.word) : undefined;
  const guest = named ?? guests.find((one) => mac !== undefined && one.mac === mac);
  if (guest) return guestId(guest.guest ?? guest.name ?? '');
  let id = linkId(link ?? '');
  for (let depth = 0; depth <= edges.length; depth += 1) {
    const below = edges.find(({ to }) => to === id);
    if (!below) return id;
    id = below.from;
  }
  return id;
}
