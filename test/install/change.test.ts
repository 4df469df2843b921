/** The change script on a fake host: what is kept, what comes back, and who wins. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { intentOf } from '../golden/cases.ts';
import { isLong, sample } from '../long.ts';
import { installedOn as installed, isFile, rendered } from './changed-host.ts';
import { copiesOf, type FakeHost, fakeHost, IP } from './fake-host.ts';

const PENDING = '/etc/macvtap-render/pending';
const SITE = '[Match]\nName=eth0\n\n[Network]\nAddress=198.51.100.50/24\n';
const SITE_FILE = '/etc/systemd/network/20-eth0.network';
const NETDEV = '/etc/systemd/network/00-macvtap-veth0.netdev';

/** What `sed` and the like say of a script that is wrong. */
const TOOL_ERROR = /^(?!macvtap: )\S+: /m;

const activated = (host: FakeHost): void => {
  const { status, output } = host.change(['activate']);
  assert.is(status, 0, output);
  assert.match(output, /Activated\.$/m);
  assert.not.match(output, TOOL_ERROR);
};

/** A host with a file of its own, on which the change is activated; then, on which it is confirmed. */
const activatedHost = copiesOf(() => {
  const host = fakeHost();
  host.write(SITE_FILE, SITE);
  installed(host, rendered());
  activated(host);
  return host;
});
const confirmedHost = copiesOf(() => {
  const host = activatedHost();
  assert.is(host.change(['confirm']).status, 0);
  return host;
});

const changed = (...pairs: readonly (readonly [string, string])[]): string =>
  pairs.reduce((text, [from, to]) => {
    assert.ok(text.includes(from), from);
    return text.replaceAll(from, to);
  }, intentOf('original'));

/** Every file below /etc but for the pending directory: bytes and modes. */
const snapshot = (host: FakeHost): string[] =>
  host
    .files()
    .filter((path) => !path.startsWith('/etc/macvtap-render') && isFile(host, path))
    .map(
      (path) => `${statSync(join(host.root, path)).mode.toString(8)} ${path} ${host.read(path)}`,
    );

test('what is there is kept whole, once, and the pending directory is for root alone', () => {
  const host = fakeHost();
  host.write(SITE_FILE, SITE, 0o640);
  host.write(NETDEV, 'of somebody\n', 0o600);
  installed(host, rendered());
  assert.is(host.read(`${PENDING}/files${NETDEV}`), 'of somebody\n');
  assert.is(statSync(join(host.root, PENDING, 'files', NETDEV)).mode & 0o777, 0o600);
  assert.is(statSync(join(host.root, PENDING)).mode & 0o777, 0o700);
  assert.is(statSync(join(host.root, PENDING, 'change')).mode & 0o777, 0o700);
  assert.is(host.read(`${PENDING}/boot`), 'boot-1\n');
  const created = host.read(`${PENDING}/created`)?.split('\n') ?? [];
  assert.ok(created.includes('/etc/systemd/network/00-macvtap-eth0.network'));
  assert.not.ok(created.includes(NETDEV));
  // The upload is gone; only the pending directory is left of it.
  assert.equal(readdirSync(join(host.root, 'etc/macvtap-render')), ['pending']);
});

test('generated files of an earlier intent are kept and named, whoever is to remove them', () => {
  const host = confirmedHost();
  const first = rendered();
  const renamed = rendered(changed(['veth0', 'veth7']));
  const { output } = host.change(['keep'], host.send(renamed.script));
  assert.match(output, /not in this set; .*: rm -f( \S+veth0\.\S+){2,}$/m);
  assert.is(host.read(`${PENDING}/files${NETDEV}`), host.read(NETDEV));
  assert.not.match(host.change(['keep'], host.send(first.script)).output, /not in this set/);
});

