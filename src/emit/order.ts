/** In which order files take effect, so that whatever interrupts, the host is reachable at the next boot. */

export interface Replacement {
  /** Undefined where there was none. */
  readonly before: string | undefined;
  readonly after: string;
}

/**
 * A first installation goes by rank, as the list comes. A change of one that is there must not
 * take away, in one file, what another gives only later: an address that moves to another link,
 * a shim that moves to another parent. What gives it goes first, if there is any such order.
 */
export function inOrder<T extends Replacement>(replacements: readonly T[]): T[] {
  const parts = replacements.map((replacement) => ({ replacement, ...changeOf(replacement) }));
  const waiting = [...parts];
  const ordered: T[] = [];
  while (waiting.length > 0) {
    const free = waiting.findIndex(
      ({ loses }, index) =>
        !waiting.some(({ gains }, other) => other !== index && loses.some((one) => gains.has(one))),
    );
    const [next] = waiting.splice(Math.max(0, free), 1);
    if (next) ordered.push(next.replacement);
  }
  return ordered;
}

function changeOf({ before, after }: Replacement): { loses: string[]; gains: Set<string> } {
  const had = new Set(before === undefined ? [] : carried(before));
  const has = new Set(carried(after));
  return {
    loses: [...had].filter((one) => !has.has(one)),
    gains: new Set([...has].filter((one) => !had.has(one))),
  };
}

/** Addresses with their prefix length, and which device stands on which, in the words of all formats. */
const carried = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .flatMap((line) => [
      ...(
        /(?:^|[\s=])((?:[0-9]+\.){3}[0-9]+\/[0-9]+|[0-9a-f:]*::?[0-9a-f:.]*\/[0-9]+)/.exec(line) ??
        []
      ).slice(1),
      ...(/^(?:MACVLAN|MACVTAP|VLAN|Bond|Bridge|DHCP)=(?!no$).+/.exec(line) ?? []),
    ]);
