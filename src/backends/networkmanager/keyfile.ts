/** Settings, lists and escapes of a GLib key file, as NetworkManager's keyfile format uses them. */
import type { Path } from '../../diagnostics/diagnostic.ts';
import type { Family } from '../../model/types.ts';
import type { Authority, KeyfileKey } from '../../targets/since.ts';
import { type Entry, entry } from '../../view/rendered.ts';

/** One setting: its key in the keyfile's section `[ipv4]` or `[ipv6]`, and the value. */
export interface IpSetting {
  readonly key: string;
  readonly value: Entry;
}

/** Makes a setting of one family. */
export type Setting = (
  key: KeyfileKey<Family>,
  text: string | number,
  why: string,
  origin: Path,
) => IpSetting;

export const settingOf =
  (family: Family): Setting =>
  (key, text, why, origin) => ({
    key,
    value: entry(text, why, `nm-settings-keyfile(5), [${family}] ${key}` as Authority, origin),
  });

/**
 * A list value: each item closed by `;`. Items hold no separator: addresses and domain names
 * have none, and `entry` keeps control characters out.
 */
export function list(items: readonly string[]): string {
  return items.map((item) => `${item.replaceAll('\\', '\\\\').replaceAll(';', '\\;')};`).join('');
}
