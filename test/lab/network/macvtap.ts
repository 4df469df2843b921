/**
 * A guest on a true macvtap, without a hypervisor: the device is made on the host as libvirt
 * makes it, and a program forwards its frames to a tap in the guest's network and back.
 */
import { copyFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Place } from '../place.ts';

const RELAY = fileURLToPath(new URL('macvtap-relay.py', import.meta.url));

/** The hypervisor's configuration of the device. */
export interface Direct {
  /** The link that it is on top of. */
  readonly source: string;
  /** As ip-link(8) calls it. */
  readonly mode: string;
  readonly mac: string;
  /** Its name; absent: libvirt's own for the first such device, which files keep other hands off. */
  readonly target?: string;
}

/**
 * @param name of the guest's interface
 * @returns what kept it from being attached
 */
export async function attachMacvtap(
  host: Place,
  guest: Place,
  mtu: number,
  name: string,
  { source, mode, mac, target }: Direct,
): Promise<string | undefined> {
  const device = target ?? `macvtap${name.replace(/\D/g, '')}`;
  const add = ['ip', 'link', 'add', 'link', source, 'name', device, 'address', mac];
  const { status: made, stderr: why } = await host.run([
    ...add,
    ...['mtu', String(mtu), 'type', 'macvtap', 'mode', mode],
  ]);
  if (made !== 0) return why.trim();
  // The program runs with the files of the image, in the network of the host; it goes over to
  // the guest's for the tap.
  const path = '/run/macvtap-relay.py';
  copyFileSync(RELAY, `${host.root}${path}`);
  const relay = host.start(['python3', path, device, name], { network: guest });
  for (let waited = 0; !relay.output().startsWith('ready'); waited += 10) {
    if (relay.ended() !== undefined || waited > 5000) {
      return relay.output().trim() || 'the relay does not answer';
    }
    await sleep(10);
  }
  // As a hypervisor does, only now: a macvtap that is up and that nobody has opened is a link of
  // the host's, to which the kernel gives IPv6 addresses and routes by advertisement.
  for (const finished of [
    host.run(['ip', 'link', 'set', device, 'up']),
    guest.run(['ip', 'link', 'set', name, 'address', mac, 'mtu', String(mtu)]),
  ]) {
    const { status, stderr } = await finished;
    if (status !== 0) return stderr.trim();
  }
  return undefined;
}
