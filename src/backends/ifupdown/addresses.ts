/** Addresses, static and by DHCP, and name servers: the words of interfaces(5) itself. */
import type { Path } from '../../diagnostics/diagnostic.ts';
import type { Address, Family, Link } from '../../model/types.ts';
import { type Entry, entry } from '../../view/rendered.ts';
import { quote } from '../../view/shell.ts';
import { ipv6Settings } from '../shared/ipv6-settings.ts';
import { hook, untilAddress } from './commands.ts';

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
 * One for each IPv4 address, since none of the three reads a second one of a stanza alike; or those
 * of DHCP alone: ifupdown2 has one method for a link, that of its first stanza, and takes it for
 * the families of all (3.0.0, iface.squash). The other addresses are given by commands.
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
      why: 'The address comes by DHCPv6.',
      origin: at,
      lines: [
        option(
          'accept_ra',
          acceptRa ? 2 : 0,
          acceptRa
            ? 'Routes come from router advertisements, also where the host forwards; unsaid, it would be 1.'
            : 'No addresses or routes from router advertisements.',
          [...origin, 'accept-ra'],
        ),
        hook(
          'pre-up',
          untilAddress(link.name, 'link'),
          'The client asks from fe80::, and ends where that is not ready; ifupdown2 does not wait for it.',
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

const whyOf = ({ origin }: Link): string =>
  origin[0] === 'shims'
    ? "The host's address is on the shim."
    : 'As the intent says: this link keeps an address of its own.';

const isDynamic = ({ dhcp4, dhcp6 }: Link): boolean => Boolean(dhcp4 || dhcp6);

const staticOf = ({ addresses }: Link, wanted: Family): Address[] =>
  addresses.filter(({ family }) => family === wanted);

const staticStanza =
  (link: Link) =>
  ({ address, prefix, origin }: Address): Stanza => ({
    family: 'inet',
    method: 'static',
    why: 'The address is said here.',
    origin,
    lines: [
      option('address', `${address}/${prefix}`, whyOf(link), origin),
      // Its cache hears of a link that a command has created from the kernel, later: what is not in it
      // gets no address, with status 0 (3.0.0, addons/address.py, link_exists; seen once in some hundred).
      hook(
        'post-up',
        `ip address replace ${address}/${prefix} dev ${quote(link.name)}`,
        'ifupdown2 passes over an address of a link that it has not heard of yet, and the host would come up without it.',
        'ip-address(8)',
        origin,
      ),
    ],
  });

/** IPv4 beside DHCP: there before anything is asked for, and whether or not it is answered. */
export const addressesBefore = (link: Link): Entry[] =>
  isDynamic(link) ? staticOf(link, 'ipv4').map(giveAddress(link, 'pre-up')) : [];

/**
 * IPv6: where there is no carrier for six seconds, the method `static` of classic ifupdown fails
 * (settle-dad.sh), and nothing that comes after it is done, not even when a carrier comes. Not
 * before DHCPv6, whose client takes such addresses away (dhclient-script, PREINIT6).
 */
export const addressesAfter = (link: Link): Entry[] =>
  staticOf(link, 'ipv6').map(giveAddress(link, 'post-up'));

const giveAddress =
  (link: Link, moment: 'pre-up' | 'post-up') =>
  ({ address, prefix, origin }: Address): Entry =>
    hook(
      moment,
      `ip address replace ${address}/${prefix} dev ${quote(link.name)}`,
      whyOf(link),
      'ip-address(8)',
      origin,
    );

/** Said, too, where a command has set it: ifupdown2 would set it back to its default. */
const mtu = ({ mtu: value, origin }: Link): Entry[] =>
  value === undefined
    ? []
    : [
        option('mtu', value, 'The MTU of the link; unsaid, ifupdown2 sets it to 1500.', [
          ...origin,
          'mtu',
        ]),
      ];

/** ifupdown2 sets back, too, what a command has said of link-local addresses. */
const addrgen = (link: Link): Entry[] =>
  ipv6Settings(link).some(({ key }) => key === 'addr_gen_mode')
    ? [
        entry(
          'ipv6-addrgen off',
          'No fe80:: address; unsaid, ifupdown2 has the kernel make one. The two others pass over the line.',
          'ifupdown-addons-interfaces(5), ipv6-addrgen',
          [...link.origin, 'link-local'],
        ),
      ]
    : [];

/** No address, or such as come by commands or of themselves. */
function silent(link: Link): Stanza {
  const { acceptRa, origin } = link;
  const hasStatic = staticOf(link, 'ipv6').length > 0;
  return {
    family: acceptRa || hasStatic ? 'inet6' : 'inet',
    method: 'manual',
    why: hasStatic
      ? 'The addresses come by commands: the method `static` of classic ifupdown gives up for good where the carrier is late.'
      : acceptRa
        ? 'The kernel takes the addresses from router advertisements; the method `auto` is unknown to ifupdown2.'
        : 'It has no address that ifupdown would give it.',
    origin,
    lines: [],
  };
}

function dhcp4Stanza({ macaddress, identifier, origin }: Link, metric: number): Stanza {
  const at = [...origin, 'dhcp4'];
  return {
    family: 'inet',
    method: 'dhcp',
    why: 'The address comes by DHCP.',
    origin: at,
    lines: [
      option(
        'metric',
        metric,
        'Of its routes, as classic ifupdown hands it to the client; the two others pass over the line.',
        [...origin, 'dhcp4-overrides', 'route-metric'],
      ),
      ...(identifier === 'mac' && macaddress !== undefined
        ? [
            option(
              'client',
              `01:${macaddress}`,
              'The client calls itself by its MAC (RFC 2132, 9.14), where it is dhcpcd; dhclient passes over it.',
              [...origin, 'dhcp-identifier'],
            ),
          ]
        : []),
    ],
  };
}

/** For resolvconf, or what stands in for it (resolvconf(8)). */
function resolver({ nameservers, search, origin }: Link): Entry[] {
  const domains = search.map(({ domain }) => domain).filter((domain) => !domain.startsWith('~'));
  return [
    ...(nameservers.length === 0
      ? []
      : [
          option(
            'dns-nameservers',
            nameservers.map(({ address }) => address).join(' '),
            'Name servers, for resolvconf; without it (or systemd-resolved) nothing reads the line.',
            [...origin, 'nameservers', 'addresses'],
          ),
        ]),
    ...(domains.length === 0
      ? []
      : [
          option('dns-search', domains.join(' '), 'Domains that are searched, for resolvconf.', [
            ...origin,
            'nameservers',
            'search',
          ]),
        ]),
  ];
}
