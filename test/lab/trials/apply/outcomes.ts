/** How a change by `apply` may end. Each says which of the two hosts it must leave: before, or after. */
import type { Running } from '../../drive/machine.ts';
import { must, start } from '../../process.ts';
import type { Cell } from '../change/cell.ts';
import { at, KILL, type Moment } from './moments.ts';

/** What is done with the host of a trial. */
export interface Hands {
  readonly cell: Cell;
  running(): Running;
  /** `macvtap-render` there: status and all that it prints. */
  command(words: readonly string[]): Promise<Ran>;
  /** `macvtap-render apply` of the second intent. */
  apply(...options: readonly string[]): Promise<Ran>;
  reboot(): Promise<void>;
  /** It reboots by itself. */
  rebooted(): Promise<void>;
  /** Pulls the plug, and boots. */
  cut(): Promise<void>;
  /** `systemctl soft-reboot`: all that runs is another one, the kernel and its links are not. */
  softReboot(): Promise<void>;
  /** Until no change is pending. @returns a line if that takes too long */
  untilOver(seconds: number): Promise<string[]>;
}

export interface Ran {
  readonly status: number;
  readonly text: string;
}

export interface Ended {
  readonly isChanged: boolean;
  readonly lines: readonly string[];
}

export type OutcomeName =
  | 'confirmed by --yes'
  | 'confirmed from elsewhere'
  | 'confirmed by Enter'
  | 'confirmed, the early unit started again'
  | 'timer fires'
  | 'verification fails'
  | 'rollback by command'
  | 'session killed'
  | 'session killed, without systemd-run'
  | 'killed at keep'
  | 'killed at arm'
  | 'killed at install'
  | 'killed at activate'
  | 'killed at verify'
  | 'reboot at arm'
  | 'reboot at install'
  | 'reboot at activate'
  | 'reboot at verify'
  | 'power cut at keep'
  | 'power cut at arm'
  | 'power cut at install'
  | 'power cut at activate'
  | 'power cut at verify'
  | 'power cut during the rollback'
  | 'soft reboot at activate'
  | 'soft reboot at verify'
  | 'soft reboot, confirmed'
  | 'confirm at the moment of the timer'
  | 'a full disk'
  | 'a disk that is full before the rollback is armed'
  | 'reboot, confirmed'
  | 'reboot, timer fires'
  | 'reboot, then a power cut'
  | 'refused without a reboot'
  | 'reboot, timer fires and reboots';

type End = (hands: Hands) => Promise<Ended>;

/** The shortest time that `--timeout` takes. */
const TIMEOUT = '10s';
/** A timer of ten seconds, its rollback, and a machine that has other things to do. */
const OVER_SECONDS = 60;

const expectStatus = ({ status, text }: Ran, wanted: number, what: string): string[] =>
  status === wanted ? [] : [`${what}: status ${status}, must be ${wanted}: ${text.trim()}`];

/** The reboot that it asks for may end it before it has ended by itself. */
const expectRebooting = (ran: Ran): string[] =>
  ran.status === -1 && ran.text.includes('Rebooting.')
    ? []
    : expectStatus(ran, 0, 'apply --reboot');

const kept = (lines: readonly string[]): Ended => ({ isChanged: false, lines });
const changed = (lines: readonly string[]): Ended => ({ isChanged: true, lines });

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
    const { status } = await asked;
    const lines = status === 0 ? [`killed at ${moment}: status 0`] : [];
    // What is kept, and not armed, has changed nothing; it is given up by hand.
    if (moment === 'keep') {
      const { status: given, text } = await command(['rollback']);
      if (given !== 0) lines.push(`rollback: status ${given}: ${text.trim()}`);
    }
    return kept([...lines, ...(await untilOver(OVER_SECONDS))]);
  };

const rebootedAt =
  (moment: Moment): End =>
  async ({ running, apply, reboot, command, untilOver }) => {
    const asked = apply('--timeout', '5m');
    await at(running(), moment, ':');
    await reboot();
    await asked;
    return kept(await afterBoot(moment, command, untilOver));
  };

