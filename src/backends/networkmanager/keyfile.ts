/** The lists and escapes of a GLib key file, as NetworkManager's keyfile format uses them. */

/**
 * A list value: each item closed by `;`. Items hold no separator: addresses and domain names
 * have none, and `entry` keeps control characters out.
 */
export function list(items: readonly string[]): string {
  return items.map((item) => `${item.replaceAll('\\', '\\\\').replaceAll(';', '\\;')};`).join('');
}
