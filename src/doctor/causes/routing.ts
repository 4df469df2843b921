/** Causes in routes and policy rules: where the kernel sends packets. */
import { MAIN } from '../../kernel/routes.ts';
import { cause, type FindCause, named } from './cause.ts';

/** The kernel sends packets by another link than the intent, or refuses to. */
export const routeElsewhere: FindCause = ({ probes }) =>
  probes
    .filter(({ expected, link }) => expected !== undefined && link !== expected)
    .map((probe) => {
      const { link, expected, refusal } = probe;
      const where =
        link === undefined
          ? `The kernel refuses packets to the ${named(probe)} (${refusal})`
          : `Packets to the ${named(probe)} leave by \`${link}\``;
      return cause('route-elsewhere', `${where}, not by \`${expected}\`.`, {
        ...(link !== undefined && { link }),
        hint: `\`ip route get ${probe.address}\` shows the route, \`ip rule\` and \`ip route show table all\` where it comes from: a container network with the subnet of the LAN, a tunnel, a blackhole. Change its subnet, or remove it.`,
      });
    });

/** What the host starts leaves by the right link, and its answers and connections do not. */
export const answersElsewhere: FindCause = ({ probes }) =>
  probes
    .filter(
      ({ expected, link, fromOwn }) =>
        expected !== undefined && link === expected && fromOwn !== undefined && fromOwn !== link,
    )
    .slice(0, 2)
    .map((probe) =>
      cause(
        'route-elsewhere',
        `Answers and connections to the ${named(probe)} leave by \`${probe.fromOwn}\`, not by \`${probe.expected}\`: a rule chooses by their source address.`,
        {
          hint: `\`ip rule\` shows a rule \`from\` the subnet or the address of \`${probe.expected}\`; limit it by \`iif\`, or put one with a lower priority before it: \`to\` the LAN, \`lookup main\`.`,
        },
      ),
    );

/** Routes that refuse half of all addresses, or all of them before the default route does anything. */
export const refusedNetworks: FindCause = ({ state }) => {
  const isDefault = (to: string): boolean => /^(?:0\.0\.0\.0|::)\/0$/.test(to);
  return state.routes
    .filter(({ type, to, metric, family, table }) => {
      if (table !== MAIN || !REFUSING.has(type)) return false;
      if (/^(?:0\.0\.0\.0|128\.0\.0\.0|::|8000::)\/1$/.test(to)) return true;
      const other = state.routes.filter(
        (own) =>
          own.family === family &&
          own.table === MAIN &&
          own.type === 'unicast' &&
          isDefault(own.to),
      );
      return isDefault(to) && other.length > 0 && other.every((own) => own.metric > metric);
    })
    .map(({ type, to, family }) =>
      cause('route-elsewhere', `The kernel refuses packets to ${to}: a route of type ${type}.`, {
        hint: `Find what made it (a VPN that blocks all else, a script), or run \`ip ${family === 'ipv6' ? '-6 ' : ''}route delete ${type} ${to}\`.`,
      }),
    );
};

const REFUSING: ReadonlySet<string> = new Set(['blackhole', 'unreachable', 'prohibit']);
