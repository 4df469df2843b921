/** The script for a trial: made twice, rolled back, and made again; the rollback is checked. */
import { HARMLESS } from '../judge/harmless.ts';
import type { Place } from '../place.ts';
import { startCommands } from './commands.ts';
import type { Daemon } from './daemon.ts';

const SCRIPT = '/usr/local/sbin/macvtap-trial';

/** What must be the same after `--undo`; an address that is still asked for is as good as there. */
const STATE =
  'state() { ls /sys/class/net; ip -o address | sed "s/ tentative//; s/valid_lft.*//" | sort; ip route show table all | grep -v "^local\\|^broadcast\\|^multicast" | sort; ip rule; ip -6 rule; cat /proc/sys/net/ipv4/conf/*/arp_ignore; }';

/** What the host had before on a link that falls silent, so that there is something to roll back. */
const BEFORE = [
  'silent=$(sed -n "s/^falls_silent //p" $S)',
  'nic=',
  // What the script makes itself is not there yet.
  'for one in $silent; do [ ! -e "/sys/class/net/$one" ] || nic=$one; done',
  '[ -z "$nic" ] || { ip link set "$nic" up && ip address add 192.0.2.77/24 dev "$nic" && ip route add 203.0.113.0/28 via 192.0.2.1; }',
].join('; ');

/** Starts it in the host's namespace. @param isThorough made twice, rolled back, and made again */
export const startTrial = (host: Place, isThorough: boolean): Daemon =>
  startCommands(
    host,
    'macvtap-trial',
    ['set -e', `S=${SCRIPT}`, BEFORE, ...(isThorough ? THERE_AND_BACK : []), '$S'].join('; '),
    'made',
    HARMLESS['macvtap-trial'],
    // It leaves name resolution as it is.
    async () => undefined,
  );

const THERE_AND_BACK = [
  STATE,
  // What is asked for yet would change in between.
  'sleep 2',
  'before=$(state)',
  '$S --check',
  '$S',
  '$S',
  '$S --undo',
  'sleep 0.3',
  'after=$(state)',
  '[ "$after" = "$before" ] || { echo "before: $before"; echo "after: $after"; exit 9; }',
];
