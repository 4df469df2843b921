/**
 * The moments of a change, as they show on the disk of the host: a loop there waits for one, and acts
 * at once. What a loop of a shell cannot see is too short to be hit on purpose.
 */
import type { Running } from '../../drive/machine.ts';
import { must, patience } from '../../process.ts';

export const PENDING = '/etc/macvtap-render/pending';

/** Tests of sh(1), with `$p` for the pending directory. */
export const MOMENTS = {
  keep: '[ -e $p/installing ]',
  arm: '[ -e $p/armed ]',
  // The first generated file of these that is written is in place.
  install: '[ -e $p/armed-boot ] && [ ! -e $p/installing ]',
  activate: '[ -e $p/activating ]',
  verify: '[ -e $p/after ] && [ ! -e $p/activating ]',
} as const;

export type Moment = keyof typeof MOMENTS;
export const MOMENT_NAMES = Object.keys(MOMENTS) as Moment[];

const SECONDS = 60;

/** Waits for the moment on the host, and runs `act` there. @throws Error if it does not come */
export function at(running: Running, moment: Moment, act: string): Promise<string> {
  const seconds = Math.ceil(SECONDS * patience());
  const script = `p=${PENDING}
end=$(($(date +%s) + ${seconds})); n=0
until { ${MOMENTS[moment]}; }; do
  n=$((n + 1)); [ $((n % 2000)) != 0 ] || [ "$(date +%s)" -lt "$end" ] || exit 1
done
${act}`;
  return must(running.inside(['sh', '-c', script]), '', SECONDS + 10);
}

/** Ends the program as a kernel short of memory does; the `[c]` keeps the loop from finding itself. */
export const KILL = `for f in /proc/[0-9]*/cmdline; do
  tr '\\0' ' ' <"$f" 2>/dev/null | grep -q 'macvtap-render.[c]js apply' && { f=\${f%/cmdline}; kill -KILL "\${f##*/}"; }
done; :`;

/** Ends the sleep(1) of a timer without systemd, as a shutdown or an administrator may: not its shell. */
export const KILL_SLEEP = `timer=$(cat ${PENDING}/timer)
for f in /proc/[0-9]*/stat; do
  read -r pid name state parent rest <"$f" 2>/dev/null && [ "$parent" = "$timer" ] && kill "$pid"
done; :`;

/** All processes of a script that has its number in a file, as each is in a unit or a session of its own. */
const killScript = (file: string, unit: string): string =>
  `systemctl kill --signal=KILL ${unit} 2>/dev/null || kill -KILL -- "-$(cat ${file})"`;

/** Ends the script that activates, not the program that waits for it. */
export const KILL_ACTIVATION = killScript(`${PENDING}/activating`, 'macvtap-activate-now.service');
/** Ends a rollback by the timer. */
export const KILL_ROLLBACK = killScript(`${PENDING}.claimed/running`, 'macvtap-timer.service');
