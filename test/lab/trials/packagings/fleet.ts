/**
 * A fleet of several systems and its canary: with an intent that loses the canary nobody else is touched, and it comes
 * back by itself; with the right one all are as in the intent, and a second play changes nothing.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { managerOf, readState, settle } from '../../drive/look.ts';
import { exchange } from '../../drive/scenario.ts';
import type { Image } from '../../image/images.ts';
import { withTools } from '../../image/tool-image.ts';
import { check } from '../../judge/check.ts';
import { must } from '../../process.ts';
import type { Verdict } from '../../trial.ts';
import { generated } from '../past/generated.ts';
import { checkOld } from '../past/old.ts';
import {
  type Fleet,
  type Member,
  type Planned,
  planFleet,
  systemsOf,
  withFleet,
} from './fleet-lan.ts';
import { type FleetPlayed, fleetPlayer, layFleet } from './fleet-play.ts';

const SHIMS = ['veth0'];
/** The timer's seconds; the play gives up earlier. */
const BACK = 45;
const LOST = `{macvtap_rollback_seconds: ${BACK}, macvtap_reach_seconds: 5}`;

export async function fleetTrial(folder: string, suite: Image, count: number): Promise<Verdict> {
  const image = await withTools(suite);
  const place = join(folder, `fleet-${count}`);
  mkdirSync(place, { recursive: true });
  const key = join(place, 'key');
  rmSync(key, { force: true });
  await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const planned = planFleet(count);
  const [canary, ...others] = planned;
  if (!canary) throw new Error('a fleet has hosts');
  const notes: string[] = [];
  const failures: string[] = [];
  const evidence: Record<string, string> = {};
  let begin = performance.now();
  const printed = (what: string): void => {
    notes.push(`${what}: ${((performance.now() - begin) / 1000).toFixed(1)} s`);
    begin = performance.now();
  };
  const expect = (what: string, lines: readonly string[]): void =>
    void failures.push(...lines.map((line) => `${what}: ${line}`));
  return withFleet(image, planned, key, async (fleet) => {
    printed(`${count} hosts booted`);
    const play = async (what: string, ...options: string[]): Promise<FleetPlayed> => {
      const played = await fleetPlayer(place, key, fleet.scene)(...options);
      printed(what);
      evidence[what] = played.text;
      return played;
    };

    await layFleet(place, [elsewhere(canary), ...others]);
    const lost = await play('the canary lost', '-e', LOST);
    expect('the canary lost', checkStopped(lost, canary.name));
    for (const member of fleet.members.slice(1)) {
      expect('the canary lost', await untouched(member, fleet));
    }
    const [first] = fleet.members;
    if (first) expect('the canary', await backByItself(first, fleet));
    printed('the canary back');

    const hasSecond = planned.length > LAST_OF_SECOND + 1;
    if (hasSecond) {
      const wrong = planned.map((item, index) =>
        index === LOST_OF_SECOND ? elsewhere(item) : item,
      );
      await layFleet(place, wrong);
      const second = await play('one of the second turn lost', '-e', LOST);
      expect('the second turn', checkSecond(second, planned));
      const [confirmed, ...rest] = fleet.members;
      if (confirmed) expect('confirmed before', await checkMember(confirmed, fleet));
      for (const member of rest.slice(LAST_OF_SECOND)) {
        expect('the third turn', await untouched(member, fleet));
      }
      for (const member of rest.slice(0, LAST_OF_SECOND)) {
        expect('the second turn', await backByItself(member, fleet));
      }
      printed('the second turn back');
    }

    await layFleet(place, planned);
    const applied = await play('applied');
    expect(
      'applied',
      // The canary was confirmed before, where a turn came after it.
      checkPlayed(applied, planned.length, (changed, name) =>
        hasSecond && name === canary.name ? changed === 0 : changed > 0,
      ),
    );
    for (const member of fleet.members) expect('applied', await checkMember(member, fleet));
    printed('looked at');
    const again = await play('again');
    expect(
      'again',
      checkPlayed(again, planned.length, (changed) => changed === 0),
    );
    return { failures, notes, evidence };
  });
}

