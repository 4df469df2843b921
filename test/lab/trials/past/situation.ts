/** A host that had its NIC's address on the NIC, and for which files are generated. */
import { modelOf } from '../../case.ts';
import type { Host } from '../../drive/boot.ts';
import type { TargetFile } from '../../image/host.ts';
import type { Image } from '../../image/images.ts';
import { parseNetwork, withLastByte } from '../../network/networks.ts';
import type { Offer } from '../../network/offers.ts';
import type { Segment } from '../../network/plan.ts';
import { hostOf } from '../boot/host.ts';
import type { Kind, OldAddress } from './old.ts';

export interface Situation {
  /** With our files, and what must come of them. */
  readonly host: Host;
  readonly old: OldAddress;
  /** Names of our shims. */
  readonly shims: readonly string[];
}

/** The golden cases that the host is to become. */
const STATIC = 'original';
const DHCP = 'dhcp';

/** Last byte of what a DHCP server gives to a NIC whose shim has a static address. */
const LEASE = 77;
const NAMESERVER = 53;

/**
 * @param kind what the host was
 * @param next what it is to be; where both are by DHCP, it is to have its old address
 * @returns or why there is none: what the program says
 */
export function situationOf(
  kind: Kind,
  next: Kind,
  backend: string,
  image: Image,
): Situation | string {
  const name = next === 'dhcp' ? DHCP : STATIC;
  const wanted = hostOf(name, backend, image);
  if ('refusal' in wanted) return wanted.refusal;
  const [segment, ...rest] = wanted.segments;
  const [subnet] = segment?.subnets ?? [];
  if (!segment || !subnet) throw new Error(`${name}: no LAN`);
  const { host, routers } = subnet;
  const network = parseNetwork(`${host}/24`);
  const gateway = routers[0] ?? '';
  const isSame = kind === next;
  const address = isSame ? host : withLastByte(network.ip, LEASE);
  const segments = [kind === 'dhcp' ? withLease(segment, address, gateway) : segment, ...rest];
  return {
    // The model alone defines what must be: what else the LAN gives is the NIC's, and is not asked for.
    host: { ...wanted, segments },
    old: {
      nic: segment.parent,
      kind,
      address: `${address}/${network.prefix}`,
      gateway,
      nameserver: withLastByte(network.ip, NAMESERVER),
    },
    shims: (modelOf(name)?.shims ?? []).map((shim) => shim.name),
  };
}

/** The NIC's own MAC gets an address, too: that of the shim, if the server has it for both. */
function withLease(segment: Segment, address: string, server: string): Segment {
  const nic = segment.cables[0]?.mac ?? '';
  const network = parseNetwork(`${withLastByte(parseNetwork(`${address}/24`).ip, 0)}/24`);
  const others = segment.offers.filter(({ ipv4 }) => ipv4?.address === address);
  // dnsmasq takes several MACs for one address: the last that asks gets it.
  const offer: Offer = {
    link: segment.parent,
    mac: [...others.map(({ mac }) => mac), nic].join(),
    ipv4: { network, address, server },
  };
  return {
    ...segment,
    offers: [...segment.offers.filter((item) => !others.includes(item)), offer],
  };
}

/** As `tar -x` would: later files replace earlier ones of their name. */
export const onTop = (below: readonly TargetFile[], above: readonly TargetFile[]): TargetFile[] => [
  ...below.filter(({ path }) => !above.some((other) => other.path === path)),
  ...above,
];
