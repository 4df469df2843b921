/** `[ipv4]` and `[ipv6]` of a keyfile → addressing (nm-settings-keyfile(5); routes as in keyfile plugin 1.42 to 1.58). */
import type { Setting } from '../backends/host/foreign.ts';
import { booleanOf, listItems } from '../backends/host/networkmanager/keyfile.ts';
import { add, type FoundLink, itemsOf, leave, type Origin, type Scalar, set } from './found.ts';
import { addRoute, addRule } from './routes.ts';
import { tableOf } from './table-names.ts';
import { addressOf, destinationOf, domainOf, entryOf, ipOf, wholeOf } from './values.ts';

type Family = 'ipv4' | 'ipv6';

export function readIp(link: FoundLink, { section, key, value }: Setting, at: Origin): void {
  if (value === '') return;
  const family = section as Family;
  const client = family === 'ipv4' ? 'dhcp4' : 'dhcp6';
  const lost = (): void => leave(link, at, `[${section}] ${key}=${value}`);
  const flag = booleanOf(value);
  if (/^address(?:es|\d{0,3})$/.test(key)) {
    readAddresses(link, key, value, at);
    return;
  }
  if (/^route(?:s|\d{0,3})$/.test(key)) {
    readRoutes(link, value, at);
    return;
  }
  if (/^route\d{0,3}_options$/.test(key)) {
    readRouteOptions(link, key, value, at);
    return;
  }
  if (/^routing-rule\d{0,3}$/.test(key)) {
    readRule(link, value, at);
    return;
  }
  switch (key) {
    case 'method':
      if (!readMethod(link, family, value, at)) lost();
      return;
    case 'gateway': {
      const via = ipOf(value);
      if (via === undefined) lost();
      else add(link, 'routes', { to: 'default', via }, at);
      return;
    }
    case 'dns':
      for (const item of listItems(value.replaceAll(',', ';'))) {
        const ip = ipOf(item);
        if (ip === undefined) leave(link, at, item);
        else add(link, 'nameservers.addresses', ip, at);
      }
      return;
    case 'dns-search':
      for (const item of listItems(value.replaceAll(',', ';'))) {
        const domain = domainOf(item);
        if (domain === undefined) leave(link, at, item);
        else add(link, 'nameservers.search', domain, at);
      }
      return;
    case 'ignore-auto-dns':
      if (flag === undefined) lost();
      else if (flag) set(link, `${client}-overrides.use-dns`, false, at);
      return;
    case 'never-default':
      // Read when the gateways are known.
      if (flag === undefined) lost();
      return;
    case 'ignore-auto-routes':
      if (flag === undefined || (flag && family === 'ipv6')) lost();
      else if (flag) set(link, 'dhcp4-overrides.use-routes', false, at);
      return;
    case 'dhcp-send-hostname':
      if (flag === undefined) lost();
      else if (!flag) set(link, `${client}-overrides.send-hostname`, false, at);
      return;
    case 'dhcp-hostname':
      if (/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(value))
        set(link, `${client}-overrides.hostname`, value, at);
      else lost();
      return;
    case 'dhcp-client-id':
      if (value === 'mac' || value === 'duid') set(link, 'dhcp-identifier', value, at);
      else lost();
      return;
    case 'token': {
      const token = ipOf(value);
      if (token === undefined) lost();
      else set(link, 'ipv6-address-token', token, at);
      return;
    }
    case 'addr-gen-mode':
      if (/^(?:stable-privacy|1)$/.test(value)) {
        set(link, 'ipv6-address-generation', 'stable-privacy', at);
      } else if (!/^(?:default|default-or-eui64|eui64|0|2|3)$/.test(value)) lost();
      return;
    case 'ip6-privacy':
      if (value === '2') set(link, 'ipv6-privacy', true, at);
      else if (!/^(?:0|-1)$/.test(value)) lost();
      return;
    case 'route-metric': {
      const metric = wholeOf(value);
      if (metric !== undefined) readMetric(link, family, metric, at);
      else if (value !== '-1') lost();
      return;
    }
    default:
      // The defaults of nmcli's own profiles.
      if (!isDefault(key, value)) lost();
  }
}

const DEFAULTS: Readonly<Record<string, RegExp>> = {
  'may-fail': /^true$/,
  'dad-timeout': /^-1$/,
  'dns-priority': /^0$/,
};

const isDefault = (key: string, value: string): boolean =>
  entryOf(DEFAULTS, key)?.test(value) ?? false;

