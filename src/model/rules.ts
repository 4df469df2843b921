/**
 * What must hold of an intent as a whole, whichever system it is for. One function a subject;
 * each sees the intent (what was said) and the model (what follows), and does not judge what
 * hangs on something already found wrong.
 */
import { type Diagnostic, diagnostic, isDamaged, type Path } from '../diagnostics.ts';
import { type Intent, NAME } from '../intent/schema.ts';
import { contains, type Network, overlap, parseCidr, parseIp } from './ip.ts';
import type { Address, Family, Model, Parent, Route, Shim } from './types.ts';

/** @param found what is known to be wrong so far; `report` adds to it */
export function checkRules(
  intent: Intent,
  model: Model,
  found: readonly Diagnostic[],
  report: (diagnostic: Diagnostic) => void,
): void {
  const context: Context = { intent, model, damaged: (path) => isDamaged(found, path), report };
  checkHost(context);
  checkNames(context);
  for (const parent of model.parents) checkParent(context, parent);
  for (const shim of model.shims) checkShim(context, shim);
  checkMacs(context);
  checkSubnets(context);
  checkDuplicateRoutes(context);
}

interface Context {
  readonly intent: Intent;
  readonly model: Model;
  readonly damaged: (path: Path) => boolean;
  readonly report: (diagnostic: Diagnostic) => void;
}

function checkHost({ intent, model, damaged, report }: Context): void {
  if (model.shims.length === 0 && !damaged(['shims'])) {
    report(diagnostic('no-shims', ['shims'], 'The intent has no shim.'));
  }
  if (intent.host !== undefined || damaged(['host'])) return;
  const shim = model.shims.find(
    (s) => s.macDerived && s.mode !== 'passthru' && !damaged([...s.origin, 'macaddress']),
  );
  if (shim) {
    report(
      diagnostic(
        'host-missing',
        shim.origin,
        `\`${shim.name}\` has no \`macaddress\`, and there is no \`host\` to derive one from.`,
        { at: 'key' },
      ),
    );
  }
}

/** Names that the kernel, systemd or sysctl use for something else. */
const RESERVED: ReadonlySet<string> = new Set(['lo', 'all', 'default']);

function checkNames({ intent, model, damaged, report }: Context): void {
  const check = (name: string, path: Path, at: 'key' | 'value', isInterface: boolean): void => {
    if (damaged(path) && name === '') return;
    const shown = JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name);
    if (!NAME.test(name) || RESERVED.has(name)) {
      report(
        diagnostic('name-malformed', path, `${shown} cannot be the name of an interface.`, { at }),
      );
    } else if (name.length > (isInterface ? 15 : 64)) {
      const message = isInterface
        ? `${shown} is ${name.length} bytes long; the kernel takes 15.`
        : `${shown} is ${name.length} bytes long; an id has 64 at most.`;
      const hint = isInterface ? undefined : 'Shorten it to 64 bytes.';
      report(diagnostic('name-too-long', path, message, { at, ...(hint && { hint }) }));
    }
  };
  const owners = new Map<string, string>();
  const claim = (name: string, what: string, path: Path, at: 'key' | 'value'): void => {
    const owner = owners.get(name);
    if (owner !== undefined && owner !== what) {
      report(diagnostic('name-taken', path, `\`${name}\` is also ${owner}.`, { at }));
    } else owners.set(name, what);
  };
  for (const parent of model.parents) {
    const said = intent.parents?.get(parent.id);
    if (said) {
      check(parent.id, parent.origin, 'key', said['set-name'] === undefined);
      claim(parent.id, `the parent \`${parent.id}\``, parent.origin, 'key');
      if (said['set-name'] !== undefined) {
        const path = [...parent.origin, 'set-name'];
        check(said['set-name'], path, 'value', true);
        claim(said['set-name'], `the parent \`${parent.id}\``, path, 'value');
      }
    } else {
      check(parent.id, parent.origin, 'value', true);
      // A shim as parent, or on itself, has a diagnostic of its own.
      if (!intent.shims?.has(parent.id)) {
        claim(parent.id, `the parent \`${parent.id}\``, parent.origin, 'value');
      }
    }
  }
  for (const shim of model.shims) {
    check(shim.name, shim.origin, 'key', true);
    claim(shim.name, `the shim \`${shim.name}\``, shim.origin, 'key');
    if (/^macv(?:tap|lan)[0-9]+$/.test(shim.name)) {
      const message = `libvirt names its own devices as \`${shim.name}\` is.`;
      report(diagnostic('name-of-libvirt', shim.origin, message, { at: 'key' }));
    }
  }
}

