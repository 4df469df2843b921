/** Causes on the host itself: its links, addresses, routes, and who else has them. */
import type { KernelLink } from '../../kernel/types.ts';
import type { Cause, Facts } from '../facts.ts';
import { cause, type FindCause, unanswered } from './cause.ts';

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
