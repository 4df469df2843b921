/** Keys of a netplan definition → values of the intent: the words are the same, their values are checked. */
import { textOf, type YamlNode, type YamlPair } from '../backends/host/netplan/yaml.ts';
import { add, drop, type FoundLink, leave, type Origin, set } from './found.ts';
import { flowText, itemsIn, pairsIn, shown, spanOf } from './netplan-text.ts';
import { setParameter } from './parameters.ts';
import { readRoute, readRule } from './routes.ts';
import { addressOf, domainOf, entryOf, flagOf, ipOf, macOf, wholeOf } from './values.ts';

type Names = (id: string) => string;

/** Keys without effect on a link: the renderer is chosen for the whole intent. */
const NEUTRAL: ReadonlySet<string> = new Set(['renderer', 'critical']);

const FLAGS: ReadonlySet<string> = new Set([
  ...['dhcp4', 'dhcp6', 'accept-ra', 'optional', 'ignore-carrier', 'wakeonlan', 'ipv6-privacy'],
]);

/** @param at of the key itself */
export function readNetplanKey(
  link: FoundLink,
  key: string,
  value: YamlNode,
  at: Origin,
  names: Names,
): void {
  const place = (node: { readonly line: number }): Origin => ({ ...at, line: node.line });
  const scalar = value.kind === 'scalar' ? value.text : undefined;
  const lost = (): void => leave(link, at, shown(key, value));
  if (NEUTRAL.has(key) && !(key === 'critical' && flagOf(scalar))) return;
  if (FLAGS.has(key)) {
    const flag = flagOf(scalar);
    if (flag === undefined) lost();
    else set(link, key, flag, at);
    // Under both renderers, routers may start the client even so.
    if (key === 'dhcp6' && flag === false) drop(link, key);
    return;
  }
  switch (key) {
    case 'addresses':
      for (const item of itemsIn(value)) readAddress(link, item, place(item));
      return;
    case 'gateway4':
    case 'gateway6': {
      const via = ipOf(scalar);
      if (via === undefined) lost();
      else add(link, 'routes', { to: 'default', via }, at);
      return;
    }
    case 'routes':
      for (const item of itemsIn(value)) readRoute(link, item, spanOf(item, at));
      return;
    case 'routing-policy':
      for (const item of itemsIn(value)) readRule(link, item, spanOf(item, at));
      return;
    case 'nameservers':
      for (const pair of pairsIn(value)) readNameservers(link, pair, at);
      return;
    case 'mtu': {
      const mtu = wholeOf(scalar);
      if (mtu === undefined) lost();
      else set(link, key, mtu, at);
      return;
    }
    case 'macaddress': {
      const mac = macOf(scalar);
      if (mac === undefined) lost();
      else set(link, key, mac, at);
      return;
    }
    case 'match':
      readMatch(link, value, at);
      return;
    case 'set-name':
      if (scalar === undefined) lost();
      else set(link, key, scalar, at);
      return;
    case 'link-local':
      readLinkLocal(link, value, at);
      return;
    case 'dhcp-identifier':
      if (scalar === 'mac' || scalar === 'duid') set(link, key, scalar, at);
      else lost();
      return;
    case 'ipv6-address-generation':
      if (scalar === 'eui64' || scalar === 'stable-privacy') set(link, key, scalar, at);
      else lost();
      return;
    case 'ipv6-address-token': {
      const token = ipOf(scalar);
      if (token === undefined) lost();
      else set(link, key, token, at);
      return;
    }
    case 'ra-overrides':
    case 'dhcp4-overrides':
    case 'dhcp6-overrides':
      for (const pair of pairsIn(value)) readOverride(link, key, pair, { ...at, line: pair.line });
      return;
    case 'id': {
      const id = wholeOf(scalar);
      if (id === undefined) lost();
      else set(link, key, id, at);
      return;
    }
    case 'link':
      link.below = names(scalar ?? '');
      set(link, key, link.below, at);
      return;
    case 'interfaces':
      for (const item of itemsIn(value)) {
        const name = names(item.kind === 'scalar' ? item.text : '');
        link.ports.push(name);
        add(link, key, name, place(item));
      }
      return;
    case 'parameters':
      for (const pair of pairsIn(value))
        readParameter(link, pair, { ...at, line: pair.line }, names);
      return;
    default:
      lost();
  }
}

