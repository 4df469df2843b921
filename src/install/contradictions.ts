/**
 * Differences between an intent and the host itself: its name, its NICs, its addresses. Checked
 * where files are installed on the host, not where they are rendered for one.
 */
import type { HostFile } from '../backends/host/foreign.ts';
import { addressWatches, staticAddresses } from '../backends/host/static-addresses.ts';
import { type Finding, finding } from '../diagnostics/finding.ts';
import type { Model } from '../model/types.ts';
import { type Directory, SystemError } from '../system.ts';
import { type DefaultLinks, defaultLinksOf, leftBare } from './left-bare.ts';
import { survey } from './survey.ts';
import { textBelow, within } from './tree.ts';

/** Facts about the host; absent: unknown. */
export interface HostFacts {
  readonly hostname?: string;
  /** Names of existing links. */
  readonly links?: readonly string[];
  /** Other files that may give a NIC its address. */
  readonly files: readonly HostFile[];
  readonly defaultLinks: DefaultLinks;
}

const HOSTNAME = '/etc/hostname';
const LINKS = '/sys/class/net';

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
    files: survey(top, { steps: [] }, addressWatches, []),
    defaultLinks: defaultLinksOf(top),
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

/** Warnings: the intent may be right, and the host is about to change; an error where it is lost. */
export function contradictions(model: Model, facts: HostFacts): Finding[] {
  return [
    ...ofName(model, facts),
    ...ofNics(model, facts),
    ...ofAddresses(model, facts),
    ...leftBare(model, facts.defaultLinks),
  ];
}

function ofName({ host }: Model, { hostname }: HostFacts): Finding[] {
  if (host === '' || hostname === undefined || isSameName(host, hostname)) return [];
  const message = `The name of the host is \`${shown(hostname)}\`, and the intent is for \`${host}\`.`;
  return [finding('host-name-differs', HOSTNAME, message)];
}

/** One of them may be the short form of the other. */
function isSameName(item: string, other: string): boolean {
  const [a, b] = [item.toLowerCase(), other.toLowerCase().replace(/\.$/, '')];
  return a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);
}

function ofNics({ parents }: Model, { links }: HostFacts): Finding[] {
  // Every host has `lo`: an empty list is unknown.
  if (!links || links.length === 0) return [];
  const there = links.filter((name) => name !== 'lo' && name !== 'bonding_masters').sort();
  return parents
    .filter(({ kind, name, permanentMac }) => {
      // A NIC matched by its MAC may have another name until it is renamed.
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
        const given = staticAddresses(file, name);
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

/** The beginning of a foreign text, in printable ASCII. */
const shown = (text: string): string => text.slice(0, 64).replace(/[^ -~]/g, '?');
