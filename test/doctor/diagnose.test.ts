/** Each cause by facts that show it, and nothing where all is well. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { diagnose } from '../../src/doctor/diagnose.ts';
import type { Facts } from '../../src/doctor/facts.ts';
import { causesText, lookedAt } from '../../src/doctor/text.ts';
import { link, modelOf, withLink } from '../status/hosts.ts';
import { chain, device, facts, filter, GUEST_MAC, gateway, guestProbe, silent } from './facts.ts';

const codes = (more: Partial<Facts>): string[] =>
  diagnose(facts(more)).map(({ code, certainty }) => `${certainty} ${code}`);

test('where everybody answers nothing is named', () => {
  assert.equal(diagnose(facts()), []);
  // Filters that are at work, guests elsewhere, drops by the return path: nobody misses a packet.
  const strangers = { field: 'source', values: ['203.0.113.7'], isNegated: false } as const;
  assert.equal(
    codes({
      filters: [filter({ dropped: 9 })],
      ruleset: chain('input', { matches: [strangers] }),
      reversePathDrops: 3,
    }),
    [],
  );
  assert.equal(codes({ guests: [], probes: [gateway()] }), []);
  assert.equal(codes({ guests: [device({ parent: 'eth7' })], probes: [gateway()] }), []);
});

const plain = facts().state;
const SIDE = modelOf(
  'parents: {eth0: {addresses: [198.51.100.50/24]}}\nshims: {mac0: {parent: eth0, addresses: [198.51.100.50/32], routes: [{to: 198.51.100.192/27, scope: link}]}}',
);
const BRIDGED = modelOf(
  'parents: {br0: {type: bridge, interfaces: [eth0]}}\nshims: {veth0: {parent: br0, addresses: [198.51.100.50/24]}}',
);
const ADVERTISED = modelOf('shims: {veth0: {parent: eth0, accept-ra: true}}');
const noGuest = [gateway(), silent(guestProbe())];

/** What is known, and all that is named, the first one first. */
const KNOWN: Readonly<Record<string, readonly [string[], Partial<Facts>]>> = {
  'mode of the shim': [
    ['certain link-setting-drift', 'certain guest-silent'.replace('certain', 'possible')],
    { state: withLink(plain, 'veth0', () => ({ mode: 'vepa' })), probes: noGuest },
  ],
  'ARP is off': [
    ['certain arp-off', 'possible gateway-silent'],
    { state: withLink(plain, 'veth0', () => ({ hasArp: false })), probes: [silent(gateway())] },
  ],
  'IPv6 is off': [
    ['certain ipv6-disabled', 'certain address-missing'],
    {
      state: {
        ...withLink(plain, 'veth0', ({ addresses }) => ({
          addresses: addresses.filter(({ family }) => family === 'ipv4'),
        })),
        sysctls: new Map([...plain.sysctls, ['net/ipv6/conf/veth0/disable_ipv6', '1']]),
      },
    },
  ],
  Wifi: [['certain wifi-parent'], { wireless: ['eth0'] }],
  'a port of the bridge is blocked': [
    ['certain bridge-port-blocked', 'certain no-carrier', 'possible gateway-silent'],
    {
      model: BRIDGED,
      state: {
        ...plain,
        links: [
          link('eth0', { master: 'br0', portState: 'disabled' }),
          link('br0', {
            ...{ kind: 'bridge', hasCarrier: false },
            mac: BRIDGED.parents.find(({ name }) => name === 'br0')?.macaddress ?? '',
          }),
          link('veth0', {
            ...{ kind: 'macvlan', mode: 'bridge', parent: 'br0', hasCarrier: false },
            mac: BRIDGED.shims[0]?.macaddress ?? '',
          }),
        ],
      },
      probes: [silent(gateway())],
    },
  ],
  'the kernel ignores advertisements': [
    ['certain advertisements-ignored'],
    {
      model: ADVERTISED,
      drift: [],
      state: {
        ...plain,
        manager: { id: 'ifupdown', links: new Map() },
        sysctls: new Map([
          ['net/ipv6/conf/veth0/accept_ra', '1'],
          ['net/ipv6/conf/veth0/forwarding', '1'],
        ]),
      },
    },
  ],
  'a daemon of its own takes them': [
    [],
    {
      model: ADVERTISED,
      drift: [],
      state: { ...plain, sysctls: new Map([['net/ipv6/conf/veth0/accept_ra', '0']]) },
    },
  ],
  'the guest is outside of the routes of the side shim': [
    ['likely guest-outside-routes', 'possible guest-silent'],
    {
      model: SIDE,
      drift: [],
      probes: [silent(guestProbe({ address: '198.51.100.60', expected: 'eth0', link: 'eth0' }))],
    },
  ],
  'two links of one MAC': [
    ['certain duplicate-mac'],
    { state: withLink(plain, 'macvtap0', () => ({ mac: '52:54:00:51:01:01' })) },
  ],
  'a macvlan of a virtual router beside the guest': [
    [],
    {
      guests: [device(), device({ name: 'vrrp.51', mode: 'private', isMacvlan: true })],
      probes: [gateway()],
    },
  ],
  'a macvlan of a virtual router, and no guest': [
    [],
    {
      guests: [device({ name: 'vrrp.51', mode: 'private', isMacvlan: true })],
      probes: [gateway()],
    },
  ],
  'a macvlan of a virtual router alone is not a guest': [
    ['likely guest-absent'],
    {
      guests: [device({ name: 'vrrp.51', mode: 'private', isMacvlan: true })],
      probes: noGuest,
    },
  ],
  'a silent guest, beside a macvlan of a virtual router': [
    ['possible guest-silent'],
    {
      guests: [
        device({ mac: '52:54:00:51:01:c7' }),
        device({ name: 'macvlan1', mac: '52:54:00:51:01:c8', mode: 'private', isMacvlan: true }),
      ],
      probes: noGuest,
    },
  ],
  'one MAC on two NICs of a LAN': [
    ['certain duplicate-mac'],
    { twins: [{ shim: 'veth0', other: 'macvtap9' }] },
  ],
  'a machine of the LAN has the MAC of the shim': [
    ['certain duplicate-mac', 'likely foreign-macs-dropped'],
    {
      probes: [
        {
          ...silent(gateway()),
          answersNic: true,
          macByNic: plain.links.find(({ name }) => name === 'veth0')?.mac ?? '',
        },
      ],
    },
  ],
  'another machine has the address': [
    ['certain address-conflict'],
    { conflicts: new Map([['198.51.100.50', '02:00:00:00:00:01']]) },
  ],
  'a static neighbour': [
    ['likely neighbour-static'],
    { probes: [gateway({ isAnswered: false, isStatic: true })] },
  ],
  'another link': [['certain route-elsewhere'], { probes: [gateway({ link: 'br9' })] }],
  'the kernel refuses': [
    ['certain route-elsewhere'],
    { probes: [{ ...silent(gateway()), link: undefined, refusal: 'Invalid argument' } as never] },
  ],
  'the return path': [
    ['certain rp-filter-drops', 'likely target-firewall'],
    { probes: [gateway({ isAnswered: false })], reversePathDrops: 3 },
  ],
  'mode of the guest': [
    ['certain guest-mode', 'possible guest-silent'],
    { guests: [device({ mode: 'vepa' })], probes: noGuest },
  ],
  'mode of some guest, when none was asked for': [
    ['possible guest-mode'],
    { guests: [device(), device({ name: 'macvtap1', mode: 'private' })], probes: [gateway()] },
  ],
  'the guest is on another link': [
    ['certain guest-on-other-link', 'possible guest-silent'],
    { guests: [device({ parent: 'eth9' })], probes: noGuest },
  ],
  'the guest is on a NAT network': [
    ['certain guest-on-other-link'],
    {
      guests: [{ guest: 'vm2', type: 'network', parent: 'default', isUp: true }],
      asked: { word: 'vm2', isKnown: true },
      probes: [gateway()],
    },
  ],
  'the guest is down': [
    ['certain guest-down', 'possible guest-silent'],
    { guests: [device({ isUp: false })], probes: noGuest },
  ],
  'no guest': [['likely guest-absent'], { guests: [], probes: noGuest }],
  'no such guest': [
    ['certain guest-absent'],
    { asked: { word: 'vm9', isKnown: false }, probes: [gateway()] },
  ],
  'the guest does not answer': [['possible guest-silent'], { probes: noGuest }],
  "the guest's firewall": [
    ['likely target-firewall'],
    { probes: [gateway(), guestProbe({ isAnswered: false })] },
  ],
  'a filter counted': [
    ['likely firewall-drops', 'likely target-firewall'],
    {
      filters: [filter({ where: 'handle 9', dropped: 3 })],
      ruleset: chain('input', { packets: 10 }),
      probes: [gateway({ isAnswered: false })],
    },
  ],
  'answers leave by another link': [
    ['certain route-elsewhere'],
    { probes: [gateway({ fromOwn: 'tun0' }), guestProbe({ fromOwn: 'veth0' })] },
  ],
  'the ports of a bridge that is down': [
    ['certain link-down'],
    {
      model: BRIDGED,
      state: {
        ...plain,
        links: [
          link('eth0', { master: 'br0', portState: 'disabled' }),
          link('br0', {
            ...{ kind: 'bridge', isUp: false, hasCarrier: false },
            mac: BRIDGED.parents.find(({ name }) => name === 'br0')?.macaddress ?? '',
          }),
          link('veth0', {
            ...{ kind: 'macvlan', mode: 'bridge', parent: 'br0', hasCarrier: false },
            mac: BRIDGED.shims[0]?.macaddress ?? '',
          }),
        ],
      },
      probes: [],
    },
  ],
  'a rule relies on tracking that another turns off': [
    ['likely firewall-may-drop', 'likely target-firewall'],
    {
      ruleset: {
        chains: [
          ...chain('prerouting', { verdict: { kind: 'untrack' } }).chains,
          ...chain(
            'input',
            {
              matches: [{ field: 'state', values: ['established'], isNegated: false }],
              verdict: { kind: 'accept' },
            },
            { name: 'd', policy: { where: 'policy drop' } },
          ).chains,
        ],
      },
      probes: [gateway({ isAnswered: false })],
    },
  ],
  'it answers without a sender: it has the address of the host': [
    ['certain address-conflict', 'possible guest-silent'],
    {
      conflicts: new Map([['198.51.100.50', GUEST_MAC]]),
      probes: [gateway(), { ...silent(guestProbe()), macWithoutSender: GUEST_MAC }],
    },
  ],
  'a filter that these packets do not pass counted others': [
    ['likely target-firewall'],
    {
      filters: [filter({ where: 'handle 9', dropped: 3 })],
      ruleset: chain('input', {
        packets: 10,
        matches: [{ field: 'port', values: [], isNegated: false }],
      }),
      probes: [gateway({ isAnswered: false })],
    },
  ],
  'a rule that counts nothing': [
    ['likely firewall-may-drop', 'likely target-firewall'],
    { ruleset: chain('input'), probes: [gateway({ isAnswered: false })] },
  ],
  'a rule whose conditions cannot be judged': [
    ['possible firewall-may-drop', 'likely target-firewall'],
    {
      ruleset: chain('input', { matches: ['unknown'] }),
      probes: [gateway({ isAnswered: false })],
    },
  ],
  'such a rule, and somebody who is answered through it': [
    ['likely target-firewall'],
    {
      ruleset: chain('input', { matches: ['unknown'] }),
      probes: [gateway(), guestProbe({ isAnswered: false })],
    },
  ],
  'a rule that sees no ARP': [
    ['possible gateway-silent'],
    { ruleset: chain('input', {}, { family: 'ip' }), probes: [silent(gateway())] },
  ],
  'a rule at the NIC sees ARP': [
    ['likely firewall-may-drop', 'possible gateway-silent'],
    {
      ruleset: chain('ingress', {}, { family: 'netdev', devices: ['eth0'] }),
      probes: [silent(gateway())],
    },
  ],
  'packets are sent elsewhere': [
    ['likely nat-rewrites', 'likely target-firewall'],
    {
      ruleset: chain('output', { verdict: { kind: 'destination', address: '198.51.100.77' } }),
      probes: [gateway(), guestProbe({ isAnswered: false })],
    },
  ],
  'packets leave with an address of nobody': [
    ['likely nat-rewrites', 'likely target-firewall'],
    {
      ruleset: chain('postrouting', { verdict: { kind: 'source', address: '198.51.100.99' } }),
      probes: [gateway(), guestProbe({ isAnswered: false })],
    },
  ],
  'they leave with an address of the link, as without': [
    ['likely target-firewall'],
    {
      ruleset: chain('postrouting', { verdict: { kind: 'source' } }),
      probes: [gateway(), guestProbe({ isAnswered: false })],
    },
  ],
  'a queue dropped packets': [
    ['likely traffic-control-drops', 'possible gateway-silent'],
    { queues: [{ link: 'eth0', kind: 'ingress', dropped: 9 }], probes: [silent(gateway())] },
  ],
  'a queue of another link': [
    ['possible gateway-silent'],
    { queues: [{ link: 'eth7', kind: 'tbf', dropped: 9 }], probes: [silent(gateway())] },
  ],
  'an XDP program': [
    ['possible xdp-may-drop', 'possible gateway-silent'],
    {
      state: withLink(plain, 'eth0', () => ({ hasXdp: true })),
      probes: [silent(gateway())],
    },
  ],
  'no room for neighbours': [
    ['likely neighbour-table-full', 'possible gateway-silent'],
    { neighbourTable: { entries: 1024, limit: 1024 }, probes: [silent(gateway())] },
  ],
  'room for neighbours': [
    ['possible gateway-silent'],
    { neighbourTable: { entries: 22, limit: 1024 }, probes: [silent(gateway())] },
  ],
  'half of the world is refused': [
    ['certain route-elsewhere'],
    {
      state: {
        ...plain,
        routes: [
          ...plain.routes,
          {
            ...{ family: 'ipv4', type: 'blackhole', to: '0.0.0.0/1' },
            ...{ metric: 0, table: 254, protocol: 3 },
          },
        ],
      },
    },
  ],
  'the last resort refuses, as it may': [
    [],
    {
      state: {
        ...plain,
        routes: [
          ...plain.routes,
          {
            ...{ family: 'ipv4', type: 'unreachable', to: '0.0.0.0/0' },
            ...{ metric: 4294967295, table: 254, protocol: 3 },
          },
        ],
      },
    },
  ],
  'the route of the subnet is gone': [
    ['certain route-missing'],
    {
      state: {
        ...plain,
        routes: plain.routes.filter(({ to }) => to !== '198.51.100.0/24'),
      },
    },
  ],
  'two guests with one address': [
    ['likely address-conflict'],
    { probes: [gateway(), guestProbe({ macs: [GUEST_MAC, '52:54:00:51:01:c7'] })] },
  ],
  'a guest has the address of the host': [
    ['certain address-conflict'],
    { conflicts: new Map([['198.51.100.50', GUEST_MAC]]) },
  ],
  'nobody has opened the device': [
    ['likely guest-silent'],
    { conflicts: new Map([['198.51.100.50', GUEST_MAC]]), probes: noGuest },
  ],
  'the guest uses another MAC': [
    ['likely guest-mac-differs', 'likely target-firewall'],
    {
      probes: [
        gateway(),
        guestProbe({ isAnswered: false, mac: '52:54:00:51:01:c7', answersNic: false }),
      ],
    },
  ],
  'that MAC is another machine of the LAN': [
    ['likely target-firewall'],
    {
      probes: [
        gateway(),
        guestProbe({ isAnswered: false, mac: '52:54:00:51:01:c7', answersNic: true }),
      ],
    },
  ],
  'the guest gets no multicast': [
    ['likely guest-multicast', 'possible guest-silent'],
    {
      guests: [device({ takesMulticast: false })],
      probes: [gateway(), silent(guestProbe({ address: '2001:db8:51::198' }))],
    },
  ],
  'the group of the guest is among those that its device takes': [
    ['possible guest-silent'],
    {
      guests: [device({ takesMulticast: false })],
      groups: new Map([['macvtap0', ['33:33:ff:00:01:98']]]),
      probes: [gateway(), silent(guestProbe({ address: '2001:db8:51::198' }))],
    },
  ],
  'a switch that drops foreign MACs': [
    ['likely foreign-macs-dropped'],
    { probes: [{ ...silent(gateway()), answersNic: true }] },
  ],
  'another MAC than the LAN may know': [
    ['possible mac-drift', 'possible gateway-silent'],
    {
      state: withLink(plain, 'veth0', () => ({ mac: '02:00:00:00:00:09' })),
      probes: [silent(gateway())],
    },
  ],
  'nobody answers': [
    ['possible gateway-silent'],
    { probes: [{ ...silent(gateway()), answersNic: false }] },
  ],
  'large packets are lost': [
    ['certain path-mtu'],
    { probes: [gateway({ isLargeAnswered: false })] },
  ],
  'the shim answers no ARP': [
    ['certain arp-ignored'],
    {
      state: {
        ...plain,
        sysctls: new Map([...plain.sysctls, ['net/ipv4/conf/veth0/arp_ignore', '8']]),
      },
    },
  ],
  'the kernel answers ARP on the NIC': [
    ['possible sysctl-drift'],
    {
      state: {
        ...plain,
        sysctls: new Map([...plain.sysctls, ['net/ipv4/conf/eth0/arp_ignore', '0']]),
      },
    },
  ],
};

