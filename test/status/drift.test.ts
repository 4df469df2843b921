/** What `status` finds: nothing on a host that is right, and every kind of drift, by its code. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { KernelState } from '../../src/kernel/types.ts';
import { type Drift, driftOf } from '../../src/status/drift.ts';
import { countText, driftText, isDrift } from '../../src/status/text.ts';
import { address, healthy, INTENT, link, modelOf, withLink, withWord } from './hosts.ts';

const MODEL = modelOf(INTENT);
const HEALTHY = healthy(MODEL);

const codes = (found: readonly Drift[]): string[] =>
  found.map(({ severity, code }) => `${severity} ${code}`);
const of = (state: KernelState, options = {}): string[] => codes(driftOf(MODEL, state, options));

test('a host that is right has no drift, nor a note', () => {
  assert.equal(driftOf(MODEL, HEALTHY), []);
});

const without = <T>(all: readonly T[], index: number): T[] => all.filter((_, at) => at !== index);

/** What is done to the host, and the one thing that is reported: no effect beside its cause. */
const SPOILED: Readonly<Record<string, readonly [string[], KernelState]>> = {
  'the shim is missing': [
    ['error link-missing'],
    withWord(
      withLink(HEALTHY, 'veth0', () => undefined),
      'veth0',
      undefined,
    ),
  ],
  'the NIC is missing, and so is what is on top of it': [
    ['error link-missing'],
    {
      ...HEALTHY,
      links: HEALTHY.links.filter(({ name }) => name === 'lo'),
      routes: [],
      rules: [],
    },
  ],
  'another mode': [
    ['error link-setting-drift'],
    withLink(HEALTHY, 'veth0', () => ({ mode: 'vepa' })),
  ],
  'another kind': [
    ['error link-setting-drift'],
    withLink(HEALTHY, 'veth0', () => ({ kind: 'dummy', mode: '' })),
  ],
  'another parent': [
    ['error link-setting-drift'],
    withLink(HEALTHY, 'veth0', () => ({ parent: 'eth1' })),
  ],
  'the NIC is a port': [
    ['error link-setting-drift'],
    withLink(HEALTHY, 'eth0', () => ({ master: 'br0' })),
  ],
  'another MAC': [
    ['error mac-drift'],
    withLink(HEALTHY, 'veth0', () => ({ mac: '02:00:00:00:00:01' })),
  ],
  'another MTU': [['warning mtu-drift'], withLink(HEALTHY, 'eth0', () => ({ mtu: 1500 }))],
  'the shim is down': [
    ['error link-down'],
    withLink(HEALTHY, 'veth0', () => ({ isUp: false, hasCarrier: false, addresses: [] })),
  ],
  'the cable is out': [
    ['error no-carrier'],
    {
      ...HEALTHY,
      links: HEALTHY.links.map((own) =>
        own.name === 'lo' ? own : { ...own, hasCarrier: false, addresses: [] },
      ),
      routes: [],
      rules: [],
    },
  ],
  'no address': [
    ['error address-missing'],
    withLink(HEALTHY, 'veth0', ({ addresses }) => ({ addresses: without(addresses, 0) })),
  ],
  'another prefix length': [
    ['error address-missing'],
    withLink(HEALTHY, 'veth0', ({ addresses }) => ({
      addresses: [address('198.51.100.50/16'), ...without(addresses, 0)],
    })),
  ],
  'duplicate detection is under way': [
    ['error address-not-ready'],
    withLink(HEALTHY, 'veth0', ({ addresses }) => ({
      addresses: addresses.map((own) =>
        own.address === '2001:db8:51::50' ? { ...own, isTentative: true } : own,
      ),
    })),
  ],
  'somebody else has the address': [
    ['error address-duplicate'],
    withLink(HEALTHY, 'veth0', ({ addresses }) => ({
      addresses: addresses.map((own) =>
        own.address === '2001:db8:51::50' ? { ...own, isTentative: true, isDuplicate: true } : own,
      ),
    })),
  ],
  'an address on the NIC': [
    ['error address-on-bare-link'],
    withLink(HEALTHY, 'eth0', () => ({ addresses: [address('198.51.100.51/24')] })),
  ],
  'a link-local address on the NIC': [
    ['warning address-on-bare-link'],
    withLink(HEALTHY, 'eth0', () => ({ addresses: [address('fe80::2/64')] })),
  ],
  'an address that somebody added': [
    ['note address-of-others'],
    withLink(HEALTHY, 'veth0', ({ addresses }) => ({
      addresses: [...addresses, address('198.51.100.77/32')],
    })),
  ],
  'an address by a client that nobody asked for': [
    ['warning address-of-others'],
    withLink(HEALTHY, 'veth0', ({ addresses }) => ({
      addresses: [...addresses, address('198.51.100.101/24', { isDynamic: true })],
    })),
  ],
  'the address on another link as well': [
    ['error address-twice'],
    {
      ...HEALTHY,
      links: [...HEALTHY.links, link('br0', { addresses: [address('198.51.100.50/24')] })],
    },
  ],
  'a second gateway': [
    ['error route-missing'],
    {
      ...HEALTHY,
      routes: [
        ...HEALTHY.routes,
        ...HEALTHY.routes.slice(0, 1).map((one) => ({ ...one, via: '198.51.100.253' })),
      ],
    },
  ],
  'no default route': [['error route-missing'], { ...HEALTHY, routes: without(HEALTHY.routes, 0) }],
  'no route to the own subnet': [
    ['error route-missing'],
    {
      ...HEALTHY,
      // One through a gateway is another one.
      routes: HEALTHY.routes.map((own) =>
        own.to === '198.51.100.0/24' ? { ...own, via: '198.51.100.254' } : own,
      ),
    },
  ],
  'no route to the own IPv6 subnet': [
    ['error route-missing'],
    { ...HEALTHY, routes: HEALTHY.routes.filter(({ family }) => family === 'ipv4') },
  ],
  'a program took the carrier away': [
    ['error no-carrier'],
    withLink(HEALTHY, 'veth0', () => ({ hasCarrier: false, isHeldDown: true, addresses: [] })),
  ],
  'another metric': [
    ['warning route-metric-drift'],
    { ...HEALTHY, routes: HEALTHY.routes.map((own) => ({ ...own, metric: own.metric && 60 })) },
  ],
  'a route in another table': [
    ['error route-missing'],
    { ...HEALTHY, routes: HEALTHY.routes.map((own) => ({ ...own, table: 254 })) },
  ],
  'a route by the bare NIC': [
    ['warning route-on-bare-link'],
    {
      ...HEALTHY,
      routes: [
        ...HEALTHY.routes,
        {
          ...(HEALTHY.routes[0] as (typeof HEALTHY.routes)[0]),
          link: 'eth0',
          to: '203.0.113.0/24',
        },
      ],
    },
  ],
  'no rule': [['error rule-missing'], { ...HEALTHY, rules: [] }],
  'a rule that selects by more': [
    ['error rule-missing'],
    { ...HEALTHY, rules: HEALTHY.rules.map((own) => ({ ...own, others: ['uidrange'] })) },
  ],
  'a rule for an interface alone': [
    ['error rule-missing'],
    { ...HEALTHY, rules: HEALTHY.rules.map((own) => ({ ...own, iif: 'eth7' })) },
  ],
  'nobody asks the name servers': [
    ['warning nameserver-missing'],
    {
      ...withWord(HEALTHY, 'veth0', { nameservers: [] } as object),
      resolver: { servers: ['9.9.9.9'] },
    },
  ],
  'nobody asks them, and it is a trial, which sets none': [
    [],
    {
      ...HEALTHY,
      manager: { id: 'none', links: new Map() },
      resolver: { servers: ['9.9.9.9'] },
    },
  ],
  'no systemd-resolved': [
    ['note nameserver-unused'],
    { ...HEALTHY, resolver: { servers: ['9.9.9.9'] } },
  ],
  'the kernel answers ARP on the NIC': [
    ['warning sysctl-drift'],
    {
      ...HEALTHY,
      sysctls: new Map([...HEALTHY.sysctls, ['net/ipv4/conf/eth0/arp_ignore', '0']]),
    },
  ],
  'the daemon has failed': [
    ['error daemon-state'],
    withWord(HEALTHY, 'eth0', { state: 'failed', verdict: 'failed' }),
  ],
  'the daemon does not manage it': [['error daemon-state'], withWord(HEALTHY, 'veth0', undefined)],
  'no daemon': [
    ['error daemon-not-running'],
    {
      ...HEALTHY,
      manager: { id: 'networkd', links: new Map() },
      problems: [{ part: 'manager', message: 'systemd-networkd does not run' }],
    },
  ],
  'boot waited in vain': [
    ['warning wait-online-failed'],
    {
      ...HEALTHY,
      units: new Map([
        [
          'systemd-networkd-wait-online.service',
          { load: 'loaded', active: 'failed', result: 'exit-code' },
        ],
      ]),
    },
  ],
  'nothing can be read': [
    ['error state-unreadable'],
    { ...HEALTHY, links: [], problems: [{ part: 'links', message: '`ip` is not installed' }] },
  ],
};

