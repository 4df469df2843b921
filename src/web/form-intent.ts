/** What was filled in → an intent. */
import { quoted } from '../package/yaml-text.ts';

export interface Filled {
  readonly host: string;
  readonly nic: string;
  readonly shim: string;
  /** Absent: by DHCP. */
  readonly fixed?: {
    /** With its prefix: `198.51.100.50/24`. */
    readonly address: string;
    /** Empty: no default route. */
    readonly gateway: string;
    readonly nameservers: readonly string[];
  };
  /** Names of guests, each on the NIC. */
  readonly guests: readonly string[];
}

/** @returns YAML in which each text is just that, whatever was typed */
export function intentFrom({ host, nic, shim, fixed, guests }: Filled): string {
  const addressing = fixed
    ? [
        `    addresses: [${scalar(fixed.address)}]`,
        ...(fixed.gateway === ''
          ? []
          : ['    routes:', `      - {to: default, via: ${scalar(fixed.gateway)}}`]),
        ...(fixed.nameservers.length === 0
          ? []
          : [`    nameservers: {addresses: [${fixed.nameservers.map(scalar).join(', ')}]}`]),
      ]
    : ['    dhcp4: true'];
  return [
    'version: 1',
    `host: ${scalar(host)}`,
    'shims:',
    `  ${scalar(shim)}:`,
    `    parent: ${scalar(nic)}`,
    ...addressing,
    ...(guests.length === 0
      ? []
      : ['guests:', ...guests.map((name) => `  ${scalar(name)}: {parent: ${scalar(nic)}}`)]),
    '',
  ].join('\n');
}

/** Words that a reader of YAML 1.1 or 1.2 takes for something else than text. */
const WORDS = /^(?:true|false|null|yes|no|on|off|y|n)$/i;

/** Names and IPv4 addresses as they are; all else in quotes. */
const scalar = (text: string): string =>
  (/^[A-Za-z][A-Za-z0-9._-]*$/.test(text) && !WORDS.test(text)) ||
  /^[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:\/[0-9]{1,2})?$/.test(text)
    ? text
    : quoted(text);
