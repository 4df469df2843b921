/** `--keep-parent`: the link keeps its configuration, and a shim with an address of its own is beside it. */
import { type Finding, finding } from '../diagnostics/finding.ts';
import type { Adoption } from './adopt.ts';
import type { Judged } from './containers/judge.ts';
import { routesTo } from './containers/spans.ts';
import type { FoundLink, Origin } from './found.ts';
import { type Branch, below, branch, put, scalar } from './tree.ts';

export interface Beside {
  readonly host: { readonly name: string; readonly origin: Origin };
  /** The link that keeps its configuration. */
  readonly link: FoundLink;
  readonly backend?: string;
  readonly target?: Adoption['target'];
  readonly shim: string;
  /** As given by the caller; `ranges` may be empty where containers have some. */
  readonly addresses: readonly string[];
  readonly ranges: readonly string[];
  readonly containers: Judged;
}

/** @returns no intent where the address or the networks of guests and containers are unknown */
export function keepParent(beside: Beside): Pick<Adoption, 'intent' | 'findings'> {
  const { link, addresses, ranges, containers } = beside;
  const routes = [
    ...ranges.map((to) => ({ to, origin: {} })),
    ...(ranges.length > 0 ? [] : routesTo(containers.spans, addresses)),
  ];
  const missing = [
    ...(addresses.length === 0 ? [addressMissing(link, containers.reserved)] : []),
    ...(addresses.length > 0 && routes.length === 0 ? [rangeMissing(link)] : []),
  ];
  const findings = [...missing, ...unreached(beside), ...containers.findings];
  return missing.length > 0 ? { findings } : { findings, intent: intentOf(beside, routes) };
}

function intentOf(
  { host, link, backend, target, shim, addresses, containers: { device } }: Beside,
  routes: readonly { readonly to: string; readonly origin: Origin }[],
): Branch {
  const intent = branch();
  intent.pairs.set('version', scalar(1));
  intent.pairs.set('host', scalar(host.name, host.origin));
  if (backend !== undefined) intent.pairs.set('backend', scalar(backend));
  if (target) intent.pairs.set('target', scalar(target.name, target.origin));
  const parent = below(below(intent, 'parents'), link.name);
  if (/^(?:vlan|bond|bridge)$/.test(link.kind)) parent.pairs.set('type', scalar(link.kind));
  parent.pairs.set('managed', scalar(false, link.origin));
  const file = /\/([^/]+\.network)$/.exec(link.origin.path ?? '')?.[1];
  if (backend === 'networkd' && file !== undefined) parent.pairs.set('network-file', scalar(file));
  const own = below(below(intent, 'shims'), shim);
  own.pairs.set('parent', scalar(link.name));
  if (device) {
    own.pairs.set('kind', scalar(device.kind, device.origin));
    if (device.mode !== 'l2') own.pairs.set('mode', scalar(device.mode, device.origin));
  }
  for (const value of addresses) put(own, { key: 'addresses', value, isItem: true, origin: {} });
  for (const { to, origin } of routes)
    put(own, { key: 'routes', value: { to, scope: 'link' }, isItem: true, origin });
  return intent;
}

/** Networks of a family for which the shim has no address. */
function unreached({ link, addresses, ranges, containers, shim }: Beside): Finding[] {
  if (ranges.length > 0 || addresses.length === 0) return [];
  const all = routesTo(containers.spans, ['0.0.0.0', '::']);
  const own = new Set(routesTo(containers.spans, addresses).map(({ to }) => to));
  return all
    .filter(({ to }) => !own.has(to))
    .map(({ to, origin }) => {
      const family = to.includes(':') ? 'IPv6' : 'IPv4';
      return finding(
        'containers-not-reached',
        origin.path ?? '/',
        `${to} on \`${link.name}\` is not reached: \`${shim}\` has no ${family} address.`,
        {
          hint: `Add \`--address\` with an ${family} address.`,
          ...(origin.line !== undefined && { line: origin.line }),
        },
      );
    });
}

/** No file shows which addresses of a LAN are free. */
function addressMissing({ name, origin }: FoundLink, reserved: readonly string[]): Finding {
  const [first] = reserved;
  const keeps =
    first === undefined ? '' : ` Reserved, and given to no container: ${reserved.join(', ')}.`;
  return finding(
    'shim-address-missing',
    origin.path ?? '/',
    `\`${name}\` keeps its address, and the shim beside it needs one of its own.${keeps}`,
    origin.line === undefined ? {} : { line: origin.line },
  );
}

const rangeMissing = ({ name, origin }: FoundLink): Finding =>
  finding(
    'guest-range-missing',
    origin.path ?? '/',
    `No network of guests or containers on \`${name}\` is known for the shim to reach.`,
    origin.line === undefined ? {} : { line: origin.line },
  );
