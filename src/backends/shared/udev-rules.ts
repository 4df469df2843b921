/** `rules.d/90-macvtap.rules`: what udev does with taps, whichever system creates them. */
import type { Model, Tap } from '../../model/types.ts';
import { inPlace, type Place, RANK } from '../../view/place.ts';
import { type Entry, entry, type RenderedFile } from '../../view/rendered.ts';
import { file } from '../../view/template.ts';
import type { FileLinks, Files } from './file-links.ts';
import { header } from './online.ts';
import { WHY_ACCESS, WHY_ALL_MULTICAST } from './reasons.ts';

const PATH = '/etc/udev/rules.d/90-macvtap.rules';

export const UDEV_RULES = {
  folder: '/etc/udev/rules.d',
  name: /^90-macvtap\.rules$/,
  rank: RANK.device,
  // udev looks for changed rules every three seconds only.
  applies: () => 'udevadm control --reload',
} as const satisfies Place;

/** `OWNER:GROUP` for chown(1), and the permissions; absent where the intent has neither. */
export interface Access {
  /** Absent: both are root. */
  readonly account?: string;
  readonly permissions: string;
}

export function accessOf({ owner, group, permissions }: Tap): Access | undefined {
  if (permissions === undefined) return undefined;
  if (owner === undefined && group === undefined) return { permissions };
  return {
    account: group === undefined ? (owner ?? '') : `${owner ?? ''}:${group}`,
    permissions,
  };
}

/**
 * @param setsMulticast whether the rule also has the tap receive all multicast frames, because the
 * system that creates it has no setting for that
 */
export function udevRules(model: Model, setsMulticast: boolean): RenderedFile[] {
  const rules = model.taps.flatMap((tap) => [
    ...(setsMulticast && tap.allMulticast ? [multicastRule(tap)] : []),
    ...accessRule(tap),
  ]);
  if (rules.length === 0) return [];
  const rendered = file({
    path: PATH,
    mode: 0o644,
    role: 'required',
    ...inPlace(UDEV_RULES),
    about: entry(
      'udev and the taps',
      'Sets on each tap, when it appears, what the system that creates it has no setting for.',
      'udev(7)',
      ['taps'],
    ),
    template: 'shared/udev.rules',
    view: { header: header(model), rules },
  });
  return [rendered];
}

/** Names of links, users and groups have no character that udev(7) interprets. */
const multicastRule = ({ name, origin }: Tap): Entry =>
  entry(
    `ACTION!="remove", SUBSYSTEM=="net", KERNEL=="${name}", RUN+="/sbin/ip link set dev ${name} allmulticast on"`,
    WHY_ALL_MULTICAST,
    'udev(7), RUN',
    [...origin, 'allmulticast'],
  );

/**
 * chown(1), and not OWNER= and GROUP=: systemd 258 and 259 ignore users and groups that are not of the
 * system there, 260 warns of them (NEWS 258, 260). As udev does for MODE=, it leaves the device of
 * another macvtap: `/dev` is the same in all network namespaces, and each counts its links for itself.
 */
function accessRule(tap: Tap): Entry[] {
  const access = accessOf(tap);
  if (!access) return [];
  const { account, permissions } = access;
  const chown = account === undefined ? '' : `, RUN+="${chownCommand(account)}"`;
  return [
    entry(
      `ACTION!="remove", SUBSYSTEM=="macvtap", KERNELS=="${tap.name}", MODE="${permissions}"${chown}`,
      account === undefined
        ? WHY_ACCESS
        : `${WHY_ACCESS} The owner is set only where the device is that of this tap: a tap of another network namespace may have the same name for it.`,
      'udev(7), MODE, RUN',
      tap.origin,
    ),
  ];
}

/** `$$` and `%%` are `$` and `%` to the shell (udev(7)); stat(1) prints hexadecimal numbers. */
const chownCommand = (account: string): string =>
  `/bin/sh -c '[ $$(stat -c %%t:%%T $devnode). != $$(printf %%x:%%x $major $minor). ] || /bin/chown ${account} $devnode'`;

const RULE =
  /^ACTION!="remove", SUBSYSTEM=="(net|macvtap)", KERNELS?=="([^"]+)"(?:, MODE="(\d+)")?(?:, RUN\+="(?:[^"]*\/bin\/chown (\S+) \$devnode'?|[^"]*)")?$/;

/** What the generated file says of taps that others create. */
export function readUdevRules(links: FileLinks, files: Files): void {
  for (const line of (files.get(PATH) ?? '').split('\n')) {
    const [, subsystem, name, permissions, account = ''] = RULE.exec(line) ?? [];
    const link = links.all.get(name ?? '');
    if (!link) continue;
    if (subsystem === 'net') link.allMulticast = true;
    if (permissions === undefined) continue;
    const [owner, group] = account.split(':');
    link.permissions = permissions;
    if (owner !== undefined && owner !== '') link.owner = owner;
    if (group !== undefined) link.group = group;
  }
}
