/** The NIC of today's default route, which an intent would leave bare: `check` and installations. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { referencePage } from '../../src/explain/reference.ts';
import { temporaryFolder } from '../command.ts';
import { runOn } from '../in-process.ts';

const HEAD =
  'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';
const ipv4 = (link: string, to = '00000000', flags = '0003'): string =>
  `${link}\t${to}\tFE6433C6\t${flags}\t0\t0\t0\t${to === '00000000' ? to : '00FFFFFF'}\t0\t0\t0   \n`;
const ipv6 = (link: string, flags = '00000003'): string =>
  `${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00 20010db80051${'0'.repeat(18)}fe 00000400 00000001 00000000 ${flags}     ${link}\n`;

/** @param routes of process 1: `route` and `ipv6_route` */
function host(intent: string, routes: { readonly v4?: string; readonly v6?: string }) {
  const root = temporaryFolder();
  mkdirSync(join(root, 'proc/1/net'), { recursive: true });
  if (routes.v4 !== undefined) writeFileSync(join(root, 'proc/1/net/route'), HEAD + routes.v4);
  if (routes.v6 !== undefined) writeFileSync(join(root, 'proc/1/net/ipv6_route'), routes.v6);
  const file = join(temporaryFolder(), 'intent.yaml');
  writeFileSync(file, `version: 1\nhost: kvm1\n${intent}`);
  return { root, file };
}

const FOUND = /(?:warning|error)\[uplink-left-bare\]: .*/g;

/** What `check` and an installation report; both the same. */
async function found(intent: string, routes: Parameters<typeof host>[1]): Promise<string[]> {
  const { root, file } = host(intent, routes);
  const words = [file, '-b', 'networkd'];
  const check = await runOn(root, 'check', ...words);
  const install = await runOn(root, ...words, '--root', '/', '--dry-run');
  const [ofCheck, ofInstall] = [check.stdout + check.stderr, install.stderr].map((text) =>
    [...text.matchAll(FOUND)].map(([line]) => line),
  );
  assert.equal(ofCheck, ofInstall);
  return ofCheck ?? [];
}

const GUESTS_ALONE = 'guests: {vm1: {parent: eth0}}\n';
const SHIM = 'shims: {veth0: {parent: eth0, addresses: [198.51.100.50/24]}}\n';

test('for guests alone, the NIC of the default route is an error: the host has no address', async () => {
  assert.equal(await found(GUESTS_ALONE, { v4: ipv4('eth0') }), [
    'error[uplink-left-bare]: The IPv4 default route of this host is by `eth0`, which the intent leaves without addresses, and no link of the intent has one, nor any address.',
  ]);
  const { root, file } = host(GUESTS_ALONE, { v4: ipv4('eth0') });
  const words = [file, '-b', 'networkd', '--root', '/'];
  assert.is((await runOn(root, 'check', file, '-b', 'networkd')).status, 1);
  assert.is((await runOn(root, ...words)).status, 4);
  assert.is((await runOn(root, ...words, '--force')).status, 0);
  assert.match(
    referencePage('uplink-left-bare') ?? '',
    /; an error where the host would have no address either/,
  );
});

test('a shim without a default route is a warning, in each family', async () => {
  assert.match((await found(SHIM, { v4: ipv4('eth0') }))[0] ?? '', /^warning.*has one\.$/);
  assert.match((await found(SHIM, { v6: ipv6('eth0') }))[0] ?? '', /^warning.* IPv6 default/);
  assert.is((await found(SHIM, { v4: ipv4('eth0'), v6: ipv6('eth0') })).length, 2);
});

test('nothing, where the host keeps or gets a default route, or has none by a NIC of the intent', async () => {
  const routed = SHIM.replace('}}', ', routes: [{to: default, via: 198.51.100.254}]}}');
  const leased = 'shims: {veth0: {parent: eth0, dhcp4: true, accept-ra: true}}\n';
  for (const [intent, routes] of [
    [routed, { v4: ipv4('eth0') }],
    [leased, { v4: ipv4('eth0'), v6: ipv6('eth0') }],
    ['parents: {eth0: {dhcp4: true}}\n', { v4: ipv4('eth0') }],
    ['parents: {eth0: {managed: false}}\nguests: {vm1: {parent: eth0}}\n', { v4: ipv4('eth0') }],
    [GUESTS_ALONE, {}],
    [GUESTS_ALONE, { v4: ipv4('eth1') }],
    [GUESTS_ALONE, { v4: ipv4('eth0') + ipv4('eth1') }],
    [GUESTS_ALONE, { v4: ipv4('eth0', '000200C0', '0001') }],
    // A route that refuses (RTF_REJECT), and the kernel's own by `lo`.
    [GUESTS_ALONE, { v4: ipv4('eth0', '00000000', '0201') }],
    [GUESTS_ALONE, { v6: ipv6('lo', '00200200') + ipv6('eth0', '00000200') }],
    [GUESTS_ALONE, { v4: 'eth0\n\t\n\u0000', v6: 'x\n' }],
  ] as const) {
    assert.equal(await found(intent, routes), [], `${intent}${JSON.stringify(routes)}`);
  }
});

test('a tree for another host has no routes', async () => {
  const { root, file } = host(GUESTS_ALONE, { v4: ipv4('eth0') });
  const { stderr } = await runOn(temporaryFolder(), file, '-b', 'networkd', '--root', root);
  assert.not.match(stderr, FOUND);
});

test.run();
