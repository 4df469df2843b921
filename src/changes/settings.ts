/** What a change of a setting that parents and shims share does. */

import type { DhcpOverrides, Parent, RaOverrides, Shim } from '../model/types.ts';
import { leaseText } from './addressed.ts';
import { type Change, type ChangeSeverity, linkName } from './words.ts';

/** One key of a link; `undefined`: compared over all links, or derived from other keys. */
export type Aspect<T> = ((before: T, after: T) => Change[]) | undefined;

/** A change if the printed value differs. */
export function when<T extends { readonly name: string }>(
  value: (link: T) => unknown,
  describe: (before: T, after: T) => readonly [ChangeSeverity, string],
): Aspect<T> {
  return (before, after) => {
    if (printed(value(before)) === printed(value(after))) return [];
    const [severity, message] = describe(before, after);
    return [{ severity, subject: after.name, message }];
  };
}

/** Without places in the intent: moving a line there changes no machine. */
const printed = (value: unknown): string =>
  JSON.stringify(value, (key, part: unknown) => (key === 'origin' ? undefined : part)) ?? '';

type Common = Parent | Shim;

const isDynamic = ({ dhcp4, dhcp6, acceptRa }: Common): boolean =>
  dhcp4 !== undefined || dhcp6 !== undefined || acceptRa;

/** Whether it uses DHCP, or a router may make it use DHCPv6. */
const isClient = ({ dhcp4, dhcp6, acceptRa, dhcp6ByRouter }: Common): boolean =>
  dhcp4 !== undefined || dhcp6 !== undefined || (acceptRa && dhcp6ByRouter);

/** Differing options of a DHCP client, by their names in the intent. */
function optionsText(before: DhcpOverrides, after: DhcpOverrides): string {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const values = (options: DhcpOverrides, key: string): string =>
    optionText(Object.entries(options).find(([name]) => name === key)?.[1]);
  return keys
    .filter((key) => key !== 'origin' && values(before, key) !== values(after, key))
    .map((key) => {
      const name = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      return `\`${name}\` ${values(after, key)} (was ${values(before, key)})`;
    })
    .join(', ');
}

const optionText = (value: unknown): string =>
  value === undefined ? "the client's default" : String(value);

/** Settings that parents and shims share. */
export const SHARED = {
  name: undefined,
  origin: undefined,
  addresses: undefined,
  routes: undefined,
  rules: undefined,
  dhcp6ByRouter: undefined,
  families: undefined,
  macDerived: undefined,
  nameservers: when<Common>(
    ({ nameservers }) => nameservers.map(({ address }) => address),
    (_, { name, nameservers }) => [
      'harmless',
      `Name servers of ${linkName(name)}: ${nameservers.map(({ address }) => address).join(', ') || 'none'}.`,
    ],
  ),
  search: when<Common>(
    ({ search }) => search.map(({ domain }) => domain),
    (_, { name, search }) => [
      'harmless',
      `Search domains of ${linkName(name)}: ${search.map(({ domain }) => domain).join(', ') || 'none'}.`,
    ],
  ),
  dnsDefaultRoute: when<Common>(
    (link) => link.dnsDefaultRoute,
    (_, { name, dnsDefaultRoute }) => [
      'harmless',
      `The name servers of ${linkName(name)} are asked for ${DNS_SCOPE[String(dnsDefaultRoute)] ?? "the names that are the system's default"}.`,
    ],
  ),
  multicastDns: when<Common>(
    (link) => link.multicastDns,
    (_, { name, multicastDns = "the system's default" }) => [
      'harmless',
      `Multicast DNS of ${linkName(name)}: ${multicastDns}.`,
    ],
  ),
  firewallZone: when<Common>(
    (link) => link.firewallZone,
    (_, { name, firewallZone = 'the default zone' }) => [
      'may-lock-out',
      `The zone of ${linkName(name)} in firewalld becomes ${firewallZone}: what it does not allow is blocked.`,
    ],
  ),
  // Switching on or off is compared over all links at once.
  dhcp4: (before: Common, after: Common): Change[] => {
    if (!before.dhcp4 || !after.dhcp4) return [];
    const isRoute =
      before.dhcp4.useRoutes !== after.dhcp4.useRoutes ||
      before.dhcp4.routeMetric !== after.dhcp4.routeMetric ||
      before.dhcp4.table !== after.dhcp4.table;
    const options = optionsText(before.dhcp4, after.dhcp4);
    const message = `DHCP of ${linkName(after.name)}: ${options}.`;
    const severity = isRoute ? 'may-lock-out' : 'harmless';
    return options === '' ? [] : [{ severity, subject: after.name, message }];
  },
  dhcp6: (before: Common, after: Common): Change[] => {
    if (!before.dhcp6 || !after.dhcp6) return [];
    const options = optionsText(before.dhcp6, after.dhcp6);
    const message = `DHCPv6 of ${linkName(after.name)}: ${options}.`;
    return options === '' ? [] : [{ severity: 'harmless', subject: after.name, message }];
  },
  identifier: (before: Common, after: Common): Change[] => {
    if (before.identifier === after.identifier || !isClient(before) || !isClient(after)) return [];
    const words = { mac: 'MAC', duid: 'DUID' };
    const message = `${linkName(after.name)} identifies itself to DHCP servers by its ${words[after.identifier]} (was ${words[before.identifier]}). ${leaseText({ ...after, acceptRa: false })}`;
    return [{ severity: 'may-lock-out', subject: after.name, message: message.trim() }];
  },
  // Switching on or off is compared over all links at once.
  acceptRa: undefined,
  raOverrides: (before: Common, after: Common): Change[] => {
    if (!before.acceptRa || !after.acceptRa) return [];
    const [then, now] = [usedOfRa(before), usedOfRa(after)];
    const options = optionsText(then, now).replaceAll("the client's default", 'the default');
    const message = `Router advertisements on ${linkName(after.name)}: ${options}.`;
    const severity = then.table === now.table ? 'harmless' : 'may-lock-out';
    return options === '' ? [] : [{ severity, subject: after.name, message }];
  },
  addressGeneration: (before: Common, after: Common): Change[] => interfaceIdChange(before, after),
  // Reported with the other.
  addressToken: undefined,
  ipv6Privacy: (before: Common, after: Common): Change[] => {
    if (!before.acceptRa || !after.acceptRa || before.ipv6Privacy === after.ipv6Privacy) return [];
    const name = linkName(after.name);
    const message = after.ipv6Privacy
      ? `The host sends from temporary IPv6 addresses over ${name}: what admits it by its stable address no longer does.`
      : `${name} loses its temporary IPv6 addresses, and the host sends from its stable one.`;
    return [{ severity: 'drops-connections', subject: after.name, message }];
  },
  linkLocal: when<Common>(
    ({ linkLocal }) => linkLocal,
    (before, { name, linkLocal }) => [
      'drops-connections',
      `Link-local addresses of ${linkName(name)}: ${linkLocal.join(', ') || 'none'} (were ${before.linkLocal.join(', ') || 'none'}).`,
    ],
  ),
  mtu: (before: Common, after: Common): Change[] => mtuChange(before, after),
  optional: when<Common>(
    ({ optional }) => optional,
    (_, { name, optional }) => [
      'harmless',
      optional ? `Boot does not wait for ${linkName(name)}.` : `Boot waits for ${linkName(name)}.`,
    ],
  ),
  ignoreCarrier: when<Common>(
    ({ ignoreCarrier }) => ignoreCarrier,
    (_, { name, ignoreCarrier }) => [
      'harmless',
      ignoreCarrier
        ? `${linkName(name)} keeps its addresses without a carrier.`
        : `${linkName(name)} has its addresses only while there is a carrier.`,
    ],
  ),
} as const;

