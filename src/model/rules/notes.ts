/** What is as well to know: nothing is wrong, but people have fallen into it. For `lint`. */
import { diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Intent } from '../../intent/schema.ts';
import { hasAddress, type Model } from '../types.ts';
import { type Context, listOf } from './context.ts';

/** Prefixes of MACs that hypervisors give their guests: KVM, VMware, VirtualBox, Hyper-V, Xen. */
const HYPERVISORS = /^(?:52:54:00|00:0c:29|00:50:56|00:05:69|08:00:27|00:15:5d|00:16:3e):/;

export function checkNotes({ intent, model, report }: Context): void {
  for (const shim of model.shims) {
    if (shim.optional) {
      const message = `Boot does not wait for \`${shim.name}\`.`;
      report(diagnostic('optional-shim', [...shim.origin, 'optional'], message));
    }
    const { parent } = shim;
    if (hasAddress(parent) && shim.families.some((family) => parent.families.includes(family))) {
      const message = `\`${parent.name}\` and \`${shim.name}\` both have addresses.`;
      report(diagnostic('several-interfaces', shim.origin, message, { at: 'key' }));
    }
  }
  checkSilentIpv6(intent, model, report);
  const bottom = model.parents.filter(
    ({ kind, permanentMac, name }) =>
      kind === 'ethernet' && permanentMac === undefined && /^eth[0-9]+$/.test(name),
  );
  const [first] = bottom;
  if (first && bottom.length > 1) {
    const names = listOf(bottom.map(({ name }) => name));
    const at = intent.parents?.has(first.id) ? 'key' : 'value';
    report(diagnostic('kernel-names', first.origin, `There are ${names}.`, { at }));
  }
  for (const { permanentMac, name, origin } of model.parents) {
    if (permanentMac !== undefined && /^eth[0-9]+$/.test(name)) {
      const hint =
        'Choose a name of another kind, such as `lan0`: the kernel may give this one to another NIC first.';
      const message = `\`${name}\` is a name of the kernel's own.`;
      report(diagnostic('kernel-names', [...origin, 'set-name'], message, { hint }));
    }
    if (permanentMac !== undefined && HYPERVISORS.test(permanentMac)) {
      const message = `\`${permanentMac}\` of \`${name}\` is a hypervisor's.`;
      report(diagnostic('parent-is-virtual', [...origin, 'match', 'macaddress'], message));
    }
  }
}

/** Keys by which the author says what is to become of IPv6. */
const ABOUT_IPV6 = ['dhcp6', 'accept-ra', 'link-local'] as const;

/** netplan, NetworkManager and the kernel have IPv6 on where nothing is said of it. */
function checkSilentIpv6(intent: Intent, model: Model, report: Context['report']): void {
  for (const { id, name, families, linkLocal, origin } of model.parents) {
    const given = intent.parents?.get(id);
    if (!given || families.length === 0 || families.includes('ipv6')) continue;
    if (linkLocal.includes('ipv6') || ABOUT_IPV6.some((key) => given[key] !== undefined)) continue;
    const message = `\`${name}\` keeps IPv4 addresses, and has no IPv6.`;
    report(diagnostic('parent-without-ipv6', origin, message, { at: 'key' }));
  }
}
