/** Routes and rules: `ip -N -j -d route show table all`, `ip -N -j -d rule`, of one family each. */
import { bitsOf, type Ip, parseCidr, parseIp } from '../model/ip.ts';
import type { Family } from '../model/types.ts';
import { type Fields, numberOf, objectsIn, readObjects, textOf } from './json.ts';
import type { KernelRoute, KernelRule } from './types.ts';

/** The kernel's own table of addresses and broadcasts (RT_TABLE_LOCAL). */
const LOCAL = 255;
export const MAIN = 254;

/** rtnetlink(7), rtm_type. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['1', 'unicast'],
  ['6', 'blackhole'],
  ['7', 'unreachable'],
  ['8', 'prohibit'],
  ['9', 'throw'],
]);

/** Undefined where the text is not what `ip` prints. */
export function readRoutes(family: Family, text: string): KernelRoute[] | undefined {
  return readObjects(text)?.flatMap((fields) => routesOf(family, fields));
}

/** One for each next hop. */
function routesOf(family: Family, fields: Fields): KernelRoute[] {
  const type = textOf(fields, 'type') ?? '1';
  const table = numberOf(fields, 'table') ?? MAIN;
  const hops = objectsIn(fields['nexthops']);
  const from = parseIp(textOf(fields, 'prefsrc') ?? '')?.text;
  const preference = textOf(fields, 'pref');
  if (table === LOCAL) return [];
  return (hops.length > 0 ? hops : [fields]).flatMap((hop): KernelRoute[] => {
    const via = gatewayOf(hop);
    const link = textOf(hop, 'dev');
    const to = networkOf(family, textOf(fields, 'dst') ?? '');
    if (to === undefined) return [];
    return [
      {
        family,
        type: TYPES.get(type) ?? type,
        to,
        ...(via && { via: via.text }),
        ...(link !== undefined && { link }),
        metric: numberOf(fields, 'metric') ?? 0,
        table,
        ...((preference === 'low' || preference === 'high') && { preference }),
        protocol: numberOf(fields, 'protocol') ?? 0,
        ...(from !== undefined && { from }),
      },
    ];
  });
}

/** A gateway of the other family is an object of its own (RFC 5549: `via inet6 fe80::1`). */
function gatewayOf(hop: Fields): Ip | undefined {
  const via = hop['via'];
  const [other] = objectsIn([via]);
  return parseIp(textOf(hop, 'gateway') ?? (other ? (textOf(other, 'host') ?? '') : ''));
}

function networkOf(family: Family, text: string): string | undefined {
  if (text === 'default') return DEFAULT[family];
  const network = parseCidr(text);
  const ip = network?.ip ?? parseIp(text);
  return ip && `${ip.text}/${network?.prefix ?? bitsOf(ip)}`;
}

const DEFAULT: Readonly<Record<Family, string>> = { ipv4: '0.0.0.0/0', ipv6: '::/0' };

/** What a rule is known by, beside what its selectors are. */
const KNOWN: ReadonlySet<string> = new Set([
  ...['priority', 'src', 'srclen', 'dst', 'dstlen', 'table', 'tos', 'fwmark', 'protocol'],
  // The interface, and whether there is none of this name now.
  ...['iif', 'oif', 'iif_detached', 'oif_detached'],
]);

/** Undefined where the text is not what `ip` prints. */
export function readRules(family: Family, text: string): KernelRule[] | undefined {
  return readObjects(text)?.flatMap((fields): KernelRule[] => {
    const priority = numberOf(fields, 'priority');
    if (priority === undefined) return [];
    const from = selectorOf(fields, 'src');
    const to = selectorOf(fields, 'dst');
    const table = numberOf(fields, 'table');
    const [iif, oif] = [textOf(fields, 'iif'), textOf(fields, 'oif')];
    return [
      {
        family,
        priority,
        ...(from !== undefined && { from }),
        ...(to !== undefined && { to }),
        ...(table !== undefined && { table }),
        ...(iif !== undefined && { iif }),
        ...(oif !== undefined && { oif }),
        typeOfService: numberOf(fields, 'tos') ?? 0,
        mark: numberOf(fields, 'fwmark') ?? 0,
        protocol: numberOf(fields, 'protocol') ?? 0,
        others: Object.keys(fields)
          .filter((key) => !KNOWN.has(key))
          .sort(),
      },
    ];
  });
}

/** `all` is everything; a length is shown where it is not a single address's. */
function selectorOf(fields: Fields, key: string): string | undefined {
  const ip = parseIp(textOf(fields, key) ?? 'all');
  return ip && `${ip.text}/${numberOf(fields, `${key}len`) ?? bitsOf(ip)}`;
}
