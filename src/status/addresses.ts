/** Addresses: those of the intent, those that others give, and those that must not be there. */
import type { KernelAddress, KernelLink } from '../kernel/types.ts';
import { parseIp } from '../model/ip.ts';
import { type Family, hasAddress, type Link } from '../model/types.ts';
import { type Context, type Expected, isUsable, reapply } from './context.ts';
import { type Drift, drift } from './finding.ts';
import { leaseDrift } from './leases.ts';

/** @param removed addresses that a change took away */
export function addressDrift(context: Context, removed: readonly string[]): Drift[] {
  const owners = ownersOf(context);
  return [
    ...context.links.flatMap((expected) => {
      const link = context.kernelLink(expected.link.name);
      return link ? ofLink(context, expected, link, owners) : [];
    }),
    ...elsewhere(context, owners),
    ...left(context, removed),
  ];
}

const show = ({ address, prefix }: Pick<KernelAddress, 'address' | 'prefix'>): string =>
  `${address}/${prefix}`;

/** Address of the intent → the links to which it gives that. */
type Owners = ReadonlyMap<string, readonly string[]>;

function ownersOf({ links }: Context): Owners {
  const owners = new Map<string, string[]>();
  for (const { link } of links) {
    for (const { address } of link.addresses) {
      owners.set(address, [...(owners.get(address) ?? []), link.name]);
    }
  }
  return owners;
}

function ofLink(context: Context, expected: Expected, link: KernelLink, owners: Owners): Drift[] {
  const wanted = expected.link;
  const extra = link.addresses.filter(
    (own) => !wanted.addresses.some(({ address }) => address === own.address),
  );
  if (!hasAddress(wanted)) return bare(context, expected, extra);
  // Those of other links are `elsewhere`'s to report, and no lease of this one.
  const others = extra.filter(({ address }) => !owners.has(address));
  // A daemon takes addresses away with the carrier, and asks nobody for one without.
  const isExpected = isUsable(context, wanted.name) || wanted.ignoreCarrier;
  return [
    ...(isExpected ? statics(context, expected, link) : []),
    ...(isUsable(context, wanted.name) ? linkLocals(context, expected, link) : []),
    ...(isUsable(context, wanted.name) ? leaseDrift(wanted, others) : []),
    ...(isUsable(context, wanted.name) ? advertised(context, expected, others) : []),
    ...additional(wanted, others),
  ];
}

/**
 * How the host has made its addresses of an advertised prefix: temporary addresses come with the stable
 * one (RFC 8981, 3.3.1).
 */
function advertised(
  context: Context,
  expected: Expected,
  extra: readonly KernelAddress[],
): Drift[] {
  const { name, ipv6Privacy, addressToken, addressGeneration, acceptRa } = expected.link;
  const mac = context.kernelLink(name)?.mac;
  const made = extra.filter(
    ({ family, isDynamic, isLinkLocal, prefix }) =>
      family === 'ipv6' && isDynamic && !isLinkLocal && prefix < 128,
  );
  const isPrivate = made.some(({ isTemporary }) => isTemporary);
  if (!acceptRa || made.length === 0) return [];
  const more = { link: name, mayStillCome: true } as const;
  const found: Drift[] = [];
  if (addressToken !== undefined && !made.some(({ interfaceId }) => interfaceId === addressToken)) {
    const shown = made.filter(({ isTemporary }) => !isTemporary).map(show);
    found.push(
      drift(
        'token-drift',
        `\`${name}\` has no address that ends in \`${addressToken}\` (it has ${shown.join(', ')}).`,
        { ...more, hint: `Run \`${reapply(context, expected)}\`.` },
      ),
    );
  }
  const shown =
    mac === undefined ? undefined : made.find(({ interfaceId }) => interfaceId === eui64(mac));
  if (addressGeneration === 'stable-privacy' && addressToken === undefined && shown) {
    const message = `The address ${show(shown)} of \`${name}\` shows its MAC; the intent says \`ipv6-address-generation: stable-privacy\`.`;
    const hint = `Run \`${reapply(context, expected)}\`; the old address may stay until then.`;
    found.push(drift('address-generation-drift', message, { ...more, hint }));
  }
  if (isPrivate !== ipv6Privacy) {
    const message = ipv6Privacy
      ? `\`${name}\` has no temporary IPv6 address beside its stable one.`
      : `\`${name}\` has a temporary IPv6 address, which the intent does not ask for.`;
    const hint = `Run \`${reapply(context, expected)}\`; a temporary address that is no longer wanted may stay until then.`;
    found.push(drift('temporary-address-drift', message, { ...more, hint }));
  }
  return found;
}

/** The last 64 bits that are made of a MAC (RFC 4291, appendix A), as an address. */
function eui64(mac: string): string | undefined {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac
    .split(':')
    .map((part) => Number.parseInt(part, 16));
  const words = [((a ^ 2) << 8) | b, (c << 8) | 0xff, 0xfe00 | d, (e << 8) | f];
  return parseIp(`::${words.map((word) => word.toString(16)).join(':')}`)?.text;
}

