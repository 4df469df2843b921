/** Who configures a link: which daemon, once it runs, has a file that is for it. */
import { type Claim, fits, type HostFile, merged, settingsOf, type Watch } from './foreign.ts';
import { type Device, devicesOf, netplanWatches } from './foreign-netplan.ts';
import { matches } from './foreign-networkd.ts';
import { claimedByIfupdown, interfacesWatches } from './owner-ifupdown.ts';
import { claimedByNetworkManager, networkManagerFiles } from './owner-networkmanager.ts';
import type { NetworkDaemon } from './owner-units.ts';

/** What has a daemon configure a link. */
export interface Claimed {
  readonly path: string;
  readonly line?: number;
  /** No file is for the link: the daemon takes every one that it finds. */
  readonly isDefault: boolean;
  /** netplan's, which has the daemon's own file written. */
  readonly isNetplan?: true;
}

/** systemd.network(5), without `/run`, which is empty at the next boot. */
const NETWORK = [
  '/etc/systemd/network',
  '/usr/local/lib/systemd/network',
  '/usr/lib/systemd/network',
  '/lib/systemd/network',
];
const NETPLAN = ['/etc/netplan', '/lib/netplan', '/usr/lib/netplan'];
const DHCPCD = '/etc/dhcpcd.conf';
const CONNMAN = '/etc/connman/main.conf';
const WICKED = '/etc/sysconfig/network';
const SCRIPTS = '/etc/sysconfig/network-scripts';

export const claimWatches: readonly Watch[] = [
  ...NETWORK.map((folder) => ({ folder, name: /\.network$/ })),
  ...netplanWatches.filter(({ folder }) => NETPLAN.includes(folder)),
  ...networkManagerFiles,
  ...interfacesWatches,
  { folder: '/etc', name: /^dhcpcd\.conf$/ },
  { folder: '/etc/connman', name: /^main\.conf$/ },
  { folder: WICKED, name: /^ifcfg-/ },
  { folder: SCRIPTS, name: /^ifcfg-/ },
];

/**
 * What has a daemon configure a link at boot.
 * @param files what is at `claimWatches`, generated files included
 * @param hasNetplan whether netplan's generator is run
 */
export function claimed(
  daemon: NetworkDaemon,
  claim: Claim,
  files: readonly HostFile[],
  hasNetplan: boolean,
): Claimed | undefined {
  switch (daemon) {
    case 'networkd':
      return byNetplan(claim, files, hasNetplan, 'networkd') ?? byNetworkd(claim, files);
    case 'networkmanager': {
      const other = byNetplan(claim, files, hasNetplan, 'networkd');
      // netplan has udev keep NetworkManager off what it gives to networkd.
      if (other) return undefined;
      return (
        byNetplan(claim, files, hasNetplan, 'NetworkManager') ??
        claimedByNetworkManager(claim, files)
      );
    }
    case 'ifupdown':
      return claimedByIfupdown(claim, files);
    case 'dhcpcd':
      return byDhcpcd(claim, files);
    case 'connman':
      return byConnman(claim, files);
    case 'wicked':
      return byIfcfg(claim, files, WICKED);
    case 'network-scripts':
      return byIfcfg(claim, files, SCRIPTS);
  }
}

/** The first file that matches has the link; one that only may match counts where no other does. */
function byNetworkd(claim: Claim, files: readonly HostFile[]): Claimed | undefined {
  let perhaps: Claimed | undefined;
  for (const { path, text = '' } of merged(
    files.filter(({ name }) => name.endsWith('.network')),
    NETWORK,
  )) {
    const settings = settingsOf(text);
    const match = settings.filter(({ section }) => section === 'Match');
    if (match.length === 0) continue;
    const answer = matches(match, claim);
    if (answer === 'no') continue;
    const isLeft = settings.some(
      ({ section, key, value }) => section === 'Link' && key === 'Unmanaged' && isTrue(value),
    );
    const found = { path, line: match[0]?.line ?? 1, isDefault: answer === 'maybe' };
    if (answer === 'yes') return isLeft ? perhaps : found;
    if (!isLeft) perhaps ??= found;
  }
  return perhaps;
}

