/** Causes on the LAN, and at whoever should answer; what looks alike from here is narrowed down by comparison. */
import type { Facts, Probe } from '../facts.ts';
import { cause, type FindCause, named, unanswered } from './cause.ts';
import { isUnlisted } from './modes.ts';

/** Others that were asked by the same link, and answer: what they have in common is in order. */
const alsoAnswering = ({ probes }: Facts, probe: Probe): string => {
  const other = probes.find(({ isAnswered, link }) => isAnswered && link === probe.link);
  return other === undefined ? '' : `, while the ${named(other)} answers on the same link`;
};

/** The NIC below a probe's link. */
const nicOf = ({ model }: Facts, { link }: Probe): string | undefined =>
  model.shims.find(({ name }) => name === link)?.parent.name ?? link;

/** The LAN answers the NIC's own MAC, and not the shim's. */
export const foreignMacs: FindCause = (facts) =>
  unanswered(facts)
    // A list of MACs explains it, where the shim has one.
    .filter((probe) => !isUnlisted(facts, probe))
    // Like is compared with like: under both MACs, a request without a sender.
    .filter(
      ({ answersNic, role, macWithoutSender }) =>
        answersNic === true && role === 'gateway' && macWithoutSender === undefined,
    )
    .map((probe) => {
      const parent = nicOf(facts, probe) ?? '';
      return cause(
        'foreign-macs-dropped',
        `The ${named(probe)} answers ARP under the MAC of \`${parent}\`, and not under that of \`${probe.link}\`: something between them drops MACs that it does not know.`,
        {
          link: parent,
          certainty: 'likely',
          alternatives: [
            'A hypervisor below this host: `systemd-detect-virt` names it; allow forged transmits, MAC spoofing or promiscuous mode there.',
            'Port security of the switch: its log and its table of MACs show this port.',
            `A driver that receives no second MAC: it works while \`ip link set dev ${parent} promisc on\` is in effect.`,
          ],
        },
      );
    });

export const gatewaySilent: FindCause = (facts) =>
  unanswered(facts)
    .filter(
      ({ role, mac, answersNic, link, macWithoutSender }) =>
        role === 'gateway' &&
        mac === undefined &&
        (answersNic !== true || macWithoutSender !== undefined) &&
        link !== undefined,
    )
    .map((probe) => {
      const also = probe.answersNic === false ? ', nor under the MAC of the NIC' : '';
      const nic = nicOf(facts, probe) ?? '';
      const heard = facts.received.get(nic);
      const came =
        heard === undefined
          ? ''
          : heard === 0
            ? `; nothing at all came in on \`${nic}\` meanwhile`
            : `; other frames came in on \`${nic}\` meanwhile`;
      const isDeaf = heard === 0;
      const raw = probe.macWithoutSender;
      const security = portSecurity(facts, nic);
      const ignores =
        'It answers requests without a sender, and not those of this host: it has the address of this host, or no route to its subnet.';
      const vlan = `This port is in another VLAN, or expects tags: \`tcpdump -eni ${nic}\` shows whose frames are heard, and their tags.`;
      const down =
        'The gateway is down or has another address: ask from another machine of the LAN.';
      return cause(
        'gateway-silent',
        `The ${named(probe)} does not answer ${probe.address.includes(':') ? 'neighbour discovery' : 'ARP'} on \`${probe.link}\`${also}${alsoAnswering(facts, probe)}${came}.`,
        {
          ...(probe.link !== undefined && { link: probe.link }),
          certainty: 'possible',
          alternatives:
            raw !== undefined
              ? [ignores]
              : [...(isDeaf ? [vlan, down] : [down, vlan]), ...security],
        },
      );
    });

/** A port that knows the MAC of the NIC alone drops that of a bridge or bond on top of it, too. */
function portSecurity({ model, state }: Facts, name: string): string[] {
  const macOf = (wanted: string): string | undefined =>
    state.links.find((link) => link.name === wanted)?.mac;
  const members = model.parents.find((parent) => parent.name === name)?.members ?? [];
  const own = macOf(name);
  const theirs = members.flatMap((member) => macOf(member) ?? []);
  if (own === undefined || theirs.length === 0 || theirs.includes(own)) return [];
  return [
    `A hypervisor or port security that knows the MAC of \`${members.join('`, `')}\` only: \`${name}\` has another (${own}).`,
  ];
}

/** It answers ARP, and no ping: packets arrive there. */
export const targetFirewall: FindCause = (facts) =>
  unanswered(facts)
    .filter(({ mac, isStatic }) => mac !== undefined && !isStatic)
    .map((probe) => {
      const inside = probe.role === 'guest' ? ' (`virsh console`)' : '';
      return cause(
        'target-firewall',
        `The ${named(probe)} answers ARP (${probe.mac}), and no ping${alsoAnswering(facts, probe)}: its own firewall, or the route of its answers.`,
        {
          certainty: 'likely',
          alternatives: [
            `Its own firewall, or it answers no pings: try what it offers (\`nc -zv ${probe.address} 22\`), and look at its rules from inside${inside}.`,
            'Its answers leave elsewhere: `ip route get` for an address of this host, there, shows by which link.',
            'It has an old MAC of this host: `ip neigh` there; delete the entry, or wait until it is out of date.',
          ],
        },
      );
    });
