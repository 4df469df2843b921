/** Causes in parameters of the kernel (Documentation/networking/ip-sysctl). */
import { contains, parseCidr, parseIp } from '../../model/ip.ts';
import type { Link } from '../../model/types.ts';
import type { Cause } from '../facts.ts';
import { cause, type FindCause, named, unanswered } from './cause.ts';

/** IPv6 that a sysctl turned off takes every address of it away. */
export const ipv6Off: FindCause = (facts) =>
  [...facts.model.parents, ...facts.model.shims]
    .filter(
      ({ families, name }) =>
        families.includes('ipv6') &&
        facts.state.links.some((link) => link.name === name && link.isUp),
    )
    .flatMap(({ name }) => {
      const isOff = facts.state.sysctls.get(`net/ipv6/conf/${name}/disable_ipv6`) === '1';
      if (!isOff) return [];
      return cause('ipv6-disabled', `IPv6 is turned off on \`${name}\` (\`disable_ipv6\`).`, {
        link: name,
        hint: `Run \`sysctl -w net/ipv6/conf/${name}/disable_ipv6=0\`, then let the daemon configure the link again; find the file in /etc/sysctl.d that sets it.`,
      });
    });

/**
 * `all` is written to each link, and `default` is of those that come later (ip-sysctl): a daemon may have turned IPv6
 * on again on its own links meanwhile, and what was there is lost.
 */
export const ipv6OffForAll: FindCause = (facts) => {
  const off = ['all', 'default'].filter(
    (one) => facts.state.sysctls.get(`net/ipv6/conf/${one}/disable_ipv6`) === '1',
  );
  const [one] = off;
  const lost = facts.drift.find(
    ({ code, message, severity }) =>
      (code === 'address-missing' || code === 'address-not-ready') &&
      severity === 'error' &&
      /[0-9a-f]*:[0-9a-f:]*\//.test(message),
  );
  if (one === undefined || !lost || ipv6Off(facts).length > 0) return [];
  return [
    cause(
      'ipv6-disabled',
      `IPv6 was turned off on this host (\`disable_ipv6\` of \`${off.join('` and `')}\` is 1), and an address is not usable.`,
      {
        certainty: 'likely',
        hint: `Run \`sysctl -w net/ipv6/conf/${one}/disable_ipv6=0\`, then let the daemon configure its links again; find the file in /etc/sysctl.d that sets it.`,
      },
    ),
  ];
};

/** Without a daemon of its own, the kernel takes advertisements: accept_ra 0 never, 1 not where it forwards (ip-sysctl). */
export const advertisements: FindCause = ({ model, state, settings }) =>
  state.manager.id === 'networkd' || state.manager.id === 'networkmanager'
    ? []
    : [...model.parents, ...model.shims].flatMap(({ name, acceptRa }) => {
        const of = (key: string): string | undefined =>
          state.sysctls.get(`net/ipv6/conf/${name}/${key}`);
        const accepts = of('accept_ra');
        const isOff = accepts === '0' || (accepts === '1' && of('forwarding') === '1');
        const ignored = ['accept_ra_defrtr', 'accept_ra_pinfo'].filter(
          (key) => settings.get(`net/ipv6/conf/${name}/${key}`) === '0',
        );
        if (acceptRa && !isOff && ignored.length > 0) return partly(name, ignored);
        if (!acceptRa || !isOff) return [];
        const why = accepts === '0' ? '' : ', and it forwards packets';
        return cause(
          'advertisements-ignored',
          `The kernel ignores router advertisements on \`${name}\`: \`accept_ra\` is ${accepts}${why}.`,
          {
            link: name,
            hint: `Run \`sysctl -w net/ipv6/conf/${name}/accept_ra=2\`, and find what set it.`,
          },
        );
      });

/** It takes some of what routers advertise: prefixes for addresses, or themselves as default routers. */
const partly = (name: string, keys: readonly string[]): Cause =>
  cause(
    'advertisements-ignored',
    `The kernel ignores part of the router advertisements on \`${name}\`: \`${keys.join('` and `')}\` is 0.`,
    {
      link: name,
      hint: `Run \`sysctl -w net/ipv6/conf/${name}/${keys[0]}=1\`, and find what set it.`,
    },
  );

/**
 * arp_ignore 8 answers for no address; 2 answers who asks from the subnet of the address, which for a side shim is that
 * address alone; 3 keeps silent about those of the host alone, and 4 to 7 are unused (ip-sysctl).
 */
export const arpIgnored: FindCause = ({ model, state }) =>
  [...model.shims, ...model.parents]
    .filter(({ addresses: own }) => own.some(({ family }) => family === 'ipv4'))
    .flatMap((link) => {
      const { name } = link;
      const of = (one: string): number =>
        Number(state.sysctls.get(`net/ipv4/conf/${one}/arp_ignore`) ?? 0);
      const value = Math.max(of(name), of('all'));
      const outside = value === 2 ? outsideOwnSubnets(link) : [];
      if (value !== 8 && outside.length === 0) return [];
      const whom = value === 8 ? 'no ARP request' : `no ARP request from ${outside.join(', ')}`;
      return cause(
        'arp-ignored',
        `\`${name}\` answers ${whom} (\`arp_ignore\` ${value}): the LAN and guests lose the host when they ask again.`,
        {
          link: name,
          hint: `Run \`sysctl -w net/ipv4/conf/${of(name) === value ? name : 'all'}/arp_ignore=${value === 8 ? 0 : 1}\`, and find the file in /etc/sysctl.d that sets it.`,
        },
      );
    });

