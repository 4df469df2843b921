/** Settings and profiles of others for NetworkManager, by its own grammar. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Claim } from '../../src/backends/host/foreign.ts';
import { keyfileSettings, listItems } from '../../src/backends/host/networkmanager/keyfile.ts';
import { fitsPatterns } from '../../src/backends/host/networkmanager/profiles.ts';
import { matchSpecs, splitSpecs } from '../../src/backends/host/networkmanager/spec.ts';
import { LISTS } from './foreign-tables.ts';
import { brief, findingsOf, HOSTS } from './judged.ts';

const NM = '/etc/NetworkManager';
const SITE = `${NM}/conf.d/99-site.conf`;
const OWNERS = ['networkmanager', 'netplan-networkmanager'];
const OTHERS = HOSTS.filter((id) => !OWNERS.includes(id));

test('lists are split as NetworkManager splits them', () => {
  for (const [text, specs] of [
    ['a,b;c', ['a', 'b', 'c']],
    [' a ; ; b ,', ['a', 'b']],
    ['a\\;b;c\\,d', ['a;b', 'c,d']],
    ['\\sa\\s;b\\\\c', [' a ', 'b\\c']],
    ['interface-name: eth0', ['interface-name: eth0']],
    ['a\\x', ['a\\x']],
    ['a\\', ['a']],
    ['', []],
  ] as const) {
    assert.equal(splitSpecs(text), [...specs], text);
  }
});

const nic: Claim = { name: 'eth0', kind: 'ethernet', permanentMac: '52:54:00:00:00:01' };

test('a list of devices means what it means to NetworkManager', () => {
  for (const [text, answer] of LISTS) {
    assert.is(matchSpecs(splitSpecs(text), nic), answer, text);
  }
  assert.is(matchSpecs(['mac:52:54:00:00:00:01'], { name: 'eth0', kind: 'ethernet' }), 'maybe');
  assert.is(matchSpecs(['type:macvlan'], { name: 'tap0', kind: 'macvtap' }), 'match');
});

const set = (value: string, operator = ''): string =>
  `[keyfile]\nunmanaged-devices${operator}=${value}\n`;

/** Seen: the links were not managed, and the host had no address (1.42, 1.52). */
test('the last word for each link decides', () => {
  for (const backend of OWNERS) {
    const at = (text: string, path = SITE) => brief(findingsOf(backend, { [path]: text }));
    const lost = [`error[unmanaged-by-others] ${SITE}:2`];
    assert.equal(at(set('interface-name:eth0;interface-name:veth0')), [
      ...lost,
      `warning[unmanaged-by-others] ${SITE}:2`,
    ]);
    assert.equal(at(set('*;except:interface-name:eth01;except:interface-name:veth0')), lost);
    assert.equal(at(set('*;except:eth0;except:interface-name:veth0')), lost);
    assert.equal(at(set('except:interface-name:docker*')), lost);
    assert.equal(
      at(
        `[keyfile]\nunmanaged-devices-=except:interface-name:eth0\n${set('type:ethernet', '+').split('\n')[1]}`,
      ),
      [`error[unmanaged-by-others] ${SITE}:3`],
    );
    // Lists that do not name our links: at most, guests' devices are no longer ignored.
    const guests = [`warning[unmanaged-by-others] ${SITE}:2`];
    assert.equal(at(set('interface-name:docker*;interface-name:cali*')), guests);
    assert.equal(at(set('interface-name:docker*;interface-name:macvtap*')), []);
    // What adds, or comes before, cannot take them away.
    assert.equal(at(set('interface-name:eth0', '+')), []);
    assert.equal(at(set('*'), `${NM}/conf.d/10-site.conf`), []);
    assert.equal(at(`[main]\nplugins=keyfile\n${set('*')}`, `${NM}/NetworkManager.conf`), []);
    assert.equal(at(set('*'), '/usr/lib/NetworkManager/conf.d/99-site.conf'), []);
    // The last of several counts.
    assert.equal(
      at(`[keyfile]\nunmanaged-devices=*\nunmanaged-devices=interface-name:macvtap*\n`),
      [],
    );
    assert.equal(at(`[.config]\nenable=no\n${set('*')}`), []);
    assert.equal(at(`[.config]\nenable=env:initrd\n${set('*')}`), []);
    assert.equal(at(`[.config]\nenable=except:env:initrd\n${set('*')}`), [
      `error[unmanaged-by-others] ${SITE}:4`,
    ]);
    assert.equal(at(`[.config]\nenable=nm-version-min:1.50\n${set('*')}`), [
      `warning[unmanaged-by-others] ${SITE}:4`,
    ]);
    assert.equal(at(set('driver:virtio_net;interface-name:macvtap*')), [
      `warning[unmanaged-by-others] ${SITE}:2`,
    ]);
  }
  // One finding names all links.
  const [found] = findingsOf('networkmanager', { [SITE]: set('*') });
  assert.match(found?.message ?? '', /does not manage `eth0`, `veth0`\.$/);
});

