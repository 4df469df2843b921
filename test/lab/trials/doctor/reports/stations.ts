/** Addresses and MACs of the lab's host, guest and router, as faults name them. */
export const HOST = '198.51.100.50';
export const GUEST = '198.51.100.198';
export const GATEWAY = '198.51.100.254';
export const NIC_MAC = '52:54:00:51:01:01';
export const GUEST_MAC = '52:54:00:51:01:c6';
export const GATEWAY_MAC = '52:54:00:51:01:fe';
/** Derived from the names of host and shim, unless the daemon derives one. */
export const SHIM_MAC = 'ce:56:b6:6f:2b:36';

/** A table of nftables with one chain. @param what its hook, and its rules */
export const table = (family: string, what: string, sets = ''): string =>
  `nft -f - <<'X'\ntable ${family} reported {\n${sets}chain c {\n${what}\n}\n}\nX`;

/** A whole rule set, as `nft list ruleset` prints it. */
export const ruleset = (text: string): string => `nft -f - <<'X'\n${text}\nX`;
