/** What is pending, as the files of the pending directory and the host's clock say. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type PendingChange, pendingChange } from '../../src/apply/pending-change.ts';
import { temporaryFolder } from '../command.ts';
import { fakeSystem } from '../fake-system.ts';

const BOOT = '00000000-0000-0000-0000-000000000001';
const UNIT = 'etc/systemd/system/macvtap-rollback.service';

/** @param files of the pending directory; with a slash before them: of the host */
function at(files: Readonly<Record<string, string>>, folder = 'pending'): PendingChange {
  const root = temporaryFolder();
  const all = { '/proc/sys/kernel/random/boot_id': `${BOOT}\n`, '/proc/uptime': '100.50 9.9\n' };
  for (const [name, text] of Object.entries({ ...all, ...files })) {
    const path = join(root, name.startsWith('/') ? name : `etc/macvtap-render/${folder}/${name}`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return pendingChange(fakeSystem({ root }));
}

const OWN = { boot: `${BOOT}\n` };

test('none, of no folder and of one that an earlier boot has activated', () => {
  assert.is(at({}).state, 'none');
  assert.is(at({ '/etc/macvtap-render/moved/x': '' }).state, 'none');
  assert.is(at({ boot: `${BOOT.replace('01', '02')}\n` }).state, 'none');
});

test('armed: the time that is left, and whether a boot rolls back', () => {
  const armed = at({ ...OWN, deadline: '160\n', 'armed-boot': 'x', [`/${UNIT}`]: '' });
  assert.equal(armed, {
    state: 'pending',
    path: '/etc/macvtap-render/pending',
    secondsLeft: 60,
    rollsBackAtBoot: true,
  });
  assert.is(at({ ...OWN, deadline: '50\n' }).secondsLeft, 0);
  assert.is(at({ ...OWN, deadline: 'soon\n' }).secondsLeft, undefined);
  assert.is(at({ ...OWN, deadline: '160\n', 'armed-boot': 'x' }).rollsBackAtBoot, false);
});

test('every state', () => {
  assert.is(at(OWN).state, 'pending');
  assert.is(at({ ...OWN, installing: '' }).state, 'installing');
  assert.is(at({ ...OWN, 'reboot-once': '60' }).state, 'waits-for-reboot');
  const cmdline = 'sh\0/etc/macvtap-render/pending.claimed/change\0rollback-here\0';
  const claimed = { running: '7\n', deadline: '160\n' };
  const running = at({ ...claimed, '/proc/7/cmdline': cmdline }, 'pending.claimed');
  assert.is(running.state, 'rolling-back');
  const failed = at(claimed, 'pending.claimed');
  assert.is(failed.state, 'rollback-failed');
  assert.is(failed.secondsLeft, undefined);
  assert.is(failed.path, '/etc/macvtap-render/pending.claimed');
  const other = at({ ...claimed, '/proc/7/cmdline': 'cat\0' }, 'pending.claimed');
  assert.is(other.state, 'rollback-failed', 'another process has the number now');
});

test.run();
