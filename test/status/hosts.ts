/** Running hosts that are as their intents say, for tests that then spoil them. */
import { compile } from '../../src/compile.ts';
import type { KernelAddress, KernelLink, KernelState } from '../../src/kernel/types.ts';
import type { Model } from '../../src/model/types.ts';

/** @throws Error where the intent is wrong */
export function modelOf(body: string): Model {
  const { model, diagnostics } = compile(`version: 1\nhost: kvm1\n${body}`, {
    file: 'x',
    backends: [],
  });
  if (!model) throw new Error(JSON.stringify(diagnostics));
  return model;
}

/** Two shims' worth of what an intent can say of a running host. */
export const INTENT = `
parents:
  eth0: {mtu: 9000}
shims:
  veth0:
    parent: eth0
    addresses: [198.51.100.50/24, "2001:db8:51::50/64"]
    routes:
      - {to: default, via: 198.51.100.254}
      - {to: 192.0.2.0/24, via: 198.51.100.253, metric: 50}
      - {to: 192.0.2.0/24, via: 198.51.100.253, table: 100}
    routing-policy: [{from: 198.51.100.50/32, table: 100, priority: 100}]
    nameservers: {addresses: [198.51.100.53]}
taps: {tap0: {parent: eth0}}
`;

export const address = (text: string, more: Partial<KernelAddress> = {}): KernelAddress => {
  const [own = '', prefix = ''] = text.split('/');
  return {
    family: own.includes(':') ? 'ipv6' : 'ipv4',
    address: own,
    prefix: Number(prefix),
    ...(own.includes('::') && { interfaceId: `::${own.split('::')[1]}` }),
    isDynamic: false,
    isTemporary: false,
    isTentative: false,
    isDuplicate: false,
    isLinkLocal: own.startsWith('fe80:') || own.startsWith('169.254.'),
    ...more,
  };
};

export const link = (name: string, more: Partial<KernelLink> = {}): KernelLink => ({
  index: 1,
  name,
  kind: '',
  mac: '52:54:00:51:01:01',
  mtu: 1500,
  isUp: true,
  hasCarrier: true,
  hasArp: true,
  hasAllMulticast: false,
  sourceMacs: [],
  addresses: [],
  ...more,
});

const macOf = (model: Model, name: string): string =>
  [...model.shims, ...model.taps].find((one) => one.name === name)?.macaddress ?? '';

const route = {
  family: 'ipv4',
  type: 'unicast',
  link: 'veth0',
  metric: 0,
  table: 254,
  protocol: 4,
};

/** A host on which `INTENT` is up, under networkd. */
export function healthy(model: Model = modelOf(INTENT)): KernelState {
  const on = { parent: 'eth0', mode: 'bridge', mtu: 9000 };
  return {
    links: [
      link('lo', { addresses: [address('127.0.0.1/8')] }),
      link('eth0', { mtu: 9000 }),
      link('veth0', {
        ...on,
        kind: 'macvlan',
        mac: macOf(model, 'veth0'),
        addresses: [
          address('198.51.100.50/24'),
          address('2001:db8:51::50/64'),
          address('fe80::1/64'),
        ],
      }),
      link('tap0', { ...on, kind: 'macvtap', mac: macOf(model, 'tap0'), hasAllMulticast: true }),
    ],
    routes: [
      { ...route, to: '0.0.0.0/0', via: '198.51.100.254' },
      { ...route, to: '192.0.2.0/24', via: '198.51.100.253', metric: 50 },
      { ...route, to: '192.0.2.0/24', via: '198.51.100.253', table: 100 },
      { ...route, to: '198.51.100.0/24', protocol: 2, from: '198.51.100.50' },
      { ...route, family: 'ipv6', to: '2001:db8:51::/64', metric: 256, protocol: 2 },
    ] as KernelState['routes'],
    rules: [
      {
        family: 'ipv4',
        priority: 100,
        from: '198.51.100.50/32',
        table: 100,
        typeOfService: 0,
        mark: 0,
        protocol: 4,
        others: [],
      },
    ],
    neighbours: [],
    sysctls: new Map([
      ['net/ipv4/conf/all/arp_ignore', '0'],
      ['net/ipv4/conf/eth0/arp_ignore', '1'],
      ['net/ipv4/conf/tap0/arp_ignore', '1'],
      ['net/ipv6/conf/veth0/disable_ipv6', '0'],
    ]),
    manager: {
      id: 'networkd',
      links: new Map(
        ['eth0', 'veth0', 'tap0'].map((name) => [
          name,
          {
            state: 'configured',
            verdict: 'ready',
            nameservers: name === 'veth0' ? ['198.51.100.53'] : [],
          } as const,
        ]),
      ),
    },
    resolver: {
      servers: ['127.0.0.53'],
      resolved: new Map([['veth0', ['198.51.100.53']]]),
    },
    units: new Map([
      [
        'systemd-networkd-wait-online.service',
        { load: 'loaded', active: 'active', result: 'success' },
      ],
    ]),
    taps: { nodes: new Map(), hasUdev: true },
    problems: [],
  };
}

/** A state in which one link is another. */
export const withLink = (
  state: KernelState,
  name: string,
  change: (link: KernelLink) => Partial<KernelLink> | undefined,
): KernelState => ({
  ...state,
  links: state.links.flatMap((own) => {
    if (own.name !== name) return own;
    const changed = change(own);
    return changed ? { ...own, ...changed } : [];
  }),
});

/** A state in which the daemon says something else of a link; undefined: nothing. */
export function withWord(
  state: KernelState,
  name: string,
  word:
    | Partial<{ state: string; verdict: 'ready' | 'working' | 'failed' | 'unmanaged' }>
    | undefined,
): KernelState {
  const links = new Map(state.manager.links);
  const own = links.get(name);
  if (word && own) links.set(name, { ...own, ...word });
  else links.delete(name);
  return { ...state, manager: { ...state.manager, links } };
}
