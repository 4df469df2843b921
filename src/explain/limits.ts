/** Known limits of keys: what a key does not do on some system, printed by `explain KEY`. */

/** By the key, wherever it is in the language. */
export const LIMITS: Readonly<Record<string, readonly string[]>> = {
  'ipv6-privacy': [
    'It counts for addresses by router advertisement only: leases by DHCPv6 and static addresses stay as they are.',
    'Guests and LAN reach the host at its stable address; what the host opens comes from a temporary one.',
  ],
};