test('each kind of drift is found, and no effect of it beside', () => {
  for (const [what, [expected, state]] of Object.entries(SPOILED)) {
    assert.equal(of(state), expected, what);
  }
});

test('a change: what it removes must be gone, and a default route stays', () => {
  const both = withLink(HEALTHY, 'veth0', ({ addresses }) => ({
    addresses: [...addresses, address('198.51.100.40/24')],
  }));
  assert.ok(of(both, { removed: ['198.51.100.40'] }).includes('error address-left'));
  assert.equal(of(HEALTHY, { removed: ['198.51.100.40'], before: HEALTHY }), []);
  const leased = modelOf('shims: {veth0: {parent: eth0, dhcp4: true}}');
  const state: KernelState = {
    ...healthy(leased),
    links: [
      link('eth0'),
      link('veth0', {
        kind: 'macvlan',
        mode: 'bridge',
        parent: 'eth0',
        mac: leased.shims[0]?.macaddress ?? '',
        addresses: [address('198.51.100.101/24', { isDynamic: true })],
      }),
    ],
    routes: [],
  };
  assert.equal(codes(driftOf(leased, state)), []);
  assert.equal(codes(driftOf(leased, state, { before: HEALTHY })), ['error default-route-lost']);
  assert.equal(
    codes(driftOf(leased, { ...state, routes: HEALTHY.routes }, { before: HEALTHY })),
    [],
  );
});

