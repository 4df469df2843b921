/** What the lab takes for left over after a confirmed change. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { strays } from './trials/change/files.ts';

const files = (...paths: readonly string[]): ReadonlyMap<string, string> =>
  new Map(paths.map((path) => [path, '644 0:0\n']));

const GENERATED = ['/etc/network/interfaces.d/60-macvtap', '/run/network/ifstate'];

test('copies, locks and temporary files are left, generated files are not', () => {
  const left = [
    '/etc/network/.interfaces.macvtap-new',
    '/etc/network/interfaces.new',
    '/etc/network/interfaces.macvtap',
    '/etc/systemd/system/.macvtap-lock.1.2.3',
    '/tmp/tmp.1',
  ];
  assert.equal(
    strays(files(), files(...GENERATED, ...left)),
    left.map((path) => `${path} is left`),
  );
});

test('what was there before is not left', () => {
  const before = files('/etc/network/interfaces.new', '/tmp/tmp.1');
  assert.equal(
    strays(before, files(...GENERATED, '/etc/network/interfaces.new', '/tmp/tmp.1')),
    [],
  );
});

test.run();
