/**
 * Root file systems of Debian's suites: made once, kept outside of the tree, never written to.
 *
 * Each has all the daemons; a scenario starts those that it wants, on an overlay of its own.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { decode } from 'ini';
import { parseTarget, targetOfOsRelease } from '../../../src/targets/requested.ts';
import type { TargetSpec } from '../../../src/targets/target.ts';
import { must, run } from '../process.ts';

/** The suites that are judged unless others are named. */
export const SUITES = ['bullseye', 'bookworm', 'trixie', 'sid'] as const;

export interface Image {
  readonly suite: string;
  /** Its directory on this machine. */
  readonly root: string;
  /** `--target` for it: the distribution's, or its versions where the distribution has no name. */
  readonly target: TargetSpec;
  /** Versions of the packages that it was made with. */
  readonly versions: Versions;
}

export interface Versions {
  readonly systemd: string;
  readonly networkmanager: string;
  readonly netplan: string;
}

const PACKAGES = [
  'systemd',
  'systemd-sysv',
  'udev',
  'dbus',
  'iproute2',
  'iputils-ping',
  'network-manager',
  'netplan.io',
  // libnm, which reads keyfiles as the daemon does; and the guest on a macvtap.
  'python3-gi',
  'gir1.2-nm-1.0',
  'yamllint',
  // The LAN: DHCP servers and a router that advertises.
  'dnsmasq-base',
  'radvd',
  // A library of ifupdown-ng.
  'libbsd0',
];

/**
 * For the trials of ifupdown alone, each in a tree of its own below `/opt/lab`: the three exclude
 * each other as packages, and NetworkManager is not to find a DHCP client. What a suite has not is
 * left out.
 */
const UNPACKED: ReadonlyMap<string, readonly string[]> = new Map([
  ['ifupdown', ['ifupdown']],
  ['ifupdown-ng', ['ifupdown-ng']],
  ['ifupdown2', ['ifupdown2']],
  // With its libraries on bullseye.
  ['dhclient', ['isc-dhcp-client', 'libdns-export1110', 'libisc-export1105']],
]);

/** Whether a suite has a tree. */
export const hasTree = ({ root }: Pick<Image, 'root'>, name: string): boolean =>
  existsSync(join(root, 'opt/lab', name));

/** Whether a host of it has systemd for its first process. */
export const hasSystemd = (root: string): boolean => {
  const path = join(root, 'sbin/init');
  return lstatSync(path).isSymbolicLink() && readlinkSync(path).includes('systemd');
};

/** What nobody reads in a scenario. */
const LEFT_OUT = ['man', 'doc', 'locale', 'info'].map((name) => `/usr/share/${name}/*`);

const IFUPDOWN2 = '/usr/share/ifupdown2';

/** The image is another one when this is. */
const RECIPE = [
  'mmdebstrap',
  '--mode=root',
  '--variant=minbase',
  `--include=${PACKAGES.join(',')}`,
  // The lists of sid may look expired to a machine whose clock differs.
  '--aptopt=Acquire::Check-Valid-Until "false"',
  ...LEFT_OUT.map((path) => `--dpkgopt=path-exclude=${path}`),
  // The keys of newer suites may be in another file than those of older ones.
  '--keyring=/usr/share/keyrings',
  ...[...UNPACKED].map(([tree, packages]) => {
    const unpack =
      'apt-get --quiet download $name && dpkg -x $name"_"*.deb /opt/lab/$tree; rm -f $name"_"*.deb';
    const loop = `tree=${tree}; mkdir -p /opt/lab && cd /opt && for name in ${packages.join(' ')}; do ${unpack}; done`;
    return `--customize-hook=chroot "$1" sh -c '${loop}'`;
  }),
  // As its package does when it is installed; each start would do it again.
  `--customize-hook=chroot "$1" python3 -W ignore -m compileall -q -d ${IFUPDOWN2} /opt/lab/ifupdown2${IFUPDOWN2}`,
  '--customize-hook=rm -f "$1/etc/resolv.conf" "$1/etc/hostname"',
];

/** `MACVTAP_RENDER_LAB_CACHE`, or a directory of the system's cache. */
export function cacheDirectory(): string {
  const named = process.env['MACVTAP_RENDER_LAB_CACHE'];
  if (named) return named;
  return existsSync('/var/cache')
    ? '/var/cache/macvtap-render-lab'
    : join(homedir(), '.cache/macvtap-render-lab');
}

