/** `sysctl.d/90-macvtap.conf`: who answers ARP for which address, and where the kernel checks it. */

import type { Path } from '../../diagnostics/diagnostic.ts';
import type { Model, Parent, Shim } from '../../model/types.ts';
import { knows } from '../../targets/since.ts';
import type { Daemon, Target } from '../../targets/target.ts';
import { inPlace, type Place, RANK } from '../../view/place.ts';
import { type Entry, entry, type RenderedFile } from '../../view/rendered.ts';
import { file } from '../../view/template.ts';
import { header } from './online.ts';

const SYSCTL = 'Linux Documentation/networking/ip-sysctl';
const AUTHORITY = `${SYSCTL}, arp_ignore; sysctl.d(5)` as const;
const WHY =
  'The parent answers ARP for its own addresses only, and has none. By default it answers for the shim too, and the LAN learns the wrong MAC.';
const WHY_FOR_GUESTS =
  'Guests alone use the link: by default it answers ARP for the addresses that the host has on other links.';
const WHY_SHIM =
  'Each of several shims answers ARP for its own addresses only; by default each answers for all.';
const WHY_TAP = 'Until a guest opens the tap, the host answers ARP on it, for the shim too.';
const WHY_LOOSE =
  'Packets from the LAN may arrive at the shim while answers leave by its parent: a strict filter would drop them.';

export const SYSCTL_FILE = {
  folder: '/etc/sysctl.d',
  name: /^90-macvtap\.conf$/,
  rank: RANK.setting,
  applies: (path: string) => `/lib/systemd/systemd-sysctl ${path}`,
} as const satisfies Place;

/** Whether a shim has single addresses beside those of its parent; an unmanaged one may have any. */
const isSide = ({ addresses, parent }: Shim): boolean =>
  (!parent.managed || parent.families.includes('ipv4')) &&
  addresses.some(({ family, prefix }) => family === 'ipv4' && prefix === 32);

/**
 * Whether the LAN may find a side shim's address on the link that a strict filter does not expect
 * it on. With the parent's own address on both, either will do.
 */
export const needsLooseFilter = (shim: Shim): boolean =>
  isSide(shim) &&
  shim.addresses.some(
    ({ family, address }) =>
      family === 'ipv4' && !shim.parent.addresses.some((own) => own.address === address),
  );

/** Whether NetworkManager is too old to turn IPv6 off by a key of its own. */
export const cannotDisableIpv6 = (target: Target): boolean =>
  !knows(target, 'nm-settings-keyfile(5), [ipv6] method=disabled');

/** One setting of the kernel for one link. */
export interface KernelSetting {
  readonly link: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly key: string;
  readonly value: number;
  readonly why: string;
  /** The kernel's own document. */
  readonly authority: `Linux ${string}`;
  readonly origin: Path;
}

/** Who answers ARP for which address, and where the kernel checks the return path. */
export function arpSettings(model: Model): KernelSetting[] {
  const side = model.shims.filter(isSide);
  const sideParents = new Set(side.map(({ parent }) => parent));
  // With a side shim, shim and parent answer for each other: guests ask for the parent's address.
  const answersForItself = (parent: Parent): boolean =>
    parent.hasMacvlans &&
    parent.master === undefined &&
    !sideParents.has(parent) &&
    (parent.shims.length + parent.taps.length > 0 || !parent.families.includes('ipv4'));
  const plain = model.shims.filter((shim) => !isSide(shim));
  type Named = Pick<Shim, 'name' | 'origin'>;
  const entryOf =
    (key: string, value: number, why: string) =>
    ({ name, origin }: Named): KernelSetting => ({
      link: name,
      family: 'ipv4',
      key,
      value,
      why,
      authority: `${SYSCTL}, ${key}`,
      origin,
    });
  return [
    ...model.parents
      .filter(answersForItself)
      .map((parent) => entryOf('arp_ignore', 1, whyParent(parent))(parent)),
    // A single shim keeps the kernel's default, which other addresses of the host may rely on.
    ...(plain.length > 1 ? plain.map(entryOf('arp_ignore', 1, WHY_SHIM)) : []),
    ...model.taps.map(entryOf('arp_ignore', 1, WHY_TAP)),
    ...side.filter(needsLooseFilter).map(entryOf('rp_filter', 2, WHY_LOOSE)),
  ];
}

const whyParent = ({ shims, taps, vlans }: Parent): string =>
  shims.length + taps.length + vlans.length > 0 ? WHY : WHY_FOR_GUESTS;

/** @param owner what has the network: an old NetworkManager leaves IPv6 to the kernel */
export function sysctlFiles(model: Model, target: Target, owner: Daemon): RenderedFile[] {
  const isLoose = model.shims.some(needsLooseFilter);
  const isOld = owner === 'NetworkManager' && cannotDisableIpv6(target);
  const settings = [
    ...arpSettings(model).map(({ link, family, key, value, why, authority, origin }) =>
      entry(
        `net/${family}/conf/${link}/${key} = ${value}`,
        why,
        `${authority}; sysctl.d(5)`,
        origin,
      ),
    ),
    ...(isOld ? withoutIpv6(model) : []),
  ];
  if (settings.length === 0) return [];
  const rendered = file({
    path: '/etc/sysctl.d/90-macvtap.conf',
    mode: 0o644,
    role: isLoose || isOld ? 'required' : 'optional',
    ...inPlace(SYSCTL_FILE),
    about: entry('the kernel', whyFile(model, isLoose), AUTHORITY, []),
    template: 'shared/sysctl.conf',
    // With `/` between the parts a name may hold a dot (sysctl.d(5)). udev applies the line
    // when the interface appears.
    view: { header: header(model), settings: settings.map(patient(target)) },
  });
  return [rendered];
}

function whyFile({ shims, taps }: Model, hasSide: boolean): string {
  if (hasSide) {
    return 'Parent and side shim share a LAN: the kernel must accept packets of one at the other.';
  }
  return shims.length + taps.length === 0
    ? 'Without it a link for guests may answer ARP for addresses that the host has on other links.'
    : 'Without it the LAN may learn the MAC of the parent for the address of the shim.';
}

function withoutIpv6(model: Model): Entry[] {
  return [...model.parents, ...model.shims, ...model.taps]
    .filter((link) => !('families' in link && hasIpv6(link)))
    .map(({ name, origin }) =>
      entry(
        `net/ipv6/conf/${name}/disable_ipv6 = 1`,
        'NetworkManager before 1.20 leaves IPv6 to the kernel, which would give the link an address.',
        `${SYSCTL}, disable_ipv6; sysctl.d(5)`,
        origin,
      ),
    );
}

const hasIpv6 = ({ families, linkLocal }: Pick<Shim, 'families' | 'linkLocal'>): boolean =>
  families.includes('ipv6') || linkLocal.includes('ipv6');

/** An interface may appear after boot begins: the line is applied then. */
const MAY_FAIL = 'sysctl.d(5), - before a variable';

const patient =
  (target: Target) =>
  (line: Entry): Entry =>
    knows(target, MAY_FAIL) ? { ...line, text: `-${line.text}` } : line;
