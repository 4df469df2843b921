/**
 * Lists of devices in NetworkManager's configuration: NetworkManager.conf(5), Device List Format,
 * as 1.30 to 1.58 evaluate it.
 */
import type { Claim } from '../foreign.ts';
import { fits } from '../foreign.ts';

/** `except`: excluded, regardless of the rest of the list. `maybe`: depends on the host. */
export type SpecAnswer = 'match' | 'no match' | 'except' | 'maybe';

/** The specs of a list, separated by `,` or `;`; `\` escapes them. */
export function splitSpecs(value: string): string[] {
  const specs: string[] = [];
  let spec = '';
  // White space around a spec is dropped, unless it is escaped.
  let blanks = '';
  const end = (): void => {
    if (spec !== '') specs.push(spec);
    spec = '';
    blanks = '';
  };
  const add = (text: string): void => {
    spec += spec === '' ? text : blanks + text;
    blanks = '';
  };
  for (let at = 0; at < value.length; at++) {
    const char = value[at] ?? '';
    if (char === ',' || char === ';') end();
    else if (/[ \t\r\n\f\v]/.test(char)) blanks += char;
    else if (char !== '\\') add(char);
    else if (at + 1 < value.length) add(ESCAPES[value[++at] ?? ''] ?? `\\${value[at]}`);
  }
  end();
  return specs;
}

const ESCAPES: Readonly<Record<string, string>> = {
  s: ' ',
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  ',': ',',
  ';': ';',
};

/** Whether a list matches a link. A list of only exceptions matches everything else. */
export function matchSpecs(specs: readonly string[], claim: Claim): SpecAnswer {
  if (specs.length === 0) return 'no match';
  const answers = specs.map((spec) => ({
    isExcept: isExcept(spec),
    fit: matchSpec(spec, claim),
  }));
  const fit = (excepts: boolean): Fit => {
    const own = answers.filter((answer) => answer.isExcept === excepts).map((item) => item.fit);
    return own.includes('yes') ? 'yes' : own.includes('maybe') ? 'maybe' : 'no';
  };
  const [excepted, matched] = [fit(true), fit(false)];
  if (excepted === 'yes') return 'except';
  if (answers.every((answer) => answer.isExcept)) return excepted === 'no' ? 'match' : 'maybe';
  if (matched === 'no') return excepted === 'no' ? 'no match' : 'maybe';
  return matched === 'yes' && excepted === 'no' ? 'match' : 'maybe';
}

export const isExcept = (spec: string): boolean => /^except:/i.test(spec);

type Fit = 'yes' | 'no' | 'maybe';

/** NetworkManager's names for kinds of links; a macvtap is a macvlan. */
const TYPE: Readonly<Record<Claim['kind'], string>> = {
  ethernet: 'ethernet',
  macvlan: 'macvlan',
  ipvlan: 'ipvlan',
  macvtap: 'macvlan',
  vlan: 'vlan',
  bond: 'bond',
  bridge: 'bridge',
};

/** Whether one spec matches a link, with or without `except:`. */
export function matchSpec(spec: string, claim: Claim): Fit {
  const [, except, tag = '', rest = ''] =
    /^(except:)?(?:(type|mac|interface-name|driver|s390-subchannels|dhcp-plugin):)?([\s\S]*)$/i.exec(
      spec,
    ) ?? [];
  if (tag === '' && rest === '*') return 'yes';
  const yesNo = (is: boolean): Fit => (is ? 'yes' : 'no');
  switch (tag.toLowerCase()) {
    case 'type':
      return yesNo(rest === TYPE[claim.kind]);
    case 'mac':
      return byMac(rest, claim);
    case 'interface-name':
      return yesNo(byName(rest, claim.name));
    case 'driver':
    case 's390-subchannels':
      return claim.kind === 'ethernet' ? 'maybe' : 'no';
    case 'dhcp-plugin':
      return 'maybe';
    default:
      // A bare name or MAC; an exception needs a tag.
      if (except !== undefined) return 'no';
      return rest === claim.name ? 'yes' : isMac(rest) ? byMac(rest, claim) : 'no';
  }
}

/** `=name` is literal; `~pattern` and a bare word have `*` and `?` (g_pattern_match_simple). */
function byName(spec: string, name: string): boolean {
  if (spec.startsWith('=')) return spec.slice(1) === name;
  const pattern = spec.replace(/^~/, '');
  return pattern === name || fits(pattern.replace(/[[\\]/g, '\\$&'), name);
}

const isMac = (text: string): boolean => /^[0-9a-f]{1,2}(?:[:-][0-9a-f]{1,2}){5}$/i.test(text);

/** By the permanent MAC; for a virtual link the MAC that it is created with. */
function byMac(text: string, { kind, permanentMac, mac, hasMacOfParent }: Claim): Fit {
  if (!isMac(text)) return 'no';
  const own = kind === 'ethernet' || hasMacOfParent ? permanentMac : mac;
  if (own === undefined) return 'maybe';
  const bytes = text.toLowerCase().split(/[:-]/);
  return bytes.map((byte) => byte.padStart(2, '0')).join(':') === own ? 'yes' : 'no';
}