test('beside another owner, what hands our links to NetworkManager is named', () => {
  for (const backend of OTHERS) {
    const at = (text: string, path = SITE) => brief(findingsOf(backend, { [path]: text }));
    const early = `${NM}/conf.d/10-site.conf`;
    const warned = (path: string) => [`warning[unmanaged-by-others] ${path}:2`];
    assert.equal(at(set('*;except:interface-name:eth0;except:type:wifi')), warned(SITE), backend);
    assert.equal(at(set('*;except:interface-name:eth0'), early), warned(early));
    assert.equal(at(set('')), warned(SITE));
    assert.equal(at(set('interface-name:docker*')), warned(SITE));
    assert.equal(at(set('*')), []);
    assert.equal(at(set('*;except:type:wifi'), early), []);
    assert.equal(at(set('interface-name:docker*', '+')), []);
    // The list has the last word (seen on 1.42 and 1.52).
    assert.equal(at('[device-x]\nmatch-device=interface-name:eth0\nmanaged=1\n'), []);
  }
});

test('[device] sections: the first that is for the link decides', () => {
  const first = `${NM}/conf.d/50-site.conf`;
  const device = (name: string, match: string, more: string) =>
    `[device${name}]\nmatch-device=${match}\n${more}\n`;
  for (const backend of OWNERS) {
    const at = (tree: Record<string, string>) => brief(findingsOf(backend, tree));
    const lost = (line: number, severity = 'error') => [
      `${severity}[unmanaged-by-others] ${first}:${line}`,
    ];
    const off = device('-b', 'interface-name:eth*', 'managed=0');
    const on = device('-a', 'interface-name:eth0', 'managed=1');
    assert.equal(at({ [first]: device('-x', 'interface-name:veth*', 'managed=0') }), lost(3));
    assert.equal(at({ [first]: off }), lost(3));
    assert.equal(at({ [first]: off + on }), lost(3));
    assert.equal(at({ [first]: on + off }), []);
    assert.equal(at({ [first]: off, [SITE]: on }), []);
    assert.equal(at({ [first]: '[device]\nmanaged=false\n' }), lost(2));
    assert.equal(at({ [first]: device('', 'interface-name:wl*', 'managed=0') }), []);
    assert.equal(
      at({ [first]: device('-x', 'driver:virtio_net', 'managed=0') }),
      lost(3, 'warning'),
    );
    const vendor = '/usr/lib/NetworkManager/conf.d/50-site.conf';
    assert.equal(at({ [vendor]: off }), [`error[unmanaged-by-others] ${vendor}:3`]);
    assert.equal(at({ [vendor]: off, [first]: '' }), []);
    assert.equal(at({ [first]: device('-x', 'interface-name:eth0', 'allowed-connections=id:x') }), [
      `warning[device-settings-overridden] ${first}:3`,
    ]);
    assert.equal(
      at({
        [first]: `${device('-x', 'interface-name:eth0', 'stop-match=1')}[device]\nmanaged=0\n`,
      }),
      lost(5),
    );
  }
});

const IGNORES = `
version: 1
host: kvm1
shims:
  veth0: {parent: eth0, addresses: [198.51.100.50/24], ignore-carrier: true}
`;