test('each cause is named by the facts that show it, in its order', () => {
  for (const [what, [expected, more]] of Object.entries(KNOWN)) {
    assert.equal(codes(more), expected, what);
  }
});

test('without a shim host and guests do not reach each other by design', () => {
  const model = modelOf('parents: {eth0: {addresses: [198.51.100.50/24]}}');
  const state = {
    ...plain,
    links: [
      link('eth0', {
        addresses: plain.links.find(({ name }) => name === 'veth0')?.addresses ?? [],
      }),
    ],
    sysctls: new Map<string, string>(),
  };
  const probes = [silent(guestProbe({ expected: 'eth0', link: 'eth0' }))];
  const [first] = diagnose(facts({ model, state, probes, drift: [] }));
  assert.is(first?.code, 'no-shim');
});

test('the MAC that VLANs, bridges and passthru inherit is not a duplicate', () => {
  const mac = '52:54:00:51:01:01';
  for (const more of [
    { kind: 'vlan', mac },
    { kind: 'bridge', mac },
    { kind: 'macvtap', mode: 'passthru', mac },
  ]) {
    const state = { ...plain, links: [...plain.links, link('x', { parent: 'eth0', ...more })] };
    assert.equal(codes({ state }), [], more.kind);
  }
});

test('the cause is printed first, with its fix, then what was looked at', () => {
  const known = facts({ guests: [device({ mode: 'vepa' })], probes: noGuest, missing: ['nft'] });
  const text = causesText(diagnose(known), false);
  assert.match(text, /^error\[guest-mode\]: `macvtap0` is attached in mode vepa: .*\n {2}help: /);
  assert.match(text, /error\[guest-silent\] \(possible\): /);
  const lines = lookedAt(known);
  assert.ok(lines.includes('The gateway 198.51.100.254 answers on `veth0` (52:54:00:51:01:fe).'));
  assert.ok(lines.includes('The guest 198.51.100.198 answers neither ARP nor a ping on `veth0`.'));
  assert.ok(lines.includes('Guests: `macvtap0` on `eth0` (vepa).'));
  assert.ok(lines.some((line) => line.startsWith('`nft` is not installed')));
  // What a host says breaks no line, and reaches no terminal as it is.
  const hostile = facts({
    guests: [device({ guest: 'a\n\u001b[31mb', mode: 'x\ny', mac: GUEST_MAC })],
    probes: noGuest,
  });
  const printed = causesText(diagnose(hostile), false);
  assert.is(
    printed
      .trim()
      .split('\n')
      .filter((line) => line !== '').length,
    // Two causes with their fix each, the second with what it may be.
    7,
  );
  assert.match(printed, /\n {2}may be: `tcpdump -eni macvtap0` shows /);
  assert.not.ok(printed.includes('\u001b'));
});

