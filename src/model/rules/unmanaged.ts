/** Links with `managed: false`: others configure them, and nothing here may. */
import { diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Parent, Shim, Tap } from '../types.ts';
import type { Context } from './context.ts';

/** What may be written beside `managed: false`: what the link is, and where it is configured. */
const ALLOWED: ReadonlySet<string> = new Set(['managed', 'type', 'network-file']);

/** Nothing is configured on a link that others configure. */
export function checkUnmanaged({ intent, report }: Context, { id, origin }: Parent): void {
  for (const key of Object.keys(intent.parents?.get(id) ?? {})) {
    if (ALLOWED.has(key)) continue;
    const message = `\`${key}\` configures \`${id}\`, which has \`managed: false\`.`;
    report(diagnostic('unmanaged-configured', [...origin, key], message, { at: 'key' }));
  }
}

/** Of a link that is configured here, the name of its file is fixed. */
export function checkNetworkFile({ report }: Context, { networkFile, origin }: Parent): void {
  if (networkFile === undefined) return;
  const message = '`network-file` has no effect without `managed: false`.';
  report(diagnostic('setting-unused', [...origin, 'network-file'], message, { at: 'key' }));
}

/** A VLAN, bond or bridge of the intent would need the file of a link that is not. */
export function checkOnUnmanaged({ lookup, report }: Context, parent: Parent): void {
  const below = [...(parent.vlan ? [parent.vlan.link] : []), ...parent.members];
  const lower = below.find((name) => lookup.byName.get(name)?.managed === false);
  if (lower === undefined) return;
  const message = `\`${parent.id}\` would be created on top of \`${lower}\`, which has \`managed: false\`.`;
  const key = parent.vlan ? 'link' : 'interfaces';
  const hint = whereToCreate(parent, lower);
  report(diagnostic('unmanaged-below', [...parent.origin, key], message, { at: 'key', hint }));
}

/** What names it in the configuration of the link below it, or has that link in its own. */
const WHERE = {
  vlan: { networkd: 'VLAN', list: 'vlans', profile: 'parent', stanza: 'vlan-raw-device' },
  bond: { networkd: 'Bond', list: 'bonds', profile: 'master', stanza: 'bond-slaves' },
  bridge: { networkd: 'Bridge', list: 'bridges', profile: 'master', stanza: 'bridge_ports' },
} as const;

/** systemd.network(5), netplan(5), nm-settings-keyfile(5), interfaces(5) with its bridge-utils, ifenslave and vlan. */
function whereToCreate({ id, name, kind, vlan }: Parent, lower: string): string {
  const at = vlan ? 'vlan' : kind === 'bond' ? 'bond' : 'bridge';
  const { networkd, list, profile, stanza } = WHERE[at];
  const systems = [
    `networkd: \`${networkd}=${name}\` in its \`.network\` file, and ${vlan ? 'a `.netdev`' : 'a `.netdev` and a `.network`'}`,
    `netplan: an entry of \`${list}\``,
    `NetworkManager: a profile${vlan ? ` with \`${profile}=${lower}\`` : `, and \`${profile}=${name}\` in that of \`${lower}\``}`,
    `ifupdown: a stanza with \`${stanza} ${lower}\``,
  ];
  return `Create \`${name}\` where \`${lower}\` is configured (${systems.join('; ')}), and write here \`${id}: {type: ${kind}, managed: false}\`; or remove \`managed: false\` from \`${lower}\`.`;
}

/** In passthru mode a device receives all frames of its parent, whose own addresses then go deaf. */
export function checkUnmanagedPassthru({ report }: Context, upper: Shim | Tap): void {
  const { mode, name, parent, origin } = upper;
  if (mode !== 'passthru' || parent.managed) return;
  const message = `In passthru mode, \`${name}\` takes over the MAC and all frames of \`${parent.name}\`, which has \`managed: false\`.`;
  report(diagnostic('unmanaged-passthru', [...origin, 'mode'], message));
}
