/**
 * Intent → model: references are followed, defaults decided, addresses understood. Whether the
 * whole makes sense is asked of `rules.ts`; there is a model only if nothing was wrong.
 */
import { type Diagnostic, diagnostic, hasErrors, type Outcome, type Path } from '../diagnostics.ts';
import type { Intent, ParentIntent, RouteIntent, ShimIntent } from '../intent/schema.ts';
import { deriveMac } from './derive.ts';
import { hostBitsAre, parseCidr, parseIp } from './ip.ts';
import { checkRules } from './rules.ts';
import {
  type Address,
  type Dhcp4,
  type Dhcp6,
  type DhcpOverrides,
  type Family,
  KERNEL_METRIC,
  type Model,
  type Nameserver,
  type Parent,
  type Route,
  type SearchDomain,
  type Shim,
} from './types.ts';

/**
 * @param intent what could be read
 * @param before what was found wrong while reading; no model comes of an intent with errors
 */
export function resolve(intent: Intent, before: readonly Diagnostic[] = []): Outcome<Model> {
  const diagnostics: Diagnostic[] = [...before];
  const report = (d: Diagnostic): void => void diagnostics.push(d);
  const shims = intent.shims ?? new Map<string, ShimIntent>();
  const parents = resolveParents(intent.parents ?? new Map<string, ParentIntent>(), shims);
  const byName = new Map([...parents.values()].map((parent) => [parent.name, parent]));
  // A shim may call its parent by id or by the name of the interface.
  const parentOf = (called: string): Parent => {
    const parent = parents.get(called) ?? byName.get(called);
    if (!parent) throw new Error(`no parent for ${called}`);
    return parent;
  };
  const model: Model = {
    host: intent.host ?? '',
    renderer: intent.renderer ?? 'networkd',
    parents: [...parents.values()],
    shims: [...shims].map(([name, shim]) =>
      resolveShim(name, shim, parentOf(shim.parent), intent.host ?? '', report),
    ),
  };
  checkRules(intent, model, diagnostics, report);
  return hasErrors(diagnostics) ? { diagnostics } : { value: model, diagnostics };
}

function resolveParents(
  declared: ReadonlyMap<string, ParentIntent>,
  shims: ReadonlyMap<string, ShimIntent>,
): Map<string, Parent> {
  const ids = new Map<string, Path>([...declared.keys()].map((id) => [id, ['parents', id]]));
  const names = new Set([...declared].map(([id, parent]) => parent['set-name'] ?? id));
  for (const [name, shim] of shims) {
    const known = ids.has(shim.parent) || names.has(shim.parent);
    if (!known) ids.set(shim.parent, ['shims', name, 'parent']);
  }
  const standing = new Map<string, [string, ShimIntent][]>();
  for (const entry of shims) {
    const called = entry[1].parent;
    const known = standing.get(called);
    if (known) known.push(entry);
    else standing.set(called, [entry]);
  }
  const parents = new Map<string, Parent>();
  for (const [id, origin] of ids) {
    const said: ParentIntent = declared.get(id) ?? {};
    const name = said['set-name'] ?? id;
    const called = new Set([id, name]);
    const on = [...called].flatMap((by) => standing.get(by) ?? []);
    parents.set(id, {
      id,
      name,
      ...(said.match && { permanentMac: said.match.macaddress.toLowerCase() }),
      ...(said.macaddress !== undefined && { macaddress: said.macaddress.toLowerCase() }),
      ...(said.mtu !== undefined && { mtu: said.mtu }),
      optional: said.optional ?? (on.length > 0 && on.every(([, shim]) => shim.optional === true)),
      ignoreCarrier: on.some(([, shim]) => shim['ignore-carrier'] === true),
      shims: on.map(([shimName]) => shimName),
      origin,
    });
  }
  return parents;
}

