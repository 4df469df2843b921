/** The change script and libvirt's domains: in which order they follow the host, and what a hanging one may delay. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { installedOn, rendered } from './changed-host.ts';
import { copiesOf, type FakeHost, fakeHost } from './fake-host.ts';

const UUID = '0b1f3a52-5a4e-4d4e-9c52-000000000001';
const MAC = '52:54:00:51:00:11';
const PENDING = '/etc/macvtap-render/pending';
const LIBVIRTD = '/proc/7/comm';
const STORED = '/etc/libvirt/qemu/vm1.xml';

/**
 * libvirt with one running domain, whose interface is a line of a file. A guest that `keeps` does not release it,
 * and `detach-interface` reports success, as libvirt does.
 */
const VIRSH = `
while [ "\${1#-}" != "$1" ]; do
  if [ "$1" = --connect ]; then shift; fi
  shift
done
# As often as a file says.
fails() {
  [ -s "$FAKE/$1" ] || return 1
  left=$(($(cat "$FAKE/$1") - 1))
  if [ "$left" -gt 0 ]; then echo "$left"; fi >"$FAKE/$1"
  echo "error: $1" >&2
}
[ ! -e "$FAKE/hangs" ] || { sleep 30; exit 1; }
case "$1" in
  list)
    ! fails down || exit 1
    echo ${UUID}
    ;;
  define) ! fails unreadable || exit 1 ;;
  domiflist)
    [ ! -e "$FAKE/slow" ] || { sleep 30; exit 1; }
    [ ! -e "$FAKE/fails" ] || { echo 'error: no such thing' >&2; exit 1; }
    [ ! -s "$FAKE/nic" ] || echo "vnet0 $(cat "$FAKE/nic") virtio ${MAC}"
    ;;
  detach-interface) [ -e "$FAKE/keeps" ] || : >"$FAKE/nic" ;;
  attach-device)
    [ ! -e "$FAKE/refuses" ] || { echo 'error: no more slots' >&2; exit 1; }
    [ ! -e "$FAKE/late" ] || { rm "$FAKE/late"; echo 'error: no /dev/tap7' >&2; exit 1; }
    sed -n 's/.*type="\\([a-z]*\\)".* \\(bridge\\|dev\\)="\\([a-z0-9]*\\)".*/\\1 \\3/p' "$3" >"$FAKE/nic"
    ;;
  update-device)
    [ ! -e "$FAKE/restarts" ] || mv "$FAKE/restarts" "$FAKE/down"
    [ ! -e "$FAKE/refuses-config" ] || { echo 'error: refused' >&2; exit 1; }
    ;;
esac
`;

const xml = (type: string, key: string, source: string): string =>
  `<interface type="${type}"><mac address="${MAC}"/><source ${key}="${source}"/></interface>\n`;
const ON_BRIDGE = xml('bridge', 'bridge', 'br0');
const ON_NIC = xml('direct', 'dev', 'eth0');

const hosts = new Map<string, () => FakeHost>();

/**
 * @param isToBridge the other direction
 * @param seconds how long guests are waited for
 */
function movedHost(isToBridge = false, seconds = 1): FakeHost {
  const name = `${isToBridge} ${seconds}`;
  const copy = hosts.get(name) ?? copiesOf(() => createMovedHost(isToBridge, seconds));
  hosts.set(name, copy);
  return copy();
}
function createMovedHost(isToBridge: boolean, seconds: number): FakeHost {
  const host = fakeHost({ virsh: VIRSH });
  const [before, after] = isToBridge
    ? ['direct eth0', 'bridge br0']
    : ['bridge br0', 'direct eth0'];
  host.write('/nic', `${before}\n`);
  host.write(LIBVIRTD, 'libvirtd\n');
  host.write(STORED, 'before\n', 0o600);
  host.write('/etc/systemd/network/20-eth0.network', '[Match]\nName=eth0\n');
  const { script, files } = rendered();
  // Nobody waits for ten seconds here.
  const soon = script
    .replace('GUEST_SECONDS=10', `GUEST_SECONDS=${seconds}`)
    .replace(/(RELEASE_SECONDS)=5/, '$1=1');
  installedOn(host, { script: soon, files });
  host.write(`${PENDING}/domains`, `1 ${UUID} ${MAC} ${before} ${after}\n`);
  host.write(`${PENDING}/domain-files`, `${STORED}\n`);
  host.write(`${PENDING}/files${STORED}`, 'before\n', 0o600);
  host.write(`${PENDING}/domain-1-stored`, isToBridge ? ON_BRIDGE : ON_NIC);
  host.write(`${PENDING}/domain-1-after`, isToBridge ? ON_BRIDGE : ON_NIC);
  host.write(`${PENDING}/domain-1-before`, isToBridge ? ON_NIC : ON_BRIDGE);
  host.commands();
  return host;
}