test('what a LAN gives: an address is missed where the link has no other', () => {
  const shim = (keys: string): string => `shims: {veth0: {parent: eth0, ${keys}}}`;
  const bare = (
    keys: string,
    addresses: readonly ReturnType<typeof address>[],
    sysctls = HEALTHY.sysctls,
  ): string[] => {
    const model = modelOf(shim(keys));
    return codes(
      driftOf(model, {
        ...healthy(model),
        sysctls,
        links: [
          link('eth0'),
          link('veth0', {
            kind: 'macvlan',
            mode: 'bridge',
            parent: 'eth0',
            mac: model.shims[0]?.macaddress ?? '',
            addresses,
          }),
        ],
      }),
    );
  };
  const linkLocal = address('fe80::1/64');
  const lease = address('198.51.100.101/24', { isDynamic: true });
  const slaac = address('2001:db8:51::1/64', { isDynamic: true });
  assert.equal(bare('dhcp4: true', [linkLocal]), ['error lease-missing']);
  // A lease without end, or a client that gives the kernel no lifetime.
  assert.equal(bare('dhcp4: true', [address('198.51.100.101/24')]), []);
  assert.equal(bare('dhcp4: true, optional: true', []), ['note lease-missing']);
  assert.equal(bare('dhcp4: true, accept-ra: true', [linkLocal, lease]), ['note lease-missing']);
  assert.equal(bare('accept-ra: true', [linkLocal]), ['error lease-missing']);
  assert.equal(bare('accept-ra: true', [linkLocal, slaac]), []);
  assert.equal(bare('accept-ra: true, ipv6-address-token: "::50"', [linkLocal, slaac]), [
    'error token-drift',
  ]);
  assert.equal(bare('accept-ra: true, ipv6-address-token: "::1"', [linkLocal, slaac]), []);
  const temporary = address('2001:db8:51::2/64', { isDynamic: true, isTemporary: true });
  assert.equal(bare('accept-ra: true', [linkLocal, slaac, temporary]), [
    'warning temporary-address-drift',
  ]);
  assert.equal(bare('accept-ra: true, ipv6-privacy: true', [linkLocal, slaac]), [
    'warning temporary-address-drift',
  ]);
  assert.equal(bare('accept-ra: true, ipv6-privacy: true', [linkLocal, slaac, temporary]), []);
  assert.equal(bare('dhcp4: true, dhcp6: true', [linkLocal, lease]), ['warning lease-missing']);
  assert.equal(bare('dhcp4: true, dhcp6: true', [linkLocal, lease, slaac]), []);
  const asked = 'link-local: [ipv6], addresses: [198.51.100.101/24]';
  const own = address('198.51.100.101/24');
  assert.equal(bare(asked, [linkLocal, own]), []);
  assert.equal(bare(asked, [own]), ['error address-missing']);
  const taken = address('fe80::1/64', { isDuplicate: true, isTentative: true });
  assert.equal(bare(asked, [taken, own]), ['error address-duplicate']);
  assert.equal(bare(asked, [taken, address('fe80::2/64'), own]), []);
  // Beside a static address it may be missed.
  const six = 'addresses: ["2001:db8:51::50/64"]';
  assert.equal(bare(six, [address('2001:db8:51::50/64')]), ['warning address-missing']);
  assert.equal(bare(`${six}, link-local: []`, [address('2001:db8:51::50/64')]), []);
  // A LAN may be without IPv6, and so may a host.
  const both = 'addresses: [198.51.100.101/24], accept-ra: true';
  assert.equal(bare(both, [own]), ['warning address-missing', 'note lease-missing']);
  assert.equal(bare(asked, [own], new Map()), []);
});

