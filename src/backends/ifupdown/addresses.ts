/** Addresses, static and by DHCP, and name servers: the options of interfaces(5) itself. */
import type { Path } from '../../diagnostics/diagnostic.ts';
import type { Address, Family, Link } from '../../model/types.ts';
import { type Entry, entry } from '../../view/rendered.ts';
import { quote } from '../../view/shell.ts';
import { ipv6Settings } from '../shared/ipv6-settings.ts';
import { whyAddress } from '../shared/reasons.ts';
import { hook } from './hook.ts';
import { untilAddress } from './route-commands.ts';

const MANUAL = 'interfaces(5)';

export interface Stanza {
  readonly family: 'inet' | 'inet6';
  readonly method: 'static' | 'dhcp' | 'manual';
  readonly why: string;
  readonly origin: Path;
  readonly lines: readonly Entry[];
}

const option = (key: string, text: string | number, why: string, at: Path): Entry =>
  entry(`${key} ${text}`, why, `${MANUAL}, ${key}`, at);

/**
 * One for each IPv4 address, since each of the three reads a second address in a stanza differently; or
 * those of DHCP alone: ifupdown2 has one method for a link, that of its first stanza, and applies it to
 * all families (3.0.0, iface.squash). Commands add the other addresses.
 */
export function addressStanzas(link: Link): Stanza[] {
  const { dhcp4, dhcp6, acceptRa, origin } = link;
  const stanzas = isDynamic(link) ? [] : staticOf(link, 'ipv4').map(staticStanza(link));
  if (dhcp4) stanzas.push(dhcp4Stanza(link, dhcp4.routeMetric));
  if (dhcp6) {
    const at = [...origin, 'dhcp6'];
    stanzas.push({
      family: 'inet6',
      method: 'dhcp',
      why: 'The intent has DHCPv6 on the link.',
      origin: at,
      lines: [
        option(
          'accept_ra',
          acceptRa ? 2 : 0,
          acceptRa
            ? 'Routes come from router advertisements, also where the host forwards; by default it would be 1.'
            : 'Router advertisements are ignored; by default they would add addresses and routes.',
          [...origin, 'accept-ra'],
        ),
        hook(
          'pre-up',
          untilAddress(link.name, 'link'),
          'The client sends from fe80::, and fails if that is not ready; ifupdown2 does not wait for it.',
          'dhclient(8), -6; ip-address(8)',
          at,
        ),
      ],
    });
  }
  const [first = silent(link), ...others] = stanzas;
  return [
    { ...first, lines: [...mtu(link), ...addrgen(link), ...first.lines, ...resolver(link)] },
    ...others,
  ];
}

const isDynamic = ({ dhcp4, dhcp6 }: Link): boolean => Boolean(dhcp4 || dhcp6);

const staticOf = ({ addresses }: Link, wanted: Family): Address[] =>
  addresses.filter(({ family }) => family === wanted);

const staticStanza =
  (link: Link) =>
  ({ address, prefix, origin }: Address): Stanza => ({
    family: 'inet',
    method: 'static',
    why: 'The intent has a static address, which follows.',
    origin,
    lines: [
      option('address', `${address}/${prefix}`, whyAddress(link), origin),
      // Its cache learns of a link that a command has created later: a link that is not in it gets no
      // address, with status 0 (3.0.0, addons/address.py, link_exists; seen once in some hundred).
      hook(
        'post-up',
        `ip address replace ${address}/${prefix} dev ${quote(link.name)}`,
        'ifupdown2 ignores an address of a link that it does not know yet, and the host would boot without it.',
        'ip-address(8)',
        origin,
      ),
    ],
  });

/** IPv4 beside DHCP: added before the client runs, whether or not it gets a lease. */
export const addressesBefore = (link: Link): Entry[] =>
  isDynamic(link) ? staticOf(link, 'ipv4').map(giveAddress(link, 'pre-up')) : [];

