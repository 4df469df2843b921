/** `init` on the running host: what the kernel has and no file sets is reported with the command that shows it. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from '../../src/cli/run.ts';
import { fakeSystem } from '../fake-system.ts';
import { hostAt, LEASE, podman, STATIC } from './trees.ts';

interface World {
  readonly host?: string;
  readonly addresses?: readonly Record<string, unknown>[];
  readonly mtu?: number;
  readonly more?: readonly Record<string, unknown>[];
  readonly routes4?: readonly Record<string, unknown>[];
  readonly routes6?: readonly Record<string, unknown>[];
  readonly rules?: readonly Record<string, unknown>[];
  readonly dns?: string;
  readonly words?: readonly string[];
}

const OWN = { family: 'inet', local: '198.51.100.50', prefixlen: 24 };
const OWN6 = { family: 'inet6', prefixlen: 64, scope: 'global' };
const GATEWAY = { dst: 'default', gateway: '198.51.100.254', dev: 'eth0', protocol: '3' };
const SUBNET = { dst: '198.51.100.0/24', dev: 'eth0', protocol: '2', scope: '253' };

async function live(world: World) {
  const { host = STATIC, addresses = [OWN], mtu = 1500, more = [], dns, words = [] } = world;
  const { routes4 = [GATEWAY, SUBNET], routes6 = [], rules = [] } = world;
  const nic = { ifindex: 2, ifname: 'eth0', flags: ['UP'], address: '52:54:00:51:00:50', mtu };
  const show = ['-N', '-j', '-d', 'route', 'show', 'table', 'all'].join(' ');
  const system = fakeSystem({
    args: ['init', ...words],
    root: hostAt(host),
    files: { '/proc/net/if_inet6': '' },
    programs: {
      'ip -j -d addr': JSON.stringify([{ ...nic, addr_info: addresses }, ...more]),
      [`ip -4 ${show}`]: JSON.stringify(routes4),
      [`ip -6 ${show}`]: JSON.stringify(routes6),
      'ip -4 -N -j -d rule': JSON.stringify(rules),
      ip: '[]',
      systemctl: '',
      ...(dns !== undefined && { resolvectl: dns }),
    },
  });
  const at = system.openExisting;
  const openExisting = (path: string) => {
    const there = at(path);
    return there && { ...there, isRoot: () => path === '/' };
  };
  const status = await run({ ...system, openExisting }, '0.0.0');
  assert.is(status, 0, system.written.stderr);
  const { stdout, stderr } = system.written;
  const lines = stderr.split('\n').filter((line) => line.includes('[kernel-setting-not-adopted]'));
  assert.not.match(stderr, /routing daemon.*\n.*Add it to the intent/);
  for (const line of lines) {
    const [place = '', message = ''] = line.split(': warning[kernel-setting-not-adopted]: ');
    assert.ok(stdout.includes(`# - ${place}: ${message}`), stdout);
  }
  return lines.map((line) => line.replace(': warning[kernel-setting-not-adopted]:', ''));
}

/** Neither advertisements nor leases, so that name servers are the link's own. */
const QUIET = `os: debian 12
start: systemd-networkd.service
--- /etc/systemd/network/eth0.network
[Match]
Name=eth0
[Network]
Address=198.51.100.50/24
Gateway=198.51.100.254
DNS=192.0.2.53
IPv6AcceptRA=no
`;

/** Rules without a table, and with selectors of every address. */
const RULES = `${QUIET}[RoutingPolicyRule]
From=198.51.100.50
Priority=90
[RoutingPolicyRule]
From=198.51.100.50
To=0.0.0.0/0
Table=91
Priority=91
`;

