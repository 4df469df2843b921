/** What must come of a model where DHCP is left to a client with fewer options than a daemon's own. */
import type { Model, Parent } from '../../../src/model/types.ts';
import { type Expected, expect } from '../judge/expected.ts';
import { planLab, type Segment } from '../network/plan.ts';
import type { Driver, Less } from './drivers.ts';

/** @param leftOut what the program says that it has not written */
export function expectOf(
  model: Model,
  { less }: Pick<Driver, 'less'>,
  leftOut: readonly string[],
): { readonly segments: readonly Segment[]; readonly expected: Expected } {
  const meant = less ? withoutManaged(model) : model;
  const segments = planLab(meant);
  const whole = expect(meant, segments, [...leftOut, ...(less?.leftOut ?? [])]);
  const expected: Expected = less
    ? {
        ...whole,
        leases: leasesTo(less, whole.leases),
        links: less.mayBeFromMac
          ? whole.links.map(({ madeUp, ...link }) => ({
              ...link,
              madeUp: madeUp.map(({ not: _, ...network }) => network),
            }))
          : whole.links,
      }
    : whole;
  return { segments, expected };
}

/** Why a driver cannot be judged with a model: it has no client for what a link asks for. */
export function withoutDhcp(
  { parents, shims }: Model,
  { dhcp }: Pick<Driver, 'dhcp'>,
): string | undefined {
  const needs = [...parents, ...shims].find(
    ({ dhcp4, dhcp6 }) => (dhcp4 && !dhcp.includes('ipv4')) || (dhcp6 && !dhcp.includes('ipv6')),
  );
  return needs && `${needs.name} needs a DHCP client that is not there`;
}

/** Where nothing asks by DHCPv6 because a router says so, nor takes name servers from its advertisements. */
function withoutManaged(model: Model): Model {
  const changed = {
    dhcp6ByRouter: false,
    raOverrides: { useDns: false, useDomains: false, origin: [] },
  };
  const parents = model.parents.map((parent) => ({ ...parent, ...changed }));
  const own = (parent: Parent): Parent =>
    parents.find(({ name }) => name === parent.name) ?? parent;
  return {
    ...model,
    parents,
    shims: model.shims.map((shim) => ({ ...shim, ...changed, parent: own(shim.parent) })),
    taps: model.taps.map((tap) => ({ ...tap, parent: own(tap.parent) })),
  };
}

/** Leases to a client that chooses its identifier. */
const leasesTo = ({ client4, client6 }: Less, leases: Expected['leases']): Expected['leases'] =>
  new Map(
    [...leases].map(([address, lease]) => [
      address,
      { ...lease, client: address.includes(':') ? client6 : client4 },
    ]),
  );
