/** A rollback looks at the addresses and default routes that the host had, and restores what is missing. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { installedOn, rendered } from './changed-host.ts';
import { type FakeHost, fakeHost } from './fake-host.ts';

const ROUTE = 'default via 198.51.100.254 proto static\n';
const OF_ROUTER = 'default via fe80::1 proto ra metric 1024\n';
const KEPT = '/sys/class/net/eth0/default-4';

/** networkd that gives a link its route when it is configured, and at no reload. */
const networkctl = (state: string): string => `case "$*" in
  *' list eth0') echo '2 eth0 ether routable ${state}' ;;
  'reconfigure eth0') printf '${ROUTE.trim()}\\n' >"$FAKE${KEPT}" ;;
esac`;

/** A host whose change is activated, and has lost its default route since. */
function lost(state: string): FakeHost {
  const host = fakeHost({ networkctl: networkctl(state), sleep: '' });
  host.write(KEPT, ROUTE);
  host.write('/sys/class/net/eth0/default-6', OF_ROUTER);
  installedOn(host, rendered());
  host.change(['activate']);
  host.remove(KEPT);
  host.remove('/sys/class/net/eth0/default-6');
  host.commands();
  return host;
}

test('a default route that is gone comes back by networkd, which a reload does not ask for it', () => {
  const host = lost('configured');
  const { status, output } = host.change(['rollback']);
  assert.is(status, 0, output);
  assert.is(host.read(KEPT), ROUTE);
  assert.is(host.commands().filter((line) => line === 'networkctl reconfigure eth0').length, 1);
});

test('a link that is being configured is waited for, and a route that stays away is reported', () => {
  const host = lost('configuring');
  const { status, output } = host.change(['rollback']);
  assert.is(status, 1);
  assert.match(output, /Missing after the rollback: IPv4 default route on eth0;?$/m);
  assert.not.match(output, /IPv6/);
  assert.not.ok(host.commands().includes('networkctl reconfigure eth0'));
});

test.run();
