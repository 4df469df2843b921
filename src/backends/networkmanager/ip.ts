/**
 * `[ipv4]` and `[ipv6]` of a link's profile. Both back ends over NetworkManager use these settings:
 * one prints them as a keyfile, the other hands them to netplan as passthrough.
 */
import {
  type DhcpOverrides,
  dynamicTable,
  type Family,
  hasAddress,
  hasStatic,
  type Link,
} from '../../model/types.ts';
import { knows } from '../../targets/since.ts';
import type { Target } from '../../targets/target.ts';
import { type Entry, entry } from '../../view/rendered.ts';
import {
  interfaceIdAt,
  WHY_IDENTIFIER,
  WHY_PRIVACY,
  whyAddress,
  whyAdvertised,
  whyInterfaceId,
  whyOverride,
} from '../shared/reasons.ts';
import { cannotDisableIpv6 } from '../shared/sysctl.ts';
import { routeMetricOf, routeSettings, ruleSettings } from './ip-routes.ts';
import { type IpSetting, list, type Setting, settingOf } from './keyfile.ts';

/** An IPv4 link-local address beside another. */
export const LINK_LOCAL = 'nm-settings-keyfile(5), [ipv4] link-local';

/** The method of a family (nm-settings-keyfile(5), ipv4.method, ipv6.method). */
export function methodOf(link: Link, family: Family): string {
  const isStatic = hasStatic(link, family);
  const linkLocal = link.linkLocal.includes(family);
  if (family === 'ipv4') {
    if (link.dhcp4) return 'auto';
    return isStatic ? 'manual' : linkLocal ? 'link-local' : 'disabled';
  }
  if (link.acceptRa) return 'auto';
  if (link.dhcp6) return 'dhcp';
  return isStatic ? 'manual' : linkLocal ? 'link-local' : 'disabled';
}

const WHY_METHOD: Readonly<Record<string, string>> = {
  auto: 'Addresses come by DHCP (for IPv6: by router advertisement, and DHCPv6 if the router says so).',
  dhcp: 'Addresses come by DHCPv6; router advertisements are ignored.',
  manual: 'The intent has static addresses for the link, and no dynamic ones of this family.',
  'link-local': 'The link has link-local addresses only.',
  disabled: 'The link has no address of this family; by default NetworkManager would ask for one.',
};

const WHY_DYNAMIC_TABLE: Readonly<Record<Family, string>> = {
  ipv4: whyOverride('table', 0),
  ipv6: whyAdvertised('table', 0),
};

const WHY_SILENT: Readonly<Record<Family, string>> = {
  ipv4: 'The link is silent; without this line NetworkManager would run DHCP on it.',
  ipv6: 'The link is silent; without this line it would have at least a link-local address.',
};

/** All settings of a family, in the order in which they are written. */
export function ipSettings(link: Link, family: Family, target: Target): IpSetting[] {
  const setting = settingOf(family);
  return [
    methodSetting(link, family, target),
    ...addressSettings(link, family),
    ...routeSettings(link, family, target),
    ...ruleSettings(link, family),
    ...metricSetting(link, family),
    ...tableSetting(link, family),
    ...resolverSettings(link, family),
    ...(family === 'ipv4' ? dhcp4Settings(link, setting) : []),
    ...(family === 'ipv4' ? linkLocalSetting(link, target) : []),
    ...(family === 'ipv6' ? ipv6Settings(link, setting) : []),
    ...(link.families.includes(family) && !link.optional
      ? [
          setting('may-fail', 'false', 'Boot waits for an address of this family.', [
            ...link.origin,
            'optional',
          ]),
        ]
      : []),
  ];
}

function methodSetting(link: Link, family: Family, target: Target): IpSetting {
  const method = methodOf(link, family);
  // A setting that a version lacks is left to the kernel, which `sysctl.d` makes ignore it.
  const isLeftToKernel = method === 'disabled' && family === 'ipv6' && cannotDisableIpv6(target);
  const dynamicKey = family === 'ipv4' ? 'dhcp4' : link.acceptRa ? 'accept-ra' : 'dhcp6';
  return settingOf(family)(
    'method',
    isLeftToKernel ? 'ignore' : method,
    hasAddress(link) ? (WHY_METHOD[method] ?? '') : WHY_SILENT[family],
    [...link.origin, method === 'manual' ? 'addresses' : dynamicKey],
  );
}

const addressSettings = (link: Link, family: Family): IpSetting[] =>
  link.addresses
    .filter((address) => address.family === family)
    .map(({ address, prefix, origin }, index) =>
      settingOf(family)(`address${index + 1}`, `${address}/${prefix}`, whyAddress(link), origin),
    );

function metricSetting(link: Link, family: Family): IpSetting[] {
  if (!link.families.includes(family)) return [];
  const at = family === 'ipv4' && link.dhcp4 ? [...link.dhcp4.origin, 'route-metric'] : link.origin;
  return [
    settingOf(family)(
      'route-metric',
      routeMetricOf(link, family),
      'The same metric as under every other back end; by default it would depend on the kind of device.',
      at,
    ),
  ];
}

/** Of every route of the family that has none of its own, those of subnets included. */
function tableSetting(link: Link, family: Family): IpSetting[] {
  const table = dynamicTable(link, family);
  const from = family === 'ipv4' ? link.dhcp4?.origin : link.raOverrides?.origin;
  return table === undefined || from === undefined
    ? []
    : [settingOf(family)('route-table', table, WHY_DYNAMIC_TABLE[family], [...from, 'table'])];
}

