/**
 * Domains follow the host: off a bridge whose port goes under a shim, and off a NIC that becomes a port. The kernel
 * has no third way: a port takes no macvtap, and a NIC with a macvtap cannot become a port (EBUSY, both).
 */
import type { KernelLink } from '../kernel/types.ts';
import type { Guest, Model } from '../model/types.ts';
import type { Domain, Nic } from './domain.ts';
import type { Direct } from './exchange.ts';
import type { AimOf } from './plan.ts';

/** @param links of the running kernel, before the change */
export function followHost({ parents, guests }: Model, links: readonly KernelLink[]): Following {
  const bridges = new Map(
    links.flatMap(({ name, master }) => {
      const isBridge = links.some((link) => link.name === master && link.kind === 'bridge');
      const parent = parents.find((one) => one.name === name && one.managed && !one.master);
      const stays = parents.some((one) => one.name === master);
      return master !== undefined && isBridge && parent && !stays ? [[master, name] as const] : [];
    }),
  );
  const ports = new Map(
    parents.flatMap(({ name, master }) =>
      master?.kind === 'bridge' ? [[name, master.name] as const] : [],
    ),
  );
  return {
    isNeeded: bridges.size + ports.size > 0,
    aimOf: (domain, nic) => {
      const { type, source } = nic.attachment;
      if (type === 'direct') {
        const bridge = ports.get(source);
        return bridge === undefined ? undefined : { type: 'bridge', source: bridge };
      }
      if (!bridges.has(source)) return undefined;
      const guest = guestFor(guests, domain, nic);
      return guest ? directOf(guest) : 'The intent has no guest with its MAC or name.';
    },
  };
}

export interface Following {
  /** Whether any domain can be affected. */
  readonly isNeeded: boolean;
  readonly aimOf: AimOf;
}

/** By its MAC; a guest without one by its name. */
const guestFor = (guests: readonly Guest[], { name }: Domain, { mac }: Nic): Guest | undefined =>
  guests.find(({ macaddress }) => macaddress?.toLowerCase() === mac) ??
  guests.find((guest) => guest.macaddress === undefined && guest.name === name);

const directOf = ({ parent, mode, target, trustGuestRxFilters }: Guest): Direct => ({
  type: 'direct',
  source: parent.name,
  mode,
  trustGuestRxFilters,
  ...(target !== undefined && { target }),
});