function checkParent({ intent, damaged, report }: Context, parent: Parent): void {
  const said = intent.parents?.get(parent.id);
  if (said) {
    if (said.match && said['set-name'] === undefined) {
      const message = `\`${parent.id}\` is matched by its MAC, but has no \`set-name\`.`;
      report(diagnostic('match-without-set-name', [...parent.origin, 'match'], message));
    }
    if (said['set-name'] !== undefined && !said.match && !damaged([...parent.origin, 'match'])) {
      const message = `\`set-name\` needs a \`match\` that says which NIC is meant.`;
      report(diagnostic('set-name-without-match', [...parent.origin, 'set-name'], message));
    }
    if (parent.shims.length === 0 && !damaged(['shims'])) {
      const message = `No shim stands on \`${parent.id}\`.`;
      report(diagnostic('parent-unused', parent.origin, message, { at: 'key' }));
    }
    for (const [index, address] of (said.addresses ?? []).entries()) {
      const path = [...parent.origin, 'addresses', index];
      report(diagnostic('parent-has-address', path, `\`${parent.id}\` would keep \`${address}\`.`));
    }
  }
  if (/^wl/.test(parent.name)) {
    const message = `\`${parent.name}\` looks like a Wi-Fi interface.`;
    report(
      diagnostic('wifi-parent', said ? parent.origin : parent.origin, message, {
        at: said ? 'key' : 'value',
      }),
    );
  }
}

function checkShim(context: Context, shim: Shim): void {
  checkStanding(context, shim);
  checkMtu(context, shim);
  checkDynamic(context, shim);
  checkReach(context, shim);
}

/** What the shim stands on, and how. */
function checkStanding({ intent, model, report }: Context, shim: Shim): void {
  const at = [...shim.origin, 'parent'];
  if (shim.parent.name === shim.name) {
    report(diagnostic('shim-on-itself', at, `\`${shim.name}\` is its own parent.`));
  } else if (intent.shims?.has(shim.parent.name)) {
    report(diagnostic('shim-on-shim', at, `\`${shim.parent.name}\` is a shim itself.`));
  }
  if (shim.mode === 'bridge') return;
  const mode = [...shim.origin, 'mode'];
  const message = `In mode \`${shim.mode}\`, host and guests on \`${shim.parent.name}\` do not reach each other.`;
  report(diagnostic('mode-not-bridge', mode, message));
  if (shim.mode !== 'passthru') return;
  const others = model.shims.filter((s) => s !== shim && s.parent.id === shim.parent.id);
  if (others.length > 0 && shim.parent.name !== '') {
    const message = `\`${shim.parent.name}\` carries ${others.map((s) => `\`${s.name}\``).join(', ')} too.`;
    report(diagnostic('passthru-not-alone', mode, message));
  }
  if (!shim.macDerived) {
    const message = `In passthru mode, \`${shim.name}\` has the MAC of \`${shim.parent.name}\`.`;
    report(diagnostic('passthru-macaddress', [...shim.origin, 'macaddress'], message));
  }
}

function checkMtu({ intent, damaged, report }: Context, shim: Shim): void {
  const own = intent.shims?.get(shim.name)?.mtu;
  const path = own === undefined ? [...shim.parent.origin, 'mtu'] : [...shim.origin, 'mtu'];
  const limit = shim.parent.mtu ?? 1500;
  const parentKnown = !damaged([...shim.parent.origin, 'mtu']) && shim.parent.name !== '';
  if (own !== undefined && own > limit && parentKnown) {
    const message = `${own} is above the MTU of \`${shim.parent.name}\`, which is ${limit}.`;
    report(diagnostic('mtu-above-parent', path, message));
  }
  if (shim.mtu !== undefined && shim.mtu < 1280 && hasIpv6(shim)) {
    const message = `\`${shim.name}\` has IPv6, which an MTU of ${shim.mtu} cannot carry.`;
    report(diagnostic('mtu-too-small-for-ipv6', path, message));
  }
}

const hasIpv6 = ({ families, linkLocal }: Shim): boolean =>
  families.includes('ipv6') || linkLocal.includes('ipv6');

