/** Values of a link as an intent has them: without defaults of the language, and without what has no effect there. */

import { type Entry, type FoundLink, itemsOf, leave, scalarOf, set } from './found.ts';
import { dropForeignParameters } from './parameters.ts';

const isOn = (link: FoundLink, key: string): boolean => scalarOf(link, key) === true;

const hasIpv6 = (link: FoundLink): boolean =>
  isOn(link, 'accept-ra') ||
  isOn(link, 'dhcp6') ||
  itemsOf(link, 'addresses').some(({ value }) => String(value).includes(':'));

/** Whether the language has this by default (`help intent`). */
function isDefault(link: FoundLink, { key, value, origin }: Entry): boolean {
  switch (key) {
    case 'dhcp4':
    case 'optional':
    case 'ipv6-privacy':
    case 'ignore-carrier':
      return value === false;
    case 'dhcp6':
      return value === false && !isOn(link, 'accept-ra');
    case 'accept-ra':
      // What a file sets is written, even where `dhcp6` implies it.
      return value === isOn(link, 'dhcp6') && (value === false || origin.path === undefined);
    case 'dhcp-identifier':
      return value === 'mac';
    case 'link-local':
      return Array.isArray(value) && value.join() === (hasIpv6(link) ? 'ipv6' : '');
    case 'ipv6-address-generation':
      return value === 'eui64';
    case 'dhcp4-overrides.route-metric':
      return value === 100;
    default:
      return (
        /^dhcp[46]-overrides\.(?:use-(?:dns|ntp|hostname|mtu|routes)|send-hostname)$/.test(key) &&
        value === true
      );
  }
}

/** Overrides are of a client; advertisements may start the one of DHCPv6. */
function isWithoutClient(link: FoundLink, key: string): boolean {
  const client = /^(dhcp[46])-overrides\./.exec(key)?.[1];
  if (/^(?:ipv6-privacy$|ipv6-address-|ra-overrides\.)/.test(key)) return !isOn(link, 'accept-ra');
  if (client === undefined)
    return key === 'dhcp-identifier' && !isOn(link, 'dhcp4') && !isOn(link, 'dhcp6');
  return !isOn(link, client);
}

/** What of a link is of the device, and stays with the parent under a shim. */
export const OF_DEVICE =
  /^(?:match\.|set-name$|mtu$|wakeonlan$|id$|link$|interfaces$|parameters\.|type$|macaddress$)/;

/** Addresses of a port are without effect, and errors in an intent. */
function dropAddressing(link: FoundLink, master: string): void {
  for (const entry of link.entries.filter(({ key }) => !OF_DEVICE.test(key))) {
    link.entries.splice(link.entries.indexOf(entry), 1);
    if (entry.origin.path === undefined || isDefault(link, entry)) continue;
    const why = `It is a port of \`${master}\`, which has the addresses.`;
    leave(link, entry.origin, `${entry.key}: ${String(entry.value)}`, why);
  }
}

/** Leaves out what needs no words; reports what has no effect without its client. */
export function clean(link: FoundLink): void {
  dropForeignParameters(link);
  if (link.kind === 'bond' && scalarOf(link, 'parameters.mode') === undefined) {
    set(link, 'parameters.mode', 'balance-rr', { note: 'default of the kernel' });
  }
  if (link.master !== undefined) dropAddressing(link, link.master);
  const matched = link.entries.find(({ key }) => key === 'match.macaddress');
  // The intent matches a NIC by its MAC only to name it.
  if (matched && scalarOf(link, 'set-name') === undefined) {
    set(link, 'set-name', link.name, matched.origin);
  }
  for (const entry of [...link.entries]) {
    const isUseless = isWithoutClient(link, entry.key);
    if (!isUseless && !isDefault(link, entry)) continue;
    link.entries.splice(link.entries.indexOf(entry), 1);
    const { path, line } = entry.origin;
    const isElsewhere = link.entries.some(
      ({ origin }) => origin.path === path && origin.line === line,
    );
    if (isUseless && path !== undefined && !isElsewhere && !isDefault(link, entry)) {
      leave(
        link,
        entry.origin,
        `${entry.key}: ${String(entry.value)}`,
        'It has no effect: the link has no such client.',
      );
    }
  }
}
