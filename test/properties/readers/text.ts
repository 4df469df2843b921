/**
 * What every file has, sections of systemd's and GLib's formats, and values that all of them share.
 *
 *     systemd.syntax(7), GLib's "Key-value file parser"
 */
import { type FamilySettings, fail, type Link, toRecord } from '../description.ts';

export function checkText(path: string, text: string, host: string | undefined): void {
  const [first = '', ...others] = text.split('\n');
  if (!first.startsWith('# ') || !first.includes('macvtap-render')) fail(`${path}: no header`);
  if (host !== undefined && !first.includes(` ${host}.`))
    fail(`${path}: the header lacks the host`);
  const comment = others.slice(
    0,
    others.findIndex((line) => !line.startsWith('#')),
  );
  if (!comment.some((line) => /not edit/i.test(line))) fail(`${path}: does not say not to edit it`);
  if (!text.endsWith('\n') || text.endsWith('\n\n')) fail(`${path}: not one newline at its end`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u0009\u000b-\u001f\u007f-\uffff]/.test(text))
    fail(`${path}: not plain ASCII lines`);
  if (/[ \t]$/m.test(text)) fail(`${path}: space at the end of a line`);
  // Standard output is taken apart at such lines.
  if (/^# ==> /m.test(text)) fail(`${path}: a line like those between files`);
}

export interface Section {
  readonly name: string;
  readonly entries: readonly (readonly [key: string, value: string])[];
}

/** Sections in their order, repeated ones kept apart. */
export function sections(path: string, text: string): Section[] {
  const found: { name: string; entries: [string, string][] }[] = [];
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const header = /^\[([^[\]]+)\]$/.exec(line);
    if (header?.[1] !== undefined) {
      found.push({ name: header[1], entries: [] });
      continue;
    }
    const [, key, value] =
      /^([^=[\]\s]+)=(\S.*|)$/.exec(line) ?? fail(`${path}: no setting: ${line}`);
    if (line.endsWith('\\')) fail(`${path}: a continued line: ${line}`);
    const section = found.at(-1) ?? fail(`${path}: a setting before any section`);
    section.entries.push([key ?? '', value ?? '']);
  }
  for (const { name, entries } of found)
    if (entries.length === 0) fail(`${path}: [${name}] is empty`);
  return found;
}

/** Key → the values it may have; a key that is not here is unknown. */
export type Grammar = Readonly<
  Record<string, Readonly<Record<string, (value: string) => boolean>>>
>;

export const isText = (value: string): boolean => /^[!-~]+$/.test(value);

export const isBoolean = (value: string): boolean =>
  /^(?:yes|no|true|false|on|off|1|0)$/.test(value);

export const isNumber = (value: string): boolean =>
  /^(?:0|[1-9][0-9]*)$/.test(value) && Number(value) <= 4294967295;

export const isMac = (value: string): boolean => /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/.test(value);

/** networkd takes patterns and lists in `[Match]`; a name here must be neither. */
export const isInterface = (value: string): boolean => /^[A-Za-z0-9_.-]{1,15}$/.test(value);

export const isAddress = (value: string): boolean => /^[0-9a-f.:]+$/.test(value);

export const isNetwork = (value: string): boolean => /^[0-9a-f.:]+\/[0-9]{1,3}$/.test(value);

export const oneOf =
  (...values: string[]) =>
  (value: string): boolean =>
    values.includes(value);

export const booleanOf = (text: string | undefined): boolean | undefined =>
  text === undefined ? undefined : /^(?:yes|true|on|1)$/.test(text);

export const numberOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text);

export interface RouteParts {
  readonly to: string;
  readonly via?: string | undefined;
  readonly from?: string | undefined;
  readonly onLink: boolean;
  readonly metric: number;
  readonly table?: number | undefined;
}

/** ip-rule(8): that of a route without a table. */
const MAIN = 254;

