/** `.network` files of systemd-networkd: one for each link. */

import type { Path } from '../../diagnostics/diagnostic.ts';
import {
  asLink,
  hasAddress,
  type Link,
  type Model,
  type Parent,
  type Shim,
  type Tap,
} from '../../model/types.ts';
import { knows, type NetworkKey } from '../../targets/since.ts';
import type { Target } from '../../targets/target.ts';
import { inPlace } from '../../view/place.ts';
import { type Entry, entry, type RenderedFile } from '../../view/rendered.ts';
import { file } from '../../view/template.ts';
import type { Part, Views } from '../../view/views.ts';
import { DIRECTORY, networkEntry } from '../shared/networkd-words.ts';
import { header, linkOnline, type OnlineState, whyOnline } from '../shared/online.ts';
import {
  WHY_ALL_MULTICAST,
  WHY_MTU,
  WHY_MTU_PARENT,
  WHY_PERMANENT_MAC,
  whyMac,
} from '../shared/reasons.ts';
import { addressingView } from './addressing.ts';
import { shimsOf } from './attached.ts';
import { NETWORK } from './places.ts';

type LinkNetwork = Views['networkd/link.network'];

/** What boot waits for on a link; netplan's drop-in has the same lines. */
export function onlineView(
  link: Link | Parent,
  target: Target,
): Pick<Part<LinkNetwork, 'link'>, 'requiredForOnline' | 'requiredFamilyForOnline'> {
  const state = linkOnline(link);
  const [first, second] = link.families;
  return {
    requiredForOnline: requiredForOnline(
      state,
      whyOnline(link),
      [...link.origin, 'optional'],
      target,
    ),
    requiredFamilyForOnline:
      state === 'routable' && first !== undefined
        ? networkEntry(
            'Link',
            'RequiredFamilyForOnline',
            second === undefined ? first : 'both',
            'Boot waits for an address of each family of the link; by default one of any family is enough.',
            link.origin,
          )
        : undefined,
  };
}

/** Versions without states wait until a link has any address, or not at all. */
function requiredForOnline(state: OnlineState, why: string, at: Path, target: Target): Entry {
  const newer = networkEntry('Link', 'RequiredForOnline', state, why, at);
  const authority = 'systemd.network(5), [Link] RequiredForOnline=';
  if (state === 'no' || knows(target, `${authority}${state}`)) return newer;
  const older = state === 'routable' || state === 'degraded' ? 'yes' : 'no';
  return entry(older, why, `${authority} (boolean)`, at);
}

/** `00-macvtap-<shim>.network`. */
export function shimNetworkFile(model: Model, shim: Shim, target: Target): RenderedFile {
  const { name, origin } = shim;
  return file({
    path: `${DIRECTORY}/00-macvtap-${name}.network`,
    mode: 0o644,
    role: 'required',
    ...inPlace(NETWORK, shim),
    about: entry(
      `the shim ${name}`,
      `Gives \`${name}\` its addresses.`,
      'systemd.network(5)',
      origin,
    ),
    template: 'networkd/link.network',
    view: {
      header: header(model),
      match: {
        name: networkEntry(
          'Match',
          'Name',
          name,
          'Matches the shim only; a pattern could also match the devices of guests.',
          origin,
        ),
      },
      link: {
        ...onlineView(shim, target),
        mtu: mtuEntry(
          shim,
          'Set on the shim itself, so that it does not depend on when the parent gets its own.',
        ),
      },
      ...addressingView(shim, target),
    },
  });
}

const mtuEntry = ({ mtu, origin }: Pick<Tap, 'mtu' | 'origin'>, why: string): Entry | undefined =>
  mtu === undefined ? undefined : networkEntry('Link', 'MTUBytes', mtu, why, [...origin, 'mtu']);

/** What keeps a link without an address silent: it sends not one packet of its own. */
function silentView(origin: Path): Part<LinkNetwork, 'silent'> {
  const silent = (key: NetworkKey<'Network'>, what: string): Entry =>
    networkEntry('Network', key, 'no', `The link is silent; without this line ${what}.`, origin);
  return {
    llmnr: silent('LLMNR', 'networkd would answer queries for the host name on it'),
    multicastDns: silent('MulticastDNS', 'networkd would answer queries for the host name on it'),
    lldp: silent('LLDP', 'networkd would collect announcements of neighbours on it'),
    emitLldp: silent('EmitLLDP', 'networkd would announce the host on it'),
  };
}

