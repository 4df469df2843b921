/**
 * When a file on disk took effect, so that it is taken away in the reverse order. A rendered file
 * says its rank itself (`RANK`); of one that is found the back end is not known, and its text decides.
 */
import { RANK } from '../view/rendered.ts';

/** A file of ours, as it is on disk or as it is rendered. */
export interface Found {
  /** Absolute, on the target. */
  readonly target: string;
  readonly text: string;
}

/**
 * What refers to others goes before those.
 * @param others files that stay, which say what a link is
 */
export function inRemovalOrder<T extends Found>(
  orphans: readonly T[],
  others: readonly Found[] = [],
): T[] {
  const links = linksIn([...orphans, ...others]);
  return orphans
    .map((orphan) => ({ orphan, rank: rankOf(orphan, links) }))
    .sort((a, b) => b.rank - a.rank)
    .map(({ orphan }) => orphan);
}

/** What is known of links by the files of them all. */
interface Links {
  /** Macvlans and macvtaps. */
  readonly shims: ReadonlySet<string>;
  /** How many links a link is on top of. */
  heightOf(name: string): number;
}

function rankOf({ target, text }: Found, links: Links): number {
  const rule = RULES.find(({ path }) => path.test(target));
  return typeof rule?.rank === 'function' ? rule.rank(target, text, links) : (rule?.rank ?? 0);
}

type RankOf = (target: string, text: string, links: Links) => number;

const parentRank: RankOf = (target, _, links) => RANK.parent - links.heightOf(linkOf(target));

/** The first that fits counts. */
const RULES: readonly { readonly path: RegExp; readonly rank: number | RankOf }[] = [
  { path: /\.(?:netdev|link)$/, rank: RANK.device },
  { path: /\.network\.d\/[^/]+$/, rank: RANK.device },
  { path: /^\/etc\/sysctl\.d\//, rank: RANK.setting },
  {
    path: /^\/etc\/NetworkManager\/conf\.d\//,
    // It has NetworkManager manage our links, or leave them to another system.
    rank: (_, text) =>
      /^unmanaged-devices\+=.*\bexcept:/m.test(text) ? RANK.setting : RANK.keepOff,
  },
  { path: /^\/etc\/netplan\//, rank: RANK.shim },
  {
    path: /\.nmconnection$/,
    rank: (target, text, links) =>
      /^type=(?:macvlan|ipvlan)$/m.test(text) ? RANK.shim : parentRank(target, text, links),
  },
  {
    path: /\.network$/,
    rank: (target, text, links) => {
      if (/^Unmanaged=yes$/m.test(text)) return RANK.keepOff;
      return links.shims.has(linkOf(target)) ? RANK.shim : parentRank(target, text, links);
    },
  },
  {
    path: /\/systemd-networkd-wait-online\.service\.d\/90-/,
    // With conditions of its own it makes boot wait; else it replaces the waiting of another system.
    rank: (_, text) => (/^\[Unit\]$/m.test(text) ? RANK.boot : RANK.keepOff),
  },
  { path: /\/systemd-networkd-wait-online\.service\.d\/10-/, rank: RANK.keepOff },
  { path: /^\/etc\/systemd\/system\//, rank: RANK.boot },
  { path: /\/macvtap-guest-[^/]+\.xml$/, rank: RANK.device },
  { path: /\/macvtap-network-[^/]+\.xml$/, rank: RANK.setting },
  { path: /./, rank: RANK.parent },
];

/** The link that a file is of, or its id in netplan. */
const linkOf = (target: string): string =>
  /\/(?:00-macvtap-|10-netplan-|macvtap-)([^/]+)\.[a-z]+$/.exec(target)?.[1] ?? '';

function linksIn(files: readonly Found[]): Links {
  const shims = new Set<string>();
  /** A link → what it is on top of. */
  const below = new Map<string, string[]>();
  const add = (upper: string, lower: string): void => {
    below.set(upper, [...(below.get(upper) ?? []), lower]);
  };
  const valuesOf = (text: string, key: string): string[] =>
    [...text.matchAll(SETTING)].flatMap(([, name, word = '']) => (name === key ? [word] : []));
  // NetworkManager may name a link by the UUID of its profile.
  const byUuid = new Map(
    files.flatMap(({ target, text }) =>
      valuesOf(text, 'uuid').map((uuid) => [uuid, linkOf(target)] as const),
    ),
  );
  for (const { target, text } of files) {
    const link = linkOf(target);
    const value = (key: string): string[] =>
      valuesOf(text, key).map((word) => byUuid.get(word) ?? word);
    if (target.endsWith('.netdev') && /^(?:macvlan|macvtap|ipvlan)$/.test(value('Kind')[0] ?? '')) {
      shims.add(value('Name')[0] ?? '');
    }
    if (target.endsWith('.network')) {
      for (const upper of value('VLAN')) add(upper, link);
      for (const upper of [...value('Bond'), ...value('Bridge')]) add(upper, link);
    }
    if (target.endsWith('.nmconnection')) {
      for (const lower of value('parent')) add(link, lower);
      for (const upper of [...value('master'), ...value('controller')]) add(upper, link);
    }
  }
  return { shims, heightOf: (name) => heightOf(below, name, MAX_HEIGHT) };
}

const SETTING = /^([A-Za-z-]+)=(.*)$/gm;

/** As high as the kernel stacks links. */
const MAX_HEIGHT = 8;

function heightOf(
  below: ReadonlyMap<string, readonly string[]>,
  name: string,
  left: number,
): number {
  const lowers = left === 0 ? [] : (below.get(name) ?? []);
  return Math.max(0, ...lowers.map((lower) => heightOf(below, lower, left - 1) + 1));
}