const isTrue = (value: string): boolean => /^(?:yes|y|true|t|on|1)$/i.test(value);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Links of netplan's YAML that one renderer has. */
export function netplanDevices(
  files: readonly HostFile[],
  renderer: 'networkd' | 'NetworkManager',
): Device[] {
  const own = files.filter(({ folder }) => NETPLAN.includes(folder));
  return merged(own, NETPLAN)
    .flatMap((file) => devicesOf(file) ?? [])
    .filter((device) => device.renderer === renderer);
}

function byNetplan(
  claim: Claim,
  files: readonly HostFile[],
  hasNetplan: boolean,
  renderer: 'networkd' | 'NetworkManager',
): Claimed | undefined {
  if (!hasNetplan) return undefined;
  const devices = netplanDevices(files, renderer);
  const own = devices.find((device) => isFor(device, claim));
  const above = devices.find(({ value }) => {
    const below = [value['link'], ...list(value['interfaces'])].map(String);
    return below.includes(claim.name) || (own !== undefined && below.includes(own.id));
  });
  const found = own ?? above;
  return found && { path: found.path, line: found.line, isDefault: false, isNetplan: true };
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** netplan(5), `match` and `set-name`: without them the id is the name. */
function isFor({ section, id, value }: Device, { name, permanentMac }: Claim): boolean {
  const match = section === 'ethernets' && isRecord(value['match']) ? value['match'] : undefined;
  if (!match) return id === name;
  if (value['set-name'] === name) return true;
  const { name: pattern, macaddress } = match;
  if (macaddress !== undefined) return String(macaddress).toLowerCase() === permanentMac;
  return [pattern].flat().some((one) => one !== undefined && fits(String(one), name));
}

/** dhcpcd.conf(5): it takes every link that it is not told to leave. */
function byDhcpcd({ name }: Claim, files: readonly HostFile[]): Claimed | undefined {
  const lines = (files.find(({ path }) => path === DHCPCD)?.text ?? '')
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const named = (word: string): string[] =>
    lines.filter(([first]) => first === word).flatMap(([, ...names]) => names);
  const allowed = named('allowinterfaces');
  const isFit = (pattern: string): boolean => fits(pattern, name);
  const isLeft =
    named('denyinterfaces').some(isFit) || (allowed.length > 0 && !allowed.some(isFit));
  return isLeft ? undefined : { path: DHCPCD, isDefault: true };
}

/** connman.conf(5): a list of what names begin with. */
function byConnman({ name }: Claim, files: readonly HostFile[]): Claimed | undefined {
  const settings = settingsOf(files.find(({ path }) => path === CONNMAN)?.text ?? '');
  const isLeft = settings
    .filter(({ key }) => key === 'NetworkInterfaceBlacklist')
    .some(({ value }) => value.split(',').some((one) => one && name.startsWith(one.trim())));
  return isLeft ? undefined : { path: CONNMAN, isDefault: true };
}

/** A file for each link, of wicked's as of Enterprise Linux's. */
function byIfcfg({ name }: Claim, files: readonly HostFile[], folder: string): Claimed | undefined {
  for (const file of files.filter((one) => one.folder === folder)) {
    const values = new Map(
      settingsOf(file.text ?? '').map(({ key, value }) => [key, value.replace(/^["']|["']$/g, '')]),
    );
    const link = values.get('DEVICE') ?? file.name.slice('ifcfg-'.length);
    const isOff =
      values.get('ONBOOT')?.toLowerCase() === 'no' ||
      /^(?:off|manual)$/i.test(values.get('STARTMODE') ?? '');
    if (link === name && !isOff) return { path: file.path, isDefault: false };
  }
  return undefined;
}
