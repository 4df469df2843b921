/** Whom programs ask for names: resolv.conf(5), and systemd-resolved where it runs. */
import { parseIp } from '../model/ip.ts';

const MAX_LINES = 10_000;

/** The servers of `/etc/resolv.conf`. */
export const readResolvConf = (text: string): string[] =>
  text.split('\n', MAX_LINES).flatMap((line) => {
    const [key, server = ''] = line.trim().split(/\s+/);
    return key === 'nameserver' ? (parseIp(server.split('%')[0] ?? '')?.text ?? []) : [];
  });

/**
 * `resolvectl dns`: `Global: 9.9.9.9`, `Link 3 (veth0): 198.51.100.53 2001:db8::53`.
 * @returns link → servers; those of none under the empty name
 */
export function readResolvectl(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let name: string | undefined;
  for (const line of text.split('\n', MAX_LINES)) {
    const [, link, first = ''] = /^(?:Global|Link \d+ \(([^)]+)\)):(.*)$/.exec(line) ?? [];
    // A long list goes on in the next line, indented.
    if (line.startsWith('Global:')) name = '';
    else if (link !== undefined) name = link;
    else if (!/^\s/.test(line)) name = undefined;
    if (name === undefined) continue;
    const words = (link !== undefined || line.startsWith('Global:') ? first : line).split(/\s+/);
    const servers = words.flatMap((word) => parseIp(word.split(/[#%]/)[0] ?? '')?.text ?? []);
    found.set(name, [...(found.get(name) ?? []), ...servers]);
  }
  return found;
}
