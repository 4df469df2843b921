/** The addresses of the running host, as its kernel lists them (proc(5)). */
import { parseIp } from '../model/ip.ts';

export const IPV4_FILE = '/proc/net/fib_trie';
export const IPV6_FILE = '/proc/net/if_inet6';

/**
 * Canonical, including those of loopback.
 * @param textOf text of one of the files above; absent where it cannot be read
 * @returns undefined where neither can be read
 */
export function addressesOfHost(
  textOf: (path: string) => string | undefined,
): string[] | undefined {
  const [ipv4, ipv6] = [textOf(IPV4_FILE), textOf(IPV6_FILE)];
  if (ipv4 === undefined) return undefined;
  return [...ipv4Of(ipv4), ...ipv6Of(ipv6 ?? '')];
}

/** The routing tables as a tree: `/32 host LOCAL` follows each address of the host. */
function ipv4Of(trie: string): string[] {
  const found = new Set<string>();
  let leaf = '';
  for (const line of trie.split('\n')) {
    const text = line.trim();
    if (text.startsWith('|-- ')) leaf = text.slice(4);
    else if (text === '/32 host LOCAL') found.add(leaf);
  }
  return [...found];
}

/** One address a line, as 32 digits without colons. */
const ipv6Of = (table: string): string[] =>
  table.split('\n').flatMap((line) => {
    const [digits = ''] = line.split(' ');
    const ip = digits.length === 32 && parseIp(digits.match(/.{4}/g)?.join(':') ?? '');
    return ip ? [ip.text] : [];
  });
