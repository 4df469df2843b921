/** Causes at a bridge below the shim: its ports, and what was set in its table of MACs. */
import type { KernelLink } from '../../kernel/types.ts';
import type { Facts } from '../facts.ts';
import { cause, type FindCause, named, unanswered } from './cause.ts';

interface Port {
  readonly bridge: string;
  readonly link: KernelLink;
}

/** Ports of the intent that are in their bridge, and could let something through. */
const portsOf = ({ model, state }: Facts): readonly Port[] =>
  model.parents
    .filter(({ kind }) => kind === 'bridge')
    // The ports of a bridge that is down are disabled for that reason.
    .filter(({ name }) => state.links.some((one) => one.name === name && one.isUp))
    .flatMap(({ name, members }) =>
      state.links
        .filter(
          (link) =>
            members.includes(link.name) && link.master === name && link.isUp && link.hasCarrier,
        )
        .map((link) => ({ bridge: name, link })),
    );

/** A port that does not forward has a carrier, and lets nothing through. A bridge whose ports all are has none itself. */
export const bridgePorts: FindCause = (facts) =>
  portsOf(facts)
    .filter(({ link }) => link.portState !== undefined && link.portState !== 'forwarding')
    .map(({ bridge, link }) =>
      cause(
        'bridge-port-blocked',
        `The port \`${link.name}\` of \`${bridge}\` is ${link.portState}, and lets no frame through.`,
        {
          link: link.name,
          hint: `\`bridge link show dev ${link.name}\` shows its state. A bridge with STP listens for a while (\`ip link set dev ${bridge} type bridge stp_state 0\`, or \`stp: false\` in the intent); one that a program set stays so: \`bridge link set dev ${link.name} state 3\`.`,
        },
      ),
    );

/**
 * A port may be set to send on only what the bridge has learnt (ip-link(8), bridge_slave). What the host itself
 * broadcasts leaves in spite of it, so that ARP is answered, and nothing else.
 */
export const bridgeFlooding: FindCause = (facts) =>
  unanswered(facts).some(({ mac }) => mac !== undefined)
    ? portsOf(facts)
        .filter(({ link }) => link.hasNoFlood)
        .map(({ bridge, link }) =>
          cause(
            'bridge-port-blocked',
            `The port \`${link.name}\` of \`${bridge}\` sends no frames for a MAC that the bridge has not learnt (\`flood off\`).`,
            {
              link: link.name,
              certainty: 'likely',
              hint: `Run \`bridge link set dev ${link.name} flood on learning on\`, and find the program that turned it off.`,
            },
          ),
        )
    : [];

/** An entry that a program set overrides what the bridge learns. */
export const bridgeEntries: FindCause = (facts) =>
  unanswered(facts).flatMap((probe) => {
    const macs = new Set([probe.mac, ...probe.macs]);
    return facts.entries
      .filter(({ mac, port, bridge }) => {
        const members = facts.model.parents.find(({ name }) => name === bridge)?.members ?? [];
        return macs.has(mac) && !(members.length === 1 && members[0] === port);
      })
      .map(({ bridge, port, mac }) =>
        cause(
          'bridge-entry-static',
          `\`${bridge}\` sends frames for the MAC of the ${named(probe)} (${mac}) to its port \`${port}\`, by an entry that was set by hand.`,
          {
            link: port,
            certainty: 'likely',
            hint: `Run \`bridge fdb delete ${mac} dev ${port} master\`: the bridge learns the port again.`,
          },
        ),
      );
  });
