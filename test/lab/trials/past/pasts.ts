/** Hosts with a past: what is there before our files come, and would have the NIC back. */

import type { System } from '../../drive/disk.ts';
import type { TargetFile } from '../../image/host.ts';
import type { Harmless } from '../../judge/harmless.ts';
import { type Kind, netplanYaml, networkdFile, OLD_UUID, type OldAddress, profile } from './old.ts';

export interface Past {
  readonly name: string;
  /** What happens to those who do not know of it. */
  readonly why: string;
  readonly kind: Kind;
  readonly backends: readonly string[];
  /** Systems that are on besides the way's own. */
  readonly others?: readonly System[];
  files(old: OldAddress): TargetFile[];
  /** Warnings that say something of the past and nothing of our files. */
  readonly harmless?: readonly Harmless[];
  /** What is known to go wrong: each of these must match a failure. The README says so. */
  readonly fails?: readonly RegExp[];
}

const NETWORKD = ['networkd', 'netplan-networkd'];
const NETWORK_MANAGER = ['networkmanager', 'netplan-networkmanager'];

/** What NetworkManager keeps of the profiles that it had up: seconds since 1970. */
const TIMESTAMPS: TargetFile = {
  path: '/var/lib/NetworkManager/timestamps',
  mode: 0o644,
  text: `[timestamps]\n${OLD_UUID}=4102444800\n`,
};

const CONFLICT: Harmless = {
  line: /^(?:netplan.*: )?.*(?:Problem encountered while validating default route consistency|[Cc]onflicting default route declarations)/,
  why: "netplan reads our YAML and the old one, and does not know that the old one's file is hidden.",
};

const text = (path: string, ...lines: readonly string[]): TargetFile => ({
  path,
  mode: 0o644,
  text: lines.map((line) => `${line}\n`).join(''),
});

const UBUNTU = text(
  '/usr/lib/NetworkManager/conf.d/10-globally-managed-devices.conf',
  '[keyfile]',
  'unmanaged-devices=*,except:type:wifi,except:type:gsm,except:type:cdma',
);

const KINDS: readonly Kind[] = ['static', 'dhcp'];

export const PASTS: readonly Past[] = [
  ...KINDS.flatMap((kind): Past[] => [
    {
      name: `an old profile with a newer timestamp, ${kind}`,
      why: 'Of two profiles for one NIC NetworkManager takes the one that was up last.',
      kind,
      backends: NETWORK_MANAGER,
      files: (old) => [profile(old), TIMESTAMPS],
    },
    {
      name: `cloud-init's YAML, ${kind}`,
      why: "netplan merges lists of several files: an address cannot be taken back by another file's.",
      kind,
      backends: NETWORKD,
      files: (old) => [netplanYaml(old)],
      harmless: [CONFLICT],
    },
    {
      name: `cloud-init's YAML for NetworkManager, ${kind}`,
      why: "netplan merges lists of several files: an address cannot be taken back by another file's.",
      kind,
      backends: NETWORK_MANAGER,
      files: (old) => [netplanYaml(old, 'NetworkManager')],
      harmless: [CONFLICT],
    },
    {
      name: `the installer's interfaces, ${kind}`,
      why: "NetworkManager ignores what ifupdown's file names (Debian's managed=false).",
      kind,
      backends: NETWORK_MANAGER,
      files: ({ nic, address, gateway }) => [
        text(
          '/etc/network/interfaces',
          'source /etc/network/interfaces.d/*',
          'auto lo',
          'iface lo inet loopback',
          `allow-hotplug ${nic}`,
          `iface ${nic} inet ${kind}`,
          ...(kind === 'static' ? [`\taddress ${address}`, `\tgateway ${gateway}`] : []),
        ),
      ],
    },
  ]),
  {
    name: "cloud-init's YAML for networkd",
    why: 'netplan has udev keep NetworkManager off what is not its own; our YAML says that the NIC is.',
    kind: 'static',
    backends: ['netplan-networkmanager'],
    files: (old) => [netplanYaml(old)],
    harmless: [CONFLICT],
  },
  {
    name: "cloud-init's YAML for networkd, and no YAML of ours",
    why: 'netplan has udev keep NetworkManager off the NIC (NM_UNMANAGED), which no profile overrides.',
    kind: 'static',
    backends: ['networkmanager'],
    files: (old) => [netplanYaml(old)],
    fails: [/^eth0: not up/],
  },
  {
    name: '10-en.network, static',
    why: 'The first file that matches a link wins.',
    kind: 'static',
    backends: ['networkd'],
    files: (old) => [networkdFile('/etc/systemd/network/10-en.network', 'Name=en* eth*', old)],
  },
  {
    name: '50-dhcp.network for en* and eth*',
    why: 'The first file that matches a link wins.',
    kind: 'dhcp',
    backends: NETWORKD,
    files: (old) => [networkdFile('/etc/systemd/network/50-dhcp.network', 'Name=en* eth*', old)],
  },
  {
    name: '15-wired.network with Type=ether',
    why: 'To networkd a macvlan is an ether, too: DHCP would start on the shim.',
    kind: 'dhcp',
    backends: NETWORKD,
    files: (old) => [networkdFile('/etc/systemd/network/15-wired.network', 'Type=ether', old)],
  },
  {
    name: '05-lan.network with Type=ether',
    why: 'Names are sorted as strings, and sites begin theirs with 05.',
    kind: 'dhcp',
    backends: ['networkd'],
    files: (old) => [networkdFile('/etc/systemd/network/05-lan.network', 'Type=ether', old)],
  },
  {
    name: '05-lan.network before what netplan writes',
    why: 'The names are those that netplan gives, and cannot be other ones.',
    kind: 'dhcp',
    backends: ['netplan-networkd'],
    files: (old) => [networkdFile('/etc/systemd/network/05-lan.network', 'Type=ether', old)],
    fails: [
      /^veth0: there is no such link/,
      /^eth0, addresses: 198\.51\.100\.77\/24, must be none/,
    ],
  },
  {
    name: "Ubuntu's unmanaged-devices",
    why: 'NetworkManager manages only Wi-Fi, and nm-online calls that online.',
    kind: 'static',
    backends: NETWORK_MANAGER,
    files: () => [UBUNTU],
  },
  {
    name: 'unmanaged-devices of veth*',
    why: 'Hosts of containers keep NetworkManager off their links, and veth0 is called so, too.',
    kind: 'static',
    backends: NETWORK_MANAGER,
    files: () => [
      text(
        '/etc/NetworkManager/conf.d/10-containers.conf',
        '[keyfile]',
        'unmanaged-devices=interface-name:veth*;interface-name:docker*',
      ),
    ],
  },
  {
    name: 'NetworkManager on, too',
    why: 'It starts DHCP on any Ethernet device ("Wired connection 1"; trap 14).',
    kind: 'dhcp',
    backends: NETWORKD,
    others: ['networkmanager'],
    files: () => [],
  },
  {
    name: 'networkd on, too',
    why: 'A file of the site that matches any Ethernet device has it take parent and shim (trap 14).',
    kind: 'dhcp',
    backends: NETWORK_MANAGER,
    others: ['networkd'],
    files: (old) => [networkdFile('/etc/systemd/network/15-wired.network', 'Type=ether', old)],
  },
];