function checkDynamic({ intent, damaged, report }: Context, shim: Shim): void {
  const said = intent.shims?.get(shim.name);
  const unused = (key: string, needs: string): void =>
    report(
      diagnostic(
        'setting-unused',
        [...shim.origin, key],
        `\`${key}\` has no effect without ${needs}.`,
        { at: 'key' },
      ),
    );
  if (!shim.dhcp4 && !damaged([...shim.origin, 'dhcp4'])) {
    if (said?.['dhcp-identifier'] !== undefined) unused('dhcp-identifier', '`dhcp4: true`');
    if (said?.['dhcp4-overrides']) unused('dhcp4-overrides', '`dhcp4: true`');
  }
  if (!shim.dhcp6 && said?.['dhcp6-overrides'] && !damaged([...shim.origin, 'dhcp6'])) {
    unused('dhcp6-overrides', '`dhcp6: true`');
  }
  const isNew = shim.macDerived && shim.macaddress !== undefined;
  if ((shim.dhcp4 || shim.dhcp6) && isNew && !damaged([...shim.origin, 'macaddress'])) {
    const key = shim.dhcp4 ? 'dhcp4' : 'dhcp6';
    // Without a host there is no MAC to name yet.
    const mac = intent.host === undefined ? 'a derived MAC' : shim.macaddress;
    const message = `The DHCP server will see ${mac}, not the MAC of \`${shim.parent.name}\`.`;
    report(diagnostic('dhcp-new-mac', [...shim.origin, key], message));
  }
  const byRouter = shim.dhcp6 !== undefined || shim.acceptRa;
  if (byRouter && !shim.linkLocal.includes('ipv6')) {
    const message = 'Without an IPv6 link-local address there is no DHCPv6 and no advertisement.';
    report(diagnostic('link-local-needed', [...shim.origin, 'link-local'], message));
  }
  if (shim.ignoreCarrier && (shim.dhcp4 || byRouter)) {
    const message = 'What comes by DHCP or advertisement does not come without a carrier.';
    report(diagnostic('ignore-carrier-dynamic', [...shim.origin, 'ignore-carrier'], message));
  } else if (shim.ignoreCarrier && hasIpv6(shim)) {
    const message = `\`${shim.name}\` has IPv6, whose addresses are not ready without a carrier.`;
    report(diagnostic('ignore-carrier-ipv6', [...shim.origin, 'ignore-carrier'], message));
  }
  const hopes = ['addresses', 'dhcp4', 'dhcp6', 'accept-ra', 'link-local'];
  if (
    shim.families.length === 0 &&
    shim.linkLocal.length === 0 &&
    !hopes.some((key) => damaged([...shim.origin, key]))
  ) {
    const message = `\`${shim.name}\` has no address.`;
    report(diagnostic('shim-without-address', shim.origin, message, { at: 'key' }));
  }
}

/** Routes and name servers against the addresses of their shim. */
function checkReach({ damaged, report }: Context, shim: Shim): void {
  // What is known of a family's addresses is incomplete where one is faulty.
  if (['addresses', 'dhcp4', 'dhcp6', 'accept-ra'].some((key) => damaged([...shim.origin, key]))) {
    return;
  }
  const isDynamic = (family: Family): boolean =>
    family === 'ipv4' ? shim.dhcp4 !== undefined : shim.dhcp6 !== undefined || shim.acceptRa;
  const ofFamily = (family: Family): Address[] => shim.addresses.filter((a) => a.family === family);
  for (const nameserver of shim.nameservers) {
    if (!shim.families.includes(nameserver.family)) {
      const message = `\`${shim.name}\` has no ${label(nameserver.family)} address to reach \`${nameserver.address}\` from.`;
      report(diagnostic('nameserver-unreachable', nameserver.origin, message));
    }
  }
  for (const route of shim.routes) {
    const own = ofFamily(route.family);
    if (!shim.families.includes(route.family)) {
      const message = `\`${shim.name}\` has no ${label(route.family)} address.`;
      report(diagnostic('route-without-address', [...route.origin, 'to'], message));
      continue;
    }
    if (route.via !== undefined && own.some((a) => a.address === route.via)) {
      const message = `\`${route.via}\` is the address of \`${shim.name}\` itself.`;
      report(diagnostic('gateway-is-self', [...route.origin, 'via'], message));
    } else if (
      route.via !== undefined &&
      !route.onLink &&
      !isDynamic(route.family) &&
      !own.some((a) => reaches(a, route.via ?? ''))
    ) {
      const subnets = own.map((a) => `\`${a.address}/${a.prefix}\``).join(', ');
      const message = `\`${route.via}\` is in no subnet of \`${shim.name}\` (${subnets}).`;
      report(diagnostic('gateway-unreachable', [...route.origin, 'via'], message));
    }
    if (
      route.from !== undefined &&
      !isDynamic(route.family) &&
      !own.some((a) => a.address === route.from)
    ) {
      const message = `\`${route.from}\` is no address of \`${shim.name}\`.`;
      report(diagnostic('route-from-unknown', [...route.origin, 'from'], message));
    }
  }
}

const label = (family: Family): string => (family === 'ipv4' ? 'IPv4' : 'IPv6');

/** Whether a gateway is a neighbour: in the subnet, or link-local. */
function reaches(address: Address, via: string): boolean {
  const gateway = parseIp(via);
  return (
    gateway !== undefined &&
    (gateway.range === 'linkLocal' || contains(networkOf(address), gateway))
  );
}

function networkOf({ address, prefix }: Address): Network {
  const network = parseCidr(`${address}/${prefix}`);
  if (!network) throw new Error(`not canonical: ${address}/${prefix}`);
  return network;
}

