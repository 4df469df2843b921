/** `--keep-parent`: the link keeps its configuration, and a shim with an address of its own is beside it. */
import type { Finding } from '../diagnostics/finding.ts';
import type { Adoption } from './adopt.ts';
import type { FoundLink, Origin } from './found.ts';
import { type Branch, below, branch, put, scalar } from './tree.ts';

export function keepParent(
  host: { readonly name: string; readonly origin: Origin },
  link: FoundLink,
  { backend, target }: Pick<Adoption, 'backend' | 'target'>,
  shim: string,
  {
    addresses,
    ranges,
  }: { readonly addresses: readonly string[]; readonly ranges: readonly string[] },
): { readonly intent: Branch; readonly findings: readonly Finding[] } {
  const intent = branch();
  intent.pairs.set('version', scalar(1));
  intent.pairs.set('host', scalar(host.name, host.origin));
  if (backend !== undefined) intent.pairs.set('backend', scalar(backend));
  if (target) intent.pairs.set('target', scalar(target.name, target.origin));
  const parent = below(below(intent, 'parents'), link.name);
  if (/^(?:vlan|bond|bridge)$/.test(link.kind)) parent.pairs.set('type', scalar(link.kind));
  parent.pairs.set('managed', scalar(false, link.origin));
  const file = /\/([^/]+\.network)$/.exec(link.origin.path ?? '')?.[1];
  if (backend === 'networkd' && file !== undefined) parent.pairs.set('network-file', scalar(file));
  const own = below(below(intent, 'shims'), shim);
  own.pairs.set('parent', scalar(link.name));
  for (const value of addresses) put(own, { key: 'addresses', value, isItem: true, origin: {} });
  for (const to of ranges)
    put(own, { key: 'routes', value: { to, scope: 'link' }, isItem: true, origin: {} });
  return { intent, findings: [] };
}
