/** Rules of the model: intents that are refused, and their neighbours that must not be. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';

/** `code path` of every diagnostic, of the intent below `version` and `host`. */
const found = (body: string): string[] =>
  compile(`version: 1\nhost: kvm1\n${body}`, { file: 'x', backends: [] }).diagnostics.map(
    ({ code, path }) => `${code} ${path.join('.')}`,
  );

const isCutOff = (body: string): boolean =>
  found(body).some((line) => line.startsWith('parent-cut-off '));

const SIDE =
  '{parent: eth0, addresses: [198.51.100.222/32], routes: [{to: 198.51.100.192/27, scope: link}]}';

test('a shim of single addresses on a parent that is not mentioned cuts the host off', () => {
  assert.equal(found(`shims: {mac-shim: ${SIDE}}`), ['parent-cut-off shims.mac-shim.parent']);
  const refused = {
    'no route': '{mac: {parent: eth0, addresses: [198.51.100.222/32]}}',
    IPv6: '{mac: {parent: eth0, addresses: ["2001:db8::222/128"]}}',
    'both families': '{mac: {parent: eth0, addresses: [198.51.100.222/32, "2001:db8::222/128"]}}',
    'no address at all': '{mac: {parent: eth0}}',
    'link-local alone': '{mac: {parent: eth0, link-local: [ipv6]}}',
    'a gateway to one network':
      '{mac: {parent: eth0, addresses: [198.51.100.222/32], routes: [{to: 192.0.2.0/24, via: 198.51.100.254, on-link: true}]}}',
    'two of them':
      '{a: {parent: eth0, addresses: [198.51.100.222/32]}, b: {parent: eth0, addresses: [198.51.100.223/32]}}',
    'the host on another NIC':
      '{veth0: {parent: eth1, addresses: [192.0.2.50/24]}, mac: {parent: eth0, addresses: [198.51.100.222/32]}}',
    'a tap beside it':
      '{mac: {parent: eth0, addresses: [198.51.100.222/32]}}\ntaps: {t: {parent: eth0}}',
  };
  for (const [what, shims] of Object.entries(refused)) assert.ok(isCutOff(`shims: ${shims}`), what);
});

test('what is joined with the parent is cut off with it', () => {
  const vlan = 'parents: {eth0.5: {id: 5, link: eth0}}\n';
  const side = '{parent: eth0.5, addresses: [198.51.100.222/32]}';
  // The VLAN is described, the NIC below it is not, and would be bare.
  assert.equal(
    found(`${vlan}shims: {mac: ${side}}`).filter((line) => line.startsWith('parent-cut-off')),
    ['parent-cut-off parents.eth0.5.link'],
  );
  for (const fine of [
    `${vlan}shims: {mac: ${side}, veth0: {parent: eth0, addresses: [192.0.2.50/24]}}`,
    `${vlan}shims: {mac: ${side}, veth0: {parent: eth0.5, addresses: [192.0.2.50/24]}}`,
    `parents: {eth0: {}, eth0.5: {id: 5, link: eth0}}\nshims: {mac: ${side}}`,
    `parents: {eth0.5: {id: 5, link: eth0, addresses: [192.0.2.50/24]}}\nshims: {mac: ${SIDE}}`,
    // Members of a bond or bridge are named by it, and have no address by their nature.
    `parents: {bond0: {type: bond, interfaces: [eth0, eth1], parameters: {mode: active-backup}}}\nshims: {mac: ${side.replace('eth0.5', 'bond0')}}`,
    `parents: {br0: {type: bridge, interfaces: [eth0]}}\nshims: {mac: ${side.replace('eth0.5', 'br0')}}`,
  ]) {
    assert.not.ok(isCutOff(fine), fine);
  }
  const onBond =
    'parents: {v5: {id: 5, link: bond0}, bond0: {type: bond, interfaces: [eth0], parameters: {mode: active-backup}}}\n';
  assert.not.ok(isCutOff(`${onBond}shims: {mac: ${side.replace('eth0.5', 'v5')}}`));
});