const REPORTED: readonly (readonly [what: string, world: World, lines: readonly string[]])[] = [
  ['what the files have', {}, []],
  [
    'an address',
    { addresses: [OWN, { ...OWN, local: '192.0.2.7' }] },
    ['ip addr `192.0.2.7/24` of `eth0` is in the kernel, and not in the intent.'],
  ],
  [
    'an IPv6 address beside advertised ones',
    {
      addresses: [
        OWN,
        { family: 'inet6', local: '2001:db8:51::7', prefixlen: 64, scope: 'global' },
        { family: 'inet6', local: '2001:db8:51::8', prefixlen: 64, dynamic: true },
        { family: 'inet6', local: 'fe80::1', prefixlen: 64, scope: 'link' },
      ],
    },
    ['ip addr `2001:db8:51::7/64` of `eth0` is in the kernel, and not in the intent.'],
  ],
  ['the lease of a client that sets no lifetime', { host: LEASE }, []],
  [
    'the MTU that udev sets',
    {
      host: `${STATIC}--- /etc/systemd/network/lan.link\n[Match]\nOriginalName=eth0\n[Link]\nMTUBytes=9000\n`,
      mtu: 9000,
    },
    [],
  ],
  [
    'the route to the gateway of a lease of one address',
    {
      host: LEASE,
      addresses: [{ ...OWN, local: '172.31.9.9', prefixlen: 32, dynamic: true }],
      routes4: [
        { dst: 'default', gateway: '172.31.1.1', dev: 'eth0', protocol: '3' },
        { dst: '172.31.1.1', dev: 'eth0', protocol: '3', scope: '253' },
        { dst: '172.31.1.2', dev: 'eth0', protocol: '3', scope: '253' },
      ],
    },
    [
      'ip route show table all `172.31.1.2/32 scope link` of `eth0` is in the kernel, and not in the intent.',
    ],
  ],
  [
    'routes of zeroconf',
    {
      routes4: [
        GATEWAY,
        { dst: '169.254.0.0/16', dev: 'eth0', protocol: '3', scope: '253', metric: 1000 },
        { dst: '169.254.169.254', gateway: '198.51.100.9', dev: 'eth0', protocol: '3' },
      ],
    },
    [
      'ip route show table all `169.254.169.254/32 via 198.51.100.9` of `eth0` is in the kernel, and not in the intent.',
    ],
  ],
  [
    'advertised addresses without an end',
    {
      host: QUIET.replace('AcceptRA=no', 'AcceptRA=yes'),
      addresses: [
        OWN,
        { ...OWN6, local: '2001:db8:51::7', mngtmpaddr: true },
        { ...OWN6, local: '2001:db8:51::8', protocol: 'kernel_ra' },
        { ...OWN6, local: '2001:db8:52::9', noprefixroute: true },
        { ...OWN6, local: '2001:db8:52::a' },
        { ...OWN6, local: '2001:db8:53::b', noprefixroute: true },
      ],
      routes6: [{ dst: '2001:db8:52::/64', dev: 'eth0', protocol: '9' }],
    },
    [
      'ip addr `2001:db8:52::a/64` of `eth0` is in the kernel, and not in the intent.',
      'ip addr `2001:db8:53::b/64` of `eth0` is in the kernel, and not in the intent.',
    ],
  ],
  [
    'an address like an advertised one, where advertisements are ignored',
    { host: QUIET, addresses: [OWN, { ...OWN6, local: '2001:db8:51::7', mngtmpaddr: true }] },
    ['ip addr `2001:db8:51::7/64` of `eth0` is in the kernel, and not in the intent.'],
  ],
  ...[LEASE, QUIET.replace(/Address=.*\nGateway=.*/, 'DHCP=ipv4')].map(
    (host, index): (typeof REPORTED)[number] => [
      `routes of option 121 by hooks of dhclient, and no other client's (${index})`,
      {
        host,
        addresses: [{ ...OWN, dynamic: true }],
        routes4: [
          GATEWAY,
          { dst: '203.0.113.0/24', gateway: '198.51.100.9', dev: 'eth0', protocol: '3' },
          { dst: '192.0.2.0/24', dev: 'eth0', protocol: '3' },
        ],
      },
      [
        ...(index === 0 ? [] : ['`203.0.113.0/24 via 198.51.100.9`']),
        '`192.0.2.0/24 scope link`',
      ].map(
        (route) =>
          `ip route show table all ${route} of \`eth0\` is in the kernel, and not in the intent.`,
      ),
    ],
  ),
  [
    'routes of routing daemons, a line for each of them',
    {
      routes4: [
        GATEWAY,
        ...[1, 2, 3].map((part) => ({
          ...{ dst: `10.0.${part}.0/24`, gateway: '198.51.100.9', dev: 'eth0', protocol: '12' },
        })),
        { dst: '10.9.0.0/24', gateway: '198.51.100.9', dev: 'eth0', protocol: '80' },
        { dst: '10.9.1.0/24', gateway: '198.51.100.9', dev: 'eth0', protocol: '4' },
      ],
    },
    [
      'ip route show table all `10.9.1.0/24 via 198.51.100.9` of `eth0` is in the kernel, and not in the intent.',
      'ip route show table all 3 routes of `eth0` from a routing daemon (protocol 12, BIRD) are in the kernel, and not in the intent.',
      'ip route show table all 1 route of `eth0` from a routing daemon (protocol 80) is in the kernel, and not in the intent.',
    ],
  ],
  [
    'a second address beside a lease',
    {
      host: LEASE,
      addresses: [
        { ...OWN, dynamic: true },
        { ...OWN, local: '192.0.2.7' },
      ],
    },
    ['ip addr `192.0.2.7/24` of `eth0` is in the kernel, and not in the intent.'],
  ],
  [
    'routes',
    {
      routes4: [
        GATEWAY,
        SUBNET,
        { dst: '203.0.113.0/24', gateway: '198.51.100.9', dev: 'eth0', protocol: '3', metric: 7 },
        { dst: '192.0.2.0/24', dev: 'eth0', protocol: '3', table: '90' },
        { dst: '10.0.0.0/8', dev: 'docker0', protocol: '3' },
        { type: '6', dst: '10.9.0.0/16', protocol: '3' },
      ],
      routes6: [
        { dst: 'default', gateway: 'fe80::9', dev: 'eth0', protocol: '9', metric: 1024 },
        { dst: 'default', gateway: 'fe80::8', dev: 'eth0', protocol: '3', metric: 5 },
      ],
    },
    [
      'ip route show table all `203.0.113.0/24 via 198.51.100.9 metric 7` of `eth0` is in the kernel, and not in the intent.',
      'ip route show table all `192.0.2.0/24 scope link table 90` of `eth0` is in the kernel, and not in the intent.',
      'ip route show table all `default via fe80::8 metric 5` of `eth0` is in the kernel, and not in the intent.',
    ],
  ],
  [
    'rules of this link, and none of other programs',
    {
      rules: [
        { priority: 0, src: 'all', table: '255', protocol: '2' },
        { priority: 100, src: '198.51.100.50', table: '90', protocol: '3' },
        { priority: 101, src: 'all', oif: 'eth0', table: '91', protocol: '3' },
        { priority: 5210, src: 'all', fwmark: '0x80000', table: '254', protocol: '3' },
      ],
    },
    [
      'ip rule `100: from 198.51.100.50/32 lookup 90` is in the kernel, and not in the intent.',
      'ip rule `101: from all oif eth0 lookup 91` is in the kernel, and not in the intent.',
    ],
  ],
  [
    'no rules that the files have, and one of another table',
    {
      host: RULES,
      rules: [
        { priority: 90, src: '198.51.100.50', table: '254', protocol: '4' },
        { priority: 91, src: '198.51.100.50', table: '91', protocol: '4' },
        { priority: 92, src: '198.51.100.50', table: '92', protocol: '3' },
      ],
    },
    ['ip rule `92: from 198.51.100.50/32 lookup 92` is in the kernel, and not in the intent.'],
  ],
  [
    'an MTU',
    { mtu: 1400 },
    ['ip -d link `mtu 1400` of `eth0` is in the kernel, and not in the intent.'],
  ],
  [
    'a name server',
    { host: QUIET, dns: 'Global:\nLink 2 (eth0): 192.0.2.53 192.0.2.54\n' },
    ['resolvectl dns `192.0.2.54` of `eth0` is in the kernel, and not in the intent.'],
  ],
  [
    'a VLAN',
    {
      more: [
        {
          ifindex: 3,
          ifname: 'eth0.30',
          link: 'eth0',
          flags: ['UP'],
          mtu: 1500,
          linkinfo: { info_kind: 'vlan', info_data: { id: 30 } },
          addr_info: [],
        },
      ],
    },
    ['ip -d link VLAN 30 of `eth0`, `eth0.30`, is in the kernel, and not in the intent.'],
  ],
  [
    'no VLAN that an engine created for its network, and one that it found',
    {
      host: `${STATIC}${podman({ network_interface: 'eth0.50' })}${podman({ network_interface: 'lan60' }).replace('lan.json', 'lan60.json')}`,
      more: [
        ['eth0.50', 50],
        ['lan60', 60],
        ['eth0.70', 70],
      ].map(([ifname, id], index) => ({
        ...{ ifindex: index + 3, ifname, link: 'eth0', flags: ['UP'], mtu: 1500, addr_info: [] },
        linkinfo: { info_kind: 'vlan', info_data: { id } },
      })),
    },
    [
      'ip -d link VLAN 60 of `eth0`, `lan60`, is in the kernel, and not in the intent.',
      'ip -d link VLAN 70 of `eth0`, `eth0.70`, is in the kernel, and not in the intent.',
    ],
  ],
  [
    'nothing of a NIC that keeps its configuration',
    {
      addresses: [OWN, { ...OWN, local: '192.0.2.7' }],
      words: ['--keep-parent', '--address', '198.51.100.222/32', '--range', '198.51.100.192/27'],
    },
    [],
  ],
];

for (const [what, world, lines] of REPORTED) {
  test(what, async () => {
    assert.equal(await live(world), lines);
  });
}

test('thousands of routes are counted', async () => {
  const routes4 = Array.from({ length: 3000 }, (_, index) => ({
    dst: `10.${index >> 8}.${index & 255}.0/24`,
    gateway: '198.51.100.9',
    dev: 'eth0',
    protocol: '3',
  }));
  const lines = await live({ routes4 });
  assert.is(lines.length, 33);
  assert.match(lines.at(-1) ?? '', /2968 more of `eth0` are in the kernel/);
});

test.run();