/** The word of each command that counts, in their order. */
const order = (host: FakeHost): string[] =>
  host.commands().flatMap((line) => {
    const word = /^virsh .*system ([a-z-]+)/.exec(line)?.[1];
    if (word !== undefined) return ['list', 'domiflist'].includes(word) ? [] : [word];
    return line === 'networkctl reload' ? ['the host'] : [];
  });

test('to macvtap: the host, the stored definition, then the guest; a rollback is in reverse', () => {
  const host = movedHost();
  const { status, output } = host.change(['activate']);
  assert.is(status, 0, output);
  assert.equal(order(host), ['the host', 'update-device', 'detach-interface', 'attach-device']);
  assert.is(host.read('/nic'), 'direct eth0\n');
  host.write(STORED, 'after\n');
  const back = host.change(['rollback']);
  assert.is(back.status, 0, back.output);
  assert.equal(order(host), ['detach-interface', 'define', 'the host', 'attach-device']);
  assert.is(host.read('/nic'), 'bridge br0\n');
  assert.is(host.read(STORED), 'before\n');
});

test('to a bridge: the guest and its definition first, and no macvtap is left on the port', () => {
  const host = movedHost(true);
  host.addLink('macvtap7', { kind: 'macvtap', parent: 'eth0', mode: 'bridge', address: MAC });
  const { status, output } = host.change(['activate']);
  assert.is(status, 0, output);
  assert.equal(order(host), ['detach-interface', 'update-device', 'the host', 'attach-device']);
  assert.is(host.read('/nic'), 'bridge br0\n');
  assert.is(host.link('macvtap7'), undefined);
  host.change(['rollback']);
  assert.equal(order(host), ['the host', 'define', 'detach-interface', 'attach-device']);
  assert.is(host.read('/nic'), 'direct eth0\n');
});

test('a guest is attached before a rollback looks for link-local addresses, which it may wait for', () => {
  const host = movedHost();
  host.write('/proc/sys/net/ipv6/conf/eth0/addr_gen_mode', '0\n');
  assert.is(host.change(['activate']).status, 0);
  assert.is(host.read(`${PENDING}/link-local`), 'eth0 0\n');
  host.commands();
  const back = host.change(['rollback']);
  assert.is(back.status, 0, back.output);
  const lines = host.commands();
  const first = lines.indexOf('ip -6 -o address show dev eth0 scope link');
  assert.ok(first > lines.findLastIndex((line) => line.startsWith('virsh ')), lines.join('\n'));
});

test('every command names the domain by its UUID, of the system and not of a session', () => {
  const host = movedHost();
  host.change(['activate']);
  host.change(['rollback']);
  const lines = host.commands().filter((line) => line.startsWith('virsh '));
  assert.ok(lines.length > 8);
  for (const line of lines)
    assert.match(line, /^virsh --quiet --connect qemu:\/\/\/system [a-z-]+ /);
  for (const line of lines.filter((one) => /-(?:device|interface) /.test(one)))
    assert.match(line, new RegExp(`system [a-z-]+ ${UUID} `));
});

test('a guest that keeps its interface is reported, and the change goes on; its old port is restored', () => {
  const host = movedHost();
  host.write('/keeps', '');
  // Its bridge has gone.
  host.addLink('vnet0', { kind: 'tun', address: 'fe:54:00:51:00:11' });
  const { status, output } = host.change(['activate']);
  assert.is(status, 0, output);
  assert.match(output, /keeps its interface 52:54:00:51:00:11, and is without the LAN/);
  assert.not.ok(order(host).includes('attach-device'));
  const back = host.change(['rollback']);
  assert.is(back.status, 0, back.output);
  assert.equal(order(host), ['define', 'the host']);
  assert.is(host.link('vnet0')?.['master'], 'br0');
});

/** Commands of `virsh` with this word, without what all of them have. */
const called = (host: FakeHost, word: string): string[] =>
  host.commands().flatMap((line) => {
    const words = line.split('/system ')[1] ?? '';
    return words.startsWith(`${word} `) ? [words] : [];
  });