test('where the author has decided, nothing is refused', () => {
  const fine = {
    mentioned: `parents: {eth0: {}}\nshims: {mac: ${SIDE}}`,
    'with a lease': `parents: {eth0: {dhcp4: true}}\nshims: {mac: ${SIDE}}`,
    'with addresses': `parents: {eth0: {addresses: [198.51.100.50/24]}}\nshims: {mac: ${SIDE}}`,
    'by its name': `parents: {lan: {match: {macaddress: 02:00:00:00:00:01}, set-name: eth0}}\nshims: {mac: ${SIDE}}`,
    'on-link default':
      'shims: {veth0: {parent: eth0, addresses: [198.51.100.222/32], routes: [{to: default, via: 198.51.100.254, on-link: true}]}}',
    'default over the link':
      'shims: {veth0: {parent: eth0, addresses: [198.51.100.222/32], routes: [{to: 0.0.0.0/0, scope: link}]}}',
    'default in halves':
      'shims: {veth0: {parent: eth0, addresses: [198.51.100.222/32], routes: [{to: 0.0.0.0/1, scope: link}, {to: 128.0.0.0/1, scope: link}]}}',
    'IPv6 default':
      'shims: {veth0: {parent: eth0, addresses: ["2001:db8::5/128"], routes: [{to: default, via: "fe80::1"}]}}',
    lease: 'shims: {veth0: {parent: eth0, dhcp4: true, addresses: [198.51.100.222/32]}}',
    'lease of IPv6': 'shims: {veth0: {parent: eth0, dhcp6: true, addresses: [198.51.100.222/32]}}',
    advertisements:
      'shims: {veth0: {parent: eth0, accept-ra: true, addresses: [198.51.100.222/32]}}',
    subnet: 'shims: {veth0: {parent: eth0, addresses: [198.51.100.50/24]}}',
    'another shim has the address': `shims: {mac: ${SIDE}, veth0: {parent: eth0, addresses: [198.51.100.50/24]}}`,
    'another shim has a lease': `shims: {mac: ${SIDE}, veth0: {parent: eth0, dhcp4: true}}`,
    'for guests': 'taps: {tap0: {parent: eth0}}',
    'a guest on a NIC of its own':
      'shims: {veth0: {parent: eth0, dhcp4: true}}\nguests: {vm1: {parent: eth1}}',
  };
  for (const [what, body] of Object.entries(fine)) assert.not.ok(isCutOff(body), what);
});

test('a parent or a shim with faults of its own is not judged', () => {
  for (const body of [
    'shims: {mac: {parent: eth0, addresses: [198.51.100.222/32, 198.51.100.50/33]}}',
    'shims: {mac: {parent: eth0, addresses: [198.51.100.222/32], dhcp4: yes}}',
    'shims: {mac: {parent: eth0, addresses: [198.51.100.222/32], routes: [{to: defualt, via: 198.51.100.1}]}}',
    'parents: {eth0: 5}\nshims: {mac: {parent: eth0, addresses: [198.51.100.222/32]}}',
    'parent: {eth0: {}}\nshims: {mac: {parent: eth0, addresses: [198.51.100.222/32]}}',
  ]) {
    assert.not.ok(isCutOff(body), body);
    assert.ok(found(body).length > 0, body);
  }
});

test('a parent that is mentioned and stays bare under single addresses gets a note', () => {
  const notes = (body: string): string[] =>
    found(body).filter((line) => line.startsWith('parent-left-bare '));
  assert.equal(notes(`parents: {eth0: {mtu: 9000}}\nshims: {mac: ${SIDE}}`), [
    'parent-left-bare parents.eth0',
  ]);
  assert.equal(notes(`parents: {eth0: {dhcp4: true}}\nshims: {mac: ${SIDE}}`), []);
  assert.equal(
    notes(`parents: {eth0: {}}\nshims: {veth0: {parent: eth0, addresses: [198.51.100.50/24]}}`),
    [],
  );
});

