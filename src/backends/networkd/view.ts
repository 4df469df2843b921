/** A shim's `.network` file: what each line says and why. */
import type { Path } from '../../diagnostics.ts';
import type { Dhcp4, Dhcp6, DhcpOverrides, Model, Shim } from '../../model/types.ts';
import { networkEntry } from '../networkd-files.ts';
import { ipv6ClientView, onlineView, routeView } from '../networkd-shim.ts';
import { header } from '../shared.ts';
import type { Entry, View } from '../types.ts';

export function shimView(model: Model, shim: Shim): View {
  const { origin } = shim;
  const inNetwork = (key: string, text: string, why: string, at: Path): Entry =>
    networkEntry('Network', key, text, why, at);
  const { withoutRa, dhcp6Client, raUseDns } = ipv6ClientView(shim);
  const dhcp6 = { withoutRa, ...(shim.dhcp6 && overridesView('DHCPv6', shim.dhcp6)) };
  return {
    header: header(model),
    name: networkEntry('Match', 'Name', shim.name, 'The shim is called so.', origin),
    online: onlineView(shim),
    mtu:
      shim.mtu === undefined
        ? undefined
        : networkEntry(
            'Link',
            'MTUBytes',
            shim.mtu,
            'Set on the shim itself, so that it does not depend on when the parent got its own.',
            [...origin, 'mtu'],
          ),
    addresses: shim.addresses.map(({ address, prefix, origin: at }) =>
      inNetwork(
        'Address',
        `${address}/${prefix}`,
        "The host's address is on the shim, not on the parent.",
        at,
      ),
    ),
    dhcp: inNetwork('DHCP', dhcpFamilies(shim), 'The families that take their address by DHCP.', [
      ...origin,
      shim.dhcp4 ? 'dhcp4' : 'dhcp6',
    ]),
    ipv6AcceptRa: shim.acceptRa
      ? inNetwork(
          'IPv6AcceptRA',
          'yes',
          'IPv6 addresses and routes come from router advertisements.',
          [...origin, 'accept-ra'],
        )
      : inNetwork(
          'IPv6AcceptRA',
          'no',
          'Left on, boot would wait for a router that advertises, where there is none.',
          [...origin, 'accept-ra'],
        ),
    linkLocalAddressing: inNetwork('LinkLocalAddressing', linkLocal(shim), whyLinkLocal(shim), [
      ...origin,
      'link-local',
    ]),
    nameservers: shim.nameservers.map(({ address, origin: at }) =>
      inNetwork('DNS', address, 'A name server, asked over the shim.', at),
    ),
    domains:
      shim.search.length === 0
        ? undefined
        : shim.search.map(({ domain, origin: at }) =>
            inNetwork('Domains', domain, 'Searched (with `~` in front: routed) over the shim.', at),
          ),
    configureWithoutCarrier: shim.ignoreCarrier
      ? inNetwork(
          'ConfigureWithoutCarrier',
          'yes',
          'The addresses stand while the cable is out; it works on the shim only, not on its parent.',
          [...origin, 'ignore-carrier'],
        )
      : undefined,
    routes: shim.routes.map(routeView),
    dhcp4: shim.dhcp4 && dhcp4View(shim.dhcp4, origin),
    dhcp6: Object.values(dhcp6).some((value) => value !== undefined) ? dhcp6 : undefined,
    ipv6AcceptRaSection: (dhcp6Client ?? raUseDns) && { dhcp6Client, raUseDns },
  };
}

function dhcpFamilies({ dhcp4, dhcp6 }: Shim): string {
  if (dhcp4 && dhcp6) return 'yes';
  if (dhcp4) return 'ipv4';
  return dhcp6 ? 'ipv6' : 'no';
}

function linkLocal({ linkLocal: families }: Shim): string {
  return families.length === 2 ? 'yes' : (families[0] ?? 'no');
}

const whyLinkLocal = (shim: Shim): string =>
  shim.linkLocal.includes('ipv6')
    ? 'IPv6 on a link works over its link-local address.'
    : shim.linkLocal.length > 0
      ? 'As the intent says.'
      : 'The shim has no IPv6; left on, boot would wait longer for what nobody uses.';

function dhcp4View(dhcp4: Dhcp4, shim: Path): View {
  const { origin } = dhcp4;
  const inDhcp = (key: string, text: string | number, why: string, at: Path): Entry =>
    networkEntry('DHCPv4', key, text, why, at);
  return {
    clientIdentifier: inDhcp(
      'ClientIdentifier',
      dhcp4.identifier,
      dhcp4.identifier === 'mac'
        ? 'Clones of one image share the machine-id, from which a DUID is made; a MAC is their own.'
        : 'As the intent says.',
      [...shim, 'dhcp-identifier'],
    ),
    routeMetric: inDhcp(
      'RouteMetric',
      dhcp4.routeMetric,
      'The same on every system; each would take another by itself.',
      [...origin, 'route-metric'],
    ),
    useMtu: inDhcp(
      'UseMTU',
      yesNo(dhcp4.useMtu),
      dhcp4.useMtu
        ? "The server's MTU is used, which networkd would not do by itself."
        : "The server's MTU is not used.",
      [...origin, 'use-mtu'],
    ),
    useRoutes: dhcp4.useRoutes
      ? undefined
      : inDhcp('UseRoutes', 'no', "The server's routes are not used.", [...origin, 'use-routes']),
    ...overridesView('DHCPv4', dhcp4),
  };
}

/** What DHCPv4 and DHCPv6 have in common; only what the intent says is written. */
function overridesView(section: 'DHCPv4' | 'DHCPv6', said: DhcpOverrides | Dhcp6): View {
  const one = (
    key: string,
    value: boolean | string | undefined,
    intentKey: string,
  ): Entry | undefined =>
    value === undefined
      ? undefined
      : networkEntry(
          section,
          key,
          typeof value === 'boolean' ? yesNo(value) : value,
          'As the intent says.',
          [...said.origin, intentKey],
        );
  return {
    useDns: one('UseDNS', said.useDns, 'use-dns'),
    useDomains: one('UseDomains', said.useDomains, 'use-domains'),
    useNtp: one('UseNTP', said.useNtp, 'use-ntp'),
    useHostname: one('UseHostname', said.useHostname, 'use-hostname'),
    ...(section === 'DHCPv4' && {
      sendHostname: one('SendHostname', said.sendHostname, 'send-hostname'),
      hostname: one('Hostname', said.hostname, 'hostname'),
    }),
  };
}

const yesNo = (value: boolean): string => (value ? 'yes' : 'no');
