/** Sections of a keyfile but `[ipv4]` and `[ipv6]` → values of the intent (nm-settings-keyfile(5)). */
import type { Setting } from '../backends/host/foreign.ts';
import { type FoundLink, leave, type Origin, set } from './found.ts';
import { setParameter } from './parameters.ts';
import { flagOf, macOf, wholeOf } from './values.ts';

/** What identifies a profile or its match, and times of its use. */
const NEUTRAL: ReadonlySet<string> = new Set([
  ...['id', 'uuid', 'type', 'interface-name', 'timestamp', 'autoconnect', 'autoconnect-priority'],
  ...[
    'autoconnect-retries',
    'autoconnect-slaves',
    'autoconnect-ports',
    'slave-type',
    'port-type',
    'permissions',
    'read-only',
  ],
]);

export function readProfileKey(
  link: FoundLink,
  { section, key, value }: Setting,
  at: Origin,
  nameOf: (word: string) => string,
): void {
  const lost = (): void => leave(link, at, `[${section}] ${key}=${value}`);
  switch (section) {
    case 'connection':
      if (key === 'master' || key === 'controller') link.master = nameOf(value);
      else if (key === 'zone' && /^[A-Za-z0-9_-]{1,64}$/.test(value)) {
        set(link, 'firewall-zone', value, at);
      } else if (!NEUTRAL.has(key)) lost();
      return;
    case 'ethernet':
    case '802-3-ethernet':
      readEthernet(link, key, value, at, lost);
      return;
    case 'vlan':
      readVlan(link, key, value, at, nameOf, lost);
      return;
    case 'bond':
      if (key !== 'interface-name') setParameter(link, 'kernel', key, value, at);
      return;
    case 'bridge':
      if (key === 'interface-name') return;
      if (key === 'mac-address' && macOf(value) !== undefined)
        set(link, 'macaddress', macOf(value) ?? '', at);
      else setParameter(link, 'netplan', key, value, at);
      return;
    case 'macvlan':
      readMacvlan(link, key, value, at, nameOf, lost);
      return;
    case 'user':
      // Notes of programs, which change nothing.
      return;
    default:
      // `[proxy]` is there without keys; `[match]` has what the intent does by name.
      if (section !== 'match' || key !== 'interface-name') lost();
  }
}

function readEthernet(
  link: FoundLink,
  key: string,
  value: string,
  at: Origin,
  lost: () => void,
): void {
  const [mac, whole] = [macOf(value), wholeOf(value)];
  if (key === 'mac-address' && mac !== undefined) set(link, 'match.macaddress', mac, at);
  else if (key === 'cloned-mac-address' && mac !== undefined) set(link, 'macaddress', mac, at);
  else if (key === 'cloned-mac-address' && /^(?:preserve|permanent)?$/.test(value)) return;
  else if (key === 'mtu' && whole !== undefined) {
    // 0: automatic.
    if (whole > 0) set(link, 'mtu', whole, at);
  } else if (key === 'wake-on-lan' && (whole === 64 || whole === 0)) {
    set(link, 'wakeonlan', whole === 64, at);
  } else if (key === 'wake-on-lan' && whole === 1) return;
  else if (!/^mac-address-(?:deny|black)list$/.test(key) || value !== '') lost();
}

function readVlan(
  link: FoundLink,
  key: string,
  value: string,
  at: Origin,
  nameOf: (word: string) => string,
  lost: () => void,
): void {
  const id = wholeOf(value);
  if (key === 'id' && id !== undefined) set(link, 'id', id, at);
  else if (key === 'parent') {
    link.below = nameOf(value);
    set(link, 'link', link.below, at);
  } else if (
    !/^(?:flags|interface-name|ingress-priority-map|egress-priority-map)$/.test(key) ||
    !/^[01]?$/.test(value)
  ) {
    // Flag 1 is the default: headers are reordered.
    if (key !== 'interface-name') lost();
  }
}

const MODES: readonly (string | undefined)[] = [
  undefined,
  'vepa',
  'bridge',
  'private',
  'passthru',
  'source',
];

function readMacvlan(
  link: FoundLink,
  key: string,
  value: string,
  at: Origin,
  nameOf: (word: string) => string,
  lost: () => void,
): void {
  const mode = MODES[wholeOf(value) ?? 0];
  if (key === 'parent') {
    link.below = nameOf(value);
    set(link, 'parent', link.below, at);
  } else if (key === 'mode' && mode !== undefined) set(link, 'mode', mode, at);
  else if (key !== 'tap' || flagOf(value) !== false) lost();
}
