/** What netplan has no word for, in a drop-in for the file that it writes for networkd. */
import {
  hasAddress,
  KERNEL_METRIC,
  type Link,
  type Model,
  type PolicyRule,
  type Route,
} from '../../model/types.ts';
import { knows, type NetworkKey } from '../../targets/since.ts';
import type { Target } from '../../targets/target.ts';
import { inPlace } from '../../view/place.ts';
import { type Entry, entry, type RenderedFile } from '../../view/rendered.ts';
import { file } from '../../view/template.ts';
import { dnsDefaultRoute, multicastDns, privacyExtensions } from '../networkd/addressing.ts';
import { advertisedView, newerToken, olderToken } from '../networkd/advertised.ts';
import {
  DHCP6_HOSTNAME,
  dhcp4Section,
  duidView,
  leaseTable,
  startedView,
  withoutRa,
} from '../networkd/dhcp.ts';
import { onlineView } from '../networkd/network.ts';
import { routeView, ruleView } from '../networkd/routes.ts';
import { DIRECTORY as NETWORKD, networkEntry, yesNo } from '../shared/networkd-words.ts';
import { header } from '../shared/online.ts';
import { WHY_IGNORE_CARRIER, whyOverride } from '../shared/reasons.ts';
import { DROP_IN } from './places.ts';

/**
 * An IPv6 route without gateway: netplan requires a scope with it, which IPv6 does not have, and which
 * networkd warns of.
 */
export const hasNoWord = (route: Route): boolean =>
  route.family === 'ipv6' && route.via === undefined;

/** A rule by an interface: netplan has no word for it in any version. */
export const hasNoWordForRule = ({ iif, oif }: PolicyRule): boolean =>
  iif !== undefined || oif !== undefined;

export const RA_OVERRIDES = 'netplan-yaml(5), ra-overrides, table';

/** netplan before 1.1 has the key for NetworkManager alone. */
export const GENERATION = 'netplan-yaml(5), ipv6-address-generation';

export const IGNORE_CARRIER = 'netplan-yaml(5), ignore-carrier';

/** A link without addresses may have rules and routes. */
export const needsDropIn = (link: Link): boolean =>
  hasAddress(link) || link.rules.some(hasNoWordForRule) || link.routes.some(hasNoWord);

/** What netplan cannot express of a link, beside the file that netplan writes for it. */
export function dropIn(model: Model, id: string, link: Link, target: Target): RenderedFile {
  const { duidType, duid } = duidView(link, target);
  const inDhcp6 = (key: NetworkKey<'DHCPv6'>, value: boolean | string, intentKey: string) =>
    networkEntry(
      'DHCPv6',
      key,
      typeof value === 'boolean' ? yesNo(value) : value,
      whyOverride(intentKey, value),
      [...link.origin, 'dhcp6-overrides', intentKey],
    );
  const { sendHostname, hostname } = (knows(target, DHCP6_HOSTNAME) && link.dhcp6) || {};
  const isUnknown = link.addressToken === undefined && !knows(target, GENERATION);
  return file({
    path: `${NETWORKD}/10-netplan-${id}.network.d/50-macvtap.conf`,
    mode: 0o644,
    role: 'required',
    ...inPlace(DROP_IN),
    about: entry(
      `the link ${link.name}`,
      `Adds to netplan's own file for \`${link.name}\` what netplan has no word for.`,
      'systemd.network(5)',
      link.origin,
    ),
    template: 'networkd/link.network',
    view: {
      header: header(model),
      link: onlineView(link, target),
      ipv6Token: isUnknown ? olderToken(link, target) : undefined,
      ipv6PrivacyExtensions: link.ipv6Privacy ? undefined : privacyExtensions(link),
      dnsDefaultRoute: dnsDefaultRoute(link),
      multicastDns: hasAddress(link) ? multicastDns(link) : undefined,
      configureWithoutCarrier:
        link.ignoreCarrier && !knows(target, IGNORE_CARRIER)
          ? networkEntry(
              'Network',
              'ConfigureWithoutCarrier',
              'yes',
              `${WHY_IGNORE_CARRIER} This version of netplan has no key for it.`,
              [...link.origin, 'ignore-carrier'],
            )
          : undefined,
      routes: link.routes.filter(hasNoWord).map((route) => routeView(route, target)),
      rules: link.rules.filter(hasNoWordForRule).map(ruleView),
      dhcp4: leaseView(link, target),
      duid,
      dhcp6: {
        duidType,
        withoutRa: withoutRa(link),
        ...startedView(link),
        sendHostname:
          sendHostname === undefined
            ? undefined
            : inDhcp6('SendHostname', sendHostname, 'send-hostname'),
        hostname: hostname === undefined ? undefined : inDhcp6('Hostname', hostname, 'hostname'),
      },
      advertised: {
        ...advertisedView(knows(target, RA_OVERRIDES) ? withoutRaOverrides(link) : link),
        token: isUnknown ? newerToken(link, target) : undefined,
        routeMetric: advertisedMetric(link),
      },
    },
  });
}

/** What the YAML has; where it says nothing of name servers they are ignored with those of DHCPv6. */
function withoutRaOverrides({ raOverrides, ...link }: Link): Link {
  const isDnsInYaml = raOverrides?.useDns !== undefined;
  if (!isDnsInYaml || !link.dhcp6) return link;
  const { useDns: _, ...dhcp6 } = link.dhcp6;
  return { ...link, dhcp6 };
}

/** The section is there only for what netplan has no word for. */
function leaseView({ dhcp4, origin }: Link, target: Target) {
  if (dhcp4?.table === undefined) return undefined;
  const section = dhcp4Section(target);
  return {
    section: entry(
      section,
      'netplan has no word for the table of routes by DHCP.',
      `systemd.network(5), [${section}]`,
      [...origin, 'dhcp4'],
    ),
    routeTable: leaseTable(dhcp4, target),
  };
}

/** For a DHCP client netplan writes `[DHCP] RouteMetric=100`, which counts for advertised routes, too. */
const advertisedMetric = ({ acceptRa, dhcp4, dhcp6, origin }: Link): Entry | undefined =>
  acceptRa && (dhcp4 || dhcp6)
    ? networkEntry(
        'IPv6AcceptRA',
        'RouteMetric',
        KERNEL_METRIC.ipv6,
        'Advertised routes have the same metric as under every other back end; by default netplan gives them that of a lease.',
        [...origin, 'accept-ra'],
      )
    : undefined;