test('an interface that is only stored changes nothing of the running guest', () => {
  for (const nic of ['bridge br9\n', '']) {
    const host = movedHost();
    host.remove(`${PENDING}/domain-1-after`);
    host.remove(`${PENDING}/domain-1-before`);
    host.write('/nic', nic);
    const { status, output } = host.change(['activate']);
    assert.is(status, 0, output);
    assert.equal(order(host), ['the host', 'update-device']);
    host.change(['rollback']);
    assert.equal(order(host), ['define', 'the host']);
    assert.is(host.read('/nic'), nic);
  }
});

test('a port that a guest has kept since an earlier change is restored, into no other bridge', () => {
  for (const [nic, master] of [
    ['bridge br0', 'br0'],
    ['bridge br9', undefined],
    ['network lan', undefined],
  ] as const) {
    const host = movedHost(true);
    host.remove(`${PENDING}/domain-1-after`);
    host.write('/nic', `${nic}\n`);
    host.addLink('vnet0', { kind: 'tun', address: 'fe:54:00:51:00:11' });
    host.change(['activate']);
    assert.is(host.link('vnet0')?.['master'], master, nic);
  }
});

test('a guest on a network is on a bridge, whatever the name of the network is', () => {
  for (const nic of ['network lan\n', 'network my own lan\n']) {
    const host = movedHost();
    host.write('/nic', nic);
    host.change(['activate']);
    assert.equal(called(host, 'detach-interface'), [
      `detach-interface ${UUID} network --mac ${MAC} --live`,
    ]);
    assert.is(host.read('/nic'), 'direct eth0\n');
    const back = movedHost(true);
    back.write('/nic', nic);
    const { status, output } = back.change(['activate']);
    assert.is(status, 0, output);
    assert.equal(order(back), ['update-device', 'the host']);
    assert.not.match(output, /keeps/);
    const kept = movedHost();
    kept.write('/nic', nic);
    kept.write('/keeps', '');
    kept.addLink('vnet0', { kind: 'tun', address: 'fe:54:00:51:00:11' });
    kept.change(['activate']);
    kept.commands();
    kept.change(['rollback']);
    assert.equal(order(kept), ['define', 'the host']);
    assert.is(kept.link('vnet0')?.['master'], 'br0');
  }
});

test('a guest is neither detached nor attached while libvirt does not say what it has', () => {
  for (const isToBridge of [false, true]) {
    const host = movedHost(isToBridge);
    host.write('/fails', '');
    const { status, output } = host.change(['activate']);
    assert.is(status, 0, output);
    assert.equal(order(host).sort(), ['the host', 'update-device']);
    assert.match(
      output,
      /Unknown: what the interface 52:54:00:51:00:11 of the domain .* attached to/,
    );
    assert.not.match(output, /keeps its interface/);
  }
});

test('guests that are not free are waited for, and a libvirt that hangs at each of them is not', () => {
  const host = movedHost(true);
  host.write('/fails', '');
  host.change(['activate']);
  assert.ok(called(host, 'domiflist').length > 4, 'until the end of the time');
  const many = movedHost();
  const numbers = [1, 2, 3, 4, 5, 6, 7, 8];
  const lines = numbers.map((number) => `${number} ${UUID} ${MAC} bridge br0 direct eth0\n`);
  many.write(`${PENDING}/domains`, lines.join(''));
  for (const number of numbers) many.write(`${PENDING}/domain-${number}-after`, ON_NIC);
  many.write('/slow', '');
  const { status, output } = many.change(['activate']);
  assert.is(status, 0, output);
  assert.ok(called(many, 'domiflist').length <= 10);
});

test('libvirt reads the kept copies, or it is reported that it has not', () => {
  const host = movedHost();
  host.change(['activate']);
  host.commands();
  const { output } = host.change(['rollback']);
  assert.not.match(output, /has not read/);
  assert.equal(called(host, 'define'), [
    `define ${host.root}/etc/macvtap-render/pending.claimed/files${STORED}`,
  ]);
});

test('a definition that libvirt does not read at once is read later; otherwise the rollback has a problem', () => {
  for (const isToBridge of [false, true]) {
    const host = movedHost(isToBridge, 10);
    host.change(['activate']);
    host.write('/unreadable', '2\n');
    const { status, output } = host.change(['rollback']);
    assert.is(status, 0, output);
    assert.is(called(host, 'define').length, 3);
  }
  const host = movedHost();
  host.change(['activate']);
  host.write('/unreadable', '999\n');
  const { status, output } = host.change(['rollback']);
  assert.is(status, 1, output);
  assert.match(output, /libvirt has not read \/etc\/libvirt\/qemu\/vm1.xml: error: unreadable/);
  host.remove('/unreadable');
  host.commands();
  const again = host.change(['rollback'], `${host.root}${PENDING}.claimed/change`);
  assert.is(again.status, 0, again.output);
  assert.is(called(host, 'define').length, 1);
});