/** nm-settings-nmcli(5), method. */
function readMethod(link: FoundLink, family: Family, value: string, at: Origin): boolean {
  if (family === 'ipv4') {
    if (value === 'auto') set(link, 'dhcp4', true, at);
    if (value === 'link-local') set(link, 'link-local', ['ipv4'], at);
    return /^(?:auto|manual|disabled|link-local)$/.test(value);
  }
  if (value === 'auto') set(link, 'accept-ra', true, at);
  if (value === 'dhcp') set(link, 'dhcp6', true, at);
  if (value === 'ignore') {
    set(link, 'accept-ra', true, { ...at, note: 'the kernel accepts advertisements' });
    set(link, 'dhcp6', false, at);
  }
  if (/^(?:manual|link-local)$/.test(value)) set(link, 'link-local', ['ipv6'], at);
  return /^(?:auto|dhcp|manual|disabled|ignore|link-local)$/.test(value);
}

/** `192.0.2.1/24,192.0.2.254`: the gateway is of the link. */
function readAddresses(link: FoundLink, key: string, value: string, at: Origin): void {
  for (const item of key === 'addresses' ? listItems(value) : [value]) {
    const [text = '', gateway] = partsOf(item);
    const address = addressOf(text);
    if (address === undefined) leave(link, at, item);
    else add(link, 'addresses', address, at);
    const via = ipOf(gateway);
    if (via !== undefined && !/^(?:0\.0\.0\.0|::)$/.test(via))
      add(link, 'routes', { to: 'default', via }, at);
  }
}

/** An empty gateway leaves its place: `198.51.100.0/24,,100`. */
const partsOf = (item: string): string[] =>
  item.includes(',') ? item.split(',').map((part) => part.trim()) : item.trim().split(/\s+/);

/** `198.51.100.0/24,192.0.2.254,100`. */
function readRoutes(link: FoundLink, value: string, at: Origin): void {
  for (const item of listItems(value)) {
    const [text = '', gateway = '', metric] = partsOf(item);
    const [to, via, number] = [destinationOf(text), ipOf(gateway), wholeOf(metric)];
    const hasGateway = via !== undefined && !/^(?:0\.0\.0\.0|::)$/.test(via);
    addRoute(
      link,
      {
        ...(to !== undefined && { to }),
        ...(hasGateway ? { via } : { scope: 'link' }),
        ...(number !== undefined && { metric: number }),
      },
      at,
      item,
    );
  }
}

/** `route1_options=table=100,onlink=true`: of the route of that number, which stands before it. */
function readRouteOptions(link: FoundLink, key: string, value: string, at: Origin): void {
  const last = itemsOf(link, 'routes').at(-1);
  const route =
    last && typeof last.value === 'object' ? (last.value as Record<string, Scalar>) : undefined;
  if (!last || !route || last.origin.path !== at.path) {
    leave(link, at, `${key}=${value}`);
    return;
  }
  const more: Record<string, Scalar> = {};
  for (const option of value.split(',')) {
    const [word = '', text = ''] = option.split('=');
    const number = wholeOf(text);
    const from = ipOf(text);
    // 254 is the main table.
    if (word === 'table' && number === 254) continue;
    if (word === 'table' && number !== undefined) more['table'] = number;
    else if (word === 'onlink' && booleanOf(text) === true) more['on-link'] = true;
    else if (word === 'src' && from !== undefined) more['from'] = from;
    else leave(link, at, `${key}: ${option}`);
  }
  const { metric, ...rest } = route;
  const value_ = { ...rest, ...more, ...(metric !== undefined && { metric }) };
  link.entries.splice(link.entries.indexOf(last), 1, {
    ...last,
    value: value_,
    origin: { ...last.origin, ...(at.line !== undefined && { endLine: at.line }) },
  });
}

/** `priority 100 from 198.51.100.0/24 table 100`, in the words of ip-rule(8). */
export function readRule(link: FoundLink, value: string, at: Origin): void {
  const words = value.trim().split(/\s+/);
  const rule: Record<string, Scalar> = {};
  for (let index = 0; index + 1 < words.length; index += 2) {
    const [word = '', text = ''] = [words[index], words[index + 1]];
    const [network, number, table] = [destinationOf(text), wholeOf(text), tableOf(link, text)];
    if ((word === 'from' || word === 'to') && network !== undefined) rule[word] = network;
    else if (/^(?:table|lookup)$/.test(word) && table !== undefined) rule['table'] = table;
    else if (/^(?:prio(?:rity)?|pref(?:erence)?|order)$/.test(word) && number !== undefined)
      rule['priority'] = number;
    else if (word === 'fwmark' && number !== undefined) rule['mark'] = number;
    else if (/^(?:tos|dsfield)$/.test(word) && number !== undefined)
      rule['type-of-service'] = number;
    else {
      leave(link, at, value);
      return;
    }
  }
  if (words.length % 2 !== 0) leave(link, at, value);
  else addRule(link, rule, at, value);
}

/** Of leases, and of static routes without a metric of their own. */
function readMetric(link: FoundLink, family: Family, metric: number, at: Origin): void {
  if (family === 'ipv4') set(link, 'dhcp4-overrides.route-metric', metric, at);
  else
    leave(
      link,
      at,
      `[ipv6] route-metric=${metric}`,
      'The intent has metrics of single routes, and of DHCPv4.',
    );
}
