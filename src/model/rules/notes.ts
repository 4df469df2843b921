/** Notes, for `lint`: nothing is wrong, but people have been surprised. */
import { diagnostic } from '../../diagnostics/diagnostic.ts';
import { isSingle, type Parent, type Shim } from '../types.ts';
import { type Context, listOf } from './context.ts';

export function checkOptional({ report }: Context, { name, optional, origin }: Shim): void {
  if (!optional) return;
  const message = `Boot does not wait for \`${name}\`.`;
  report(diagnostic('optional-shim', [...origin, 'optional'], message));
}

/** A side shim beside a lease of the parent: another program could configure that, and IPv6 with it. */
export function checkSideShimIpv6({ report, lookup }: Context, parent: Parent): void {
  const { name, dhcp4, families, linkLocal, origin } = parent;
  if (!dhcp4 || families.includes('ipv6') || linkLocal.includes('ipv6')) return;
  const uppers = lookup.uppersOn(parent).filter((upper) => 'families' in upper);
  const areSide = uppers.every(
    ({ addresses }) => addresses.length > 0 && addresses.every(isSingle),
  );
  if (uppers.length === 0 || !areSide) return;
  const message = `\`${name}\` has a lease of its own beside a side shim, and no IPv6.`;
  report(diagnostic('side-shim-managed-parent', origin, message, { at: 'key' }));
}

/** A host that is reached by two links of one LAN may answer from the other. */
export function checkSeveral({ report }: Context, { name, parent, families, origin }: Shim): void {
  if (!families.some((family) => parent.families.includes(family))) return;
  const message = `\`${parent.name}\` and \`${name}\` both have addresses.`;
  report(diagnostic('several-interfaces', origin, message, { at: 'key' }));
}

/** Names that the kernel gives in the order in which it finds NICs. */
const KERNEL_NAME = /^eth[0-9]+$/;

export function checkKernelNames({ intent, model, report }: Context): void {
  const unmatched = model.parents.filter(
    ({ kind, permanentMac, name }) =>
      kind === 'ethernet' && permanentMac === undefined && KERNEL_NAME.test(name),
  );
  const [first] = unmatched;
  if (!first || unmatched.length < 2) return;
  const names = listOf(unmatched.map(({ name }) => name));
  const at = intent.parents?.has(first.id) ? 'key' : 'value';
  report(
    diagnostic(
      'kernel-names',
      first.origin,
      `${names} are names of the kernel, whose order may change.`,
      { at },
    ),
  );
}

/** Prefixes of MACs that hypervisors give their guests: KVM, VMware, VirtualBox, Hyper-V, Xen. */
const HYPERVISORS = /^(?:52:54:00|00:0c:29|00:50:56|00:05:69|08:00:27|00:15:5d|00:16:3e):/;

export function checkMatched({ report }: Context, parent: Parent): void {
  const { permanentMac, name, origin } = parent;
  if (permanentMac === undefined) return;
  if (KERNEL_NAME.test(name)) {
    const hint =
      'Choose another name, such as `lan0`: the kernel may give this one to another NIC.';
    const message = `\`${name}\` is a name that the kernel gives.`;
    report(diagnostic('kernel-names', [...origin, 'set-name'], message, { hint }));
  }
  if (HYPERVISORS.test(permanentMac)) {
    const message = `\`${permanentMac}\` of \`${name}\` has the prefix of a hypervisor.`;
    report(diagnostic('parent-is-virtual', [...origin, 'match', 'macaddress'], message));
  }
}

/** Keys by which the author decides about IPv6. */
const ABOUT_IPV6 = ['dhcp6', 'accept-ra', 'link-local'] as const;

/** netplan, NetworkManager and the kernel enable IPv6 by default. */
export function checkSilentIpv6({ intent, report }: Context, parent: Parent): void {
  const { id, name, families, linkLocal, origin } = parent;
  const given = intent.parents?.get(id);
  if (!given || families.length === 0 || families.includes('ipv6')) return;
  if (linkLocal.includes('ipv6') || ABOUT_IPV6.some((key) => given[key] !== undefined)) return;
  const message = `\`${name}\` keeps IPv4 addresses and has no IPv6.`;
  report(diagnostic('parent-without-ipv6', origin, message, { at: 'key' }));
}
