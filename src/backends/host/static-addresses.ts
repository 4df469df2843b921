/** Static addresses of a NIC in a host's files, for simple formats. */
import { parseDocument } from 'yaml';
import { parseIp } from '../../model/ip.ts';
import { type HostFile, settingsOf, type Watch } from './foreign.ts';

/** Where the usual systems keep addresses. */
export const addressWatches: readonly Watch[] = [
  { folder: '/etc/netplan', name: /\.yaml$/ },
  { folder: '/etc/systemd/network', name: /\.network$/ },
  { folder: '/etc/NetworkManager/system-connections', name: /\.nmconnection$/ },
  { folder: '/etc/network', name: /^interfaces$/ },
  { folder: '/etc/network/interfaces.d', name: /^[A-Za-z0-9_-]+$/ },
];

/** The static addresses in a file for the name of a NIC; canonical, without a prefix length. */
export function staticAddresses({ folder, text = '' }: HostFile, nic: string): string[] {
  const words = READERS.find(({ at }) => folder.startsWith(at))?.read(text, nic) ?? [];
  return words.flatMap((word) => parseIp(word.trim().split(/[/,]/, 1)[0] ?? '')?.text ?? []);
}

type Read = (text: string, nic: string) => readonly string[];

const READERS: readonly { readonly at: string; readonly read: Read }[] = [
  { at: '/etc/netplan', read: inNetplan },
  { at: '/etc/systemd', read: inNetworkd },
  { at: '/etc/NetworkManager', read: inKeyfile },
  { at: '/etc/network', read: inInterfaces },
];

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function inNetplan(text: string, nic: string): readonly string[] {
  let value: unknown;
  try {
    value = parseDocument(text, { logLevel: 'silent', merge: true }).toJS();
  } catch {
    // Not YAML, or more aliases than written by hand.
    return [];
  }
  const network = isRecord(value) ? value['network'] : undefined;
  const ethernets = isRecord(network) ? network['ethernets'] : undefined;
  if (!isRecord(ethernets)) return [];
  return Object.entries(ethernets).flatMap(([id, device]) => {
    if (!isRecord(device)) return [];
    const name = device['set-name'] ?? (device['match'] === undefined ? id : undefined);
    const addresses = device['addresses'];
    if (name !== nic || !Array.isArray(addresses)) return [];
    return addresses.filter((item) => typeof item === 'string');
  });
}

function inNetworkd(text: string, nic: string): readonly string[] {
  const settings = settingsOf(text);
  const match = settings.filter(({ section }) => section === 'Match');
  if (match.length !== 1 || match[0]?.key !== 'Name' || match[0].value !== nic) return [];
  return settings
    .filter(({ section, key }) => key === 'Address' && /^(?:Network|Address)$/.test(section))
    .map(({ value }) => value);
}

function inKeyfile(text: string, nic: string): readonly string[] {
  const settings = settingsOf(text);
  const isOfNic = settings.some(
    ({ section, key, value }) =>
      section === 'connection' && key === 'interface-name' && value === nic,
  );
  if (!isOfNic) return [];
  return settings
    .filter(({ section, key }) => /^ipv[46]$/.test(section) && /^address[0-9]+$/.test(key))
    .map(({ value }) => value);
}

function inInterfaces(text: string, nic: string): readonly string[] {
  let isOfNic = false;
  const found: string[] = [];
  for (const line of text.split('\n')) {
    const [first = '', second = '', , method] = line.trim().split(/[ \t]+/);
    if (/^(?:iface|auto|mapping|source|source-directory)$/.test(first) || /^allow-/.test(first)) {
      isOfNic = first === 'iface' && second === nic && method === 'static';
    } else if (isOfNic && first === 'address') found.push(second);
  }
  return found;
}
