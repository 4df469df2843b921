/** What else an operator does with the role, and what else happens to it: each once, on a host that runs. */
import { existsSync, lstatSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { intentOf } from '../../../golden/cases.ts';
import { withMachine, witness } from '../../drive/boot.ts';
import { look, managerOf, untilOnline } from '../../drive/look.ts';
import type { Machine, Running } from '../../drive/machine.ts';
import type { Scene } from '../../drive/scene.ts';
import { putFiles } from '../../image/host.ts';
import type { Image } from '../../image/images.ts';
import { check } from '../../judge/check.ts';
import type { Verdict } from '../../trial.ts';
import { checkOld, ofSystem } from '../past/old.ts';
import { type Situation, situationOf } from '../past/situation.ts';
import { FOREIGN, ORPHAN } from './ansible.ts';
import { layRole, type Played, player, reachable } from './play.ts';

const BACKEND = 'networkd';
const BOOT_SECONDS = 90;

/** A host that runs with its old configuration, and a role for it. */
interface Stage extends Situation {
  readonly place: string;
  readonly address: string;
  readonly machine: Machine;
  readonly running: Running;
  readonly scene: Scene;
  readonly surround: () => Promise<Scene>;
  readonly failures: string[];
  /** Plays; their result must be as listed. */
  step(what: string, options: readonly string[], isRight: (it: Played) => boolean): Promise<void>;
  expect(what: string, lines: readonly string[] | boolean): void;
}

async function onStage(
  folder: string,
  name: string,
  image: Image,
  body: (stage: Stage) => Promise<void>,
): Promise<Verdict> {
  const situation = situationOf('static', 'static', BACKEND, image);
  if (typeof situation === 'string') return { outcome: 'refused', reason: situation, failures: [] };
  const { host, old } = situation;
  const place = join(folder, `role-${name}`);
  await layRole(place, intentOf('original'), BACKEND);
  const failures: string[] = [];
  const evidence: Record<string, string> = {};
  const [address = ''] = old.address.split('/');
  return withMachine({ ...host, files: ofSystem(BACKEND, old) }, async (machine, surround) => {
    const scene = await surround();
    const running = await machine.boot(scene);
    await untilOnline(running, BOOT_SECONDS);
    reachable(place, running, scene, address);
    const play = player(place, 'kvm1');
    await body({
      ...{ ...situation, place, address, machine, running, scene, surround, failures },
      step: async (what, options, isRight) => {
        const played = await play(...options);
        evidence[what] = played.text;
        const { status, changed, text } = played;
        if (isRight(played)) return;
        failures.push(`${what}: status ${status}, changed ${changed}: ${text.slice(-900)}`);
      },
      expect: (what, lines) => {
        if (lines === false) failures.push(`${what}: no`);
        else if (lines !== true) failures.push(...lines.map((line) => `${what}: ${line}`));
      },
    });
    return { failures, evidence };
  });
}

const isApplied = ({ status, changed }: Played): boolean => status === 0 && changed > 0;
const isNothing = ({ status, changed }: Played): boolean => status === 0 && changed === 0;

/** The running host is the intent's. */
async function isRight({ host, running, scene }: Stage): Promise<string[]> {
  const manager = managerOf(host.systems);
  const { segments, expected } = host;
  const round = { segments, expected, guest: 'macvlan' as const, places: scene };
  const observed = await look(running, manager, round);
  // What was logged of the old configuration does not concern the new one.
  return check({ ...observed, warnings: [] }, expected, manager.good);
}

/** Cut off after a file and before the activation; files that were edited, left over, another program's. */
export const oddities = (folder: string, image: Image): Promise<Verdict> =>
  onStage(folder, 'oddities', image, async (stage) => {
    const { place, address, running, scene, host, old, shims, step, expect } = stage;
    const { root } = running;
    const textOf = (path: string): string =>
      existsSync(`${root}${path}`) ? readFileSync(`${root}${path}`, 'utf8') : '';
    for (const [what, last] of [
      ['cut off in the middle', host.files[2]],
      ['cut off before it is activated', host.files.at(-1)],
    ] as const) {
      const path = `${root}${last?.path}`;
      reachable(place, running, scene, address, ['sh', '-c', '[ ! -e "$0" ] && exec "$@"', path]);
      await step(what, [], ({ status, failed }) => status !== 0 && failed === 1);
      expect(what, existsSync(path));
      expect(what, await checkOld(running, scene.router, old, shims));
    }
    reachable(place, running, scene, address);
    await step(
      'taken up again',
      [],
      (it) => isApplied(it) && /An earlier change is not confirmed/.test(it.text),
    );
    expect('taken up again', await isRight(stage));
    expect('nothing is kept', !existsSync(`${root}/etc/macvtap-render`));

    const [edited = host.files[0]] = host.files.filter(({ path }) => path === FOREIGN.path);
    if (!edited) throw new Error('there are files');
    const changed = { ...edited, text: `${edited.text}# edited\n` };
    putFiles(root, [ORPHAN, changed]);
    await step(
      'looked at',
      ['--check', '--diff'],
      (it) => isApplied(it) && /^-# edited/m.test(it.text) && it.text.includes(ORPHAN.path),
    );
    expect('looked at, edited still', textOf(edited.path) === changed.text);
    expect('looked at, there still', textOf(ORPHAN.path) === ORPHAN.text);
    putFiles(root, [edited]);
    await step('nothing is pruned', ['-e', 'macvtap_prune=false'], isNothing);
    expect('nothing is pruned', textOf(ORPHAN.path) === ORPHAN.text);
    rmSync(`${root}${ORPHAN.path}`);

    // A link, which must not be written through.
    const target = '/etc/mine.conf';
    putFiles(root, [{ ...FOREIGN, path: target }]);
    rmSync(`${root}${FOREIGN.path}`);
    symlinkSync(target, `${root}${FOREIGN.path}`);
    await step('a link', [], ({ status, text }) => status !== 0 && text.includes(FOREIGN.path));
    await step('a link, by force', ['-e', 'macvtap_force=true'], isApplied);
    expect('a link is a file', lstatSync(`${root}${FOREIGN.path}`).isFile());
    expect('a link is a file', textOf(FOREIGN.path) === edited.text);
    expect('where it led to', textOf(target) === FOREIGN.text);
    putFiles(root, [FOREIGN]);
    await step("somebody else's, by force", ['-e', 'macvtap_force=true'], isApplied);
    expect("somebody else's, by force", textOf(FOREIGN.path) === edited.text);
    await step('again', [], isNothing);
  });

/** `none`: nothing happens until the next boot. */
export const notBeforeBoot = (folder: string, image: Image): Promise<Verdict> =>
  onStage(folder, 'none', image, async (stage) => {
    const { running, scene, machine, host, old, shims, surround, step, expect, place, address } =
      stage;
    await step('written', ['-e', 'macvtap_activation=none'], isApplied);
    expect('written', await checkOld(running, scene.router, old, shims));
    expect('nothing is kept', !existsSync(`${running.root}/etc/macvtap-render`));
    const [next] = await Promise.all([surround(), running.reboot()]);
    await scene.end();
    const booted = await machine.boot(next);
    expect('booted', (await witness(host, booted, next, 'macvlan')).failures);
    reachable(place, booted, next, address);
    await step('again', ['-e', 'macvtap_activation=none'], isNothing);
  });

/** `reboot`: the play reboots the host, and waits for it. */
export const byReboot = (folder: string, image: Image): Promise<Verdict> =>
  onStage(folder, 'reboot', image, async (stage) => {
    const { running, scene, machine, host, surround, step, expect, place, address } = stage;
    const rebooted = async (): Promise<void> => {
      const next = await surround();
      await running.rebooted();
      await scene.end();
      const booted = await machine.boot(next);
      reachable(place, booted, next, address);
      expect('booted', (await witness(host, booted, next, 'macvlan')).failures);
      expect('booted', booted.bootId !== running.bootId);
    };
    const set = ['-e', 'macvtap_activation=reboot'];
    await Promise.all([step('applied', set, isApplied), rebooted()]);
    await step('again', set, isNothing);
  });
