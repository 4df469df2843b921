/** Whether netplan has a link configured, and by which of its renderers. */
import { parseDocument } from 'yaml';
import { type Claim, fits, type HostFile, merged, type Watch } from './foreign.ts';
import type { Claimed } from './owner-claims.ts';

/** netplan(5), without `/run`, which is empty at the next boot. */
const FOLDERS = ['/etc/netplan', '/lib/netplan', '/usr/lib/netplan'];

export const yamlWatches: readonly Watch[] = FOLDERS.map((folder) => ({
  folder,
  name: /^[^.].*\.yaml$/,
}));

export type Renderer = 'networkd' | 'NetworkManager';

interface Device {
  readonly section: string;
  readonly id: string;
  readonly value: Readonly<Record<string, unknown>>;
  readonly path: string;
  readonly line: number;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const recordsIn = (value: unknown): [string, Record<string, unknown>][] =>
  isRecord(value)
    ? Object.entries(value).filter((pair): pair is [string, Record<string, unknown>] =>
        isRecord(pair[1]),
      )
    : [];

/** Links in the YAML that one renderer has; none of a file that is no YAML. */
export function netplanDevices(files: readonly HostFile[], renderer: Renderer): Device[] {
  const own = files.filter(({ folder }) => FOLDERS.includes(folder));
  return merged(own, FOLDERS).flatMap(({ path, text = '' }) => {
    const network = networkOf(text);
    return Object.keys(network).flatMap((section) =>
      recordsIn(network[section])
        .filter(
          ([, value]) => (value['renderer'] ?? network['renderer'] ?? 'networkd') === renderer,
        )
        .map(([id, value]) => ({ section, id, value, path, line: lineOf(text, id) })),
    );
  });
}

function networkOf(text: string): Readonly<Record<string, unknown>> {
  const document = parseDocument(text, { uniqueKeys: false, merge: true, logLevel: 'silent' });
  if (document.errors.length > 0) return {};
  try {
    const value: unknown = document.toJS();
    const network = isRecord(value) ? value['network'] : undefined;
    return isRecord(network) ? network : {};
  } catch {
    // More aliases than anybody writes by hand.
    return {};
  }
}

/** Where an id stands, for people, who look for it anyway. */
const lineOf = (text: string, id: string): number =>
  Math.max(0, text.slice(0, Math.max(0, text.indexOf(`${id}:`))).split('\n').length - 1) + 1;

/** The YAML for a link, or for one on top of it. */
export function claimedByNetplan(
  claim: Claim,
  files: readonly HostFile[],
  renderer: Renderer,
): Claimed | undefined {
  const devices = netplanDevices(files, renderer);
  const own =
    devices.find((device) => fitOf(device, claim) === 'yes') ??
    devices.find((device) => fitOf(device, claim) === 'maybe');
  const above = devices.find(({ value }) => {
    const below = [value['link'], ...listOf(value['interfaces'])].map(String);
    return below.includes(claim.name) || (own !== undefined && below.includes(own.id));
  });
  const found = own ?? above;
  if (!found) return undefined;
  const by = own && fitOf(own, claim) === 'maybe' ? 'perhaps' : 'file';
  return { path: found.path, line: found.line, by, isNetplan: true };
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** netplan(5), `match` and `set-name`: without them the id is the name. */
function fitOf(
  { section, id, value }: Device,
  { name, permanentMac }: Claim,
): 'yes' | 'maybe' | 'no' {
  const match = section === 'ethernets' && isRecord(value['match']) ? value['match'] : undefined;
  if (!match) return id === name ? 'yes' : 'no';
  if (value['set-name'] === name) return 'yes';
  const { name: pattern, macaddress, driver } = match;
  if (pattern !== undefined && !fits(String(pattern), name)) return 'no';
  if (macaddress === undefined) return driver === undefined ? 'yes' : 'maybe';
  if (permanentMac === undefined) return 'maybe';
  return String(macaddress).toLowerCase() === permanentMac ? 'yes' : 'no';
}