const cutAt =
  (moment: Moment): End =>
  async ({ running, apply, cut, command, untilOver }) => {
    const asked = apply('--timeout', '5m');
    await at(running(), moment, ':');
    await cut();
    await asked;
    return kept(await afterBoot(moment, command, untilOver));
  };

/** As a session that ends with all else; what the lab starts is in no session. */
async function softlyRebootedAt(
  moment: Moment,
  { cell, running, softReboot }: Hands,
  timeout: string,
): Promise<void> {
  const words = ['apply', INTENT, ...backendOf(cell), '--timeout', timeout];
  const asked = start(running().inside([...cell.program.argv, ...words]));
  await at(running(), moment, ':');
  await must(running().inside(['sh', '-c', KILL]));
  await softReboot();
  asked.kill('SIGKILL');
}

/** Until it is armed nothing is in place, so that nothing rolls back; what is kept is given up. */
async function afterBoot(
  moment: Moment,
  command: Hands['command'],
  untilOver: Hands['untilOver'],
): Promise<string[]> {
  if (moment === 'keep' || moment === 'arm') await command(['rollback']);
  return untilOver(20);
}

export const OUTCOMES: Readonly<Record<OutcomeName, End>> = {
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
    const limit = setTimeout(() => child.kill('SIGKILL'), 100_000);
    const status = await new Promise<number>((settle) =>
      child.once('close', (code) => settle(code ?? -1)),
    );
    clearTimeout(limit);
    return changed([
      ...expectStatus({ status, text }, 0, 'apply on a terminal'),
      ...(/It rolls back in 1:\d\d\./.test(text) ? [] : [`no countdown: ${text}`]),
    ]);
  },
  'confirmed, the early unit started again': async ({ running, apply, command }) => {
    const asked = apply('--timeout', '2m');
    await at(running(), 'verify', ':');
    // As a reload by others and the start of any service do.
    const again = 'systemctl daemon-reload; systemctl start macvtap-rollback.service';
    await must(running().inside(['sh', '-c', again]), '', 30);
    return changed([
      ...expectStatus(await command(['confirm']), 0, 'confirm'),
      ...expectStatus(await asked, 0, 'apply'),
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
  'session killed': async ({ cell, running, untilOver }) => {
    const line = [...cell.program.argv, 'apply', INTENT, ...backendOf(cell), '--timeout', TIMEOUT];
    const session = start(
      running().inside([
        'setsid',
        '--wait',
        'sh',
        '-c',
        `echo $$ >/dev/shm/lab; ${line.join(' ')}`,
      ]),
    );
    await at(running(), 'activate', 'kill -KILL -- "-$(cat /dev/shm/lab)"; rm /dev/shm/lab');
    session.kill('SIGKILL');
    return kept(await untilOver(OVER_SECONDS));
  },
  'session killed, without systemd-run': async (hands) => {
    await must(hands.running().inside(['mv', '/usr/bin/systemd-run', '/usr/bin/systemd-run.off']));
    return OUTCOMES['session killed'](hands);
  },
  'killed at keep': killedAt('keep'),
  'killed at arm': killedAt('arm'),
  'killed at install': killedAt('install'),
  'killed at activate': killedAt('activate'),
  'killed at verify': killedAt('verify'),
  'reboot at arm': rebootedAt('arm'),
  'reboot at install': rebootedAt('install'),
  'reboot at activate': rebootedAt('activate'),
  'reboot at verify': rebootedAt('verify'),
  'power cut at keep': cutAt('keep'),
  'power cut at arm': cutAt('arm'),
  'power cut at install': cutAt('install'),
  'power cut at activate': cutAt('activate'),
  'power cut at verify': cutAt('verify'),
  'power cut during the rollback': async ({ running, apply, cut, untilOver }) => {
    const asked = apply('--timeout', TIMEOUT);
    await must(
      running().inside([
        'sh',
        '-c',
        'until [ -e /etc/macvtap-render/pending.claimed/running ]; do sleep 0.02; done',
      ]),
      '',
      60,
    );
    await cut();
    await asked;
    return kept(await untilOver(20));
  },
  'soft reboot at verify': async (hands) => {
    await softlyRebootedAt('verify', hands, '20s');
    return kept(await hands.untilOver(OVER_SECONDS));
  },
  'soft reboot at activate': async (hands) => {
    await softlyRebootedAt('activate', hands, '20s');
    return kept(await hands.untilOver(OVER_SECONDS));
  },
  'soft reboot, confirmed': async (hands) => {
    await softlyRebootedAt('verify', hands, '2m');
    // What nspawn has bound into the machine is gone, and with it the program.
    const confirm = ['sh', '/etc/macvtap-render/pending/change', 'confirm'];
    await must(hands.running().inside(confirm), '', 30);
    return changed([]);
  },
  'confirm at the moment of the timer': async ({ running, apply, command, untilOver }) => {
    const asked = apply('--timeout', TIMEOUT);
    // The moment is that of the claim: half of the tries come before it, half after it.
    await at(running(), 'verify', ':');
    const wait = `d=$(cat /etc/macvtap-render/pending/deadline); until [ "$(sed 's/\\..*//' /proc/uptime)" -ge "$d" ]; do sleep 0.01; done`;
    await must(running().inside(['sh', '-c', wait]), '', 30);
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
  'reboot, confirmed': async ({ apply, reboot, command }) => {
    const lines = expectRebooting(await apply('--reboot', '--timeout', '2m'));
    await reboot();
    const status = await command(['confirm']);
    return changed([...lines, ...expectStatus(status, 0, 'confirm')]);
  },
  'reboot, timer fires': async ({ apply, reboot, untilOver }) => {
    const lines = expectRebooting(await apply('--reboot', '--timeout', TIMEOUT));
    await reboot();
    return kept([...lines, ...(await untilOver(OVER_SECONDS))]);
  },
  'refused without a reboot': async ({ apply }) => {
    const ran = await apply('--yes');
    return kept([
      ...expectStatus(ran, 4, 'apply'),
      ...(/only a reboot changes `br0`/.test(ran.text) ? [] : [`no reason: ${ran.text}`]),
    ]);
  },
  'reboot, timer fires and reboots': async ({ apply, reboot, rebooted, untilOver }) => {
    const lines = expectRebooting(await apply('--reboot', '--timeout', TIMEOUT));
    await reboot();
    await rebooted();
    return kept([...lines, ...(await untilOver(20))]);
  },
  'reboot, then a power cut': async ({ apply, reboot, cut, untilOver }) => {
    const lines = expectRebooting(await apply('--reboot', '--timeout', '5m'));
    await reboot();
    await cut();
    return kept([...lines, ...(await untilOver(20))]);
  },
};

/** No folder of the host's that is compared. */
export const INTENT = '/var/lib/lab-intent.yaml';

/** An installed host needs no flags; another back end is named. */
export const backendOf = ({ kind, host, second }: Cell): string[] => [
  ...(kind.becomes ? ['--backend', second.wanted.backend] : []),
  ...(kind.isForced ? ['--switch'] : []),
  ...(kind.site ? host.files.flatMap(({ path }) => moved(kind, path)) : []),
];

const moved = ({ site = {} }: Cell['kind'], path: string): string[] =>
  Object.values(site).some((files) => files.some((file) => file.path === path))
    ? ['--move', path]
    : [];

/** `/etc` on a small file system of its own. */
const SMALL = `mkdir /var/lib/lab-etc && size=$(du -sk /etc | cut -f1)
mount -t tmpfs -o size=$((size * 2))k,mode=0755 etc /var/lib/lab-etc && cp -a /etc/. /var/lib/lab-etc/
mount --bind /var/lib/lab-etc /etc
`;
/** Leaves so many KiB. */
const fill = (left: number): string =>
  `free=$(df -k --output=avail /etc | tail -n 1); dd if=/dev/zero of=/etc/lab-filler bs=1k count=$((free - ${left})) 2>/dev/null; :`;