/** Name servers of the family, and the domains, which are in the first family of the link. */
function resolverSettings(link: Link, family: Family): IpSetting[] {
  const setting = settingOf(family);
  const nameservers = link.nameservers.filter((nameserver) => nameserver.family === family);
  const [nameserver] = nameservers;
  const [search] = link.search;
  // The root as a routing domain: queries for any name go here.
  const root = link.dnsDefaultRoute ? ['~.'] : [];
  const domains = [...new Set([...link.search.map(({ domain }) => domain), ...root])];
  return [
    ...(nameserver
      ? [
          setting(
            'dns',
            list(nameservers.map(({ address }) => address)),
            'The name servers that are queried over the link.',
            nameserver.origin.slice(0, -1),
          ),
        ]
      : []),
    ...(domains.length > 0 && family === link.families[0]
      ? [
          setting(
            'dns-search',
            list(domains),
            link.dnsDefaultRoute
              ? 'The domains that are searched over this link; `~.` sends queries for any name to its name servers.'
              : 'The domains that are searched over this link.',
            search ? search.origin.slice(0, -1) : [...link.origin, 'dns-default-route'],
          ),
        ]
      : []),
  ];
}

function dhcp4Settings({ dhcp4, identifier, origin }: Link, setting: Setting): IpSetting[] {
  if (!dhcp4) return [];
  const ofRoutes = [...dhcp4.origin, 'use-routes'];
  return [
    setting('dhcp-client-id', identifier, WHY_IDENTIFIER[identifier], [
      ...origin,
      'dhcp-identifier',
    ]),
    ...(dhcp4.useRoutes
      ? []
      : [
          setting('ignore-auto-routes', 'true', "The server's routes are ignored.", ofRoutes),
          setting('never-default', 'true', "The server's default route is ignored.", ofRoutes),
        ]),
    ...overrideSettings(dhcp4, setting),
  ];
}

function linkLocalSetting(link: Link, target: Target): IpSetting[] {
  const isBeside = link.families.includes('ipv4') && link.linkLocal.includes('ipv4');
  if (!isBeside || !knows(target, LINK_LOCAL)) return [];
  const why = 'Enabled: the link has a link-local address beside the other one.';
  return [settingOf('ipv4')('link-local', 3, why, [...link.origin, 'link-local'])];
}

function ipv6Settings(link: Link, setting: Setting): IpSetting[] {
  const { dhcp6, dhcp6ByRouter, raOverrides, identifier, origin } = link;
  const method = methodOf(link, 'ipv6');
  return [
    ...((dhcp6 || dhcp6ByRouter) && identifier === 'mac'
      ? [setting('dhcp-duid', 'll', WHY_IDENTIFIER.mac, [...origin, 'dhcp-identifier'])]
      : []),
    ...(dhcp6 ? overrideSettings(dhcp6, setting) : []),
    // One setting for DHCPv6 and advertisements.
    ...(raOverrides?.useDns === false && dhcp6?.useDns !== false
      ? [
          setting('ignore-auto-dns', 'true', whyAdvertised('use-dns', false), [
            ...raOverrides.origin,
            'use-dns',
          ]),
        ]
      : []),
    ...(method === 'disabled'
      ? []
      : [
          setting('addr-gen-mode', generationOf(link), whyInterfaceId(link), interfaceIdAt(link)),
          ...(link.addressToken === undefined
            ? []
            : [setting('token', link.addressToken, whyInterfaceId(link), interfaceIdAt(link))]),
        ]),
    ...(method === 'auto'
      ? [
          setting(
            'ip6-privacy',
            link.ipv6Privacy ? '2' : '0',
            WHY_PRIVACY[link.ipv6Privacy ? 'yes' : 'no'],
            [...origin, 'ipv6-privacy'],
          ),
        ]
      : []),
  ];
}

function overrideSettings(overrides: DhcpOverrides, setting: Setting): IpSetting[] {
  const { useDns, sendHostname, hostname, origin } = overrides;
  return [
    ...(useDns === false
      ? [
          setting('ignore-auto-dns', 'true', "The server's name servers are ignored.", [
            ...origin,
            'use-dns',
          ]),
        ]
      : []),
    ...(sendHostname === false
      ? [
          setting('dhcp-send-hostname', 'false', "The host's name is not sent to the server.", [
            ...origin,
            'send-hostname',
          ]),
        ]
      : []),
    ...(hostname === undefined
      ? []
      : [
          setting('dhcp-hostname', hostname, "Sent to the server in place of the host's name.", [
            ...origin,
            'hostname',
          ]),
        ]),
  ];
}

/** `[hostname] from-dhcp=0`, where the intent refuses the server's name for the host. */
export function hostnameSetting(link: Link): Entry | undefined {
  const refusing = [link.dhcp4, link.dhcp6].find((dhcp) => dhcp?.useHostname === false);
  return (
    refusing &&
    entry(
      '0',
      'The host keeps its name; by default the name that the server sends may replace it.',
      'nm-settings-keyfile(5), [hostname] from-dhcp',
      [...refusing.origin, 'use-hostname'],
    )
  );
}

/** A token replaces what follows from the MAC; an ipvlan's is that of its parent. */
function generationOf({ addressToken, addressGeneration, iaid }: Link): string {
  if (addressToken !== undefined) return 'eui64';
  return iaid === undefined ? addressGeneration : 'stable-privacy';
}
