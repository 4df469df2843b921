/**
 * What networkd and NetworkManager make of conditions and lists. The lab asks the daemons
 * themselves (`lab/trials/foreign.ts`): they agree from Debian 11 to sid, but
 * where a version is named.
 */
import type { Answer } from '../../src/backends/host/networkd/match.ts';
import type { SpecAnswer } from '../../src/backends/host/networkmanager/spec.ts';

/**
 * Lines of [Match]: what they are for `eth0`, and for the macvlan `veth0`. `unlikely`: only by an
 * alternative name; `maybe`: by what only a host knows; `ignored`: nothing valid is in them.
 * A version of systemd: what was before it reads the line in another way (247 was seen to).
 */
export const MATCHES: readonly (readonly [
  string,
  Answer | 'ignored',
  Answer | 'ignored',
  number?,
])[] = [
  ['Name=eth0', 'yes', 'no'],
  ['Name=eth*', 'yes', 'no'],
  ['Name=*', 'yes', 'yes'],
  ['Name=eth[z-a]', 'no', 'no'],
  ['Name=foo \\\neth0', 'yes', 'no'],
  ['Name=foo \\\n# c \\\n; d\neth0', 'yes', 'no'],
  ['Name=foo \\\n  # c\n eth0', 'yes', 'no'],
  ['Name=eth0 \\\\\nType=wlan', 'no', 'no'],
  ['Name=eth0\nName=\nName=foo', 'no', 'no', 252],
  ['Name=foo\nName=eth0', 'yes', 'no'],
  ['Name=!foo eth0', 'unlikely', 'yes'],
  ['Name=eth* !eth0', 'no', 'no'],
  ['Name=!foo\nName=eth0', 'yes', 'no'],
  ['Name=!eth0', 'unlikely', 'yes'],
  ['Name=!*', 'no', 'no'],
  ['Name=!e*', 'no', 'yes'],
  ['Name=enp9s9', 'unlikely', 'no'],
  ['Name=enp*', 'unlikely', 'no'],
  ['Name=wl*', 'no', 'no'],
  ['Name=eth0:1 eth0', 'yes', 'no'],
  // Not a name: `:` is not allowed in one.
  ['Name=eth[[:digit:]]', 'ignored', 'ignored'],
  ['Name=eth\\*', 'yes', 'no'],
  ['Name=eth\\0', 'yes', 'no'],
  ['Name=eth\\[0\\]', 'yes', 'no'],
  ['Name="eth0"', 'no', 'no'],
  ['Name="eth0 foo"', 'no', 'no'],
  ['Name=eth0 # c', 'yes', 'no'],
  ['  Name = eth0  ', 'yes', 'no'],
  ['name=eth0', 'maybe', 'maybe'],
  ['OriginalName=eth0', 'ignored', 'ignored'],
  ['Type=ether', 'yes', 'yes'],
  ['Type="ether"', 'yes', 'yes'],
  ['Type="ether', 'ignored', 'ignored'],
  ['Type=!loopback', 'yes', 'yes'],
  ['Type=!wlan !loopback', 'yes', 'yes'],
  ['Type=bridge', 'no', 'no'],
  ['Name=eth0\nType=wlan', 'no', 'no'],
  ['Name=eth0\n[Network]\nDHCP=no\n[Match]\nType=wlan', 'no', 'no'],
  ['Kind=!macvlan', 'yes', 'no', 251],
  ['Driver=macvlan', 'maybe', 'yes'],
  ['Driver=virtio_net', 'maybe', 'no'],
  ['Path=!foo', 'maybe', 'yes'],
  ['Path=pci-*', 'maybe', 'no'],
  ['Property=ID_BUS=pci', 'maybe', 'maybe'],
  ['SSID=foo', 'no', 'no'],
  ['SSID=!foo', 'yes', 'yes'],
  ['WLANInterfaceType=station', 'no', 'no'],
  ['WLANInterfaceType=!station', 'yes', 'yes'],
  ['MACAddress=zz', 'ignored', 'ignored'],
  ['Name=eth0\nMACAddress=zz', 'yes', 'no', 252],
  ['MACAddress=CE-56-B6-6F-2B-36', 'maybe', 'yes'],
  ['MACAddress=02:00:00:00:00:01 ce56.b66f.2b36', 'maybe', 'yes'],
  ['PermanentMACAddress=52:54:00:00:00:01', 'maybe', 'no'],
  ['Host=nosuch', 'maybe', 'maybe'],
  ['Host=!nosuch', 'maybe', 'maybe'],
  ['Name=eth0\nHost=nosuch\nHost=', 'yes', 'no'],
  ['Virtualization=vm', 'maybe', 'maybe'],
  ['KernelCommandLine=!x', 'maybe', 'maybe'],
  ['Architecture=x86-64', 'maybe', 'maybe'],
  ['Firmware=uefi', 'maybe', 'maybe'],
  ['', 'ignored', 'ignored'],
];

/** Lists of devices of NetworkManager, and what they are for the NIC `eth0`, 52:54:00:00:00:01. */
export const LISTS: readonly (readonly [string, SpecAnswer])[] = [
  ['', 'no match'],
  ['*', 'match'],
  ['eth0', 'match'],
  ['eth*', 'no match'],
  ['interface-name:eth0', 'match'],
  ['INTERFACE-NAME:eth?', 'match'],
  ['interface-name:eth*', 'match'],
  ['interface-name:~eth*', 'match'],
  ['interface-name:=eth*', 'no match'],
  ['interface-name:=eth0', 'match'],
  ['interface-name:eth[0-9]', 'no match'],
  ['interface-name: eth0', 'no match'],
  ['interface-name:eth01', 'no match'],
  ['mac:52-54-00-0-0-1', 'match'],
  ['mac:52:54:00:00:00:02', 'no match'],
  ['52:54:00:00:00:01', 'match'],
  ['type:ethernet', 'match'],
  ['type:macvlan', 'no match'],
  ['driver:virtio_net', 'maybe'],
  ['except:interface-name:eth0', 'except'],
  ['except:interface-name:docker*', 'match'],
  ['*;except:interface-name:eth0', 'except'],
  ['*;except:interface-name:eth01', 'match'],
  // Only with a tag.
  ['*;except:eth0', 'match'],
  ['*;except:driver:virtio_net', 'maybe'],
  ['interface-name:x;except:interface-name:y', 'no match'],
];