test('a libvirt that is stopped, or that has never answered, does not make a rollback fail', () => {
  const stopped = movedHost();
  stopped.change(['activate']);
  stopped.write('/down', '999\n');
  stopped.remove(LIBVIRTD);
  const { status, output } = stopped.change(['rollback']);
  assert.is(status, 0, output);
  assert.match(output, /libvirt is not running: it reads the restored definitions/);
  const silent = movedHost();
  silent.write('/down', '999\n');
  assert.match(silent.change(['activate']).output, /definitions of the domains are not changed/);
  const back = silent.change(['rollback']);
  assert.is(back.status, 0, back.output);
});

test('a guest that has released its interface has a new one after a restart of libvirt, or is reported', () => {
  const host = movedHost(true, 10);
  host.write('/restarts', '2\n');
  const { status, output } = host.change(['activate']);
  assert.is(status, 0, output);
  assert.is(host.read('/nic'), 'bridge br0\n');
  assert.is(host.read('/down'), '');
  const gone = movedHost(true);
  gone.write('/restarts', '999\n');
  const failed = gone.change(['activate']);
  assert.is(failed.status, 1, failed.output);
  assert.match(failed.output, new RegExp(`without an interface: ${UUID}`));
  // The rollback knows of it, too.
  gone.remove('/down');
  const back = gone.change(['rollback']);
  assert.is(back.status, 0, back.output);
  assert.is(gone.read('/nic'), 'direct eth0\n');
});

test('a guest that cannot be attached is reported; a definition that cannot be changed fails the activation', () => {
  const host = movedHost();
  host.write('/refuses', '');
  const { status, output } = host.change(['activate']);
  assert.is(status, 0, output);
  assert.match(output, /has no interface 52:54:00:51:00:11: error: no more slots/);
  const late = movedHost(false, 10);
  late.write('/late', '');
  assert.not.match(late.change(['activate']).output, /has no interface/);
  assert.is(late.read('/nic'), 'direct eth0\n');
  const other = movedHost();
  other.write('/refuses-config', '');
  const refused = other.change(['activate']);
  assert.is(refused.status, 1);
  assert.match(refused.output, /definition of the domain .* is not changed: error: refused/);
});

test('a libvirt that hangs does not keep the host from its rollback', () => {
  const host = movedHost();
  host.change(['activate']);
  host.write('/hangs', '');
  const begun = performance.now();
  const { status, output } = host.change(['rollback']);
  assert.is(status, 1, output);
  assert.match(output, /libvirt has not read the restored definitions .* restart it/);
  assert.ok(performance.now() - begun < 10_000);
  assert.is(host.read(STORED), 'before\n');
  assert.is(host.link('veth0'), undefined);
});

test('before the activation nothing of the domains is touched, and without domains nothing is run', () => {
  const host = movedHost();
  const { status, output } = host.change(['rollback']);
  assert.is(status, 0, output);
  assert.not.ok(order(host).includes('define'));
  const other = fakeHost({ virsh: VIRSH });
  installedOn(other, rendered());
  other.change(['activate']);
  other.change(['rollback']);
  assert.equal(
    other.commands().filter((line) => line.startsWith('virsh')),
    [],
  );
});

test('with a reboot for the activation, the definitions are changed before it; the boot restores the files', () => {
  const host = movedHost();
  host.write('/proc/1/stat', `1 (systemd) S${' 0'.repeat(18)} 100 0\n`);
  const armed = host.change(['arm', '300', 'reboot']);
  assert.is(armed.status, 0, armed.output);
  assert.equal(order(host), ['update-device']);
  host.write(STORED, 'after\n');
  host.write('/proc/1/stat', `1 (systemd) S${' 0'.repeat(18)} 200 0\n`);
  host.change(['boot']);
  assert.is(host.read(STORED), 'after\n');
  host.write('/proc/1/stat', `1 (systemd) S${' 0'.repeat(18)} 300 0\n`);
  host.change(['boot']);
  assert.is(host.read(STORED), 'before\n');
  assert.equal(order(host), []);
});

test.run();
