/** Links and their addresses: `ip -j -d addr`. */
import { lowerHalf, parseIp } from '../model/ip.ts';
import {
  type Fields,
  fieldsOf,
  isSet,
  numberOf,
  objectsIn,
  readObjects,
  signedOf,
  textOf,
  textsOf,
} from './json.ts';
import type { KernelAddress, KernelLink } from './types.ts';

/**
 * Undefined where the text is not what `ip` prints.
 * @param unprinted the threshold of a macvlan without one, where that is known; asked for at most once
 */
export function readLinks(
  text: string,
  unprinted: () => number | undefined = () => undefined,
): KernelLink[] | undefined {
  let threshold: { readonly value: number | undefined } | undefined;
  const known = (): number | undefined => {
    threshold ??= { value: unprinted() };
    return threshold.value;
  };
  return readObjects(text)?.flatMap((fields) => linkOf(fields, known) ?? []);
}

const HAS_MODE: ReadonlySet<string> = new Set(['macvlan', 'ipvlan', 'macvtap']);

function linkOf(fields: Fields, unprinted: () => number | undefined): KernelLink | undefined {
  const name = textOf(fields, 'ifname');
  if (name === undefined || name === '') return undefined;
  const info = fieldsOf(fields, 'linkinfo');
  const data = fieldsOf(info, 'info_data');
  const kind = textOf(info, 'info_kind') ?? '';
  const flags = textsOf(fields, 'flags');
  const parent = textOf(fields, 'link');
  const master = textOf(fields, 'master');
  const mac = textOf(fields, 'address')?.toLowerCase();
  const permanentMac = textOf(fields, 'permaddr')?.toLowerCase();
  const mode = HAS_MODE.has(kind) ? textOf(data, 'mode') : undefined;
  const queue = mode === undefined ? undefined : numberOf(data, 'bcqueuelen');
  const hasThreshold = mode !== undefined && kind !== 'ipvlan';
  const threshold = hasThreshold ? (signedOf(data, 'bclim') ?? unprinted()) : undefined;
  const isPort = textOf(info, 'info_slave_kind') === 'bridge';
  const port = fieldsOf(info, 'info_slave_data');
  const portState = isPort ? textOf(port, 'state') : undefined;
  const vlanId = kind === 'vlan' ? numberOf(data, 'id') : undefined;
  return {
    index: numberOf(fields, 'ifindex') ?? 0,
    name,
    kind,
    ...(parent !== undefined && { parent }),
    ...(master !== undefined && { master }),
    ...(mac !== undefined && { mac }),
    ...(permanentMac !== undefined && { permanentMac }),
    mtu: numberOf(fields, 'mtu') ?? 0,
    isUp: flags.includes('UP'),
    hasCarrier: flags.includes('LOWER_UP'),
    hasArp: !flags.includes('NOARP'),
    hasAllMulticast: flags.includes('ALLMULTI'),
    ...(flags.includes('PROMISC') && { isPromiscuous: true }),
    ...(fields['proto_down'] === true && { isHeldDown: true }),
    ...(Object.keys(fieldsOf(fields, 'xdp')).length > 0 && { hasXdp: true }),
    ...(textOf(fields, 'operstate') === 'DORMANT' && { isDormant: true }),
    ...(portState !== undefined && { portState }),
    ...(port['flood'] === false && isPort && { hasNoFlood: true }),
    ...(mode !== undefined && { mode }),
    ...(queue !== undefined && { broadcastQueueLength: queue }),
    ...(threshold !== undefined && { broadcastQueueThreshold: threshold }),
    sourceMacs: textsOf(data, 'macaddr_data').map((one) => one.toLowerCase()),
    ...(vlanId !== undefined && { vlanId }),
    addresses: objectsIn(fields['addr_info']).flatMap((one) => addressOf(one) ?? []),
  };
}

function addressOf(fields: Fields): KernelAddress | undefined {
  const ip = parseIp(textOf(fields, 'local') ?? '');
  const prefix = numberOf(fields, 'prefixlen');
  if (!ip || prefix === undefined) return undefined;
  return {
    family: ip.family,
    address: ip.text,
    prefix,
    ...(ip.family === 'ipv6' && { interfaceId: lowerHalf(ip) }),
    isDynamic: isSet(fields, 'dynamic'),
    ...((isSet(fields, 'mngtmpaddr') || textOf(fields, 'protocol') === 'kernel_ra') && {
      isAdvertised: true,
    }),
    ...(isSet(fields, 'noprefixroute') && { hasNoPrefixRoute: true }),
    isTemporary: isSet(fields, 'temporary'),
    // Optimistic duplicate detection (RFC 4429) uses an address before it is over.
    isTentative: isSet(fields, 'tentative') && !isSet(fields, 'optimistic'),
    isDuplicate: isSet(fields, 'dadfailed'),
    isLinkLocal: ip.range === 'linkLocal',
  };
}
