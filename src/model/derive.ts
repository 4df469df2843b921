/**
 * What follows from host and interface name alone. Fixed for ever: a change here changes
 * running machines.
 */
import { sha1 } from '@noble/hashes/legacy';
import { sha256 } from '@noble/hashes/sha2';

/**
 * The MAC of an interface that is given none: the first six bytes of SHA-256 over
 * `macvtap-render/mac/1`, host and name, separated by zero bytes, as a locally administered
 * unicast address. `deriveMac('kvm1', 'veth0')` is `ce:56:b6:6f:2b:36`.
 */
export function deriveMac(host: string, name: string): string {
  const bytes = sha256(ascii(`macvtap-render/mac/1\0${host}\0${name}`)).slice(0, 6);
  bytes[0] = ((bytes[0] ?? 0) & 0xfc) | 2;
  return [...bytes].map(hex).join(':');
}

/**
 * The identity association (RFC 8415, 4.2) of an interface whose MAC others share: the first four
 * bytes of SHA-256 over `macvtap-render/iaid/1`, host and name, separated by zero bytes, as a number.
 */
export function deriveIaid(host: string, name: string): number {
  const bytes = sha256(ascii(`macvtap-render/iaid/1\0${host}\0${name}`)).slice(0, 4);
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

const NAMESPACE = '34b7775915fb5f84bb9d352d017f37a2';

/**
 * The UUID of an interface's NetworkManager profile (RFC 9562, version 5).
 * `deriveUuid('kvm1', 'veth0')` is `8cd55d86-d267-54ba-83cb-95c05d2079bf`.
 */
export function deriveUuid(host: string, name: string): string {
  const namespace = Uint8Array.from(NAMESPACE.match(/../g) ?? [], (pair) =>
    Number.parseInt(pair, 16),
  );
  const bytes = sha1(Uint8Array.from([...namespace, ...ascii(`${host}\0${name}`)])).slice(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return [...bytes]
    .map(hex)
    .join('')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');

/** Hosts and names are ASCII: the schema and the rules see to it. */
const ascii = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
