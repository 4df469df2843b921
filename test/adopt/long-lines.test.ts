/** `init`: lines of files with long runs of spaces take no longer than others of their length. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { processorMs } from '../processor.ts';
import { hostAt, init, STATIC } from './trees.ts';

const SPACES = ' '.repeat(100_000);

const LINES: readonly (readonly [what: string, host: string])[] = [
  ['LXC', `${STATIC}--- /var/lib/lxc/web/config\nlxc.net.0.link = a${SPACES}b\n`],
  ['a command of ifupdown', `${STATIC}    up ip route add${SPACES}192.0.2.0/24 via 198.51.100.9\n`],
];

for (const [what, host] of LINES) {
  test(`${what}: a line with spaces`, async () => {
    const root = hostAt(host);
    const start = processorMs();
    const { status, stderr } = await init(root);
    assert.is(status, 0, stderr);
    assert.ok(processorMs() - start < 1500, `${processorMs() - start} ms`);
  });
}

test.run();