test('a rule for packets from everywhere has no network in the kernel', () => {
  const model = modelOf(
    'shims: {veth0: {parent: eth0, dhcp4: true, dhcp4-overrides: {table: 100}, routing-policy: [{from: 0.0.0.0/0, table: 100, priority: 100}]}}',
  );
  const state = healthy(model);
  const rules = state.rules.map(({ from: _, ...rule }) => rule);
  const found = (own: KernelState['rules']): string[] =>
    codes(driftOf(model, { ...state, rules: own })).filter((code) => code.includes('rule'));
  assert.is(rules.length, 1);
  assert.equal(found(rules), []);
  assert.equal(found([]), ['error rule-missing']);
});

test('a default route that a lease has in a table of its own is not lost', () => {
  const model = modelOf(
    'shims: {veth0: {parent: eth0, dhcp4: true, dhcp4-overrides: {table: 101}}}',
  );
  const state = healthy(model);
  const route = (table: number): KernelState['routes'][number] => ({
    family: 'ipv4',
    type: 'unicast',
    to: '0.0.0.0/0',
    via: '198.51.100.254',
    link: 'veth0',
    metric: 100,
    table,
    protocol: 16,
  });
  const before = { ...state, routes: [route(254)] };
  const lost = (table: number): boolean =>
    driftOf(model, { ...state, routes: [route(table)] }, { before }).some(
      ({ code }) => code === 'default-route-lost',
    );
  assert.equal([lost(101), lost(102)], [false, true]);
});

test('links that may lack a carrier are not drift', () => {
  for (const [keys, severity] of [
    ['optional: true', 'note'],
    ['', 'error'],
  ] as const) {
    const model = modelOf(
      `parents: {eth0: {${keys}}}\nshims: {veth0: {parent: eth0, addresses: [198.51.100.50/24]${keys && `, ${keys}`}}}`,
    );
    const state: KernelState = {
      ...healthy(model),
      links: [
        link('eth0', { hasCarrier: false }),
        link('veth0', {
          kind: 'macvlan',
          mode: 'bridge',
          parent: 'eth0',
          mac: model.shims[0]?.macaddress ?? '',
          hasCarrier: false,
        }),
      ],
      routes: [],
    };
    assert.equal(codes(driftOf(model, state)), [`${severity} no-carrier`], keys);
  }
});

