/**
 * Files of systemd-networkd and udev that several back ends write: networkd itself, netplan over
 * networkd (which cannot say `MACVLAN=`), and `.link` files, which udev reads whoever runs the
 * network.
 */
import type { Path } from '../diagnostics.ts';
import type { Model, Parent, Shim } from '../model/types.ts';
import { file } from '../template.ts';
import { header, parentOnline, whyParentOnline } from './shared.ts';
import { type Entry, entry, RANK, type RenderedFile, type View } from './types.ts';

export const DIRECTORY = '/etc/systemd/network';

const network = (section: string, key: string): string =>
  `systemd.network(5), [${section}] ${key}=`;
const netdev = (section: string, key: string): string => `systemd.netdev(5), [${section}] ${key}=`;
const link = (section: string, key: string): string => `systemd.link(5), [${section}] ${key}=`;

/** An entry of a `.network` file; the authority follows from section and key. */
export const networkEntry = (
  section: string,
  key: string,
  text: string | number,
  why: string,
  origin: Path,
): Entry => entry(text, why, network(section, key), origin);

/** `00-macvtap-<shim>.netdev`: makes the device. */
export function netdevFile(model: Model, shim: Shim): RenderedFile {
  const { name, origin } = shim;
  return file({
    path: `${DIRECTORY}/00-macvtap-${name}.netdev`,
    mode: 0o644,
    role: 'essential',
    rank: RANK.device,
    about: entry(
      `the device ${name}`,
      `Makes the macvlan \`${name}\`.`,
      'systemd.netdev(5)',
      origin,
    ),
    template: 'networkd/shim.netdev',
    view: {
      header: header(model),
      name: entry(name, 'The shim is called so.', netdev('NetDev', 'Name'), origin),
      kind: entry(
        'macvlan',
        'A macvlan is what guests on macvtap can talk to.',
        netdev('NetDev', 'Kind'),
        origin,
      ),
      macaddress:
        shim.macaddress === undefined
          ? undefined
          : entry(
              shim.macaddress,
              whyMac(shim),
              netdev('NetDev', 'MACAddress'),
              shim.macDerived ? origin : [...origin, 'macaddress'],
            ),
      mode: entry(shim.mode, whyMode(shim), netdev('MACVLAN', 'Mode'), [...origin, 'mode']),
    },
  });
}

export const whyMac = (shim: Shim): string =>
  shim.macDerived
    ? 'Derived from host and name: the same at every boot, and on no other host.'
    : 'As the intent says.';

export const whyMode = (shim: Shim): string =>
  shim.mode === 'bridge'
    ? 'Only in bridge mode do the host and its guests reach each other; left out, the mode would be vepa.'
    : 'As the intent says; host and guests do not reach each other so.';

/**
 * The parent's `.network`: up, silent, with the shims on top.
 * @param path netplan wants the file under another name than networkd itself
 */
export function parentNetworkFile(model: Model, parent: Parent, path: string): RenderedFile {
  const { name, origin } = parent;
  const silent = (key: string, text: string, what: string): Entry =>
    networkEntry('Network', key, text, `The parent is silent: ${what}.`, origin);
  return file({
    path,
    mode: 0o644,
    role: 'essential',
    rank: RANK.parent,
    about: entry(
      `the parent ${name}`,
      `Brings \`${name}\` up without any address, and puts the shims on it.`,
      'systemd.network(5)',
      origin,
    ),
    template: 'networkd/parent.network',
    view: {
      header: header(model),
      match: matchParent(parent),
      requiredForOnline: networkEntry(
        'Link',
        'RequiredForOnline',
        parentOnline(parent),
        whyParentOnline(parent),
        [...origin, 'optional'],
      ),
      macaddress:
        parent.macaddress === undefined
          ? undefined
          : networkEntry('Link', 'MACAddress', parent.macaddress, 'As the intent says.', [
              ...origin,
              'macaddress',
            ]),
      mtu:
        parent.mtu === undefined
          ? undefined
          : networkEntry(
              'Link',
              'MTUBytes',
              parent.mtu,
              'As the intent says; a shim cannot have more.',
              [...origin, 'mtu'],
            ),
      shims: parent.shims.map((shim) =>
        networkEntry('Network', 'MACVLAN', shim, `The shim \`${shim}\` stands on this link.`, [
          'shims',
          shim,
          'parent',
        ]),
      ),
      linkLocalAddressing: silent(
        'LinkLocalAddressing',
        'no',
        'no fe80:: address, which it would have by default',
      ),
      ipv6AcceptRa: silent('IPv6AcceptRA', 'no', 'no address or route from router advertisements'),
      dhcp: silent('DHCP', 'no', 'no lease'),
      llmnr: silent('LLMNR', 'no', 'no name service on it'),
      multicastDns: silent('MulticastDNS', 'no', 'no name service on it'),
      lldp: silent('LLDP', 'no', 'it does not listen for neighbours'),
      emitLldp: silent('EmitLLDP', 'no', 'it does not announce itself'),
    },
  });
}

function matchParent({ name, permanentMac, origin }: Parent): View {
  return permanentMac === undefined
    ? { name: networkEntry('Match', 'Name', name, 'The parent is called so.', origin) }
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

/** `00-macvtap-<parent>.link`: udev names the matched NIC. None where nothing is matched. */
export function linkFiles(model: Model): RenderedFile[] {
  return model.parents.flatMap((parent) => {
    const { name, permanentMac, origin } = parent;
    if (permanentMac === undefined) return [];
    return file({
      path: `${DIRECTORY}/00-macvtap-${name}.link`,
      mode: 0o644,
      role: 'essential',
      rank: RANK.device,
      about: entry(
        `the name ${name}`,
        `udev calls the NIC \`${name}\`, whoever runs the network.`,
        'systemd.link(5)',
        [...origin, 'set-name'],
      ),
      template: 'networkd/parent.link',
      view: {
        header: header(model),
        permanentMac: entry(
          permanentMac,
          'Finds the NIC by its permanent MAC; virtual devices have none.',
          link('Match', 'PermanentMACAddress'),
          [...origin, 'match', 'macaddress'],
        ),
        name: entry(
          name,
          'Other files name the interface, so its name must not change.',
          link('Link', 'Name'),
          [...origin, 'set-name'],
        ),
      },
    });
  });
}