function resolveShim(
  name: string,
  said: ShimIntent,
  parent: Parent,
  host: string,
  report: (d: Diagnostic) => void,
): Shim {
  const origin: Path = ['shims', name];
  const addresses = (said.addresses ?? []).flatMap((text, index) =>
    resolveAddress(text, [...origin, 'addresses', index], report),
  );
  const has = (family: Family): boolean => addresses.some((a) => a.family === family);
  const routes = (said.routes ?? [])
    .flatMap((route, index) => resolveRoute(route, [...origin, 'routes', index], report))
    // Without a static address nothing says that the gateway is a neighbour before the lease is
    // there; networkd takes it for one with a warning, so it is said.
    .map((route) => (route.via && !has(route.family) ? { ...route, onLink: true } : route));
  const mode = said.mode ?? 'bridge';
  const mtu = said.mtu ?? parent.mtu;
  const macaddress =
    said.macaddress?.toLowerCase() ?? (mode === 'passthru' ? undefined : deriveMac(host, name));
  const acceptRa = said['accept-ra'] ?? said.dhcp6 ?? false;
  const dhcp4 = said.dhcp4 === true;
  const dhcp6 = said.dhcp6 === true;
  const families: Family[] = [];
  if (dhcp4 || has('ipv4')) families.push('ipv4');
  if (dhcp6 || acceptRa || has('ipv6')) families.push('ipv6');
  const ipv6Said = families.includes('ipv6') || routes.some((route) => route.family === 'ipv6');
  return {
    name,
    parent,
    mode,
    ...(macaddress !== undefined && { macaddress }),
    macDerived: said.macaddress === undefined,
    ...(mtu !== undefined && { mtu }),
    addresses,
    routes,
    nameservers: (said.nameservers?.addresses ?? []).flatMap((text, index) =>
      resolveNameserver(text, [...origin, 'nameservers', 'addresses', index], report),
    ),
    search: (said.nameservers?.search ?? []).map(
      (domain, index): SearchDomain => ({
        domain,
        origin: [...origin, 'nameservers', 'search', index],
      }),
    ),
    ...(dhcp4 && { dhcp4: resolveDhcp4(said, mtu !== undefined, origin) }),
    ...(dhcp6 && { dhcp6: resolveDhcp6(said, origin) }),
    acceptRa,
    dhcp6ByRouter: acceptRa && said.dhcp6 !== false,
    linkLocal: [...new Set<Family>(said['link-local'] ?? (ipv6Said ? ['ipv6'] : []))].sort(),
    families,
    optional: said.optional ?? false,
    ignoreCarrier: said['ignore-carrier'] ?? false,
    origin,
  };
}

function resolveAddress(text: string, origin: Path, report: (d: Diagnostic) => void): Address[] {
  const network = parseCidr(text);
  if (!network) {
    const bare = parseIp(text);
    const length = bare?.family === 'ipv6' ? 64 : 24;
    report(
      bare
        ? diagnostic('address-without-prefix', origin, `\`${text}\` has no prefix length.`, {
            hint: `Add it, as in \`${text}/${length}\`; daemons guess it, each in its own way.`,
          })
        : diagnostic(
            'address-malformed',
            origin,
            `\`${text}\` is no IP address with prefix length.`,
          ),
    );
    return [];
  }
  const { ip, prefix } = network;
  const wide = ip.bytes.length * 8 - prefix;
  const wrong = (code: Diagnostic['code'], message: string): Address[] => {
    report(diagnostic(code, origin, message));
    return [];
  };
  if (prefix === 0) return wrong('address-malformed', `\`${text}\` has a prefix length of 0.`);
  if (NOT_UNICAST.has(ip.range)) {
    return wrong('address-not-unicast', `\`${text}\` is no address of a host on a LAN.`);
  }
  // RFC 3021 and RFC 6164: subnets of two addresses use both, subnets of one its only one.
  if (wide > 1 && hostBitsAre(network, 0)) {
    return wrong('address-is-network', `\`${text}\` is the address of the subnet itself.`);
  }
  if (wide > 1 && ip.family === 'ipv4' && hostBitsAre(network, 1)) {
    return wrong('address-is-broadcast', `\`${text}\` is the broadcast address of its subnet.`);
  }
  return [{ family: ip.family, address: ip.text, prefix, origin }];
}

const NOT_UNICAST: ReadonlySet<string> = new Set([
  'unspecified',
  'loopback',
  'linkLocal',
  'multicast',
  'broadcast',
  'ipv4Mapped',
]);

const NO_GATEWAY: ReadonlySet<string> = new Set([
  'unspecified',
  'loopback',
  'multicast',
  'broadcast',
  'ipv4Mapped',
]);

