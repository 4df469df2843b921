/** Another system takes over, files of others move: what the change script does, and reverses. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { installedOn, rendered } from './changed-host.ts';
import { copiesOf, type FakeHost, fakeHost } from './fake-host.ts';

const PENDING = '/etc/macvtap-render/pending';
const UNITS = '/etc/systemd/system';
const MANAGER = `${UNITS}/multi-user.target.wants/NetworkManager.service`;
const NETWORKD = `${UNITS}/multi-user.target.wants/systemd-networkd.service`;
const WAIT = `${UNITS}/network-online.target.wants/systemd-networkd-wait-online.service`;

/** Enabling makes links, as `[Install]` says, and starting is on record. */
const SYSTEMCTL = `
link() { mkdir -p "$FAKE$(dirname "$1")"; ln -sf "/usr/lib/systemd/system/$(basename "$1")" "$FAKE$1"; }
case "$*" in
  *is-active*NetworkManager.service*) [ -e "$FAKE/manager" ] ;;
  *is-active*systemd-networkd.service*) [ -e "$FAKE/networkd" ] ;;
  *is-active*) exit 3 ;;
  '-q enable systemd-networkd.service') link ${NETWORKD}; link ${WAIT} ;;
  '-q disable NetworkManager.service') rm -f "$FAKE${MANAGER}" ;;
  'start systemd-networkd.service') : >"$FAKE/networkd"; networkctl reload ;;
  'stop systemd-networkd.service') rm -f "$FAKE/networkd" ;;
  'start NetworkManager.service') : >"$FAKE/manager" ;;
  'stop NetworkManager.service') rm -f "$FAKE/manager" ;;
esac`;

const put = (host: FakeHost, name: string, text: string): void =>
  host.write(`${PENDING}/${name}`, text, 0o600);

/** A host of NetworkManager's, on which networkd is to take over. */
const switching = copiesOf(() => {
  const host = fakeHost({ systemctl: SYSTEMCTL });
  host.write('/manager', '');
  linkTo(host, MANAGER, '/usr/lib/systemd/system/NetworkManager.service');
  linkTo(host, `${UNITS}/dev-a\\x2db.wants/x@1.service`, '/etc/elsewhere/x@.service');
  installedOn(host, rendered());
  put(host, 'switch-from', 'networkmanager\n');
  put(host, 'disable', 'NetworkManager.service\n');
  put(host, 'enable', 'systemd-networkd.service\n');
  return host;
});

function linkTo(host: FakeHost, path: string, target: string): void {
  mkdirSync(dirname(join(host.root, path)), { recursive: true });
  symlinkSync(target, join(host.root, path));
}

/** Links below the folder of units, with where they lead. */
const links = (host: FakeHost): string[] =>
  readdirSync(join(host.root, UNITS), { recursive: true, encoding: 'utf8' })
    .filter((name) => lstatSync(join(host.root, UNITS, name)).isSymbolicLink())
    .map((name) => `${name} ${readlinkSync(join(host.root, UNITS, name))}`)
    .sort();

const done = ({ status, output }: { status: number | null; output: string }): void =>
  assert.is(status, 0, output);

test('the old system lets go, is disabled and stopped; then the new one is enabled and started', () => {
  const host = switching();
  host.commands();
  done(host.change(['activate']));
  const commands = host.commands();
  const at = (line: string): number => commands.indexOf(line);
  assert.ok(at('nmcli connection reload') >= 0);
  assert.ok(at('nmcli connection reload') < at('systemctl stop NetworkManager.service'));
  assert.ok(
    at('systemctl stop NetworkManager.service') < at('systemctl start systemd-networkd.service'),
  );
  assert.ok(
    at('systemctl -q enable systemd-networkd.service') <
      at('systemctl start systemd-networkd.service'),
  );
  assert.not.ok(existsSync(join(host.root, MANAGER)));
  done(host.change(['confirm']));
  assert.not.ok(host.files().includes('/etc/macvtap-render'));
});

test('a rollback restores every link of units, and starts what ran', () => {
  const host = switching();
  const before = links(host);
  done(host.change(['activate']));
  assert.ok(links(host).some((line) => line.includes('wait-online')));
  host.commands();
  done(host.change(['rollback']));
  assert.equal(links(host), before);
  assert.not.ok(existsSync(join(host.root, dirname(WAIT))), 'its folder is gone, too');
  const commands = host.commands();
  assert.ok(commands.includes('systemctl stop systemd-networkd.service'));
  assert.ok(
    commands.indexOf('systemctl daemon-reload') <
      commands.indexOf('systemctl start NetworkManager.service'),
  );
  assert.ok(existsSync(join(host.root, '/manager')));
});

