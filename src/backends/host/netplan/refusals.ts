/** What netplan refuses about a definition as a whole, apart from single keys (validation.c). */
import type { Definition } from './definition.ts';
import type { Refusal } from './rules.ts';

/** Checks that netplan makes after reading a definition. */
export function refusedAsItIs(
  { id, section, keys, match, setName, renderer }: Definition,
  global = 'networkd',
): Omit<Refusal, 'line'> | undefined {
  const missing = (key: string): Omit<Refusal, 'line'> | undefined =>
    keys.has(key) ? undefined : { because: `\`${id}\` has no \`${key}\`` };
  if (setName !== undefined && !match) return { because: '`set-name` without `match`' };
  if (keys.has('ipv6-address-generation') && keys.has('ipv6-address-token')) {
    return { because: '`ipv6-address-generation` beside `ipv6-address-token`' };
  }
  if (keys.has('networkmanager') && (renderer ?? global) !== 'NetworkManager') {
    return { because: '`networkmanager` under another renderer', by: 'from 0.107 on' };
  }
  switch (section) {
    case 'wifis':
      return keys.get('access-points') === 'none'
        ? { because: `\`${id}\` has no access point` }
        : missing('access-points');
    case 'vlans':
      return missing('link') ?? missing('id') ?? tooLarge(keys.get('id'), 4094);
    case 'vrfs':
      return missing('table');
    case 'virtual-ethernets':
      return missing('peer');
    case 'tunnels':
      return (
        missing('mode') ??
        (/^(?:vxlan|wireguard)$/.test(keys.get('mode') ?? '') ? undefined : missing('remote'))
      );
    case 'nm-devices':
      return missing('connection.type');
    default:
      return undefined;
  }
}

const tooLarge = (id: string | undefined, most: number): Omit<Refusal, 'line'> | undefined =>
  Number(id) > most ? { because: `the id ${id} is above ${most}` } : undefined;

/** Checks of the renderers, after all files are read. */
export function refusedByRenderer(
  { section, keys, match, setName }: Definition,
  renderer: string,
): string | undefined {
  if (renderer === 'networkd') {
    if (section === 'modems') return 'a modem under networkd';
    if (section === 'wifis' && match) return '`match` of Wi-Fi under networkd';
    const other =
      isOn(keys.get('dhcp4')) &&
      isOn(keys.get('dhcp6')) &&
      OVERRIDES.find((key) => override(keys, 'dhcp4', key) !== override(keys, 'dhcp6', key));
    return other ? `different \`${other}\` of DHCPv4 and DHCPv6 under networkd` : undefined;
  }
  if (match?.drivers === true && setName === undefined)
    return 'a `driver` to match by under NetworkManager';
  if (keys.get('activation-mode') === 'off') return '`activation-mode: off` under NetworkManager';
  if (keys.has('routes not unicast')) return 'a route that is not unicast under NetworkManager';
  if (keys.has('addresses with options')) return 'options of an address under NetworkManager';
  return keys.has('ipv6-mtu') ? '`ipv6-mtu` under NetworkManager' : undefined;
}

const isOn = (word: string | undefined): boolean => /^(?:true|on|yes|y)$/i.test(word ?? '');

/** Missing booleans are true. */
function override(
  keys: Definition['keys'],
  client: 'dhcp4' | 'dhcp6',
  key: string,
): string | undefined {
  const override = keys.get(`${client}-overrides ${key}`);
  if (/^(?:hostname|use-domains|route-metric)$/.test(key)) return override;
  return override === undefined || isOn(override) ? 'true' : 'false';
}

/** Settings that networkd has once for both clients. */
const OVERRIDES = [
  'use-dns',
  'use-domains',
  'use-ntp',
  'send-hostname',
  'use-hostname',
  'use-mtu',
  'hostname',
  'route-metric',
  'use-routes',
];
