/**
 * Intent → model: references are followed, defaults decided, addresses understood. Whether the
 * whole makes sense is asked of `rules.ts`; there is a model only if nothing was wrong.
 */
import { type Diagnostic, hasErrors, type Outcome, type Path } from '../diagnostics/diagnostic.ts';
import type { GuestIntent, Intent, ShimIntent, TapIntent } from '../intent/schema.ts';
import { deriveIaid, deriveMac } from './derive.ts';
import { resolveAddressing } from './resolve/addressing.ts';
import { itemsOf } from './resolve/items.ts';
import { resolveParents } from './resolve/parents.ts';
import { checkRules } from './rules.ts';
import type { Attachment, Guest, Model, Parent, Shim, SourceMac, Tap } from './types.ts';

/**
 * `draft` is what could be understood beside faults: to be compared with other hosts, and
 * never rendered.
 * @param intent what could be read
 * @param before what was found wrong while reading; no model comes of an intent with errors
 */
export function resolve(
  intent: Intent,
  before: readonly Diagnostic[] = [],
): Outcome<Model> & { readonly draft: Model } {
  const diagnostics: Diagnostic[] = [...before];
  const report = (found: Diagnostic): void => void diagnostics.push(found);
  const { host = '' } = intent;
  const shims = intent.shims ?? new Map<string, ShimIntent>();
  const taps = intent.taps ?? new Map<string, TapIntent>();
  const guests = intent.guests ?? new Map<string, GuestIntent>();
  const parents = resolveParents(intent, report);
  const model: Model = {
    host,
    renderer: intent.renderer ?? 'networkd',
    backends: backendsOf(intent),
    ...(intent.target !== undefined && { target: intent.target }),
    parents: parents.all.filter(({ managed }) => managed),
    unmanaged: parents.all.filter(({ managed }) => !managed),
    shims: [...shims].map(([name, given]) =>
      resolveShim(name, given, parents.find(given.parent), host, report),
    ),
    taps: [...taps].map(([name, given]) =>
      resolveTap(name, given, parents.find(given.parent), host),
    ),
    guests: [...guests].map(([name, given]) =>
      resolveGuest(name, given, parents.find(given.parent)),
    ),
  };
  checkRules(intent, model, diagnostics, report);
  const { value } = hasErrors(diagnostics) ? {} : { value: model };
  return { ...(value && { value }), draft: model, diagnostics };
}

function backendsOf({ backend = [] }: Intent): string[] {
  const named = typeof backend === 'string' ? [backend] : backend;
  return [...new Set(named.filter((name) => name !== undefined))];
}

/** What macvlan, ipvlan and macvtap have in common. */
function resolveAttachment(
  name: string,
  given: ShimIntent | TapIntent,
  parent: Parent,
  host: string,
  origin: Path,
): Attachment & Pick<Tap, 'macaddress' | 'macDerived' | 'mtu'> {
  const isIpvlan = 'kind' in given && given.kind === 'ipvlan';
  const mode = given.mode ?? (isIpvlan ? 'l2' : 'bridge');
  const hasMacOfParent = isIpvlan || mode === 'passthru';
  const mtu = given.mtu ?? parent.mtu;
  const macaddress =
    given.macaddress?.toLowerCase() ?? (hasMacOfParent ? undefined : deriveMac(host, name));
  return {
    parent,
    mode,
    sourceMacs: itemsOf(given['source-macaddresses'], [...origin, 'source-macaddresses']).map(
      ({ item, origin: at }): SourceMac => ({ macaddress: item.toLowerCase(), origin: at }),
    ),
    ...(macaddress !== undefined && { macaddress }),
    macDerived: given.macaddress === undefined,
    ...(mtu !== undefined && { mtu }),
  };
}

function resolveShim(
  name: string,
  given: ShimIntent,
  parent: Parent,
  host: string,
  report: (d: Diagnostic) => void,
): Shim {
  const origin: Path = ['shims', name];
  const attachment = resolveAttachment(name, given, parent, host, origin);
  const device = given.kind ?? 'macvlan';
  const addressing = resolveAddressing(given, origin, attachment.mtu !== undefined, report);
  return {
    name,
    ...attachment,
    ...(given['broadcast-queue-length'] !== undefined && {
      broadcastQueueLength: given['broadcast-queue-length'],
    }),
    ...(given['broadcast-queue-threshold'] !== undefined && {
      broadcastQueueThreshold: given['broadcast-queue-threshold'],
    }),
    device,
    ...addressing,
    // What follows from the MAC, the parent and its other ipvlans have, too: leases, and IPv6 addresses.
    ...(device === 'ipvlan' && {
      identifier: given['dhcp-identifier'] ?? 'duid',
      iaid: deriveIaid(host, name),
      ...(addressing.acceptRa && {
        addressGeneration: given['ipv6-address-generation'] ?? 'stable-privacy',
      }),
    }),
    optional: given.optional ?? false,
    ignoreCarrier: given['ignore-carrier'] ?? false,
    origin,
  };
}

function resolveTap(name: string, given: TapIntent, parent: Parent, host: string): Tap {
  const origin: Path = ['taps', name];
  const permissions = permissionsOf(given);
  return {
    name,
    ...resolveAttachment(name, given, parent, host, origin),
    mode: given.mode ?? 'bridge',
    ...(given.owner !== undefined && { owner: given.owner }),
    ...(given.group !== undefined && { group: given.group }),
    ...(permissions !== undefined && { permissions }),
    allMulticast: given.allmulticast ?? true,
    origin,
  };
}

/** Four octal digits; by default, who is named may read and write (udev(7), MODE). */
function permissionsOf({ owner, group, permissions }: TapIntent): string | undefined {
  if (permissions !== undefined) return permissions.padStart(4, '0');
  if (group !== undefined) return '0660';
  return owner === undefined ? undefined : '0600';
}

function resolveGuest(name: string, given: GuestIntent, parent: Parent): Guest {
  return {
    name,
    parent,
    mode: given.mode ?? 'bridge',
    ...(given.macaddress !== undefined && { macaddress: given.macaddress.toLowerCase() }),
    ...(given.target !== undefined && { target: given.target }),
    model: given.model ?? 'virtio',
    trustGuestRxFilters: given['trust-guest-rx-filters'] ?? true,
    origin: ['guests', name],
  };
}
