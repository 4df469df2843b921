/** How a change by `apply` may end. Each says which of the two hosts it must leave: before, or after. */
import { setTimeout as sleep } from 'node:timers/promises';
import { endOf, must, patience, run, start } from '../../process.ts';
import { BOOT_OUTCOMES } from './boot-outcomes.ts';
import {
  backendOf,
  changed,
  type End,
  expectStatus,
  INTENT,
  kept,
  OVER_SECONDS,
  ROLLBACK_RUNS,
  TIMEOUT,
} from './hands.ts';
import {
  at,
  KILL,
  KILL_ACTIVATION,
  KILL_ROLLBACK,
  KILL_SLEEP,
  type Moment,
  PENDING,
} from './moments.ts';

/** Removes default routes as often as they come, from the activation to the rollback. */
const SABOTAGE = `n=0
until [ -e /etc/macvtap-render/pending.claimed ]; do
  [ ! -e /etc/macvtap-render/pending/after ] || ip route flush exact 0/0
  n=$((n + 1)); [ "$n" -lt 600 ] || exit 1; sleep 0.1
done`;

const killedAt =
  (moment: Moment): End =>
  async ({ running, apply, command, untilOver }) => {
    const asked = apply('--timeout', TIMEOUT);
    await at(running(), moment, KILL);
    const { status, text } = await asked;
    // It is over by a signal, not because the moment was missed.
    const lines = status === -1 ? [] : [`killed at ${moment}: status ${status}: ${text.trim()}`];
    // What is kept, and not armed, has changed nothing; it is given up by hand.
    if (moment === 'keep') {
      const { status: given, text } = await command(['rollback']);
      if (given !== 0) lines.push(`rollback: status ${given}: ${text.trim()}`);
    }
    return kept([...lines, ...(await untilOver(OVER_SECONDS))]);
  };

const sessionKilled: End = async ({ cell, running, untilOver }) => {
  const line = [...cell.program.argv, 'apply', INTENT, ...backendOf(cell), '--timeout', TIMEOUT];
  const session = start(
    running().inside(['setsid', '--wait', 'sh', '-c', `echo $$ >/dev/shm/lab; ${line.join(' ')}`]),
  );
  await at(running(), 'activate', 'kill -KILL -- "-$(cat /dev/shm/lab)"; rm /dev/shm/lab');
  session.kill('SIGKILL');
  return kept(await untilOver(OVER_SECONDS));
};

/** @param before seconds from the confirmation to the timer, which may be late by one */
const confirmAtTimer =
  (before: number): End =>
  async ({ running, apply, command, untilOver }) => {
    const asked = apply('--timeout', '30s');
    await at(running(), 'verify', ':');
    const wait = `d=$(cat /etc/macvtap-render/pending/deadline); until [ "$(sed 's/\\..*//' /proc/uptime)" -ge "$((d - ${before}))" ]; do sleep 0.01; done`;
    await must(running().inside(['sh', '-c', wait]), '', 90);
    const confirmed = await command(['confirm']);
    const ran = await asked;
    const lines = await untilOver(OVER_SECONDS);
    const isChanged = confirmed.status === 0;
    return {
      isChanged,
      lines: [
        ...lines,
        ...expectStatus(ran, isChanged ? 0 : 1, `apply, confirm ${confirmed.status}`),
      ],
    };
  };

