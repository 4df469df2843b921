/** Causes on this host that take packets on their way: rules, address translation, queues, programs. */
import type { Facts, Probe } from '../facts.ts';
import type { Packet } from '../rules/ruleset.ts';
import { type Taken, takersOf } from '../rules/walk.ts';
import { cause, type FindCause, named, unanswered } from './cause.ts';
import { legsOf } from './packets.ts';

/** What takes the packets of a probe, by what is known of its rules; certain ones first. */
export function takers(facts: Facts, probe: Probe): readonly Taken[] {
  const found = legsOf(facts, probe).flatMap(({ packet, isSure }) =>
    takersOf(facts.ruleset, tracked(facts, packet)).map((taken) => ({
      ...taken,
      isCertain: taken.isCertain && isSure,
    })),
  );
  return [...found.filter(({ isCertain }) => isCertain), ...found.filter((one) => !one.isCertain)];
}

/** Its state, where a rule before keeps it from connection tracking. */
function tracked({ ruleset }: Facts, packet: Packet): Packet {
  const untracked = takersOf(ruleset, packet).filter(({ kind }) => kind === 'untrack');
  if (untracked.length === 0) return packet;
  const { state: _, ...unknown } = packet;
  return untracked.some(({ isCertain }) => isCertain) ? { ...packet, state: 'untracked' } : unknown;
}

export const reachable = (facts: Facts): readonly Probe[] =>
  unanswered(facts).filter(({ link }) => link !== undefined);

/** Those of whom packets were lost on the way: all of them, or the large ones. */
const lossy = ({ probes }: Facts): readonly Probe[] =>
  probes.filter(
    ({ link, isAnswered, isLargeAnswered }) =>
      link !== undefined && (!isAnswered || isLargeAnswered === false),
  );

/** A filter that the packets pass counted some, while somebody did not answer. */
export const firewallDrops: FindCause = (facts) => {
  const onTheWay = new Set(
    lossy(facts).flatMap((probe) => takers(facts, probe).map(({ where }) => where)),
  );
  return facts.filters
    .filter(({ dropped, where }) => dropped > 0 && onTheWay.has(where))
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

/** A filter that does not count, on the way of a packet that was lost. */
export const firewallMayDrop: FindCause = (facts) => {
  const harmless = new Set(
    facts.probes
      .filter(({ isAnswered }) => isAnswered)
      // Small packets pass what takes them, whatever becomes of large ones.
      .flatMap(({ isLargeAnswered: _, ...small }) => takers(facts, small))
      .map(({ where }) => where),
  );
  const found = lossy(facts).flatMap((probe) =>
    takers(facts, probe).filter(
      ({ kind, packets, where, isCertain }) =>
        kind === 'drop' &&
        packets === undefined &&
        ((isCertain && !probe.isAnswered) || !harmless.has(where)),
    ),
  );
  const certain = found.filter(({ isCertain }) => isCertain);
  const best = certain.length > 0 ? certain : found;
  return best
    .slice(0, 3)
    .map(({ where, isCertain }) =>
      cause(
        'firewall-may-drop',
        isCertain
          ? `By its conditions a filter of this host drops these packets: ${where}.`
          : `A filter of this host may drop these packets: ${where}.`,
        { certainty: isCertain ? 'likely' : 'possible', severity: 'error' },
      ),
    );
};

/** Requests that go to another machine, or leave with an address to which no answer comes back. */
export const natRewrites: FindCause = (facts) => {
  const own = new Set(
    facts.state.links.flatMap(({ addresses }) => addresses.map(({ address }) => address)),
  );
  return reachable(facts).flatMap((probe) =>
    takers(facts, probe)
      .filter(({ kind, address }) => {
        if (kind === 'destination') return address !== probe.address;
        return kind === 'source' && address !== undefined && !own.has(address);
      })
      .slice(0, 1)
      .map(({ where, kind, address, isCertain }) => {
        const effect =
          kind === 'source'
            ? `leave with the source address ${address}, which this host does not have`
            : `go to ${address ?? 'this host itself'} instead`;
        return cause('nat-rewrites', `Packets to the ${named(probe)} ${effect}: ${where}.`, {
          certainty: isCertain ? 'likely' : 'possible',
        });
      }),
  );
};

/** The links that packets to and from a probe pass: its own, what is below, and devices of guests. */
function linksOf({ model, guests }: Facts, { link, role }: Probe): ReadonlySet<string> {
  const shim = model.shims.find(({ name }) => name === link);
  return new Set([
    ...(link === undefined ? [] : [link]),
    ...(shim ? [shim.parent.name, ...shim.parent.members] : []),
    ...(role === 'guest' ? guests.flatMap(({ name }) => name ?? []) : []),
  ]);
}

/** A queue, or a filter at it, dropped packets (tc(8)). */
export const queueDrops: FindCause = (facts) => {
  const passed = new Set(lossy(facts).flatMap((probe) => [...linksOf(facts, probe)]));
  return facts.queues
    .filter(({ link }) => passed.has(link))
    .map(({ link, kind, dropped }) =>
      cause(
        'traffic-control-drops',
        `Traffic control dropped ${dropped} ${dropped === 1 ? 'packet' : 'packets'} on \`${link}\` while it was probed: its queue \`${kind}\`, or a filter there.`,
        {
          link,
          certainty: 'likely',
          hint: `\`tc -s qdisc show dev ${link}\` and \`tc -s filter show dev ${link} ingress\` show what limits or redirects; find the program that set it up (a shaper, a container's bandwidth limit).`,
        },
      ),
    );
};

/** A program sees each frame before ARP and filters do, and counts nothing that others could read. */
export const xdp: FindCause = (facts) => {
  const passed = new Set(reachable(facts).flatMap((probe) => [...linksOf(facts, probe)]));
  return facts.state.links
    .filter(({ name, hasXdp }) => hasXdp && passed.has(name))
    .map(({ name }) =>
      cause(
        'xdp-may-drop',
        `An XDP program on \`${name}\` sees each frame before the kernel does, and somebody does not answer.`,
        {
          link: name,
          certainty: 'possible',
          hint: `Find whose program it is (\`ip -d link show dev ${name}\`, \`bpftool prog\`); \`ip link set dev ${name} xdp off\` detaches it.`,
        },
      ),
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

/** No room for one more neighbour: the kernel cannot ask for a MAC that it does not know. */
export const neighbourTable: FindCause = (facts) => {
  const { neighbourTable: table } = facts;
  const isMissing = unanswered(facts).some(({ mac }) => mac === undefined);
  if (!table || !isMissing || table.entries < table.limit) return [];
  return [
    cause(
      'neighbour-table-full',
      `The kernel's table of neighbours is full: ${table.entries} entries, and \`gc_thresh3\` is ${table.limit}.`,
      { certainty: 'likely' },
    ),
  ];
};
