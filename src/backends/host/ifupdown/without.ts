/** `/etc/network/interfaces` without the stanzas of links that generated files bring up. */

/** Words that begin a stanza (interfaces(5); `template` and `rename` of ifupdown-ng and 0.8.36). */
const STANZA =
  /^(?:auto|iface|mapping|source|source-directory|no-auto-down|no-scripts|rename|template|vlan|allow-\S+)$/;
/** A list of links, each of which may go for itself. */
const LIST = /^(?:auto|allow-\S+|no-auto-down|no-scripts)$/;

/**
 * What else is in the text stays as it is, byte for byte.
 * @returns undefined where nothing of these links is in it
 */
export function withoutStanzas(text: string, links: readonly string[]): string | undefined {
  const gone = new Set(links);
  let isDropped = false;
  const kept = statements(text).flatMap((statement): string[] => {
    const words = statement.replaceAll('\\\n', ' ').trim().split(/\s+/);
    const [first = '', ...rest] = words;
    if (STANZA.test(first)) isDropped = first === 'iface' && gone.has(rest[0] ?? '');
    if (isDropped) {
      // A remark or an empty line between two stanzas belongs to what follows.
      return first === '' || first.startsWith('#') ? [statement] : [];
    }
    if (!LIST.test(first) || !rest.some((name) => gone.has(name))) return [statement];
    // A lone backslash is not a name, and at the end of a line it would join the next.
    const others = rest.filter((name) => !gone.has(name) && name !== '\\');
    return others.length === 0 ? [] : [`${first} ${others.join(' ')}\n`];
  });
  const result = kept.join('');
  return result === text ? undefined : result;
}

/** Lines, each with those that continue it by a backslash at its end. */
function statements(text: string): string[] {
  const found: string[] = [];
  let open = '';
  for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    open += line;
    if (line.endsWith('\\\n') && !open.trimStart().startsWith('#')) continue;
    found.push(open);
    open = '';
  }
  return open === '' ? found : [...found, open];
}
