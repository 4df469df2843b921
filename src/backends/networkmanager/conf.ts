/** `NetworkManager/conf.d/90-macvtap.conf`, and what else both back ends over NetworkManager share. */

import { type Diagnostic, type DiagnosticCode, diagnostic } from '../../diagnostics/diagnostic.ts';
import {
  type DhcpOverrides,
  dynamicTable,
  type Family,
  hasStatic,
  type Link,
  type Mode,
  type Model,
  type Parent,
  usesAdvertisedDns,
} from '../../model/types.ts';
import { knows } from '../../targets/since.ts';
import type { Target } from '../../targets/target.ts';
import { inPlace } from '../../view/place.ts';
import { entry, type RenderedFile } from '../../view/rendered.ts';
import { file } from '../../view/template.ts';
import { checkBroadcastAnswers } from '../shared/ipvlan.ts';
import { CONF_PATH, guestDevices, UNMANAGED } from '../shared/networkmanager-words.ts';
import { header } from '../shared/online.ts';
import { WHY_IGNORE_CARRIER } from '../shared/reasons.ts';
import { LINK_LOCAL } from './ip.ts';
import { MANAGED } from './places.ts';

/** Numbers, not words: a word makes NetworkManager drop the profile (nm-settings(5), macvlan.mode, ipvlan.mode). */
export const MODE_NUMBER: Readonly<Record<Mode, string>> = {
  vepa: '1',
  bridge: '2',
  private: '3',
  passthru: '4',
  source: '5',
  l2: '1',
  l3: '2',
  l3s: '3',
};

/** What NetworkManager manages even if other files leave all unmanaged, as Ubuntu's `unmanaged-devices=*`. */
export function managedConf(model: Model): RenderedFile {
  const links = [...model.parents, ...model.shims];
  const managed = [...links, ...model.taps];
  return file({
    path: CONF_PATH,
    mode: 0o644,
    role: 'required',
    ...inPlace(MANAGED),
    about: entry(
      'what NetworkManager manages',
      'On a host where NetworkManager manages nothing by default, parent and shim would not come up.',
      'NetworkManager.conf(5)',
      [],
    ),
    template: 'networkmanager/links.conf',
    view: {
      header: header(model),
      devices: [
        ...managed.map(({ name, origin }) =>
          entry(
            `except:interface-name:${name}`,
            'NetworkManager manages this link, even if another file leaves all links unmanaged.',
            UNMANAGED,
            origin,
          ),
        ),
        ...guestDevices(model),
      ],
      withoutCarrier: links
        .filter((link) => link.ignoreCarrier)
        .map(({ name, origin }) => ({
          section: entry(
            `device-macvtap-${name}`,
            'Settings of this device follow.',
            'NetworkManager.conf(5), [device]',
            origin,
          ),
          matchDevice: entry(
            `interface-name:${name}`,
            'Matches this device only.',
            'NetworkManager.conf(5), [device] match-device',
            origin,
          ),
          ignoreCarrier: entry(
            'yes',
            WHY_IGNORE_CARRIER,
            'NetworkManager.conf(5), [device] ignore-carrier',
            origin,
          ),
          carrierWaitTimeout: entry(
            '1',
            'In milliseconds; by default boot would wait six seconds for a carrier.',
            'NetworkManager.conf(5), [device] carrier-wait-timeout',
            origin,
          ),
        })),
    },
  });
}

/** What NetworkManager cannot express. @param backend the one that asks */
export function checkNetworkManager(model: Model, target: Target, backend: string): Diagnostic[] {
  return [
    ...[...model.shims, ...model.taps]
      .filter(({ mode }) => mode === 'source')
      .map(({ name, origin }) =>
        diagnostic(
          'mode-not-expressible',
          [...origin, 'mode'],
          `NetworkManager cannot create \`${name}\` in mode \`source\`.`,
          { backend },
        ),
      ),
    ...model.shims.flatMap(({ broadcastQueueLength, broadcastQueueThreshold, origin }) =>
      [
        ...(broadcastQueueLength === undefined ? [] : ['broadcast-queue-length']),
        ...(broadcastQueueThreshold === undefined ? [] : ['broadcast-queue-threshold']),
      ].map((key) =>
        diagnostic(
          'setting-not-expressible',
          [...origin, key],
          'NetworkManager has no setting for the broadcast queue of a macvlan.',
          { backend },
        ),
      ),
    ),
    ...[...model.parents, ...model.shims].flatMap((link) => checkLink(link, target, backend)),
    ...checkBroadcastAnswers(
      model,
      backend,
      'NetworkManager asks the DHCP server for unicast answers',
    ),
    ...model.parents.flatMap((parent) => checkType(parent, backend)),
  ];
}

/** The type of a profile must be that of the device (nm-settings-keyfile(5), [connection] type). */
function checkType({ name, assumedFrom, origin }: Parent, backend: string): Diagnostic[] {
  if (assumedFrom === undefined) return [];
  const message = `A profile of type \`ethernet\` does not apply to \`${name}\` if it is ${assumedFrom}.`;
  return [diagnostic('profile-never-applies', origin, message, { backend })];
}

/** A key of a link that NetworkManager cannot express. */
interface Limit {
  readonly code: DiagnosticCode;
  readonly key: string;
  readonly applies: (link: Link, target: Target) => boolean;
  readonly message: (name: string) => string;
}

