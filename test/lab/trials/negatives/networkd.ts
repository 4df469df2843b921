/** Faults in what systemd-networkd is given. */
import type { Model } from '../../../../src/model/types.ts';
import {
  CUT_OFF_FROM_GUESTS,
  type Negative,
  type Negatives,
  need,
  noSuchLink,
  SYSCTL,
  WRONG_MAC,
  withFile,
  withLine,
  withMode,
  without,
  withoutLine,
  withoutSection,
  wrongMac,
} from './negative.ts';

const DIRECTORY = '/etc/systemd/network/00-macvtap-';

const networkOf = (link: { readonly name: string }): string => `${DIRECTORY}${link.name}.network`;
const netdevOf = (link: { readonly name: string }): string => `${DIRECTORY}${link.name}.netdev`;

export const OF_NETWORKD: Negatives = new Map([
  ['original', ofShim],
  ['bridge-parent', ofBridge],
  ['side-shim', ofSideShim],
  ['taps', ofTaps],
  ['mode-source', ofSourceMode],
  ['policy-routing', ofPolicyRouting],
  ['ipv6-privacy', ofPrivacy],
  ['ipv6-address-token', ofToken],
  ['ipv6-address-generation', ofGeneration],
  ['dynamic-tables', ofTables],
  ['leases-in-tables', ofInterfaceRules],
]);

/** An address that does not show the MAC. */
function ofGeneration({ shims }: Model): Negative[] {
  const shim = need(shims[0]);
  return [
    {
      name: 'the generation of addresses removed',
      mutate: (files) => withoutLine(files, networkOf(shim), /^(?:IPv6)?Token=prefixstable$/),
      fails: [new RegExp(`^${shim.name}, addresses: `)],
    },
  ];
}

/** Routes by a lease and by advertisements, each in a table of its own. */
function ofTables({ shims }: Model): Negative[] {
  const shim = need(shims[0]);
  return [101, 102].map((table) => ({
    name: `\`RouteTable=${table}\` removed`,
    mutate: (files) => withoutLine(files, networkOf(shim), new RegExp(`^RouteTable=${table}$`)),
    fails: [new RegExp(`^no route \\S+ via \\S+ dev ${shim.name} .*table ${table}$`)],
  }));
}

/** Rules that select by interface. */
function ofInterfaceRules({ shims }: Model): Negative[] {
  const shim = need(shims.find(({ rules }) => rules.some(({ iif, oif }) => iif && !oif)));
  return (['Outgoing', 'Incoming'] as const).map((direction) => {
    const word = direction === 'Outgoing' ? 'oif' : 'iif';
    return {
      name: `the rule by \`${direction}Interface=${shim.name}\` removed`,
      mutate: (files) =>
        withoutSection(
          files,
          networkOf(shim),
          new RegExp(`^${direction}Interface=${shim.name}$`, 'm'),
        ),
      fails: [new RegExp(`^no rule ipv4 101: .*${word} ${shim.name}`)],
    };
  });
}

/** Temporary addresses by router advertisement. */
function ofPrivacy({ shims }: Model): Negative[] {
  const shim = need(shims[0]);
  return [
    {
      name: '`IPv6PrivacyExtensions=yes` removed',
      mutate: (files) => withoutLine(files, networkOf(shim), /^IPv6PrivacyExtensions=yes$/),
      fails: [new RegExp(`^${shim.name}, addresses: .*, must be .*a temporary one of `)],
    },
  ];
}

/** A suffix of the intent's own under an advertised prefix. */
function ofToken({ shims }: Model): Negative[] {
  const shim = need(shims[0]);
  return [
    {
      name: 'the token removed',
      mutate: (files) => withoutLine(files, networkOf(shim), /^(?:IPv6)?Token=/),
      fails: [new RegExp(`^${shim.name}, addresses: .*, must be .*::50/64`)],
    },
  ];
}

