/** `.network` files of systemd-networkd: one for each link, whatever it is. */

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
import { addressingView } from './addressing.ts';
import { NETWORK } from './places.ts';

type LinkNetwork = Views['networkd/link.network'];

/** What a link says of being online; netplan's drop-in says it too. */
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
    // With one family alone, `routable` can mean no other.
    requiredFamilyForOnline:
      state === 'routable' && first !== undefined
        ? networkEntry(
            'Link',
            'RequiredFamilyForOnline',
            second === undefined ? first : 'both',
            'An address of each family that the link is to have.',
            link.origin,
          )
        : undefined,
  };
}

/** Before states were known, a link was waited for until it had any address, or not at all. */
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
          'Set on the shim itself, so that it does not depend on when the parent got its own.',
        ),
      },
      ...addressingView(shim, target),
    },
  });
}

const mtuEntry = ({ mtu, origin }: Pick<Tap, 'mtu' | 'origin'>, why: string): Entry | undefined =>
  mtu === undefined ? undefined : networkEntry('Link', 'MTUBytes', mtu, why, [...origin, 'mtu']);

/** What keeps a link silent that has no address: not one packet of its own. */
function silentView(origin: Path): Part<LinkNetwork, 'silent'> {
  const silent = (key: NetworkKey<'Network'>, what: string): Entry =>
    networkEntry('Network', key, 'no', `The link is silent: ${what}.`, origin);
  return {
    llmnr: silent('LLMNR', 'no name service on it'),
    multicastDns: silent('MulticastDNS', 'no name service on it'),
    lldp: silent('LLDP', 'it does not listen for neighbours'),
    emitLldp: silent('EmitLLDP', 'it does not announce itself'),
  };
}

/** `00-macvtap-<tap>.network`: up, silent, and nothing that boot waits for. */
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
          "Boot does not wait for what is a guest's.",
          origin,
        ),
        mtu: mtuEntry(tap, 'As the intent says.'),
      },
      ...addressingView(asLink(tap), target),
      silent: silentView(origin),
    },
  });
}

/**
 * A parent's `.network`: up, with what stands on it; silent, unless it keeps an address.
 * @param path netplan wants the file under another name than networkd itself
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
        // A device that networkd makes has its MAC from the `.netdev`.
        macaddress:
          parent.macaddress === undefined || parent.kind !== 'ethernet'
            ? undefined
            : networkEntry('Link', 'MACAddress', parent.macaddress, 'As the intent says.', [
                ...origin,
                'macaddress',
              ]),
        mtu: mtuEntry(parent, 'As the intent says; links on top of it cannot have more.'),
      },
      ...attachmentView(model, parent),
      ...(master && membership(master, origin)),
      ...addressingView(parent, target),
      silent: keeps ? undefined : silentView(origin),
    },
  });
}

const upperLinks = ({ shims, taps, vlans, master }: Parent): string => {
  if (master) return `, in the ${master.kind} \`${master.name}\``;
  if (shims.length > 0) return ', and puts the shims on it';
  if (taps.length > 0) return ', and puts the taps on it';
  return vlans.length > 0 ? ', and puts the VLANs on it' : '';
};

function attachmentView(
  model: Model,
  { shims, taps, vlans }: Parent,
): Pick<LinkNetwork, 'shims' | 'taps' | 'vlans'> {
  const one = (key: NetworkKey<'Network'>, name: string, what: string, origin: Path): Entry =>
    networkEntry(
      'Network',
      key,
      name,
      `The ${what} \`${name}\` is created on top of this link.`,
      origin,
    );
  const originOf = (name: string): Path =>
    model.parents.find((parent) => parent.name === name)?.origin ?? [];
  return {
    shims: shims.map((name) => one('MACVLAN', name, 'shim', ['shims', name, 'parent'])),
    taps: taps.map((name) => one('MACVTAP', name, 'tap', ['taps', name, 'parent'])),
    vlans: vlans.map((name) => one('VLAN', name, 'VLAN', [...originOf(name), 'link'])),
  };
}

function membership(
  { kind, name, isPrimary }: NonNullable<Parent['master']>,
  origin: Path,
): Pick<LinkNetwork, 'bond' | 'bridge' | 'primarySlave'> {
  const why = `The link is a member of the ${kind}.`;
  return {
    bond: kind === 'bond' ? networkEntry('Network', 'Bond', name, why, origin) : undefined,
    bridge: kind === 'bridge' ? networkEntry('Network', 'Bridge', name, why, origin) : undefined,
    primarySlave: isPrimary
      ? networkEntry('Network', 'PrimarySlave', 'yes', 'The member that is preferred.', origin)
      : undefined,
  };
}

function matchView({ name, permanentMac, origin }: Parent): Part<LinkNetwork, 'match'> {
  return permanentMac === undefined
    ? { name: networkEntry('Match', 'Name', name, 'Matches the parent only.', origin) }
    : {
        permanentMac: networkEntry(
          'Match',
          'PermanentMACAddress',
          permanentMac,
          'Finds the NIC by its permanent MAC, whatever it is called and whatever MAC is set.',
          [...origin, 'match', 'macaddress'],
        ),
      };
}
