/** What the language can say, each with an intent that says it, for the README's feature table. */
import { backends } from '../../src/backends/registry.ts';
import { compileParsed } from '../../src/compile.ts';
import { type Diagnostic, hasErrors } from '../../src/diagnostics/diagnostic.ts';
import { type Parsed, parse } from '../../src/intent/parse.ts';
import { sinceLines } from '../../src/targets/since.ts';
import type { TargetSpec } from '../../src/targets/target.ts';

interface Feature {
  readonly name: string;
  /** What comes after `version: 1` and `host: kvm1`, in YAML. */
  readonly intent: string;
}

const shim = (rest: string, parents = ''): string =>
  `${parents}shims:\n  veth0: {parent: eth0, macaddress: "02:00:00:51:00:50", ${rest}}\n`;
const STATIC = 'addresses: [198.51.100.50/24]';
const MATCH = 'match: {macaddress: "00:25:90:51:00:01"}, set-name: eth0';

export const FEATURES: readonly Feature[] = [
  { name: 'shim with static IPv4', intent: shim(STATIC) },
  { name: 'shim with static IPv6', intent: shim('addresses: ["2001:db8::50/64"]') },
  {
    name: 'routes: `via`, `metric`',
    intent: shim(
      `${STATIC}, routes: [{to: default, via: 198.51.100.254}, {to: 192.0.2.0/24, via: 198.51.100.253, metric: 50}]`,
    ),
  },
  {
    name: 'routes: `on-link`',
    intent: shim(`${STATIC}, routes: [{to: default, via: 192.0.2.1, on-link: true}]`),
  },
  {
    name: 'routes: `scope: link`, `from`',
    intent: shim(`${STATIC}, routes: [{to: 192.0.2.0/24, scope: link, from: 198.51.100.50}]`),
  },
  {
    name: '`routing-policy`, `table`',
    intent: shim(
      `${STATIC}, routes: [{to: default, via: 198.51.100.254, table: 100}, {to: 198.51.100.0/24, scope: link, table: 100}], routing-policy: [{from: 198.51.100.50, to: 192.0.2.0/24, table: 100, priority: 100, type-of-service: 16, mark: 7}]`,
    ),
  },
  {
    name: '`routing-policy`: `iif`, `oif`',
    intent: shim(
      `${STATIC}, routes: [{to: default, via: 198.51.100.254, table: 100}, {to: 198.51.100.0/24, scope: link, table: 100}], routing-policy: [{oif: veth0, iif: lo, table: 100, priority: 100}]`,
    ),
  },
  {
    name: '`nameservers`',
    intent: shim(`${STATIC}, nameservers: {addresses: [198.51.100.1], search: [example.net]}`),
  },
  {
    name: '`dns-default-route: true`',
    intent: shim(`${STATIC}, dns-default-route: true, nameservers: {addresses: [198.51.100.1]}`),
  },
  {
    name: '`dns-default-route: false`',
    intent: shim(`${STATIC}, dns-default-route: false, nameservers: {addresses: [198.51.100.1]}`),
  },
  { name: '`dhcp4`', intent: shim('dhcp4: true') },
  { name: '`dhcp6`', intent: shim('dhcp6: true') },
  { name: '`dhcp6` without advertisements', intent: shim('dhcp6: true, accept-ra: false') },
  { name: '`accept-ra` (SLAAC)', intent: shim('accept-ra: true') },
  { name: '`accept-ra` without DHCPv6', intent: shim('accept-ra: true, dhcp6: false') },
  {
    name: 'overrides: `table` (DHCPv4)',
    intent: shim(
      'dhcp4: true, dhcp4-overrides: {table: 101}, routing-policy: [{from: 0.0.0.0/0, table: 101}]',
    ),
  },
  {
    name: '`ra-overrides`: `table`',
    intent: shim(
      'accept-ra: true, ra-overrides: {table: 101}, routing-policy: [{from: "::/0", table: 101}]',
    ),
  },
  {
    name: '`ra-overrides`: `use-dns`, `use-domains`',
    intent: shim('accept-ra: true, ra-overrides: {use-dns: false, use-domains: false}'),
  },
  { name: '`ipv6-address-token`', intent: shim('accept-ra: true, ipv6-address-token: "::50"') },
  {
    name: '`ipv6-address-generation: stable-privacy`',
    intent: shim('accept-ra: true, ipv6-address-generation: stable-privacy'),
  },
  { name: '`ipv6-privacy`', intent: shim('accept-ra: true, ipv6-privacy: true') },
  {
    name: '`dhcp-identifier: duid`',
    intent: shim('dhcp4: true, dhcp6: true, dhcp-identifier: duid'),
  },
  {
    name: 'overrides: `use-dns`, `send-hostname`, `hostname` (DHCPv4)',
    intent: shim(
      'dhcp4: true, dhcp4-overrides: {use-dns: false, send-hostname: true, hostname: kvm1}',
    ),
  },
  {
    name: 'overrides: `use-routes`, `route-metric`',
    intent: shim('dhcp4: true, dhcp4-overrides: {use-routes: false, route-metric: 200}'),
  },
  {
    name: 'overrides: `use-mtu: false`',
    intent: shim('dhcp4: true, dhcp4-overrides: {use-mtu: false}'),
  },
  {
    name: 'overrides: `use-domains`',
    intent: shim('dhcp4: true, dhcp4-overrides: {use-domains: route}'),
  },
  {
    name: 'overrides: `use-ntp: false`',
    intent: shim('dhcp4: true, dhcp4-overrides: {use-ntp: false}'),
  },
  {
    name: 'overrides: `use-hostname: false`',
    intent: shim('dhcp4: true, dhcp4-overrides: {use-hostname: false}'),
  },
  {
    name: 'overrides: `hostname` (DHCPv6)',
    intent: shim('dhcp6: true, dhcp6-overrides: {hostname: kvm1}'),
  },
  {
    name: '`link-local: [ipv4]` alone',
    intent: shim('link-local: [ipv4]', 'parents:\n  eth0: {}\n'),
  },
  { name: '`link-local: [ipv4]` beside another', intent: shim(`${STATIC}, link-local: [ipv4]`) },
  {
    name: 'IPv6 without `link-local`',
    intent: shim('addresses: ["2001:db8::50/64"], link-local: []'),
  },
  { name: '`mtu`', intent: shim(`${STATIC}, mtu: 9000`, 'parents:\n  eth0: {mtu: 9000}\n') },
  { name: '`mode: private`, `vepa`', intent: shim(`${STATIC}, mode: private`) },
  {
    name: '`mode: passthru`',
    intent: 'shims:\n  veth0: {parent: eth0, mode: passthru, addresses: [198.51.100.50/24]}\n',
  },
  {
    name: '`mode: source`',
    intent: shim(`${STATIC}, mode: source, source-macaddresses: ["02:00:00:51:00:60"]`),
  },
  {
    name: '`kind: ipvlan`, `mode: l2`',
    intent: `shims:\n  veth0: {parent: eth0, kind: ipvlan, mode: l2, ${STATIC}}\n`,
  },
  {
    name: '`kind: ipvlan` with `dhcp4`',
    intent: 'shims:\n  veth0: {parent: eth0, kind: ipvlan, dhcp4: true}\n',
  },
  {
    name: '`kind: ipvlan`, `mode: l3`, `l3s`',
    intent:
      'parents:\n  eth0: {addresses: [198.51.100.50/24]}\nshims:\n  veth0: {parent: eth0, kind: ipvlan, mode: l3s, addresses: [203.0.113.1/28]}\n',
  },
  { name: '`optional`', intent: shim(`${STATIC}, optional: true`) },
  {
    name: '`managed: false`, `network-file`',
    intent: shim(
      'addresses: [198.51.100.222/32], routes: [{to: 198.51.100.192/27, scope: link}]',
      'parents: {eth0: {managed: false, network-file: 20-eth0.network}}\n',
    ),
  },
  { name: '`ignore-carrier`', intent: shim(`${STATIC}, ignore-carrier: true`) },
  { name: 'parent: `match`, `set-name`', intent: shim(STATIC, `parents:\n  eth0: {${MATCH}}\n`) },
  {
    name: 'parent: `macaddress`',
    intent: shim(STATIC, 'parents:\n  eth0: {macaddress: "02:00:00:51:00:01"}\n'),
  },
  {
    name: 'parent: `wakeonlan`',
    intent: shim(STATIC, 'parents:\n  eth0: {wakeonlan: true}\n'),
  },
  {
    name: 'parent: `wakeonlan` with `match`',
    intent: shim(STATIC, `parents:\n  eth0: {${MATCH}, wakeonlan: true}\n`),
  },
  {
    name: 'side shim',
    intent:
      'parents:\n  eth0: {addresses: [198.51.100.50/24]}\nshims:\n  veth0: {parent: eth0, addresses: [198.51.100.50/32], routes: [{to: 198.51.100.192/27, scope: link}]}\n',
  },
  {
    name: 'normal setup (no shim)',
    intent: 'parents:\n  eth0: {addresses: [198.51.100.50/24]}\n',
  },
  { name: 'a NIC for guests alone', intent: 'parents:\n  eth0: {}\n' },
  {
    name: 'VLAN as parent',
    intent:
      'parents:\n  eth0.10: {type: vlan, id: 10, link: eth0}\nshims:\n  veth0: {parent: eth0.10, addresses: [198.51.100.50/24]}\n',
  },
  {
    name: 'bond as parent',
    intent:
      'parents:\n  bond0: {type: bond, interfaces: [eth0, eth1], parameters: {mode: active-backup, primary: eth0, primary-reselect-policy: better, mii-monitor-interval: 100, up-delay: 200, down-delay: 200, fail-over-mac-policy: none}}\nshims:\n  veth0: {parent: bond0, addresses: [198.51.100.50/24]}\n',
  },
  {
    name: 'bond: 802.3ad',
    intent:
      'parents:\n  bond0: {type: bond, interfaces: [eth0, eth1], parameters: {mode: 802.3ad, lacp-rate: fast, min-links: 1, transmit-hash-policy: layer3+4, ad-select: count}}\nshims:\n  veth0: {parent: bond0, addresses: [198.51.100.50/24]}\n',
  },
  {
    name: 'bond: `arp-interval`',
    intent:
      'parents:\n  bond0: {type: bond, interfaces: [eth0, eth1], parameters: {mode: active-backup, arp-interval: 1000, arp-ip-targets: [198.51.100.254]}}\nshims:\n  veth0: {parent: bond0, addresses: [198.51.100.50/24]}\n',
  },
  {
    name: 'bridge as parent',
    intent:
      'parents:\n  br0: {type: bridge, interfaces: [eth0], parameters: {forward-delay: 4, hello-time: 2, max-age: 12, ageing-time: 300, priority: 100}}\nshims:\n  veth0: {parent: br0, addresses: [198.51.100.50/24]}\n',
  },
  {
    name: 'bridge: `stp: true`',
    intent:
      'parents:\n  br0: {type: bridge, interfaces: [eth0], parameters: {stp: true}}\nshims:\n  veth0: {parent: br0, addresses: [198.51.100.50/24]}\n',
  },
  {
    name: '`taps`',
    intent: `${shim(STATIC)}taps:\n  tap0: {parent: eth0, mode: bridge, macaddress: "02:00:00:51:00:70", mtu: 1400}\n`,
  },
  {
    name: '`multicast-dns`',
    intent: shim(`${STATIC}, multicast-dns: true`),
  },
  {
    name: '`firewall-zone`',
    intent: shim(`${STATIC}, firewall-zone: trusted`),
  },
  {
    name: '`broadcast-queue-length`',
    intent: shim(`${STATIC}, broadcast-queue-length: 5000`),
  },
  {
    name: '`broadcast-queue-threshold`',
    intent: shim(`${STATIC}, broadcast-queue-threshold: 4`),
  },
  {
    name: '`taps`: `owner`, `group`, `permissions`, `allmulticast`',
    intent: `${shim(STATIC)}taps:\n  tap0: {parent: eth0, owner: vm1, group: kvm, permissions: "0660", allmulticast: true}\n`,
  },
  {
    name: '`guests` (their devices stay unmanaged)',
    intent: `${shim(STATIC)}guests:\n  vm1: {parent: eth0, mode: bridge, macaddress: "02:00:00:51:00:80", target: vm1-lan, model: virtio, trust-guest-rx-filters: true}\n`,
  },
];

