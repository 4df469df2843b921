/**
 * Distributions: the versions that they were released with, which every host of them has or
 * exceeds, and their defaults that matter here. One entry a release.
 */
import {
  type Distribution,
  type Presence,
  parseVersion,
  type TargetSpec,
  type Version,
  type Versions,
} from './target.ts';

const presence = (
  networkd: Presence,
  networkmanager: Presence,
  netplan: Presence,
  ifupdown: Presence = 'missing',
): Distribution['presence'] => ({ networkd, networkmanager, netplan, ifupdown });

const DEBIAN = presence('installed', 'packaged', 'packaged', 'installed');
const UBUNTU = presence('installed', 'packaged', 'installed', 'packaged');
/** systemd-networkd and netplan are in EPEL only, in versions of their own. */
const ENTERPRISE = {
  presence: presence('packaged', 'installed', 'packaged'),
  addOn: { networkd: 'EPEL', netplan: 'EPEL' },
} as const;
const FEDORA = presence('packaged', 'installed', 'packaged');
const LEAP = presence('packaged', 'packaged', 'missing');
/** Without wicked. */
const LEAP_16 = presence('packaged', 'installed', 'missing');

const ubuntu = { presence: UBUNTU, managesNothing: true };

export const DISTRIBUTIONS: Readonly<Record<string, Distribution>> = {
  'debian-11': {
    systemd: '247',
    networkmanager: '1.30',
    netplan: '0.101',
    source: 'deb.debian.org, dists/bullseye',
    isSupported: false,
    presence: DEBIAN,
  },
  'debian-12': {
    systemd: '252',
    networkmanager: '1.42',
    netplan: '0.106',
    source: 'deb.debian.org, dists/bookworm',
    isSupported: true,
    presence: DEBIAN,
  },
  'debian-13': {
    systemd: '257',
    networkmanager: '1.52',
    netplan: '1.1.2',
    source: 'deb.debian.org, dists/trixie',
    isSupported: true,
    presence: DEBIAN,
  },
  'ubuntu-20.04': {
    systemd: '245',
    networkmanager: '1.22',
    netplan: '0.99',
    source: 'archive.ubuntu.com, dists/focal (focal-updates has netplan 0.104)',
    isSupported: false,
    ...ubuntu,
  },
  'ubuntu-22.04': {
    systemd: '249',
    networkmanager: '1.36',
    netplan: '0.104',
    source: 'archive.ubuntu.com, dists/jammy (jammy-updates has netplan 0.107)',
    isSupported: true,
    ...ubuntu,
  },
  'ubuntu-24.04': {
    systemd: '255',
    networkmanager: '1.46',
    netplan: '1.0',
    source: 'archive.ubuntu.com, dists/noble (noble-updates has netplan 1.1.2)',
    isSupported: true,
    ...ubuntu,
  },
  'ubuntu-26.04': {
    systemd: '259',
    networkmanager: '1.54',
    netplan: '1.2',
    source: 'archive.ubuntu.com, dists/resolute',
    isSupported: true,
    ...ubuntu,
  },
  'rhel-8': {
    systemd: '239',
    networkmanager: '1.40',
    netplan: '0.105',
    networkd: '253',
    source:
      'RHEL 8.10; NetworkManager, .gitlab-ci/distros-info.yml; EPEL 8: networkd 253.34, netplan 0.105 (packages.fedoraproject.org)',
    isSupported: true,
    ...ENTERPRISE,
    hasStrictRpFilter: true,
  },
  'rhel-9': {
    systemd: '250',
    networkmanager: '1.36',
    netplan: '0.105',
    networkd: '253',
    source:
      'RHEL 9.0; NetworkManager, .gitlab-ci/distros-info.yml; EPEL 9: networkd 253.34, netplan 0.105, now 1.1.2 (packages.fedoraproject.org)',
    isSupported: true,
    ...ENTERPRISE,
    hasStrictRpFilter: true,
  },
  'rhel-10': {
    systemd: '257',
    networkmanager: '1.52',
    netplan: '1.1.2',
    networkd: '257',
    source:
      'RHEL 10.0; NetworkManager, .gitlab-ci/distros-info.yml; EPEL 10: networkd 257.9, netplan 1.1.2 (packages.fedoraproject.org)',
    isSupported: true,
    ...ENTERPRISE,
  },
  'fedora-41': {
    systemd: '256',
    networkmanager: '1.50',
    netplan: '0.105',
    source: 'packages.fedoraproject.org',
    isSupported: false,
    presence: FEDORA,
  },
  'fedora-42': {
    systemd: '257',
    networkmanager: '1.52',
    netplan: '0.105',
    source: 'packages.fedoraproject.org',
    isSupported: false,
    presence: FEDORA,
  },
  'fedora-43': {
    systemd: '258',
    networkmanager: '1.54',
    netplan: '1.1.2',
    source: 'packages.fedoraproject.org',
    isSupported: true,
    presence: FEDORA,
  },
  'fedora-44': {
    systemd: '259',
    networkmanager: '1.56',
    netplan: '1.1.2',
    source: 'packages.fedoraproject.org',
    isSupported: true,
    presence: FEDORA,
  },
  // NetworkManager's version could not be looked up for Leap: taken low.
  'opensuse-leap-15.6': {
    systemd: '254',
    networkmanager: '1.38',
    netplan: '0.105',
    source: 'software.opensuse.org, systemd-network; NetworkManager not looked up',
    isSupported: false,
    presence: LEAP,
    hasStrictRpFilter: true,
  },
  'opensuse-leap-16.0': {
    systemd: '254',
    networkmanager: '1.38',
    netplan: '0.105',
    source: 'not looked up: as Leap 15.6, which it exceeds',
    isSupported: true,
    presence: LEAP_16,
    hasStrictRpFilter: true,
  },
  arch: {
    systemd: '262',
    networkmanager: '1.54',
    netplan: '1.1.2',
    source: 'archlinux.org/packages',
    isSupported: true,
    presence: presence('installed', 'packaged', 'packaged'),
  },
};

/** What `--target` takes by name. */
export const targetNames = (): string[] => Object.keys(DISTRIBUTIONS);

function version(text: string): Version {
  const parsed = parseVersion(text);
  if (!parsed) throw new Error(`no version: ${text}`);
  return parsed;
}

export const versionsOf = (distribution: Distribution): Versions => ({
  systemd: version(distribution.networkd ?? distribution.systemd),
  udev: version(distribution.systemd),
  NetworkManager: version(distribution.networkmanager),
  netplan: version(distribution.netplan),
});

/** A distribution by its name, or undefined. */
export function distributionOf(name: string): TargetSpec | undefined {
  const distribution = Object.hasOwn(DISTRIBUTIONS, name) ? DISTRIBUTIONS[name] : undefined;
  return distribution && { name, versions: versionsOf(distribution), distribution };
}