test('a bridge with a MAC of its own may be what port security drops', () => {
  const of = (mac: string): readonly string[] => {
    const [silence] = diagnose(
      facts({
        model: BRIDGED,
        drift: [],
        probes: [silent(gateway())],
        state: {
          ...plain,
          links: [
            link('eth0', { master: 'br0', mac: '52:54:00:51:01:01', portState: 'forwarding' }),
            link('br0', { kind: 'bridge', mac }),
            ...plain.links.filter(({ name }) => name === 'veth0'),
          ],
        },
      }),
    );
    assert.is(silence?.code, 'gateway-silent');
    return silence?.alternatives ?? [];
  };
  assert.match(of('02:55:10:1c:89:dd').join(), /MAC of `eth0` only: `br0` has another/);
  assert.not.match(of('52:54:00:51:01:01').join(), /only/);
});

test('what drops packets on purpose is printed, and is not a cause', () => {
  const answersOnly = chain('input', {
    matches: [{ field: 'state', values: ['established', 'related'], isNegated: false }],
    verdict: { kind: 'accept' },
  });
  const [first] = answersOnly.chains;
  const policy = { where: 'nftables, `table inet f`, chain `c`, policy drop' };
  const halves = ['0.0.0.0/1', '128.0.0.0/1'].map((to) => ({
    ...{ family: 'ipv4', type: 'unicast', to, link: 'tun0', metric: 0, table: 254, protocol: 3 },
  })) as unknown as typeof plain.routes;
  const known = facts({
    ruleset: { chains: first ? [{ ...first, family: 'ip', policy }] : [] },
    state: { ...plain, routes: [...plain.routes, ...halves] },
  });
  assert.equal(diagnose(known), []);
  const printed = lookedAt(known).join('\n');
  assert.match(
    printed,
    /Pings from the gateway 198\.51\.100\.254 to this host are dropped, .*policy drop/,
  );
  assert.match(printed, /What is not for the LAN leaves by `tun0`/);
  assert.not.match(lookedAt(facts()).join('\n'), /are dropped|What is not for the LAN/);
});

