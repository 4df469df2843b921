/** Which network daemons a host starts at its next boot, by its unit files and their links. */
import { type HostFile, type Setting, settingsOf, type Watch } from '../foreign.ts';
import { isFirstBoot, isPreset, presetWatches } from './presets.ts';

/** Daemons that configure links. */
export type NetworkDaemon =
  | 'networkd'
  | 'networkmanager'
  | 'ifupdown'
  | 'dhcpcd'
  | 'connman'
  | 'wicked'
  | 'network-scripts';

interface Service {
  /** Its usual name. */
  readonly title: string;
  /** Units, any of which starts it; masking the first one stops it. */
  readonly units: readonly string[];
  /** Names of its script in `/etc/init.d`, where there is no unit. */
  readonly scripts: readonly string[];
}

/** The names are those that the distributions' packages install. */
export const SERVICES: Readonly<Record<NetworkDaemon, Service>> = {
  networkd: {
    title: 'systemd-networkd',
    // Its socket alone does not start it in a boot (seen on 247, 257).
    units: ['systemd-networkd.service'],
    scripts: [],
  },
  networkmanager: {
    title: 'NetworkManager',
    units: ['NetworkManager.service', 'network-manager.service'],
    scripts: ['network-manager', 'NetworkManager', 'networkmanager'],
  },
  ifupdown: { title: 'ifupdown', units: ['networking.service'], scripts: ['networking'] },
  dhcpcd: {
    title: 'dhcpcd',
    units: ['dhcpcd.service', 'dhcpcd5.service'],
    scripts: ['dhcpcd', 'dhcpcd5'],
  },
  connman: { title: 'ConnMan', units: ['connman.service'], scripts: ['connman'] },
  wicked: { title: 'wicked', units: ['wicked.service'], scripts: [] },
  'network-scripts': { title: 'network-scripts', units: ['network.service'], scripts: ['network'] },
};

/** systemd.unit(5), the load path: for each name the first file. `/run` is empty at boot. */
const FOLDERS = [
  '/etc/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
];
const VENDOR: ReadonlySet<string> = new Set(['/usr/lib/systemd/system', '/lib/systemd/system']);

/** systemd.generator(7): as for units. */
const GENERATORS = [
  '/etc/systemd/system-generators',
  '/usr/local/lib/systemd/system-generators',
  '/usr/lib/systemd/system-generators',
  '/lib/systemd/system-generators',
];

/**
 * Targets of a normal boot. Not network-online.target, in which units that only wait are installed.
 */
const BOOTED: ReadonlySet<string> = new Set(
  ['sysinit', 'basic', 'network-pre', 'network', 'multi-user', 'graphical', 'default'].map(
    (name) => `${name}.target`,
  ),
);
const LINKS = /^[a-zA-Z0-9_@.-]+\.target\.(?:wants|requires|upholds)$/;

const RUNLEVELS = ['rcS', 'rc2', 'rc3', 'rc4', 'rc5'].map((name) => `/etc/${name}.d`);
const OPENRC = ['boot', 'default', 'sysinit'].map((name) => `/etc/runlevels/${name}`);

/** Resolvers that take name servers from daemons. */
export const RESOLVED = ['systemd-resolved.service'];

const UNITS = [...Object.values(SERVICES).flatMap(({ units }) => units), ...RESOLVED];

/** Units of any full system, to detect one. */
const ALWAYS = ['multi-user.target', 'basic.target'];
const names = (list: readonly string[]): RegExp =>
  new RegExp(`^(?:${list.map((name) => name.replaceAll('.', '\\.')).join('|')})$`);

export const unitWatches: readonly Watch[] = [
  ...FOLDERS.flatMap((folder): Watch[] => [
    { folder, name: names([...UNITS, ...ALWAYS]) },
    { folder, below: LINKS, name: /\.(?:service|target)$/, isOfNames: true },
  ]),
  ...GENERATORS.map((folder) => ({ folder, name: /^(?:netplan|systemd-sysv-generator)$/ })),
  ...RUNLEVELS.map((folder): Watch => ({ folder, name: /^S[0-9][0-9]/, isOfNames: true })),
  ...OPENRC.map((folder): Watch => ({ folder, name: /./, isOfNames: true })),
  ...presetWatches,
];

/** Whether and how a daemon is started at the next boot; or why it is not. */
export type Start =
  | { readonly isStarted: true; readonly by: 'link' | 'preset' | 'netplan'; readonly path: string }
  | {
      readonly isStarted: false;
      readonly because: 'masked' | 'disabled' | 'missing';
      readonly path?: string;
    };

/**
 * Whether the tree has units or init scripts at all: a tree of configuration has none.
 */
export const hasUnits = (files: readonly HostFile[]): boolean =>
  files.some(
    ({ folder, target }) =>
      FOLDERS.includes(folder) ||
      RUNLEVELS.includes(folder) ||
      OPENRC.includes(folder) ||
      (isLinkFolder(folder) && target !== undefined),
  );

/** Whether the tree has the installed units, not only configuration. */
export const hasVendorUnits = (files: readonly HostFile[]): boolean =>
  files.some(({ folder }) => VENDOR.has(folder));

const isLinkFolder = (folder: string): boolean =>
  FOLDERS.some((item) => folder.startsWith(`${item}/`));

