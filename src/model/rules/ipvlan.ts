/**
 * Shims that are ipvlans: what the kernel refuses, and what cannot work with the MAC of the parent
 * (Linux, Documentation/networking/ipvlan; drivers/net/ipvlan).
 */
import { diagnostic } from '../../diagnostics/diagnostic.ts';
import { isIpvlanMode, isRoutedMode, type Parent, type Shim } from '../types.ts';
import { type Context, listOf } from './context.ts';

/** The mode is one of the kind. */
export function checkKind({ damaged, report }: Context, { device, mode, origin }: Shim): void {
  if (damaged([...origin, 'kind']) || damaged([...origin, 'mode'])) return;
  if (isIpvlanMode(mode) === (device === 'ipvlan')) return;
  const other = device === 'ipvlan' ? 'macvlan' : 'ipvlan';
  const message = `\`${mode}\` is a mode of a ${other}, not of the ${device} that the shim is.`;
  const hint =
    device === 'ipvlan'
      ? 'Remove `mode`, which is `l2` by default, or remove `kind: ipvlan`.'
      : 'Add `kind: ipvlan`, or remove `mode`.';
  report(diagnostic('mode-not-of-kind', [...origin, 'mode'], message, { hint }));
}

/** It has the MAC of its parent, also where another thing is known by it. */
export function checkSharedMac({ report }: Context, shim: Shim): void {
  const { name, device, parent, identifier, macDerived, origin } = shim;
  if (device !== 'ipvlan') return;
  if (!macDerived) {
    const message = `The ipvlan \`${name}\` has the MAC of \`${parent.name}\`.`;
    report(diagnostic('ipvlan-macaddress', [...origin, 'macaddress'], message));
  }
  if (parent.permanentMac !== undefined) {
    const message = `\`${parent.name}\` is matched by its permanent MAC, which \`${name}\` would also have.`;
    report(diagnostic('ipvlan-on-matched', [...origin, 'kind'], message));
  }
  if (identifier === 'mac' && (shim.dhcp4 || shim.dhcp6 || shim.dhcp6ByRouter)) {
    const message = `The DHCP server would take \`${name}\` for \`${parent.name}\`, whose MAC it has.`;
    report(diagnostic('ipvlan-dhcp-identifier', [...origin, 'dhcp-identifier'], message));
  }
}

/**
 * Nor do keys for a macvlan alone, or for addresses that follow from the MAC, go with it. The kernel
 * itself puts the number of the device into them (`dev_id`; net/ipv6/addrconf.c, Linux 6.12), which
 * changes with the order of creation; systemd-networkd takes the MAC alone
 * (src/network/networkd-address-generation.c, 257).
 */
export function checkOfMacvlan({ intent, report }: Context, shim: Shim): void {
  if (shim.device !== 'ipvlan') return;
  const given = intent.shims?.get(shim.name);
  for (const key of ['broadcast-queue-length', 'broadcast-queue-threshold'] as const) {
    if (given?.[key] === undefined) continue;
    const message = `\`${key}\` has no effect on an ipvlan.`;
    const extra = { at: 'key', hint: 'Remove it.' } as const;
    report(diagnostic('setting-unused', [...shim.origin, key], message, extra));
  }
  if (given?.['ipv6-address-generation'] !== 'eui64') return;
  const message = `\`${shim.parent.name}\` and \`${shim.name}\` have one MAC, from which their addresses would follow.`;
  const path = [...shim.origin, 'ipv6-address-generation'];
  report(diagnostic('ipvlan-address-generation', path, message));
}

/** What is on top of a parent beside its ipvlans: one driver has it, and has one mode for all. */
export function checkShared({ lookup, report }: Context, parent: Parent): void {
  const uppers = lookup.uppersOn(parent);
  const ipvlans = uppers.filter(isIpvlan);
  const [first] = ipvlans;
  if (!first || parent.name === '') return;
  const others = uppers.filter((upper) => !isIpvlan(upper));
  if (others.length > 0) {
    const names = listOf(
      others.slice(0, 5).map(({ name }) => name),
      others.length,
    );
    const message = `\`${parent.name}\` also has ${names} on top of it, by macvlan or macvtap.`;
    for (const { origin } of ipvlans) {
      report(diagnostic('ipvlan-beside-macvlan', [...origin, 'kind'], message));
    }
  } else {
    const message = `Guests cannot attach to \`${parent.name}\` by macvtap: \`${first.name}\` is an ipvlan.`;
    report(diagnostic('ipvlan-without-guests', [...first.origin, 'kind'], message));
  }
  for (const { mode, origin } of ipvlans) {
    if (mode === first.mode || !isIpvlanMode(mode) || !isIpvlanMode(first.mode)) continue;
    const message = `\`${first.name}\` on \`${parent.name}\` has the mode \`${first.mode}\`.`;
    report(diagnostic('ipvlan-modes-differ', [...origin, 'mode'], message));
  }
}

const isIpvlan = (upper: object): upper is Shim => 'device' in upper && upper.device === 'ipvlan';

/** In modes l3 and l3s the parent routes for the shim, which has no neighbours. */
export function checkRouted({ report }: Context, shim: Shim): void {
  const { name, mode, parent, dhcp4, dhcp6, acceptRa, routes, origin } = shim;
  if (shim.device !== 'ipvlan' || !isRoutedMode(mode)) return;
  const needs = (key: string, what: string): void => {
    const message = `\`${name}\` has no neighbours in mode \`${mode}\`, which ${what} needs.`;
    report(diagnostic('ipvlan-without-neighbours', [...origin, key], message));
  };
  if (dhcp4) needs('dhcp4', 'DHCP');
  if (dhcp6) needs('dhcp6', 'DHCPv6');
  if (acceptRa && !dhcp6) needs('accept-ra', 'a router advertisement');
  for (const { via, isDefault, origin: at } of routes) {
    if (via === undefined) continue;
    const message = `Gateway \`${via}\` is not a neighbour of \`${name}\` in mode \`${mode}\`.`;
    const hint = `Write \`scope: link\` in place of \`via\`: the parent routes the packets${isDefault ? ', by its own default route' : ''}.`;
    report(diagnostic('ipvlan-without-neighbours', [...at, 'via'], message, { hint }));
  }
  if (parent.managed && parent.families.length === 0 && parent.name !== '') {
    const message = `\`${parent.name}\` has no address, and routes the packets of \`${name}\` in mode \`${mode}\`.`;
    report(diagnostic('ipvlan-parent-bare', [...origin, 'mode'], message));
  }
}