const LIMITS: readonly Limit[] = [
  {
    code: 'dns-default-route-not-expressible',
    key: 'dns-default-route',
    applies: ({ dnsDefaultRoute }) => dnsDefaultRoute === false,
    message: (name) =>
      `NetworkManager queries the name servers of \`${name}\` if the default route is over it.`,
  },
  {
    code: 'dhcp6-follows-router',
    key: 'dhcp6',
    applies: ({ acceptRa, dhcp6ByRouter }) => acceptRa && !dhcp6ByRouter,
    message: () => 'NetworkManager follows the managed flag of the router.',
  },
  {
    code: 'link-local-unavoidable',
    key: 'link-local',
    applies: ({ families, linkLocal }) => families.includes('ipv6') && !linkLocal.includes('ipv6'),
    message: () => 'NetworkManager adds a link-local address to IPv6.',
  },
  {
    code: 'link-local-not-beside',
    key: 'link-local',
    applies: ({ families, linkLocal }, target) =>
      families.includes('ipv4') && linkLocal.includes('ipv4') && !knows(target, LINK_LOCAL),
    message: () => 'NetworkManager has either a link-local or another IPv4 address.',
  },
  {
    code: 'optional-still-waited',
    key: 'optional',
    applies: ({ optional, families }) => optional && families.length > 0,
    message: (name) => `NetworkManager-wait-online may still wait for \`${name}\`.`,
  },
];

function checkLink(link: Link, target: Target, backend: string): Diagnostic[] {
  const limits = LIMITS.filter(({ applies }) => applies(link, target)).map(
    ({ code, key, message }) =>
      diagnostic(code, [...link.origin, key], message(link.name), { backend }),
  );
  return [
    ...limits,
    ...checkDhcp(link, backend),
    ...checkAdvertised(link, backend),
    ...(['ipv4', 'ipv6'] as const).flatMap((family) => checkTable(link, family, backend)),
  ];
}

/** `route-table` of a profile counts for subnets of static addresses, too (nm-settings(5)). */
function checkTable(link: Link, family: Family, backend: string): Diagnostic[] {
  const origin = family === 'ipv4' ? link.dhcp4?.origin : link.raOverrides?.origin;
  if (dynamicTable(link, family) === undefined || !origin || !hasStatic(link, family)) return [];
  const message = `NetworkManager would put the subnets of the static addresses of \`${link.name}\` into the same table.`;
  return [diagnostic('override-not-expressible', [...origin, 'table'], message, { backend })];
}

/** NetworkManager has one setting for DHCPv6 and advertisements (nm-settings(5), ipv6.ignore-auto-dns). */
function checkAdvertised(link: Link, backend: string): Diagnostic[] {
  const { raOverrides, dhcp6 } = link;
  if (!raOverrides) return [];
  const usesDns = usesAdvertisedDns(link);
  const refuse = (key: string, message: string): Diagnostic[] => [
    diagnostic('override-not-expressible', [...raOverrides.origin, key], message, { backend }),
  ];
  if (dhcp6 && usesDns !== (dhcp6.useDns ?? true)) {
    const message =
      'NetworkManager uses the name servers of DHCPv6 and of advertisements, or none.';
    return refuse('use-dns', message);
  }
  const { useDomains } = raOverrides;
  if (useDomains === 'route') {
    return refuse('use-domains', 'NetworkManager searches the domains in advertisements.');
  }
  if (useDomains === undefined || useDomains === usesDns) return [];
  return refuse(
    'use-domains',
    'NetworkManager takes domains and name servers from advertisements, or neither.',
  );
}

function checkDhcp({ dhcp4, dhcp6, mtu }: Link, backend: string): Diagnostic[] {
  const found = [dhcp4, dhcp6].flatMap((overrides) =>
    overrides ? checkOverrides(overrides, backend) : [],
  );
  if (dhcp4 && !dhcp4.useMtu && mtu === undefined) {
    const message = "NetworkManager uses the server's MTU unless the intent has an `mtu`.";
    found.push(refused(dhcp4, 'use-mtu', backend, message));
  }
  if (dhcp4 && dhcp6 && (dhcp4.useHostname ?? true) !== (dhcp6.useHostname ?? true)) {
    const message = 'NetworkManager uses the host name of DHCP in both families or in none.';
    found.push(refused(dhcp6, 'use-hostname', backend, message));
  }
  return found;
}

function checkOverrides(overrides: DhcpOverrides, backend: string): Diagnostic[] {
  const found: Diagnostic[] = [];
  const refuse = (key: string, message: string): void =>
    void found.push(refused(overrides, key, backend, message));
  // NetworkManager has one setting for both (nm-settings(5), ignore-auto-dns).
  if (overrides.useDomains === true && overrides.useDns === false)
    refuse('use-domains', 'With `use-dns: false`, NetworkManager ignores the domains, too.');
  if (overrides.useDomains === false && overrides.useDns !== false)
    refuse('use-domains', 'NetworkManager cannot ignore only the domains of the server.');
  if (overrides.useDomains === 'route')
    refuse('use-domains', 'NetworkManager searches the domains of the server.');
  if (overrides.useNtp === false)
    refuse(
      'use-ntp',
      'NetworkManager passes the NTP servers to its dispatcher scripts, and has no setting for that.',
    );
  return found;
}

const refused = (
  overrides: DhcpOverrides,
  key: string,
  backend: string,
  message: string,
): Diagnostic =>
  diagnostic('override-not-expressible', [...overrides.origin, key], message, { backend });