test('networkd that has just begun has created the shim, which is not deleted, and stays stopped after a rollback', () => {
  const host = switching();
  const key = '/proc/sys/net/ipv6/conf/eth0/accept_ra';
  host.write(key, '1\n');
  host.commands();
  done(host.change(['activate']));
  assert.ok(host.link('veth0'));
  const begun = host.commands();
  assert.not.ok(begun.includes('ip link delete dev veth0'));
  // Its own reload: the start of the fake is one.
  assert.is(begun.filter((line) => line === 'networkctl reload').length, 1);
  // networkd has.
  host.write(key, '0\n');
  done(host.change(['rollback']));
  assert.is(host.read(key), '1\n');
  const commands = host.commands();
  const stop = commands.indexOf('systemctl stop systemd-networkd.service');
  const sockets = commands.indexOf('systemctl stop systemd-networkd*.socket');
  assert.ok(sockets >= 0 && sockets < stop, commands.join('\n'));
});

test('a link that networkd takes for one that is gone is managed after a restart', () => {
  const host = fakeHost({
    networkctl: `case "$*" in
  *list*eth0) [ -e "$FAKE/restarted" ] || echo '2 eth0 ether routable unmanaged' ;;
  'reconfigure eth0') exit 1 ;;
esac`,
    systemctl: `case "$*" in
  *is-active*systemd-networkd*) exit 0 ;;
  *is-active*) exit 3 ;;
  'restart systemd-networkd.service') : >"$FAKE/restarted" ;;
esac`,
  });
  installedOn(host, rendered());
  host.addLink('veth0', { address: 'ce:56:b6:6f:2b:36', mtu: '1500', kind: 'macvlan' });
  host.addLink('veth0', { parent: 'eth0', mode: 'bridge' });
  host.commands();
  done(host.change(['activate']));
  const restarts = host.commands().filter((line) => line.startsWith('systemctl restart'));
  assert.equal(restarts, ['systemctl restart systemd-networkd.service']);
});

test('rolled back before it was activated: no unit is touched', () => {
  const host = switching();
  const before = links(host);
  host.commands();
  done(host.change(['rollback']));
  assert.equal(links(host), before);
  assert.equal(
    host
      .commands()
      .filter((line) => /systemctl (?:start|stop|-q disable|-q enable) [sN]/.test(line)),
    [],
  );
});

test('at boot: links as they were, and jobs for what is to run, without waiting for them', () => {
  const host = switching();
  const before = links(host);
  done(host.change(['arm']));
  done(host.change(['activate']));
  host.write('/proc/sys/kernel/random/boot_id', 'boot-2\n');
  host.commands();
  done(host.change(['boot']));
  assert.equal(links(host), before);
  const commands = host.commands();
  assert.ok(commands.includes('systemctl --no-block stop systemd-networkd.service'));
  assert.ok(commands.includes('systemctl --no-block start NetworkManager.service'));
});

const SCRIPT = '/etc/rcS.d/S11networking';
const ORDERS = '/etc/init.d/.depend.boot';

/** As systemd-sysv-install(8) by update-rc.d(8) and insserv(8): each call numbers all scripts again, in each runlevel. */
const SYSV = `
sort_scripts() {
  rm -f "$FAKE"/etc/rcS.d/???networking "$FAKE"/etc/rc2.d/S??cron "$FAKE/etc/runlevels/boot/networking"
  ln -s ../init.d/networking "$FAKE/etc/rcS.d/$1"
  ln -s ../init.d/cron "$FAKE/etc/rc2.d/S02cron"
  mkdir -p "$FAKE/etc/rc0.d"
  ln -sf ../init.d/networking "$FAKE/etc/rc0.d/K01networking"
  ln -sf ../init.d/networking "$FAKE/etc/rc6.d/K01networking"
  echo "$1" >"$FAKE${ORDERS}"
  echo new >"$FAKE/etc/init.d/.depend.stop"
}
case "$*" in
  '-q disable networking.service') sort_scripts K01networking ;;
esac
${SYSTEMCTL}`;