function statics(context: Context, expected: Expected, link: KernelLink): Drift[] {
  const { name, addresses } = expected.link;
  return addresses.flatMap((wanted): Drift[] => {
    const same = link.addresses.filter(({ address }) => address === wanted.address);
    const found = same.find(({ prefix }) => prefix === wanted.prefix);
    if (!found) {
      const [other] = same;
      const instead = other ? `: it has ${show(other)}` : '';
      return [
        drift('address-missing', `\`${name}\` is without ${show(wanted)}${instead}.`, {
          link: name,
          hint: `Run \`${reapply(context, expected)}\`; if it is still missing, read the log of the daemon.`,
          mayStillCome: true,
        }),
      ];
    }
    if (found.isDuplicate) {
      return [
        drift(
          'address-duplicate',
          `Another host of the LAN has ${wanted.address}: the kernel does not use it on \`${name}\`.`,
          { link: name },
        ),
      ];
    }
    if (!found.isTentative) return [];
    return [
      drift(
        'address-not-ready',
        `${show(wanted)} of \`${name}\` is not usable yet: duplicate detection is under way.`,
        { link: name, mayStillCome: true },
      ),
    ];
  });
}

/** Its last one of IPv6 may be another host's, too. Those of IPv4 are a daemon's own, which not each of them has. */
function linkLocals(context: Context, expected: Expected, link: KernelLink): Drift[] {
  const { name, linkLocal, addresses, dhcp4, acceptRa } = expected.link;
  const has = (family: Family): boolean => addresses.some((one) => one.family === family);
  // There is no such file on a host without IPv6 (`ipv6.disable=1`).
  const isOff = context.state.sysctls.get(`net/ipv6/conf/${name}/disable_ipv6`) !== '0';
  if (!linkLocal.includes('ipv6') || isOff) return [];
  const own = link.addresses.filter((one) => one.family === 'ipv6' && one.isLinkLocal);
  const [taken] = own;
  if (!taken) {
    return [
      drift('address-missing', `\`${name}\` has no IPv6 link-local address.`, {
        link: name,
        hint: `Run \`${reapply(context, expected)}\`; \`sysctl net/ipv6/conf/${name}/addr_gen_mode\` is 1 where a program keeps the kernel from making one.`,
        mayStillCome: true,
        // Routers and neighbours are found from another one, too; beside IPv4 a LAN may have no router of IPv6.
        ...((has('ipv6') || (acceptRa && (dhcp4 || has('ipv4')))) && {
          severity: 'warning' as const,
        }),
      }),
    ];
  }
  if (!own.every(({ isDuplicate }) => isDuplicate)) return [];
  return [
    drift(
      'address-duplicate',
      `Another host of the LAN has ${taken.address}: the kernel does not use it on \`${name}\`.`,
      { link: name },
    ),
  ];
}

/** Of a link that has addresses of its own, others are information: somebody added them. */
function additional(wanted: Link, extra: readonly KernelAddress[]): Drift[] {
  const { name, dhcp4, dhcp6, acceptRa } = wanted;
  return extra.flatMap((own): Drift[] => {
    if (own.isLinkLocal) return [];
    const isAsked = own.family === 'ipv4' ? dhcp4 : dhcp6 || acceptRa;
    if (isAsked) return [];
    if (own.isDynamic) {
      const by =
        own.family === 'ipv4' ? 'a DHCP client' : 'a router advertisement or a DHCP client';
      return [
        drift(
          'address-of-others',
          `\`${name}\` has ${show(own)} by ${by}, and the intent asks for none.`,
          { link: name, severity: 'warning' },
        ),
      ];
    }
    return [
      drift('address-of-others', `\`${name}\` has ${show(own)} too, which is not in the intent.`, {
        link: name,
      }),
    ];
  });
}

/** A link that the intent leaves without any. */
function bare(context: Context, expected: Expected, extra: readonly KernelAddress[]): Drift[] {
  const { link, role } = expected;
  const { name } = link;
  return extra.map((own): Drift => {
    if (own.isLinkLocal) {
      return drift('address-on-bare-link', `\`${name}\` has the link-local address ${show(own)}.`, {
        link: name,
        severity: 'warning',
        hint: `Run \`${reapply(context, expected)}\`; if it comes back, look for another system that configures \`${name}\` (\`macvtap-render check\`).`,
      });
    }
    const effect =
      role === 'parent' ? ': packets of the host leave by it, and do not reach guests' : '';
    return drift('address-on-bare-link', `\`${name}\` has ${show(own)}${effect}.`, {
      link: name,
      hint: `Find what configures it (\`macvtap-render check\`, \`networkctl status ${name}\`, \`nmcli device show ${name}\`), then remove the address: \`ip address delete ${show(own)} dev ${name}\`.`,
    });
  });
}

/** An address of the intent on another link than in the intent. */
function elsewhere({ links, state }: Context, owners: Owners): Drift[] {
  // On a link that is to have none, any address is reported.
  const bare = new Set(links.flatMap(({ link }) => (hasAddress(link) ? [] : link.name)));
  return state.links
    .filter(({ name }) => !bare.has(name))
    .flatMap(({ name, addresses }) =>
      addresses.flatMap((own): Drift[] => {
        const all = owners.get(own.address) ?? [];
        const [owner] = all;
        if (owner === undefined || all.includes(name)) return [];
        return [
          drift('address-twice', `${own.address} of \`${owner}\` is on \`${name}\`, too.`, {
            link: name,
            hint: `Find what configures \`${name}\`, then remove the address: \`ip address delete ${show(own)} dev ${name}\`.`,
          }),
        ];
      }),
    );
}

function left({ state }: Context, removed: readonly string[]): Drift[] {
  return state.links.flatMap(({ name, addresses }) =>
    addresses
      .filter(({ address }) => removed.includes(address))
      .map((own) =>
        drift('address-left', `\`${name}\` still has ${show(own)}, which the change removes.`, {
          link: name,
          mayStillCome: true,
        }),
      ),
  );
}