/** `00-macvtap-<tap>.network`: up and silent; boot does not wait for it. */
export function tapNetworkFile(model: Model, tap: Tap, target: Target): RenderedFile {
  const { name, origin } = tap;
  return file({
    path: `${DIRECTORY}/00-macvtap-${name}.network`,
    mode: 0o644,
    role: 'required',
    ...inPlace(NETWORK, tap),
    about: entry(`the tap ${name}`, `Brings \`${name}\` up.`, 'systemd.network(5)', origin),
    template: 'networkd/link.network',
    view: {
      header: header(model),
      match: {
        name: networkEntry(
          'Match',
          'Name',
          name,
          'Matches the tap only; a pattern could also match the devices of guests.',
          origin,
        ),
      },
      link: {
        requiredForOnline: networkEntry(
          'Link',
          'RequiredForOnline',
          'no',
          'A guest opens this link when it starts; by default boot would wait for it.',
          origin,
        ),
        mtu: mtuEntry(tap, WHY_MTU),
        allMulticast: tap.allMulticast
          ? networkEntry('Link', 'AllMulticast', 'yes', WHY_ALL_MULTICAST, [
              ...origin,
              'allmulticast',
            ])
          : undefined,
      },
      ...addressingView(asLink(tap), target),
      silent: silentView(origin),
    },
  });
}

/**
 * A parent's `.network`: up, with the links on top of it; silent, unless it keeps an address.
 * @param path under netplan the file has another name
 */
export function parentNetworkFile(
  model: Model,
  parent: Parent,
  path: string,
  target: Target,
): RenderedFile {
  const { name, origin, master } = parent;
  const keeps = hasAddress(parent);
  return file({
    path,
    mode: 0o644,
    role: 'required',
    ...inPlace(NETWORK, parent),
    about: entry(
      `the parent ${name}`,
      keeps
        ? `Gives \`${name}\` the address that it keeps.`
        : `Brings \`${name}\` up without any address${upperLinks(parent)}.`,
      'systemd.network(5)',
      origin,
    ),
    template: 'networkd/link.network',
    view: {
      header: header(model),
      match: matchView(parent),
      link: {
        ...onlineView(parent, target),
        // A device that networkd creates gets its MAC from the `.netdev`.
        macaddress:
          parent.macaddress === undefined || parent.kind !== 'ethernet'
            ? undefined
            : networkEntry('Link', 'MACAddress', parent.macaddress, whyMac(false), [
                ...origin,
                'macaddress',
              ]),
        mtu: mtuEntry(parent, WHY_MTU_PARENT),
      },
      ...attachmentView(model, parent),
      ...(master && membership(model, master, origin)),
      ...addressingView(parent, target),
      silent: keeps ? undefined : silentView(origin),
    },
  });
}

const upperLinks = ({ shims, taps, vlans, master }: Parent): string => {
  if (master) return `, as a member of \`${master.name}\``;
  if (shims.length > 0) return ', with the shims on top of it';
  if (taps.length > 0) return ', with the taps on top of it';
  return vlans.length > 0 ? ', with the VLANs on top of it' : '';
};

function attachmentView(
  model: Model,
  { shims, taps, vlans }: Parent,
): Pick<LinkNetwork, 'shims' | 'ipvlans' | 'taps' | 'vlans'> {
  const one = (key: NetworkKey<'Network'>, name: string, what: string, origin: Path): Entry =>
    networkEntry(
      'Network',
      key,
      name,
      `The ${what} \`${name}\` is created on top of this link.`,
      origin,
    );
  const ofShim = (name: string): Path => ['shims', name, 'parent'];
  const ofDevice = (device: Shim['device']): string[] => shimsOf(model, shims, device);
  const originOf = (name: string): Path =>
    model.parents.find((parent) => parent.name === name)?.origin ?? [];
  return {
    shims: ofDevice('macvlan').map((name) => one('MACVLAN', name, 'shim', ofShim(name))),
    ipvlans: ofDevice('ipvlan').map((name) => one('IPVLAN', name, 'shim', ofShim(name))),
    taps: taps.map((name) => one('MACVTAP', name, 'tap', ['taps', name, 'parent'])),
    vlans: vlans.map((name) => one('VLAN', name, 'VLAN', [...originOf(name), 'link'])),
  };
}

function membership(
  model: Model,
  { kind, name, isPrimary }: NonNullable<Parent['master']>,
  origin: Path,
): Pick<LinkNetwork, 'bond' | 'bridge' | 'primarySlave'> {
  const why = `Makes the link a member of the ${kind}.`;
  return {
    bond: kind === 'bond' ? networkEntry('Network', 'Bond', name, why, origin) : undefined,
    bridge: kind === 'bridge' ? networkEntry('Network', 'Bridge', name, why, origin) : undefined,
    primarySlave: isPrimary
      ? networkEntry(
          'Network',
          'PrimarySlave',
          'yes',
          'The member that the bond uses while it has a carrier.',
          [...parametersOf(model, name), 'primary'],
        )
      : undefined,
  };
}

/** Where the parameters of a bond are written. */
const parametersOf = (model: Model, bond: string): Path =>
  model.parents.find(({ name }) => name === bond)?.bond?.origin ?? [];

function matchView({ name, permanentMac, origin }: Parent): Part<LinkNetwork, 'match'> {
  return permanentMac === undefined
    ? {
        name: networkEntry(
          'Match',
          'Name',
          name,
          'Matches the parent only; a pattern could also match the devices of guests.',
          origin,
        ),
      }
    : {
        permanentMac: networkEntry(
          'Match',
          'PermanentMACAddress',
          permanentMac,
          WHY_PERMANENT_MAC,
          [...origin, 'match', 'macaddress'],
        ),
      };
}