const parsed = new Map<string, Parsed>();

function compiled(feature: Feature, backend: string, target?: TargetSpec): readonly Diagnostic[] {
  const { intent } = feature;
  const once = parsed.get(intent) ?? parse('macvtap.yaml', `version: 1\nhost: kvm1\n${intent}`);
  parsed.set(intent, once);
  return compileParsed(once, { backends: [backend], ...(target && { target }) }).diagnostics;
}

const LATEST = { systemd: '999', udev: '999', NetworkManager: '9.99', netplan: '9.99' } as const;
type Daemon = keyof typeof LATEST;
const numbers = (text: string): number[] => text.split('.').map(Number);
const byNumber = (a: string, b: string): number => {
  const [x, y] = [numbers(a), numbers(b)];
  const at = [0, 1, 2].find((index) => (x[index] ?? 0) !== (y[index] ?? 0)) ?? 0;
  return (x[at] ?? 0) - (y[at] ?? 0);
};

/** Every version in which something came, from the oldest that the program knows of. */
const OLDEST = { systemd: '219', udev: '219', NetworkManager: '1.10', netplan: '0.95' };
const versionsOf = (daemon: Daemon): string[] => {
  const all = sinceLines()
    .filter(([authority]) => daemonOf(authority) === daemon)
    .map(([, { since }]) => since);
  return [...new Set([OLDEST[daemon], ...all])]
    .filter((version) => byNumber(version, OLDEST[daemon]) >= 0)
    .sort(byNumber);
};

