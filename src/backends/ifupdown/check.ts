/** What none of the three programs can express, or not in one file for all of them. */
import { type Diagnostic, type DiagnosticCode, diagnostic } from '../../diagnostics/diagnostic.ts';
import type { DhcpOverrides, Link, Model } from '../../model/types.ts';
import { checkAdvertised } from '../shared/advertised.ts';
import { checkFirewallZone } from '../shared/firewall-zone.ts';
import { checkBroadcastAnswers } from '../shared/ipvlan.ts';
import { checkLinkLocal4 } from '../shared/link-order.ts';
import { checkWakeOnLan } from '../shared/wake-on-lan.ts';

export function checkIfupdown(model: Model, backend: string): Diagnostic[] {
  return [
    ...[...model.parents, ...model.shims].flatMap((link) => checkLink(link, backend)),
    ...checkBroadcastAnswers(
      model,
      backend,
      'ifupdown has no option by which a DHCP client asks for broadcast answers; it gets unicast ones',
    ),
    ...checkNames(model, backend),
    ...checkOrder(model, backend),
    ...checkWakeOnLan(model, backend),
    ...checkFirewallZone(model, backend),
  ];
}

function checkLink(link: Link, backend: string): Diagnostic[] {
  const { name, dhcp4, dhcp6 } = link;
  const at = (code: DiagnosticCode, key: string, message: string): Diagnostic =>
    diagnostic(code, [...link.origin, key], message, { backend });
  const found = checkLinkLocal4(
    link,
    backend,
    `Only classic ifupdown has a method for it, with a program of its own (\`${name}\`).`,
  );
  if (link.nameservers.length > 0 || link.search.length > 0) {
    const message = `Nothing reads the name servers of \`${name}\` without resolvconf or systemd-resolved.`;
    found.push(at('resolver-needed', 'nameservers', message));
  }
  const routed = link.search.filter(({ domain }) => domain.startsWith('~'));
  for (const { domain, origin } of routed) {
    const message = `resolvconf cannot limit a domain to routing: \`${domain}\` is left out.`;
    found.push(diagnostic('setting-left-out', origin, message, { backend }));
  }
  if (link.dnsDefaultRoute !== undefined) {
    const message = `resolvconf asks the name servers of \`${name}\` for any name, whatever link they are of.`;
    found.push(at('setting-left-out', 'dns-default-route', message));
  }
  if (link.multicastDns !== undefined) {
    const message = `ifupdown has no setting of systemd-resolved for \`${name}\`.`;
    const hint = 'Remove it, and set `MulticastDNS=` in resolved.conf(5), for all links.';
    found.push(
      diagnostic('setting-not-expressible', [...link.origin, 'multicast-dns'], message, {
        backend,
        hint,
      }),
    );
  }
  if (link.dhcp6ByRouter && !dhcp6) {
    const message = `Nothing follows the router's managed flag on \`${name}\`; \`dhcp6: true\` asks for a lease regardless.`;
    found.push(at('setting-left-out', 'accept-ra', message));
  }
  if (link.addressGeneration === 'stable-privacy') {
    const message = `ifupdown2 has the kernel make the addresses of \`${name}\` from the MAC again (\`ipv6-addrgen\`).`;
    found.push(at('ifupdown-differs', 'ipv6-address-generation', message));
  }
  if (dhcp4) {
    const message = `Under classic ifupdown, routes of \`${name}\` by DHCP have the metric ${dhcp4.routeMetric}, and dhclient identifies itself by a DUID; under the others the metric is dhclient's own, and it sends no client identifier.`;
    found.push(at('ifupdown-differs', 'dhcp4', message));
  }
  if (dhcp6) {
    const message = `ifupdown-ng has no DHCPv6: \`${name}\` gets no address by it. dhclient sends its own DUID.`;
    found.push(at('ifupdown-differs', 'dhcp6', message));
  }
  if ((dhcp4 || dhcp6) && link.identifier === 'duid') {
    const message = `ifupdown cannot set the client identifier of \`${name}\`: its DHCP client sends the one in its own configuration.`;
    found.push(at('setting-left-out', 'dhcp-identifier', message));
  }
  if (link.optional && link.families.length > link.addresses.length) {
    found.push(
      at('optional-still-waited', 'optional', `\`ifup -a\` waits for a lease of \`${name}\`.`),
    );
  }
  if (dhcp4) {
    found.push(...checkOverrides(dhcp4, backend));
    if (!dhcp4.useRoutes) found.push(refused(dhcp4, 'use-routes', backend));
    if (!dhcp4.useMtu && link.mtu === undefined) found.push(refused(dhcp4, 'use-mtu', backend));
  }
  if (dhcp4?.table !== undefined) found.push(refused(dhcp4, 'table', backend));
  if (dhcp6) found.push(...checkOverrides(dhcp6, backend));
  found.push(...checkAdvertised(link, backend));
  return found;
}

