/** Values of a link as an intent has them: without defaults of the language, and without what has no effect there. */

import { type Entry, type FoundLink, itemsOf, leave, scalarOf, set } from './found.ts';
import { dropForeignParameters } from './parameters.ts';

const isOn = (link: FoundLink, key: string): boolean => scalarOf(link, key) === true;

const hasIpv6 = (link: FoundLink): boolean =>
  isOn(link, 'accept-ra') ||
  isOn(link, 'dhcp6') ||
  itemsOf(link, 'addresses').some(({ value }) => String(value).includes(':'));

/** Whether the language has this by default (`help intent`). */
function isDefault(link: FoundLink, { key, value }: Entry): boolean {
  switch (key) {
    case 'dhcp4':
    case 'optional':
    case 'ipv6-privacy':
    case 'ignore-carrier':
      return value === false;
    case 'dhcp6':
      return value === false && !isOn(link, 'accept-ra');
    case 'accept-ra':
      return value === isOn(link, 'dhcp6');
    case 'dhcp-identifier':
      return value === 'mac';
    case 'link-local':
      return Array.isArray(value) && value.join() === (hasIpv6(link) ? 'ipv6' : '');
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
  if (key === 'ipv6-privacy') return !isOn(link, 'accept-ra');
  if (client === undefined)
    return key === 'dhcp-identifier' && !isOn(link, 'dhcp4') && !isOn(link, 'dhcp6');
  return !isOn(link, client);
}

/** Leaves out what needs no words; reports what has no effect without its client. */
export function clean(link: FoundLink): void {
  dropForeignParameters(link);
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
