/** Links that a stanza of ifupdown puts into a bridge or bond, in the syntax of all three programs. */
import { type Claim, fits, UPPER } from '../foreign.ts';
import { isInRange } from './boot.ts';
import type { Option, Stanza } from './file.ts';

/** `may`: a regular expression, which is not evaluated. */
export interface Port {
  readonly isSure: boolean;
  readonly master: string;
  readonly line: number;
}

/**
 * bridge-utils-interfaces(5), ifenslave's README, ifupdown-addons-guide(7), interfaces-bond(5) and
 * interfaces-bridge(5) of ifupdown-ng, openvswitch-switch's README.
 */
const LISTS =
  /^(?:bridge-ports|bond-slaves|bond-ports|bond-members|slaves|ovs-ports|ovs-bonds|batman-ifaces)$/;
/** In the stanza of the port. */
const MASTERS = /^(?:bond-master|ovs-bridge|ovs-bonding)$/;
/** The ports of `bridge_ports all`: every link with the name of a NIC (bridge-utils.sh). */
const NICS = /^(?:eth|en|em\d|p\d+p)/;

/** The stanza's master of a link, if it has one. */
export function portIn(stanza: Stanza, options: readonly Option[], claim: Claim): Port | undefined {
  for (const { key, value, line } of options) {
    const words = value.split(/\s+/).filter((word) => word !== '');
    if (LISTS.test(key)) {
      const taken = isTaken(words, claim);
      if (taken !== 'no') return { isSure: taken === 'yes', master: stanza.name, line };
    }
    const [master = 'none'] = words;
    if (MASTERS.test(key) && stanza.name === claim.name && master !== 'none') {
      return { isSure: true, master, line };
    }
    const other = /^(?:pre-up|up|post-up)$/.test(key) && masterByCommand(words, stanza, claim);
    if (other) return { isSure: true, master: other, line };
  }
  return undefined;
}

/** A list of names, with words that change the meaning of the next ones. */
function isTaken(words: readonly string[], { name, kind }: Claim): 'yes' | 'may' | 'no' {
  const isVirtual = UPPER.has(kind);
  let how = '';
  let found: 'may' | 'no' = 'no';
  for (const word of words) {
    if (/^(?:glob|regex|noregex)$/.test(word)) how = word === 'noregex' ? '' : word;
    else if (how === 'regex') found = isVirtual ? 'no' : 'may';
    else if (how === 'glob' ? isInGlob(word, name) : word === name) return 'yes';
    else if (word === 'all' && kind === 'ethernet' && NICS.test(name)) return 'yes';
  }
  return found;
}

/** ifupdown2: `swp*`, `swp[1-4]`, `swp1-4`. */
function isInGlob(word: string, name: string): boolean {
  const [, before, low, high, after = ''] = /^(.*?)(\d{1,9})-(\d{1,9})(.*)$/.exec(word) ?? [];
  return (
    fits(word, name) ||
    isInRange(word, name) ||
    (before !== undefined && isInRange(`${before}[${low}-${high}]${after}`, name))
  );
}

/** `ip link set eth0 master br0`, `brctl addif br0 eth0`, `ovs-vsctl add-port br0 eth0`, `ifenslave bond0 eth0`. */
function masterByCommand(
  words: readonly string[],
  stanza: Stanza,
  { name }: Claim,
): string | undefined {
  const isNamed =
    words.includes(name) ||
    (stanza.name === name && words.some((word) => /^"?\$\{?IFACE\}?"?$/.test(word)));
  if (!isNamed) return undefined;
  const at = words.findIndex((word) => /^(?:addif|add-port|master|(?:.*\/)?ifenslave)$/.test(word));
  return at === -1 ? undefined : words[at + 1]?.replace(/^"?\$\{?IFACE\}?"?$/, stanza.name);
}
