/** `init` on a host with a bridge: its guests, and the plan that moves them to macvtap and back. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../command.ts';
import { bridged, direct, domainXml, MAC, UUID } from '../domains/domains.ts';
import { runHere } from '../in-process.ts';
import { problemsOf } from '../output-schema.ts';
import { hostsIn, writeHost } from './fixtures.ts';

const folder = temporaryFolder();
let count = 0;

const NETWORKD = `os: debian 12
start: systemd-networkd.service
mac: eth0 52:54:00:51:00:50
--- /etc/systemd/network/20-br0.netdev
[NetDev]
Name=br0
Kind=bridge
--- /etc/systemd/network/20-br0.network
[Match]
Name=br0

[Network]
Address=198.51.100.50/24
Gateway=198.51.100.254
--- /etc/systemd/network/20-eth0.network
[Match]
Name=eth0

[Network]
Bridge=br0
`;

/** A host with domains by the names of their files. */
async function init(domains: Readonly<Record<string, string>>, ...words: string[]) {
  const [host] = hostsIn(`=== host\n${NETWORKD}`);
  if (!host) throw new Error('no host');
  count += 1;
  const root = join(folder, `host-${count}`);
  mkdirSync(root);
  const files = new Map([
    ...host.files,
    ...Object.entries(domains).map(([name, text]) => [`/etc/libvirt/qemu/${name}`, text] as const),
  ]);
  writeHost({ files, links: host.links }, root);
  return runHere('init', '--root', root, ...words);
}

test('the plan is a comment below the intent: the host, its files, each definition, and each guest', async () => {
  const { status, stdout } = await init({ 'vm1.xml': domainXml(bridged()) });
  assert.is(status, 0);
  const at = stdout.indexOf('# Guests, from the bridge');
  assert.is(
    stdout.slice(at),
    `# Guests, from the bridge to macvtap. \`apply\` does all of it as one change; by hand, in this order:
# 1. Change the host: \`veth0\` on \`eth0\` takes the addresses of \`br0\`, which goes. From here on the guests are without the LAN, each until it is attached again; one that starts before its stored definition is replaced stays without.
#      macvtap-render apply macvtap.yaml --move /etc/systemd/network/20-br0.netdev --move /etc/systemd/network/20-br0.network --move /etc/systemd/network/20-eth0.network
# 2. Replace the interface in the stored definitions, for the next start of \`vm1\`. \`update-device --config\` keeps the MAC and the address on the guest's bus; \`attach-device --config\` would add a second interface with the same MAC.
#      echo '<interface type="direct" trustGuestRxFilters="yes"><mac address="${MAC}1"/><source dev="eth0" mode="bridge"/><model type="virtio"/></interface>' | virsh update-device vm1 /dev/stdin --config
# 3. Detach and attach \`vm1\`, as far as they run, one after the other. \`detach-interface\` reports success even while the guest keeps the device: attach only when \`domiflist\` no longer shows the MAC. A guest that keeps its old interface has the LAN again after \`virsh shutdown\` and \`virsh start\`.
#      virsh detach-interface vm1 bridge --mac ${MAC}1 --live
#      virsh domiflist vm1
#      echo '<interface type="direct" trustGuestRxFilters="yes"><mac address="${MAC}1"/><source dev="eth0" mode="bridge"/><model type="virtio"/></interface>' | virsh attach-device vm1 /dev/stdin --live
#
# And back to the bridge: \`apply\` an intent with the bridge (\`macvtap-render help guests\`); by hand:
# 1. Detach \`vm1\`, as far as they run. \`detach-interface\` reports success even while the guest keeps the device: attach only when \`domiflist\` no longer shows the MAC.
#      virsh detach-interface vm1 direct --mac ${MAC}1 --live
#      virsh domiflist vm1
# 2. Replace the interface in the stored definitions, for the next start of \`vm1\`. \`update-device --config\` keeps the MAC and the address on the guest's bus; \`attach-device --config\` would add a second interface with the same MAC.
#      echo '<interface type="bridge"><mac address="${MAC}1"/><source bridge="br0"/><model type="virtio"/></interface>' | virsh update-device vm1 /dev/stdin --config
# 3. Change the host back: \`br0\` with the port \`eth0\`, as in \`/etc/systemd/network/20-br0.netdev\`, \`/etc/systemd/network/20-br0.network\`, \`/etc/systemd/network/20-eth0.network\` (\`apply\` keeps moved files in \`/etc/macvtap-render/moved\`). While a guest has a macvtap on \`eth0\` the kernel refuses it as a port.
# 4. Attach \`vm1\`, as far as they run. A guest that keeps its old interface has the LAN again after \`virsh shutdown\` and \`virsh start\`.
#      echo '<interface type="bridge"><mac address="${MAC}1"/><source bridge="br0"/><model type="virtio"/></interface>' | virsh attach-device vm1 /dev/stdin --live
`,
  );
});

