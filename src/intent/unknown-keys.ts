/** Keys that the language does not have → what was probably meant. */
import { type Diagnostic, diagnostic, type Path } from '../diagnostics/diagnostic.ts';
import { type Fix, removeEntry, renameKey, replaceEntry } from '../diagnostics/fix.ts';
import { nearestOf, slipOf } from './slips.ts';

/** What to write, and the fix where that is all that it can mean. */
interface Word {
  readonly hint: string;
  readonly fix?: Fix;
  /** The key that is written instead. */
  readonly key?: string;
}

const word = (key: string): Word => ({ hint: `Write \`${key}\`.`, fix: renameKey(key), key });

/** @param before,after the value, in YAML's flow style */
const entry = (hint: string, key: string, before: string, after: string): Word => ({
  hint,
  fix: replaceEntry(key, before, after),
  key,
});

const GATEWAY = entry(
  'Write `routes: [{to: default, via: GATEWAY}]`.',
  'routes',
  '[{to: default, via: ',
  '}]',
);

const DNS = entry(
  'Write `nameservers: {addresses: [ADDRESS]}`.',
  'nameservers',
  '{addresses: [',
  ']}',
);
const DOMAINS = entry(
  'Write `nameservers: {search: [DOMAIN]}`.',
  'nameservers',
  '{search: [',
  ']}',
);

/** Where people come from another vocabulary: what to write, by the place where they write it. */
const ELSEWHERE: Readonly<Record<string, Readonly<Record<string, Word>>>> = {
  '': {
    network: {
      hint: "Remove it: an intent has `parents` and `shims` at its top, not netplan's `network`.",
    },
    macvlans: word('shims'),
    macvtaps: word('taps'),
    ethernets: word('parents'),
    vlans: { hint: 'Write `parents`, with `id` and `link`.', key: 'parents' },
    bonds: { hint: 'Write `parents`, with `type: bond`.', key: 'parents' },
    bridges: { hint: 'Write `parents`, with `type: bridge`.', key: 'parents' },
    hosts: { hint: 'Several hosts are a fleet, which `compileFleet` takes.' },
    defaults: { hint: 'They are for a fleet, which `compileFleet` takes.' },
  },
  shims: {
    gateway4: GATEWAY,
    gateway6: GATEWAY,
    gateway: GATEWAY,
    address: entry('Write `addresses: [ADDRESS/LENGTH]`.', 'addresses', '[', ']'),
    dns: DNS,
    domains: DOMAINS,
    mac: word('macaddress'),
    link: word('parent'),
    critical: {
      hint: 'Remove it: nothing releases the address of a shim.',
      fix: removeEntry(),
    },
  },
  parents: {
    mac: word('macaddress'),
    gateway4: GATEWAY,
    gateway6: GATEWAY,
    gateway: GATEWAY,
    dns: DNS,
    mode: { hint: 'Write `parameters: {mode: MODE}`.' },
    slaves: word('interfaces'),
    ports: word('interfaces'),
    members: word('interfaces'),
    vlan: { hint: 'Write `id` and `link`.' },
  },
  taps: {
    mac: word('macaddress'),
    link: word('parent'),
    addresses: { hint: 'A tap has no address; its guest has.' },
    dhcp4: { hint: 'A tap has no address; its guest has.' },
  },
  guests: {
    mac: word('macaddress'),
    link: word('parent'),
    source: word('parent'),
    trustGuestRxFilters: word('trust-guest-rx-filters'),
    addresses: { hint: 'The guest configures its own addresses.' },
  },
  routes: {
    gateway: word('via'),
    gw: word('via'),
    destination: word('to'),
    dest: word('to'),
    type: { hint: 'Remove it: all routes are unicast.' },
  },
  nameservers: { domains: word('search') },
  match: {
    name: { hint: 'Write `macaddress`: a NIC is matched by its permanent MAC only.' },
    driver: { hint: 'Write `macaddress`: a NIC is matched by its permanent MAC only.' },
  },
};

/** The place that a path is in, as `ELSEWHERE` calls it. */
function placeOf(path: Path): string {
  if (path.length === 0) return '';
  if (path.length === 2) return String(path[0]);
  return String(path.findLast((step) => typeof step === 'string'));
}

/**
 * @param known keys that there are at this place
 * @param present keys that the mapping has
 */
export function unknownKey(
  key: string,
  known: readonly string[],
  path: Path,
  present: { has(key: string): boolean } = new Set<string>(),
): Diagnostic {
  const place = placeOf(path);
  // Names are the user's: `constructor` must not find what every object has.
  const words = (Object.hasOwn(ELSEWHERE, place) && ELSEWHERE[place]) || {};
  const elsewhere = Object.hasOwn(words, key) ? words[key] : undefined;
  const nearest = nearestOf(key, known);
  const slip = slipOf(key, known);
  const near: Word = {
    hint: nearest
      ? `Did you mean \`${nearest}\`?`
      : `Known here: ${known.map((k) => `\`${k}\``).join(', ')}.`,
    ...(slip !== undefined && { fix: renameKey(slip), key: slip }),
  };
  const { hint, fix, key: written } = elsewhere ?? near;
  const meant = elsewhere?.key ?? nearest;
  const isFree = written === undefined || (known.includes(written) && !present.has(written));
  return diagnostic('unknown-key', [...path, key], `Unknown key \`${key}\`.`, {
    at: 'key',
    hint,
    ...(meant !== undefined && { meant: [...path, meant] }),
    ...(fix && isFree && { fix }),
  });
}
