/** Devices of macvtaps: `/dev/tapN`, N being the index of the link in its own network namespace. */
import { type System, SystemError } from '../system.ts';
import { ask, MAX_LINKS, TIMEOUT_MS, textAt } from './ask.ts';
import type { Account, KernelLink, NodeFound, TapNode, TapNodes } from './types.ts';

/** udev listens here while it runs (systemd-udevd-control.socket(8)). */
const UDEV = '/run/udev/control';
/** stat(1); a name of an account has no colon (passwd(5)), and the path is last. */
const FORMAT = '%f:%t:%T:%a:%u:%g:%U:%G:%n';
/** S_IFCHR of st_mode (inode(7)). */
const TYPE = 0o170000;
const CHARACTER_DEVICE = 0o020000;

const NOTHING: TapNodes = { nodes: new Map(), hasUdev: false };

/** What the intent says of a tap's device: accounts are names or numbers. */
export interface TapAccess {
  readonly name: string;
  readonly owner?: string;
  readonly group?: string;
  /** Absent: the intent sets none, and its device is not looked at. */
  readonly permissions?: string;
}

/** @returns a sentence where `stat` cannot be asked */
export function readTapNodes(
  system: System,
  links: readonly KernelLink[],
  taps: readonly TapAccess[],
): TapNodes | string {
  const wanted = new Map(
    taps.flatMap((tap) => (tap.permissions === undefined ? [] : [[tap.name, tap] as const])),
  );
  const own = links.filter(
    ({ kind, index, name }) => kind === 'macvtap' && index > 0 && wanted.has(name),
  );
  const shown = own.filter(({ name }) => isFileName(name)).slice(0, MAX_LINKS);
  if (shown.length === 0) return NOTHING;
  const paths = shown.map(({ index }) => `/dev/tap${index}`);
  const text = statOf(system, [UDEV, ...paths]);
  if (text === undefined) return '`stat` (coreutils) does not show who owns the devices of taps';
  const found = readStat(text);
  const nodes = shown.map((link, at): [string, TapNode] => {
    const path = paths[at] ?? '';
    const device = deviceOf(system, link);
    const there = found.get(path);
    const { owner, group } = wanted.get(link.name) ?? {};
    const node = {
      path,
      ...(device !== undefined && { device }),
      ...(there && {
        found: {
          ...there,
          owner: withAlias(system, 'passwd', there.owner, owner),
          group: withAlias(system, 'group', there.group, group),
        },
      }),
    };
    return [link.name, node];
  });
  return { nodes: new Map(nodes), hasUdev: found.has(UDEV) };
}

/**
 * `MAJOR:MINOR`; undefined where sysfs does not show this tap: it is that of the network namespace in
 * which it was mounted (`unshare --net`), which may have another tap of the same name and index.
 */
function deviceOf(system: System, { name, index, mac }: KernelLink): string | undefined {
  const folder = `/sys/class/net/${name}`;
  // A link to the device of the class `macvtap`, in every layout of sysfs (macvtap.c).
  const device = textAt(system, `${folder}/tap${index}/dev`)?.trim();
  if (device === undefined || !/^\d+:\d+$/.test(device)) return undefined;
  return textAt(system, `${folder}/address`)?.trim() === mac ? device : undefined;
}

/** Two names may have one number: stat(1) prints the first, and the database has the number of the other. */
function withAlias(
  system: System,
  database: 'passwd' | 'group',
  account: Account,
  wanted: string | undefined,
): Account {
  if (wanted === undefined || wanted === account.name || /^\d+$/.test(wanted)) return account;
  const { text } = ask(system, 'getent', [database, wanted]);
  // NAME:PASSWORD:NUMBER of passwd(5) and of group(5).
  const [name, , id] = (text ?? '').split('\n', 1)[0]?.split(':', 3) ?? [];
  return name === wanted && id === account.id ? { id, name } : account;
}

/** The kernel allows no such name (dev_valid_name); what a program prints is not trusted to be one. */
export const isFileName = (name: string): boolean =>
  !/[/\s]/.test(name) && name !== '.' && name !== '..';

/** It fails where one of the paths is missing, and prints the others. */
function statOf(system: System, paths: readonly string[]): string | undefined {
  try {
    const options = { timeoutMs: TIMEOUT_MS };
    const { status, stdout } = system.run('stat', ['-c', FORMAT, ...paths], options);
    return status === undefined || status > 1 ? undefined : stdout;
  } catch (error) {
    if (error instanceof SystemError) return undefined;
    throw error;
  }
}

/** By path. */
function readStat(text: string): Map<string, NodeFound> {
  const found = new Map<string, NodeFound>();
  for (const line of text.split('\n', MAX_LINKS + 2)) {
    const [, mode = '', major = '', minor = '', permissions = '', ...more] =
      /^([0-9a-f]{1,8}):([0-9a-f]{1,8}):([0-9a-f]{1,8}):([0-7]{1,4}):(\d{1,10}):(\d{1,10}):([^:]*):([^:]*):(\/\S+)$/.exec(
        line,
      ) ?? [];
    const [uid = '', gid = '', user = '', group = '', path] = more;
    if (path === undefined) continue;
    const isDevice = (Number.parseInt(mode, 16) & TYPE) === CHARACTER_DEVICE;
    found.set(path, {
      ...(isDevice && { device: `${Number.parseInt(major, 16)}:${Number.parseInt(minor, 16)}` }),
      permissions: permissions.padStart(4, '0'),
      owner: { id: uid, ...named(user) },
      group: { id: gid, ...named(group) },
    });
  }
  return found;
}

/** stat(1) prints this of a number without an account. */
const named = (name: string): { name?: string } => (name === 'UNKNOWN' ? {} : { name });
