/** A bridge of the site's under ifupdown gives way to a shim, and comes back: what the change script does, in its order. */
import { existsSync, lstatSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rendered } from './changed-host.ts';
import { copiesOf, type FakeHost, fakeHost } from './fake-host.ts';

const PENDING = '/etc/macvtap-render/pending';
const MAIN = '/etc/network/interfaces';
const BR0 = '/etc/network/interfaces.d/br0';
const LEFT = 'source /etc/network/interfaces.d/*\nauto lo\niface lo inet loopback\n';
const OLD = `${LEFT}iface eth0 inet manual\n`;
const BRIDGE = 'auto br0\niface br0 inet static\n    bridge_ports eth0\n';

/** By the files of `-i`: a link without a stanza there is unknown. */
const IFDOWN = `
tree=$(sed -n 's|^source \\(.*/etc/network\\)/.*|\\1|p' "$2")
grep -rqs "iface $3 " "$tree" || { echo "ifdown: unknown interface $3" >>"$FAKE/errors"; exit 1; }
case $3 in
  br0) rm -r "$FAKE/sys/class/net/br0"; rm -f "$FAKE/sys/class/net/eth0/master" ;;
  veth0) rm -rf "$FAKE/sys/class/net/veth0" ;;
esac`;
/** As the kernel: no macvlan on a port, no port with a macvlan or macvtap on it. */
const IFUP = `
net=$FAKE/sys/class/net
grep -rqs "^iface $1 " "$FAKE/etc/network" || exit 1
case $1 in
  br0)
    [ ! -e "$net/br0" ] || exit 0
    ! grep -rqsx eth0 "$net"/*/parent || { echo 'br0: eth0: Device or resource busy' >>"$FAKE/errors"; exit 1; }
    mkdir -p "$net/br0/bridge"
    echo 1 >"$net/br0/carrier"
    ln -s ../br0 "$net/eth0/master"
    ;;
  veth0)
    [ ! -e "$net/eth0/master" ] || { echo 'veth0: Device or resource busy' >>"$FAKE/errors"; exit 1; }
    mkdir "$net/veth0"
    echo eth0 >"$net/veth0/parent"
    echo macvlan >"$net/veth0/kind"
    echo 52:54:00:00:00:02 >"$net/veth0/address"
    echo 1500 >"$net/veth0/mtu"
    ;;
esac`;

const IFQUERY = 'grep -rqs "^iface $1 " "$FAKE/etc/network"';

type Change = (script: string) => string;

const make = (change: Change, more: Readonly<Record<string, string>> = {}): FakeHost => {
  const host = fakeHost({ ifup: IFUP, ifdown: IFDOWN, ifquery: IFQUERY, ...more });
  host.write(MAIN, OLD, 0o640);
  host.write(BR0, BRIDGE);
  host.addLink('br0', { address: '52:54:00:00:00:01', mtu: '1500', carrier: '1' });
  host.write('/sys/class/net/br0/bridge/priority', '');
  symlinkSync('../br0', join(host.root, 'sys/class/net/eth0/master'));
  const set = rendered(undefined, 'ifupdown');
  const script = change(set.script);
  const { status, output } = host.change(['keep', MAIN, BR0], host.send(script));
  assert.is(status, 0, output);
  for (const { path, text } of set.files) host.write(path, text);
  const put = (name: string, text: string): void => host.write(`${PENDING}/${name}`, text, 0o600);
  put('move', `${BR0}\n`);
  put('rewrite', `1 ${MAIN}\n`);
  put('rewrite-1', LEFT);
  put('site-links', 'eth0\nbr0\n');
  return host;
};
const pending = copiesOf(() => make((script) => script));

const activated = (host: FakeHost): FakeHost => {
  const { status, output } = host.change(['activate']);
  assert.is(status, 0, output);
  return host;
};

test('a port that had no link-local address has none after a rollback', () => {
  for (const [had, isFlushed] of [
    ['br0\n', true],
    ['br0\neth0\n', false],
  ] as const) {
    const host = activated(pending());
    host.write(`${PENDING}/link-local`, had);
    host.commands();
    const { status, output } = host.change(['rollback']);
    assert.is(status, 0, output);
    const flush = 'ip -6 address flush dev eth0 scope link';
    assert.is(host.commands().includes(flush), isFlushed, had);
  }
});

test('the bridge goes down by its old files, before its port and before anything comes up', () => {
  const host = pending();
  host.commands();
  activated(host);
  const commands = host.commands().filter((line) => /^if(?:up|down) /.test(line));
  assert.match(commands[0] ?? '', /^ifdown -i \S+\/run\/macvtap-work\/interfaces br0$/);
  assert.match(commands[1] ?? '', /^ifdown -i \S+ eth0$/);
  assert.equal(commands.slice(2), ['ifup eth0', 'ifup veth0']);
  assert.is(host.link('br0'), undefined);
  assert.is(host.link('veth0')?.['parent'], 'eth0');
  assert.is(host.read(MAIN), LEFT);
  assert.is(lstatSync(join(host.root, MAIN)).mode & 0o777, 0o640);
  assert.is(host.read(BR0), undefined);
  assert.is(host.read('/errors'), undefined);
});