/**
 * IPv6: where there is no carrier for six seconds, the method `static` of classic ifupdown fails
 * (settle-dad.sh), and what follows it is skipped, even when a carrier comes. Not before
 * DHCPv6, whose client removes such addresses (dhclient-script, PREINIT6).
 */
export const addressesAfter = (link: Link): Entry[] =>
  staticOf(link, 'ipv6').map(giveAddress(link, 'post-up'));

const giveAddress =
  (link: Link, moment: 'pre-up' | 'post-up') =>
  ({ address, prefix, origin }: Address): Entry =>
    hook(
      moment,
      `ip address replace ${address}/${prefix} dev ${quote(link.name)}`,
      whyAddress(link),
      'ip-address(8)',
      origin,
    );

/** Also where a command has set it: ifupdown2 would reset it to its default. */
const mtu = ({ mtu: value, origin }: Link): Entry[] =>
  value === undefined
    ? []
    : [
        option('mtu', value, 'The MTU of the intent; by default ifupdown2 resets it to 1500.', [
          ...origin,
          'mtu',
        ]),
      ];

/** ifupdown2 also resets what a command has set for link-local addresses. */
const addrgen = (link: Link): Entry[] =>
  ipv6Settings(link).some(({ key, value }) => key === 'addr_gen_mode' && value === 1)
    ? [
        entry(
          'ipv6-addrgen off',
          'No fe80:: address; by default ifupdown2 has the kernel add one. The two others ignore the line.',
          'ifupdown-addons-interfaces(5), ipv6-addrgen',
          [...link.origin, 'link-local'],
        ),
      ]
    : [];

/** No address, or only those that commands or the kernel add. */
function silent(link: Link): Stanza {
  const { acceptRa, origin } = link;
  const hasStatic = staticOf(link, 'ipv6').length > 0;
  return {
    family: acceptRa || hasStatic ? 'inet6' : 'inet',
    method: 'manual',
    why: hasStatic
      ? 'Commands add the addresses: the method `static` of classic ifupdown fails for good if the carrier is late.'
      : acceptRa
        ? 'The kernel adds addresses by router advertisement; ifupdown2 does not know the method `auto`.'
        : 'The link has no address that ifupdown would add.',
    origin,
    lines: [],
  };
}

function dhcp4Stanza({ macaddress, identifier, origin }: Link, metric: number): Stanza {
  const at = [...origin, 'dhcp4'];
  return {
    family: 'inet',
    method: 'dhcp',
    why: 'The intent has DHCP on the link.',
    origin: at,
    lines: [
      option(
        'metric',
        metric,
        'The metric of routes by DHCP, which classic ifupdown passes to the client; the two others ignore the line.',
        [...origin, 'dhcp4-overrides', 'route-metric'],
      ),
      ...(identifier === 'mac' && macaddress !== undefined
        ? [
            option(
              'client',
              `01:${macaddress}`,
              'If the client is dhcpcd, it identifies itself by its MAC (RFC 2132, 9.14); dhclient ignores the line.',
              [...origin, 'dhcp-identifier'],
            ),
          ]
        : []),
    ],
  };
}

/** For resolvconf, or a replacement of it (resolvconf(8)). */
function resolver({ nameservers, search, origin }: Link): Entry[] {
  const domains = search.map(({ domain }) => domain).filter((domain) => !domain.startsWith('~'));
  return [
    ...(nameservers.length === 0
      ? []
      : [
          option(
            'dns-nameservers',
            nameservers.map(({ address }) => address).join(' '),
            'The name servers, for resolvconf; without that or systemd-resolved nothing reads the line.',
            [...origin, 'nameservers', 'addresses'],
          ),
        ]),
    ...(domains.length === 0
      ? []
      : [
          option(
            'dns-search',
            domains.join(' '),
            'The domains that are searched, for resolvconf.',
            [...origin, 'nameservers', 'search'],
          ),
        ]),
  ];
}
