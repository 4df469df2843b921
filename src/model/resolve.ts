/**
 * Intent → model: references are followed, defaults decided, addresses understood. Whether the
 * whole makes sense is asked of `rules.ts`; there is a model only if nothing was wrong.
 */
import { type Diagnostic, hasErrors, type Outcome, type Path } from '../diagnostics/diagnostic.ts';
import type { GuestIntent, Intent, ShimIntent, TapIntent } from '../intent/schema.ts';
import { deriveMac } from './derive.ts';
import { resolveAddressing } from './resolve/addressing.ts';
import { itemsOf } from './resolve/items.ts';
import { resolveParents } from './resolve/parents.ts';
import { checkRules } from './rules.ts';
import type { Attachment, Guest, Model, Parent, Shim, SourceMac, Tap } from './types.ts';

/**
 * `draft` is what could be understood beside what is wrong: to be held against other hosts, and
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
    parents: parents.all,
    shims: [...shims].map(([name, said]) =>
      resolveShim(name, said, parents.find(said.parent), host, report),
    ),
    taps: [...taps].map(([name, said]) => resolveTap(name, said, parents.find(said.parent), host)),
    guests: [...guests].map(([name, said]) => resolveGuest(name, said, parents.find(said.parent))),
  };
  checkRules(intent, model, diagnostics, report);
  const { value } = hasErrors(diagnostics) ? {} : { value: model };
  return { ...(value && { value }), draft: model, diagnostics };
}

/** What a macvlan and a macvtap have in common. */
function resolveAttachment(
  name: string,
  said: ShimIntent | TapIntent,
  parent: Parent,
  host: string,
  origin: Path,
): Attachment & Pick<Tap, 'macaddress' | 'macDerived' | 'mtu'> {
  const mode = said.mode ?? 'bridge';
  const mtu = said.mtu ?? parent.mtu;
  const macaddress =
    said.macaddress?.toLowerCase() ?? (mode === 'passthru' ? undefined : deriveMac(host, name));
  return {
    parent,
    mode,
    sourceMacs: itemsOf(said['source-macaddresses'], [...origin, 'source-macaddresses']).map(
      ({ item, origin: at }): SourceMac => ({ macaddress: item.toLowerCase(), origin: at }),
    ),
    ...(macaddress !== undefined && { macaddress }),
    macDerived: said.macaddress === undefined,
    ...(mtu !== undefined && { mtu }),
  };
}

function resolveShim(
  name: string,
  said: ShimIntent,
  parent: Parent,
  host: string,
  report: (d: Diagnostic) => void,
): Shim {
  const origin: Path = ['shims', name];
  const attachment = resolveAttachment(name, said, parent, host, origin);
  return {
    name,
    ...attachment,
    ...resolveAddressing(said, origin, attachment.mtu !== undefined, report),
    optional: said.optional ?? false,
    ignoreCarrier: said['ignore-carrier'] ?? false,
    origin,
  };
}

function resolveTap(name: string, said: TapIntent, parent: Parent, host: string): Tap {
  const origin: Path = ['taps', name];
  return { name, ...resolveAttachment(name, said, parent, host, origin), origin };
}

function resolveGuest(name: string, said: GuestIntent, parent: Parent): Guest {
  return {
    name,
    parent,
    mode: said.mode ?? 'bridge',
    ...(said.macaddress !== undefined && { macaddress: said.macaddress.toLowerCase() }),
    ...(said.target !== undefined && { target: said.target }),
    model: said.model ?? 'virtio',
    trustGuestRxFilters: said['trust-guest-rx-filters'] ?? true,
    origin: ['guests', name],
  };
}
