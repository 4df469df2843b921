/** Keyfiles of NetworkManager: their syntax, and what nm-settings-keyfile(5) allows, as far as it is written. */
import { fail } from '../description.ts';
import {
  type Grammar,
  isAddress,
  isInterface,
  isMac,
  isNumber,
  isText,
  oneOf,
  sections,
} from './text.ts';

/** Group → key → value, as GLib has it before escapes are taken back. */
export type Keyfile = Map<string, Map<string, string>>;

export function keyfile(path: string, text: string): Keyfile {
  const groups: Keyfile = new Map();
  for (const { name, entries } of sections(path, text)) {
    if (groups.has(name)) fail(`${path}: [${name}] stands twice`);
    const group = new Map<string, string>();
    for (const [key, value] of entries) {
      if (!/^[A-Za-z0-9-]+(?:_[a-z]+)*\+?$/.test(key)) fail(`${path}: key ${key}`);
      if (group.has(key)) fail(`${path}: ${key} stands twice`);
      group.set(key, value);
    }
    groups.set(name, group);
  }
  return groups;
}

const ESCAPES: Readonly<Record<string, string>> = { s: ' ', n: '\n', t: '\t', r: '\r', '\\': '\\' };

/** A string value; GLib knows these five escapes and no others. */
export function keyfileText(value: string): string {
  return value.replace(/\\(.|$)/g, (_, char: string) => ESCAPES[char] ?? fail(`escape \\${char}`));
}

/** A list value: items end with `;`, a `;` within one is `\;`. */
export function keyfileList(value: string): string[] {
  const items: string[] = [];
  let item = '';
  for (let i = 0; i < value.length; i += 1) {
    const char = value.charAt(i);
    if (char === ';') {
      items.push(keyfileText(item));
      item = '';
    } else if (char === '\\' && value.charAt(i + 1) === ';') {
      item += ';';
      i += 1;
    } else if (char === '\\') {
      item += char + value.charAt(i + 1);
      i += 1;
    } else item += char;
  }
  if (item !== '') items.push(keyfileText(item));
  return items;
}

/** The modes' numbers, from nm-settings(5). */
export const MODES: Readonly<Record<string, string>> = {
  1: 'vepa',
  2: 'bridge',
  3: 'private',
  4: 'passthru',
};

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const isKeyfileBoolean = oneOf('true', 'false');

const IP_KEYS = {
  method: oneOf('auto', 'manual', 'disabled', 'link-local', 'dhcp', 'ignore'),
  gateway: isAddress,
  dns: isText,
  'dns-search': isText,
  'may-fail': isKeyfileBoolean,
  'never-default': isKeyfileBoolean,
  'ignore-auto-routes': isKeyfileBoolean,
  'ignore-auto-dns': isKeyfileBoolean,
  'route-metric': isNumber,
  'route-table': isNumber,
  'dhcp-send-hostname': isKeyfileBoolean,
  'dhcp-hostname': isText,
};

const PROFILE: Grammar = {
  connection: {
    id: isText,
    uuid: (value) => UUID.test(value),
    type: oneOf('ethernet', 'macvlan', 'ipvlan', 'vlan', 'bond', 'bridge'),
    'interface-name': isInterface,
    autoconnect: isKeyfileBoolean,
    'autoconnect-priority': isNumber,
    master: isText,
    'slave-type': oneOf('bond', 'bridge'),
    zone: isText,
    mdns: oneOf('0', '1', '2'),
  },
  ethernet: {
    'mac-address': isMac,
    'cloned-mac-address': isMac,
    mtu: isNumber,
    // None, NetworkManager's default, the magic packet.
    'wake-on-lan': oneOf('0', '1', '64'),
  },
  ipvlan: { mode: oneOf('1', '2', '3'), parent: isText },
  macvlan: { mode: oneOf('1', '2', '3', '4'), parent: isText, tap: isKeyfileBoolean },
  // Headers are reordered, as by the kernel's default.
  vlan: { id: isNumber, parent: isText, flags: oneOf('1') },
  bond: Object.fromEntries(
    [
      'mode',
      'primary',
      'primary_reselect',
      'miimon',
      'updelay',
      'downdelay',
      'lacp_rate',
      'min_links',
      'xmit_hash_policy',
      'ad_select',
      'arp_interval',
      'arp_ip_target',
      'fail_over_mac',
    ].map((key) => [key, isText]),
  ),
  bridge: {
    stp: isKeyfileBoolean,
    'forward-delay': isNumber,
    'hello-time': isNumber,
    'max-age': isNumber,
    'ageing-time': isNumber,
    priority: isNumber,
  },
  ipv4: { ...IP_KEYS, 'dhcp-client-id': oneOf('mac', 'duid'), 'link-local': oneOf('3') },
  ipv6: {
    ...IP_KEYS,
    'addr-gen-mode': oneOf('eui64', '0', 'stable-privacy', '1'),
    token: isAddress,
    'ip6-privacy': oneOf('0', '2'),
    'dhcp-duid': oneOf('ll'),
  },
  hostname: { 'from-dhcp': oneOf('0', 'false') },
};

export function checkProfile(path: string, groups: Keyfile): void {
  for (const [name, entries] of groups) {
    const known = Object.hasOwn(PROFILE, name) ? PROFILE[name] : undefined;
    if (!known) fail(`${path}: unknown group [${name}]`);
    for (const [key, value] of entries) {
      const isIp =
        (name === 'ipv4' || name === 'ipv6') &&
        /^(?:(?:address|route)[1-9][0-9]*(?:_options)?|routing-rule[1-9][0-9]*)$/.test(key);
      if (isIp) continue;
      const isValid = Object.hasOwn(known, key) ? known[key] : undefined;
      if (!isValid) fail(`${path}: unknown key ${key} in [${name}]`);
      if (!isValid(value)) fail(`${path}: ${key}=${value}`);
    }
  }
}
