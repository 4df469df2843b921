/** Addresses of links and name servers: parsed here, once. */
import { type Diagnostic, diagnostic, type Path } from '../../diagnostics/diagnostic.ts';
import { type Fix, setValue } from '../../diagnostics/fix.ts';
import {
  bitsOf,
  cidrSpelling,
  hostBitsAre,
  type Network,
  parseCidr,
  parseIp,
  withoutPrefix,
} from '../ip.ts';
import type { Address, Nameserver } from '../types.ts';

type Report = (diagnostic: Diagnostic) => void;

/** Ranges without addresses for hosts of a LAN. */
export const NOT_UNICAST: ReadonlySet<string> = new Set([
  'unspecified',
  'loopback',
  'linkLocal',
  'multicast',
  'broadcast',
  'ipv4Mapped',
]);

/** @returns the address, or nothing where it is faulty, which is reported */
export function resolveAddress(text: string, origin: Path, report: Report): Address[] {
  const network = parseCidr(text);
  const fault = network ? faultOf(text, network, origin) : malformed(text, origin);
  if (fault || !network) {
    if (fault) report(fault);
    return [];
  }
  const { ip, prefix } = network;
  return [{ family: ip.family, address: ip.text, prefix, network, origin }];
}

function malformed(text: string, origin: Path): Diagnostic {
  const ip = parseIp(text);
  if (!ip) {
    const message = `\`${text}\` is not an IP address with prefix length.`;
    return diagnostic('address-malformed', origin, message, fixTo(cidrSpelling(text)));
  }
  const length = ip.family === 'ipv6' ? 64 : 24;
  const hint = `Add it, as in \`${text}/${length}\`; daemons guess it differently.`;
  return diagnostic('address-without-prefix', origin, `\`${text}\` has no prefix length.`, {
    hint,
  });
}

function faultOf(text: string, network: Network, origin: Path): Diagnostic | undefined {
  const { ip, prefix } = network;
  if (prefix === 0) {
    return diagnostic('address-malformed', origin, `\`${text}\` has a prefix length of 0.`);
  }
  if (NOT_UNICAST.has(ip.range)) {
    const message = `\`${text}\` is not a unicast address of a LAN.`;
    return diagnostic('address-not-unicast', origin, message);
  }
  // RFC 3021 and RFC 6164: subnets of two addresses use both, subnets of one its only one.
  if (bitsOf(ip) - prefix < 2) return undefined;
  if (hostBitsAre(network, 0)) {
    const message = `\`${text}\` is the network address of its subnet.`;
    return diagnostic('address-is-network', origin, message);
  }
  if (ip.family === 'ipv6' || !hostBitsAre(network, 1)) return undefined;
  const message = `\`${text}\` is the broadcast address of its subnet.`;
  return diagnostic('address-is-broadcast', origin, message);
}

/** @returns the name server, or nothing where it is faulty, which is reported */
export function resolveNameserver(text: string, origin: Path, report: Report): Nameserver[] {
  const ip = parseIp(text);
  // A resolver on this host (127.0.0.53) is one, too.
  if (ip && !['unspecified', 'multicast', 'broadcast'].includes(ip.range)) {
    return [{ family: ip.family, address: ip.text, origin }];
  }
  report(
    diagnostic(
      'nameserver-malformed',
      origin,
      `\`${text}\` is not an address of a name server.`,
      fixTo(withoutPrefix(text)),
    ),
  );
  return [];
}

/** @param spelling of the same address, as it is expected; undefined where there is none */
export const fixTo = (spelling: string | undefined): { readonly fix?: Fix } =>
  spelling === undefined ? {} : { fix: setValue(spelling) };
