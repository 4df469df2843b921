/** What a host had for its NIC before: an address of its own, configured in each of the systems. */

import type { Running } from '../../drive/machine.ts';
import type { TargetFile } from '../../image/host.ts';
import { readKernel } from '../../judge/observed.ts';
import type { Place } from '../../place.ts';

/** How the NIC gets its address. */
export type Kind = 'static' | 'dhcp';

export interface OldAddress {
  readonly nic: string;
  readonly kind: Kind;
  /** With prefix length. */
  readonly address: string;
  readonly gateway: string;
  readonly nameserver: string;
}

/** What `nmcli connection` calls the old profile. */
export const OLD_PROFILE = 'lan';
/** In the file that NetworkManager keeps of when a profile was last up. */
export const OLD_UUID = '5f1d7e0c-5d5b-4b71-9d0e-0e6a5c1c7a11';

export const networkdFile = (
  path: string,
  match: string,
  { kind, address, gateway, nameserver }: OldAddress,
): TargetFile => ({
  path,
  mode: 0o644,
  text: `[Match]
${match}

[Network]
${kind === 'dhcp' ? 'DHCP=yes' : `Address=${address}\nGateway=${gateway}\nDNS=${nameserver}`}
`,
});

export const profile = (old: OldAddress): TargetFile => ({
  path: `/etc/NetworkManager/system-connections/${OLD_PROFILE}.nmconnection`,
  mode: 0o600,
  text: `[connection]
id=${OLD_PROFILE}
uuid=${OLD_UUID}
type=ethernet
interface-name=${old.nic}

[ipv4]
${
  old.kind === 'dhcp'
    ? 'method=auto'
    : `method=manual\naddress1=${old.address},${old.gateway}\ndns=${old.nameserver};`
}

[ipv6]
method=auto
`,
});

/** As cloud-init writes it; `0.0.0.0/0` as older versions of netplan know no `default`. */
export const netplanYaml = (
  { nic, kind, address, gateway, nameserver }: OldAddress,
  renderer?: 'NetworkManager',
): TargetFile => ({
  path: '/etc/netplan/50-cloud-init.yaml',
  mode: 0o600,
  text: `network:
  version: 2
${renderer ? `  renderer: ${renderer}\n` : ''}  ethernets:
    ${nic}:
${
  kind === 'dhcp'
    ? '      dhcp4: true\n'
    : `      addresses:
        - ${address}
      routes:
        - to: 0.0.0.0/0
          via: ${gateway}
      nameservers:
        addresses:
          - ${nameserver}
`
}`,
});

/** What a host has that is run by the same system as the way. */
export function ofSystem(backend: string, old: OldAddress): TargetFile[] {
  const files: Readonly<Record<string, () => TargetFile>> = {
    networkd: () =>
      networkdFile(`/etc/systemd/network/10-${old.nic}.network`, `Name=${old.nic}`, old),
    networkmanager: () => profile(old),
    'netplan-networkd': () => netplanYaml(old),
    'netplan-networkmanager': () => netplanYaml(old, 'NetworkManager'),
  };
  const file = files[backend];
  if (!file) throw new Error(`no old host is known for ${backend}`);
  return [file()];
}

/**
 * The host is as it was before the installation: address and default route on the NIC and nowhere else.
 * @param shims links that must not be there
 */
export async function checkOld(
  running: Running,
  router: Place,
  { nic, address, gateway }: OldAddress,
  shims: readonly string[],
): Promise<string[]> {
  const { links, routes } = await readKernel(running);
  const [bare = ''] = address.split('/');
  const list = (some: readonly string[]): string => some.join(', ') || 'none';
  const addresses = links
    .filter(({ ifname }) => ifname !== 'lo')
    .flatMap(({ ifname, addr_info: all }) =>
      all
        .filter(({ family }) => family === 'inet')
        .map(({ local, prefixlen }) => `${ifname} ${local}/${prefixlen}`),
    );
  const defaults = routes
    .filter(({ dst, gateway: via }) => dst === 'default' && !via?.includes(':'))
    .map(({ dev, gateway: via }) => `${dev} via ${via}`);
  const must = { addresses: `${nic} ${address}`, defaults: `${nic} via ${gateway}` };
  return [
    ...links.flatMap(({ ifname }) => (shims.includes(ifname) ? [`${ifname} is there`] : [])),
    ...(list(addresses) === must.addresses
      ? []
      : [`addresses: ${list(addresses)}, must be ${must.addresses}`]),
    ...(list(defaults) === must.defaults
      ? []
      : [`default routes: ${list(defaults)}, must be ${must.defaults}`]),
    ...((await router.ping(bare)) ? [] : [`router → ${bare}: no answer`]),
  ];
}
