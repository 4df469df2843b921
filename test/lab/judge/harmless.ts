/**
 * Lines at warning level that say something of the lab, and nothing of the files. Any other fails.
 * The README prints this list.
 */

export interface Harmless {
  readonly line: RegExp;
  readonly why: string;
}

/** Who says it: a daemon alone, netplan's generator, or the services of a boot. */
export const HARMLESS: Readonly<
  Record<
    'networkd' | 'NetworkManager' | 'netplan' | 'ifupdown' | 'macvtap-trial' | 'boot',
    readonly Harmless[]
  >
> = {
  networkd: [
    {
      line: /^Failed to get cgroup path, ignoring: /,
      why: 'systemd 257 watches the memory of its own control group; no service manager made one.',
    },
    {
      line: /^Failed to update cgroup map: /,
      why: 'systemd 262 looks for control groups, and the sysfs of the lab has none mounted.',
    },
    {
      line: /^Failed to bind to .+ varlink socket, ignoring: Permission denied$/,
      why: 'systemd 262 offers sockets in directories that the service manager would have made.',
    },
  ],
  NetworkManager: [
    {
      line: /modem-manager: error poking ModemManager: .*ServiceUnknown/,
      why: 'There is no ModemManager on the host, and no service manager to start one.',
    },
    {
      line: /failed to read bridge setting 'vlan_(?:stats_enabled|protocol)'/,
      why: 'The kernel of the lab may be built without VLANs; no bridge here has any.',
    },
    {
      line: /sysctl: failed to openat '.*\/(?:brport|bridge)\/.*Read-only file system/,
      why: 'The sysfs of the lab is read-only (no udev); what is set there is the default.',
    },
  ],
  netplan: [
    {
      line: /WARNING.*: handling NetworkManager passthrough device, settings are not fully supported/,
      why: 'netplan 0.106 says so of every nm-device; what it makes of it is judged by the kernel.',
    },
  ],
  ifupdown: [
    {
      line: /^\/usr\/share\/ifupdown2\/\S+: SyntaxWarning: |^ {2}.*\bre\.(?:match|compile|split)\(/,
      why: 'Python from 3.12 on warns of the source of ifupdown2.',
    },
    {
      line: /^Device "[^"]+" does not exist\.$/,
      why: 'ifupdown-ng takes addresses from a link that has gone with what it stood on.',
    },
    {
      line: /^(?:Internet Systems Consortium DHCP|Copyright |All rights reserved|For info, please visit|Listening on |Sending on |Created duid |DHCP(?:DISCOVER|OFFER|REQUEST|ACK|RELEASE) |bound to |Killed old client|(?:PRC|XMT|RCV): |message status code Success)/,
      why: 'Classic ifupdown has dhclient report its work.',
    },
    {
      line: /^networking: Configuring network interfaces$/,
      why: "ifupdown2's service reports what it does.",
    },
    { line: /^Waiting for DAD\.\.\. Done$/, why: 'Classic ifupdown reports that it waits.' },
    {
      line: /^\/bin\/sh: 1: (?:\/sbin\/)?sysctl: not found$/,
      why: 'Classic ifupdown goes on without it; the images have no procps.',
    },
    {
      line: /^(?:Error: ipv[46]: [Aa]ddress not found\.|RTNETLINK answers: Cannot assign requested address)$/,
      why: 'Classic ifupdown takes addresses one by one that have gone with their link.',
    },
  ],
  'macvtap-trial': [
    { line: /^macvtap-trial: (?:made|everything|nothing)/, why: 'What it says of its work.' },
    {
      line: /^macvtap-trial: \S+ has no device \/dev\/tap\d+: is udev running\?$/,
      why: 'The devices of taps are not created in the scene, which has no udev.',
    },
    {
      line: /^macvtap-trial: The broadcast queue of \S+ is not set\.$/,
      why: 'iproute2 of bullseye (5.10) does not know it.',
    },
    { line: /^(?:before|after): /, why: 'What a failure shows.' },
  ],
  boot: [
    {
      line: /^systemd-networkd: Could not set hostname: Access denied$/,
      why: 'A DHCP server sends back the name that it received; only polkit, which is not installed, would let networkd set it.',
    },
  ],
};

/** Of files that do not say `onlink`, as NetworkManager before 1.36 is lost if it is set. */
export const IMPLICIT_ON_LINK: Harmless = {
  line: /the following gateways are not directly reachable from any configured address or route/,
  why: 'Newer versions wish that it were said, and do the same.',
};

/** Of shims in files that leave IPv6 to the kernel (`method=ignore`), which `sysctl.d` disables. */
export const LEFT_TO_THE_KERNEL: Harmless = {
  line: /, link-local \(fe80::.*: ipv6, must be none$/,
  why: 'NetworkManager waits for udev, which applies sysctl.d; without udev it may be the earlier, and put back what it found. Seen now and then on a busy machine; no boot judges such files yet.',
};

/** Lines without empty and harmless ones. */
export const without = (lines: readonly string[], harmless: readonly Harmless[]): string[] =>
  lines.filter((line) => line.trim() !== '' && !harmless.some((known) => known.line.test(line)));
