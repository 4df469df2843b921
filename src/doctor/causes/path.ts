/** Causes on the way of packets: filters of this host, its LAN, whoever should answer. */
import type { Filter, Probe } from '../facts.ts';
import { cause, type FindCause, named, unanswered } from './cause.ts';

/** Hooks that packets of the host itself, or of a guest over a bridge, pass. */
const ON_PATH: ReadonlySet<string> = new Set([
  ...['input', 'output', 'forward', 'ingress', 'egress', 'prerouting', 'postrouting'],
]);

/** Filters that see ARP: without an answer to it, only these can be at fault. */
const SEES_ARP: ReadonlySet<string> = new Set(['arp', 'bridge', 'netdev']);

/** A filter counted a packet while somebody did not answer. */
export const firewallDrops: FindCause = (facts) => {
  const silent = unanswered(facts);
  if (silent.length === 0) return [];
  return facts.filters
    .filter(({ dropped }) => dropped > 0)
    .sort((a, b) => b.dropped - a.dropped)
    .slice(0, 3)
    .map(({ where, dropped, hook }) => {
      const bridge =
        hook === 'forward' ? ' (frames of a bridge pass it where br_netfilter is on)' : '';
      return cause(
        'firewall-drops',
        `A filter of this host dropped ${dropped} ${dropped === 1 ? 'packet' : 'packets'} while it was probed: ${where}${bridge}.`,
        { certainty: 'likely' },
      );
    });
};

/** A filter that drops and does not count, on the way of a packet that was lost. */
export const firewallMayDrop: FindCause = (facts) => {
  const sees = ({ family }: Filter, { mac, address }: Probe): boolean => {
    if (family === 'ip6') return address.includes(':');
    if (family === 'ip' && address.includes(':')) return false;
    return mac !== undefined || SEES_ARP.has(family);
  };
  return facts.filters
    .filter(
      (filter) =>
        filter.packets === undefined &&
        ON_PATH.has(filter.hook ?? '') &&
        filter.hook !== 'forward' &&
        unanswered(facts).some((probe) => sees(filter, probe)),
    )
    .slice(0, 3)
    .map(({ where }) =>
      cause('firewall-may-drop', `A filter of this host may drop the answers: ${where}.`, {
        certainty: 'possible',
        severity: 'error',
      }),
    );
};

export const reversePath: FindCause = (facts) => {
  if (facts.reversePathDrops <= 0 || unanswered(facts).length === 0) return [];
  const strict = facts.state.links
    .map(({ name }) => name)
    .filter((name) => {
      const of = (link: string): number =>
        Number(facts.state.sysctls.get(`net/ipv4/conf/${link}/rp_filter`) ?? 0);
      return name !== 'lo' && Math.max(of(name), of('all')) === 1;
    });
  const list = strict.slice(0, 4).map((name) => `\`${name}\``);
  return [
    cause(
      'rp-filter-drops',
      `The kernel dropped ${facts.reversePathDrops} packets that came in by another link than answers would leave by (\`rp_filter\` 1 on ${list.join(', ')}).`,
    ),
  ];
};

/** Small packets come through, and large ones do not. */
export const pathMtu: FindCause = ({ probes }) =>
  probes
    .filter(({ isAnswered, isLargeAnswered }) => isAnswered && isLargeAnswered === false)
    .map((probe) =>
      cause(
        'path-mtu',
        `The ${named(probe)} answers small packets, and none of ${probe.mtu} bytes, the MTU of \`${probe.link}\`.`,
      ),
    );

/** The LAN answers the NIC's own MAC, and not the shim's. */
export const foreignMacs: FindCause = (facts) =>
  unanswered(facts)
    .filter(({ answersNic }) => answersNic === true)
    .map((probe) => {
      const parent = facts.model.shims.find(({ name }) => name === probe.link)?.parent.name ?? '';
      return cause(
        'foreign-macs-dropped',
        `The ${named(probe)} answers ARP under the MAC of \`${parent}\`, and not under that of \`${probe.link}\`: something between them drops MACs that it does not know.`,
        { link: parent, certainty: 'likely' },
      );
    });

export const gatewaySilent: FindCause = (facts) =>
  unanswered(facts)
    .filter(
      ({ role, mac, answersNic, link }) =>
        role === 'gateway' && mac === undefined && answersNic !== true && link !== undefined,
    )
    .map((probe) => {
      const also = probe.answersNic === false ? ', nor under the MAC of the NIC' : '';
      return cause(
        'gateway-silent',
        `The ${named(probe)} does not answer ${probe.address.includes(':') ? 'neighbour discovery' : 'ARP'} on \`${probe.link}\`${also}.`,
        { ...(probe.link !== undefined && { link: probe.link }), certainty: 'possible' },
      );
    });

/** It answers ARP, and no ping: packets arrive there. */
export const targetFirewall: FindCause = (facts) =>
  unanswered(facts)
    .filter(({ mac, isStatic }) => mac !== undefined && !isStatic)
    .map((probe) =>
      cause(
        'target-firewall',
        `The ${named(probe)} answers ARP (${probe.mac}), and no ping: its own firewall, or its route back.`,
        { certainty: 'likely' },
      ),
    );
