/** What a machine is plugged into: for one boot only, as its NICs are. */
import { plugIn } from '../lan.ts';
import { type Namespace, openNamespace } from '../namespace.ts';
import type { Segment } from '../plan.ts';
import { must } from '../process.ts';
import { startServices } from '../services.ts';

export interface Surroundings {
  /** The machine's own network, with its NICs. */
  readonly network: Namespace;
  readonly router: Namespace;
  readonly guest: Namespace;
  end(): Promise<void>;
}

export interface Wanted {
  /** A suite's root file system, for the servers of the LAN. */
  readonly image: { readonly root: string };
  readonly segments: readonly Segment[];
  /** How long a DHCP server waits with its answer. */
  readonly delaySeconds?: number;
  /** The cables are out; `switchCables` puts them in. */
  readonly isCableOut?: boolean;
}

export async function openSurroundings(wanted: Wanted): Promise<Surroundings> {
  const { image, segments, delaySeconds, isCableOut } = wanted;
  const hasServices = segments.some(({ offers }) => offers.length > 0);
  const opened = await Promise.allSettled([
    openNamespace(),
    openNamespace(hasServices ? image.root : undefined),
    openNamespace(),
  ]);
  const all = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const end = async (): Promise<void> => {
    await Promise.all(all.map((namespace) => namespace.end()));
  };
  try {
    for (const one of opened) if (one.status === 'rejected') throw one.reason;
    const [network, router, guest] = all as [Namespace, Namespace, Namespace];
    await plugIn(network, router, segments);
    await startServices(router, segments, delaySeconds);
    if (isCableOut) await switchCables(router, segments, 'down');
    return { network, router, guest, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Pulls all cables out, or puts them in: a veth has a carrier while its far end is up. */
export async function switchCables(
  router: Namespace,
  segments: readonly Segment[],
  to: 'up' | 'down',
): Promise<void> {
  for (const { cables, router: station } of segments) {
    for (const { far } of cables) await must(router.inNetwork(['ip', 'link', 'set', far.name, to]));
    // A link that goes down loses its IPv6 addresses.
    const lost = to === 'up' ? station.addresses.filter((address) => address.includes(':')) : [];
    for (const address of lost) {
      const add = ['ip', 'addr', 'replace', address, 'dev', station.name, 'nodad'];
      await must(router.inNetwork(add));
    }
  }
}
