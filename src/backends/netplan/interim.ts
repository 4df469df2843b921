/** Between two texts of netplan's YAML: one that describes the links of both. */

/** Kind of links (`ethernets`) → the id of each, without quotes, and its lines. */
type Described = Map<string, Map<string, string[]>>;

/**
 * netplan creates the links of either text; the new text counts for a link in both (netplan-yaml).
 * Both texts are generated: kinds are indented by two spaces and ids by four. Edited-in ids are read
 * with any quotes, or dropped, because YAML allows a key only once.
 */
export function describingBoth(before: string, after: string): string {
  const described = describe(after);
  for (const [kind, links] of describe(before).kinds) {
    for (const [id, lines] of links) {
      const known = described.kinds.get(kind) ?? new Map<string, string[]>();
      described.kinds.set(kind, known);
      // Of two kinds with one id, netplan refuses both.
      const isThere = [...described.kinds.values()].some((some) => some.has(id));
      if (!isThere) known.set(id, lines);
    }
  }
  const kinds = [...described.kinds].filter(([, links]) => links.size > 0);
  const body = kinds.flatMap(([kind, links]) => [`  ${kind}:`, ...[...links.values()].flat()]);
  return [...described.head, ...body, ''].join('\n');
}

const KIND = /^ {2}["']?([a-z-]+)["']?:\s*(?:#.*)?$/;
const ID = /^ {4}(?:"([^"]*)"|'([^']*)'|([^\s#:"'][^:]*)):(?:\s|$)/;

function describe(text: string): { head: string[]; kinds: Described } {
  const head: string[] = [];
  const kinds: Described = new Map();
  let links: Map<string, string[]> | undefined;
  let lines: string[] | undefined;
  for (const line of text.trimEnd().split('\n')) {
    const kind = KIND.exec(line)?.[1];
    const [, ...names] = ID.exec(line) ?? [];
    const id = names.find((name) => name !== undefined);
    if (kind !== undefined) {
      links = kinds.get(kind) ?? new Map();
      lines = undefined;
      kinds.set(kind, links);
    } else if (kinds.size === 0) {
      head.push(line);
    } else if (/^ {0,3}[^\s#]/.test(line)) {
      // Not a kind of links: edited in.
      links = undefined;
      lines = undefined;
    } else if (links && id !== undefined) {
      lines = [line];
      links.set(id, lines);
    } else lines?.push(line);
  }
  return { head, kinds };
}
