/** The eleventh set: guests, machines of the LAN, cables. Written before anybody looked at what is named. */
import type { Fault } from '../fault.ts';

const GUEST = '198.51.100.198';
const HOST = '198.51.100.50';
const ROUTER = '198.51.100.254';

/** Two LANs want a guest each, by the same configuration: one of them is made, whichever. */
const TAKES_ADDRESS = [
  `d=$(ip -o link | grep -o 'guest[01]' | head -n 1); ip addr flush dev $d; ip addr add ${GUEST}/24 dev $d`,
];

export const GUESTS: readonly Fault[] = [
  {
    name: "the guest's XML without a mode: libvirt takes vepa",
    from: 'libvirt.org: formatdomain, direct attachment to physical interface',
    guest: { mode: 'vepa' },
    suite: 'bookworm',
    backend: 'netplan-networkd',
    broken: ['host', GUEST],
    cause: "The guest's macvtap has mode vepa and not bridge.",
    first: ['guest-mode'],
  },
  {
    name: 'a guest that is set to private, as a separate segment',
    from: 'virt-manager/virt-manager#888',
    backend: 'networkmanager',
    guest: { mode: 'private' },
    broken: ['guest', HOST],
    cause: "The guest's macvtap has mode private and not bridge.",
    first: ['guest-mode'],
  },
  {
    name: 'the mode of a running guest changed by a script',
    from: 'rsmontero/redmine_test#64 (OpenNebula 2043)',
    backend: 'ifupdown',
    suite: 'bullseye',
    host: ['ip link set macvtap0 type macvtap mode vepa'],
    broken: ['host', GUEST],
    cause: "The guest's macvtap has mode vepa and not bridge.",
    first: ['guest-mode'],
  },
  {
    name: 'a guest on the second NIC',
    from: 'cockpit-project/cockpit#14676',
    case: 'two-parents',
    backend: 'netplan-networkd',
    suite: 'sid',
    guest: { source: 'eth1', target: 'vnet2' },
    inGuest: TAKES_ADDRESS,
    broken: ['host', GUEST],
    cause: 'The guest is attached to eth1 and not to eth0.',
    first: ['guest-on-other-link'],
  },
  {
    name: 'a guest that does not run since the reboot: no autostart',
    from: 'Server Fault: virsh autostart',
    guest: 'none',
    suite: 'bookworm',
    broken: ['host', GUEST],
    cause: 'The guest does not run: no guest is attached to eth0.',
    first: ['guest-absent'],
  },
  {
    name: "the guest's device is down on the host",
    from: 'canonical/lxd#11089; libvirt <link state="down"/>',
    backend: 'networkmanager',
    suite: 'sid',
    host: ['ip link set macvtap0 down'],
    broken: ['host', GUEST],
    cause: "The guest's device macvtap0 is down.",
    first: ['guest-down'],
  },
  {
    name: 'a guest that changed its own MAC',
    from: 'srl-labs/containerlab#1814; srl-labs/vrnetlab#407',
    inGuest: ['ip link set guest0 address 52:54:00:aa:bb:cc'],
    broken: ['host', GUEST],
    cause: 'The guest uses another MAC than its macvtap has: what is sent to it does not reach it.',
    first: ['guest-mac-differs'],
  },
  {
    name: "a guest's IPv6, where its device lets no multicast in",
    from: 'canonical/lxd#11309; stackhpc/ansible-role-libvirt-vm#57; debops/debops#2675',
    case: 'dual-stack',
    asks: '2001:db8:51::c6',
    scenery: { host: ['ip link set macvtap0 allmulticast on'] },
    host: ['ip link set macvtap0 allmulticast off'],
    broken: ['host', '2001:db8:51::c6'],
    cause:
      "The guest's macvtap does not let neighbour solicitations (multicast) in to the guest: trustGuestRxFilters.",
    first: ['guest-multicast'],
  },
  {
    name: "a guest cloned from the host's image, with the host's address",
    from: 'canonical/multipass#28; Server Fault: clones with one address',
    suite: 'bookworm',
    inGuest: [`ip addr add ${HOST}/32 dev guest0`],
    broken: ['host', GUEST],
    cause: "The guest has the host's own address, too: the address is there twice.",
    first: ['address-conflict', 'address-duplicate'],
  },
  {
    name: "a machine of the LAN with the host's address",
    from: 'Server Fault: duplicate address on the LAN; systemd: IPv4DuplicateAddressDetection',
    backend: 'networkmanager',
    suite: 'bullseye',
    router: [`ip addr add ${HOST}/24 dev lan0`],
    broken: ['host', ROUTER],
    cause: "Another machine of the LAN has the host's address.",
    first: ['address-conflict', 'address-duplicate'],
  },
  {
    name: "a clone of the machine on the LAN, with the shim's MAC",
    from: 'containernetworking/plugins#250',
    case: 'dhcp',
    router: [
      'ip link set lan0 down; ip link set lan0 address 02:00:5e:10:00:50; ip link set lan0 up',
    ],
    broken: ['host', '10.51.0.254'],
    cause: "Another machine of the LAN has the shim's MAC.",
    first: ['duplicate-mac'],
  },
  {
    name: 'the cable is out, on a host of NetworkManager',
    from: 'moby/moby#49593',
    backend: 'networkmanager',
    router: ['ip link set lan0 down', 'sleep 1'],
    broken: ['router', HOST],
    cause: 'The NIC has no carrier: cable or switch port.',
    first: ['no-carrier'],
  },
  {
    name: 'the cable of the first of two NICs is out',
    from: 'moby/moby#49593',
    case: 'two-parents',
    suite: 'bookworm',
    router: ['ip link set lan0 down', 'sleep 1'],
    broken: ['host', ROUTER],
    cause: 'The NIC eth0 has no carrier: cable or switch port.',
    first: ['no-carrier'],
  },
  {
    name: 'the NIC was set down',
    from: 'systemd/systemd#39255',
    backend: 'ifupdown',
    suite: 'sid',
    host: ['ip link set eth0 down'],
    broken: ['host', GUEST],
    cause: 'The NIC eth0 is down.',
    first: ['link-down'],
  },
];