function checkMacs({ intent, model, damaged, report }: Context): void {
  const owners = new Map<string, string>();
  const check = (mac: string, path: Path): void => {
    if (Number.parseInt(mac.slice(0, 2), 16) & 1) {
      report(diagnostic('mac-multicast', path, `\`${mac}\` is a group address.`));
    } else if (mac === '00:00:00:00:00:00') {
      report(diagnostic('mac-malformed', path, `\`${mac}\` is no address of an interface.`));
    }
  };
  const claim = (mac: string, owner: string, path: Path): void => {
    const other = owners.get(mac);
    if (other !== undefined) {
      report(diagnostic('mac-taken', path, `\`${mac}\` is also the MAC of \`${other}\`.`));
    } else owners.set(mac, owner);
  };
  const permanent = new Map<string, string>();
  for (const { id, name, permanentMac, macaddress, origin } of model.parents) {
    const matchPath = [...origin, 'match', 'macaddress'];
    if (permanentMac !== undefined) {
      check(permanentMac, matchPath);
      const other = permanent.get(permanentMac);
      if (other !== undefined) {
        report(
          diagnostic('mac-taken', matchPath, `\`${permanentMac}\` also matches \`${other}\`.`),
        );
      } else permanent.set(permanentMac, id);
    }
    if (macaddress !== undefined) check(macaddress, [...origin, 'macaddress']);
    // The permanent MAC is free for a shim once the parent has been given another.
    const effective = macaddress ?? (damaged([...origin, 'macaddress']) ? undefined : permanentMac);
    if (effective !== undefined && effective !== permanentMac) {
      claim(effective, name, [...origin, 'macaddress']);
    } else if (effective !== undefined && permanent.get(effective) === id) {
      owners.set(effective, name);
    }
  }
  for (const shim of model.shims) {
    if (shim.macaddress === undefined || damaged([...shim.origin, 'macaddress'])) continue;
    if (intent.host === undefined && shim.macDerived) continue;
    const path = shim.macDerived ? shim.origin : [...shim.origin, 'macaddress'];
    if (!shim.macDerived) check(shim.macaddress, path);
    claim(shim.macaddress, shim.name, path);
  }
}

function checkSubnets({ intent, model, report }: Context): void {
  const taken = new Map<string, string>();
  const seen: { shim: Shim; address: Address }[] = [];
  for (const shim of model.shims) {
    for (const address of shim.addresses) {
      const owner = taken.get(address.address);
      if (owner !== undefined) {
        const message = `\`${address.address}\` is also an address of \`${owner}\`.`;
        report(diagnostic('address-taken', address.origin, message));
        continue;
      }
      taken.set(address.address, shim.name);
      const other = seen.find(
        (s) => s.shim !== shim && overlap(networkOf(s.address), networkOf(address)),
      );
      if (other) {
        const message = `The subnet overlaps with that of \`${other.shim.name}\` (\`${other.address.address}/${other.address.prefix}\`).`;
        report(diagnostic('shim-overlap', address.origin, message));
      }
      seen.push({ shim, address });
    }
  }
  for (const [id, parent] of intent.parents ?? []) {
    for (const [index, text] of (parent.addresses ?? []).entries()) {
      const network = parseCidr(text);
      const other = network && seen.find((s) => overlap(network, networkOf(s.address)));
      if (!other) continue;
      const message = `The subnet overlaps with that of \`${other.shim.name}\` (\`${other.address.address}/${other.address.prefix}\`).`;
      report(diagnostic('subnet-overlap', ['parents', id, 'addresses', index], message));
    }
  }
}

/** The kernel tells routes apart by destination, metric and table (`ip-route(8)`). */
function checkDuplicateRoutes({ model, report }: Context): void {
  const seen = new Map<string, Shim>();
  for (const shim of model.shims) {
    for (const route of shim.routes) {
      const key = `${route.to} ${metricOf(route)} ${route.table ?? 254}`;
      const other = seen.get(key);
      if (other) {
        const what = route.isDefault
          ? `default route for ${label(route.family)}`
          : `route to \`${route.to}\``;
        const where = other === shim ? 'here' : `on \`${other.name}\``;
        const metric =
          route.metric === undefined ? 'without a metric' : `with metric ${route.metric}`;
        const message = `There is another ${what} ${metric} ${where}.`;
        report(diagnostic('duplicate-route', [...route.origin, 'to'], message));
      } else seen.set(key, shim);
    }
  }
}

/** What the kernel takes a route to have that is given no metric: 0 in IPv4, 1024 in IPv6. */
const metricOf = ({ family, metric = 0 }: Route): number =>
  family === 'ipv6' && metric === 0 ? 1024 : metric;
