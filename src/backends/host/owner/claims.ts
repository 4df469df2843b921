/** Which daemons would configure a link: those with a file for it. */
import { type Claim, fits, type HostFile, settingsOf, type Watch } from '../foreign.ts';
import { claimedByIfcfg } from './ifcfg.ts';
import { claimedByIfupdown, interfacesWatches } from './ifupdown.ts';
import { claimedByNetplan, type Renderer, yamlWatches } from './netplan.ts';
import { claimedByNetworkd, networkWatches } from './networkd.ts';
import { claimedByNetworkManager, networkManagerFiles } from './networkmanager.ts';
import type { NetworkDaemon } from './units.ts';

/** Why a daemon configures a link. */
export interface Claimed {
  readonly path: string;
  readonly line?: number;
  /**
   * A file for the link; no file, as the daemon configures every link; or a file that may be for the
   * link, depending on MAC or driver.
   */
  readonly by: 'file' | 'default' | 'perhaps';
  /** netplan's file, from which the daemon's file is generated. */
  readonly isNetplan?: true;
}

const DHCPCD = '/etc/dhcpcd.conf';
const CONNMAN = '/etc/connman/main.conf';
const WICKED = '/etc/sysconfig/network';
const SCRIPTS = '/etc/sysconfig/network-scripts';

export const claimWatches: readonly Watch[] = [
  ...networkWatches,
  ...yamlWatches,
  ...networkManagerFiles,
  ...interfacesWatches,
  { folder: '/etc', name: /^dhcpcd\.conf$/ },
  { folder: '/etc/connman', name: /^main\.conf$/ },
  { folder: WICKED, name: /^ifcfg-/ },
  { folder: SCRIPTS, name: /^ifcfg-/ },
];

/**
 * Why a daemon configures a link at boot.
 * @param files the files at `claimWatches`, including generated ones
 * @param hasNetplan whether netplan's generator is run
 */
export function claimed(
  daemon: NetworkDaemon,
  claim: Claim,
  files: readonly HostFile[],
  hasNetplan: boolean,
): Claimed | undefined {
  const byNetplan = (renderer: Renderer): Claimed | undefined =>
    hasNetplan ? claimedByNetplan(claim, files, renderer) : undefined;
  switch (daemon) {
    case 'networkd':
      return byNetplan('networkd') ?? claimedByNetworkd(claim, files);
    case 'networkmanager':
      // netplan has udev make NetworkManager ignore links of networkd.
      return byNetplan('networkd')?.by === 'file'
        ? undefined
        : (byNetplan('NetworkManager') ?? claimedByNetworkManager(claim, files));
    case 'ifupdown':
      return claimedByIfupdown(claim, files);
    case 'dhcpcd':
      return byDhcpcd(claim, files);
    case 'connman':
      return byConnman(claim, files);
    case 'wicked':
      return claimedByIfcfg(claim, files, WICKED);
    case 'network-scripts':
      return claimedByIfcfg(claim, files, SCRIPTS);
  }
}

/** dhcpcd.conf(5): it configures every link that is not denied. */
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
  return isLeft ? undefined : { path: DHCPCD, by: 'default' };
}

/** connman.conf(5): a list of prefixes of names. */
function byConnman({ name }: Claim, files: readonly HostFile[]): Claimed | undefined {
  const settings = settingsOf(files.find(({ path }) => path === CONNMAN)?.text ?? '');
  const isLeft = settings
    .filter(({ key }) => key === 'NetworkInterfaceBlacklist')
    .some(({ value }) => value.split(',').some((item) => item && name.startsWith(item.trim())));
  return isLeft ? undefined : { path: CONNMAN, by: 'default' };
}
