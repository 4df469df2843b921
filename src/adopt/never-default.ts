/** Links that get no default route, whatever gateway or lease they have: `never-default=true`, `DEFROUTE=no`, `UseGateway=no`. */
import { type FoundLink, itemsOf, leave, type Origin, scalarOf, set } from './found.ts';
import { familyOf } from './values.ts';

/** Called when all else of the link is read. */
export function dropDefaultRoutes(
  link: FoundLink,
  family: 'ipv4' | 'ipv6',
  at: Origin,
  setting: string,
): void {
  for (const entry of itemsOf(link, 'routes')) {
    const { value } = entry;
    if (typeof value !== 'object' || !('to' in value) || value.to !== 'default') continue;
    const via = 'via' in value ? String(value.via) : '';
    if ('table' in value || familyOf(via) !== family) continue;
    link.entries.splice(link.entries.indexOf(entry), 1);
    const why = `\`${setting}\`: it is not used.`;
    link.left.push({ origin: entry.origin, setting: `gateway ${via}`, why, isNote: true });
  }
  if (family === 'ipv4' && scalarOf(link, 'dhcp4') === true) {
    withoutRoutes(link, at, setting);
    return;
  }
  if (family === 'ipv6' && scalarOf(link, 'accept-ra') === true) {
    leave(link, at, setting);
    return;
  }
  const why = 'The intent has no default route for this family.';
  link.left.push({ origin: at, setting, why, isNote: true });
}

const ADD_ROUTES = 'If the host needs other routes of the lease, add them to the intent.';

/** The language has a word for all routes of a lease, not for the default route alone. */
export function withoutRoutes(link: FoundLink, at: Origin, setting: string): void {
  set(link, 'dhcp4-overrides.use-routes', false, at);
  const why = 'The intent ignores all routes of the lease (`use-routes: false`).';
  link.left.push({ origin: at, setting, why, isNote: true, hint: ADD_ROUTES });
}