test('a section before the generated one may override ignore-carrier', () => {
  const found = (text: string, path = SITE) =>
    brief(findingsOf('networkmanager', { [path]: text }, IGNORES));
  const all = '[device-x]\nmatch-device=*\nignore-carrier=no\n';
  assert.equal(found(all), [`warning[device-settings-overridden] ${SITE}:3`]);
  assert.equal(found(all, `${NM}/conf.d/10-site.conf`), []);
  assert.equal(found(all.replace('=no', '=yes')), []);
});

/** Seen on 1.42 and 1.52: NetworkManager did not start, or had none of our profiles. */
test('NetworkManager that reads no profile is an error for those who need it', () => {
  for (const backend of HOSTS) {
    const isOwner = OWNERS.includes(backend);
    const at = (tree: Record<string, string>) => brief(findingsOf(backend, tree));
    const refused = (path: string) => (isOwner ? [`error[profiles-not-read] ${path}`] : []);
    for (const text of ['; a comment\n[main]\n', '[main]\nfoo\n', '[keyfile] x\n', 'a=b\n']) {
      assert.equal(at({ [SITE]: text }), refused(SITE), `${backend} ${text}`);
    }
    assert.equal(at({ [SITE]: '[keyfile]\npath=/srv/profiles\n' }), refused(`${SITE}:2`));
    assert.equal(at({ [SITE]: `[keyfile]\npath=${NM}/system-connections/\n` }), []);
    const state = '/var/lib/NetworkManager/NetworkManager.state';
    assert.equal(at({ [state]: '[main]\nNetworkingEnabled=false\n' }), refused(`${state}:2`));
    assert.equal(at({ [state]: '[main]\nNetworkingEnabled=true\n' }), []);
  }
});

const LAN = `${NM}/system-connections/lan.nmconnection`;
const profile = (text: string): Record<string, string> => ({ [LAN]: `[connection]\n${text}\n` });

/** Which was activated was seen on 1.42 and 1.52. */
test("a profile claims a link if it fits and its priority is not below the generated one's", () => {
  for (const backend of OWNERS) {
    const at = (text: string) => brief(findingsOf(backend, profile(text)));
    const high = 'type=ethernet\nautoconnect-priority=200\n';
    const claims = (line: number) => [`error[profile-claims-link] ${LAN}:${line}`];
    assert.equal(at(`${high}interface-name=eth0`), claims(3));
    assert.equal(at('type=ethernet\nautoconnect-priority=100\ninterface-name=eth0'), claims(3));
    assert.equal(at('type=ethernet\nautoconnect-priority=99\ninterface-name=eth0'), []);
    assert.equal(at(`${high}interface-name=eth*`), []);
    assert.equal(at(`${high}interface-name=eth7`), []);
    assert.equal(at(`${high}[match]\ninterface-name=eth*;!eth1;`), claims(3));
    assert.equal(at(`${high}[match]\ninterface-name=eth[[:digit:]];`), claims(3));
    assert.equal(at(`${high}[match]\ninterface-name=|wlan0;eth0;`), claims(3));
    assert.equal(at(`${high}[match]\ninterface-name=!eth0;`), []);
    assert.equal(at(`${high}[match]\ninterface-name=e[z-a]*;`), []);
    assert.equal(at(`${high}[match]\ndriver=virtio_net;`), [
      `warning[profile-claims-link] ${LAN}:3`,
    ]);
    assert.equal(at(`${high}interface-name=eth0\npermissions=user:joe:;`), []);
    assert.equal(at(`${high}interface-name=eth0\nautoconnect=no`), []);
    assert.equal(at('type=802-3-ethernet\nautoconnect-priority=200'), claims(3));
    assert.equal(at('; no comment\ntype=ethernet\nautoconnect-priority=200'), []);
    // A shim's profile has the default priority.
    assert.equal(at('type=macvlan\ninterface-name=veth0'), claims(3));
    assert.equal(at('type=dummy\ninterface-name=veth0'), claims(3));
    assert.equal(at('type=macvlan\ninterface-name=veth0\nautoconnect-priority=-1'), []);
  }
});

