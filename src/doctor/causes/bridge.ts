/** Causes at a bridge below the shim: its ports. */
import { cause, type FindCause } from './cause.ts';

/** A port that does not forward has a carrier, and lets nothing through. A bridge whose ports all are has none itself. */
export const bridgePorts: FindCause = ({ model, state }) =>
  model.parents
    .filter(({ kind }) => kind === 'bridge')
    .flatMap(({ name, members }) =>
      state.links
        .filter(
          (link) =>
            // The ports of one that is down are disabled for that reason.
            state.links.some((one) => one.name === name && one.isUp) &&
            members.includes(link.name) &&
            link.master === name &&
            link.isUp &&
            link.hasCarrier &&
            link.portState !== undefined &&
            link.portState !== 'forwarding',
        )
        .map((link) =>
          cause(
            'bridge-port-blocked',
            `The port \`${link.name}\` of \`${name}\` is ${link.portState}, and lets no frame through.`,
            {
              link: link.name,
              hint: `\`bridge link show dev ${link.name}\` shows its state. A bridge with STP listens for a while (\`ip link set dev ${name} type bridge stp_state 0\`, or \`stp: false\` in the intent); one that a program set stays so: \`bridge link set dev ${link.name} state 3\`.`,
            },
          ),
        ),
    );
