/** Keys that the language does not have → what was probably meant. */
import { distance } from 'fastest-levenshtein';
import { type Diagnostic, diagnostic, type Path } from '../diagnostics/diagnostic.ts';

/** Where people come from another vocabulary: what to write, by the place where they write it. */
const ELSEWHERE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '': {
    network: 'This looks like netplan YAML. An intent has `parents` and `shims` at its top.',
    macvlans: 'Write `shims`.',
    macvtaps: 'Write `taps`.',
    ethernets: 'Write `parents`.',
    vlans: 'Write `parents`, with `id` and `link`.',
    bonds: 'Write `parents`, with `type: bond`.',
    bridges: 'Write `parents`, with `type: bridge`.',
    hosts: 'Several hosts are a fleet, which `compileFleet` takes.',
    defaults: 'They are for a fleet, which `compileFleet` takes.',
  },
  shims: {
    gateway4: 'Write `routes: [{to: default, via: GATEWAY}]`.',
    gateway6: 'Write `routes: [{to: default, via: GATEWAY}]`.',
    gateway: 'Write `routes: [{to: default, via: GATEWAY}]`.',
    address: 'Write `addresses: [ADDRESS/LENGTH]`.',
    dns: 'Write `nameservers: {addresses: [ADDRESS]}`.',
    domains: 'Write `nameservers: {search: [DOMAIN]}`.',
    mac: 'Write `macaddress`.',
    link: 'Write `parent`.',
    critical: 'Remove it: nothing releases the address of a shim.',
  },
  parents: {
    mac: 'Write `macaddress`.',
    gateway4: 'Write `routes: [{to: default, via: GATEWAY}]`.',
    gateway6: 'Write `routes: [{to: default, via: GATEWAY}]`.',
    gateway: 'Write `routes: [{to: default, via: GATEWAY}]`.',
    dns: 'Write `nameservers: {addresses: [ADDRESS]}`.',
    mode: 'Write `parameters: {mode: MODE}`.',
    slaves: 'Write `interfaces`.',
    ports: 'Write `interfaces`.',
    members: 'Write `interfaces`.',
    vlan: 'Write `id` and `link`.',
  },
  taps: {
    mac: 'Write `macaddress`.',
    link: 'Write `parent`.',
    addresses: 'A tap has no address; its guest has.',
    dhcp4: 'A tap has no address; its guest has.',
  },
  guests: {
    mac: 'Write `macaddress`.',
    link: 'Write `parent`.',
    source: 'Write `parent`.',
    trustGuestRxFilters: 'Write `trust-guest-rx-filters`.',
    addresses: 'The guest configures its own addresses.',
  },
  routes: {
    gateway: 'Write `via`.',
    gw: 'Write `via`.',
    destination: 'Write `to`.',
    dest: 'Write `to`.',
    type: 'Remove it: all routes are unicast.',
  },
  nameservers: { domains: 'Write `search`.' },
  match: {
    name: 'Write `macaddress`: a NIC is matched by its permanent MAC only.',
    driver: 'Write `macaddress`: a NIC is matched by its permanent MAC only.',
  },
};

/** The place that a path is in, as `ELSEWHERE` calls it. */
function placeOf(path: Path): string {
  if (path.length === 0) return '';
  if (path.length === 2) return String(path[0]);
  return String(path.findLast((step) => typeof step === 'string'));
}

export function unknownKey(key: string, known: readonly string[], path: Path): Diagnostic {
  const nearest = nearestOf(key, known);
  const place = placeOf(path);
  // Names are the user's: `constructor` must not find what every object has.
  const words = (Object.hasOwn(ELSEWHERE, place) && ELSEWHERE[place]) || {};
  const elsewhere = Object.hasOwn(words, key) ? words[key] : undefined;
  const hint =
    elsewhere ??
    (nearest
      ? `Did you mean \`${nearest}\`?`
      : `Known here: ${known.map((k) => `\`${k}\``).join(', ')}.`);
  return diagnostic('unknown-key', [...path, key], `Unknown key \`${key}\`.`, {
    at: 'key',
    hint,
    ...(nearest !== undefined && { meant: [...path, nearest] }),
  });
}

/** The known word that `word` is most likely a slip of, if any is near enough. */
export function nearestOf(word: string, known: readonly string[]): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replaceAll('_', '-');
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(Math.min(word.length, 40) / 3)) + 1;
  for (const candidate of known) {
    const d = distance(plain(word.slice(0, 40)), plain(candidate));
    if (d < bestDistance) {
      best = candidate;
      bestDistance = d;
    }
  }
  return best;
}