/**
 * The image of each suite, made if it is not there yet: two at a time, which takes some two
 * minutes on two cores.
 * @param isFresh recreates them, with the packages of today
 * @throws Error for a suite that cannot be made, with the output of mmdebstrap
 */
export async function images(suites: readonly string[], isFresh: boolean): Promise<Image[]> {
  const recipe = createHash('sha256').update(RECIPE.join('\0')).digest('hex').slice(0, 12);
  const places = suites.map((suite) => ({
    suite,
    root: join(cacheDirectory(), `${suite}-${recipe}`),
  }));
  const absent = places.filter(({ root }) => isFresh || !existsSync(root));
  if (absent.length > 0) {
    console.log(`making root file systems: ${absent.map(({ suite }) => suite).join(', ')}`);
    const mirror = await findMirror();
    const waiting = [...absent];
    const lane = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        await build(next.suite, next.root, mirror);
      }
    };
    await Promise.all([lane(), lane()]);
  }
  return Promise.all(places.map(({ suite, root }) => describe(suite, root)));
}

/** Where this machine has Debian's packages from. */
export async function findMirror(): Promise<string> {
  const argv = ['apt-get', 'indextargets', '--format', '$(SITE)', 'Created-By: Packages'];
  const sites = (await must([...argv, 'Origin: Debian', 'Component: main'])).split('\n');
  const mirror = sites.find((site) => site !== '' && !site.endsWith('-security'));
  if (mirror === undefined) throw new Error('apt-get knows no mirror of Debian');
  return mirror;
}

/**
 * Makes a root file system, in the place of what is there.
 * @param recipe words of mmdebstrap
 * @throws Error where it cannot be made, with the output of mmdebstrap
 */
export async function build(
  suite: string,
  root: string,
  mirror: string,
  recipe: readonly string[] = RECIPE,
): Promise<void> {
  const begin = performance.now();
  mkdirSync(cacheDirectory(), { recursive: true });
  const unfinished = `${root}.${process.pid}`;
  rmSync(unfinished, { recursive: true, force: true });
  // All that mmdebstrap mounts and starts is gone when it ends, however it ends.
  const alone = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const [command = '', ...options] = recipe;
  const argv = [...alone, command, ...options, suite, unfinished, mirror];
  const { status, stdout, stderr } = await run(argv, '', 1200);
  if (status !== 0) {
    rmSync(unfinished, { recursive: true, force: true });
    const printed = `${stdout}\n${stderr}`.trim().split('\n').slice(-8).join('\n');
    throw new Error(`the root file system of ${suite} could not be made (${status}):\n${printed}`);
  }
  // Another run may have been faster; one that reads the old one keeps it until it ends.
  const old = `${root}.old.${process.pid}`;
  if (existsSync(root)) renameSync(root, old);
  renameSync(unfinished, root);
  rmSync(old, { recursive: true, force: true });
  console.log(`made ${suite} (${((performance.now() - begin) / 1000).toFixed(0)} s)`);
}

async function describe(suite: string, root: string): Promise<Image> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholders are dpkg-query's
  const show = ['--show', '--showformat', '${Package} ${Version}\n'];
  const packages = ['systemd', 'network-manager', 'netplan.io'];
  const printed = await must([
    'dpkg-query',
    `--admindir=${root}/var/lib/dpkg`,
    ...show,
    ...packages,
  ]);
  const lines = printed.split('\n').map((line) => line.split(' '));
  // Without epoch, revision, and the updates of a Debian stable release.
  const versionOf = (name: string): string =>
    /^(?:\d+:)?(\d+(?:\.\d+)*)/.exec(lines.find(([is]) => is === name)?.[1] ?? '')?.[1] ?? '';
  const versions = {
    systemd: versionOf('systemd').replace(/\..*/, ''),
    networkmanager: versionOf('network-manager'),
    netplan: versionOf('netplan.io'),
  };
  const named = targetOfOsRelease(decode(readFileSync(join(root, 'etc/os-release'), 'utf8')));
  const target = typeof named === 'string' ? parseTarget(targetText(versions)) : named;
  if (typeof target === 'string') throw new Error(`${suite}: ${target}`);
  return { suite, root, target, versions };
}

const targetText = ({ systemd, networkmanager, netplan }: Versions): string =>
  `systemd=${systemd},networkmanager=${networkmanager},netplan=${netplan}`;