/** One shim with an IPv4 address. */
function ofShim({ shims }: Model): Negative[] {
  const shim = need(shims[0]);
  const own = need(shim.addresses[0]);
  const { name } = shim;
  const parentFile = networkOf(shim.parent);
  const netdev = netdevOf(shim);
  const network = networkOf(shim);
  const noShim = noSuchLink(name);
  return [
    {
      name: '`Mode=bridge` removed',
      mutate: (files) => withoutLine(files, netdev, /^Mode=bridge$/),
      fails: [/, mode: vepa, must be bridge/, ...CUT_OFF_FROM_GUESTS],
      spares: [/router/],
    },
    {
      name: "`LinkLocalAddressing=no` removed from the parent's file",
      mutate: (files) => withoutLine(files, parentFile, /^LinkLocalAddressing=no$/),
      fails: [new RegExp(`^${shim.parent.name}, link-local \\(fe80:.*: ipv6, must be none`)],
    },
    {
      name: '`MACVLAN=` removed',
      mutate: (files) => withoutLine(files, parentFile, /^MACVLAN=/),
      fails: [noShim],
    },
    {
      name: 'the `.netdev` missing',
      mutate: (files) => without(files, [netdev]),
      fails: [noShim],
    },
    {
      name: `the address left on ${shim.parent.name}, and no shim`,
      mutate: (files) => [
        ...without(files, [netdev, network, parentFile]),
        {
          path: parentFile,
          mode: 0o644,
          text: [
            `[Match]\nName=${shim.parent.name}\n`,
            `[Network]\nAddress=${own.address}/${own.prefix}`,
            // Without these networkd waits twelve seconds for a router that advertises.
            'LinkLocalAddressing=no\nIPv6AcceptRA=no\n',
          ].join('\n'),
        },
      ],
      // What one sees who puts guests on macvtap and does nothing else.
      fails: CUT_OFF_FROM_GUESTS,
      spares: [/router/],
    },
    {
      name: 'no shim at all',
      mutate: (files) => withoutLine(without(files, [netdev, network]), parentFile, /^MACVLAN=/),
      fails: [noShim, /^no route default/, /^router → host .*: no answer/],
    },
    {
      name: 'another MAC',
      mutate: (files) => withLine(files, netdev, /^MACAddress=/, `MACAddress=${WRONG_MAC}`),
      fails: [wrongMac(name)],
    },
    {
      name: 'a file of the site that matches first',
      mutate: (files) =>
        withFile(
          files,
          '/etc/systemd/network/00-lan.network',
          '[Match]\nType=ether\n\n[Network]\nDHCP=no\nIPv6AcceptRA=no\n',
        ),
      fails: [noShim, new RegExp(`^${shim.parent.name}, link-local .*: ipv6, must be none`)],
    },
    {
      name: 'a file that networkd may not read',
      mutate: (files) => withMode(files, netdev, 0o600),
      fails: [noShim],
    },
    {
      name: 'a key that networkd does not know',
      mutate: (files) => withLine(files, network, /^DHCP=no$/, 'DHCP=no\nNonsense=yes'),
      fails: [/^warning: networkd: .*(?:Unknown key|Unknown lvalue).*Nonsense/],
      spares: [/→/],
    },
    {
      name: 'the sysctl file missing',
      mutate: (files) => without(files, [SYSCTL]),
      fails: [new RegExp(`^the LAN's neighbour ${own.address}: 52:54:`)],
    },
  ];
}

/** A bridge as parent. */
function ofBridge({ parents }: Model): Negative[] {
  const bridge = need(parents.find(({ kind }) => kind === 'bridge'));
  const member = need(parents.find(({ master }) => master?.name === bridge.name));
  return [
    {
      name: '`Bridge=` removed',
      mutate: (files) => withoutLine(files, networkOf(member), /^Bridge=/),
      fails: [
        new RegExp(`^${member.name}, master: none, must be ${bridge.name}`),
        new RegExp(`^${bridge.name}: not up`),
        /^host → router .*: no answer/,
        /^router → guest .*: no answer/,
      ],
    },
  ];
}

/** A side shim, over which the host and the guests reach each other. */
function ofSideShim({ shims }: Model): Negative[] {
  const shim = need(shims[0]);
  return [
    {
      name: 'the route to the guests removed',
      mutate: (files) => withoutSection(files, networkOf(shim), /^Destination=/m),
      fails: [
        new RegExp(`^no route .* dev ${shim.name}`),
        /^host → guest .*: no answer/,
        /^guest → host .*: no answer/,
      ],
      spares: [/router/],
    },
    {
      name: 'no side shim',
      mutate: (files) => without(files, [netdevOf(shim), networkOf(shim)]),
      fails: [new RegExp(`^${shim.name}: there is no such link`), /^host → guest .*: no answer/],
      spares: [/router/],
    },
  ];
}

/** Taps beside a shim. */
function ofTaps({ taps }: Model): Negative[] {
  const beside = taps.filter(({ parent }) => parent.shims.length > 0);
  return beside.map(
    (tap): Negative => ({
      name: `the sysctl line of ${tap.name} removed`,
      mutate: (files) => withoutLine(files, SYSCTL, new RegExp(`/${tap.name}/`)),
      fails: [new RegExp(`^the LAN's neighbour .*: ${tap.macaddress}`)],
    }),
  );
}

/** A shim that hears the stations of a list only. */
function ofSourceMode({ shims }: Model): Negative[] {
  const shim = need(shims[0]);
  return [
    {
      name: '`SourceMACAddress=` removed',
      mutate: (files) => withoutLine(files, netdevOf(shim), /^SourceMACAddress=/),
      fails: [
        new RegExp(`^${shim.name}, source MACs: none`),
        /^host → router .*: no answer/,
        /^router → host .*: no answer/,
      ],
      spares: [/guest/],
    },
  ];
}

/** Rules that lead into tables of their own. */
function ofPolicyRouting({ shims }: Model): Negative[] {
  const shim = need(shims.find(({ rules }) => rules.some(({ from }) => from !== undefined)));
  const rule = need(shim.rules.find(({ from }) => from !== undefined));
  return [
    {
      name: `the rule from ${rule.from} removed`,
      mutate: (files) =>
        withoutSection(files, networkOf(shim), new RegExp(`^From=${rule.from}$`, 'm')),
      fails: [new RegExp(`^no rule ${rule.family} ${rule.priority}: from ${rule.from} to all`)],
    },
  ];
}
