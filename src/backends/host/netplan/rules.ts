/**
 * What netplan refuses, as rules: each reports the first error of a value that netplan would stop at.
 * Read in its source (parse.c, 0.106 to 1.2.2) and tried on 0.106, 1.1.2 and 1.2.2.
 */
import ipaddr from 'ipaddr.js';
import type { YamlMap, YamlNode } from './yaml.ts';

export interface Refusal {
  readonly line: number;
  /** A clause that can follow "netplan refuses it:". */
  readonly because: string;
  /** The versions that refuse it; absent: all. */
  readonly by?: string;
}

export type Rule = (value: YamlNode) => Refusal | undefined;

const refuse = (line: number, because: string): Refusal => ({ line, because });

/** A scalar that `test` accepts. */
const scalar =
  (what: string, test: (text: string) => boolean): Rule =>
  (value) => {
    if (value.kind !== 'scalar') return refuse(value.line, `a ${value.kind} where ${what} belongs`);
    return test(value.text)
      ? undefined
      : refuse(value.line, `\`${short(value.text)}\` is not ${what}`);
  };

const short = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

export const text = scalar('text', () => true);
/** An id or name: POSIX's [:alnum:] and [:punct:] in the C locale. */
export const word = scalar('one word', (name) => /^[!-~]+$/.test(name));
/** The words of YAML 1.1, in any case; not `1`. */
export const bool = scalar('a boolean', (item) => /^(?:true|false|on|off|yes|no|y|n)$/i.test(item));
/** Decimal; an empty value is 0, but not a boolean. */
export const uint = scalar(
  'an unsigned number',
  (item) => /^\s*\+?\d*$/.test(item) && Number(item) <= 0xffffffff,
);
export const portPriority = scalar(
  'a number up to 63',
  (item) => /^\d*$/.test(item) && Number(item) < 64,
);

export const oneOf = (words: string, what = `one of ${words.replaceAll(' ', ', ')}`): Rule => {
  const known = new Set(words.split(' '));
  return scalar(what, (item) => known.has(item));
};
const oneOfAnyCase = (words: string): Rule => {
  const known = new Set(words.split(' '));
  return scalar(`one of ${words.replaceAll(' ', ', ')}`, (item) => known.has(item.toLowerCase()));
};

const HEX = '[0-9a-fA-F]{2}';
const MAC = new RegExp(`^${HEX}(?::${HEX}){5}(?:(?::${HEX}){14})?$`);
export const mac = scalar('a MAC address', (item) => MAC.test(item));
export const newMac: Rule = (value) => {
  if (!mac(value)) return undefined;
  const known = oneOf('permanent random stable preserve stable-ssid', 'a MAC address')(value);
  return (
    known ?? { ...refuse(value.line, 'a word in the place of a MAC address'), by: 'before 1.0' }
  );
};

export const isIp4 = (item: string): boolean =>
  /^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})$/.test(item) &&
  item.split('.').every((part) => Number(part) < 256);
export const isIp6 = (item: string): boolean =>
  item.length <= 45 &&
  /^[0-9a-fA-F:.]+$/.test(item) &&
  item.includes(':') &&
  ipaddr.IPv6.isValid(item);
export const isIp = (item: string): boolean => isIp4(item) || isIp6(item);

export const ip4 = scalar('an IPv4 address', isIp4);
export const ip6 = scalar('an IPv6 address', isIp6);
export const ip = scalar('an IP address', isIp);

/** `to`, `via` and `from`: a prefix length is accepted and ignored. */
export const network = scalar('an IP network', (item) =>
  isIp(item.includes('/') ? item.slice(0, item.lastIndexOf('/')) : item),
);

const isWithPrefix = (item: string): boolean => {
  const at = item.lastIndexOf('/');
  if (at === -1) return false;
  const length = Number(/^\s*(\d*)/.exec(item.slice(at + 1))?.[1] || '0');
  const most = isIp4(item.slice(0, at)) ? 32 : isIp6(item.slice(0, at)) ? 128 : 0;
  return length >= 1 && length <= most;
};
const withPrefix = scalar('an address with a prefix length', isWithPrefix);

const addressOptions = keys({ label: text, lifetime: oneOf('0 forever') });
/** An address, or a mapping of one to its options: only its first key is read. */
export const address: Rule = (value) => {
  if (value.kind !== 'map') return withPrefix(value);
  const [pair] = value.pairs;
  if (!pair) return refuse(value.line, 'an empty mapping in the place of an address');
  if (pair.key === undefined || !/\//.test(pair.key)) {
    return refuse(pair.line, 'an address without a prefix length');
  }
  return addressOptions(pair.value);
};

/** Whether an item of `addresses` has options, which NetworkManager's writer refuses. */
export const hasOptions = (value: YamlNode): boolean => value.kind === 'map';

export const list =
  (item: Rule): Rule =>
  (value) =>
    value.kind === 'list'
      ? worst(value.items, item)
      : refuse(value.line, `a ${value.kind} where a list belongs`);

export const textOrList =
  (item: Rule): Rule =>
  (value) =>
    value.kind === 'list' && value.items.length > 0 ? worst(value.items, item) : item(value);