/** A host of classic ifupdown's, whose service has a script, too. */
const fromIfupdownBy = (change: (script: string) => string): FakeHost => {
  const host = fakeHost({ systemctl: SYSV, ifup: '', ifdown: '', ifquery: '' });
  host.write('/etc/network/interfaces', 'auto br0\niface br0 inet static\n    bridge_ports eth0\n');
  linkTo(host, SCRIPT, '../init.d/networking');
  linkTo(host, '/etc/rc2.d/S07cron', '../init.d/cron');
  linkTo(host, '/etc/runlevels/boot/networking', '/etc/init.d/networking');
  mkdirSync(join(host.root, 'etc/rc6.d'));
  host.write(ORDERS, 'networking: udev\n', 0o640);
  host.write('/proc/sys/net/ipv6/conf/eth0/addr_gen_mode', '0\n');
  const { script, files } = rendered();
  installedOn(host, { script: change(script), files });
  put(host, 'switch-from', 'ifupdown\n');
  put(host, 'disable', 'networking.service\n');
  put(host, 'enable', 'systemd-networkd.service\n');
  return host;
};

const fromIfupdown = copiesOf(() => fromIfupdownBy((script) => script));

/** Links and folders of scripts, and the order of them. */
const scriptsOf = (host: FakeHost): string[] =>
  ['etc/rc0.d', 'etc/rc2.d', 'etc/rc6.d', 'etc/rcS.d', 'etc/runlevels', 'etc/init.d']
    .filter((folder) => existsSync(join(host.root, folder)))
    .flatMap((folder) => [
      folder,
      ...readdirSync(join(host.root, folder), { recursive: true, encoding: 'utf8' }).map((name) => {
        const path = join(host.root, folder, name);
        const stat = lstatSync(path);
        if (stat.isSymbolicLink()) return `${folder}/${name} ${readlinkSync(path)}`;
        return stat.isFile()
          ? `${folder}/${name} ${stat.mode & 0o777} ${host.read(`/${folder}/${name}`)}`
          : `${folder}/${name}`;
      }),
    ])
    .sort();

test('scripts of another init are sorted and switched off, and are as they were after a rollback, live or at boot', () => {
  const live = fromIfupdown();
  const before = scriptsOf(live);
  assert.ok(before.includes('etc/rc6.d'), 'one without links');
  done(live.change(['activate']));
  const changed = scriptsOf(live);
  assert.ok(changed.includes('etc/rcS.d/K01networking ../init.d/networking'));
  assert.ok(changed.includes('etc/rc0.d'), 'another one');
  done(live.change(['rollback']));
  assert.equal(scriptsOf(live), before);

  const booted = fromIfupdown();
  done(booted.change(['arm', '60', 'reboot']));
  assert.equal(scriptsOf(booted), changed, 'switched for the next boot');
  booted.write('/proc/sys/kernel/random/boot_id', 'boot-2\n');
  done(booted.change(['boot']));
  assert.equal(scriptsOf(booted), changed, 'which is the one to be confirmed');
  done(booted.change(['rollback']));
  assert.equal(scriptsOf(booted), before);

  const cut = fromIfupdown();
  done(cut.change(['arm', '60']));
  done(cut.change(['activate']));
  cut.write('/proc/sys/kernel/random/boot_id', 'boot-2\n');
  done(cut.change(['boot']));
  assert.equal(scriptsOf(cut), before);
});

test('links with blanks in their paths enable nothing, and stay as they are', () => {
  const host = fromIfupdown();
  const path = `${UNITS}/old units/x.service`;
  linkTo(host, path, '/usr/lib/systemd/system/x.service');
  done(host.change(['activate']));
  done(host.change(['rollback']));
  assert.is(readlinkSync(join(host.root, path)), '/usr/lib/systemd/system/x.service');
  assert.equal(
    readdirSync(join(host.root, UNITS)).filter((name) => name.startsWith('old')),
    ['old units'],
  );
});

test('what an older script has not noted of them stays', () => {
  const host = fromIfupdown();
  done(host.change(['activate']));
  for (const name of ['rc-links', 'rc-folders', 'unit-folders']) host.remove(`${PENDING}/${name}`);
  rmSync(join(host.root, PENDING, 'script-orders'), { recursive: true });
  const changed = scriptsOf(host);
  done(host.change(['rollback']));
  assert.equal(scriptsOf(host), changed);
});