test('a second change before the first is confirmed: the rollback leads to before the first', () => {
  const first = fakeHost();
  first.write(SITE_FILE, SITE);
  const before = snapshot(first);
  const host = activatedHost();
  assert.is(host.link('veth0')?.['parent'], 'eth0');
  installed(host, rendered(changed(['veth0', 'veth7'])));
  activated(host);
  assert.is(host.link('veth0'), undefined);
  assert.ok(host.link('veth7'));
  const { status, output } = host.change(['rollback']);
  assert.is(status, 0, output);
  assert.equal(snapshot(host), before);
  assert.is(host.link('veth0'), undefined);
  assert.is(host.link('veth7'), undefined);
  assert.not.ok(host.files().includes('/etc/macvtap-render'));
});

test('after a reboot the change is in effect, and an old pending directory is replaced', () => {
  const host = fakeHost();
  installed(host, rendered());
  host.write('/proc/sys/kernel/random/boot_id', 'boot-2\n');
  installed(host, rendered(changed(['veth0', 'veth7'])));
  assert.ok(host.read(`${PENDING}/files${NETDEV}`)?.includes('Name=veth0'));
  assert.is(host.read(`${PENDING}/boot`), 'boot-2\n');
});

test('a device that did not change is never deleted, by a change or its rollback', () => {
  const host = confirmedHost();
  const before = snapshot(host);
  installed(host, rendered(changed(['198.51.100.50', '198.51.100.60'])));
  host.commands();
  activated(host);
  assert.is(host.change(['rollback']).status, 0);
  const commands = host.commands();
  assert.equal(
    commands.filter((line) => line.startsWith('ip link delete')),
    [],
  );
  assert.is(commands.filter((line) => line === 'networkctl reload').length, 2);
  assert.equal(snapshot(host), before);
  assert.ok(host.link('veth0'));
});

/** In a long run only: each has another test beside it that goes the same path of the script. */
const longTest = (name: string, body: () => void): void => {
  if (isLong) test(name, body);
};

for (const [index, [what, pairs, aspect, is, was]] of (
  [
    [
      'MAC',
      [['parent: eth0', 'parent: eth0\n    macaddress: "02:00:00:00:00:09"']],
      'address',
      '02:00:00:00:00:09',
      'ce:56:b6:6f:2b:36',
    ],
    ['mode', [['parent: eth0', 'parent: eth0\n    mode: vepa']], 'mode', 'vepa', 'bridge'],
    [
      'mode that the kernel changes on no device',
      [
        [
          'parent: eth0',
          'parent: eth0\n    mode: source\n    source-macaddresses: ["52:54:00:51:00:fe"]',
        ],
      ],
      'mode',
      'source',
      'bridge',
    ],
  ] as const
).entries()) {
  (index === 2 ? test : longTest)(
    `another ${what}: the device has it at once, and its own again after the rollback`,
    () => {
      const host = confirmedHost();
      installed(host, rendered(changed(...pairs)));
      activated(host);
      assert.is(host.link('veth0')?.[aspect], is);
      assert.is(host.change(['rollback']).status, 0);
      assert.is(host.link('veth0')?.[aspect], was);
      assert.is(host.read('/errors'), undefined);
    },
  );
}

/** @returns what networkd says of the rollback of a shim's removal, where the shim exists again */
function errorsOfRollback(without: (script: string) => string): string | undefined {
  const host = confirmedHost();
  const next = rendered(changed(['veth0', 'veth7']));
  installed(host, { ...next, script: without(next.script) });
  activated(host);
  assert.is(host.link('veth0'), undefined);
  // It came back, by whatever means: networkd would refuse its parent.
  host.addLink('veth0', {
    address: '02:00:00:00:00:01',
    mtu: '1500',
    kind: 'macvlan',
    parent: 'eth0',
    mode: 'bridge',
  });
  assert.is(host.change(['rollback']).status, 0);
  assert.is(host.link('veth0')?.['address'], 'ce:56:b6:6f:2b:36');
  assert.is(host.link('veth7'), undefined);
  return host.read('/errors');
}

test('a shim that is removed goes; the rollback creates it again, though it may still exist', () => {
  assert.is(
    errorsOfRollback((script) => script),
    undefined,
  );
  const cure = /^ {2}clear_for_networkd "\$1" "\$2"$/m;
  const errors = errorsOfRollback((script) => {
    assert.match(script, cure);
    return script.replace(cure, '  :');
  });
  assert.match(errors ?? '', /veth0: File exists/);
});

