/**
 * Distributions: the versions that they were released with, which every host of them has or
 * exceeds, and what habits of theirs matter to the arrangement. One entry a release.
 */
import {
  DAEMONS,
  type Daemon,
  type Distribution,
  isAtLeast,
  type Owner,
  type Presence,
  parseVersion,
  type Target,
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

/** The oldest versions that the program knows anything of. */
const OLDEST: Versions = {
  systemd: [219],
  udev: [219],
  NetworkManager: [1, 10],
  netplan: [0, 95],
};

/** Later than any. */
const NEWEST: Versions = {
  systemd: [9999],
  udev: [9999],
  NetworkManager: [9999],
  netplan: [9999],
};

function version(text: string): Version {
  const parsed = parseVersion(text);
  if (!parsed) throw new Error(`no version: ${text}`);
  return parsed;
}

const versionsOf = (distribution: Distribution): Versions => ({
  systemd: version(distribution.networkd ?? distribution.systemd),
  udev: version(distribution.systemd),
  NetworkManager: version(distribution.networkmanager),
  netplan: version(distribution.netplan),
});

/** Distributions that are supported and have all that a way needs, in packages of their own. */
export const supportedFor = (needs: readonly Owner[]): string[] =>
  Object.entries(DISTRIBUTIONS)
    .filter(
      ([, { isSupported, presence: has, addOn }]) =>
        isSupported &&
        needs.every((owner) => has[owner] !== 'missing' && addOn?.[owner] === undefined),
    )
    .map(([name]) => name);

/** What is right on all of those: of each daemon the oldest version. */
function floorFor(needs: readonly Owner[]): Versions {
  const all = supportedFor(needs)
    .flatMap((name) => DISTRIBUTIONS[name] ?? [])
    .map(versionsOf);
  const oldest = (daemon: Daemon): Version =>
    all
      .map((versions) => versions[daemon])
      .reduce((least, other) => (isAtLeast(other, least) ? least : other), NEWEST[daemon]);
  return {
    systemd: oldest('systemd'),
    udev: oldest('udev'),
    NetworkManager: oldest('NetworkManager'),
    netplan: oldest('netplan'),
  };
}

/** The target for a way: what was asked for, and for the rest what is right on all that is supported. */
export const targetFor = (needs: readonly Owner[], spec?: TargetSpec): Target => ({
  ...(spec && { name: spec.name }),
  versions: { ...floorFor(needs), ...spec?.versions },
  ...(spec?.distribution && { distribution: spec.distribution }),
  ...(spec?.isHost && { isHost: spec.isHost }),
});

/** A distribution by its name, or undefined. */
function distributionOf(name: string): TargetSpec | undefined {
  const distribution = Object.hasOwn(DISTRIBUTIONS, name) ? DISTRIBUTIONS[name] : undefined;
  return distribution && { name, versions: versionsOf(distribution), distribution };
}

/**
 * What `--target` takes: the name of a distribution, or `systemd=252,netplan=0.106`.
 * @returns what was asked for, or in words what is wrong with it
 */
export function parseTarget(text: string): TargetSpec | string {
  const known = distributionOf(text);
  if (known) return known;
  if (!text.includes('=')) return `there is no target \`${text}\``;
  const versions: { -readonly [D in Daemon]?: Version } = {};
  for (const part of text.split(',')) {
    const [name = '', value = '', ...rest] = part.split('=');
    const daemon = DAEMONS.find((item) => item.toLowerCase() === name.toLowerCase());
    if (!daemon || rest.length > 0) {
      return `\`${part}\` is no version of systemd, udev, networkmanager or netplan`;
    }
    const parsed = parseVersion(value);
    if (!parsed) return `\`${value}\` is no version of ${daemon}`;
    if (!isAtLeast(parsed, OLDEST[daemon])) {
      return `nothing is known of ${daemon} before ${OLDEST[daemon].join('.')}`;
    }
    versions[daemon] = parsed;
  }
  // One source has both, and nobody thinks of udev.
  if (versions.systemd && !versions.udev) versions.udev = versions.systemd;
  return { name: text, versions };
}

/** Identifiers of os-release(5) that are another's distribution under a name of their own. */
const TWINS: Readonly<Record<string, string>> = {
  almalinux: 'rhel',
  centos: 'rhel',
  ol: 'rhel',
  rocky: 'rhel',
};

/**
 * The target that os-release(5) describes.
 * @param fields `ID`, `VERSION_ID` …
 * @returns what it is, or in words why that is not known
 */
export function targetOfOsRelease(fields: Readonly<Record<string, unknown>>): TargetSpec | string {
  const id = String(fields['ID'] ?? '').toLowerCase();
  const release = String(fields['VERSION_ID'] ?? '');
  const family = Object.hasOwn(TWINS, id) ? (TWINS[id] ?? id) : id;
  const major = release.split('.')[0] ?? '';
  const names = [family, `${family}-${release}`, `${family}-${major}`];
  const found = names.map(distributionOf).find((target) => target !== undefined);
  return (
    found ??
    `this host is \`${[id, release].filter((word) => word).join('-') || 'of no name'}\`, which is not known`
  );
}