const LIVE_OUTCOMES = {
  'confirmed by --yes': async ({ apply, command }) => {
    const lines = expectStatus(await apply('--yes'), 0, 'apply --yes');
    const again = await command(['confirm']);
    return changed([...lines, ...expectStatus(again, 4, 'a second confirm')]);
  },
  'confirmed from elsewhere': async ({ running, apply, command }) => {
    const asked = apply('--timeout', '2m');
    await at(running(), 'verify', ':');
    const second = await apply('--yes');
    const confirmed = await command(['confirm']);
    return changed([
      ...expectStatus(second, 4, 'a second apply'),
      ...expectStatus(confirmed, 0, 'confirm'),
      ...expectStatus(await asked, 0, 'apply'),
    ]);
  },
  'confirmed by Enter': async ({ cell, running }) => {
    const line = `stty cols 200; exec ${[...cell.program.argv, 'apply', INTENT, ...backendOf(cell)].join(' ')}`;
    const child = start(
      running().inside(['env', 'TERM=vt100', 'script', '-qec', line, '/dev/null']),
    );
    let text = '';
    child.stdout.on('data', (data: Buffer) => {
      if (!text.includes('Press Enter') && `${text}${data}`.includes('Press Enter')) {
        child.stdin.write('\r');
      }
      text += data.toString();
    });
    const { status } = await endOf(child, 100 * patience());
    return changed([
      ...expectStatus({ status, text }, 0, 'apply on a terminal'),
      ...(/It rolls back in 1:\d\d\./.test(text) ? [] : [`no countdown: ${text}`]),
    ]);
  },
  'timer fires': async ({ apply, untilOver }) => {
    const lines = expectStatus(await apply('--timeout', TIMEOUT), 1, 'apply');
    return kept([...lines, ...(await untilOver(OVER_SECONDS))]);
  },
  'verification fails': async ({ running, apply, untilOver }) => {
    const spoilt = start(running().inside(['sh', '-c', SABOTAGE]));
    const ran = await apply('--yes');
    spoilt.kill('SIGKILL');
    return kept([
      ...expectStatus(ran, 1, 'apply'),
      ...(/default route|no route|route/i.test(ran.text) ? [] : [`no cause: ${ran.text}`]),
      ...(await untilOver(10)),
    ]);
  },
  'rollback by command': async ({ running, apply, command, untilOver }) => {
    const asked = apply('--timeout', '5m');
    await at(running(), 'verify', ':');
    const back = await command(['rollback']);
    const late = await command(['confirm']);
    return kept([
      ...expectStatus(back, 0, 'rollback'),
      ...expectStatus(late, 4, 'a late confirm'),
      ...expectStatus(await asked, 1, 'apply'),
      ...(await untilOver(10)),
    ]);
  },
  'session killed': sessionKilled,
  'session killed, without systemd-run': async (hands) => {
    await must(hands.running().inside(['mv', '/usr/bin/systemd-run', '/usr/bin/systemd-run.off']));
    return sessionKilled(hands);
  },
  'killed at keep': killedAt('keep'),
  'killed at arm': killedAt('arm'),
  'killed at install': killedAt('install'),
  'killed at activate': killedAt('activate'),
  'killed at verify': killedAt('verify'),
  // The moment is that of the claim: half of the tries come before it, half after it.
  'confirm at the moment of the timer': confirmAtTimer(0),
  'confirm a second before the timer': confirmAtTimer(1),
  'timer fires, its sleep killed': async ({ running, apply, untilOver }) => {
    const asked = apply('--timeout', '20s');
    await at(running(), 'verify', KILL_SLEEP);
    await sleep(2000);
    const { status } = await run(running().inside(['test', '-e', `${PENDING}/timer`]));
    const early = status === 0 ? [] : ['a rollback began with the end of its sleep'];
    return kept([
      ...early,
      ...expectStatus(await asked, 1, 'apply'),
      ...(await untilOver(OVER_SECONDS)),
    ]);
  },
  'confirm during the rollback': async ({ running, apply, command, untilOver }) => {
    const asked = apply('--timeout', TIMEOUT);
    await must(running().inside(['sh', '-c', ROLLBACK_RUNS]), '', 60);
    const late = await command(['confirm']);
    return kept([
      ...expectStatus(late, 4, 'confirm during the rollback'),
      ...expectStatus(await asked, 1, 'apply'),
      ...(await untilOver(OVER_SECONDS)),
    ]);
  },
  'a full disk': async ({ running, apply, untilOver }) => {
    await must(running().inside(['sh', '-c', `${SMALL}${fill(40)}`]), '', 30);
    const ran = await apply('--yes');
    const lines = expectStatus(ran, 4, 'apply on a full disk');
    return kept([...lines, ...(await untilOver(10))]);
  },
  'a disk that is full before the rollback is armed': async ({ running, apply, untilOver }) => {
    await must(running().inside(['sh', '-c', SMALL]), '', 30);
    const asked = apply('--yes');
    await at(running(), 'keep', fill(0));
    const lines = expectStatus(await asked, 1, 'apply on a full disk');
    return kept([...lines, ...(await untilOver(10))]);
  },
  'a disk that is full before the rollback': async ({ running, apply, untilOver }) => {
    await must(running().inside(['sh', '-c', SMALL]), '', 30);
    const asked = apply('--timeout', TIMEOUT);
    await at(running(), 'verify', fill(0));
    const lines = expectStatus(await asked, 1, 'apply');
    return kept([...lines, ...(await untilOver(OVER_SECONDS))]);
  },
  'activation killed': async ({ running, apply, untilOver }) => {
    const asked = apply('--timeout', '5m');
    await at(running(), 'activate', KILL_ACTIVATION);
    return kept([...expectStatus(await asked, 1, 'apply'), ...(await untilOver(OVER_SECONDS))]);
  },
  'rollback killed, then by command': async ({ running, apply, command, untilOver }) => {
    const asked = apply('--timeout', TIMEOUT);
    await must(running().inside(['sh', '-c', `${ROLLBACK_RUNS}\n${KILL_ROLLBACK}`]), '', 60);
    const { status } = await run(running().inside(['test', '-e', `${PENDING}.claimed`]));
    const missed = status === 0 ? [] : ['the rollback was over before it was killed'];
    const back = await command(['rollback']);
    const { status: ended, text } = await asked;
    return kept([
      ...missed,
      ...expectStatus(back, 0, 'rollback'),
      ...(ended > 0 ? [] : [`apply: status ${ended}: ${text.trim()}`]),
      ...(await untilOver(10)),
    ]);
  },
} satisfies Readonly<Record<string, End>>;

/** `/etc` on a small file system of its own. */
const SMALL = `mkdir /var/lib/lab-etc && size=$(du -sk /etc | cut -f1)
mount -t tmpfs -o size=$((size * 2))k,mode=0755 etc /var/lib/lab-etc && cp -a /etc/. /var/lib/lab-etc/
mount --bind /var/lib/lab-etc /etc
`;
/** Leaves so many KiB. */
const fill = (left: number): string =>
  `free=$(df -k --output=avail /etc | tail -n 1); dd if=/dev/zero of=/etc/lab-filler bs=1k count=$((free - ${left})) 2>/dev/null; :`;

export const OUTCOMES = { ...LIVE_OUTCOMES, ...BOOT_OUTCOMES };
export type OutcomeName = keyof typeof OUTCOMES;