function daemonOf(authority: string): Daemon {
  if (authority.startsWith('netplan')) return 'netplan';
  if (/^(?:nm-|NetworkManager)/.test(authority)) return 'NetworkManager';
  return 'systemd';
}

const asked = (daemon: Daemon, version: string): TargetSpec => {
  const versions = { ...LATEST, [daemon]: version, ...(daemon === 'systemd' && { udev: version }) };
  return {
    name: 'any',
    versions: Object.fromEntries(
      Object.entries(versions).map(([name, text]) => [name, numbers(text)]),
    ),
  };
};

/** The first version from which on `holds` does: the oldest, as for most; or else found by halving. */
function firstOf(daemon: Daemon, holds: (version: string) => boolean): string | undefined {
  const versions = versionsOf(daemon);
  if (holds(versions[0] ?? '')) return versions[0];
  let low = 0;
  let high = versions.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(versions[middle] ?? '')) high = middle;
    else low = middle + 1;
  }
  return versions[low];
}

/** What the table says of one feature under one way. */
export function cell(feature: Feature, backendId: string): string {
  const backend = backends.find(({ id }) => id === backendId);
  const best = compiled(feature, backendId, asked('systemd', LATEST.systemd));
  const blamed = best.filter(
    ({ severity, backend: by }) => severity !== 'note' && by === backendId,
  );
  if (blamed.length > 0) return [...new Set(blamed.map(({ code }) => `\`${code}\``))].join(', ');
  // What no version changes, such as a note that guests are libvirt's.
  const always = new Set(
    best.filter(({ backend: by }) => by === backendId).map(({ code }) => code),
  );
  // What is the host's own is for another back end.
  const note = best.find(({ code }) => code === 'host-not-made');
  if (note && !/^guests:/m.test(feature.intent)) return `\`${note.code}\``;
  // Where no version decides, any will do.
  if (backend?.daemons.length === 0) return 'yes';
  return (backend?.daemons ?? [])
    .map((daemon) => {
      const known = new Map<string, readonly Diagnostic[]>();
      const at = (version: string): readonly Diagnostic[] => {
        const found = known.get(version) ?? compiled(feature, backendId, asked(daemon, version));
        known.set(version, found);
        return found;
      };
      const works = firstOf(daemon, (version) => !hasErrors(at(version)));
      const inFull = firstOf(
        daemon,
        (version) =>
          !at(version).some(({ code, backend: by }) => by === backendId && !always.has(code)),
      );
      if (works === undefined || inFull === undefined) {
        throw new Error(`${backendId}, ${feature.name}: no version of ${daemon} has it in full`);
      }
      return `${daemon} ${works}${works === inFull ? '' : ` (${inFull})`}`;
    })
    .join(', ');
}
