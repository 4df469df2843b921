/** Causes that a comparison shows, or that only whoever asks the host meets: each with what looks like it. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { diagnose } from '../../src/doctor/diagnose.ts';
import type { Facts } from '../../src/doctor/facts.ts';
import { probe } from '../../src/doctor/probes.ts';
import { readNftables } from '../../src/doctor/rules/nftables.ts';
import { fakeSystem } from '../fake-system.ts';
import { address, link, modelOf, withLink } from '../status/hosts.ts';
import { chain, device, facts, GUEST_MAC, gateway, guestProbe, silent } from './facts.ts';

const codes = (more: Partial<Facts>): string[] =>
  diagnose(facts(more)).map(({ code, certainty }) => `${certainty} ${code}`);

const plain = facts().state;
const noGuest = [gateway(), silent(guestProbe())];
const sysctl = (path: string, value: string): Facts['state'] => ({
  ...plain,
  sysctls: new Map([...plain.sysctls, [path, value]]),
});

test("a mode that the intent itself gives the shim keeps it from guests, and only the guest's silence shows it", () => {
  const model = (mode: string): Facts['model'] =>
    modelOf(`shims: {veth0: {parent: eth0, mode: ${mode}, addresses: [198.51.100.50/24]}}`);
  const found = (mode: string, probes: Facts['probes']): string[] =>
    codes({ model: model(mode), drift: [], probes });
  for (const mode of ['private', 'vepa']) {
    assert.equal(found(mode, noGuest), ['likely shim-mode', 'possible guest-silent']);
    assert.equal(found(mode, [gateway()]), []);
    // A guest that answers ARP is reached.
    const probes = [gateway(), guestProbe({ isAnswered: false })];
    assert.equal(found(mode, probes), ['likely target-firewall']);
  }
  assert.equal(found('bridge', noGuest), ['possible guest-silent']);
});

test("the gateway has the MAC of a guest's device: of a guest that answers under it, else the guest may be the gateway", () => {
  const mac = GUEST_MAC;
  const clone = gateway({ isAnswered: false, mac, macs: [mac] });
  assert.equal(codes({ probes: [clone, guestProbe()] })[0], 'likely duplicate-mac');
  assert.equal(codes({ probes: [clone] })[0], 'likely target-firewall');
  // Another shim on the same NIC is the host's own.
  const beside = { ...plain, links: [...plain.links, link('veth9', { parent: 'eth0', mac })] };
  const found = codes({ state: beside, guests: [], probes: [clone], drift: [] });
  assert.ok(found.includes('certain duplicate-mac'), found.join());
});

test('another MAC of the shim comes first where the gateway answers ARP alone, and not for a guest, which has seen it', () => {
  const state = withLink(plain, 'veth0', () => ({ mac: '02:00:5e:00:00:02' }));
  const mute = codes({ state, probes: [gateway({ isAnswered: false }), guestProbe()] });
  assert.equal(mute.slice(0, 2), ['possible mac-drift', 'likely target-firewall']);
  const guest = codes({ state, probes: [gateway(), guestProbe({ isAnswered: false })] });
  assert.is(guest[0], 'likely target-firewall');
});

test('a switch is named where the same request is answered under one MAC and not under the other', () => {
  const nic = { answersNic: true, macByNic: '52:54:00:51:01:fe' };
  const by = (more: Partial<Facts['probes'][number]>): string[] =>
    codes({ probes: [silent(gateway({ ...nic, ...more }))] });
  assert.equal(by({}), ['likely foreign-macs-dropped']);
  // Without a sender it answers the shim, too: it has no route to this host.
  assert.equal(by({ macWithoutSender: '52:54:00:51:01:fe' }), ['possible gateway-silent']);
});

test('packets for the own subnet that go to a gateway first, unless the intent says so', () => {
  const via = { via: '198.51.100.254', isAnswered: false };
  assert.is(codes({ probes: [gateway(), guestProbe(via)] })[0], 'likely route-elsewhere');
  assert.is(
    codes({ probes: [gateway(), guestProbe({ isAnswered: false })] })[0],
    'likely target-firewall',
  );
  assert.equal(codes({ probes: [gateway(), guestProbe({ ...via, isAnswered: true })] }), []);
  const model = modelOf(
    'shims: {veth0: {parent: eth0, addresses: [198.51.100.50/24], routes: [{to: 198.51.100.192/26, via: 198.51.100.254}]}}',
  );
  // A gateway outside of all subnets (`on-link`) has no route of its own.
  const outside = gateway({ ...via, address: '203.0.113.1' });
  assert.is(codes({ probes: [gateway(), outside] })[0], 'likely target-firewall');
  const intended = codes({ model, drift: [], probes: [gateway(), guestProbe(via)] });
  assert.is(intended[0], 'likely target-firewall');
});

test('arp_ignore 2 keeps a side shim silent, whose subnet is its own address', () => {
  const of = (address: string): Facts['model'] =>
    modelOf(
      `parents: {eth0: {addresses: [198.51.100.50/24]}}\nshims: {veth0: {parent: eth0, addresses: [${address}], routes: [{to: 198.51.100.192/27, scope: link}]}}`,
    );
  const ask = (address: string, value: string): string[] =>
    codes({
      ...{ model: of(address), drift: [], guests: [], probes: [] },
      state: sysctl('net/ipv4/conf/all/arp_ignore', value),
    });
  assert.equal(ask('198.51.100.50/32', '2'), ['certain arp-ignored']);
  assert.equal(ask('198.51.100.50/32', '1'), []);
  // The subnet of the host has all guests.
  assert.equal(codes({ state: sysctl('net/ipv4/conf/all/arp_ignore', '2'), drift: [] }), []);
});

test("arp_ignore 1 keeps a side shim from answering for its parent's address, and not for its own", () => {
  const ask = (shim: string, value: string): string[] => {
    const model = modelOf(
      `parents: {eth0: {dhcp4: true}}\nshims: {veth0: {parent: eth0, addresses: [${shim}], routes: [{to: 198.51.100.192/27, scope: link}]}}`,
    );
    const state = sysctl('net/ipv4/conf/veth0/arp_ignore', value);
    const links = state.links.map((one) => {
      if (one.name === 'eth0') return { ...one, addresses: [address('198.51.100.50/24')] };
      return one.name === 'veth0' ? { ...one, addresses: [address(shim)] } : one;
    });
    return codes({ model, drift: [], guests: [], probes: [], state: { ...state, links } });
  };
  assert.equal(ask('198.51.100.51/32', '1'), ['certain arp-ignored']);
  assert.equal(ask('198.51.100.51/32', '0'), []);
  // It has that address itself.
  assert.equal(ask('198.51.100.50/32', '1'), []);
  // In a subnet of its own it is not a side shim.
  assert.equal(ask('192.0.2.51/24', '1'), []);
});

test('who is dropped before the kernel asks for a MAC is never asked for', () => {
  const both = [silent(gateway()), silent(guestProbe())];
  const drops = (hook: string, more: Parameters<typeof chain>[1] = {}): string | undefined =>
    codes({ ruleset: chain(hook, more, { family: 'ip' }), probes: both })[0];
  const six = [silent(guestProbe({ address: '2001:db8:51::198' }))];
  const icmp = [{ field: 'protocol' as const, values: ['icmp'], isNegated: false }];
  const other = [{ field: 'destination' as const, values: ['203.0.113.0/24'], isNegated: false }];
  for (const hook of ['output', 'postrouting']) {
    assert.is(drops(hook), 'likely firewall-may-drop');
    assert.is(drops(hook, { matches: icmp }), 'likely firewall-may-drop');
    assert.is(drops(hook, { matches: other }), 'possible gateway-silent');
    const ofSix = codes({ ruleset: chain(hook, {}, { family: 'ip6' }), probes: six });
    assert.is(ofSix[0], 'likely firewall-may-drop');
  }
  // Answers do not pass it.
  assert.is(drops('input'), 'possible gateway-silent');
  const to = { kind: 'source', address: '10.66.0.1' } as const;
  assert.is(drops('postrouting', { verdict: to }), 'likely nat-rewrites');
});

test('what asks for the MAC of the host is for all or for a group, and answers are for it alone', () => {
  const rule = (field: 'packetType' | 'destination' | 'destinationMac', value: string): string[] =>
    codes({
      ruleset: chain('input', { matches: [{ field, values: [value], isNegated: false }] }),
    });
  const named = ['likely firewall-may-drop'];
  // The shim has 2001:db8:51::50.
  assert.equal(rule('packetType', 'multicast'), named);
  assert.equal(rule('destination', 'ff00::/8'), named);
  assert.equal(rule('destination', 'ff02::1:ff00:50'), named);
  assert.equal(rule('destination', 'ff02::1:ff00:51'), []);
  assert.equal(rule('destinationMac', '33:33:ff:00:00:50'), named);
  // ARP does not pass it, and IPv6 has no broadcasts.
  assert.equal(rule('packetType', 'broadcast'), []);
  const all = { field: 'destinationMac' as const, values: ['ff:ff:ff:ff:ff:ff'], isNegated: false };
  const atNic = chain('ingress', { matches: [all] }, { family: 'netdev', devices: ['veth0'] });
  assert.equal(codes({ ruleset: atNic }), named);
});

test('a filter of router advertisements matters where the intent takes them', () => {
  const matches = [{ field: 'icmp' as const, values: ['nd-router-advert'], isNegated: false }];
  const drop = chain('input', { matches });
  const of = (keys: string, ruleset: Facts['ruleset']): string[] =>
    codes({
      ...{ model: modelOf(`shims: {veth0: {parent: eth0, ${keys}}}`), drift: [], ruleset },
    });
  const taken = 'addresses: [198.51.100.50/24], accept-ra: true';
  assert.equal(of(taken, drop), ['likely firewall-may-drop']);
  assert.equal(of('addresses: [198.51.100.50/24]', drop), []);
  assert.equal(of(taken, chain('output', { matches })), []);
  const accepted = { ...drop.chains[0], policy: { where: 'policy' }, rules: [] } as never;
  const first = { where: 'a', matches: [], verdict: { kind: 'accept' } } as const;
  assert.is(of(taken, { chains: [accepted] })[0], 'likely firewall-may-drop');
  assert.equal(of(taken, { chains: [{ ...(accepted as object), rules: [first] } as never] }), []);
});

test('while the guest that was asked for answers, others may be kept apart', () => {
  const others = [device(), device({ name: 'macvtap9', mode: 'vepa', mac: '52:54:00:51:01:d9' })];
  const asked = { word: '198.51.100.198', address: '198.51.100.198', isKnown: true };
  assert.equal(codes({ guests: others, asked }), []);
  assert.equal(codes({ guests: others }), ['possible guest-mode']);
  const alone = [device({ mode: 'vepa' })];
  assert.is(codes({ guests: alone, asked, probes: noGuest })[0], 'certain guest-mode');
});

test('of IPv6 nobody asks by the NIC: another MAC than that of the device is one of several causes', () => {
  const other = guestProbe({ isAnswered: false, mac: '52:54:00:51:01:c7', macs: [] });
  const six = codes({ probes: [gateway(), { ...other, address: '2001:db8:51::198' }] });
  assert.is(six[0], 'possible guest-mac-differs');
  assert.is(codes({ probes: [gateway(), other] })[0], 'likely target-firewall');
  const compared = codes({ probes: [gateway(), { ...other, answersNic: false }] });
  assert.is(compared[0], 'likely guest-mac-differs');
});

test('which of several devices is the guest is not known: one that is down is likely it', () => {
  const down = device({ name: 'macvtap1', mac: '52:54:00:51:01:d1', isUp: false });
  assert.is(codes({ guests: [down], probes: noGuest })[0], 'certain guest-down');
  assert.is(codes({ guests: [device(), down], probes: noGuest })[0], 'likely guest-down');
});

test('what asks for the MAC of the host, and its answers, pass filters that its own requests do not', () => {
  const is = (operation: string): Facts['ruleset'] =>
    chain(
      'input',
      { matches: [{ field: 'operation', values: [operation], isNegated: false }] },
      { family: 'arp' },
    );
  assert.equal(codes({ ruleset: is('request') }), ['likely firewall-may-drop']);
  // The host knows the MACs now, and has to ask again later.
  assert.equal(codes({ ruleset: is('reply') }), ['likely firewall-may-drop']);
  const answers = { ...is('reply').chains[0], hook: 'output' } as const;
  assert.equal(codes({ ruleset: { chains: [{ ...answers } as never] } }), [
    'likely firewall-may-drop',
  ]);
  const icmp = (type: string): Facts['ruleset'] =>
    chain('input', { matches: [{ field: 'icmp', values: [type], isNegated: false }] });
  assert.equal(codes({ ruleset: icmp('nd-neighbor-solicit') }), ['likely firewall-may-drop']);
  assert.equal(codes({ ruleset: icmp('nd-router-advert') }), []);
  // A condition that cannot be judged is none of the certain ones.
  assert.equal(codes({ ruleset: chain('input', { matches: ['unknown'] }, { family: 'arp' }) }), []);
});

test('who cannot ask for the MAC of the host answers no ping in the end: that comes before a firewall of theirs', () => {
  const state = sysctl('net/ipv4/conf/veth0/arp_ignore', '8');
  const mute = codes({ state, probes: [gateway({ isAnswered: false })] });
  assert.equal(mute, ['certain arp-ignored', 'likely target-firewall']);
});

test('a large packet that is lost says something of its size only where small ones come through after it', () => {
  const asked = (answers: (words: readonly string[]) => boolean): boolean | undefined => {
    const system = fakeSystem({
      programs: {
        ping: (words) => ({ status: answers(words) ? 0 : 1 }),
        ip: (words) => ({
          stdout: words.includes('get') ? '[{"dst":"198.51.100.254","dev":"veth0"}]' : '[]',
        }),
      },
    });
    const [found] = probe(system, plain, [
      { role: 'gateway', address: '198.51.100.254', expected: 'veth0' },
    ]);
    return found?.isLargeAnswered;
  };
  const isLarge = (words: readonly string[]): boolean => words.includes('do');
  assert.is(
    asked(() => true),
    true,
  );
  assert.is(
    asked((words) => !isLarge(words)),
    false,
  );
  let small = 0;
  assert.is(
    asked((words) => !isLarge(words) && ++small === 1),
    undefined,
  );
});

test('where a rule chooses by the protocol, the route of pings is asked for', () => {
  const routeOf = (address: string, others: readonly string[]): string | undefined => {
    const asked: string[] = [];
    const system = fakeSystem({
      programs: {
        ping: { status: 1 },
        ip: (words) => {
          if (words.includes('get')) asked.push(words.slice(3).join(' '));
          return '[]';
        },
      },
    });
    const rules = (['ipv4', 'ipv6'] as const).map((family) => ({
      ...{ family, priority: 100, table: 100, typeOfService: 0, mark: 0, protocol: 3 },
      others: family === 'ipv4' ? others : [],
    }));
    probe(system, { ...plain, rules }, [{ role: 'gateway', address, expected: 'veth0' }]);
    return asked[0];
  };
  assert.is(routeOf('198.51.100.254', ['ipproto']), '198.51.100.254 ipproto icmp');
  assert.is(routeOf('198.51.100.254', ['uidrange']), '198.51.100.254');
  assert.is(routeOf('2001:db8:51::fe', ['ipproto']), '2001:db8:51::fe');
});

test('the largest packet is that of the route, and of IPv6 on the link, where those are smaller', () => {
  const sizeTo = (address: string, metrics: string, ofIpv6: string): string | undefined => {
    let size: string | undefined;
    const system = fakeSystem({
      files: { '/proc/sys/net/ipv6/conf/veth0/mtu': ofIpv6 },
      programs: {
        ping: (words) => {
          if (words.includes('-s')) size = words[words.indexOf('-s') + 1];
          return { status: 0 };
        },
        ip: (words) => ({
          stdout: words.includes('get') ? `[{"dst":"${address}","dev":"veth0"${metrics}}]` : '[]',
        }),
      },
    });
    probe(system, plain, [{ role: 'gateway', address, expected: 'veth0' }]);
    return size;
  };
  const mtu1400 = ',"metrics":[{"mtu":1400}]';
  assert.is(sizeTo('198.51.100.254', '', '1480\n'), '8972');
  assert.is(sizeTo('198.51.100.254', mtu1400, '1480\n'), '1372');
  assert.is(sizeTo('2001:db8::fe', '', '1480\n'), '1432');
  assert.is(sizeTo('2001:db8::fe', mtu1400, '1480\n'), '1352');
  assert.is(sizeTo('2001:db8::fe', ',"metrics":[{"mtu":9600}]', ''), '8952');
});

test('what arptables asks for in each rule is met by all ARP', () => {
  const field = (name: string, right: unknown): unknown => ({
    match: { op: '==', left: { payload: { protocol: 'arp', field: name } }, right },
  });
  const ruleset = (hlen: number): Facts['ruleset'] =>
    readNftables(
      JSON.stringify({
        nftables: [
          {
            chain: {
              ...{ family: 'arp', table: 'filter', name: 'INPUT' },
              ...{ type: 'filter', hook: 'input', prio: 0 },
            },
          },
          {
            rule: {
              ...{ family: 'arp', table: 'filter', chain: 'INPUT', handle: 2 },
              expr: [
                ...[field('htype', 1), field('hlen', hlen), field('plen', 4)],
                ...[field('operation', 'request'), { drop: null }],
              ],
            },
          },
        ],
      }),
      new Set(),
    ) ?? { chains: [] };
  assert.equal(codes({ ruleset: ruleset(6) }), ['likely firewall-may-drop']);
  assert.equal(codes({ ruleset: ruleset(8) }), []);
});

test('a guest that took the address of the gateway answers by the side shim, and not by the parent', () => {
  const reply = (mac: string): string =>
    `ARPING\nUnicast reply from 198.51.100.254 [${mac}]  0.6ms\n`;
  const asked = (shims: ReadonlyMap<string, string>): readonly string[] => {
    const programs = {
      arping: (words: readonly string[]) =>
        reply('52:54:00:51:01:FE') + (words.includes('mac0') ? reply(GUEST_MAC) : ''),
      ip: (words: readonly string[]) => ({
        stdout: words.includes('get') ? '[{"dst":"198.51.100.254","dev":"eth0"}]' : '[]',
      }),
      ping: { status: 0 },
    };
    const target = { role: 'gateway', address: '198.51.100.254', expected: 'eth0' } as const;
    const [found] = probe(fakeSystem({ programs }), plain, [target], shims);
    return found?.macs ?? [];
  };
  assert.equal(asked(new Map([['mac0', 'eth0']])), ['52:54:00:51:01:fe', GUEST_MAC]);
  assert.equal(asked(new Map([['mac0', 'eth1']])), ['52:54:00:51:01:fe']);
});

test.run();