function checkOverrides(overrides: DhcpOverrides, backend: string): Diagnostic[] {
  const { useDns, useDomains, useNtp, useHostname, sendHostname, hostname } = overrides;
  const all = {
    'use-dns': useDns,
    'use-domains': useDomains,
    'use-ntp': useNtp,
    'use-hostname': useHostname,
    'send-hostname': sendHostname,
    hostname,
  };
  return Object.entries(all)
    .filter(([, value]) => value !== undefined)
    .map(([key]) => refused(overrides, key, backend));
}

const refused = ({ origin }: DhcpOverrides, key: string, backend: string): Diagnostic =>
  diagnostic(
    'override-not-expressible',
    [...origin, key],
    'It is set in the configuration of the DHCP client, which differs from client to client.',
    { backend },
  );

/**
 * Each of the three creates a VLAN for a name with a dot before it reads the rest of the stanza.
 * Classic ifupdown (0.8.41, 0.8.44) reads the link before the first dot, and the id up to the next: if
 * that is not a number, it ends with "ignoring unknown interface" and creates no device. The two others
 * split at the last dot; if no number follows, ifupdown2 fails, and with it `networking.service`.
 * No option of interfaces(5) that all three know turns this off.
 */
function checkNames({ parents, shims, taps }: Model, backend: string): Diagnostic[] {
  return [...parents, ...shims, ...taps].flatMap((link) => {
    const { name, origin } = link;
    const dot = name.indexOf('.');
    const vlan = 'vlan' in link ? link.vlan : undefined;
    if (dot === -1 || (vlan && isNameOfVlan(name, vlan.link, vlan.id))) return [];
    const message = `ifupdown takes \`${name}\` for a VLAN of \`${name.slice(0, dot)}\`.`;
    const hint = vlan
      ? `Choose a name without a dot, as in \`vlan${vlan.id}\`.`
      : `Choose a name without a dot, as in \`${name.replaceAll('.', '-')}\`.`;
    const at = isDeclared(origin) ? 'key' : 'value';
    return diagnostic('setting-not-expressible', origin, message, { backend, hint, at });
  });
}

/** `parents.eth0.5`; not a place that refers to it. */
const isDeclared = (origin: readonly unknown[]): boolean => origin.length === 2;

/** What is not a NIC exists once its stanza has its turn. Only ifupdown2 refuses to bring it up from within a shim's. */
const checkOrder = ({ unmanaged }: Model, backend: string): Diagnostic[] =>
  unmanaged
    .filter(({ kind, shims, taps }) => kind !== 'ethernet' && shims.length + taps.length > 0)
    .map(({ name, origin }) =>
      diagnostic(
        'unmanaged-order',
        origin,
        `\`${name}\` must exist when ifupdown2 reads \`60-macvtap\`.`,
        { backend, at: 'key' },
      ),
    );

/** `LINK.ID`, where all three split at the same dot. */
function isNameOfVlan(name: string, link: string, id: number): boolean {
  const [first, digits = '', ...rest] = name.split('.');
  return first === link && rest.length === 0 && /^[0-9]+$/.test(digits) && Number(digits) === id;
}
