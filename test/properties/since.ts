/**
 * Which version knows which key: a table of these tests' own, taken from the manual pages ("Added
 * in version …"), NEWS and tagged sources of systemd, NetworkManager and netplan. It lists what is
 * younger than the oldest version that can be a target (systemd 219, NetworkManager 1.10, netplan
 * 0.95), and the older spellings; every other key is older than all of those.
 */
import { type Files, fail } from './description.ts';
import { netplanSettings } from './readers/netplan.ts';
import { sections } from './readers/text.ts';

type Daemon = 'systemd' | 'udev' | 'NetworkManager' | 'netplan';

/** One thing that a file says. */
export interface Setting {
  readonly daemon: Daemon;
  /** `network [Route] Table`, `keyfile [ipv4] method`, `netplan routes.to`. */
  readonly key: string;
  readonly value: string;
  readonly path: string;
}

const lines = (daemon: Daemon, text: string): readonly (readonly [Daemon, string, string])[] =>
  text
    .trim()
    .split('\n')
    .map((line) => {
      const [, key = '', since = ''] = /^ *(.+) ([0-9.]+)$/.exec(line) ?? fail(`table: ${line}`);
      return [daemon, key, since] as const;
    });

/** `key` or `key=value`; where both are there, both count. `*` is any key, or any value. */
const SINCE = [
  ...lines(
    'systemd',
    `
    network [Match] PermanentMACAddress 245
    network [Link] RequiredForOnline 236
    network [Link] RequiredForOnline=no-carrier 242
    network [Link] RequiredForOnline=degraded-carrier 242
    network [Link] RequiredForOnline=carrier 242
    network [Link] RequiredForOnline=degraded 242
    network [Link] RequiredForOnline=routable 242
    network [Link] RequiredFamilyForOnline 249
    network [Link] Unmanaged 233
    network [Link] AllMulticast 239
    network [Network] MACVTAP 223
    network [Network] IPv6AcceptRA 231
    network [Network] IPv6AcceptRouterAdvertisements 227
    network [Network] MulticastDNS 229
    network [Network] EmitLLDP 230
    network [Network] DNSDefaultRoute 240
    network [Network] ConfigureWithoutCarrier 235
    network [Network] PrimarySlave 233
    network [Route] PreferredSource 227
    network [Route] Table 230
    network [Route] GatewayOnLink 242
    network [Route] GatewayOnlink 234
    network [RoutingPolicyRule] * 235
    network [DHCPv4] * 243
    network [DHCP] ClientIdentifier 220
    network [DHCP] UseNTP 220
    network [DHCP] Hostname 223
    network [DHCP] DUIDType 230
    network [DHCP] DUIDType=link-layer 240
    network [DHCPv6] * 243
    network [DHCPv6] WithoutRA 246
    network [DHCPv6] UseHostname 248
    network [DHCPv6] UseDomains 249
    network [DHCPv6] DUIDType 249
    network [DHCPv6] SendHostname 255
    network [DHCPv6] Hostname 255
    network [IPv6AcceptRA] * 231
    network [IPv6AcceptRA] DHCPv6Client 246
    network [IPv6AcceptRA] RouteMetric 249
    netdev [NetDev] Kind=macvtap 223
    netdev [MACVTAP] * 223
    netdev [MACVLAN] Mode=source 246
    netdev [MACVLAN] BroadcastMulticastQueueLength 248
    netdev [MACVLAN] BroadcastQueueThreshold 256
    netdev [MACVTAP] Mode=source 246
    netdev [MACVLAN] SourceMACAddress 246
    netdev [MACVTAP] SourceMACAddress 246
    netdev [Bond] AdSelect 220
    netdev [Bond] MinLinks 220
    netdev [Bond] ARPIntervalSec 220
    netdev [Bond] ARPIPTargets 220
    netdev [Bond] FailOverMACPolicy 220
    netdev [Bond] PrimaryReselectPolicy 220
    netdev [Bridge] STP 232
    netdev [Bridge] ForwardDelaySec 227
    netdev [Bridge] HelloTimeSec 227
    netdev [Bridge] MaxAgeSec 227
    netdev [Bridge] AgeingTimeSec 232
    netdev [Bridge] Priority 232
    wait-online -i=state 242
    `,
  ),
  ...lines(
    'udev',
    `
    link [Match] PermanentMACAddress 245
    sysctl - 243
    `,
  ),
  ...lines(
    'NetworkManager',
    `
    keyfile [ipv6] method=disabled 1.20
    keyfile [ipv4] routeN_options=onlink 1.12
    keyfile [ipv6] routeN_options=onlink 1.18
    keyfile [ipv4] routing-ruleN 1.18
    keyfile [ipv6] routing-ruleN 1.18
    keyfile [ipv4] dhcp-client-id=mac 1.12
    keyfile [ipv4] dhcp-client-id=duid 1.16
    keyfile [ipv4] link-local 1.40
    keyfile [ipv6] dhcp-duid 1.12
    keyfile [hostname] from-dhcp 1.30
    conf [device] carrier-wait-timeout 1.12
    `,
  ),
  ...lines(
    'netplan',
    `
    netplan overrides.use-domains 0.98
    netplan networkmanager.uuid 0.99
    netplan networkmanager.name 0.99
    netplan networkmanager.passthrough 0.102
    netplan nm-devices 0.102
    netplan routes.to=default 0.103
    netplan ignore-carrier 0.104
    `,
  ),
];

