/** Routes and policy rules of an intent → the model's. */
import {
  type Diagnostic,
  type DiagnosticCode,
  diagnostic,
  type Path,
} from '../../diagnostics/diagnostic.ts';
import { NAME, type RouteIntent, type RuleIntent } from '../../intent/schema.ts';
import {
  cidrSpelling,
  hostBitsAre,
  type Ip,
  type Network,
  networkOf,
  networkText,
  parseIp,
  parseNetwork,
  withoutPrefix,
} from '../ip.ts';
import { type Family, KERNEL_METRIC, type PolicyRule, type Route } from '../types.ts';
import { fixTo, NOT_UNICAST } from './addresses.ts';

type Report = (diagnostic: Diagnostic) => void;

/** The first fault of a route, at one of its keys. */
interface Fault {
  readonly code: DiagnosticCode;
  readonly key: string;
  readonly message: string;
  /** What the value is in the spelling that is expected. */
  readonly spelling?: string | undefined;
}

/** Ranges that no gateway is in; a link-local address may be one's. */
const NO_GATEWAY: ReadonlySet<string> = new Set(
  [...NOT_UNICAST].filter((range) => range !== 'linkLocal'),
);

/** The addresses of a route; what is malformed is absent. */
interface RouteParts {
  readonly via?: Ip | undefined;
  readonly from?: Ip | undefined;
  readonly to?: Network | undefined;
}

/** @returns the route, or nothing where it is faulty, which is reported */
export function resolveRoute(given: RouteIntent, origin: Path, report: Report): Route[] {
  const via = given.via === undefined ? undefined : parseIp(given.via);
  const from = given.from === undefined ? undefined : parseIp(given.from);
  const everywhere = (via ?? from)?.family === 'ipv6' ? '::/0' : '0.0.0.0/0';
  const to = parseNetwork(given.to === 'default' ? everywhere : given.to);
  const parts: RouteParts = { via, from, to };
  const fault = malformedIn(given, parts) ?? mismatchIn(given, parts);
  if (fault || !to) {
    if (fault) {
      const { code, key, message, spelling } = fault;
      report(diagnostic(code, [...origin, key], message, fixTo(spelling)));
    }
    return [];
  }
  return [
    {
      family: to.ip.family,
      to: networkText(to),
      network: to,
      isDefault: to.prefix === 0,
      ...(via && { via: via.text, gateway: via }),
      ...(from && { from: from.text }),
      onLink: given['on-link'] ?? false,
      metric: given.metric || KERNEL_METRIC[to.ip.family],
      ...(given.table !== undefined && { table: given.table }),
      origin,
    },
  ];
}

function malformedIn(given: RouteIntent, { via, from, to }: RouteParts): Fault | undefined {
  if (given.via !== undefined && (!via || NO_GATEWAY.has(via.range))) {
    const message = `\`${given.via}\` is not an address of a gateway.`;
    const spelling = via ? undefined : withoutPrefix(given.via);
    return { code: 'gateway-malformed', key: 'via', message, spelling };
  }
  if (given.from !== undefined && (!from || NOT_UNICAST.has(from.range))) {
    const message = `\`${given.from}\` is not an IP address of a host.`;
    const spelling = from ? undefined : withoutPrefix(given.from);
    return { code: 'address-malformed', key: 'from', message, spelling };
  }
  if (!to || to.ip.range === 'loopback') {
    const message = `\`${given.to}\` is neither a network nor \`default\`.`;
    const spelling = to ? undefined : (defaultSpelling(given.to) ?? networkSpelling(given.to));
    return { code: 'route-malformed', key: 'to', message, spelling };
  }
  if (hostBitsAre(to, 0)) return undefined;
  const message = `\`${given.to}\` has bits set beyond its prefix length.`;
  return { code: 'route-host-bits', key: 'to', message, spelling: baseOf(to) };
}

/** A network by its own address. */
const baseOf = (network: Network): string | undefined => {
  const base = networkOf(network);
  return base && networkText(base);
};

/** A network in the form that an intent has for it, by its own address. */
function networkSpelling(text: string): string | undefined {
  const spelling = cidrSpelling(text);
  const network = spelling === undefined ? undefined : parseNetwork(spelling);
  return network && baseOf(network);
}

const defaultSpelling = (text: string): string | undefined =>
  text.toLowerCase() === 'default' ? 'default' : undefined;

