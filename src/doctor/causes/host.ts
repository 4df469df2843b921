/** Causes on the host itself: its links, addresses, routes, and who else has them. */
import type { KernelLink } from '../../kernel/types.ts';
import type { Cause, Facts, Probe } from '../facts.ts';
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
const linksOnly = drifted('link-missing', 'link-down', 'no-carrier', 'link-setting-drift');

/** A daemon that does not manage a link brings nothing up: that comes before what it left. */
export const links: FindCause = (facts) => {
  const found = linksOnly(facts);
  const { id, links: managed } = facts.state.manager;
  const unmanaged = found
    .flatMap(({ code, link = '' }) => (code === 'link-down' ? link : []))
    .filter((link) => managed.get(link)?.verdict === 'unmanaged')
    .map((link) =>
      cause(
        'daemon-state',
        `\`${link}\` is down, and ${id === 'networkmanager' ? 'NetworkManager' : 'the daemon'} does not manage it (${managed.get(link)?.state}).`,
        {
          link,
          ...(id === 'networkmanager' && {
            hint: `\`nmcli networking\` shows whether networking is on as a whole (\`nmcli networking on\`); else run \`nmcli device set ${link} managed yes\`.`,
          }),
        },
      ),
    );
  return [...unmanaged, ...found];
};
export const addresses = drifted(
  ...(['address-on-bare-link', 'address-duplicate', 'address-twice', 'address-missing'] as const),
  ...(['lease-missing', 'address-not-ready'] as const),
);
export const routes = drifted('route-missing', 'rule-missing');
/** What a daemon that lost a link left behind comes after its word. */
export const daemon = drifted('daemon-not-running', 'daemon-state');
export const mac = drifted('mac-drift');

/** It has a carrier, and a program is to log in first. */
export const dormant: FindCause = ({ model, state }) => {
  const nics = new Set(model.parents.flatMap(({ name, members }) => [name, ...members]));
  return state.links
    .filter(({ name, isDormant }) => isDormant && nics.has(name))
    .map(({ name }) =>
      cause(
        'link-dormant',
        `\`${name}\` has a carrier and is dormant: a program has to log in at the switch (802.1X), and has not.`,
        {
          link: name,
          hint: `Look at the log of \`wpa_supplicant\`, or of the daemon that starts it; \`ip -d link show dev ${name}\` shows the state.`,
        },
      ),
    );
};

/** IPv6 needs 1280 bytes (RFC 8200): below, the kernel turns it off on the link, and its addresses are gone. */
export const mtuBelowIpv6: FindCause = ({ model, state }) =>
  [...model.parents, ...model.shims]
    .filter(({ families }) => families.includes('ipv6'))
    .flatMap(({ name }) => {
      const mtu = state.links.find((link) => link.name === name)?.mtu ?? 0;
      if (mtu === 0 || mtu >= 1280) return [];
      return cause(
        'mtu-drift',
        `The MTU of \`${name}\` is ${mtu}: the kernel has no IPv6 on a link of less than 1280 bytes.`,
        {
          link: name,
          severity: 'error',
          hint: `Run \`ip link set dev ${name} mtu 1500\`, or what the intent has, and let the daemon configure the link again.`,
        },
      );
    });

/** The kernel keeps broadcasts for the macvlans on a NIC in one queue: of the greatest length that one of them asked for. */
export const broadcasts: FindCause = ({ model, state }) =>
  model.parents.flatMap(({ name }) => {
    const on = state.links.filter(
      ({ parent, kind }) => parent === name && (kind === 'macvlan' || kind === 'macvtap'),
    );
    const hasNone = on.length > 0 && on.every((link) => link.broadcastQueueLength === 0);
    if (!hasNone) return [];
    return cause(
      'broadcasts-dropped',
      `Broadcasts of the LAN, ARP requests among them, are dropped at \`${name}\`: the queue for what is on top of it has the length 0 (\`bcqueuelen\`).`,
      {
        link: name,
        hint: `Run \`ip link set dev ${on[0]?.name} type ${on[0]?.kind} bcqueuelen 1000\`, and find what set it.`,
      },
    );
  });

/**
 * A switch, a DHCP server, an access list or the neighbours of a gateway may know the MAC of the intent, and no
 * other. A guest that answers ARP has seen this one.
 */
export const otherMac: FindCause = (facts) =>
  drifted('mac-drift')(facts)
    .filter(({ link }) =>
      unanswered(facts).some(
        (probe) => probe.link === link && (probe.role === 'gateway' || !probe.mac),
      ),
    )
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

const WHERE_FRAMES_GO: ReadonlyMap<string, string> = new Map([
  ['vepa', 'its frames go to the switch, which would have to send them back'],
  ['private', 'it exchanges no frames with what is beside it'],
  ['passthru', 'it has the NIC for itself'],
  ['source', 'it takes frames of the MACs of its list only'],
]);

/** The intent itself has another mode than `bridge`: of a shim that is attached as it says. */
export const shimMode: FindCause = (facts) =>
  unanswered(facts)
    .filter(({ role, mac }) => role === 'guest' && mac === undefined)
    .flatMap(({ expected }) => {
      const shim = facts.model.shims.find(({ name }) => name === expected);
      const why = WHERE_FRAMES_GO.get(shim?.mode ?? '');
      if (!shim || why === undefined) return [];
      return cause(
        'shim-mode',
        `\`${shim.name}\` has mode ${shim.mode} in the intent, and reaches no guest on \`${shim.parent.name}\`: ${why}.`,
        { link: shim.name, certainty: 'likely' },
      );
    });

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

/** As `duplicateMac`, on two NICs of one LAN. */
export const duplicateMacOfLan: FindCause = ({ twins }) =>
  twins.map(({ shim, other }) =>
    cause(
      'duplicate-mac',
      `\`${shim}\` and \`${other}\` have the same MAC on two NICs of one LAN: the switch sends frames for it to whichever sent last.`,
      { link: other },
    ),
  );

/** As `duplicateMac`, of what was learnt while it was probed: a frame to that MAC goes to the link of this host. */
export const duplicateMacOfTarget: FindCause = (facts) =>
  unanswered(facts).flatMap((probe) => {
    const theirs = probe.mac ?? probe.macByNic;
    const own = facts.state.links.find(
      (link) => link.mac !== undefined && link.mac === theirs && isBeside(facts, probe, link),
    );
    if (!own) return [];
    const isGuests = facts.guests.some(({ name }) => name === own.name);
    return cause(
      'duplicate-mac',
      `The ${named(probe)} has the MAC of \`${own.name}\`: ${theirs}.`,
      { link: own.name, ...(isGuests && { certainty: 'likely' as const }) },
    );
  });

/**
 * The link of the probe, or another one on the same NIC. The device of a guest counts where the guest itself answers
 * under that MAC: else the guest may be the gateway.
 */
function isBeside({ model, guests, probes }: Facts, probe: Probe, link: KernelLink): boolean {
  if (link.name === probe.link) return true;
  const nic = model.shims.find(({ name }) => name === probe.link)?.parent.name;
  if (probe.role === 'guest' || nic === undefined) return false;
  if (link.name !== nic && link.parent !== nic) return false;
  return (
    !guests.some(({ name }) => name === link.name) ||
    probes.some(({ role, isAnswered, mac }) => role === 'guest' && isAnswered && mac === link.mac)
  );
}

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