test('the larger of all and the own counts; a filter that is off lets everything pass', () => {
  const all = (value: string): KernelState => ({
    ...HEALTHY,
    sysctls: new Map([
      ...[...HEALTHY.sysctls.keys()].map((key) => [key, '0'] as const),
      ['net/ipv4/conf/all/arp_ignore', value],
    ]),
  });
  assert.equal(of(all('1')), []);
  assert.equal(of(all('2')), []);
  assert.equal(of(all('0')), ['warning sysctl-drift', 'warning sysctl-drift']);
  assert.equal(of(all('8')).length, 2);
  const side = modelOf(
    'parents: {eth0: {addresses: [198.51.100.50/24]}}\nshims: {mac0: {parent: eth0, addresses: [198.51.100.222/32], routes: [{to: 198.51.100.192/27, scope: link}]}}',
  );
  const filter = (value: string): string[] =>
    codes(
      driftOf(side, {
        ...healthy(side),
        links: [link('eth0', { addresses: [address('198.51.100.50/24')] }), link('mac0')],
        sysctls: new Map([['net/ipv4/conf/mac0/rp_filter', value]]),
      }),
    ).filter((code) => code.includes('sysctl'));
  assert.equal([filter('0'), filter('1'), filter('2')], [[], ['warning sysctl-drift'], []]);
});

test('networkd sets up the link that it names, and creates what is missing on top of it', () => {
  const fixOf = (state: KernelState, wanted: string): string | undefined =>
    driftOf(MODEL, state)
      .find(({ code }) => code === wanted)
      ?.hint.match(/`networkctl [^`]*`/)?.[0];
  const gone = withWord(
    withLink(HEALTHY, 'veth0', () => undefined),
    'veth0',
    undefined,
  );
  assert.is(fixOf(gone, 'link-missing'), '`networkctl reconfigure eth0`');
  // 247 creates it when it starts alone.
  assert.ok(
    driftOf(MODEL, gone).some(({ hint }) =>
      hint.includes('still missing, run `systemctl restart systemd-networkd`'),
    ),
  );
  for (const [state, code] of [
    [withLink(HEALTHY, 'veth0', () => ({ addresses: [] })), 'address-missing'],
    [withLink(HEALTHY, 'veth0', () => ({ isUp: false })), 'link-down'],
    [{ ...HEALTHY, routes: [] }, 'route-missing'],
    [{ ...HEALTHY, rules: [] }, 'rule-missing'],
  ] as const) {
    assert.is(fixOf(state, code), '`networkctl reconfigure veth0`', code);
  }
});

test('a missing address has the fix of what was to give it', () => {
  for (const [keys, hint] of [
    ['dhcp4: true', /`tcpdump -ni veth0 port 67 or port 68`/],
    ['dhcp6: true', /`tcpdump -ni veth0 port 546 or port 547`/],
    ['accept-ra: true', /^Does a router .*`tcpdump -vni veth0 'icmp6 and /],
  ] as const) {
    const model = modelOf(`shims: {veth0: {parent: eth0, ${keys}}}`);
    const state = withLink(healthy(model), 'veth0', () => ({ addresses: [] }));
    const found = driftOf(model, state).find(({ code }) => code === 'lease-missing');
    assert.match(found?.hint ?? '', hint);
  }
});