/**
 * With arp_ignore 1 a link answers for its own addresses alone (ip-sysctl). Guests hear a side shim and not the NIC: who
 * of them asks for an address that the NIC has alone is answered by the shim, or by nobody.
 */
export const arpIgnoredBeside: FindCause = ({ model, state }) =>
  model.shims.flatMap(({ name, parent, addresses }) => {
    const isSide = addresses.some(({ family, prefix }) => family === 'ipv4' && prefix === 32);
    const of = (one: string): number =>
      Number(state.sysctls.get(`net/ipv4/conf/${one}/arp_ignore`) ?? 0);
    const value = Math.max(of(name), of('all'));
    const addressesOf = (wanted: string): readonly string[] =>
      (state.links.find((link) => link.name === wanted)?.addresses ?? [])
        .filter(({ family, isLinkLocal }) => family === 'ipv4' && !isLinkLocal)
        .map(({ address }) => address);
    const alone = addressesOf(parent.name).filter((one) => !addressesOf(name).includes(one));
    if (!isSide || value !== 1 || alone.length === 0) return [];
    return cause(
      'arp-ignored',
      `\`${name}\` does not answer guests who ask for ${alone.join(', ')} of \`${parent.name}\` (\`arp_ignore\` 1): they hear no other link of the host.`,
      {
        link: name,
        hint: `Run \`sysctl -w net/ipv4/conf/${of(name) === value ? name : 'all'}/arp_ignore=0\`, and find the file in /etc/sysctl.d that sets it; or let guests use the address of \`${name}\`.`,
      },
    );
  });

/** Networks and gateways that a link leads to directly, outside of the subnets of its own addresses. */
function outsideOwnSubnets({ addresses, routes }: Pick<Link, 'addresses' | 'routes'>): string[] {
  const own = addresses.flatMap(({ address, prefix }) => parseCidr(`${address}/${prefix}`) ?? []);
  return routes
    .flatMap(({ to, via }) => (via === undefined ? to : `${via}/32`))
    .filter((text) => {
      const network = parseCidr(text);
      const ip = parseIp(text.split('/', 1)[0] ?? '');
      if (ip?.family !== 'ipv4' || !network || network.prefix === 0) return false;
      return !own.some((one) => contains(one, ip) && one.prefix <= network.prefix);
    });
}

/** ARP may be left to a program (arpd(8)): the kernel then asks nobody itself. */
export const arpNotSent: FindCause = (facts) =>
  unanswered(facts)
    .filter(({ mac }) => mac === undefined)
    .flatMap((probe) => {
      const family = probe.address.includes(':') ? 'ipv6' : 'ipv4';
      const path = `net/${family}/neigh/${probe.link}/mcast_solicit`;
      if (facts.settings.get(path) !== '0') return [];
      return cause(
        'arp-not-sent',
        `The kernel does not ask for the MAC of the ${named(probe)}: \`mcast_solicit\` of \`${probe.link}\` is 0.`,
        {
          ...(probe.link !== undefined && { link: probe.link }),
          hint: `Run \`sysctl -w ${path}=3\`, and find what set it; a program that asks instead (\`app_solicit\`) has to run.`,
        },
      );
    });

/** A NIC without the subnet's route answers for every address that the host reaches by another link: the shim. */
export const proxyArp: FindCause = ({ model, state }) =>
  model.parents
    .filter(({ name, hasMacvlans }) => {
      const of = (link: string, key: string): boolean =>
        state.sysctls.get(`net/ipv4/conf/${link}/${key}`) === '1';
      const isOn = of(name, 'proxy_arp') || of('all', 'proxy_arp');
      return hasMacvlans && isOn && of(name, 'forwarding');
    })
    .map(({ name }) =>
      cause(
        'proxy-arp',
        `\`${name}\` answers ARP for every address that the host reaches by its shim (\`proxy_arp\`): the LAN sends the packets of others here.`,
        {
          link: name,
          hint: `Run \`sysctl -w net/ipv4/conf/${name}/proxy_arp=0\` (and \`all\`), and find the file in /etc/sysctl.d that sets it.`,
        },
      ),
    );

/** All else may work: who tries a ping first believes that the host is down. */
export const echoIgnored: FindCause = ({ settings }) =>
  (['net/ipv4/icmp_echo_ignore_all', 'net/ipv6/icmp/echo_ignore_all'] as const)
    .filter((path) => settings.get(path) === '1')
    .map((path) =>
      cause('echo-ignored', `This host answers no pings: \`${path}\` is 1.`, {
        hint: `Run \`sysctl -w ${path}=0\`, or try what the host offers instead.`,
      }),
    );
