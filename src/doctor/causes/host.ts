/** Causes on the host itself: its links, addresses, routes, and who else has them. */
import { MAIN } from '../../kernel/routes.ts';
import type { KernelLink } from '../../kernel/types.ts';
import type { Cause, Facts } from '../facts.ts';
import { cause, type FindCause, named, unanswered } from './cause.ts';

/** What differs from the intent, of these codes. */
const drifted =
  (...codes: readonly Cause['code'][]): FindCause =>
  ({ drift }) =>
    drift
      .filter(({ code, severity }) => codes.includes(code) && severity === 'error')
      .map(({ code, severity, message, hint, link }) => ({
        ...{ code, severity, message, hint, certainty: 'certain' as const },
        ...(link !== undefined && { link }),
      }));

export const unreadable = drifted('state-unreadable');
export const links = drifted('link-missing', 'link-down', 'no-carrier', 'link-setting-drift');
export const addresses = drifted(
  ...(['address-on-bare-link', 'address-duplicate', 'address-twice', 'address-missing'] as const),
  ...(['lease-missing', 'address-not-ready'] as const),
);
export const routes = drifted('route-missing', 'rule-missing');
/** What a daemon that lost a link left behind comes after its word. */
export const daemon = drifted('daemon-not-running', 'daemon-state');
export const mac = drifted('mac-drift');

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

/** A switch, a DHCP server or an access list may know the MAC of the intent, and no other. */
export const otherMac: FindCause = (facts) =>
  drifted('mac-drift')(facts)
    .filter(({ link }) => unanswered(facts).some((probe) => probe.link === link && !probe.mac))
    .map((found) => ({ ...found, certainty: 'possible' }));

/** Warnings: all may reach each other, and something is odd. */
export const oddities: FindCause = ({ drift }) =>
  drift
    .filter(({ severity }) => severity === 'warning')
    .map(({ code, severity, message, hint, link }) => ({
      ...{ code, severity, message, hint, certainty: 'possible' as const },
      ...(link !== undefined && { link }),
    }));

const kernelLink = ({ state }: Facts, name: string): KernelLink | undefined =>
  state.links.find((link) => link.name === name);

/** The kernel sends and answers no ARP on a link with IFF_NOARP. */
export const arpOff: FindCause = (facts) =>
  [...facts.model.parents, ...facts.model.shims]
    .filter(
      ({ name, addresses: own }) => own.length > 0 && kernelLink(facts, name)?.hasArp === false,
    )
    .map(({ name }) =>
      cause('arp-off', `ARP is off on \`${name}\`: the host finds nobody, and nobody finds it.`, {
        link: name,
        hint: `Run \`ip link set dev ${name} arp on\`, and find what turned it off.`,
      }),
    );

/** An access point takes frames of its stations' own MACs only (IEEE 802.11, three addresses). */
export const wifi: FindCause = ({ model, wireless }) =>
  model.parents
    .filter(({ name, hasMacvlans }) => hasMacvlans && wireless.includes(name))
    // An ipvlan has the MAC of its parent, and no guest is beside it.
    .filter(
      ({ name }) =>
        !model.shims.some((shim) => shim.parent.name === name && shim.device === 'ipvlan'),
    )
    .map(({ name }) =>
      cause(
        'wifi-parent',
        `\`${name}\` is Wi-Fi: the access point drops frames of any MAC but its own, of the shim and of guests.`,
        { link: name, severity: 'error' },
      ),
    );

/** IPv6 that a sysctl turned off takes every address of it away. */
export const ipv6Off: FindCause = (facts) =>
  [...facts.model.parents, ...facts.model.shims]
    .filter(({ families, name }) => families.includes('ipv6') && kernelLink(facts, name)?.isUp)
    .flatMap(({ name }) => {
      const isOff = facts.state.sysctls.get(`net/ipv6/conf/${name}/disable_ipv6`) === '1';
      if (!isOff) return [];
      return cause('ipv6-disabled', `IPv6 is turned off on \`${name}\` (\`disable_ipv6\`).`, {
        link: name,
        hint: `Run \`sysctl -w net/ipv6/conf/${name}/disable_ipv6=0\`, then let the daemon configure the link again; find the file in /etc/sysctl.d that sets it.`,
      });
    });

/** The host has an address on the NIC alone: by design it does not reach guests on that NIC. */
export const noShim: FindCause = (facts) => {
  const guest = unanswered(facts).find(({ role }) => role === 'guest');
  const parent = facts.model.parents.find(({ name }) => name === guest?.expected);
  if (!guest || !parent || facts.model.shims.some((shim) => shim.parent.name === parent.name)) {
    return [];
  }
  return [
    cause(
      'no-shim',
      `The host has its address on \`${parent.name}\`, and no shim: the kernel passes no frame between a NIC and the macvtaps on it.`,
      { link: parent.name },
    ),
  ];
};

/** A MAC is to be one link's. VLANs and bridges have their link's by nature, passthru its parent's. */
export const duplicateMac: FindCause = ({ state, model }) => {
  const parents = new Set(model.parents.map(({ name }) => name));
  const on = state.links.filter(
    ({ kind, mode, parent }) =>
      (kind === 'macvlan' || kind === 'macvtap') &&
      mode !== 'passthru' &&
      parents.has(parent ?? ''),
  );
  const same = on.flatMap((link) =>
    state.links
      .filter(
        (other) =>
          other.name !== link.name &&
          other.mac === link.mac &&
          (other.name === link.parent || (on.includes(other) && other.parent === link.parent)),
      )
      .map((other) => [link.name, other.name].sort().join('` and `')),
  );
  const ofHost = [...new Set(same)].map((names) =>
    cause('duplicate-mac', `\`${names}\` have the same MAC: the kernel keeps the second one down.`),
  );
  const own = new Map(
    state.links
      .filter(({ name }) => parents.has(name) || on.some((one) => one.name === name))
      .map(({ mac, name }) => [mac, name]),
  );
  const ofLan = state.neighbours
    .filter(({ mac, link }) => mac !== undefined && own.has(mac) && own.get(mac) === link)
    .map(({ address, mac, link }) =>
      cause('duplicate-mac', `${address} has the MAC of \`${own.get(mac)}\`: ${mac}.`, { link }),
    );
  return [...ofHost, ...ofLan];
};

/** As `duplicateMac`, of what was learnt while it was probed. */
export const duplicateMacOfTarget: FindCause = (facts) =>
  unanswered(facts).flatMap((probe) => {
    const theirs = probe.mac ?? probe.macByNic;
    const own = facts.state.links.find(
      ({ mac, name }) => mac !== undefined && mac === theirs && name === probe.link,
    );
    if (!own) return [];
    return cause(
      'duplicate-mac',
      `The ${named(probe)} has the MAC of \`${own.name}\`: ${theirs}.`,
      {
        link: own.name,
      },
    );
  });

/** An entry that somebody set by hand is never asked about again. */
export const staticNeighbour: FindCause = (facts) =>
  unanswered(facts)
    .filter(({ isStatic }) => isStatic)
    .map((probe) =>
      cause(
        'neighbour-static',
        `The MAC of the ${named(probe)} was set by hand (${probe.mac}), and nobody answers there.`,
        {
          certainty: 'likely',
          hint: `Run \`ip neigh delete ${probe.address} dev ${probe.link}\`: the kernel asks for it again.`,
        },
      ),
    );

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