/** The first refusal; one by every version goes before those of some versions. */
function worst<T>(
  items: readonly T[],
  check: (item: T) => Refusal | undefined,
): Refusal | undefined {
  let found: Refusal | undefined;
  for (const item of items) {
    const refusal = check(item);
    if (refusal && refusal.by === undefined) return refusal;
    found ??= refusal;
  }
  return found;
}

export type Keys = Readonly<Record<string, Rule>>;

const asMap = (value: YamlNode): YamlMap | Refusal =>
  value.kind === 'map' ? value : refuse(value.line, `a ${value.kind} where a mapping belongs`);

/** A mapping with these keys and no others. */
export function keys(known: Keys): Rule {
  const rules = new Map(Object.entries(known));
  return (value) => {
    const map = asMap(value);
    if ('because' in map) return map;
    return worst(map.pairs, ({ key, line, value: inner }) => {
      const rule = key === undefined ? undefined : rules.get(key);
      return rule ? rule(inner) : refuse(line, `unknown key \`${short(key ?? '')}\``);
    });
  };
}

/** A mapping with any keys. */
export const entries =
  (rule: Rule): Rule =>
  (value) => {
    const map = asMap(value);
    return 'because' in map ? map : worst(map.pairs, (pair) => rule(pair.value));
  };

/** A key that older versions do not know. */
export const since =
  (version: string, rule: Rule): Rule =>
  (value) =>
    rule(value) ?? {
      ...refuse(value.line, 'a key that it does not know'),
      by: `before ${version}`,
    };

/** One of these words, or one that older versions do not know, with the first that does. */
export const newWord = (words: string, added: Readonly<Record<string, string>>): Rule => {
  const versions = new Map(Object.entries(added));
  const known = oneOf([words, ...versions.keys()].join(' '));
  return (value) => {
    const version = value.kind === 'scalar' ? versions.get(value.text) : undefined;
    return version === undefined || value.kind !== 'scalar'
      ? known(value)
      : {
          ...refuse(value.line, `\`${value.text}\`, which it does not know`),
          by: `before ${version}`,
        };
  };
};

/** A value that newer versions no longer accept. */
export const until =
  (version: string, rule: Rule): Rule =>
  (value) => {
    const refusal = rule(value);
    return refusal && { ...refusal, by: `from ${version} on` };
  };

export const driver = until(
  '0.104',
  scalar('the name of one driver', (item) => !item.includes(' ')),
);

export const both =
  (first: Rule, second: Rule): Rule =>
  (value) =>
    first(value) ?? second(value);

/** Names of versions of WPA and similar. */
export const linkLocal = list(oneOfAnyCase('ipv4 ipv6'));
export const optionalAddresses = list(oneOfAnyCase('ipv4-ll ipv6-ra dhcp4 dhcp6 static'));
export const dhcpIdentifier = oneOfAnyCase('duid mac');
export const wakeOnWlan = list(
  oneOfAnyCase(
    'default any disconnect magic_pkt gtk_rekey_failure eap_identity_req four_way_handshake rfkill_release tcp',
  ),
);

const routeKeys = keys({
  from: network,
  'on-link': bool,
  scope: oneOfAnyCase('global link host'),
  table: uint,
  to: both(text, (value) =>
    value.kind === 'scalar' && value.text === 'default' ? undefined : network(value),
  ),
  type: oneOfAnyCase(
    'unicast anycast blackhole broadcast local multicast nat prohibit throw unreachable xresolve',
  ),
  via: network,
  metric: uint,
  mtu: uint,
  'congestion-window': uint,
  'advertised-receive-window': uint,
  'advertised-mss': since('1.1', uint),
});

/** One of `routes`. */
export const route: Rule = (value) => {
  const refusal = routeKeys(value);
  if ((refusal && refusal.by === undefined) || value.kind !== 'map') return refusal;
  const last = (key: string): string | undefined => {
    const found = value.pairs.filter((pair) => pair.key === key).at(-1)?.value;
    return found?.kind === 'scalar' ? found.text : undefined;
  };
  const [to, via] = [last('to'), last('via')];
  const type = (last('type') ?? 'unicast').toLowerCase();
  const scope =
    last('scope')?.toLowerCase() ?? (type === 'unicast' && via !== undefined ? 'global' : '');
  if (to === undefined) return refuse(value.line, 'a route without `to`');
  if (type === 'unicast' && scope === 'global' && via === undefined) {
    return refuse(value.line, 'a global route without `via`');
  }
  if (to === 'default' && via === undefined && last('from') === undefined) {
    return refuse(value.line, 'a default route without `via`: its generator crashes');
  }
  const families = [to, via, last('from')].filter(
    (item) => item !== undefined && item !== 'default',
  );
  const isMixed =
    families.some((item) => item?.includes(':')) && families.some((item) => !item?.includes(':'));
  return isMixed ? refuse(value.line, 'IPv4 and IPv6 in one route') : refusal;
};

const policyKeys = keys({
  from: network,
  mark: uint,
  priority: uint,
  table: uint,
  to: network,
  'type-of-service': scalar(
    'a number up to 255',
    (item) => /^\d*$/.test(item) && Number(item) < 256,
  ),
});

/** One of `routing-policy`. */
export const policy: Rule = (value) => {
  const refusal = policyKeys(value);
  if (refusal || value.kind !== 'map') return refusal;
  return value.pairs.some(({ key }) => key === 'from' || key === 'to')
    ? undefined
    : refuse(value.line, 'a routing policy without `from` and `to`');
};
