/** The closed list of causes: what `doctor` can name, by what it looks at. The help page prints it. */
import type { DiagnosticCode } from '../diagnostics/diagnostic.ts';

export interface Kind {
  /** Where it looks. */
  readonly about: string;
  /** The kernel or the guest's device shows it. */
  readonly seen: readonly DiagnosticCode[];
  /** Several causes look alike from here: they are printed as such. */
  readonly narrowed: readonly DiagnosticCode[];
}

export const KINDS: readonly Kind[] = [
  {
    about: 'links: state, carrier, mode, parent, MAC, MTU',
    seen: [
      ...(['state-unreadable', 'link-missing', 'link-down', 'no-carrier', 'link-dormant'] as const),
      ...(['link-setting-drift', 'shim-mode', 'no-shim', 'mac-drift', 'mtu-drift'] as const),
      ...(['duplicate-mac', 'arp-off', 'broadcasts-dropped', 'wifi-parent'] as const),
    ],
    narrowed: [],
  },
  {
    about: 'bridges below a shim',
    seen: ['bridge-port-blocked', 'bridge-entry-static'],
    narrowed: [],
  },
  {
    about: 'who owns the links: the daemon',
    seen: ['daemon-not-running', 'daemon-state'],
    narrowed: [],
  },
  {
    about: 'addresses',
    seen: [
      ...(['address-missing', 'address-twice', 'address-on-bare-link', 'lease-missing'] as const),
      ...(['address-duplicate', 'address-not-ready', 'address-conflict'] as const),
    ],
    narrowed: [],
  },
  {
    about: 'routes and policy rules',
    seen: ['route-missing', 'rule-missing', 'route-elsewhere', 'source-address-differs'],
    narrowed: [],
  },
  {
    about: 'parameters of the kernel',
    seen: [
      ...([
        'rp-filter-drops',
        'arp-ignored',
        'arp-not-sent',
        'proxy-arp',
        'ipv6-disabled',
      ] as const),
      ...(['advertisements-ignored', 'echo-ignored', 'neighbour-table-full'] as const),
      'neighbour-static',
    ],
    narrowed: [],
  },
  {
    about: 'what takes packets: nftables, iptables, arptables, ebtables, IPsec, tc, XDP',
    seen: ['firewall-drops', 'nat-rewrites', 'ipsec-drops', 'traffic-control-drops'],
    narrowed: ['firewall-may-drop', 'xdp-may-drop'],
  },
  {
    about: 'guests: how they are attached',
    seen: [
      ...(['guest-mode', 'guest-on-other-link', 'guest-down', 'guest-outside-routes'] as const),
      'guest-multicast',
    ],
    narrowed: ['guest-absent', 'guest-silent', 'guest-mac-differs'],
  },
  {
    about: 'the LAN',
    seen: ['path-mtu'],
    narrowed: ['gateway-silent', 'foreign-macs-dropped', 'target-firewall'],
  },
];

/** Codes of the closed list. */
export const kindCodes = (): readonly DiagnosticCode[] =>
  KINDS.flatMap(({ seen, narrowed }) => [...seen, ...narrowed]);