test('with ifupdown nothing is activated while another stanza of a link is left, a bridge as a NIC', () => {
  for (const link of sample(['br0', 'eth0', 'veth0'], 3)) {
    const host = fakeHost();
    installed(host, rendered(intentOf('bridge-parent'), 'ifupdown'));
    host.write('/etc/network/interfaces', `auto lo\niface ${link} inet dhcp\n`);
    const { status, output } = host.change(['activate']);
    assert.is(status, 1, link);
    assert.ok(output.includes(`/etc/network/interfaces still has an iface of ${link}.`), output);
  }
});

test('folders that come with the files go with them, unless others put something there', () => {
  const host = fakeHost();
  host.write(SITE_FILE, SITE);
  const before = host.files();
  installed(host, rendered());
  const dropIns = '/etc/systemd/system/systemd-networkd-wait-online.service.d';
  assert.ok(host.read(`${PENDING}/folders`)?.split('\n').includes(dropIns));
  host.write('/etc/sysctl.d/50-site.conf', '');
  assert.is(host.change(['rollback']).status, 0);
  assert.equal(host.files(), [...before, '/etc/sysctl.d', '/etc/sysctl.d/50-site.conf'].sort());
});

test('one winner: confirm after a rollback, rollback after confirm, and neither without a change', () => {
  const host = fakeHost();
  host.write(SITE_FILE, SITE);
  const { script } = rendered();
  installed(host, rendered());
  const kept = host.read(`${PENDING}/change`) ?? '';
  host.write('/kept', kept);
  const late = join(host.root, 'kept');
  assert.is(host.change(['confirm']).status, 0);
  assert.match(host.change(['confirm'], late).output, /No change is pending/);
  assert.is(host.change(['confirm'], late).status, 1);
  assert.is(host.change(['rollback'], late).status, 1);
  assert.ok(host.read(NETDEV), 'what was confirmed stays');
  // A rollback that has begun cannot be confirmed any more, and is finished when it is started again.
  host.change(['keep'], host.send(script));
  host.rename(PENDING, `${PENDING}.claimed`);
  const confirmed = host.change(['confirm'], late);
  assert.is(confirmed.status, 1);
  assert.match(confirmed.output, /being rolled back/);
  assert.is(host.change(['arm'], late).status, 1);
  assert.is(host.change(['keep'], host.send(script)).status, 1);
  assert.is(host.change(['rollback'], join(host.root, `${PENDING}.claimed/change`)).status, 0);
  assert.not.ok(host.files().some((path) => path.startsWith('/etc/macvtap-render/pending')));
});

test('the timer: armed with the time that is asked for, replaced by another, cancelled by confirm', () => {
  const host = fakeHost();
  installed(host, rendered());
  host.commands();
  assert.match(
    host.change(['arm', '60']).output,
    /rolls back in 60 s unless confirmed, and at the next boot\./,
  );
  const armed = host.commands();
  const run =
    armed.find((line) => line.startsWith('systemd-run') && line.includes('--on-active')) ?? '';
  assert.match(
    run,
    /--collect --unit=macvtap-timer --timer-property=AccuracySec=1s --on-active=60s sh \S+\/pending\/change rollback-here \S+$/,
  );
  assert.ok(armed.indexOf('systemctl stop macvtap-timer.timer') < armed.indexOf(run));
  for (const wrong of sample(['0', '-1', 'x', '5m', ''], 4)) {
    assert.is(host.change(['arm', wrong]).status, wrong === '' ? 0 : 1, wrong);
  }
  host.commands();
  assert.is(host.change(['confirm']).status, 0);
  assert.ok(host.commands().includes('systemctl stop macvtap-timer.timer'));
});

test('a second activation waits for the end of one that still runs', () => {
  const host = fakeHost();
  installed(host, rendered());
  const other = spawn('sh', [
    '-c',
    'sleep 1; rm "$1"',
    'macvtap-render',
    `${host.root}${PENDING}/activating`,
  ]);
  host.write(`${PENDING}/activating`, `${other.pid}\n`);
  const { status, output } = host.change(['activate']);
  assert.is(status, 0, output);
  assert.match(output, /running already: waiting.*\nmacvtap: Activating\n/);
});