test('a parent with addresses and no word about IPv6 gets a note', () => {
  const notes = (parent: string, shims = `{mac: ${SIDE}}`): string[] =>
    found(`parents: {eth0: ${parent}}\nshims: ${shims}`).filter((line) =>
      line.startsWith('parent-without-ipv6 '),
    );
  assert.equal(notes('{dhcp4: true}'), ['parent-without-ipv6 parents.eth0']);
  assert.equal(notes('{addresses: [198.51.100.50/24]}'), ['parent-without-ipv6 parents.eth0']);
  assert.equal(notes('{dhcp4: true}', '{}'), ['parent-without-ipv6 parents.eth0']);
  for (const findings of [
    '{}',
    '{dhcp4: true, link-local: []}',
    '{dhcp4: true, accept-ra: false}',
    '{dhcp4: true, dhcp6: false}',
    '{dhcp4: true, accept-ra: true}',
    '{addresses: [198.51.100.50/24, "2001:db8::50/64"]}',
  ]) {
    assert.equal(notes(findings), [], findings);
  }
});

/** What is reported of a parent with this name, below a shim that has the host's address. */
const ofParent = (name: string, findings = ''): string[] =>
  found(`${findings}shims: {veth0: {parent: ${name}, addresses: [198.51.100.50/24]}}`)
    .map((line) => line.split(' ')[0] ?? '')
    .filter((code) => ['wifi-parent', 'parent-type-assumed'].includes(code));

test('a parent with the name of another kind of link is not silently taken for a NIC', () => {
  const others =
    'br0 br5 br br-lan br_lan br-1a2b3c virbr0 vmbr0 lxcbr0 lxdbr0 incusbr0 docker0 podman0 cni0 cni-podman0 xenbr0 ' +
    'bond0 bond1 team0 eth0.100 enp1s0.5 vlan10 vlan_10 tun0 tap3 wg0 vxlan7 gre1 ppp0 zt7 dummy0 vnet3 macvtap0 wwan0 ib0';
  for (const name of others.split(' ')) {
    assert.equal(ofParent(name), ['parent-type-assumed'], name);
    assert.equal(
      ofParent(name, `parents: {${name}: {mtu: 1500}}\n`),
      ['parent-type-assumed'],
      name,
    );
    assert.equal(ofParent(name, `parents: {${name}: {type: ethernet}}\n`), [], name);
  }
  const nics =
    'eth0 eno1 ens18 enp3s0 enp3s0f1np1 enx001122334455 end0 em1 p1p1 lan0 lan wan uplink net0 veth0a venet0 bridgehead brisk bonding teams wan0 tunnel internal';
  for (const name of nics.split(' ')) assert.equal(ofParent(name), [], name);
  const mac = 'match: {macaddress: 02:00:00:00:00:01}';
  assert.equal(ofParent('br0', `parents: {lan: {${mac}, set-name: br0}}\n`), []);
  // What is wrong there already is not judged.
  assert.equal(ofParent('br5', 'parents: {br5: {type: brigde}}\n'), []);
  assert.equal(ofParent('bond0', 'parents: {bond0: {interfaces: [eth0]}}\n'), []);
  assert.equal(ofParent('br5', 'parents: {br5: 5}\n'), []);
});

test('no link is put on Wi-Fi, directly or through other links', () => {
  for (const name of ['wlan0', 'wlp3s0', 'wlo1', 'wlx001122334455', 'wld0']) {
    assert.equal(ofParent(name), ['wifi-parent'], name);
  }
  const mac = 'match: {macaddress: 02:00:00:00:00:01}';
  assert.equal(ofParent('wlan0', `parents: {w: {${mac}, set-name: wlan0}}\n`), ['wifi-parent']);
  assert.equal(ofParent('v7', 'parents: {v7: {id: 7, link: wlan0}}\n'), ['wifi-parent']);
  assert.equal(ofParent('wlink0', 'parents: {wlink0: {type: ethernet}}\n'), []);
  const wired = 'shims: {veth0: {parent: eth0, dhcp4: true}}\n';
  const refused = (body: string): boolean =>
    found(wired + body).some((line) => line.startsWith('wifi-parent '));
  assert.ok(refused('taps: {tap0: {parent: wlan0}}'));
  assert.ok(refused('guests: {vm1: {parent: wlan0}}'));
  assert.ok(refused('parents: {v7: {id: 7, link: wlan0}}\nguests: {vm1: {parent: v7}}'));
  // The normal setup has nothing on top of it.
  assert.not.ok(refused('parents: {wlan0: {dhcp4: true}}'));
});