/** A host whose bridge is ifupdown's. */
function ifupdown(name: string, files: string): string {
  const [host] = hostsIn(`=== host
os: debian 12
start: networking.service
--- /etc/network/interfaces
auto br0
iface br0 inet static
    address 198.51.100.50/24
    gateway 198.51.100.254
    bridge_ports eth0
${files}`);
  if (!host) throw new Error('no host');
  const root = join(folder, name);
  mkdirSync(root);
  writeHost(host, root);
  return root;
}

test('under ifupdown, whose bridge is in a file with others, `apply` is given that file', async () => {
  const domain = `--- /etc/libvirt/qemu/vm1.xml\n${domainXml(bridged())}`;
  const root = ifupdown('ifupdown', domain);
  const { stdout } = await runHere('init', '--root', root);
  assert.match(
    stdout,
    /^# Guests, .*`apply` does all of it as one change; by hand, in this order:$/m,
  );
  assert.match(
    stdout,
    /^# {6}macvtap-render apply macvtap\.yaml --move \/etc\/network\/interfaces$/m,
  );
});

test('as JSON it is a list of steps in each direction', async () => {
  const { stdout } = await init({ 'vm1.xml': domainXml(bridged()) }, '--format', 'json');
  assert.is(problemsOf(stdout), '');
  const { there, back } = JSON.parse(stdout).hosts[0].guests;
  assert.equal([there.length, back.length], [3, 4]);
});

test('without a guest on the bridge there is none', async () => {
  const others = { 'vm1.xml': domainXml(direct()), 'vm2.xml': 'no domain', '.hidden.xml': '' };
  const { status, stdout } = await init(others);
  assert.is(status, 0);
  assert.not.match(stdout, /virsh/);
});

test('the port of the bridge has the hint that moves it, under ifupdown as elsewhere', async () => {
  const { stderr } = await init({});
  const port = stderr.slice(stderr.indexOf('20-eth0.network:5: note[setting-not-adopted]'));
  assert.match(
    port,
    /`interfaces: eth0` of `br0`.*\n.*Move the bridge's files .*`--move FILE` for each/,
  );
  assert.not.match(stderr, /in a file of its own/);
  const other = await runHere('init', '--root', ifupdown('ifupdown-alone', ''));
  assert.match(
    other.stderr,
    /interfaces:\d+: note\[setting-not-adopted\].*\n.*Move the bridge's files .*`--move FILE` for each/,
  );
});

test('each interface is a guest; the second has a number', async () => {
  const two = domainXml(`${bridged(1)}${bridged(2)}`);
  const { stdout } = await init({
    'vm1.xml': two,
    'vm2.xml': domainXml(bridged(3), 'vm1-2', `${UUID}2`),
  });
  for (const name of ['vm1', 'vm1-2', 'vm1-3']) assert.ok(stdout.includes(`\n  ${name}:\n`), name);
  for (const number of [1, 2, 3]) assert.ok(stdout.includes(`macaddress: "${MAC}${number}"`));
});

test('a name that an intent cannot have is reported, and the commands have the UUID', async () => {
  const name = '--config $(id)';
  const { status, stdout, stderr } = await init({ 'x.xml': domainXml(bridged(), name) });
  assert.is(status, 0);
  assert.match(stderr, /x\.xml:6: warning\[guest-not-adopted\]: The domain `--config \$\(id\)`/);
  assert.not.match(stdout, /^guests:/m);
  assert.ok(stdout.includes(`virsh detach-interface ${UUID}1 bridge`));
  assert.not.match(stdout, /virsh.*--config \$/);
});

test('a hostile name does not become a line of the intent', async () => {
  const { stdout } = await init({
    'x.xml': domainXml(bridged(1, `<filterref filter='x'/>`), 'a&#10;guests: {}&#27;[2J'),
  });
  assert.not.match(stdout, /^guests/m);
  assert.not.ok(stdout.includes('\u001b'));
  assert.match(stdout, /is not moved from bridge `br0`, and loses the LAN/);
});

test.run();