test('a route with a smaller MTU than its link is printed, and is not a cause', () => {
  const of = (mtu: number): ReturnType<typeof facts> =>
    facts({ probes: [{ ...gateway(), link: 'veth0', mtu, isLargeAnswered: true }] });
  assert.equal(diagnose(of(1200)), []);
  assert.match(
    lookedAt(of(1200)).join('\n'),
    /Packets to the gateway 198\.51\.100\.254 have at most 1200 bytes, .*`veth0` has 9000\./,
  );
  assert.not.match(lookedAt(of(9000)).join('\n'), /at most/);
});

test('a shim with a smaller MTU than its parent, which the intent does not have, is printed, and is not a cause', () => {
  const of = (mtu: number): ReturnType<typeof facts> => {
    const links = plain.links.map((one) => ({ ...one, mtu: one.name === 'veth0' ? mtu : 9000 }));
    const { model } = facts();
    const shims = model.shims.map(({ mtu: _, ...shim }) => shim);
    return facts({ model: { ...model, shims }, state: { ...plain, links } });
  };
  assert.equal(diagnose(of(1400)), []);
  assert.match(
    lookedAt(of(1400)).join('\n'),
    /at most 1400 bytes a packet by `veth0`; `eth0` has an MTU of 9000, and the intent none for `veth0`\./,
  );
  assert.not.match(lookedAt(of(9000)).join('\n'), /bytes a packet/);
});

test.run();
