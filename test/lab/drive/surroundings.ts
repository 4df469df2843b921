/** What a machine is plugged into: for one boot only, as its NICs are. */
import type { TargetFile } from '../image/host.ts';
import { plugIn } from '../network/lan.ts';
import type { Segment } from '../network/plan.ts';
import { startServices } from '../network/services.ts';
import { must, type Place } from '../place.ts';
import { openScene, type Scene } from './scene.ts';

export interface Surroundings {
  /** A suite's root file system, for the servers of the LAN. */
  readonly image: { readonly root: string };
  readonly segments: readonly Segment[];
  /** How long a DHCP server waits with its answer. */
  readonly delaySeconds?: number;
  /** The cables are out; `switchCables` puts them in. */
  readonly isCableOut?: boolean;
  /** The kernel calls the NICs otherwise, until udev has named them (`lateNames`). */
  readonly isNamedLate?: boolean;
}

/** A scene with NICs, whose host is for a machine to be. */
export async function openSurroundings(wanted: Surroundings): Promise<Scene> {
  const { image, segments, delaySeconds, isCableOut, isNamedLate } = wanted;
  const scene = await openScene(image.root);
  try {
    await plugIn(scene.host, scene.router, segments);
    await startServices(scene.router, segments, delaySeconds);
    if (isNamedLate) await nameLate(scene.host, segments);
    if (isCableOut) await switchCables(scene.router, segments, 'down');
    return scene;
  } catch (error) {
    await scene.end();
    throw error;
  }
}

/** What has udev give the NICs their names, after three seconds, for the disk of such a host. */
export const lateNames = (segments: readonly Segment[]): TargetFile => ({
  path: '/etc/udev/rules.d/70-lab.rules',
  mode: 0o644,
  text: nicsOf(segments)
    .map(
      (nic) =>
        `SUBSYSTEM=="net", ACTION=="add", KERNEL=="${late(nic)}", PROGRAM="/bin/sleep 3", NAME="${nic}"\n`,
    )
    .join(''),
});

const late = (nic: string): string => `late-${nic}`;

const nicsOf = (segments: readonly Segment[]): string[] =>
  segments.flatMap(({ cables }) => cables.map(({ nic }) => nic));

async function nameLate(host: Place, segments: readonly Segment[]): Promise<void> {
  for (const nic of nicsOf(segments)) {
    const rename = ['ip', 'link', 'set', nic, 'name', late(nic)];
    await must(host.run(rename), rename);
  }
}

/** Pulls all cables out, or puts them in: a veth has a carrier while its far end is up. */
export async function switchCables(
  router: Place,
  segments: readonly Segment[],
  to: 'up' | 'down',
): Promise<void> {
  const ip = async (...args: readonly string[]): Promise<void> => {
    await must(router.run(['ip', ...args]), args);
  };
  for (const { cables, router: station } of segments) {
    for (const { far } of cables) await ip('link', 'set', far.name, to);
    // A link that goes down loses its IPv6 addresses.
    const lost = to === 'up' ? station.addresses.filter((address) => address.includes(':')) : [];
    for (const item of lost) await ip('addr', 'replace', item, 'dev', station.name, 'nodad');
  }
}
