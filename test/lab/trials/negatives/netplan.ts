/** Faults in what netplan is given, over either renderer. */
import type { Model } from '../../../../src/model/types.ts';
import {
  CUT_OFF_FROM_GUESTS,
  type Negative,
  type Negatives,
  need,
  noSuchLink,
  SYSCTL,
  WRONG_MAC,
  withFile,
  withLine,
  without,
  withoutLine,
  wrongMac,
} from './negative.ts';

export const OF_NETPLAN_NETWORKD: Negatives = new Map([['original', overNetworkd]]);
export const OF_NETPLAN_NETWORKMANAGER: Negatives = new Map([['original', overNetworkManager]]);

const YAML = '/etc/netplan/60-macvtap.yaml';
const NETWORKD = '/etc/systemd/network';

function overNetworkd(model: Model): Negative[] {
  const shim = need(model.shims[0]);
  const own = need(shim.addresses[0]);
  const nic = shim.parent.name;
  const netdev = `${NETWORKD}/00-macvtap-${shim.name}.netdev`;
  const ofParent = `${NETWORKD}/10-netplan-${nic}.network`;
  return [
    {
      name: '`Mode=bridge` removed',
      mutate: (files) => withoutLine(files, netdev, /^Mode=bridge$/),
      fails: [/, mode: vepa, must be bridge/, ...CUT_OFF_FROM_GUESTS],
      spares: [/router/],
    },
    {
      name: 'the `.netdev` missing',
      mutate: (files) => without(files, [netdev]),
      fails: [noSuchLink(shim.name)],
    },
    {
      name: "the parent's `.network` missing",
      mutate: (files) => without(files, [ofParent]),
      fails: [noSuchLink(shim.name), new RegExp(`^${nic}: not up`)],
    },
    {
      name: `the address left on ${nic} by other YAML, and only a part of the parent's file`,
      mutate: (files) =>
        withFile(
          without(files, [ofParent]),
          '/etc/netplan/50-cloud-init.yaml',
          `network:\n  version: 2\n  ethernets:\n    ${nic}:\n      addresses: [${own.address}/${own.prefix}]\n`,
          0o600,
        ),
      fails: [new RegExp(`^${nic}, addresses: ${own.address}/${own.prefix}, must be none`)],
    },
    {
      name: 'another MAC in the YAML',
      mutate: (files) =>
        withLine(files, YAML, /^ *macaddress: /, `      macaddress: "${WRONG_MAC}"`),
      fails: [wrongMac(shim.name)],
    },
    ...common(model, 'netplan-networkd'),
  ];
}

function overNetworkManager(model: Model): Negative[] {
  const shim = need(model.shims[0]);
  const nic = shim.parent.name;
  return [
    {
      name: '`macvlan.mode: "1"`, which is vepa',
      mutate: (files) => withLine(files, YAML, /macvlan\.mode: /, '          macvlan.mode: "1"'),
      fails: [/, mode: vepa, must be bridge/, ...CUT_OFF_FROM_GUESTS],
      spares: [/router/],
    },
    {
      name: "the parent's profile missing",
      mutate: (files) =>
        without(files, [`/etc/NetworkManager/system-connections/macvtap-${nic}.nmconnection`]),
      fails: [new RegExp(`^${nic}, (?:the daemon's state|link-local)`)],
    },
    {
      name: 'another MAC in the YAML',
      mutate: (files) =>
        withLine(files, YAML, /^ *macaddress: /, `      macaddress: "${WRONG_MAC}"`),
      fails: [wrongMac(shim.name)],
    },
    ...common(model, 'netplan-networkmanager'),
  ];
}

function common({ shims }: Model, backend: string): Negative[] {
  const shim = need(shims[0]);
  const own = need(shim.addresses[0]);
  return [
    {
      name: 'the YAML missing',
      mutate: (files) => without(files, [YAML]),
      fails:
        backend === 'netplan-networkd'
          ? [new RegExp(`^${shim.name}, addresses: none, must be ${own.address}`)]
          : [noSuchLink(shim.name)],
    },
    {
      name: 'a key that netplan does not know',
      mutate: (files) => withLine(files, YAML, /^ *addresses:/, '      nonsense: true'),
      fails: [/^warning: netplan: .*(?:nonsense|Error in network definition)/],
    },
    {
      name: 'the sysctl file missing',
      mutate: (files) => without(files, [SYSCTL]),
      fails: [new RegExp(`^the LAN's neighbour ${own.address}: 52:54:`)],
    },
  ];
}
