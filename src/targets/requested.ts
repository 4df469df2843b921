/** What `--target` says, or the os-release(5) of a host. */
import { distributionOf } from './distributions.ts';
import {
  DAEMONS,
  type Daemon,
  isAtLeast,
  parseVersion,
  type TargetSpec,
  type Version,
  type Versions,
} from './target.ts';

/** The oldest versions that the program knows anything of. */
const OLDEST: Versions = {
  systemd: [219],
  udev: [219],
  NetworkManager: [1, 10],
  netplan: [0, 95],
};

/**
 * What `--target` takes: the name of a distribution, or `systemd=252,netplan=0.106`.
 * @returns the versions, or a clause that says what is wrong with the text
 */
export function parseTarget(text: string): TargetSpec | string {
  const known = distributionOf(text);
  if (known) return known;
  if (!text.includes('=')) return `unknown target \`${text}\``;
  const versions: { -readonly [D in Daemon]?: Version } = {};
  for (const part of text.split(',')) {
    const [name = '', value = '', ...rest] = part.split('=');
    const daemon = DAEMONS.find((item) => item.toLowerCase() === name.toLowerCase());
    if (!daemon || rest.length > 0) {
      return `invalid version \`${part}\`: give systemd, udev, networkmanager or netplan, as in \`systemd=252\``;
    }
    const parsed = parseVersion(value);
    if (!parsed) return `invalid version \`${value}\` of ${daemon}`;
    if (!isAtLeast(parsed, OLDEST[daemon])) {
      return `${daemon} before ${OLDEST[daemon].join('.')} is not supported`;
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
 * @returns the target, or a clause that says why it is unknown
 */
export function targetOfOsRelease(fields: Readonly<Record<string, unknown>>): TargetSpec | string {
  const id = String(fields['ID'] ?? '').toLowerCase();
  const release = String(fields['VERSION_ID'] ?? '');
  const family = Object.hasOwn(TWINS, id) ? (TWINS[id] ?? id) : id;
  const major = release.split('.')[0] ?? '';
  const names = [family, `${family}-${release}`, `${family}-${major}`];
  const found = names.map(distributionOf).find((target) => target !== undefined);
  return found ?? unknownHost([id, release]);
}

function unknownHost(words: readonly string[]): string {
  const name = words.filter((word) => word !== '').join('-');
  return name === ''
    ? 'os-release names no distribution'
    : `this host's distribution is \`${name}\`, which is unknown`;
}
