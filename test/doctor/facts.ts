/** Facts of a host on which everybody answers, for tests that then spoil them. */
import type { Facts, Filter, GuestDevice, Probe } from '../../src/doctor/facts.ts';
import type { Chain, Rule, Ruleset } from '../../src/doctor/rules/ruleset.ts';
import { driftOf } from '../../src/status/drift.ts';
import { healthy, INTENT, link, modelOf } from '../status/hosts.ts';

export const MODEL = modelOf(INTENT);
export const GUEST_MAC = '52:54:00:51:01:c6';

export const gateway = (more: Partial<Probe> = {}): Probe => ({
  role: 'gateway',
  address: '198.51.100.254',
  expected: 'veth0',
  link: 'veth0',
  isAnswered: true,
  isLargeAnswered: true,
  mtu: 1500,
  mac: '52:54:00:51:01:fe',
  isStatic: false,
  macs: ['52:54:00:51:01:fe'],
  ...more,
});

export const guestProbe = (more: Partial<Probe> = {}): Probe => ({
  ...gateway(),
  role: 'guest',
  address: '198.51.100.198',
  mac: GUEST_MAC,
  macs: [GUEST_MAC],
  ...more,
});

/** A probe that nobody answered, by ARP neither. */
export const silent = (probe: Probe): Probe => {
  const { mac: _, isLargeAnswered: __, ...rest } = probe;
  return { ...rest, isAnswered: false, macs: [] };
};

export const device = (more: Partial<GuestDevice> = {}): GuestDevice => ({
  name: 'macvtap0',
  parent: 'eth0',
  mode: 'bridge',
  mac: GUEST_MAC,
  isUp: true,
  takesMulticast: true,
  ...more,
});

export const filter = (more: Partial<Filter> = {}): Filter => ({
  where: 'nftables, `table inet f`, chain `c`, handle 4',
  hook: 'input',
  packets: 7,
  dropped: 0,
  ...more,
});

/** A chain with one rule, which drops what it is given. */
export const chain = (
  hook: string,
  rule: Partial<Rule> = {},
  more: Partial<Chain> = {},
): Ruleset => ({
  chains: [
    {
      ...{ family: 'inet', table: 'f', name: 'c', hook, devices: [] },
      rules: [{ where: 'handle 9', matches: [], verdict: { kind: 'drop' }, ...rule }],
      ...more,
    },
  ],
});

/** The kernel's own rules (ip-rule(8)). */
export const CORE_RULES = (['ipv4', 'ipv6'] as const).flatMap((family) =>
  [
    [0, 255],
    [32766, 254],
  ].map(([priority = 0, table = 0]) => ({
    ...{ family, priority, table },
    ...{ typeOfService: 0, mark: 0, protocol: 2, others: [] },
  })),
);

/** All is well, unless `more` says otherwise. */
export function facts(more: Partial<Facts> = {}): Facts {
  const plain = healthy(MODEL);
  const state = {
    ...plain,
    rules: [...CORE_RULES, ...plain.rules],
    links: [
      ...plain.links,
      link('macvtap0', { kind: 'macvtap', mode: 'bridge', parent: 'eth0', mac: GUEST_MAC }),
    ],
  };
  const own = more.state ?? state;
  return {
    model: MODEL,
    state: own,
    drift: driftOf(more.model ?? MODEL, own),
    guests: [device()],
    probes: [gateway(), guestProbe()],
    filters: [filter(), filter({ where: 'a policy' })],
    ruleset: { chains: [] },
    notDelivered: new Map(),
    reach: [],
    entries: [],
    ipsec: { policies: [] },
    settings: new Map(),
    queues: [],
    received: new Map([['eth0', 12]]),
    groups: new Map(),
    reversePathDrops: 0,
    conflicts: new Map(),
    twins: [],
    wireless: [],
    missing: [],
    ...more,
  };
}