const numbers = (version: string): number[] => version.split('.').map(Number);

/** Whether a version is the other or a later one. */
export function isAtLeast(version: string, other: string): boolean {
  const [a, b] = [numbers(version), numbers(other)];
  const at = Array.from({ length: Math.max(a.length, b.length) }, (_, i) => i).find(
    (i) => (a[i] ?? 0) !== (b[i] ?? 0),
  );
  return at === undefined || (a[at] ?? 0) > (b[at] ?? 0);
}

/** What of a setting the table knows: each the first version that takes it. */
export function sinceOf({ daemon, key, value }: Setting): string[] {
  const any = key.replace(/ [^ ]+$/, ' *');
  return SINCE.filter(
    ([of, known]) =>
      of === daemon && (known === key || known === any || known === `${key}=${value}`),
  ).map(([, , since]) => since);
}

/** Everything that files say to daemons, in the words of the table. */
export const settingsOf = (files: Files): Setting[] =>
  [...files].flatMap(([path, text]) => fileSettings(path, text));

function fileSettings(path: string, text: string): Setting[] {
  const all = (daemon: Daemon, kind: string): Setting[] =>
    sections(path, text).flatMap(({ name, entries }) =>
      entries.flatMap(([key, value]) => keyed(daemon, kind, name, key, value, path)),
    );
  if (path.endsWith('.network') || path.includes('.network.d/')) return all('systemd', 'network');
  if (path.endsWith('.netdev')) return all('systemd', 'netdev');
  if (path.endsWith('.link')) return all('udev', 'link');
  if (path.endsWith('.nmconnection')) return all('NetworkManager', 'keyfile');
  if (path.includes('/NetworkManager/conf.d/')) return all('NetworkManager', 'conf');
  if (path.includes('/sysctl.d/')) return sysctlSettings(path, text);
  if (path.includes('wait-online')) return waitSettings(path, text);
  if (path.endsWith('.yaml')) return yamlSettings(path, text);
  // Older than every target.
  if (path.endsWith('.rules')) return [];
  if (path.includes('network-online.target.d/')) return [];
  return fail(`whose is ${path}?`);
}

/** Numbers of routes and rules do not count, nor the names of devices. */
function keyed(
  daemon: Daemon,
  kind: string,
  section: string,
  key: string,
  value: string,
  path: string,
): Setting[] {
  const group = section.replace(/^device-.*/, 'device');
  const name = key.replace(/^(address|route|routing-rule)[0-9]+/, '$1N').replace(/\+$/, '');
  const of = (text: string): Setting => ({
    daemon,
    key: `${kind} [${group}] ${name}`,
    value: text,
    path,
  });
  if (name !== 'routeN_options') return [of(value)];
  return value.split(',').map((option) => of(option.replace('onlink=true', 'onlink')));
}

const sysctlSettings = (path: string, text: string): Setting[] =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({
      daemon: 'udev',
      key: line.startsWith('-') ? 'sysctl -' : 'sysctl',
      value: line.replace(/^-/, ''),
      path,
    }));

const waitSettings = (path: string, text: string): Setting[] =>
  [...text.matchAll(/ -i ([^ \n]+)/g)].map(([, link = '']) => ({
    daemon: 'systemd',
    key: 'wait-online -i',
    value: link.includes(':') ? 'state' : link,
    path,
  }));

/** netplan's own keys, and NetworkManager's that it hands on. */
const yamlSettings = (path: string, text: string): Setting[] =>
  netplanSettings(text).flatMap(({ key, value }): Setting[] => {
    const [, group, name] = /^passthrough\.([^.]+)\.(.+)$/.exec(key) ?? [];
    if (group !== undefined && name !== undefined)
      return [
        { daemon: 'netplan', key: 'netplan networkmanager.passthrough', value: '', path },
        ...keyed('NetworkManager', 'keyfile', group, name, value, path),
      ];
    return [{ daemon: 'netplan', key: `netplan ${key}`, value, path }];
  });