function readAddress(link: FoundLink, item: YamlNode, at: Origin): void {
  const [option] = item.kind === 'map' ? item.pairs : [];
  const text = item.kind === 'scalar' ? item.text : (option?.key ?? '');
  const address = text.includes('/') ? addressOf(text) : undefined;
  if (address === undefined) {
    leave(link, at, flowText(item));
    return;
  }
  add(link, 'addresses', address, at);
  for (const pair of option ? pairsIn(option.value) : []) {
    if (pair.key === 'lifetime' && textOf(option?.value, 'lifetime') === 'forever') continue;
    leave(link, { ...at, line: pair.line }, shown(pair.key ?? '', pair.value));
  }
}

function readNameservers(link: FoundLink, { key, line, value }: YamlPair, at: Origin): void {
  if (key !== 'addresses' && key !== 'search') {
    leave(link, { ...at, line }, shown(key ?? '', value));
    return;
  }
  for (const item of itemsIn(value)) {
    const text = item.kind === 'scalar' ? item.text : '';
    const word = key === 'addresses' ? ipOf(text) : domainOf(text);
    const place = { ...at, line: item.line };
    if (word === undefined) leave(link, place, flowText(item));
    else add(link, `nameservers.${key}`, word, place);
  }
}

function readMatch(link: FoundLink, value: YamlNode, at: Origin): void {
  const mac = macOf(textOf(value, 'macaddress'));
  for (const pair of pairsIn(value)) {
    const place = { ...at, line: pair.line };
    if (pair.key === 'macaddress' && mac !== undefined) set(link, 'match.macaddress', mac, place);
    // The intent has the name that it matches.
    else if (pair.key === 'name') continue;
    else
      leave(
        link,
        place,
        shown(pair.key ?? '', pair.value),
        'The intent matches a NIC by its name or MAC.',
      );
  }
}

function readLinkLocal(link: FoundLink, value: YamlNode, at: Origin): void {
  const families = itemsIn(value).map((item) => (item.kind === 'scalar' ? item.text : ''));
  if (families.every((family) => family === 'ipv4' || family === 'ipv6')) {
    set(link, 'link-local', families, at);
  } else leave(link, at, shown('link-local', value));
}

const OVERRIDES4 = ['use-dns', 'use-ntp', 'use-hostname', 'send-hostname', 'use-mtu', 'use-routes'];
const OVERRIDES6 = ['use-dns', 'use-ntp', 'use-hostname', 'send-hostname'];
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  'dhcp4-overrides': OVERRIDES4,
  'dhcp6-overrides': OVERRIDES6,
  'ra-overrides': ['use-dns'],
};

function readOverride(
  link: FoundLink,
  of: string,
  { key = '', value }: YamlPair,
  at: Origin,
): void {
  const text = value.kind === 'scalar' ? value.text : undefined;
  const flag = flagOf(text);
  const path = `${of}.${key}`;
  const known = entryOf(KNOWN, of) ?? [];
  const isNumber =
    (key === 'route-metric' && of === 'dhcp4-overrides') ||
    (key === 'table' && of === 'ra-overrides');
  const metric = isNumber ? wholeOf(text) : undefined;
  if (known.includes(key) && flag !== undefined) set(link, path, flag, at);
  else if (metric !== undefined) set(link, path, metric, at);
  else if (key === 'use-domains' && (flag !== undefined || text === 'route')) {
    set(link, path, flag ?? 'route', at);
  } else if (key === 'hostname' && /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text ?? '')) {
    set(link, path, text ?? '', at);
  } else leave(link, at, shown(path, value));
}

function readParameter(
  link: FoundLink,
  { key = '', value }: YamlPair,
  at: Origin,
  names: Names,
): void {
  const word = key === 'aging-time' ? 'ageing-time' : key;
  if (value.kind === 'map') leave(link, at, shown(key, value));
  else {
    const text =
      value.kind === 'scalar'
        ? value.text
        : value.items.map((item) => (item.kind === 'scalar' ? item.text : '?')).join(' ');
    setParameter(link, 'netplan', word, word === 'primary' ? names(text) : text, at);
  }
}
