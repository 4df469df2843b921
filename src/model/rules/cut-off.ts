/**
 * The host's own address must not disappear: a link under a shim loses its addresses, so a link on top
 * of it has the address of the host, or the intent says explicitly that it has none.
 */
import { diagnostic } from '../../diagnostics/diagnostic.ts';
import { hasAddress, isSingle, type Link, type Model, type Parent, type Shim } from '../types.ts';
import { type Context, listOf } from './context.ts';

/** A shim with single addresses and a route to a range of guests is the recipe for a *side* shim. */
export function checkCutOff(context: Context): void {
  const { intent, model, damaged, report } = context;
  // With errors there it is not known who is mentioned.
  if (damaged(['parents'])) return;
  const links = linksAbove(model);
  for (const parent of model.parents) {
    if (parent.master || hasAddress(parent) || isUpper(context, parent)) continue;
    const above = links(parent);
    const shims = above.filter((link): link is Shim => link.origin[0] === 'shims');
    if (shims.length === 0 || above.some(keepsHost) || above.some(isFaulty(damaged))) continue;
    const upper = upperText(shims);
    if (!intent.parents?.has(parent.id)) {
      const message = `\`${parent.name}\` would lose its addresses, and ${upper}.`;
      report(diagnostic('parent-cut-off', parent.origin, message, { hint: remedyFor(parent) }));
    } else if (parent.shims.length > 0) {
      const message = `\`${parent.name}\` has no address, and ${upper}.`;
      report(diagnostic('parent-left-bare', parent.origin, message, { at: 'key' }));
    }
  }
}

const remedyFor = ({ name }: Parent): string =>
  `Add \`parents: {${name}: {managed: false}}\`: \`${name}\` then keeps what configures it today; if it has no address, \`parents: {${name}: {}}\`.`;

/** A shim or tap as parent is an error of its own. */
const isUpper = ({ intent }: Context, { id }: Parent): boolean =>
  id === '' || intent.shims?.has(id) === true || intent.taps?.has(id) === true;

/** Whether the host is reached by this link: a subnet, a lease, advertisements, or a default route. */
const keepsHost = ({ addresses, dhcp4, dhcp6, acceptRa, routes }: Link): boolean =>
  dhcp4 !== undefined ||
  dhcp6 !== undefined ||
  acceptRa ||
  !addresses.every(isSingle) ||
  // The default route is also written in two halves (`0.0.0.0/1`, `128.0.0.0/1`).
  routes.some(({ network }) => network.prefix <= 1);

const isFaulty =
  (damaged: Context['damaged']) =>
  ({ origin }: Link): boolean =>
    damaged(origin);

/** Answers which links are on top of a parent, at any height. */
function linksAbove({ parents, shims }: Model): (parent: Parent) => Link[] {
  const byName = new Map(parents.map((parent) => [parent.name, parent]));
  const shimsOf = new Map<Parent, Shim[]>(parents.map((parent) => [parent, []]));
  for (const shim of shims) shimsOf.get(shim.parent)?.push(shim);
  return (parent) => {
    const found = new Set([parent]);
    // A set grows while it is walked.
    for (const { vlans, master } of found) {
      for (const name of [...vlans, ...(master ? [master.name] : [])]) {
        const upper = byName.get(name);
        if (upper) found.add(upper);
      }
    }
    return [...found].flatMap((link): Link[] => [
      ...(link === parent ? [] : [link]),
      ...(shimsOf.get(link) ?? []),
    ]);
  };
}

function upperText(shims: readonly Shim[]): string {
  const names = listOf(shims.map(({ name }) => name));
  const has = shims.length === 1 ? 'has' : 'have';
  return shims.every(({ addresses }) => addresses.length === 0)
    ? `${names} on top of it ${has} no address of a subnet`
    : `${names} on top of it ${has} single addresses only, without a default route`;
}
