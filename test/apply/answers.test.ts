/** Whether a gateway answers, where it answers pings and where it does not. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { answers } from '../../src/apply/answers.ts';
import { fakeSystem } from '../fake-system.ts';

const GATEWAY = '198.51.100.254';

const entry = (state: string): string => `${GATEWAY} dev veth0 lladdr 02:00:00:00:00:fe ${state}\n`;

test('a gateway that answers no ping but ARP is there', () => {
  const isThere = (ping: number, ip: string): boolean =>
    answers(fakeSystem({ programs: { ping: { status: ping }, ip } }), GATEWAY);
  assert.ok(isThere(0, ''));
  assert.ok(isThere(1, entry('REACHABLE')));
  assert.ok(isThere(1, entry('router REACHABLE')));
  assert.not.ok(isThere(1, entry('STALE')));
  assert.not.ok(isThere(1, `${GATEWAY} dev veth0 FAILED\n`));
  assert.not.ok(answers(fakeSystem(), GATEWAY), 'without any program');
});

test('a MAC that is known from earlier does not count: the kernel asks again', () => {
  const PROBE = `ip neigh change ${GATEWAY} dev veth0 nud probe`;
  for (const isAlive of [true, false]) {
    const system = fakeSystem({
      programs: {
        ping: { status: 1 },
        [PROBE]: '',
        ip: () => {
          if (!system.record.includes(PROBE)) return entry('DELAY');
          if (isAlive) return entry('REACHABLE');
          return system.milliseconds() < 3000 ? entry('PROBE') : `${GATEWAY} dev veth0 FAILED\n`;
        },
      },
    });
    assert.is(answers(system, GATEWAY), isAlive);
    assert.is(system.record.filter((one) => one === PROBE).length, 1);
    assert.is(system.milliseconds(), isAlive ? 200 : 3000);
  }
});

test('a link-local gateway is asked on its link: each link may have one of that address', () => {
  const known = (link: string): string => `ip neigh show to fe80::1 dev ${link}`;
  const system = fakeSystem({
    programs: {
      ping: { status: 1 },
      'ping -n -c 1 -W 1 fe80::1%veth1': '',
      [known('veth0')]: 'fe80::1 lladdr 02:00:00:00:00:fe router REACHABLE\n',
      ip: '',
    },
  });
  assert.equal(
    ['veth0', 'veth1', 'veth2'].map((link) => answers(system, `fe80::1%${link}`)),
    [true, true, false],
  );
});

test('without ping(8) the kernel is made to ask', () => {
  const USE = `ip neigh replace ${GATEWAY} dev veth0 use`;
  for (const isAlive of [true, false]) {
    const system = fakeSystem({
      programs: {
        [`ip -o route get ${GATEWAY}`]: `${GATEWAY} dev veth0 src 198.51.100.50 uid 0 \\    cache \n`,
        [USE]: '',
        ip: () =>
          isAlive && system.record.includes(USE) && system.milliseconds() > 0
            ? entry('REACHABLE')
            : `${GATEWAY} dev veth0 INCOMPLETE\n`,
      },
    });
    assert.is(answers(system, GATEWAY), isAlive);
    assert.ok(system.milliseconds() <= 1000);
  }
});

test.run();
