/** Causes in policies of IPsec: they take packets after routing, and before the neighbour is asked. */
import { contains, parseCidr, parseIp } from '../../model/ip.ts';
import type { Facts, IpsecPolicy, Probe } from '../facts.ts';
import { cause, type FindCause, named, unanswered } from './cause.ts';

/** The policy that a packet of a direction falls under: of those that match, the lowest priority. */
function policyFor(
  { ipsec }: Facts,
  direction: IpsecPolicy['direction'],
  [from, to]: readonly [string, string],
): IpsecPolicy | undefined {
  const isIn = (network: string, address: string): boolean => {
    const [range, ip] = [parseCidr(network), parseIp(address)];
    return range !== undefined && ip !== undefined && contains(range, ip);
  };
  return ipsec.policies
    .filter(
      (one) => one.direction === direction && isIn(one.source, from) && isIn(one.destination, to),
    )
    .sort((a, b) => a.priority - b.priority)[0];
}

const show = ({ direction, source, destination }: IpsecPolicy): string =>
  `dir ${direction}, src ${source} dst ${destination}`;

function ofProbe(facts: Facts, probe: Probe): readonly IpsecPolicy[] {
  const { source, address } = probe;
  if (source === undefined) return [];
  const both = [
    policyFor(facts, 'out', [source, address]),
    policyFor(facts, 'in', [address, source]),
  ];
  return both.filter(
    (one) => one !== undefined && (one.isBlocking || one.isEncrypting),
  ) as IpsecPolicy[];
}

/** A policy for all addresses takes the LAN, too, unless another one excepts it (strongSwan: bypass-lan). */
export const ipsecDrops: FindCause = (facts) => {
  const { lost } = facts.ipsec;
  // Where the kernel counts, and has lost nothing, packets pass encrypted.
  if (lost?.size === 0) return [];
  const counted = [...(lost ?? [])].map(([name, count]) => `${name} ${count}`).join(', ');
  const seen = counted === '' ? '' : ` (${counted})`;
  return unanswered(facts).flatMap((probe) =>
    ofProbe(facts, probe)
      .slice(0, 1)
      .map((policy) => {
        const does = policy.isBlocking ? 'drops' : 'lets pass with IPsec only';
        const which = policy.direction === 'out' ? 'packets to' : 'packets from';
        return cause(
          'ipsec-drops',
          `A policy of IPsec ${does} ${which} the ${named(probe)}: ${show(policy)}${seen}.`,
          { certainty: lost === undefined ? 'possible' : 'likely' },
        );
      }),
  );
};
