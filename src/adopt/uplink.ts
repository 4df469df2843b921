/** Which link of a host is the uplink: the one with the default route. */
import type { HostFile } from '../backends/host/foreign.ts';
import { type Finding, finding } from '../diagnostics/finding.ts';
import type { KernelState } from '../kernel/types.ts';
import type { AdoptOptions } from './adopt.ts';
import { type FoundLink, hasDefaultRoute, type Origin, scalarOf } from './found.ts';
import { type Owned, patternsIn, unreadOwner } from './owners.ts';

/** Links with the default route in the kernel, in the main table. */
export const kernelUplinks = (kernel: Pick<KernelState, 'routes'>): string[] => [
  ...new Set(
    kernel.routes
      .filter(
        ({ to, table, link, type }) =>
          /\/0$/.test(to) && table === 254 && link !== undefined && type === 'unicast',
      )
      .map(({ link }) => link ?? ''),
  ),
];

/**
 * Links that may be the uplink, by the files: with a default route, else with advertisements.
 * @param kernel what the running host has: it decides among several
 */
export function uplinksOf(
  all: readonly Owned[],
  kernel: Pick<KernelState, 'routes'> | undefined,
): Owned[] {
  const free = all.filter(
    ({ link }) => link.master === undefined && link.kind !== 'other' && link.name !== 'lo',
  );
  const byFiles = free.filter(({ link }) => hasDefaultRoute(link));
  const advertised = free.filter(({ link }) => isAdvertised(link));
  const found = byFiles.length > 0 ? byFiles : advertised;
  if (!kernel) return found;
  const names = kernelUplinks(kernel);
  const running = free.filter(({ link }) => names.includes(link.name));
  return running.length > 0 ? running : found;
}

/** By a setting, not by a default: that is of every link. */
const isAdvertised = (link: FoundLink): boolean =>
  scalarOf(link, 'dhcp6') === true ||
  link.entries.some(
    ({ key, value, origin }) => key === 'accept-ra' && value === true && origin.path !== undefined,
  );

/** The uplink, or why there is none. */
export function chooseUplink(
  files: readonly HostFile[],
  all: readonly Owned[],
  { parent, kernel }: AdoptOptions,
): Owned | Finding {
  if (parent === 'lo') return LOOPBACK;
  if (parent !== undefined) {
    const own = all.find(({ link }) => link.name === parent);
    if (own) return own.link.master === undefined ? own : port(own);
    return (
      ownerNotRead(files) ?? finding('uplink-missing', '/', `No file configures \`${parent}\`.`)
    );
  }
  const found = uplinksOf(all, kernel);
  const [first, second] = found;
  if (first && !second) return first;
  if (first) {
    const list = found.map(({ link }) => `\`${link.name}\` (${place(link.origin)})`).join(', ');
    return finding(
      'uplink-ambiguous',
      first.link.origin.path ?? '/',
      `Several links have a default route: ${list}.`,
    );
  }
  const unread = all.find(({ isUnread }) => isUnread);
  const owner = unread ? notRead(unread) : ownerNotRead(files);
  if (owner) return owner;
  const [pattern] = patternsIn(files);
  return pattern
    ? finding(
        'uplink-missing',
        pattern.path,
        `NICs are matched by \`${pattern.pattern}\`; the files do not name them.`,
        { line: pattern.line },
      )
    : finding('uplink-missing', '/', 'No link has a default route by the files of this host.');
}

const place = ({ path, line, note }: Origin): string =>
  path === undefined ? (note ?? '') : `${path}${line === undefined ? '' : `:${line}`}`;

/** Profiles may match members by a MAC, which names none. */
export const membersUnknown = ({ name, origin }: FoundLink): Finding =>
  finding(
    'uplink-missing',
    origin.path ?? '/',
    `The files do not name the members of \`${name}\`.`,
    {
      hint: 'Run `init` on the host itself, or add `/sys/class/net/*/address` to the copy.',
      ...(origin.line !== undefined && { line: origin.line }),
    },
  );

/** The kernel refuses a macvlan on it (drivers/net/macvlan.c, macvlan_port_create). */
const LOOPBACK = finding(
  'uplink-missing',
  '/',
  '`lo` is the loopback link, and cannot be a parent.',
  {
    hint: 'Name a NIC, bond, VLAN or bridge with `--parent NAME`.',
  },
);

const port = ({ link }: Owned): Finding =>
  finding(
    'uplink-missing',
    link.origin.path ?? '/',
    `\`${link.name}\` is a port of \`${link.master}\`, which has the addresses.`,
    {
      hint: `Use \`--parent ${link.master}\`.`,
    },
  );

const hintFor = (name: string): string =>
  `Enable a system of a back end (systemd-networkd, NetworkManager), configure \`${name}\` there, and run \`init\` again; or add \`--keep-parent\`: that link keeps its configuration.`;

/** Nothing is taken from the kernel in its place: it does not show what is static, and what a lease. */
export const notRead = ({ link: { name, origin }, title }: Owned): Finding =>
  finding(
    'owner-not-read',
    origin.path ?? '/',
    `${title} configures \`${name}\`, and \`init\` does not read its files.`,
    { hint: hintFor(name), ...(origin.line !== undefined && { line: origin.line }) },
  );

function ownerNotRead(files: readonly HostFile[]): Finding | undefined {
  const owner = unreadOwner(files);
  return (
    owner &&
    finding(
      'owner-not-read',
      owner.path,
      `${owner.title} configures the network of this host, and \`init\` does not read its files.`,
    )
  );
}