/** `metric` is what the kernel makes of it: in IPv6, 0 is 1024. */
export function routeText({ to, via, from, onLink, metric, table }: RouteParts): string {
  const parts = [
    to,
    via === undefined ? 'link' : `via ${via}`,
    ...(from === undefined ? [] : [`from ${from}`]),
    ...(onLink ? ['onlink'] : []),
    `metric ${isIpv6(to) && metric === 0 ? 1024 : metric}`,
    ...(table === undefined || table === MAIN ? [] : [`table ${table}`]),
  ];
  return parts.join(' ');
}

interface RuleParts {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly iif?: string | undefined;
  readonly oif?: string | undefined;
  readonly tos?: number | undefined;
  readonly mark?: number | undefined;
  readonly table: number;
  readonly priority: number;
}

/** A rule, with what says nothing (from anywhere) left out; the family stands in front. */
export function ruleText({ from, to, iif, oif, tos, mark, table, priority }: RuleParts): string {
  const family = isIpv6(from ?? to ?? '') ? 'ipv6' : 'ipv4';
  const end = (word: string, network: string | undefined): string[] =>
    network === undefined || network.endsWith('/0') ? [] : [`${word} ${network}`];
  const parts = [
    `${family} ${priority}:`,
    ...end('from', from),
    ...end('to', to),
    ...(iif === undefined ? [] : [`iif ${iif}`]),
    ...(oif === undefined ? [] : [`oif ${oif}`]),
    ...(tos === undefined ? [] : [`tos ${tos}`]),
    ...(mark === undefined ? [] : [`mark ${mark}`]),
    `table ${table}`,
  ];
  return parts.join(' ');
}

export const everywhere = (isIpv6: boolean): string => (isIpv6 ? '::/0' : '0.0.0.0/0');

export const isIpv6 = (text: string): boolean => text.includes(':');

export const byFamily = <T>(
  items: readonly T[],
  textOf: (item: T) => string,
): { ipv4: T[]; ipv6: T[] } => ({
  ipv4: items.filter((item) => !isIpv6(textOf(item))),
  ipv6: items.filter((item) => isIpv6(textOf(item))),
});

export function familySettings(
  addresses: readonly string[],
  routes: readonly string[],
  rules: readonly string[],
  dns: readonly string[],
): { ipv4: FamilySettings; ipv6: FamilySettings } {
  const self = (text: string): string => text;
  const [a, r, d] = [byFamily(addresses, self), byFamily(routes, self), byFamily(once(dns), self)];
  const ofFamily = (family: string): string[] =>
    rules.filter((rule) => rule.startsWith(family)).sort();
  return {
    ipv4: { addresses: a.ipv4, routes: r.ipv4.sort(), rules: ofFamily('ipv4'), dns: d.ipv4 },
    ipv6: { addresses: a.ipv6, routes: r.ipv6.sort(), rules: ofFamily('ipv6'), dns: d.ipv6 },
  };
}

/** A name server or domain that is named twice is one: netplan and NetworkManager drop it. */
export const once = (items: readonly string[]): string[] => [...new Set(items)];

export const familiesOf = (text: string): string[] =>
  text === 'yes' ? ['ipv4', 'ipv6'] : text === 'no' ? [] : [text];

export function autoconfOf(
  ra: boolean,
  byRouter: boolean,
  dhcp6: boolean,
  alone: boolean,
): Link['autoconf'] {
  if (ra) return byRouter ? 'ra' : 'ra-only';
  if (!dhcp6) return 'none';
  return alone ? 'dhcp' : fail('DHCPv6 that waits for advertisements which nobody listens to');
}

/** Parameters of a bond or bridge; `min_links` of 0 is the kernel's default. */
export const parametersOf = (
  values: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> =>
  toRecord(
    new Map(
      Object.entries(values).flatMap(([key, value]) =>
        value === undefined || (key === 'min_links' && value === '0') ? [] : [[key, value]],
      ),
    ),
  );
