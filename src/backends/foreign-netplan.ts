/** Other people's netplan files: which make something else of our links. */
import { parseDocument } from 'yaml';
import type { Model } from '../model/types.ts';
import {
  type Claim,
  claimsOf,
  type Finding,
  finding,
  fits,
  type HostFile,
  merged,
  type Watch,
} from './foreign.ts';

/** netplan(5): the same name in an earlier one hides that in a later one. */
const FOLDERS = ['/run/netplan', '/etc/netplan', '/lib/netplan', '/usr/lib/netplan'];

export const netplanWatches: readonly Watch[] = FOLDERS.map((folder) => ({
  folder,
  name: /\.yaml$/,
}));

interface Device {
  readonly section: string;
  readonly id: string;
  readonly value: Readonly<Record<string, unknown>>;
  readonly path: string;
  readonly line: number;
  /** Its own, or the file's; networkd unless said. */
  readonly renderer: string;
}

interface Said {
  /** Whether netplan is to write our links, so that a file it cannot read stops it. */
  readonly isOwner: boolean;
  /** Whether networkd is what netplan writes for, to files that sort among ours. */
  readonly isNetworkd: boolean;
}

export function judgeNetplan(model: Model, files: readonly HostFile[], said: Said): Finding[] {
  const { isOwner, isNetworkd } = said;
  const claims = claimsOf(model);
  const found: Finding[] = [];
  const devices: Device[] = [];
  for (const file of merged(files, FOLDERS)) {
    const read = devicesOf(file);
    if (read) devices.push(...read);
    else if (isOwner && file.text !== undefined) {
      found.push(
        finding('netplan-unreadable', file.path, 'It is no YAML, and netplan stops at it.'),
      );
    }
  }
  for (const device of devices) {
    for (const claim of claims) {
      found.push(...judgeDevice(device, claim, model, said));
      if (isOwner && isNetworkd) found.push(...judgeMatch(device, claim, model));
    }
  }
  return found;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Undefined where it is no YAML. */
function devicesOf({ path, text = '' }: HostFile): Device[] | undefined {
  const document = parseDocument(text, { uniqueKeys: false, merge: true, logLevel: 'silent' });
  if (document.errors.length > 0) return undefined;
  let value: unknown;
  try {
    value = document.toJS();
  } catch {
    // More aliases than anybody writes by hand.
    return undefined;
  }
  const network = isRecord(value) ? value['network'] : undefined;
  if (!isRecord(network)) return [];
  return Object.entries(network).flatMap(([section, entries]) =>
    isRecord(entries)
      ? Object.entries(entries)
          .filter((entry): entry is [string, Record<string, unknown>] => isRecord(entry[1]))
          .map(([id, own]) => ({
            section,
            id,
            value: own,
            path,
            line: lineOf(text, id),
            renderer: String(own['renderer'] ?? network['renderer'] ?? 'networkd'),
          }))
      : [],
  );
}

/** Where a key stands; good enough for people, who look for the id anyway. */
function lineOf(text: string, id: string): number {
  const index = text
    .split('\n')
    .findIndex((line) => line.trim().replace(/["']/g, '').startsWith(`${id}:`));
  return Math.max(0, index) + 1;
}

const words = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

/** Under which ids a link of ours may be named in other files. */
function idsOf(model: Model, { name }: Claim): string[] {
  const parent = model.parents.find((one) => one.name === name);
  return parent ? [parent.id, parent.name] : [name];
}

function judgeDevice(
  device: Device,
  claim: Claim,
  model: Model,
  { isOwner, isNetworkd }: Said,
): Finding[] {
  const { section, id, value, path, line } = device;
  const ids = idsOf(model, claim);
  const kind = section.replace(/s$/, '');
  const parent = model.parents.find(({ name }) => name === claim.name);
  if (['bridges', 'bonds', 'vrfs'].includes(section)) {
    if (!words(value['interfaces']).some((one) => ids.includes(one)) || id === parent?.master?.name)
      return [];
    return [
      finding(
        'netplan-enslaves-link',
        path,
        `It puts \`${claim.name}\` into the ${kind} \`${id}\`, which keeps its addresses and loses the NIC.`,
        { line, severity: isOwner ? 'error' : 'warning' },
      ),
    ];
  }
  if (section === 'vlans' && ids.includes(String(value['link']))) {
    if (parent?.vlans.includes(id)) return [];
    return [
      finding('netplan-vlan-on-link', path, `Its VLAN \`${id}\` is on \`${claim.name}\`.`, {
        line,
        severity: isOwner ? 'error' : 'warning',
      }),
    ];
  }
  if (section === 'ethernets' && parent && !isOwner && !isNetworkd) {
    return judgeNic(device, parent);
  }
  const isOther = !parent && ids.includes(id);
  return isOther && isOwner
    ? [
        finding(
          'netplan-same-name',
          path,
          `It has a \`${id}\` of its own under \`${section}\`: netplan adds the lists of both.`,
          { line },
        ),
      ]
    : [];
}

/** NetworkManager has the NIC, and netplan gives it to networkd. */
function judgeNic(
  { id, value, path, line, renderer }: Device,
  parent: Model['parents'][number],
): Finding[] {
  const match = isRecord(value['match']) ? value['match'] : undefined;
  const { name, macaddress } = match ?? {};
  const isNamed = match
    ? name !== undefined && fits(String(name), parent.name)
    : id === parent.name;
  const hasMac =
    macaddress !== undefined && String(macaddress).toLowerCase() === parent.permanentMac;
  if ((!isNamed && !hasMac) || renderer === 'NetworkManager') return [];
  return [
    finding('netplan-gives-link-away', path, `It gives \`${parent.name}\` to networkd.`, { line }),
  ];
}

/**
 * netplan writes `10-netplan-<id>.network` for each; one that matches by name or by a pattern, and
 * sorts before that of our link, has it.
 */
function judgeMatch(device: Device, claim: Claim, model: Model): Finding[] {
  const { section, id, value, path, line } = device;
  const [ours = claim.name] = idsOf(model, claim);
  if (section !== 'ethernets' || id === ours || id >= ours) return [];
  const match = isRecord(value['match']) ? value['match'] : undefined;
  if (!match) return [];
  const { name, macaddress, driver } = match;
  const isNic = claim.kind === 'ethernet';
  if (!isNic && (macaddress !== undefined || name === undefined)) return [];
  if (name !== undefined && !fits(String(name), claim.name)) return [];
  if (
    macaddress !== undefined &&
    claim.permanentMac !== undefined &&
    String(macaddress).toLowerCase() !== claim.permanentMac
  )
    return [];
  const isSure =
    driver === undefined && (macaddress === undefined || claim.permanentMac !== undefined);
  const message = `netplan's file for \`${id}\` sorts before that for \`${ours}\` and ${isSure ? 'matches' : 'may match'} \`${claim.name}\`.`;
  return [
    finding(isSure ? 'shadowed' : 'may-be-shadowed', path, message, {
      line,
      hint: `Call it \`${ours}\` there, or have it not match \`${claim.name}\`.`,
    }),
  ];
}
