/**
 * The host that runs, as its kernel describes it (proc(5), sysfs(5)): which addresses, links and name
 * it has before an installation, and what an intent says otherwise.
 */
import { type Finding, finding } from '../backends/foreign.ts';
import { parseIp } from '../model/ip.ts';
import type { Model } from '../model/types.ts';

export interface RunningHost {
  /** Empty where it is not known, as are the others. */
  readonly name: string;
  readonly links: readonly string[];
  /** Canonical; those of loopback are among them. */
  readonly addresses: readonly string[];
}

export const HOSTNAME_FILE = '/proc/sys/kernel/hostname';
export const LINKS_FOLDER = '/sys/class/net';
export const IPV4_FILE = '/proc/net/fib_trie';
export const IPV6_FILE = '/proc/net/if_inet6';

/** @param texts of the files above; absent where one cannot be read */
export function runningHost(
  textOf: (path: string) => string | undefined,
  links: readonly string[],
): RunningHost {
  return {
    name: textOf(HOSTNAME_FILE)?.trim() ?? '',
    links,
    addresses: [...ipv4Of(textOf(IPV4_FILE) ?? ''), ...ipv6Of(textOf(IPV6_FILE) ?? '')],
  };
}

/** The routing tables as a tree: below an address that is the host's own stands `/32 host LOCAL`. */
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

/** What the intent says of the host that is not so: it may be the wrong intent, or the wrong host. */
export function contradictions({ host, parents }: Model, running: RunningHost): Finding[] {
  const { name, links } = running;
  const isOther = host !== '' && name !== '' && labelOf(host) !== labelOf(name);
  const names = isOther
    ? [finding('host-name-differs', HOSTNAME_FILE, `This host is \`${name}\`, not \`${host}\`.`)]
    : [];
  // One that is matched by its MAC gets its name with these files.
  const nics = parents.filter(({ kind, permanentMac }) => kind === 'ethernet' && !permanentMac);
  const missing = nics.filter((nic) => links.length > 0 && !links.includes(nic.name));
  return [
    ...names,
    ...missing.map((nic) =>
      finding('link-missing', `${LINKS_FOLDER}/${nic.name}`, `This host has no \`${nic.name}\`.`),
    ),
  ];
}

/** A name may be given with its domain, or without. */
const labelOf = (name: string): string => (name.split('.')[0] ?? '').toLowerCase();
