/** User-data, applied by cloud-init itself at a first boot; the network of that one and the next. */
import { readFileSync, statSync, symlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { runHere } from '../../../in-process.ts';
import { withMachine, witness } from '../../drive/boot.ts';
import { look, managerOf } from '../../drive/look.ts';
import type { Running } from '../../drive/machine.ts';
import type { TargetFile } from '../../image/host.ts';
import type { Image } from '../../image/images.ts';
import { withTools } from '../../image/tool-image.ts';
import { check } from '../../judge/check.ts';
import { run } from '../../process.ts';
import type { Verdict } from '../../trial.ts';
import type { OldAddress } from '../past/old.ts';
import { situationOf } from '../past/situation.ts';

const SEED = '/var/lib/cloud/seed/nocloud';
/** Of cloud-init's modules, those that the user-data is for: keys and locales take their time. */
const LAB = `datasource_list: [NoCloud]
cloud_init_modules: [write-files]
cloud_config_modules: [runcmd]
cloud_final_modules: [scripts-user]
`;
const DONE_SECONDS = 90;

/** What a cloud gives: an address on the NIC, as cloud-init sets it up at a first boot. */
const seed = (userData: string, { nic, address, gateway }: OldAddress): TargetFile[] =>
  [
    { path: `${SEED}/user-data`, text: userData },
    { path: `${SEED}/meta-data`, text: 'instance-id: lab-1\nlocal-hostname: kvm1\n' },
    {
      path: `${SEED}/network-config`,
      text: `version: 2\nethernets:\n  ${nic}:\n    addresses: [${address}]\n    routes: [{to: 0.0.0.0/0, via: ${gateway}}]\n`,
    },
    { path: '/etc/cloud/cloud.cfg.d/95-lab.cfg', text: LAB },
  ].map((file) => ({ ...file, mode: 0o644 }));

/** The lab has no generators but netplan's; cloud-init's would do this. */
const switchOn = (root: string): void =>
  symlinkSync(
    '/lib/systemd/system/cloud-init.target',
    `${root}/etc/systemd/system/multi-user.target.wants/cloud-init.target`,
  );

/** @returns `done` or `error`, when it has come to its end */
async function untilDone(running: Running): Promise<string> {
  const end = performance.now() + DONE_SECONDS * 1000;
  for (;;) {
    const { stdout } = await run(running.inside(['cloud-init', 'status', '--long']), '', 30);
    const [, status = ''] = /^status: (\w+)/m.exec(stdout) ?? [];
    if (status === 'done' || status === 'error') return status;
    if (performance.now() > end) return `not done: ${stdout.trim()}`;
    await sleep(300);
  }
}

/** Written as they must be, by root and with their modes. */
function wrongFiles({ root }: Running, files: readonly TargetFile[]): string[] {
  return files.flatMap(({ path, mode, text }) => {
    const { mode: is, uid, gid } = statSync(`${root}${path}`);
    const isRight =
      readFileSync(`${root}${path}`, 'utf8') === text &&
      (is & 0o7777) === mode &&
      uid === 0 &&
      gid === 0;
    return isRight ? [] : [`${path} is not as it must be`];
  });
}

async function userDataFor(backend: string, suite: string): Promise<string> {
  const target = suite === 'trixie' ? 'debian-13' : 'debian-12';
  const words = ['golden/original/intent.yaml', '-b', backend, '--target', target];
  const { status, stdout, stderr } = await runHere(...words, '--format', 'cloud-init');
  if (status !== 0) throw new Error(`no user-data: ${stderr}`);
  return stdout;
}

export async function firstBoot(backend: string, suite: Image): Promise<Verdict> {
  const situation = situationOf('static', 'static', backend, suite);
  if (typeof situation === 'string') return { outcome: 'refused', reason: situation, failures: [] };
  const { host, old } = situation;
  const image = await withTools(suite);
  const files = seed(await userDataFor(backend, suite.suite), old);
  return withMachine({ ...host, image, files, others: ['networkd'] }, async (machine, surround) => {
    switchOn(machine.root);
    const failures: string[] = [];
    const note = (when: string, lines: readonly string[]): void =>
      void failures.push(...lines.map((line) => `${when}: ${line}`));
    const first = await surround();
    const running = await machine.boot(first);
    const status = await untilDone(running);
    const log = readFileSync(`${running.root}/var/log/cloud-init-output.log`, 'utf8');
    if (status !== 'done') note('first boot', [`cloud-init: ${status}: ${log.slice(-600)}`]);
    note('first boot', wrongFiles(running, host.files));
    const manager = managerOf(host.systems);
    const round = { segments: host.segments, expected: host.expected, guest: 'macvlan' } as const;
    const observed = await look(running, manager, { ...round, places: first });
    // What was logged before the installation does not concern it.
    const wrong = check(observed, host.expected, manager.good);
    note(
      'first boot',
      wrong.filter((line) => !line.startsWith('warning: ')),
    );
    const [second] = await Promise.all([surround(), running.reboot()]);
    await first.end();
    const booted = await machine.boot(second);
    const boot = await witness({ ...host, image }, booted, second, 'macvlan');
    note('second boot', boot.failures);
    note('second boot', (await untilDone(booted)) === 'done' ? [] : ['cloud-init is not content']);
    return { failures, evidence: { log, ...boot.observed.evidence } };
  });
}

/** Nothing activates: cloud-init must say that the network is not the intent's. */
export async function notActivated(backend: string, suite: Image): Promise<Verdict> {
  const situation = situationOf('static', 'static', backend, suite);
  if (typeof situation === 'string') return { outcome: 'refused', reason: situation, failures: [] };
  const { host, old } = situation;
  const image = await withTools(suite);
  const whole = await userDataFor(backend, suite.suite);
  const spoilt = whole
    .replace(/^ {2}- "[^"]*networkctl reload"$/m, '  - "true"')
    .replace('-lt 30', '-lt 3');
  if (spoilt === whole) return { failures: ['nothing was spoilt'] };
  const files = seed(spoilt, old);
  return withMachine({ ...host, image, files, others: ['networkd'] }, async (machine, surround) => {
    switchOn(machine.root);
    const running = await machine.boot(await surround());
    const status = await untilDone(running);
    const log = readFileSync(`${running.root}/var/log/cloud-init-output.log`, 'utf8');
    const printed = log.split('\n').find((line) => line.includes('macvtap-render: '));
    return {
      failures: status === 'error' && printed ? [] : [`cloud-init: ${status}; ${log.slice(-400)}`],
      notes: [`cloud-init: ${status}: ${printed}`],
    };
  });
}
