/** Every kind of change: what the host is before, and what it is to become. */
import type { TargetFile } from '../../image/host.ts';
import { type Leases, macOf } from './lan.ts';

/** An intent, and where a host that it is of answers. */
export interface Aim {
  readonly intent: string;
  readonly address: string;
}

export interface Kind {
  readonly name: string;
  /** Absent: the NIC has the address, by files that are not generated. */
  readonly first?: Aim;
  /** The NIC has it by DHCP. */
  readonly isLeased?: true;
  readonly second: Aim;
  /** The host's NICs, all on one LAN. */
  readonly nics: readonly string[];
  /** The site's own file of the NIC goes before the first intent comes. */
  readonly dropsOld?: true;
  /** A guest is started on the NIC between activation and rollback. */
  readonly hasGuest?: true;
  /** The back end of the second, by that of the first; absent: the same. */
  readonly becomes?: Readonly<Record<string, string>>;
  /** Another daemon has the NIC by its files: the second is installed only if that is insisted on. */
  readonly isForced?: true;
  /** The daemon of the second is not enabled: `apply --switch` does so. */
  readonly isSwitched?: true;
  /** What the site has for its NIC, by back end: `apply --move` takes all of it; other back ends are not tried. */
  readonly site?: Readonly<Record<string, readonly TargetFile[]>>;
  /** Only a reboot activates it, under the back ends that are named. */
  readonly rebootsUnder?: readonly string[];
}

export const ADDRESS = '198.51.100.50';
const OTHER = '198.51.100.60';

interface Shim {
  readonly parent?: string;
  readonly last?: number;
  readonly gateway?: number;
  readonly more?: string;
}

/** The host's own shim: with the default route. */
const shim = (name: string, { parent = 'eth0', last = 50, gateway = 254, more = '' }: Shim = {}) =>
  `  ${name}:
    parent: ${parent}
    addresses: [198.51.100.${last}/24]
    routes: [{to: default, via: 198.51.100.${gateway}}]
${more === '' ? '' : `    ${more}\n`}`;

const MAC_A = '52:54:00:aa:bb:01';
const MAC_B = '52:54:00:aa:bb:02';

/** What the DHCP server has for whom. */
export const LEASES: Leases = new Map([
  [macOf('eth0'), ADDRESS],
  [MAC_A, '198.51.100.60'],
  [MAC_B, '198.51.100.61'],
]);

/** A shim with a lease of the address that is kept for its MAC. */
const leased = (mac: string): Aim =>
  at(intent(`  veth0: {parent: eth0, macaddress: "${mac}", dhcp4: true}\n`), LEASES.get(mac) ?? '');

/** A shim in another subnet of the LAN. */
const storage = (
  parent: string,
): string => `  storage: {parent: ${parent}, addresses: [192.0.2.7/24]}
`;

const intent = (shims: string, parents = ''): string => `version: 1
host: kvm1
${parents === '' ? '' : `parents:\n${parents}`}${shims === '' ? '' : `shims:\n${shims}`}`;

const at = (text: string, address = ADDRESS): Aim => ({ intent: text, address });

export const ORIGINAL = at(intent(shim('veth0')));
/** The address on a link that is not a shim. */
const onLink = (more: string): Aim =>
  at(
    intent(
      '',
      `${more}    addresses: [198.51.100.50/24]
    routes: [{to: default, via: 198.51.100.254}]
`,
    ),
  );
const NORMAL = onLink('  eth0:\n');
const BRIDGED = '  br0:\n    type: bridge\n    interfaces: [eth0]\n';
export const BRIDGE = onLink(BRIDGED);
export const BRIDGE_WITH_STP = onLink(`${BRIDGED}    parameters: {stp: true, forward-delay: 4}\n`);
const SMALL = at(intent(shim('veth0', { more: 'mtu: 1400' }), '  eth0: {mtu: 1460}\n'));
const PASSTHRU = at(intent(shim('veth0', { more: 'mode: passthru' })));
/** Each NIC has a shim of its own. */
export const ON_BOTH = at(intent(shim('veth0') + storage('eth1')));
const TWO = at(intent(shim('veth0') + storage('eth0')));

/** A change that differs from all others in name, address and gateway. */
export const THIRD = at(intent(shim('lan3', { last: 63, gateway: 253 })), '198.51.100.63');

export const of = (name: string, second: Aim, first: Aim = ORIGINAL): Kind => ({
  name,
  first,
  second,
  nics: ['eth0'],
});

export const KINDS: readonly Kind[] = [
  { name: 'first installation', second: ORIGINAL, nics: ['eth0'] },
  { name: 'first installation, by DHCP', isLeased: true, second: leased(MAC_A), nics: ['eth0'] },
  of('address', at(intent(shim('veth0', { last: 60 })), OTHER)),
  of('gateway', at(intent(shim('veth0', { gateway: 253 })))),
  of('address and gateway', at(intent(shim('veth0', { last: 60, gateway: 253 })), OTHER)),
  of('MTU', SMALL),
  of('MTU taken out', ORIGINAL, SMALL),
  of('MAC', at(intent(shim('veth0', { more: `macaddress: "${MAC_A}"` })))),
  of('MAC of a shim with a lease', leased(MAC_B), leased(MAC_A)),
  of('mode', at(intent(shim('veth0', { more: 'mode: private' })))),
  of('mode to passthru', PASSTHRU),
  of('mode from passthru', ORIGINAL, PASSTHRU),
  {
    name: 'parent',
    first: ON_BOTH,
    // The plan of the lab counts NICs as they are named first.
    second: at(intent(storage('eth0') + shim('veth0', { parent: 'eth1' }))),
    nics: ['eth0', 'eth1'],
  },
  of('shim added', TWO),
  of('shim removed', ORIGINAL, TWO),
  of('shim renamed', at(intent(shim('lan0')))),
  {
    ...of('back end changed', ORIGINAL),
    becomes: {
      networkd: 'netplan-networkd',
      'netplan-networkd': 'networkd',
      networkmanager: 'netplan-networkmanager',
      'netplan-networkmanager': 'networkmanager',
    },
  },
  {
    // Both are enabled.
    ...of('daemon changed', ORIGINAL),
    isForced: true,
    becomes: { networkd: 'networkmanager', networkmanager: 'networkd' },
  },
  of('normal setup to shim', ORIGINAL, NORMAL),
  of('shim to normal setup', NORMAL),
  { ...of('bridge to shim, with a guest', ORIGINAL, BRIDGE), hasGuest: true, dropsOld: true },
];