test('a rollback brings it back, with a guest on the NIC meanwhile', () => {
  const host = activated(pending());
  host.addLink('macvtap0', {
    parent: 'eth0',
    kind: 'macvtap',
    mode: 'bridge',
    address: '52:54:00:00:00:03',
  });
  host.commands();
  const { status, output } = host.change(['rollback']);
  assert.is(status, 0, output);
  assert.is(host.read('/errors'), undefined);
  assert.is(host.link('macvtap0'), undefined);
  assert.is(host.link('veth0'), undefined);
  assert.ok(host.files() && host.read(MAIN) === OLD && host.read(BR0) === BRIDGE);
  assert.is(lstatSync(join(host.root, 'sys/class/net/eth0/master')).isSymbolicLink(), true);
  const up = host.commands().filter((line) => line.startsWith('ifup '));
  assert.equal(up, ['ifup eth0', 'ifup br0']);
  assert.not.ok(host.files().some((path) => /macvtap-render|macvtap-new|60-macvtap/.test(path)));
});

test('confirmed, both files are kept as they were', () => {
  const host = activated(pending());
  const { status, output } = host.change(['confirm']);
  assert.is(status, 0, output);
  assert.is(host.read(`/etc/macvtap-render/moved${MAIN}`), OLD);
  assert.is(host.read(`/etc/macvtap-render/moved${BR0}`), BRIDGE);
  assert.is(host.read(MAIN), LEFT);
});

test('a bridge that a guest keeps there is deleted', () => {
  const host = pending();
  const left = `#!/bin/sh\nexit 0\n`;
  host.write('/../bin/ifdown', left, 0o755);
  activated(host);
  assert.is(host.link('br0'), undefined);
});

test('a rollback before the activation leaves the bridge, and one at a boot restores files only', () => {
  const early = pending();
  early.commands();
  assert.is(early.change(['rollback']).status, 0);
  assert.ok(existsSync(join(early.root, 'sys/class/net/br0/bridge')));
  assert.is(early.read(MAIN), OLD);
  const host = pending();
  host.write('/proc/1/stat', '1 (systemd) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 77 1 2\n');
  host.write('/etc/systemd/system/site.service', '');
  assert.is(host.change(['arm', '60']).status, 0);
  activated(host);
  host.commands();
  host.write('/proc/sys/kernel/random/boot_id', 'boot-2\n');
  const { status, output } = host.change(['boot']);
  assert.is(status, 0, output);
  assert.is(host.read(MAIN), OLD);
  assert.is(host.read(BR0), BRIDGE);
  assert.equal(
    host.commands().filter((line) => /^if(?:up|down) /.test(line)),
    [],
  );
});

/** It is killed before the copies are removed. */
const RM = `case "$*" in '-rf '*/pending.confirmed) [ -e "$FAKE/ends" ] || exit 1 ;; esac
exec /bin/rm "$@"`;

test('a rollback that was cut off at its very end has moved nothing away', () => {
  const host = make((script) => script, { rm: RM });
  activated(host);
  assert.is(host.change(['rollback']).status, 0);
  const kept = '/etc/macvtap-render/pending.confirmed';
  assert.ok(host.read(`${kept}/change`));
  host.write('/ends', '');
  host.change(['boot'], join(host.root, `${kept}/change`));
  assert.is(host.read(MAIN), OLD);
  assert.equal(
    host.files().filter((path) => path.startsWith('/etc/macvtap-render')),
    [],
  );
});

/** What is taken out, and what is seen then. */
const CURES: readonly (readonly [name: string, cure: string, seen: (host: FakeHost) => boolean])[] =
  [
    [
      'the bridge goes down first',
      '  [ "$2" != after ] || site_links >>"$work/down"\n',
      (host) => !host.commands().some((line) => / br0$/.test(line) && line.startsWith('ifdown')),
    ],
    [
      'the bridge comes up again',
      ' $(site_links) $downed',
      (host) => !host.commands().includes('ifup br0'),
    ],
    [
      'what is on the NIC goes before it is a port',
      '  free_ports\n',
      (host) => host.read('/errors') !== undefined,
    ],
  ];

for (const [name, cure, seen] of CURES) {
  test(`without the cure it fails: ${name}`, () => {
    const host = make((script) => {
      assert.ok(script.includes(cure), cure);
      return script.replace(cure, cure.endsWith('\n') ? '  :\n' : ' $downed');
    });
    host.commands();
    host.change(['activate']);
    host.addLink('macvtap0', {
      parent: 'eth0',
      kind: 'macvtap',
      mode: 'bridge',
      address: '52:54:00:00:00:03',
    });
    host.change(['rollback']);
    assert.ok(seen(host));
  });
}

test.run();