test('files of netplan are not in conflict with their own YAML', () => {
  const path = '/run/NetworkManager/system-connections/netplan-veth0.nmconnection';
  const tree = { [path]: '[connection]\ntype=macvlan\ninterface-name=veth0\n' };
  for (const backend of OWNERS) assert.equal(brief(findingsOf(backend, tree)), []);
  // A port of the old configuration (its YAML is to be replaced), and one that other YAML still wants.
  const port = '/run/NetworkManager/system-connections/netplan-eth0.nmconnection';
  const ofPort = '[connection]\ntype=ethernet\ninterface-name=eth0\nmaster=br0\n';
  const yaml = '/etc/netplan/50-site.yaml';
  const bridge = 'network: {ethernets: {eth0: {}}, bridges: {br0: {interfaces: [eth0]}}}\n';
  for (const backend of HOSTS) {
    assert.equal(brief(findingsOf(backend, { [port]: ofPort })), [], backend);
    const found = brief(findingsOf(backend, { [port]: ofPort, [yaml]: bridge }));
    assert.ok(found.includes(`error[netplan-enslaves-link] ${yaml}:1`), backend);
    assert.equal(
      found.filter((line) => line.includes(port)),
      [],
      backend,
    );
  }
});

const ON_BRIDGE = `
version: 1
host: kvm1
parents:
  br0: {type: bridge, interfaces: [eth0]}
shims:
  veth0: {parent: br0, addresses: [198.51.100.50/24]}
`;

// The generated file won in 8 of 8 boots.
test('a profile with a lower priority for a bridge of the intent is harmless', () => {
  const at = (text: string) => brief(findingsOf('networkmanager', profile(text), ON_BRIDGE));
  assert.equal(at('type=bridge\ninterface-name=br0'), []);
  assert.equal(at('type=bridge\ninterface-name=br0\nautoconnect-priority=100'), [
    `error[profile-claims-link] ${LAN}:4`,
  ]);
  // The port of the same bridge.
  assert.equal(at('type=ethernet\ninterface-name=eth0\nmaster=br0\nslave-type=bridge'), []);
});

const BRIDGE = (more = '') =>
  `[connection]\nuuid=AB111111-2222-4333-8444-666666666666\ntype=bridge\ninterface-name=br0\n${more}\n[ipv4]\nmethod=manual\naddress1=198.51.100.50/24,198.51.100.254\n`;

/** Seen: br0 keeps the address, and the shim has it, too. */
test('a NIC that is a port by a profile is an error whatever the back end', () => {
  const bridge = `${NM}/system-connections/br0.nmconnection`;
  const named = 'type=ethernet\ninterface-name=eth0';
  const at = (backend: string, text: string, more?: string) =>
    findingsOf(backend, { ...profile(text), [bridge]: BRIDGE(more) });
  for (const backend of HOSTS) {
    for (const key of ['master', 'controller']) {
      for (const upper of ['br0', 'ab111111-2222-4333-8444-666666666666']) {
        const found = at(backend, `${named}\n${key}=${upper}\nslave-type=bridge`);
        assert.equal(brief(found), [`error[link-enslaved-by-others] ${LAN}:4`], backend);
        assert.match(
          found[0]?.message ?? '',
          /a port of `br0`, which keeps 198\.51\.100\.50, an address/,
        );
      }
    }
    assert.equal(brief(at(backend, `${named}\nmaster=br0\nautoconnect=no`)), []);
    assert.equal(
      brief(at(backend, `${named}\nmaster=br0\nautoconnect=no`, 'autoconnect-slaves=1')),
      [`error[link-enslaved-by-others] ${LAN}:4`],
    );
    assert.equal(brief(at(backend, 'type=ethernet\ninterface-name=eth7\nmaster=br0')), []);
    assert.equal(
      brief(at(backend, 'type=ethernet\nmaster=br0\n[ethernet]\nmac-address=52:54:00:00:00:01')),
      [`warning[link-enslaved-by-others] ${LAN}:3`],
    );
    const ifcfg = '/etc/sysconfig/network-scripts/ifcfg-eth0';
    for (const key of ['BRIDGE', 'MASTER', 'TEAM_MASTER', 'MASTER_UUID']) {
      const text = `DEVICE="eth0" # the NIC\nONBOOT=yes\n${key}='br0'\n`;
      assert.equal(brief(findingsOf(backend, { [ifcfg]: text })), [
        `error[link-enslaved-by-others] ${ifcfg}:3`,
      ]);
      assert.equal(brief(findingsOf(backend, { [ifcfg]: text.replace('=yes', '=no') })), []);
      assert.equal(brief(findingsOf(backend, { [`${ifcfg}.bak`]: text })), []);
    }
  }
});