test('a rollback by hand while another runs waits for its end', () => {
  const host = fakeHost();
  installed(host, rendered());
  host.rename(PENDING, `${PENDING}.claimed`);
  const claimed = `${host.root}${PENDING}.claimed`;
  const other = spawn('sh', ['-c', 'sleep 1; mv "$1" "$1.gone"', 'macvtap-render', claimed]);
  host.write(`${PENDING}.claimed/running`, `${other.pid}\n`);
  host.commands();
  const { status, output } = host.change(['rollback'], `${claimed}/change`);
  assert.is(status, 0, output);
  // The name of its unit is taken.
  assert.not.ok(host.commands().some((line) => line.startsWith('systemd-run')));
  assert.equal(output, 'macvtap: A rollback is running already.\n');
});

test('a rollback that was interrupted ends right when it is started again', () => {
  const host = fakeHost();
  host.write(SITE_FILE, SITE, 0o640);
  host.write(NETDEV, 'of somebody\n', 0o664);
  const before = snapshot(host);
  installed(host, rendered());
  activated(host);
  // Half of it: claimed, some files restored.
  host.rename(PENDING, `${PENDING}.claimed`);
  host.write(NETDEV, 'of somebody\n', 0o664);
  assert.is(host.change(['rollback'], join(host.root, `${PENDING}.claimed/change`)).status, 0);
  assert.equal(snapshot(host), before);
  assert.is(host.link('veth0'), undefined);
});

/** busybox's: `grep -v` prints nothing where the list of patterns is empty; GNU's prints every line. */
const BUSYBOX_GREP = `
previous=
for word; do
  if [ "$previous" = -f ] && [ ! -s "$word" ]; then cat >/dev/null; exit 1; fi
  previous=$word
done
PATH=\${PATH#*:}
exec grep "$@"
`;

test('the rollback of a first installation deletes its devices, with the grep of busybox too', () => {
  const host = fakeHost({ grep: BUSYBOX_GREP });
  host.write(SITE_FILE, SITE);
  installed(host, rendered());
  activated(host);
  assert.ok(host.link('veth0'));
  assert.is(host.change(['rollback']).status, 0);
  assert.is(host.link('veth0'), undefined);
});

const BY_MAC = '{set-name: eth0, match: {macaddress: "52:54:00:00:00:01"}}';

const VETH0 = { address: 'ce:56:b6:6f:2b:36', mtu: '1500', kind: 'macvlan', mode: 'bridge' };

longTest('the MTU of a NIC that is found by its MAC stays when the system changes', () => {
  const host = fakeHost({ systemctl: '' });
  const large = BY_MAC.replace('{', '{mtu: 9000, ');
  const intent = changed(['shims:', `parents:\n  eth0: ${large}\nshims:`]);
  host.addLink('eth0', { mtu: '9000' });
  installed(host, rendered(intent));
  activated(host);
  host.change(['confirm']);
  installed(host, rendered(intent, 'networkmanager'));
  activated(host);
  assert.is(host.link('eth0')?.['mtu'], '9000');
});

test('a macvlan of NetworkManager whose parent is found by its MAC is deleted only where it must be', () => {
  const host = fakeHost({ systemctl: '' });
  const intent = changed(['shims:', `parents:\n  eth0: ${BY_MAC}\nshims:`]);
  host.addLink('veth0', { ...VETH0, parent: 'eth0' });
  host.addLink('eth1', { address: '52:54:00:00:00:02', mtu: '1500' });
  installed(host, rendered(intent, 'networkmanager'));
  const deleted = (): string[] => {
    host.commands();
    activated(host);
    return host.commands().filter((line) => line.startsWith('nmcli device delete'));
  };
  assert.equal(deleted(), []);
  host.addLink('veth0', { parent: 'eth1' });
  assert.equal(deleted(), ['nmcli device delete veth0']);
});

