/** Guests that are on a host while it is changed: one on its bridge, one that is started meanwhile. */
import type { Running } from '../../drive/machine.ts';
import { must, run, start } from '../../process.ts';
import type { State } from '../change/state.ts';
import { MOMENTS } from './moments.ts';

/** The number of the process that waits. */
const WAITS = '/dev/shm/lab-guest';

/** On the bridge, before the change. NetworkManager would have a connection of its own for the port. */
export async function plugGuestIn({ inside }: Running): Promise<void> {
  const plug = `ip link add vnet0 type veth peer name guest0
if command -v nmcli >/dev/null; then
  until nmcli device set vnet0 managed no 2>/dev/null || ! systemctl -q is-active NetworkManager; do sleep 0.1; done
fi
ip link set vnet0 addrgenmode none master br0
ip link set vnet0 up
ip link set guest0 addrgenmode none up`;
  await must(inside(['sh', '-euc', plug]), '', 20);
}

/** Another one is started by libvirt on the NIC, as soon as the change is activated. */
export const startGuestLater = ({ inside }: Running): ReturnType<typeof start> =>
  start(
    inside([
      'sh',
      '-c',
      `echo $$ >${WAITS}; p=/etc/macvtap-render/pending
until ${MOMENTS.verify}; do sleep 0.05; done
ip link add link eth0 name macvtap7 type macvtap mode bridge && ip link set macvtap7 up
rm ${WAITS}`,
    ]),
  );

/** Both are there where the change has stayed; after a rollback the first is, on its bridge. */
export async function endGuests({ inside }: Running, isChanged: boolean): Promise<string[]> {
  await run(inside(['sh', '-c', `[ ! -e ${WAITS} ] || kill "$(cat ${WAITS})"; rm -f ${WAITS}`]));
  if (!isChanged) return [];
  const { stderr } = await run(
    inside(['sh', '-c', 'ip link delete vnet0; ip link delete macvtap7']),
  );
  return stderr === '' ? [] : [`the guests: ${stderr.trim()}`];
}

/** A boot has ended them. */
export const withoutGuests = (state: State): State =>
  new Map([...state].filter(([name]) => !/\b(?:vnet0|guest0|macvtap7)\b/.test(name)));