test('links that cannot be noted: nothing is called activated, and the next boot is not asked for', () => {
  const broken = (script: string): string =>
    script.replace('note_links rc &&', 'false && note_links rc &&');
  const host = fromIfupdownBy(broken);
  const { status, output } = host.change(['arm', '60', 'reboot']);
  assert.is(status, 1);
  assert.is(host.read(`${PENDING}/reboot-once`), undefined);
  assert.match(output, /Links of units and of init scripts cannot be noted/);
});

test('ifupdown: a link gets its link-local address back from the mode that networkd has changed', () => {
  for (const [mode, is] of [
    ['0\n', '0\n'],
    ['3\n', '3\n'],
    ['1\n', '1\n'],
  ] as const) {
    const host = fromIfupdown();
    const key = '/proc/sys/net/ipv6/conf/eth0/addr_gen_mode';
    host.write(key, mode);
    done(host.change(['activate']));
    host.write(key, '1\n');
    host.remove('/sys/class/net/eth0/addresses');
    host.write(`${PENDING}/addresses`, '');
    done(host.change(['rollback']));
    assert.is(host.read(key), is);
  }
});

test('a port of the bridge that the service of ifupdown2 has created is not brought up again', () => {
  for (const [isSecond, isPort] of [
    [true, true],
    [true, false],
    [false, true],
  ]) {
    const host = fromIfupdown();
    if (isSecond) mkdirSync(join(host.root, 'etc/network/ifupdown2'));
    done(host.change(['activate']));
    if (isPort) linkTo(host, '/sys/class/net/eth0/master', '../br0');
    mkdirSync(join(host.root, 'sys/class/net/br0'), { recursive: true });
    host.write(`${PENDING}/was-active`, 'networking.service\n');
    host.commands();
    done(host.change(['rollback']));
    const commands = host.commands();
    assert.ok(commands.includes('systemctl start networking.service'));
    assert.is(commands.includes('ifup eth0'), !(isSecond && isPort));
  }
});

test('files of others go with the activation, come back with a rollback, and are kept once confirmed', () => {
  const path = '/etc/systemd/network/10-br0.netdev';
  const text = '[NetDev]\nName=br0\nKind=bridge\n';
  const moving = copiesOf(() => {
    const host = fakeHost();
    host.write(path, text, 0o640);
    host.write('/etc/systemd/network/20-eth0.network', '[Match]\nName=eth0\n');
    const { script, files } = rendered();
    done(host.change(['keep', path], host.send(script)));
    for (const file of files) host.write(file.path, file.text);
    put(host, 'move', `${path}\n`);
    host.addLink('br0', { address: '52:54:00:00:00:07', mtu: '1500', kind: 'bridge' });
    return host;
  });
  const host = moving();
  assert.is(host.read(path), text, 'not before the activation');
  done(host.change(['activate']));
  assert.is(host.read(path), undefined);
  assert.is(host.link('br0'), undefined, 'its device goes, too');
  done(host.change(['rollback']));
  assert.is(host.read(path), text);
  assert.not.ok(host.files().includes('/etc/macvtap-render'));
  const kept = moving();
  done(kept.change(['activate']));
  const { output } = kept.change(['confirm']);
  assert.match(output, /10-br0\.netdev is kept as \S+moved/);
  assert.is(kept.read(`/etc/macvtap-render/moved${path}`), text);
  const early = moving();
  done(early.change(['rollback']));
  assert.ok(early.link('br0'), 'what was not activated deletes no device');
});

test('ifupdown: the new text takes the place of the old one with its mode, and goes back', () => {
  const host = fakeHost({ ifquery: '' });
  const path = '/etc/network/interfaces';
  const old = 'source /etc/network/interfaces.d/*\niface eth0 inet dhcp\n';
  host.write(path, old, 0o640);
  installedOn(host, rendered(undefined, 'ifupdown'));
  put(host, 'interfaces', 'source /etc/network/interfaces.d/*\n');
  done(host.change(['activate']));
  assert.is(host.read(path), 'source /etc/network/interfaces.d/*\n');
  assert.is(lstatSync(join(host.root, path)).mode & 0o777, 0o640);
  done(host.change(['rollback']));
  assert.is(host.read(path), old);
  assert.equal(
    host.files().filter((name) => /interfaces\.(?:new|macvtap)/.test(name)),
    [],
  );
});

test.run();