test('the advice for a side shim with IPv6 can be followed', () => {
  const hintFor = (parent: string): string | undefined =>
    compile(
      `version: 1\nhost: kvm1\nparents: {eth0: ${parent}}\nshims: {s: {parent: eth0, addresses: ["2001:db8::9/128"], routes: [{to: "2001:db8::10/124", scope: link}]}}`,
      { file: 'x', backends: [] },
    ).diagnostics.find(({ code }) => code === 'side-shim-ipv6-address')?.hint;
  assert.match(hintFor('{addresses: ["2001:db8::1/64"]}') ?? '', /parent's address/);
  // An address by advertisement is not known here.
  for (const parent of ['{accept-ra: true}', '{dhcp6: true}']) {
    assert.match(hintFor(parent) ?? '', /^Reach the host at `2001:db8::9` from guests/);
  }
});

test('a shim on itself is reported once, not as a new MAC at the DHCP server too', () => {
  assert.equal(found('shims: {veth0: {parent: veth0, dhcp4: true}}'), [
    'shim-on-itself shims.veth0.parent',
  ]);
});

test("a route to another link's own subnet is refused in whichever order", () => {
  const a = 'a: {parent: eth0, addresses: [198.51.100.50/24]}';
  const b =
    'b: {parent: eth1, addresses: [192.0.2.50/24], routes: [{to: 198.51.100.0/24, via: 192.0.2.1}]}';
  for (const body of [`${a}, ${b}`, `${b}, ${a}`])
    assert.ok(found(`shims: {${body}}`).includes('duplicate-route shims.b.routes.0.to'), body);
});

test('leases of one LAN are in one table each', () => {
  const shims = (...rest: readonly string[]): string =>
    `version: 1\nhost: kvm1\nshims:\n${rest.map((keys, at) => `  veth${at}: {parent: eth0, ${keys}}\n`).join('')}`;
  const overlaps = (...rest: readonly string[]): string[] =>
    compile(shims(...rest), { file: 'x', backends: [] })
      .diagnostics.filter(({ code }) => code === 'shim-overlap')
      .map(({ path }) => path.slice(1).join('.'));
  const table = (number: number): string => `dhcp4: true, dhcp4-overrides: {table: ${number}}`;
  assert.equal(overlaps('dhcp4: true', 'dhcp4: true, dhcp4-overrides: {route-metric: 200}'), [
    'veth1.dhcp4',
  ]);
  assert.equal(overlaps('dhcp4: true', table(101), table(102)), []);
  assert.equal(overlaps(table(101), table(101)), ['veth1.dhcp4']);
  assert.equal(overlaps('accept-ra: true', 'dhcp6: true'), ['veth1.dhcp6']);
  assert.equal(overlaps('accept-ra: true', 'accept-ra: true, ra-overrides: {table: 101}'), []);
  // Another LAN.
  assert.equal(overlaps('dhcp4: true').concat(overlaps('accept-ra: true')), []);
});

test('a link without addresses keeps what its system has no word for', () => {
  const text = `version: 1
host: kvm1
parents:
  eth1: {routing-policy: [{from: 198.51.100.50, iif: lo, table: 101}]}
  vlan20: {link: eth1, id: 20, addresses: [198.51.100.50/24]}
shims: {veth0: {parent: eth0, addresses: [192.0.2.50/24]}}
`;
  const written = (backend: string): string =>
    (compile(text, { file: 'x', backends: [backend] }).sets?.[0]?.files ?? [])
      .filter(({ path }) => /eth1|interfaces|60-macvtap/.test(path))
      .map((file) => file.text)
      .join('');
  assert.match(written('networkd'), 'IncomingInterface=lo');
  assert.match(written('networkmanager'), 'from 198.51.100.50/32 iif lo');
  assert.match(written('netplan-networkd'), 'IncomingInterface=lo');
  assert.match(written('netplan-networkmanager'), 'from 198.51.100.50/32 iif lo');
  assert.match(written('ifupdown'), 'from 198.51.100.50/32 iif lo');
});

test('a parent with nearly the name of one that nothing is on top of', () => {
  const misspelt = (listed: string, written: string, rest = ''): boolean =>
    found(
      `parents: {${listed}: {}${rest}}\nshims: {veth0: {parent: ${written}, addresses: [198.51.100.50/24]}}`,
    ).includes('parent-misspelt shims.veth0.parent');
  for (const written of ['lan0', 'ulan0', 'ualn0', 'uplan0', 'ULAN0'])
    assert.is(misspelt('ulan0', written), written !== 'ulan0', written);
  // Two NICs; another one; two that are in `parents`; one that has something on top of it.
  assert.not(misspelt('eth0', 'eth1'));
  assert.not(misspelt('enp1s0', 'enp1s0f1'));
  assert.not(misspelt('ulan0', 'dmz0'));
  assert.not(misspelt('ulan0', 'plan0', ', plan0: {}'));
  assert.not(misspelt('ulan0', 'plan0', ', vlan5: {link: ulan0, id: 5, dhcp4: true}'));
});

test('a link of a VLAN or a member with nearly the name of a parent that nothing is on top of', () => {
  const on = (name: string, above: string): string[] =>
    found(
      `parents: {uplan0: {}, ${above.replaceAll('LINK', name)}}\nshims: {veth0: {parent: top0, addresses: [198.51.100.50/24]}}`,
    ).filter((line) => line.startsWith('parent-misspelt'));
  for (const [above, path] of [
    ['top0: {id: 10, link: LINK}', 'parents.top0.link'],
    [
      'top0: {type: bond, interfaces: [eth1, LINK], parameters: {mode: active-backup}}',
      'parents.top0.interfaces.1',
    ],
    ['top0: {type: bridge, interfaces: [LINK]}', 'parents.top0.interfaces.0'],
  ] as const) {
    assert.equal(on('upaln0', above), [`parent-misspelt ${path}`]);
    assert.equal(on('uplan0', above), []);
    assert.equal(on('dmz0', above), []);
  }
});

test('`unmanaged: true` is not the same as `managed: true`, which is its opposite', () => {
  const { diagnostics } = compile(
    'version: 1\nhost: kvm1\nparents: {eth5: {unmanaged: true}}\nshims: {veth0: {parent: eth5, dhcp4: true}}',
    { file: 'x', backends: [] },
  );
  assert.is(
    diagnostics.find(({ code }) => code === 'unknown-key')?.hint,
    'Write `managed: false`.',
  );
});

test('each refusal of a bond has its own way out', () => {
  const hints = (parameters: string, rest = ''): string[] =>
    compile(
      `version: 1\nhost: kvm1\nparents:\n  bond0: {type: bond, interfaces: [eth0, eth1], parameters: {${parameters}}}\n${rest}shims: {veth0: {parent: bond0, addresses: [198.51.100.50/24]}}\n`,
      { file: 'x', backends: [] },
    )
      .diagnostics.filter(({ severity }) => severity === 'error')
      .map(({ hint }) => hint);
  assert.equal(hints('mode: active-backup, primary: eth9'), [
    'Name one of its `interfaces`, or add it to them.',
  ]);
  assert.equal(hints('mode: balance-xor, primary: eth0'), [
    'Remove `primary`, or choose another `mode`.',
  ]);
  const watched = 'mode: active-backup, mii-monitor-interval: 100';
  assert.equal(hints(`${watched}, up-delay: 250`), ['Write 200 or 300.']);
  assert.equal(hints(`${watched}, up-delay: 50`), ['Write 100.']);
  assert.equal(hints('mode: active-backup, arp-interval: 100'), ['Add `arp-ip-targets`.']);
  assert.equal(hints(watched, '  vlan5: {link: eth0, id: 5, dhcp4: true}\n'), [
    'Write `link: bond0`.',
  ]);
});

test('the primary of a bond is from its own line', () => {
  const { sets } = compile(
    'version: 1\nhost: kvm1\nparents:\n  bond0: {type: bond, interfaces: [eth0, eth1], parameters: {mode: active-backup, primary: eth1}}\nshims: {veth0: {parent: bond0, addresses: [198.51.100.50/24]}}\n',
    { file: 'x', backends: ['networkd'] },
  );
  const views = (sets?.[0]?.files ?? []).map(({ view }) => JSON.stringify(view)).join('\n');
  assert.match(
    views,
    /PrimarySlave[^}]*"origin":\["parents","bond0","parameters","primary"\]|"origin":\["parents","bond0","parameters","primary"\][^}]*PrimarySlave/,
  );
});

test.run();
