/** The role, on a host that runs: looked at, applied, applied again, fixed, refused, rolled back. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { intentOf } from '../../../golden/cases.ts';
import { withMachine } from '../../drive/boot.ts';
import { look, managerOf, untilOnline } from '../../drive/look.ts';
import { putFiles, type TargetFile } from '../../image/host.ts';
import type { Image } from '../../image/images.ts';
import { within, withTools } from '../../image/tool-image.ts';
import { check } from '../../judge/check.ts';
import { must, run } from '../../process.ts';
import type { Verdict } from '../../trial.ts';
import { generated } from '../past/generated.ts';
import { checkOld, ofSystem } from '../past/old.ts';
import { situationOf } from '../past/situation.ts';
import { layRole, type Played, player, reachable } from './play.ts';

const BOOT_SECONDS = 60;
const MARK = '# Written by macvtap-render from the intent of host kvm1.\n';

/** Files that the host has, besides the new generated files: which play must do what with it. */
export const ORPHAN: TargetFile = {
  path: '/etc/systemd/network/00-macvtap-veth9.netdev',
  mode: 0o644,
  text: `${MARK}\n[NetDev]\nName=veth9\nKind=dummy\n`,
};
export const FOREIGN: TargetFile = {
  path: '/etc/sysctl.d/90-macvtap.conf',
  mode: 0o644,
  text: '# mine\nnet.ipv4.ip_forward = 0\n',
};

/** @param controller whose Ansible runs the play: default: this machine's */
export async function roleOnHost(
  folder: string,
  backend: string,
  image: Image,
  controller?: Image,
): Promise<Verdict> {
  const situation = situationOf('static', 'static', backend, image);
  if (typeof situation === 'string') return { outcome: 'refused', reason: situation, failures: [] };
  const { host, old, shims } = situation;
  const place = join(folder, `role-${backend}-${image.suite}`);
  const before = controller ? within(await withTools(controller), place) : [];
  await layRole(place, intentOf('original'), backend);
  const evidence: Record<string, string> = {};
  const failures: string[] = [];
  const notes: string[] = [];
  const files = ofSystem(backend, old);
  return withMachine({ ...host, files }, async (machine, surround) => {
    const scene = await surround();
    const running = await machine.boot(scene);
    await untilOnline(running, BOOT_SECONDS);
    const [address = ''] = old.address.split('/');
    const play = player(place, 'kvm1', before);
    reachable(place, running, scene, address);
    const step = async (what: string, options: string[], isRight: (it: Played) => boolean) => {
      const begin = performance.now();
      const played = await play(...options);
      notes.push(`${what}: ${((performance.now() - begin) / 1000).toFixed(1)} s`);
      evidence[what] = played.text;
      expect(what, played.text.match(/^\[(?:DEPRECATION )?WARNING\].*/gm) ?? []);
      if (!isRight(played)) {
        failures.push(
          `${what}: status ${played.status}, changed ${played.changed}: ${played.text.slice(-700)}`,
        );
      }
    };
    const expect = (what: string, lines: readonly string[]): void =>
      void failures.push(...lines.map((line) => `${what}: ${line}`));
    const is = (what: string, isRight: boolean): void => expect(what, isRight ? [] : ['no']);
    const textAt = (path: string): string => {
      const there = `${running.root}${path}`;
      return existsSync(there) ? readFileSync(there, 'utf8') : '';
    };
    await step(
      'looked at',
      ['--check', '--diff'],
      ({ status, changed, text }) =>
        status === 0 && changed > 0 && /^\+Mode=bridge|^\+mode=bridge|macvlan/m.test(text),
    );
    expect('looked at, and written', await generated(running, situation));
    expect('looked at, and changed', await checkOld(running, scene.router, old, shims));
    await step('applied', [], ({ status, changed }) => status === 0 && changed > 0);
    const manager = managerOf(host.systems);
    const round = { segments: host.segments, expected: host.expected, guest: 'macvlan' } as const;
    const observed = await look(running, manager, { ...round, places: scene });
    // What was logged of the old configuration does not concern the new one.
    const wrong = check(observed, host.expected, manager.good);
    expect(
      'applied',
      wrong.filter((line) => !line.startsWith('warning: ')),
    );
    const timer = await run(running.inside(['systemctl', 'is-active', 'macvtap-timer.timer']));
    is(`the rollback is cancelled (${timer.stdout.trim()})`, timer.stdout.trim() === 'inactive');
    is('nothing is kept of it', !existsSync(`${running.root}/etc/macvtap-render`));
    // What was edited, and what is no longer in the intent.
    const [edited = host.files[0]] = host.files.filter(({ path }) => path === FOREIGN.path);
    if (!edited) throw new Error('there are files');
    putFiles(running.root, [ORPHAN, { ...edited, text: `${edited.text}# edited\n` }]);
    await step(
      'edited',
      ['--diff'],
      ({ status, text }) => status === 0 && /^-# edited/m.test(text) && text.includes(ORPHAN.path),
    );
    is('edited, and fixed', textAt(edited.path) === edited.text);
    is('an orphan is removed', textAt(ORPHAN.path) === '');
    await step('again', [], ({ status, changed }) => status === 0 && changed === 0);
    putFiles(running.root, [FOREIGN]);
    await step(
      "somebody else's file",
      [],
      ({ status, text }) => status !== 0 && text.includes(FOREIGN.path),
    );
    is("somebody else's file is as it was", textAt(FOREIGN.path) === FOREIGN.text);
    return { failures, notes, evidence };
  });
}

/** The timer's seconds; the play gives up earlier. */
const BACK = 30;

/** An address that the LAN does not know: the host is lost, and must come back by itself. */
export async function rollBackRole(
  folder: string,
  backend: string,
  image: Image,
): Promise<Verdict> {
  const situation = situationOf('static', 'static', backend, image);
  if (typeof situation === 'string') return { outcome: 'refused', reason: situation, failures: [] };
  const { host, old, shims } = situation;
  const place = join(folder, `back-${backend}-${image.suite}`);
  const [address = ''] = old.address.split('/');
  await layRole(
    place,
    intentOf('original')
      .replaceAll(address, '203.0.113.50')
      .replaceAll(old.gateway, '203.0.113.254'),
    backend,
  );
  return withMachine({ ...host, files: ofSystem(backend, old) }, async (machine, surround) => {
    const scene = await surround();
    const running = await machine.boot(scene);
    await untilOnline(running, BOOT_SECONDS);
    const play = player(place, 'kvm1');
    reachable(place, running, scene, address);
    const set = `{macvtap_rollback_seconds: ${BACK}, macvtap_reach_seconds: 4}`;
    const { status, text, failed } = await play('-e', set);
    const failures =
      status !== 0 && failed === 1 && /Wait until the host is reached again/.test(text)
        ? []
        : [`the play did not fail as it must: ${text.slice(-700)}`];
    // By now it may be back: the error of the play shows that the host was lost.
    const lost = /the LAN does not reach the host/.exec(text)?.[0];
    if (lost === undefined) failures.push('the host was not lost: nothing is proven');
    await sleep(BACK * 1000);
    const end = performance.now() + 20_000;
    let back = await checkOld(running, scene.router, old, shims);
    while (back.length > 0 && performance.now() < end) {
      await sleep(200);
      back = await checkOld(running, scene.router, old, shims);
    }
    failures.push(...back, ...(await generated(running, situation)));
    const journal = await must(running.inside(['journalctl', '--boot', '--no-pager']));
    return {
      failures,
      notes: [`the play failed: ${lost}; then the host was as before`],
      evidence: { play: text, journal },
    };
  });
}