test('half of an installation is neither activated nor confirmed, and nothing is confirmed while an activation runs', () => {
  const host = fakeHost();
  installed(host, rendered());
  host.write(`${PENDING}/installing`, '');
  for (const word of ['activate', 'confirm']) {
    const half = host.change([word]);
    assert.is(half.status, 1, word);
    assert.match(half.output, /An installation was interrupted\. Run it again, .* or run rollback/);
    assert.ok(host.read(`${PENDING}/change`), word);
  }
  host.remove(`${PENDING}/installing`);
  const running = spawn('sh', ['-c', 'sleep 60; :', 'macvtap-render'], { stdio: 'ignore' });
  try {
    host.write(`${PENDING}/activating`, `${running.pid}\n`);
    const early = host.change(['confirm']);
    assert.is(early.status, 1);
    assert.match(early.output, /An activation is running: confirm after its end/);
  } finally {
    running.kill();
  }
  host.remove(`${PENDING}/activating`);
  activated(host);
  assert.is(host.change(['confirm']).status, 0);
});

longTest('leftovers of an ended activation are not an activation', () => {
  const host = fakeHost();
  installed(host, rendered());
  host.write(`${PENDING}/activating`, '999999999\n');
  activated(host);
});

/** `ip`, whose bond refuses a link that is up. */
const BONDING = `
case "$*" in
  'link set dev eth0 down') rm -f "$FAKE/sys/class/net/eth0/up" ;;
  'link set dev eth0 up') : >"$FAKE/sys/class/net/eth0/up" ;;
  'link set dev eth0 master bond0')
    [ ! -e "$FAKE/refuses" ] || { echo 'RTNETLINK answers: Operation not permitted' >&2; exit 2; }
    [ ! -e "$FAKE/sys/class/net/eth0/up" ] || { echo 'bond0: Device can not be enslaved while up.' >&2; exit 2; }
    ln -s ../bond0 "$FAKE/sys/class/net/eth0/master"
    ;;
  *) exec "$FAKE/ip" "$@" ;;
esac
`;

test('a NIC goes back into a bond of the site, which takes it only while it is down', () => {
  const host = fakeHost({ ip: BONDING });
  host.write('/ip', `#!/bin/sh\nFAKE='${host.root}'\n${IP}`, 0o755);
  host.write(SITE_FILE, '[Match]\nName=eth0\n\n[Network]\nBond=bond0\n');
  const netdev = '/etc/systemd/network/10-bond0.netdev';
  host.write(netdev, '[NetDev]\nName=bond0\nKind=bond\n');
  const bond = { address: '52:54:00:00:00:01', mtu: '1500', bonding: '', kind: 'bond' };
  host.addLink('bond0', bond);
  symlinkSync('../bond0', join(host.root, 'sys/class/net/eth0/master'));
  const { script, files } = rendered();
  assert.is(host.change(['keep', netdev, SITE_FILE], host.send(script)).status, 0);
  host.write(`${PENDING}/move`, `${netdev}\n${SITE_FILE}\n`);
  for (const { path, text } of files) host.write(path, text);
  activated(host);
  assert.is(host.link('bond0'), undefined, 'the bond goes with its file');
  rmSync(join(host.root, 'sys/class/net/eth0/master'));
  assert.is(host.read(netdev), undefined);
  // networkd has created it again, and has not yet taken the NIC.
  host.addLink('bond0', bond);
  host.addLink('eth0', { up: '' });
  host.write('/refuses', '');
  const refused = host.change(['rollback']);
  assert.is(refused.status, 1, refused.output);
  assert.match(refused.output, /eth0 is not in bond0/);
  assert.is(host.link('eth0')?.['up'], '', 'it is not left down');
  host.remove('/refuses');
  const { status, output } = host.change(
    ['rollback'],
    join(host.root, `${PENDING}.claimed/change`),
  );
  assert.is(status, 0, output);
  assert.ok(existsSync(join(host.root, 'sys/class/net/eth0/master/bonding')));
  assert.ok(existsSync(join(host.root, 'sys/class/net/eth0/up')));
  assert.ok(host.read(netdev) && host.read(SITE_FILE));
});