/** What the keys of a route need of each other. */
function mismatchIn(given: RouteIntent, { via, from, to }: RouteParts): Fault | undefined {
  if ([via, from].some((ip) => ip && ip.family !== to?.ip.family)) {
    return { code: 'route-family', key: 'to', message: 'The route mixes IPv4 and IPv6.' };
  }
  if (given.scope === 'link' && (via || given['on-link'])) {
    const message = 'A route of scope `link` has no gateway.';
    return { code: 'route-scope', key: 'scope', message };
  }
  if (via || given.scope === 'link') return undefined;
  const message = 'The route has neither `via` nor `scope: link`.';
  return { code: 'route-without-gateway', key: 'to', message };
}

/** The default priority of a rule: just before that of the main table (32766). */
const PRIORITY = 32765;

/**
 * @param families those of the link: a rule by an interface alone counts for each
 * @returns the rule, or nothing where it is faulty, which is reported
 */
export function resolveRule(
  given: RuleIntent,
  origin: Path,
  report: Report,
  families: readonly Family[],
): PolicyRule[] {
  const [from, to] = (['from', 'to'] as const).map((key) =>
    endOf(given[key], [...origin, key], report),
  );
  const names = [given.iif, given.oif];
  if (from === 'faulty' || to === 'faulty' || !areNames(given, origin, report)) return [];
  const own = (from ?? to)?.ip.family;
  const hasName = names.some((name) => name !== undefined);
  const applies = own === undefined ? (hasName ? families : []) : [own];
  if (applies.length === 0) {
    const message = hasName
      ? 'The rule has neither `from` nor `to`, and the link has no address: its family is unknown.'
      : 'The rule has none of `from`, `to`, `iif` and `oif`.';
    report(diagnostic('rule-malformed', origin, message));
    return [];
  }
  if (from && to && from.ip.family !== to.ip.family) {
    report(diagnostic('route-family', [...origin, 'to'], 'The rule mixes IPv4 and IPv6.'));
    return [];
  }
  const typeOfService = given['type-of-service'];
  const narrow = applies.find(
    (family) => typeOfService !== undefined && !isTypeOfService(typeOfService, family),
  );
  if (narrow) {
    const hint = `Write a multiple of 4, up to ${narrow === 'ipv4' ? 28 : 252}.`;
    const message = `The kernel refuses the type of service \`${typeOfService}\`.`;
    report(diagnostic('wrong-value', [...origin, 'type-of-service'], message, { hint }));
    return [];
  }
  return applies.map((family) => ({
    family,
    ...(from && { from: networkText(from), source: from }),
    ...(to && { to: networkText(to) }),
    ...(given.iif !== undefined && { iif: given.iif }),
    ...(given.oif !== undefined && { oif: given.oif }),
    table: given.table,
    priority: given.priority ?? PRIORITY,
    ...(typeOfService !== undefined && { typeOfService }),
    ...(given.mark !== undefined && { mark: given.mark }),
    origin,
  }));
}

/** Bytes of an interface's name (IFNAMSIZ, with the zero at its end). */
const LONGEST_NAME = 15;

/** The interfaces of a rule need not exist: the rule counts once they do (ip-rule(8)). */
function areNames(given: RuleIntent, origin: Path, report: Report): boolean {
  const wrong = (['iif', 'oif'] as const).filter((key) => {
    const name = given[key];
    return name !== undefined && (!NAME.test(name) || name.length > LONGEST_NAME);
  });
  for (const key of wrong) {
    const message = `${JSON.stringify((given[key] ?? '').slice(0, 40))} is not a valid name of an interface.`;
    report(diagnostic('name-malformed', [...origin, key], message));
  }
  return wrong.length === 0;
}

/** The network that packets of a rule come from or go to. */
function endOf(
  text: string | undefined,
  origin: Path,
  report: Report,
): Network | undefined | 'faulty' {
  if (text === undefined) return undefined;
  const network = parseNetwork(text);
  if (network && hostBitsAre(network, 0)) return network;
  report(
    network
      ? diagnostic(
          'route-host-bits',
          origin,
          `\`${text}\` has bits set beyond its prefix length.`,
          fixTo(baseOf(network)),
        )
      : diagnostic(
          'rule-malformed',
          origin,
          `\`${text}\` is not a network.`,
          fixTo(networkSpelling(text)),
        ),
  );
  return 'faulty';
}

/**
 * The two lowest bits are not part of it, and IPv4 knows three more (ip-rule(8),
 * net/ipv4/fib_rules.c): a rule that the kernel refuses would fail the whole link.
 */
const isTypeOfService = (value: number, family: Family): boolean =>
  value % 4 === 0 && (family === 'ipv6' || value <= 28);
