/** The kernel's settings for IPv6, for back ends that leave IPv6 to the kernel. */
import { hasAddress, type Link } from '../../model/types.ts';
import { WHY_PRIVACY } from './reasons.ts';
import type { KernelSetting } from './sysctl.ts';

const WHATEVER = 'whatever the default of the host';

/**
 * What the kernel uses of a router advertisement. networkd and NetworkManager read advertisements
 * themselves, and use the same of them on every host; the kernel would ignore routes other than
 * `::/0` (RFC 4191, 2.3: a Thread border router sends them), and leave the rest to the host's defaults.
 */
const ADVERTISED: readonly (readonly [key: string, value: number, why: string])[] = [
  [
    'accept_ra',
    2,
    'Addresses and routes come from router advertisements, also where the host forwards (for guests on NAT).',
  ],
  ['autoconf', 1, `Addresses are made from advertised prefixes, ${WHATEVER}.`],
  ['accept_ra_pinfo', 1, `Advertised prefixes are used, ${WHATEVER}.`],
  ['accept_ra_defrtr', 1, `The default route comes from the router, ${WHATEVER}.`],
  ['addr_gen_mode', 0, `The address follows from the MAC, ${WHATEVER}.`],
  [
    'accept_ra_rt_info_max_plen',
    128,
    'Advertised routes of any prefix length are used; by default the kernel ignores those to single networks.',
  ],
];

/** Settings whose default in the kernel is 1 (Documentation/networking/ip-sysctl). */
const NOT_ZERO: ReadonlySet<string> = new Set([
  'accept_ra',
  'autoconf',
  'accept_ra_pinfo',
  'accept_ra_defrtr',
]);

/** The kernel's default of a setting, for a link that is left to other systems. */
export const kernelDefault = ({ key }: KernelSetting): number => (NOT_ZERO.has(key) ? 1 : 0);

/** Whether a link follows router advertisements and has a link-local address; a silent link has no IPv6. */
export function ipv6Settings(link: Link): KernelSetting[] {
  const setting = (key: string, value: number, why: string, at: string): KernelSetting => ({
    link: link.name,
    family: 'ipv6',
    key,
    value,
    why,
    authority: `Linux Documentation/networking/ip-sysctl, ${key}`,
    origin: [...link.origin, at],
  });
  if (!link.families.includes('ipv6') && !link.linkLocal.includes('ipv6')) {
    return [
      setting(
        'disable_ipv6',
        1,
        hasAddress(link)
          ? 'The link has no IPv6; by default it would have an fe80:: address, and one by router advertisement.'
          : 'The link is silent; by default it would have an fe80:: address, and one by router advertisement.',
        'link-local',
      ),
    ];
  }
  return [
    setting(
      'disable_ipv6',
      0,
      'The link has IPv6, whatever the default of the host.',
      'link-local',
    ),
    ...(link.acceptRa
      ? [
          ...ADVERTISED.map(([key, value, why]) => setting(key, value, why, 'accept-ra')),
          setting(
            'use_tempaddr',
            link.ipv6Privacy ? 2 : 0,
            WHY_PRIVACY[link.ipv6Privacy ? 'yes' : 'no'],
            'ipv6-privacy',
          ),
        ]
      : [
          setting(
            'accept_ra',
            0,
            'Router advertisements are ignored; by default they would add addresses and routes.',
            'accept-ra',
          ),
        ]),
    ...(link.linkLocal.includes('ipv6')
      ? []
      : [
          setting(
            'addr_gen_mode',
            1,
            'The intent has no link-local address here; by default the kernel would add one.',
            'link-local',
          ),
        ]),
  ];
}

/** `net/ipv4/conf/eth0/arp_ignore` and its value, below `/proc/sys`. */
export const kernelPath = ({ family, link, key }: KernelSetting): string =>
  `net/${family}/conf/${link}/${key}`;