function resolveRoute(said: RouteIntent, origin: Path, report: (d: Diagnostic) => void): Route[] {
  const wrong = (code: Diagnostic['code'], at: string, message: string): Route[] => {
    report(diagnostic(code, [...origin, at], message));
    return [];
  };
  const via = said.via === undefined ? undefined : parseIp(said.via);
  if (said.via !== undefined && (!via || NO_GATEWAY.has(via.range))) {
    return wrong('gateway-malformed', 'via', `\`${said.via}\` is no address of a gateway.`);
  }
  const from = said.from === undefined ? undefined : parseIp(said.from);
  if (said.from !== undefined && (!from || NOT_UNICAST.has(from.range))) {
    return wrong('address-malformed', 'from', `\`${said.from}\` is no IP address of a host.`);
  }
  const family = via?.family ?? from?.family ?? 'ipv4';
  const everywhere = family === 'ipv4' ? '0.0.0.0/0' : '::/0';
  const to = parseCidr(said.to === 'default' ? everywhere : said.to) ?? hostRoute(said.to);
  if (!to || to.ip.range === 'loopback') {
    return wrong('route-malformed', 'to', `\`${said.to}\` is no network, nor \`default\`.`);
  }
  if (!hostBitsAre(to, 0)) {
    return wrong('route-host-bits', 'to', `\`${said.to}\` has bits set beyond its prefix length.`);
  }
  if ([via, from].some((ip) => ip && ip.family !== to.ip.family)) {
    return wrong('route-family', 'to', 'The route mixes IPv4 and IPv6.');
  }
  if ((via || said['on-link']) && said.scope === 'link') {
    return wrong('route-scope', 'scope', 'A route of scope `link` has no gateway.');
  }
  if (!via && said.scope !== 'link') {
    return wrong('route-without-gateway', 'to', 'The route says neither `via` nor `scope: link`.');
  }
  return [
    {
      family: to.ip.family,
      to: `${to.ip.text}/${to.prefix}`,
      isDefault: to.prefix === 0,
      ...(via && { via: via.text }),
      ...(from && { from: from.text }),
      onLink: said['on-link'] ?? false,
      metric: said.metric || KERNEL_METRIC[to.ip.family],
      ...(said.table !== undefined && { table: said.table }),
      origin,
    },
  ];
}

/** An address alone is the route to that host, as for `ip route`. */
function hostRoute(text: string): ReturnType<typeof parseCidr> {
  const ip = parseIp(text);
  return ip && { ip, prefix: ip.bytes.length * 8 };
}

function resolveNameserver(
  text: string,
  origin: Path,
  report: (d: Diagnostic) => void,
): Nameserver[] {
  const ip = parseIp(text);
  // A resolver on this host (127.0.0.53) is one, too.
  if (ip && !['unspecified', 'multicast', 'broadcast'].includes(ip.range)) {
    return [{ family: ip.family, address: ip.text, origin }];
  }
  report(diagnostic('nameserver-malformed', origin, `\`${text}\` is no address of a name server.`));
  return [];
}

function resolveDhcp4(said: ShimIntent, mtuIsSaid: boolean, shim: Path): Dhcp4 {
  const overrides = said['dhcp4-overrides'] ?? {};
  return {
    ...resolveOverrides(overrides, [...shim, 'dhcp4-overrides']),
    identifier: said['dhcp-identifier'] ?? 'mac',
    // netplan's defaults, on every system: networkd alone would ignore the MTU, and each of the
    // three has a metric of its own. An MTU that is said is not the server's to change.
    useMtu: !mtuIsSaid && (overrides['use-mtu'] ?? true),
    useRoutes: overrides['use-routes'] ?? true,
    routeMetric: overrides['route-metric'] ?? 100,
  };
}

function resolveDhcp6(said: ShimIntent, shim: Path): Dhcp6 {
  return resolveOverrides(said['dhcp6-overrides'] ?? {}, [...shim, 'dhcp6-overrides']);
}

function resolveOverrides(
  said: NonNullable<ShimIntent['dhcp6-overrides']>,
  origin: Path,
): DhcpOverrides {
  return {
    ...(said['use-dns'] !== undefined && { useDns: said['use-dns'] }),
    ...(said['use-domains'] !== undefined && { useDomains: said['use-domains'] }),
    ...(said['use-ntp'] !== undefined && { useNtp: said['use-ntp'] }),
    ...(said['use-hostname'] !== undefined && { useHostname: said['use-hostname'] }),
    ...(said['send-hostname'] !== undefined && { sendHostname: said['send-hostname'] }),
    ...(said.hostname !== undefined && { hostname: said.hostname }),
    origin,
  };
}
