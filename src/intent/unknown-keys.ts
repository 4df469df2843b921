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
    // `managed`, which is near, would be the opposite with the same value.
    unmanaged: { hint: 'Write `managed: false`.' },
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
 * The keys of a mapping that are not known at its place, each with its diagnostic. A key has no fix where
 * another one would become the same: which of the two values to keep would be a guess.
 * @param known keys that there are at this place
 * @param present keys that the mapping has
 */
export function unknownKeys(
  known: readonly string[],
  path: Path,
  present: { keys(): Iterable<string>; has(key: string): boolean },
): ReadonlyMap<string, Diagnostic> {
  const isKnown = new Set(known);
  const found = [...present.keys()].flatMap((key) =>
    isKnown.has(key) ? [] : [[key, meaningOf(key, known, path, present)] as const],
  );
  const rivals = new Map<string, string[]>();
  for (const [key, { fix, written }] of found) {
    if (!fix || written === undefined) continue;
    const others = rivals.get(written);
    if (others) others.push(key);
    else rivals.set(written, [key]);
  }
  return new Map(
    found.map(([key, { hint, fix, written, meant }]) => {
      const same = (fix && written !== undefined && rivals.get(written)) || [];
      const isAlone = same.length < 2;
      const problem = diagnostic('unknown-key', [...path, key], `Unknown key \`${key}\`.`, {
        at: 'key',
        hint: isAlone ? hint : `${hint} Write it once, in place of ${listed(same)}.`,
        ...(meant !== undefined && { meant: [...path, meant] }),
        ...(fix && isAlone && { fix }),
      });
      return [key, problem];
    }),
  );
}

/** So many keys are named. */
const MOST_NAMED = 3;

function listed(keys: readonly string[]): string {
  const named = keys.slice(0, MOST_NAMED).map((key) => `\`${key}\``);
  const left = keys.length - named.length;
  const last = left > 0 ? `${left} more` : named.pop();
  return `${named.join(', ')} and ${last}`;
}

interface Meaning {
  readonly hint: string;
  /** Absent where its key is there already, or not known. */
  readonly fix?: Fix;
  /** The key that the fix writes. */
  readonly written?: string | undefined;
  /** The key that was probably meant. */
  readonly meant?: string | undefined;
}

function meaningOf(
  key: string,
  known: readonly string[],
  path: Path,
  present: { has(key: string): boolean },
): Meaning {
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
  const isFree = written === undefined || (known.includes(written) && !present.has(written));
  return { hint, written, meant: elsewhere?.key ?? nearest, ...(fix && isFree && { fix }) };
}
