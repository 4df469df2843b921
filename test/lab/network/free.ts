/** Addresses of a network that nobody has. */
import { contains, type Ip, type Network, parseIp } from '../../../src/model/ip.ts';
import { isOfOne, withLastByte } from './networks.ts';

/**
 * A free address of the network, if possible with `wanted` as its last byte.
 * @throws Error where there is none
 */
export function freeAddress(
  network: Network,
  wanted: number,
  taken: readonly string[],
  outside: readonly Network[] = [],
): string {
  const [first] = freeAddresses(1, network, wanted, taken, outside);
  if (first === undefined) throw new Error(`no room in ${network.ip.text}/${network.prefix}`);
  return first;
}

/** At most so many that differ in their last byte, `wanted` and what follows it first. */
export function freeAddresses(
  most: number,
  network: Network,
  wanted: number,
  taken: readonly string[],
  outside: readonly Network[] = [],
): string[] {
  const isFree = (ip: Ip): boolean =>
    contains(network, ip) &&
    !taken.includes(ip.text) &&
    !outside.some((other) => contains(other, ip)) &&
    isOfOne({ ip, prefix: network.prefix });
  const found: string[] = [];
  for (let step = 0; step < 256 && found.length < most; step += 1) {
    const ip = parseIp(withLastByte(network.ip, (wanted + step) % 256));
    if (ip && isFree(ip)) found.push(ip.text);
  }
  return found;
}
