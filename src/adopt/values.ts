/** Values of configuration files → values of the intent. Each is undefined where the text is none. */
import { parseCidr, parseIp, parseNetwork } from '../model/ip.ts';

/** Booleans of systemd, YAML 1.1, keyfiles and shells. */
export function flagOf(text: string | undefined): boolean | undefined {
  const word = text?.trim().toLowerCase() ?? '';
  if (/^(?:1|y|yes|t|true|on)$/.test(word)) return true;
  return /^(?:0|n|no|f|false|off)$/.test(word) ? false : undefined;
}

/** A whole number without sign; hexadecimal with `0x`. */
export function wholeOf(text: string | undefined): number | undefined {
  const word = text?.trim() ?? '';
  if (!/^(?:\d{1,10}|0x[0-9a-f]{1,8})$/i.test(word)) return undefined;
  return Number(word);
}

export function macOf(text: string | undefined): string | undefined {
  const word = (text ?? '').trim().toLowerCase().replaceAll('-', ':');
  return /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(word) ? word : undefined;
}

/** An address with its prefix length; without one it is a single host's. */
export function addressOf(text: string): string | undefined {
  const word = text.trim();
  const network = word.includes('/') ? parseCidr(word) : parseNetwork(word);
  return network && `${network.ip.text}/${network.prefix}`;
}

export const ipOf = (text: string | undefined): string | undefined =>
  parseIp((text ?? '').trim())?.text;

/** A destination: `default`, or a network. */
export function destinationOf(text: string): string | undefined {
  const word = text.trim();
  if (word === 'default') return word;
  const network = parseNetwork(word);
  if (!network) return undefined;
  return network.prefix === 0 ? 'default' : `${network.ip.text}/${network.prefix}`;
}

/** The prefix length of an IPv4 address's old class, which ipcalc(1), ifupdown and dhcpcd take where there is no mask. */
export function classPrefix(address: string): number {
  const first = Number(address.split('.')[0]);
  return first < 128 ? 8 : first < 192 ? 16 : 24;
}

/** `255.255.255.0` or `24` → 24. */
export function prefixOf(mask: string): number | undefined {
  const word = mask.trim();
  if (/^\d{1,3}$/.test(word)) return Number(word) <= 128 ? Number(word) : undefined;
  const ip = parseIp(word);
  if (ip?.family !== 'ipv4') return undefined;
  const bits = ip.bytes.map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return /^1*0*$/.test(bits) ? bits.replace(/0/g, '').length : undefined;
}

/** systemd.time(7): `100ms`, `1s`, `30`; plain numbers are seconds. @returns milliseconds */
export function timeOf(text: string): number | undefined {
  const [, number = '', unit = ''] =
    /^(\d{1,9}(?:\.\d{1,3})?)\s*(us|ms|s|sec|min|m|h)?$/.exec(text.trim()) ?? [];
  if (number === '') return undefined;
  const factor = { us: 0.001, ms: 1, s: 1000, sec: 1000, min: 60_000, m: 60_000, h: 3_600_000 }[
    unit || 's'
  ];
  const value = Number(number) * (factor ?? 1000);
  return Number.isInteger(value) ? value : undefined;
}

const DOMAIN =
  /^(?:~\.|~?[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*\.?)$/;

/** A search domain; with `~` in front it routes queries only. */
export const domainOf = (text: string): string | undefined =>
  text.length < 256 && DOMAIN.test(text) ? text : undefined;

export const familyOf = (address: string): 'ipv4' | 'ipv6' =>
  address.includes(':') ? 'ipv6' : 'ipv4';

export const wordsIn = (text: string): string[] =>
  text.split(/[\s,;]+/).filter((word) => word !== '');

/** What a table has for a word of a host's file; `constructor` does not find what every object has. */
export const entryOf = <T>(table: Readonly<Record<string, T>>, word: string): T | undefined =>
  Object.hasOwn(table, word) ? table[word] : undefined;