/** What looks alike from inside the host. */
export const INDISTINCT: readonly Fault[] = [
  {
    name: "the guest's own firewall drops what comes in",
    from: 'kata-containers/runtime#1808; Windows and ufw in guests',
    inGuest: [
      'nft add table inet fw',
      "nft add chain inet fw in '{ type filter hook input priority 0; policy drop; }'",
    ],
    broken: ['host', GUEST],
    cause:
      'It is not visible from here: the guest answers ARP and no ping. Its own firewall, or its routes: several causes, and how to find out.',
    first: ['target-firewall'],
  },
  {
    name: 'a hypervisor that takes frames only from the MAC that it gave',
    from: 'docker/docs#15855 (forged transmits); canonical/lxd#2248',
    backend: 'networkmanager',
    suite: 'bookworm',
    router: [
      'nft add table netdev sw',
      "nft add chain netdev sw in '{ type filter hook ingress device lan0 priority 0; }'",
      'nft add rule netdev sw in ether saddr != 52:54:00:51:01:01 drop',
    ],
    broken: ['host', ROUTER],
    cause:
      "The LAN answers the NIC's own MAC and not the shim's: a switch or hypervisor drops foreign MACs (several kinds: port security, forged transmits, cloud).",
    first: ['foreign-macs-dropped'],
  },
  {
    name: 'the port of the switch is in another VLAN',
    from: 'harvester/harvester#534',
    suite: 'bookworm',
    router: [
      'nft add table netdev sw',
      "nft add chain netdev sw in '{ type filter hook ingress device lan0 priority 0; policy drop; }'",
    ],
    broken: ['host', ROUTER],
    cause:
      'It is not visible from here: nobody on the LAN answers, under no MAC. Wrong VLAN, switch port, router off: several causes, and how to find out.',
    first: ['gateway-silent'],
  },
  {
    name: 'the guest took another address',
    from: 'Server Fault: guest with a lease of another network',
    backend: 'ifupdown',
    inGuest: ['ip addr flush dev guest0', 'ip addr add 192.168.1.50/24 dev guest0'],
    broken: ['host', GUEST],
    cause:
      'It is not visible from here: the guest is attached as it should be, and nobody answers for its address. Inside of the guest (address, link, not booted): several causes, and how to find out.',
    first: ['guest-silent'],
  },
];
