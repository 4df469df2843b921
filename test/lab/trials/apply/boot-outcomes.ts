/** Changes that a boot ends, or that one is part of. */
import { must, start } from '../../process.ts';
import {
  backendOf,
  changed,
  type End,
  expectStatus,
  type Hands,
  INTENT,
  kept,
  OVER_SECONDS,
  type Ran,
  ROLLBACK_RUNS,
  TIMEOUT,
} from './hands.ts';
import { at, KILL, KILL_SLEEP, type Moment } from './moments.ts';

/** The reboot that it asks for may end it before it has ended by itself. */
const expectRebooting = (ran: Ran): string[] =>
  ran.status === -1 && ran.text.includes('Rebooting.')
    ? []
    : expectStatus(ran, 0, 'apply --reboot');

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

export const BOOT_OUTCOMES = {
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
    await must(running().inside(['sh', '-c', ROLLBACK_RUNS]), '', 60);
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
  'reboot without systemd': async ({ running, apply, reboot, command }) => {
    const asked = apply('--timeout', '5m');
    await at(running(), 'verify', ':');
    // Whatever a shutdown ends first, no rollback begins.
    await must(running().inside(['sh', '-c', `${KILL_SLEEP}; sleep 0.5`]));
    await reboot();
    const { text } = await asked;
    const warned = /Without systemd a reboot keeps the change/.test(text);
    return changed([
      ...(warned ? [] : [`no warning: ${text}`]),
      ...expectStatus(await command(['confirm']), 0, 'confirm'),
    ]);
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
    const reasons = await rebooted().then(
      () => [],
      (error: Error) => [error.message],
    );
    return kept([...lines, ...reasons, ...(await untilOver(20))]);
  },
  'reboot, then a power cut': async ({ apply, reboot, cut, untilOver }) => {
    const lines = expectRebooting(await apply('--reboot', '--timeout', '5m'));
    await reboot();
    await cut();
    return kept([...lines, ...(await untilOver(20))]);
  },
} satisfies Readonly<Record<string, End>>;
