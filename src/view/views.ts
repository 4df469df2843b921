/**
 * What each template prints, by its name. Written by `npm run views` from `templates/`: what may be
 * absent stands alone in its line there.
 */
import type { Entry } from './rendered.ts';

type Value = Entry | undefined;
type Group<T> = T | undefined;
type List<T> = readonly T[] | undefined;

export interface Views {
  'ifupdown/interfaces': {
    readonly header: Entry;
    readonly links?: List<{
      readonly name: Entry;
      readonly stanzas?: List<{
        readonly name: Entry;
        readonly family: Entry;
        readonly method: Entry;
        readonly lines?: List<Entry>;
      }>;
    }>;
  };
  'ifupdown/networking.conf': {
    readonly header: Entry;
    readonly after: Entry;
    readonly before: Entry;
    readonly settle: Entry;
  };
  'iproute2/trial': {
    readonly header: Entry;
    readonly plan?: List<{ readonly step: Entry; readonly words?: List<Entry> }>;
  };
  'libvirt/guest.xml': {
    readonly header: Entry;
    readonly note?: Value;
    readonly type: Entry;
    readonly trustGuestRxFilters: Entry;
    readonly macaddress?: Value;
    readonly parent: Entry;
    readonly mode: Entry;
    readonly target?: Value;
    readonly model?: Value;
    readonly alias?: Value;
  };
  'libvirt/network.xml': {
    readonly header: Entry;
    readonly note?: Value;
    readonly trustGuestRxFilters: Entry;
    readonly name: Entry;
    readonly uuid: Entry;
    readonly mode: Entry;
    readonly parent?: Value;
  };
  'netplan/netplan.yaml': {
    readonly header: Entry;
    readonly version?: Value;
    readonly sections?: List<{
      readonly type: Entry;
      readonly links?: List<{
        readonly id: Entry;
        readonly renderer?: Value;
        readonly match?: Group<{ readonly macaddress?: Value; readonly setName?: Value }>;
        readonly vlanId?: Value;
        readonly link?: Value;
        readonly interfaces?: List<Entry>;
        readonly parameters?: List<Entry>;
        readonly macaddress?: Value;
        readonly mtu?: Value;
        readonly wakeonlan?: Value;
        readonly dhcp4?: Value;
        readonly dhcp6?: Value;
        readonly acceptRa?: Value;
        readonly addressGeneration?: Value;
        readonly addressToken?: Value;
        readonly ipv6Privacy?: Value;
        readonly linkLocal?: Value;
        readonly addresses?: List<Entry>;
        readonly routes?: List<{
          readonly to: Entry;
          readonly via?: Value;
          readonly scope?: Value;
          readonly from?: Value;
          readonly onLink?: Value;
          readonly metric?: Value;
          readonly table?: Value;
        }>;
        readonly rules?: List<{
          readonly table: Entry;
          readonly priority?: Value;
          readonly from?: Value;
          readonly to?: Value;
          readonly typeOfService?: Value;
          readonly mark?: Value;
        }>;
        readonly nameservers?: Group<{
          readonly addresses?: List<Entry>;
          readonly search?: List<Entry>;
        }>;
        readonly dhcpIdentifier?: Value;
        readonly dhcp4Overrides?: List<Entry>;
        readonly dhcp6Overrides?: List<Entry>;
        readonly raOverrides?: List<Entry>;
        readonly optional?: Value;
        readonly ignoreCarrier?: Value;
        readonly networkmanager?: Group<{
          readonly uuid?: Value;
          readonly name?: Value;
          readonly passthrough?: List<Entry>;
        }>;
      }>;
    }>;
  };
  'networkd/attached.conf': {
    readonly header: Entry;
    readonly parent: Entry;
    readonly shims?: List<Entry>;
    readonly ipvlans?: List<Entry>;
    readonly taps?: List<Entry>;
  };
  'networkd/device.netdev': {
    readonly header: Entry;
    readonly name?: Value;
    readonly kind?: Value;
    readonly macaddress?: Value;
    readonly macvlan?: Group<{
      readonly mode?: Value;
      readonly sourceMacs?: List<Entry>;
      readonly queueLength?: Value;
      readonly queueThreshold?: Value;
    }>;
    readonly macvtap?: Group<{ readonly mode?: Value; readonly sourceMacs?: List<Entry> }>;
    readonly ipvlan?: Group<{ readonly mode?: Value }>;
    readonly vlan?: Group<{ readonly id?: Value }>;
    readonly bond?: List<Entry>;
    readonly bridge?: List<Entry>;
  };
  'networkd/link.network': {
    readonly header: Entry;
    readonly match?: Group<{ readonly permanentMac?: Value; readonly name?: Value }>;
    readonly link?: Group<{
      readonly requiredForOnline?: Value;
      readonly requiredFamilyForOnline?: Value;
      readonly macaddress?: Value;
      readonly mtu?: Value;
      readonly allMulticast?: Value;
    }>;
    readonly shims?: List<Entry>;
    readonly ipvlans?: List<Entry>;
    readonly taps?: List<Entry>;
    readonly vlans?: List<Entry>;
    readonly bond?: Value;
    readonly primarySlave?: Value;
    readonly bridge?: Value;
    readonly addresses?: List<Entry>;
    readonly dhcp?: Value;
    readonly ipv6AcceptRa?: Value;
    readonly ipv6AcceptRouterAdvertisements?: Value;
    readonly ipv6PrivacyExtensions?: Value;
    readonly ipv6Token?: Value;
    readonly linkLocalAddressing?: Value;
    readonly linkLocalGeneration?: Value;
    readonly silent?: Group<{
      readonly llmnr?: Value;
      readonly multicastDns?: Value;
      readonly lldp?: Value;
      readonly emitLldp?: Value;
    }>;
    readonly multicastDns?: Value;
    readonly nameservers?: List<Entry>;
    readonly domains?: List<Entry>;
    readonly dnsDefaultRoute?: Value;
    readonly configureWithoutCarrier?: Value;
    readonly routes?: List<{
      readonly destination?: Value;
      readonly gateway?: Value;
      readonly gatewayOnLink?: Value;
      readonly gatewayOnlink?: Value;
      readonly scope?: Value;
      readonly preferredSource?: Value;
      readonly metric?: Value;
      readonly table?: Value;
    }>;
    readonly rules?: List<{
      readonly from?: Value;
      readonly to?: Value;
      readonly incomingInterface?: Value;
      readonly outgoingInterface?: Value;
      readonly typeOfService?: Value;
      readonly firewallMark?: Value;
      readonly table?: Value;
      readonly priority?: Value;
    }>;
    readonly dhcp4?: Group<{
      readonly section: Entry;
      readonly clientIdentifier?: Value;
      readonly iaid?: Value;
      readonly requestBroadcast?: Value;
      readonly routeMetric?: Value;
      readonly routeTable?: Value;
      readonly useMtu?: Value;
      readonly useRoutes?: Value;
      readonly useDns?: Value;
      readonly useDomains?: Value;
      readonly useNtp?: Value;
      readonly useHostname?: Value;
      readonly sendHostname?: Value;
      readonly hostname?: Value;
    }>;
    readonly duid?: Group<{ readonly section: Entry; readonly duidType?: Value }>;
    readonly dhcp6?: Group<{
      readonly duidType?: Value;
      readonly iaid?: Value;
      readonly withoutRa?: Value;
      readonly useDns?: Value;
      readonly useDomains?: Value;
      readonly useNtp?: Value;
      readonly useHostname?: Value;
      readonly sendHostname?: Value;
      readonly hostname?: Value;
    }>;
    readonly advertised?: Group<{
      readonly dhcp6Client?: Value;
      readonly token?: Value;
      readonly useDns?: Value;
      readonly useDomains?: Value;
      readonly routeTable?: Value;
      readonly routeMetric?: Value;
    }>;
  };
  'networkd/name.link': {
    readonly header: Entry;
    readonly match?: Group<{
      readonly permanentMac?: Value;
      readonly currentMac?: Value;
      readonly path?: Value;
      readonly originalName?: Value;
    }>;
    readonly link?: Group<{
      readonly name?: Value;
      readonly wakeOnLan?: Value;
      readonly macAddressPolicy?: Value;
    }>;
  };
  'networkd/unmanaged.network': {
    readonly header: Entry;
    readonly names?: List<Entry>;
    readonly unmanaged?: Value;
  };
  'networkd/wait-for-created.conf': {
    readonly header: Entry;
    readonly service?: Group<{ readonly command?: Value }>;
  };
  'networkmanager/links.conf': {
    readonly header: Entry;
    readonly devices?: List<Entry>;
    readonly withoutCarrier?: List<{
      readonly section: Entry;
      readonly matchDevice?: Value;
      readonly ignoreCarrier?: Value;
      readonly carrierWaitTimeout?: Value;
    }>;
  };
  'networkmanager/profile.nmconnection': {
    readonly header: Entry;
    readonly connection?: Group<{
      readonly id?: Value;
      readonly uuid?: Value;
      readonly type?: Value;
      readonly interfaceName?: Value;
      readonly autoconnect?: Value;
      readonly autoconnectPriority?: Value;
      readonly master?: Value;
      readonly slaveType?: Value;
      readonly zone?: Value;
      readonly mdns?: Value;
    }>;
    readonly ethernet?: Group<{
      readonly permanentMac?: Value;
      readonly macaddress?: Value;
      readonly mtu?: Value;
      readonly wakeOnLan?: Value;
    }>;
    readonly macvlan?: Group<{
      readonly mode?: Value;
      readonly parent?: Value;
      readonly tap?: Value;
    }>;
    readonly ipvlan?: Group<{ readonly mode?: Value; readonly parent?: Value }>;
    readonly vlan?: Group<{ readonly id?: Value; readonly parent?: Value; readonly flags?: Value }>;
    readonly bond?: List<Entry>;
    readonly bridge?: List<Entry>;
    readonly ipv4?: List<Entry>;
    readonly ipv6?: List<Entry>;
    readonly hostnameFromDhcp?: Value;
  };
  'shared/network-online.conf': { readonly header: Entry; readonly wants?: Value };
  'shared/sysctl.conf': { readonly header: Entry; readonly settings?: List<Entry> };
  'shared/udev.rules': { readonly header: Entry; readonly rules?: List<Entry> };
  'shared/wait-online.conf': {
    readonly header: Entry;
    readonly unit?: Group<{ readonly reset: Entry; readonly conditions?: List<Entry> }>;
    readonly resets?: List<Entry>;
    readonly command?: Value;
  };
}

/** A group of a view, or one item of a list. */
export type Part<V, K extends keyof V> =
  NonNullable<V[K]> extends readonly (infer Item)[] ? Item : NonNullable<V[K]>;
