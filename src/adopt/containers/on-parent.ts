/** What containers of a host have on the parent of the shim. */
import type { HostFile } from '../../backends/host/foreign.ts';
import type { KernelState } from '../../kernel/types.ts';
import type { AdoptOptions } from '../adopt.ts';
import { isMacvlan } from '../build.ts';
import { type FoundLink, itemsOf, scalarOf } from '../found.ts';
import { containersIn } from './containers.ts';
import { type Judged, judgeContainers } from './judge.ts';
import type { Known } from './spans.ts';

/** What containers have on the parent, or on the bridge whose place the shim takes. */
export function containersOn(
  files: readonly HostFile[],
  {
    uplink,
    parent,
    links,
  }: {
    readonly uplink: FoundLink;
    readonly parent: FoundLink;
    readonly links: readonly FoundLink[];
  },
  options: AdoptOptions,
): Judged {
  return judgeContainers(
    containersIn(files, options.containers, options.compose),
    {
      parent: parent.name,
      uplink: uplink.name,
      shims: links
        .filter((link) => isMacvlan(link) && link.below === parent.name)
        .map(({ name }) => name),
      shim: isMacvlan(uplink) ? uplink.name : (options.shim ?? 'veth0'),
      ...addressesOf(uplink, options.kernel),
      gateways: itemsOf(uplink, 'routes').flatMap(({ value }) =>
        typeof value === 'object' && 'via' in value ? [String(value.via)] : [],
      ),
    },
    options.keepParent !== undefined,
  );
}

/** Those of the files, and what the kernel has. */
function addressesOf(link: FoundLink, kernel: KernelState | undefined): Omit<Known, 'gateways'> {
  const own = kernel?.links.find(({ name }) => name === link.name)?.addresses ?? [];
  const isOn = (key: string): boolean => scalarOf(link, key) === true;
  const hasNone = (family: 'ipv4' | 'ipv6'): boolean =>
    !own.some((item) => item.family === family && !item.isLinkLocal);
  return {
    addresses: [
      ...itemsOf(link, 'addresses').map(({ value }) => String(value)),
      ...own.map(({ address, prefix }) => `${address}/${prefix}`),
    ],
    leased: new Set([
      ...(isOn('dhcp4') && hasNone('ipv4') ? (['ipv4'] as const) : []),
      ...((isOn('dhcp6') || isOn('accept-ra')) && hasNone('ipv6') ? (['ipv6'] as const) : []),
    ]),
  };
}