test('every finding says what to do, in words that no value of the host breaks', () => {
  const [, spoiled] = SPOILED['another mode'] ?? [];
  const text = driftText(driftOf(MODEL, spoiled as KernelState), false);
  assert.is(
    text,
    'error[link-setting-drift]: `veth0` has mode vepa, not bridge.\n  help: Run `ip link set dev veth0 type macvlan mode bridge`; addresses stay.\n',
  );
  const hostile = withWord(HEALTHY, 'veth0', { state: 'x\n\u001b[31my', verdict: 'failed' });
  const lines = driftText(driftOf(MODEL, hostile), false).split('\n');
  assert.is(lines.length, 3);
  assert.not.ok(lines.join('').includes('\u001b'));
  for (const [, [, state]] of Object.entries(SPOILED)) {
    for (const { hint, message } of driftOf(MODEL, state)) {
      assert.match(message, /\.$/);
      assert.ok(hint.length > 10);
    }
  }
  assert.is(countText([{ severity: 'error' }, { severity: 'note' }]), '1 error');
  assert.is(
    countText([{ severity: 'error' }, { severity: 'error' }, { severity: 'warning' }]),
    '2 errors, 1 warning',
  );
  assert.ok(isDrift({ severity: 'warning' }) && !isDrift({ severity: 'note' }));
});

test('routes of a lease in another table than that of the intent', () => {
  const model = modelOf(
    'shims: {veth0: {parent: eth0, dhcp4: true, dhcp4-overrides: {table: 101}}}',
  );
  const found = (table: number, protocol: number): string[] =>
    codes(
      driftOf(model, {
        ...healthy(model),
        routes: [
          {
            ...{ family: 'ipv4', type: 'unicast', to: '0.0.0.0/0', via: '198.51.100.254' },
            ...{ link: 'veth0', metric: 100, table, protocol },
          },
        ],
        rules: [],
      }),
    ).filter((line) => line.includes('route-table'));
  assert.equal(found(254, 16), ['warning route-table-drift']);
  assert.equal(found(101, 16), []);
  // Somebody's own.
  assert.equal(found(254, 3), []);
});

test('an address that is made of the MAC, where the intent asks for one that is not', () => {
  const of = (generation: string, own: string): string[] => {
    const model = modelOf(
      `shims: {veth0: {parent: eth0, accept-ra: true, ipv6-address-generation: ${generation}}}`,
    );
    const state = withLink(healthy(model), 'veth0', () => ({
      mac: 'ce:56:b6:6f:2b:36',
      addresses: [address('fd51::cc56:b6ff:fe6f:2b36/64', { isDynamic: true, interfaceId: own })],
    }));
    return codes(driftOf(model, state)).filter((line) => line.includes('generation'));
  };
  const made = '::cc56:b6ff:fe6f:2b36';
  assert.equal(of('stable-privacy', made), ['warning address-generation-drift']);
  assert.equal(of('stable-privacy', '::1:2:3:4'), []);
  assert.equal(of('eui64', made), []);
});

test('an address on two links of the intent, unless it gives both', () => {
  const twice = (body: string, name: string): string[] => {
    const model = modelOf(body);
    const { links, ...state } = healthy(model);
    const own = link(name, { addresses: [address('198.51.100.50/32')] });
    const others = links
      .filter((one) => one.name !== name)
      .map((one) => ({ ...one, addresses: [] }));
    return driftOf(model, { ...state, links: [...others, own] }).flatMap(({ code, link: on }) =>
      /^(?:address|lease)-/.test(code) && on === name && code !== 'address-missing'
        ? `${code} ${on}`
        : [],
    );
  };
  const two =
    'shims: {veth0: {parent: eth0, addresses: [198.51.100.50/24]}, veth1: {parent: eth1, addresses: [192.0.2.50/24]}}';
  assert.equal(twice(two, 'veth1'), ['address-twice veth1']);
  assert.equal(twice(two, 'veth0'), []);
  for (const dynamic of ['dhcp4: true', 'dhcp6: true', 'accept-ra: true']) {
    const leased = two.replace('addresses: [192.0.2.50/24]', dynamic);
    assert.equal(twice(leased, 'veth1'), ['lease-missing veth1', 'address-twice veth1'], dynamic);
  }
  const side =
    'parents: {eth0: {addresses: [198.51.100.50/24]}}\nshims: {mac0: {parent: eth0, addresses: [198.51.100.50/32]}}';
  assert.equal(twice(side, 'mac0'), []);
});

test.run();
