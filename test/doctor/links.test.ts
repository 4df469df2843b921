/** Carriers, sizes, lists of MACs, routers and addresses that two have: each with what looks like it and is in order. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { conflicts } from '../../src/doctor/conflicts.ts';
import { diagnose } from '../../src/doctor/diagnose.ts';
import type { Facts, Probe } from '../../src/doctor/facts.ts';
import { probe } from '../../src/doctor/probes.ts';
import { readRoutes } from '../../src/kernel/routes.ts';
import type { KernelRoute } from '../../src/kernel/types.ts';
import { driftOf } from '../../src/status/drift.ts';
import { fakeSystem } from '../fake-system.ts';
import { address, healthy, link, modelOf, withLink } from '../status/hosts.ts';
import { CORE_RULES, device, facts, GUEST_MAC, gateway, guestProbe, silent } from './facts.ts';

const plain = facts().state;
const codes = (more: Partial<Facts>): string[] =>
  diagnose(facts(more)).map(({ code, certainty }) => `${certainty} ${code}`);

test('a cable that is out is a note where addresses stay, and a cause once somebody does not answer', () => {
  const model = modelOf(
    'shims: {veth0: {parent: eth0, ignore-carrier: true, addresses: [198.51.100.50/24]}}',
  );
  const state = withLink(
    withLink(healthy(model), 'eth0', () => ({ hasCarrier: false })),
    'veth0',
    () => ({
      ...{ hasCarrier: false, addresses: [address('198.51.100.50/24')] },
    }),
  );
  const of = (probes: readonly Probe[]): string[] =>
    codes({ model, state: { ...state, rules: CORE_RULES }, drift: driftOf(model, state), probes });
  assert.is(of([silent(gateway())])[0], 'certain no-carrier');
  assert.not.ok(of([gateway()]).includes('certain no-carrier'));
  assert.not.ok(
    of([silent(gateway({ expected: 'eth7', link: 'eth7' }))]).includes('certain no-carrier'),
  );
});

test('a bridge has the carrier of a guest, and its NIC has none', () => {
  const model = modelOf(
    'parents: {br0: {type: bridge, interfaces: [eth0]}}\nshims: {veth0: {parent: br0, addresses: [198.51.100.50/24]}}',
  );
  const of = (hasCarrier: boolean, probes: readonly Probe[]): string | undefined => {
    const links = [
      link('eth0', { master: 'br0', hasCarrier }),
      link('br0', { kind: 'bridge', mac: '02:00:00:00:00:b0' }),
      link('veth0', { kind: 'macvlan', mode: 'bridge', parent: 'br0', mac: '02:00:00:00:00:5e' }),
    ];
    return codes({ model, drift: [], state: { ...plain, links }, probes })[0];
  };
  assert.is(of(false, [silent(gateway())]), 'certain no-carrier');
  assert.is(of(true, [silent(gateway())]), 'possible gateway-silent');
  assert.is(of(false, [gateway()]), undefined);
});

test('a shim that takes frames of some MACs does not hear others, and the NIC does', () => {
  const of = (mode: string, list: readonly string[], more: Partial<Probe>): string | undefined => {
    const state = withLink(plain, 'veth0', () => ({ mode, sourceMacs: list }));
    return codes({ state, drift: [], probes: [{ ...silent(gateway()), ...more }] })[0];
  };
  const heard = { answersNic: true, macByNic: '52:54:00:51:00:aa' };
  assert.is(of('source', ['52:54:00:51:01:fe'], heard), 'certain shim-mode');
  assert.is(of('source', [], heard), 'certain shim-mode');
  assert.is(of('source', ['52:54:00:51:00:aa'], heard), 'likely foreign-macs-dropped');
  assert.is(of('bridge', [], heard), 'likely foreign-macs-dropped');
  // Of IPv6 the NIC does not ask.
  const six = { address: '2001:db8:51::fe' };
  assert.is(of('source', ['52:54:00:51:01:fe'], six), 'possible shim-mode');
  assert.is(of('bridge', [], six), 'possible gateway-silent');
});

test('large packets are lost: where a link of the host on the way takes less, it is named', () => {
  const lost = guestProbe({ isLargeAnswered: false, mtu: 1500 });
  const of = (name: string, mtu: number, one: Probe, mac = GUEST_MAC): string | undefined =>
    codes({
      ...{ drift: [], probes: [gateway(), one], guests: [device({ mac })] },
      state: withLink(plain, name, () => ({ mtu })),
    })[0];
  assert.is(of('macvtap0', 1400, lost), 'certain mtu-drift');
  assert.is(of('eth0', 1400, lost), 'certain mtu-drift');
  assert.is(of('macvtap0', 1500, lost), 'certain path-mtu');
  assert.is(of('macvtap0', 1400, lost, '52:54:00:51:01:77'), 'certain path-mtu');
  assert.is(of('macvtap0', 1400, guestProbe()), undefined);
});

test('a link with less than 1500 bytes is too small where the LAN answers with more', () => {
  const of = (isUsualAnswered: boolean | undefined, mtu = ''): string[] => {
    const model = modelOf(
      `parents: {eth0: {${mtu}}}\nshims: {veth0: {parent: eth0, addresses: [198.51.100.50/24]}}`,
    );
    const small = withLink(
      withLink(plain, 'eth0', () => ({ mtu: 1400 })),
      'veth0',
      () => ({ mtu: 1400 }),
    );
    const probes = [
      gateway({ mtu: 1400, ...(isUsualAnswered !== undefined && { isUsualAnswered }) }),
    ];
    return codes({ model, state: small, drift: [], probes });
  };
  assert.equal(of(false), ['likely mtu-drift']);
  assert.equal(of(false, 'mtu: 1400'), ['likely path-mtu']);
  assert.equal(of(true), []);
  assert.equal(of(undefined), []);
  const asked = (mtu: number, answers: (words: string) => boolean): boolean | undefined => {
    const system = fakeSystem({
      programs: {
        ping: (words) => ({ status: answers(words.join(' ')) ? 0 : 1 }),
        ip: (words) => (words.includes('get') ? '[{"dst":"198.51.100.254","dev":"veth0"}]' : '[]'),
      },
    });
    const state = withLink(plain, 'veth0', () => ({ mtu }));
    const target = { role: 'gateway', address: '198.51.100.254', expected: 'veth0' } as const;
    return probe(system, state, [target])[0]?.isUsualAnswered;
  };
  const noUsual = (words: string): boolean => !words.includes('-M dont -s 1472');
  assert.is(
    asked(1400, () => true),
    true,
  );
  assert.is(asked(1400, noUsual), false);
  assert.is(asked(1500, noUsual), undefined);
  assert.is(
    asked(1400, (words) => !words.includes('-s')),
    undefined,
  );
});

const ADVERTISED = modelOf(
  'shims: {veth0: {parent: eth0, accept-ra: true, addresses: [198.51.100.50/24], routes: [{to: default, via: 198.51.100.254}]}}',
);
const ROUTER = '52:54:00:51:01:fe';
const router = (via: string, more: Partial<KernelRoute> = {}): KernelRoute => ({
  ...{ family: 'ipv6', type: 'unicast', to: '::/0', via, link: 'veth0', metric: 1024 },
  ...{ table: 254, protocol: 9 },
  ...more,
});

test('a guest that advertises itself beside the router of the LAN, or a station that is preferred to it', () => {
  const of = (routes: readonly KernelRoute[], macs: readonly string[]): string[] =>
    diagnose(
      facts({
        ...{ model: ADVERTISED, drift: [], state: { ...plain, routes } },
        probes: [
          gateway(),
          ...macs.map((mac, index) =>
            gateway({ address: `fe80::${index + 1}`, mac, macs: [], via: `fe80::${index + 1}` }),
          ),
        ],
      }),
    ).map(({ code, certainty, severity }) => `${severity} ${certainty} ${code}`);
  const both = [router('fe80::1'), router('fe80::2', { preference: 'high' })];
  assert.equal(of(both, [ROUTER, GUEST_MAC]), ['error likely route-elsewhere']);
  assert.equal(of([router('fe80::1'), router('fe80::2')], [ROUTER, GUEST_MAC]), [
    'error likely route-elsewhere',
  ]);
  assert.equal(of(both, [ROUTER, '52:54:00:51:01:77']), ['warning possible route-elsewhere']);
  // Less preferred; the only router; two routers of the LAN; a route of the intent.
  const low = [router('fe80::1'), router('fe80::2', { preference: 'low' })];
  assert.equal(of(low, [ROUTER, GUEST_MAC]), []);
  assert.equal(of([router('fe80::1')], [GUEST_MAC]), []);
  assert.equal(of([router('fe80::1'), router('fe80::2')], [ROUTER, '52:54:00:51:01:77']), []);
  const text = (pref: string): string =>
    `[{"dst":"default","gateway":"fe80::1","dev":"veth0","metric":1024,"pref":"${pref}"}]`;
  assert.is(readRoutes('ipv6', text('high'))?.[0]?.preference, 'high');
  assert.is(readRoutes('ipv6', text('medium'))?.[0]?.preference, undefined);
});

test('who has an IPv6 address of the host, too, is in its group, and answers nothing that comes from it', () => {
  const model = modelOf('shims: {veth0: {parent: eth0, addresses: ["2001:db8:51::50/64"]}}');
  const own = [address('2001:db8:51::50/64'), address('fe80::33/64')];
  const theirs = { addresses: [address('fe80::c6/64')] };
  const state = withLink(
    withLink(plain, 'veth0', () => ({ addresses: own })),
    'macvtap0',
    () => theirs,
  );
  const of = (
    answering: readonly string[],
    answers: (words: string) => boolean,
    heard: 'group' | 'all' = 'group',
    known: readonly string[] = [],
  ): string[] => {
    const system = fakeSystem({
      programs: {
        ping: (words) => {
          const line = words.join(' ');
          const isGroup = line.includes('ff02::1%') ? heard === 'all' : heard === 'group';
          if (line.includes('ff02::1') && !isGroup) return { status: 1 };
          if (!line.includes('ff02::1')) return { status: answers(line) ? 0 : 1 };
          const lines = answering.map((one) => `64 bytes from ${one}%veth0: icmp_seq=1 ttl=64\n`);
          return lines.length === 0 ? { status: 1 } : lines.join('');
        },
        ip: JSON.stringify(
          ['fe80::c6', ...known].map((dst) => ({
            dst,
            dev: 'veth0',
            lladdr: GUEST_MAC,
            state: [],
          })),
        ),
      },
    });
    return [...conflicts(system, model, state, [device()], [])].map((one) => one.join(' '));
  };
  const notFromOwn = (words: string): boolean => !words.includes('-I 2001:db8:51::50');
  assert.equal(of(['fe80::33', 'fe80::c6'], notFromOwn), [`2001:db8:51::50 ${GUEST_MAC}`]);
  // The host itself; the same last bits in another network; one that is gone; nobody.
  assert.equal(of(['fe80::33'], notFromOwn), []);
  assert.equal(
    of(['fe80::c6'], () => true),
    [],
  );
  assert.equal(
    of(['fe80::c6'], () => false),
    [],
  );
  assert.equal(of([], notFromOwn), []);
  // Its device takes the group of all nodes alone: it is one of the subnet, or has no address there, and no route.
  const isLocal = (words: string): boolean => notFromOwn(words) && words.includes('fe80::c6');
  assert.equal(of(['fe80::c6'], isLocal, 'all', ['2001:db8:51::c6']), [
    `2001:db8:51::50 ${GUEST_MAC}`,
  ]);
  assert.equal(of(['fe80::c6'], notFromOwn, 'all'), [`2001:db8:51::50 ${GUEST_MAC}`]);
  assert.equal(of(['fe80::c6'], isLocal, 'all'), []);
  assert.equal(of(['fe80::c6'], isLocal, 'all', ['2001:db8:77::c6']), []);
  assert.equal(
    of(['fe80::c6'], () => true, 'all', ['2001:db8:51::c6']),
    [],
  );
  const found = codes({ conflicts: new Map([['2001:db8:51::50', GUEST_MAC]]) });
  assert.equal(found, ['likely address-conflict']);
});

test('a guest answers for the IPv6 gateway, while that of IPv4 is another machine', () => {
  const model = modelOf(
    'shims: {veth0: {parent: eth0, addresses: [198.51.100.50/24, "2001:db8:51::50/64"], routes: [{to: default, via: 198.51.100.254}, {to: "::/0", via: "2001:db8:51::fe"}]}}',
  );
  const of = (six: string, four: string, at = '2001:db8:51::fe'): string[] =>
    codes({
      ...{ model, drift: [] },
      probes: [gateway({ mac: four }), gateway({ address: at, mac: six, macs: [] })],
    });
  assert.equal(of(GUEST_MAC, ROUTER), ['likely address-conflict']);
  // The guest is the router of both; all is well; a router that advertises itself.
  assert.not.ok(of(GUEST_MAC, GUEST_MAC).includes('likely address-conflict'));
  assert.equal(of(ROUTER, ROUTER), []);
  assert.equal(of(GUEST_MAC, ROUTER, 'fe80::1'), []);
});

test('IPv6 that was turned off for all links comes before what is left of an address', () => {
  const of = (all: string, isLost: boolean): string[] => {
    const own = isLost
      ? withLink(plain, 'veth0', ({ addresses }) => ({
          addresses: addresses.filter(({ family }) => family === 'ipv4'),
        }))
      : plain;
    const state = {
      ...own,
      sysctls: new Map([...own.sysctls, ['net/ipv6/conf/all/disable_ipv6', all]]),
    };
    return codes({ state });
  };
  assert.equal(of('1', true).slice(0, 2), ['likely ipv6-disabled', 'certain address-missing']);
  assert.is(of('0', true)[0], 'certain address-missing');
  assert.equal(of('1', false), []);
});

test('two guests with one MAC on another link: that they are there comes first', () => {
  const mac = GUEST_MAC;
  const guests = ['macvtap0', 'macvtap1'].map((name) => device({ name, parent: 'eth1', mac }));
  const links = [
    ...plain.links.filter(({ name }) => name !== 'macvtap0'),
    link('eth1'),
    ...guests.map(({ name = '' }) =>
      link(name, { kind: 'macvtap', mode: 'bridge', parent: 'eth1', mac }),
    ),
  ];
  const model = modelOf(
    'parents: {eth0: {}, eth1: {}}\nshims: {veth0: {parent: eth0, addresses: [198.51.100.50/24]}, veth1: {parent: eth1, addresses: [192.0.2.50/24]}}',
  );
  const found = codes({
    ...{ model, guests, drift: [], state: { ...plain, links } },
    probes: [gateway(), silent(guestProbe())],
  });
  assert.is(found[0], 'likely guest-on-other-link');
  assert.ok(found.includes('certain duplicate-mac'));
});

test.run();
