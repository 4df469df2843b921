/** Whether NetworkManager configures a link: by a profile of somebody's, or by one that it makes up. */
import {
  type Claim,
  fits,
  type HostFile,
  merged,
  type Setting,
  settingsOf,
  type Watch,
} from './foreign.ts';
import type { Claimed } from './owner-claims.ts';
import { claimedByIfcfg } from './owner-ifcfg.ts';
import { isNamedByIfupdown } from './owner-ifupdown.ts';

const CONF = '/etc/NetworkManager/conf.d';
const MAIN = '/etc/NetworkManager/NetworkManager.conf';
const VENDOR_CONF = '/usr/lib/NetworkManager/conf.d';
const PROFILES = [
  '/etc/NetworkManager/system-connections',
  '/usr/lib/NetworkManager/system-connections',
];
const IFCFG = '/etc/sysconfig/network-scripts';

export const networkManagerFiles: readonly Watch[] = [
  { folder: '/etc/NetworkManager', name: /^NetworkManager\.conf$/ },
  { folder: VENDOR_CONF, name: /\.conf$/ },
  { folder: CONF, name: /\.conf$/ },
  ...PROFILES.map((folder) => ({ folder, name: /^[^.].*[^~]$/ })),
];

/**
 * NetworkManager.conf(5), "FILE FORMAT": vendor's snippets, then the file, then snippets of `/etc`,
 * each of which hides a vendor's of its name.
 */
function settings(files: readonly HostFile[]) {
  const snippets = merged(files, [CONF, VENDOR_CONF]).filter(({ folder }) =>
    [CONF, VENDOR_CONF].includes(folder),
  );
  const of = (folder: string): HostFile[] => snippets.filter((file) => file.folder === folder);
  const main = files.filter(({ path }) => path === MAIN);
  return [...of(VENDOR_CONF), ...main, ...of(CONF)].flatMap(({ text = '' }) => settingsOf(text));
}

/** A list that later files set (`=`) or add to (`+=`). */
function specs(files: readonly HostFile[], section: string, name: string): string[] {
  let found: string[] = [];
  for (const { section: is, key, value } of settings(files)) {
    const words = value.split(/[;,]/).map((word) => word.trim());
    if (is !== section || key.replace(/\s*\+$/, '') !== name) continue;
    found = key.endsWith('+') ? [...found, ...words] : words;
  }
  return found.filter((word) => word !== '');
}

/** NetworkManager.conf(5), "Device List Format": one that fits, and none that is excepted. */
function isListed(list: readonly string[], claim: Claim): boolean {
  const isFit = (spec: string): boolean => {
    if (spec === '*') return true;
    const [, kind = '', value = spec] = /^([a-z-]+):(.*)$/.exec(spec) ?? [];
    if (kind === 'interface-name') {
      return value.startsWith('=') ? value.slice(1) === claim.name : fits(value, claim.name);
    }
    if (kind === 'type') return value === claim.kind;
    if (kind === 'mac') return value.toLowerCase() === claim.permanentMac;
    return kind === '' && (value === claim.name || value.toLowerCase() === claim.permanentMac);
  };
  const excepted = list.flatMap((spec) => /^except:(.*)$/.exec(spec)?.[1] ?? []);
  if (list.length === 0 || excepted.some(isFit)) return false;
  // Exceptions alone match whatever they do not name.
  return list.length === excepted.length || list.some(isFit);
}

/** Whether its settings have it leave a link alone. */
function isUnmanaged(claim: Claim, files: readonly HostFile[]): boolean {
  if (isListed(specs(files, 'keyfile', 'unmanaged-devices'), claim)) return true;
  const all = settings(files);
  const hasPlugin = all.some(
    ({ section, key, value }) => section === 'main' && key === 'plugins' && /ifupdown/.test(value),
  );
  const managed = all
    .filter(({ section, key }) => section === 'ifupdown' && key === 'managed')
    .at(-1);
  return hasPlugin && managed?.value !== 'true' && isNamedByIfupdown(claim, files);
}

/** Whether its settings have it leave every NIC alone, whatever it is called. */
export const managesNoNic = (files: readonly HostFile[]): boolean =>
  isListed(specs(files, 'keyfile', 'unmanaged-devices'), { name: '', kind: 'ethernet' });

/** A profile that may be brought up on the link, or the one that NetworkManager makes for a NIC without. */
export function claimedByNetworkManager(
  claim: Claim,
  files: readonly HostFile[],
): Claimed | undefined {
  if (isUnmanaged(claim, files)) return undefined;
  let perhaps: Claimed | undefined;
  for (const file of merged(files, PROFILES)) {
    const found = lineFor(settingsOf(file.text ?? ''), claim);
    if (found?.isSure) return { path: file.path, line: found.line, by: 'file' };
    if (found) perhaps ??= { path: file.path, line: found.line, by: 'perhaps' };
  }
  // NetworkManager reads those of Enterprise Linux, too.
  const ifcfg = claimedByIfcfg(claim, files, IFCFG);
  if (ifcfg) return ifcfg;
  const makesNone = isListed(specs(files, 'main', 'no-auto-default'), claim);
  return claim.kind === 'ethernet' && !makesNone ? { path: MAIN, by: 'default' } : perhaps;
}

interface Place {
  readonly line: number;
  /** Whether its MAC is that of the link; else only the host knows. */
  readonly isSure: boolean;
}

/** Where a profile says that it is for a link, and is brought up by itself; undefined where it does not. */
function lineFor(all: readonly Setting[], claim: Claim): Place | undefined {
  const find = (section: string, key: string): Setting | undefined =>
    all.findLast((setting) => setting.section === section && setting.key === key);
  const type = find('connection', 'type');
  const name = find('connection', 'interface-name');
  if (!type || /^(?:false|no|0)$/.test(find('connection', 'autoconnect')?.value ?? '')) return;
  if (name) return fits(name.value, claim.name) ? { line: name.line, isSure: true } : undefined;
  if (claim.kind !== 'ethernet' || !/^(?:ethernet|802-3-ethernet)$/.test(type.value)) return;
  const mac = find('ethernet', 'mac-address') ?? find('802-3-ethernet', 'mac-address');
  if (!mac) return { line: type.line, isSure: true };
  const { permanentMac } = claim;
  const isOther = permanentMac !== undefined && mac.value.toLowerCase() !== permanentMac;
  return isOther ? undefined : { line: mac.line, isSure: permanentMac !== undefined };
}