test('links that have their link-local address are not waited for, whoever has made it', () => {
  const host = fakeHost({ sleep: '' });
  host.write(SITE_FILE, SITE);
  host.write('/proc/sys/net/ipv6/conf/eth0/addr_gen_mode', '1\n');
  installed(host, rendered());
  activated(host);
  host.commands();
  const pauses = (): number => host.commands().filter((line) => line.startsWith('sleep ')).length;
  host.write(`${PENDING}/link-local`, 'eth0\n');
  const { status, output } = host.change(['rollback']);
  assert.is(status, 0, output);
  assert.is(pauses(), 0);
});

test('all links together are waited for until they have their link-local addresses', () => {
  const missing = copiesOf(() => {
    const host = fakeHost({ sleep: '' });
    host.write(SITE_FILE, SITE);
    installed(host, rendered());
    activated(host);
    host.write(`${PENDING}/addresses`, '');
    for (const name of ['eth0', 'eth1', 'eth2']) {
      host.addLink(name, { address: '02:00:00:00:00:01', mtu: '1500', addresses: '' });
      // networkd or NetworkManager may be about to set another.
      host.write(`/proc/sys/net/ipv6/conf/${name}/addr_gen_mode`, '1\n');
    }
    host.commands();
    return host;
  });
  const pauses = (...names: readonly string[]): number => {
    const host = missing();
    host.write(`${PENDING}/link-local`, names.map((name) => `${name} 0\n`).join(''));
    const { status, output } = host.change(['rollback']);
    assert.is(status, 0, output);
    assert.is(host.read('/proc/sys/net/ipv6/conf/eth0/addr_gen_mode'), '1\n');
    return host.commands().filter((line) => line.startsWith('sleep ')).length;
  };
  const others = pauses();
  assert.is(pauses('eth0') - others, 30);
  assert.is(pauses('eth0', 'eth1', 'eth2') - others, 30);
});

test('sysctls, MTU, MAC of the NIC are what they were', () => {
  const host = fakeHost();
  host.write(SITE_FILE, SITE);
  host.write('/proc/sys/net/ipv4/conf/eth0/arp_ignore', '0\n');
  installed(host, rendered());
  activated(host);
  assert.is(host.read('/proc/sys/net/ipv4/conf/eth0/arp_ignore'), '1\n');
  host.addLink('eth0', { address: '02:00:00:00:00:01', mtu: '9000' });
  assert.is(host.change(['rollback']).status, 0);
  assert.is(host.read('/proc/sys/net/ipv4/conf/eth0/arp_ignore'), '0\n');
  assert.is(host.link('eth0')?.['address'], '52:54:00:00:00:01');
  assert.is(host.link('eth0')?.['mtu'], '1500');
});

test('after activation and rollback the LAN hears of the addresses', () => {
  const host = fakeHost();
  host.write(SITE_FILE, SITE);
  host.write('/neighbours', '198.51.100.9 dev eth0 lladdr 52:54:00:00:00:09 REACHABLE\n');
  host.write('/sys/class/net/eth0/routes', 'default via inet6 2001:db8::fe proto static\n');
  installed(host, rendered());
  host.commands();
  const { status, output } = host.change(['rollback']);
  assert.is(status, 0);
  assert.not.match(output, TOOL_ERROR);
  const commands = host.commands();
  assert.ok(commands.some((line) => /^ping .* 198\.51\.100\.9$/.test(line)));
  assert.ok(commands.includes('ip neigh flush dev eth0'));
  // One more of the subnet, beside the neighbour that the host had.
  for (const address of ['198.51.100.49', '2001:db8::fe']) {
    assert.ok(
      commands.some((line) => line.startsWith('ping ') && line.endsWith(` ${address}`)),
      `${address}: ${commands.join('\n')}`,
    );
  }
  assert.not.ok(commands.some((line) => line.endsWith(' inet6')));
});

test('a command line that is wrong says what there is', () => {
  const host = fakeHost();
  const script = host.send(rendered().script);
  assert.is(host.change([], script).status, 2);
  assert.is(host.change(['undo'], script).status, 2);
  assert.is(host.change(['keep', 'relative'], script).status, 1);
  mkdirSync(join(host.root, 'etc/folder'));
  assert.is(host.change(['keep', '/etc/folder'], script).status, 1);
});

test.run();