const NO_RA: RaOverrides = { origin: [] };

/** What is used of advertisements: name servers are ignored with those of DHCPv6, unless the intent has both. */
const usedOfRa = ({ raOverrides = NO_RA, dhcp6 }: Common): RaOverrides =>
  raOverrides.useDns === undefined && dhcp6?.useDns === false
    ? { ...raOverrides, useDns: false }
    : raOverrides;

const interfaceId = ({ addressToken, addressGeneration }: Common): string =>
  addressToken !== undefined
    ? `end in the token \`${addressToken}\``
    : addressGeneration === 'eui64'
      ? 'are made from the MAC'
      : 'are made from a secret of the host';

function interfaceIdChange(before: Common, after: Common): Change[] {
  const [then, now] = [interfaceId(before), interfaceId(after)];
  if (!before.acceptRa || !after.acceptRa || then === now) return [];
  const message = `Addresses of ${linkName(after.name)} by router advertisement ${now} (before, they ${then.replace(/^end/, 'ended').replace(/^are/, 'were')}): reconnect at another IPv6 address.`;
  return [{ severity: 'may-lock-out', subject: after.name, message }];
}

const DNS_SCOPE: Readonly<Record<string, string>> = {
  true: 'any name',
  false: 'their own search domains only',
};

interface Sized {
  readonly name: string;
  readonly mtu?: number;
}

const DEFAULT_MTU = 1500;

/** Above the LAN's MTU, large frames are lost without an error, and established sessions hang. */
export function mtuChange(before: Sized, { name, mtu }: Sized): Change[] {
  if (before.mtu === mtu) return [];
  const text = (value: number | undefined): string => String(value ?? 'the default');
  const isAbove = (mtu ?? DEFAULT_MTU) > Math.max(before.mtu ?? DEFAULT_MTU, DEFAULT_MTU);
  const because = isAbove
    ? ' If the MTU of the LAN is lower, large frames are lost and sessions hang.'
    : '';
  const message = `The MTU of ${linkName(name)} becomes ${text(mtu)} (was ${text(before.mtu)}).${because}`;
  return [{ severity: isAbove ? 'may-lock-out' : 'drops-connections', subject: name, message }];
}

export const mac = when<Common>(
  ({ macaddress }) => macaddress,
  (before, after) => {
    const [now, then] = [after.macaddress ?? 'its own', before.macaddress ?? 'its own'];
    const text = `The MAC of ${linkName(after.name)} becomes ${now} (was ${then}).`;
    return isDynamic(after)
      ? ['may-lock-out', `${text} ${leaseText(after)}`.trim()]
      : ['drops-connections', `${text} A switch that filters by MAC must admit it.`];
  },
);
