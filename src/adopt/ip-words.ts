/** Commands of ip-route(8), ip-rule(8) and route(8) in files of a host → routes and rules. */
import { add, type FoundLink, type Origin, type Scalar } from './found.ts';
import { tableOf } from './table-names.ts';
import { destinationOf, ipOf, prefixOf, wholeOf } from './values.ts';

/** Words whose value the intent does not have, and which change nothing where it is the default. */
const PAIRS = new Set(['dev', 'via', 'metric', 'table', 'src', 'scope', 'proto', 'gw', 'netmask']);

/**
 * The words after `ip route add`: `198.51.100.0/24 via 192.0.2.254 dev eth0 metric 100`.
 * @returns whether the intent has all of it
 */
export function readIpRoute(link: FoundLink, words: readonly string[], at: Origin): boolean {
  const [first = '', ...rest] = words;
  const to = destinationOf(first);
  const found = new Map<string, string>();
  let onLink = false;
  for (let index = 0; index < rest.length; index++) {
    const word = rest[index] ?? '';
    if (word === 'onlink') onLink = true;
    else if (PAIRS.has(word) && rest[index + 1] !== undefined) found.set(word, rest[++index] ?? '');
    else return false;
  }
  const device = found.get('dev');
  if (device !== undefined && !isOwn(device, link)) return false;
  return addFound(link, { to, found, onLink }, at);
}

/** `$IFACE` and `--` variables of hooks are the link's own name. */
const isOwn = (device: string, { name }: FoundLink): boolean =>
  device === name || /^["']?\$\{?IFACE\}?["']?$/.test(device);

interface Parts {
  readonly to: string | undefined;
  readonly found: ReadonlyMap<string, string>;
  readonly onLink: boolean;
}

function addFound(link: FoundLink, { to, found, onLink }: Parts, at: Origin): boolean {
  const numberAt = (key: string): number | undefined => wholeOf(found.get(key));
  const gateway = found.get('via');
  const [via, from] = [ipOf(gateway), ipOf(found.get('src'))];
  const table = tableOf(link, found.get('table'));
  const isUnknown =
    to === undefined ||
    (gateway !== undefined && via === undefined) ||
    (found.has('src') && from === undefined) ||
    (found.has('table') && table === undefined) ||
    (found.has('metric') && numberAt('metric') === undefined) ||
    !/^(?:link|global)?$/.test(found.get('scope') ?? '');
  if (isUnknown) return false;
  const metric = numberAt('metric');
  const route: Record<string, Scalar> = {
    to,
    ...(via === undefined ? { scope: 'link' } : { via }),
    ...(from !== undefined && { from }),
    ...(onLink && { 'on-link': true }),
    ...(metric !== undefined && { metric }),
    ...(table !== undefined && table !== 254 && { table }),
  };
  add(link, 'routes', route, at);
  return true;
}

/** The words after `route add`: `-net 198.51.100.0 netmask 255.255.255.0 gw 192.0.2.254` (route(8)). */
export function readOldRoute(link: FoundLink, words: readonly string[], at: Origin): boolean {
  const rest = words.filter((word) => word !== '-net' && word !== '-host');
  const [first = '', ...options] = rest;
  const found = new Map<string, string>();
  for (let index = 0; index + 1 < options.length; index += 2) {
    found.set(options[index] ?? '', options[index + 1] ?? '');
  }
  const mask = found.get('netmask');
  const prefix = mask === undefined ? undefined : prefixOf(mask);
  const to =
    first === 'default'
      ? first
      : destinationOf(prefix === undefined ? first : `${first}/${prefix}`);
  const via = ipOf(found.get('gw'));
  const known = ['netmask', 'gw', 'dev', 'metric'];
  const device = found.get('dev');
  if (to === undefined || via === undefined || options.length % 2 !== 0) return false;
  if ([...found.keys()].some((key) => !known.includes(key))) return false;
  if (device !== undefined && !isOwn(device, link)) return false;
  const metric = wholeOf(found.get('metric'));
  add(link, 'routes', { to, via, ...(metric !== undefined && { metric }) }, at);
  return true;
}
