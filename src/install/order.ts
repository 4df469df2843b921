/** In which order files take effect, so that whatever interrupts, the host is reachable at the next boot. */

export interface Replacement {
  /** Undefined where there was none. */
  readonly before: string | undefined;
  readonly after: string;
}

/** Addresses with their prefix length, in the words of all formats. */
const ADDRESS = /(?:^|[\s=])((?=[0-9a-f.]*:|(?:[0-9]+\.){3})[0-9a-f:.]+\/[0-9]+)/;
/** What stands on what, and who asks for an address. */
const STANDING = /^((?:MACVLAN|MACVTAP|VLAN|Bond|Bridge|DHCP)=(?!no$).+)/;

/**
 * A first installation goes by rank, as the list comes. A change of one that is there must not
 * take away, in one file, what another gives only later: an address that moves to another link,
 * a shim that moves to another parent. What gives it goes first, if there is such an order; where
 * two exchange theirs, addresses count.
 */
export function inOrder<T extends Replacement>(replacements: readonly T[]): T[] {
  const waiting = replacements.map((replacement) => ({
    replacement,
    all: changeOf(replacement, [ADDRESS, STANDING]),
    addresses: changeOf(replacement, [ADDRESS]),
  }));
  const ordered: T[] = [];
  while (waiting.length > 0) {
    const free = (which: 'all' | 'addresses'): number =>
      waiting.findIndex((item) =>
        waiting.every(
          (other) => other === item || !item[which].loses.some((it) => other[which].gains.has(it)),
        ),
      );
    const at = [free('all'), free('addresses'), 0].find((index) => index >= 0) ?? 0;
    const [next] = waiting.splice(at, 1);
    if (next) ordered.push(next.replacement);
  }
  return ordered;
}

interface Shift {
  readonly loses: readonly string[];
  readonly gains: ReadonlySet<string>;
}

function changeOf({ before, after }: Replacement, kinds: readonly RegExp[]): Shift {
  const had = new Set(before === undefined ? [] : matchesOf(before, kinds));
  const has = new Set(matchesOf(after, kinds));
  return {
    loses: [...had].filter((item) => !has.has(item)),
    gains: new Set([...has].filter((item) => !had.has(item))),
  };
}

const matchesOf = (text: string, kinds: readonly RegExp[]): string[] =>
  text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .flatMap((line) => kinds.flatMap((kind) => kind.exec(line)?.[1] ?? []));
