/**
 * What an intent says and the host itself says otherwise: its name, its NICs, its addresses. Asked
 * where files are installed on the host, and not where they are made for one.
 */
import { parseDocument } from 'yaml';
import { type HostFile, settingsOf, type Watch } from '../backends/host/foreign.ts';
import { type Finding, finding } from '../diagnostics/finding.ts';
import { parseIp } from '../model/ip.ts';
import type { Model } from '../model/types.ts';
import { type Directory, SystemError } from '../system.ts';
import { survey } from './survey.ts';
import { textBelow, within } from './tree.ts';

/** What the host says of itself; absent: it does not say. */
export interface HostFacts {
  readonly hostname?: string;
  /** Names of the links that are there. */
  readonly links?: readonly string[];
  /** Files of others that may give a NIC its address. */
  readonly files: readonly HostFile[];
}

const HOSTNAME = '/etc/hostname';
const LINKS = '/sys/class/net';

/** Where the usual systems have addresses, in formats that are plain to read. */
const WATCHES: readonly Watch[] = [
  { folder: '/etc/netplan', name: /\.yaml$/ },
  { folder: '/etc/systemd/network', name: /\.network$/ },
  { folder: '/etc/NetworkManager/system-connections', name: /\.nmconnection$/ },
  { folder: '/etc/network', name: /^interfaces$/ },
  { folder: '/etc/network/interfaces.d', name: /^[A-Za-z0-9_-]+$/ },
];

/** @param top the root of the host @throws SystemError */
export function hostFacts(top: Directory): HostFacts {
  const text = textBelow(top, HOSTNAME.split('/').slice(1), 4096) ?? '';
  // hostname(5): one name; comments and empty lines do not count.
  const name = text
    .split('\n')
    .find((line) => /^[^#\s]/.test(line))
    ?.trim();
  const links = linksOf(top);
  return {
    ...(name !== undefined && !/^localhost\b/.test(name) && { hostname: name }),
    ...(links && { links }),
    files: survey(top, { steps: [] }, WATCHES, []),
  };
}

function linksOf(top: Directory): readonly string[] | undefined {
  try {
    return within(top, LINKS.split('/').slice(1), (folder) => folder.list());
  } catch (error) {
    if (error instanceof SystemError) return undefined;
    throw error;
  }
}

/** Warnings: the intent may be right, and the host is about to change. */
export function contradictions(model: Model, facts: HostFacts): Finding[] {
  return [...ofName(model, facts), ...ofNics(model, facts), ...ofAddresses(model, facts)];
}

function ofName({ host }: Model, { hostname }: HostFacts): Finding[] {
  if (host === '' || hostname === undefined || isSameName(host, hostname)) return [];
  const message = `The host is called \`${shown(hostname)}\`, and the intent is for \`${host}\`.`;
  return [finding('host-name-differs', HOSTNAME, message)];
}

/** One of the two may be the short form of the other. */
function isSameName(item: string, other: string): boolean {
  const [a, b] = [item.toLowerCase(), other.toLowerCase().replace(/\.$/, '')];
  return a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);
}

function ofNics({ parents }: Model, { links }: HostFacts): Finding[] {
  // An empty list is no host's: every one has `lo`.
  if (!links || links.length === 0) return [];
  const there = links.filter((name) => name !== 'lo' && name !== 'bonding_masters').sort();
  return parents
    .filter(({ kind, name, permanentMac }) => {
      // One that is found by its MAC may have another name until it is renamed.
      return kind === 'ethernet' && permanentMac === undefined && !there.includes(name);
    })
    .map(({ name }) => {
      const list = there.slice(0, 8).map((item) => `\`${shown(item)}\``);
      const known = list.length === 0 ? 'It has none.' : `It has ${list.join(', ')}.`;
      return finding('nic-not-found', LINKS, `The host has no link \`${name}\`. ${known}`);
    });
}

function ofAddresses({ parents, shims }: Model, { files }: HostFacts): Finding[] {
  const own = new Set(
    [...parents, ...shims].flatMap(({ addresses }) => addresses.map(({ address }) => address)),
  );
  if (own.size === 0) return [];
  return files.flatMap((file) =>
    parents
      .filter(({ kind }) => kind === 'ethernet')
      .flatMap(({ name }): Finding[] => {
        const given = addressesOf(file, name);
        if (given.length === 0 || given.some((address) => own.has(address))) return [];
        const message = `It gives \`${name}\` ${listed(given)}; the intent has ${listed([...own])}.`;
        return [finding('address-differs', file.path, message)];
      }),
  );
}

const listed = (addresses: readonly string[]): string =>
  addresses
    .slice(0, 4)
    .map((address) => `\`${address}\``)
    .join(', ');

/** The beginning of somebody else's text, in printable ASCII. */
const shown = (text: string): string => text.slice(0, 64).replace(/[^ -~]/g, '?');

/** The static addresses that a file gives a NIC by its name alone; canonical, without a prefix length. */
function addressesOf({ folder, text = '' }: HostFile, nic: string): string[] {
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
    // No YAML, or more aliases than anybody writes by hand.
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
