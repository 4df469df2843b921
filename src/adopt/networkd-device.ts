/** A `.netdev` file → what it sets for the device that it creates (systemd.netdev(5)). */
import { type FoundLink, leave, set } from './found.ts';
import type { Section } from './networkd-sections.ts';
import { setParameter } from './parameters.ts';
import { macOf, wholeOf } from './values.ts';

const MODES = /^(?:bridge|private|vepa|passthru|source)$/;

export function readDevice(link: FoundLink, { name, settings }: Section): void {
  for (const { key, value, path, line } of settings) {
    const origin = { path, line };
    const lost = (): void => leave(link, origin, `${key}=${value}`);
    if (name === 'NetDev') {
      const [mac, mtu] = [macOf(value), wholeOf(value)];
      if (/^(?:Name|Kind|Description)$/.test(key)) continue;
      if (key === 'MACAddress' && mac !== undefined) set(link, 'macaddress', mac, origin);
      else if (key === 'MTUBytes' && mtu !== undefined) set(link, 'mtu', mtu, origin);
      else lost();
    } else if (name === 'VLAN') {
      const id = wholeOf(value);
      if (key === 'Id' && id !== undefined) set(link, 'id', id, origin);
      else lost();
    } else if (name === 'Bond' || name === 'Bridge')
      setParameter(link, 'systemd', key, value, origin);
    else if (name === 'MACVLAN' || name === 'MACVTAP') {
      if (key === 'Mode' && MODES.test(value)) set(link, 'mode', value, origin);
      else lost();
    } else if (name !== 'Match') lost();
  }
}