test('rules for udev: what they unmanage, by name, pattern or MAC', () => {
  const path = '/etc/udev/rules.d/99-site.rules';
  const rule = (match: string, value = '1') =>
    `SUBSYSTEM=="net", ACTION=="add|change|move", ${match}, ENV{NM_UNMANAGED}="${value}"\n`;
  const at = (text: string, more: Record<string, string> = {}, backend = 'networkmanager') =>
    brief(findingsOf(backend, { [path]: text, ...more }));
  const lost = (line = 1, severity = 'error') => [
    `${severity}[unmanaged-by-others] ${path}:${line}`,
  ];
  assert.equal(at(rule('ENV{ID_NET_NAME}=="eth0"')), lost());
  assert.equal(at(rule('ENV{INTERFACE}=="lo|eth*"')), lost());
  assert.equal(at(`# eth0\n\n${rule('KERNEL!="wl*"').replace(', ENV', ', \\\n ENV')}`), lost(3));
  assert.equal(at(rule('ENV{ID_NET_NAME}=="eth7"')), []);
  assert.equal(at(rule('KERNEL!="eth*"').replace('net', 'net'), {}), lost());
  assert.equal(at(rule('KERNEL!="*eth*"')), []);
  assert.equal(at(rule('ENV{ID_NET_NAME}=="eth0"', '0')), []);
  assert.equal(at(rule('KERNEL=="eth0"') + rule('KERNEL=="eth*"', '0')), []);
  assert.equal(at(rule('ATTR{address}=="52:54:00:00:00:01"')), lost(1, 'warning'));
  assert.equal(at(rule('ENV{ID_NET_DRIVER}=="veth"')), lost(1, 'warning'));
  // The configuration has the last word.
  const conf = { [SITE]: '[device-x]\nmatch-device=interface-name:eth0\nmanaged=1\n' };
  assert.equal(at(rule('KERNEL=="eth0"'), conf), []);
  for (const backend of OTHERS) assert.equal(at(rule('KERNEL=="eth0"'), {}, backend), []);
  // netplan writes these again from its YAML, at each boot.
  const netplan = { '/run/udev/rules.d/99-netplan-eth0.rules': rule('ENV{ID_NET_NAME}=="eth0"') };
  assert.equal(brief(findingsOf('networkmanager', netplan)), [
    `warning[unmanaged-by-others] ${Object.keys(netplan)[0]}:1`,
  ]);
  assert.equal(brief(findingsOf('netplan-networkmanager', netplan)), []);
});

test('key files are read as GLib reads them', () => {
  assert.equal(keyfileSettings('\n # a\n [b] \n c = d \r\nc[de]=e\n'), [
    { section: 'b', key: 'c', value: 'd', line: 4 },
    { section: 'b', key: 'c[de]', value: 'e', line: 5 },
  ]);
  for (const text of [';\n', 'a=b\n', '[a]\nb\n', '[a]\n=b\n', '[a] b\n', '[]\n', '[a]\nb[=c\n']) {
    assert.is(keyfileSettings(text), undefined, text);
  }
  assert.equal(listItems('a;b\\;c;; d ;'), ['a', 'b;c', 'd']);
});

test('patterns of [match] interface-name', () => {
  for (const [patterns, isFit] of [
    [[], true],
    [['eth*'], true],
    [['wl*', 'eth*'], true],
    [['!eth0'], false],
    [['!wl*'], true],
    [['&eth*', '&*1'], false],
    [['|wl*', '&eth*'], false],
    [['|!wl*'], true],
    [['\\eth0'], true],
    [['&!\\!x'], true],
  ] as const) {
    assert.is(fitsPatterns(patterns, 'eth0'), isFit, patterns.join(';'));
  }
});

test.run();
