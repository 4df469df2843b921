/** Causes in parameters of the kernel (Documentation/networking/ip-sysctl). */
import { cause, type FindCause } from './cause.ts';

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

/** Without a daemon of its own, the kernel takes advertisements: accept_ra 0 never, 1 not where it forwards (ip-sysctl). */
export const advertisements: FindCause = ({ model, state }) =>
  state.manager.id === 'networkd' || state.manager.id === 'networkmanager'
    ? []
    : [...model.parents, ...model.shims].flatMap(({ name, acceptRa }) => {
        const of = (key: string): string | undefined =>
          state.sysctls.get(`net/ipv6/conf/${name}/${key}`);
        const accepts = of('accept_ra');
        const isOff = accepts === '0' || (accepts === '1' && of('forwarding') === '1');
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

/** arp_ignore 8 answers for no address; values from 3 on are not for a LAN (ip-sysctl). */
export const arpIgnored: FindCause = ({ model, state }) =>
  [...model.shims, ...model.parents]
    .filter(({ addresses: own }) => own.some(({ family }) => family === 'ipv4'))
    .flatMap(({ name }) => {
      const of = (link: string): number =>
        Number(state.sysctls.get(`net/ipv4/conf/${link}/arp_ignore`) ?? 0);
      const value = Math.max(of(name), of('all'));
      if (!(value > 2)) return [];
      return cause(
        'arp-ignored',
        `\`${name}\` answers no ARP request (\`arp_ignore\` ${value}): the LAN and guests lose the host when they ask again.`,
        {
          link: name,
          hint: `Run \`sysctl -w net/ipv4/conf/${of(name) > 2 ? name : 'all'}/arp_ignore=0\`, and find the file in /etc/sysctl.d that sets it.`,
        },
      );
    });