/** @param files the files at `unitWatches` */
export function startOf(files: readonly HostFile[], daemon: NetworkDaemon): Start {
  const start = startOfUnits(files, SERVICES[daemon].units);
  // A script is used if there is no unit of that name.
  const hasUnit = start.isStarted || start.path !== undefined;
  return (hasUnit ? undefined : startOfScript(files, SERVICES[daemon].scripts)) ?? start;
}

/** @param units any of which starts it; masking the first one stops it */
export function startOfUnits(files: readonly HostFile[], units: readonly string[]): Start {
  const own = units.flatMap((name) => firstOf(files, FOLDERS, name) ?? []);
  const [unit] = own;
  if (!unit) return startOfLink(files, units);
  if (own.every(isMask)) return { isStarted: false, because: 'masked', path: unit.path };
  // A masked unit cannot be started by others.
  if (isMask(unit) && unit.name === units[0]) {
    return { isStarted: false, because: 'masked', path: unit.path };
  }
  const usable = own.filter((item) => !isMask(item));
  const link = usable.map((item) => linkTo(files, item)).find((found) => found !== undefined);
  if (link) return { isStarted: true, by: 'link', path: link.path };
  if (isFirstBoot(files) && hasInstall(unit) && isPreset(files, unit.name)) {
    return { isStarted: true, by: 'preset', path: unit.path };
  }
  return { isStarted: false, because: 'disabled', path: unit.path };
}

/** For a tree without units: the target of a link is installed elsewhere. */
function startOfLink(files: readonly HostFile[], units: readonly string[]): Start {
  if (hasVendorUnits(files)) return { isStarted: false, because: 'missing' };
  const link = linkNamed(files, units, BOOTED);
  return link
    ? { isStarted: true, by: 'link', path: link.path }
    : { isStarted: false, because: 'disabled' };
}

function startOfScript(files: readonly HostFile[], scripts: readonly string[]): Start | undefined {
  const isRead = !hasVendorUnits(files) || generator(files, 'systemd-sysv-generator');
  const script = files.find(
    ({ folder, name }) =>
      (RUNLEVELS.includes(folder) && isRead && scripts.includes(name.slice(3))) ||
      (OPENRC.includes(folder) && scripts.includes(name)),
  );
  return script && { isStarted: true, by: 'link', path: script.path };
}

/** Whether a daemon has a unit, masked by another file or not. */
export const hasUnitOf = (files: readonly HostFile[], daemon: NetworkDaemon): boolean =>
  SERVICES[daemon].units.some((name) =>
    files.some((file) => FOLDERS.includes(file.folder) && file.name === name && !isMask(file)),
  );

/** The generator, if it is installed and not masked (a link to `/dev/null`, an empty file). */
export function generator(files: readonly HostFile[], name: string): HostFile | undefined {
  const found = firstOf(files, GENERATORS, name);
  return found && !isMask(found) ? found : undefined;
}

/** Whether it is masked, not just missing. */
export const isMaskedGenerator = (files: readonly HostFile[], name: string): boolean => {
  const found = firstOf(files, GENERATORS, name);
  return found !== undefined && isMask(found);
};

const isMask = ({ text }: HostFile): boolean => text === '';

const firstOf = (
  files: readonly HostFile[],
  folders: readonly string[],
  name: string,
): HostFile | undefined =>
  folders
    .map((folder) => files.find((file) => file.folder === folder && file.name === name))
    .find((file) => file !== undefined);

const installOf = ({ text = '' }: HostFile): Setting[] =>
  settingsOf(text).filter(({ section }) => section === 'Install');

const hasInstall = (unit: HostFile): boolean => installOf(unit).length > 0;

const wordsOf = (settings: readonly Setting[], ...keys: string[]): string[] =>
  settings.filter(({ key }) => keys.includes(key)).flatMap(({ value }) => value.split(/\s+/));

/** The link that starts a unit: in a target of every boot, or where its `[Install]` puts it. */
function linkTo(files: readonly HostFile[], unit: HostFile): HostFile | undefined {
  const install = installOf(unit);
  const targets = new Set([
    ...BOOTED,
    ...wordsOf(install, 'WantedBy', 'RequiredBy', 'UpheldBy').filter(
      (target) => target !== 'network-online.target',
    ),
  ]);
  return linkNamed(files, [unit.name, ...wordsOf(install, 'Alias')], targets);
}

/**
 * The name of a link counts, not its target; but one to `/dev/null` hides links of its name in later
 * folders (systemd.unit(5), ".wants/").
 */
function linkNamed(
  files: readonly HostFile[],
  names_: readonly string[],
  targets: ReadonlySet<string>,
): HostFile | undefined {
  const seen = new Set<string>();
  for (const top of FOLDERS) {
    for (const file of files) {
      const { folder, name, target } = file;
      if (!folder.startsWith(`${top}/`) || !names_.includes(name) || target === undefined) continue;
      const below = folder.slice(top.length + 1);
      if (!targets.has(below.replace(/\.[a-z]+$/, '')) || seen.has(`${below}/${name}`)) continue;
      seen.add(`${below}/${name}`);
      if (target !== '/dev/null') return file;
    }
  }
  return undefined;
}