/** By the README's `serial`: the second turn is of five, after the canary. One of them is lost. */
const LAST_OF_SECOND = 5;
const LOST_OF_SECOND = 2;

/** With an address that the LAN does not know. */
function elsewhere(item: Planned): Planned {
  const [address = ''] = item.old.address.split('/');
  const intent = item.intent
    .replaceAll(address, '203.0.113.50')
    .replaceAll(item.old.gateway, '203.0.113.254');
  return { ...item, intent };
}

/** The play has failed in its second turn, and nobody else's has come. */
function checkSecond({ status, text, hosts }: FleetPlayed, planned: readonly Planned[]): string[] {
  const third = planned.slice(LAST_OF_SECOND + 1).filter(({ name }) => hosts.has(name));
  const lost = hosts.get(planned[LOST_OF_SECOND]?.name ?? '');
  return [
    ...(status !== 0 && (lost?.failed ?? 0) > 0
      ? []
      : [`the play did not fail: ${text.slice(-700)}`]),
    ...third.map(({ name }) => `the play went on to ${name}`),
  ];
}

/** The play has ended with the canary, which it did not reach. */
function checkStopped({ status, text, hosts }: FleetPlayed, canary: string): string[] {
  const others = [...hosts.keys()].filter((name) => name !== canary);
  const wasLost = /Wait until the host is reached again[\s\S]*(?:UNREACHABLE|timed out)/;
  return [
    ...(status !== 0 && (hosts.get(canary)?.failed ?? 0) > 0 ? [] : ['the play did not fail']),
    ...(wasLost.test(text) ? [] : [`it was not lost: ${text.slice(-700)}`]),
    ...(others.length === 0 ? [] : [`the play went on to ${others.join(', ')}`]),
  ];
}

function checkPlayed(
  { status, text, hosts }: FleetPlayed,
  count: number,
  isRight: (changed: number, name: string) => boolean,
): string[] {
  const wrong = [...hosts].filter(
    ([name, { changed, failed }]) => failed > 0 || !isRight(changed, name),
  );
  const isAll = hosts.size === count && status === 0;
  return [
    ...(isAll ? [] : [`status ${status}, ${hosts.size} hosts: ${text.slice(-1500)}`]),
    ...wrong.map(([name, { changed, failed }]) => `${name}: changed ${changed}, failed ${failed}`),
  ];
}

async function untouched({ name, running, old }: Member, { scene }: Fleet): Promise<string[]> {
  const lines = [
    ...(await checkOld(running, scene.router, old, SHIMS)),
    ...(await generated(running, { shims: SHIMS })),
  ];
  return lines.map((line) => `${name}: ${line}`);
}

async function backByItself(member: Member, fleet: Fleet): Promise<string[]> {
  const end = performance.now() + (BACK + 10) * 1000;
  for (;;) {
    const wrong = await untouched(member, fleet);
    if (wrong.length === 0 || performance.now() > end) return wrong;
    await sleep(300);
  }
}

/** The kernel's state of a host, the daemon's word, who reaches whom, and the MAC that the LAN learns. */
async function checkMember(
  { name, backend, running, expected }: Member,
  { scene }: Fleet,
): Promise<string[]> {
  const manager = managerOf(systemsOf(backend));
  await settle(running, manager, expected, 10);
  const state = await readState(running, manager);
  const { router, guest } = scene;
  const heard = await exchange(expected.pings, { host: running, guest, router });
  const none = { leases: new Map(), warnings: [], obstacles: [], evidence: {} };
  const wrong = check({ ...state, ...heard, ...none }, expected, manager.good);
  return wrong.map((line) => `${name}: ${line}`);
}
