/** What a host's files set for one link, in words of the intent: each value with the place that it is from. */

/** Where a value is from. */
export interface Origin {
  /** Absolute, on the host; absent for a default, or what the kernel has. */
  readonly path?: string;
  readonly line?: number;
  /** Of a value that takes several lines: the last one. */
  readonly endLine?: number;
  /** `default of systemd-networkd`; beside a path, what else is to be known. */
  readonly note?: string;
}

export type Scalar = string | number | boolean;
/** An item of a list: an address, or a route as a mapping. */
export type Item = Scalar | Readonly<Record<string, Scalar>>;

/** One value of a link. */
export interface Entry {
  /** Keys below the link, joined by dots: `dhcp4-overrides.use-dns`. */
  readonly key: string;
  /** Of a list: one item of it, in the order of the files; or the list as a whole. */
  readonly value: Item | readonly Scalar[];
  readonly isItem: boolean;
  readonly origin: Origin;
}

/** A setting that the intent does not have. */
export interface Left {
  readonly origin: Origin;
  /** As the file has it, shortened. */
  readonly setting: string;
  /** A sentence; default: the language has no word for it. */
  readonly why?: string;
  /** Nothing is missing: worth knowing. */
  readonly isNote?: true;
  /** Of a note; default: nothing to do. */
  readonly hint?: string;
}

export type Kind =
  | 'ethernet'
  | 'vlan'
  | 'bond'
  | 'bridge'
  | 'macvlan'
  | 'macvtap'
  | 'ipvlan'
  | 'other';

/** As what files of other links match it. */
export const kindOfClaim = (kind: Kind): Exclude<Kind, 'other'> =>
  kind === 'other' ? 'ethernet' : kind;

/** Filled in by the reader of one system, file by file. */
export interface FoundLink {
  readonly name: string;
  readonly kind: Kind;
  /** Where its definition begins. */
  readonly origin: Origin;
  readonly entries: Entry[];
  readonly left: Left[];
  /** Of a VLAN or macvlan: the name of the link under it. */
  below?: string;
  /** Of a bond or bridge: names of its members. */
  readonly ports: string[];
  /** The bond or bridge that it is a member of. */
  master?: string;
  /** Names of routing tables that its files may have. */
  tables?: ReadonlyMap<string, number>;
}

export const newLink = (name: string, kind: Kind, origin: Origin): FoundLink => ({
  name,
  kind,
  origin,
  entries: [],
  left: [],
  ports: [],
});

/** Sets a value; the last one of a key counts. */
export function set(
  link: FoundLink,
  key: string,
  value: Scalar | readonly Scalar[],
  origin: Origin,
): void {
  const old = link.entries.find((entry) => entry.key === key && !entry.isItem);
  if (old && old.origin.note === undefined && JSON.stringify(old.value) !== JSON.stringify(value)) {
    const { path, line } = origin;
    const by = path === undefined ? '' : ` in \`${path}${line === undefined ? '' : `:${line}`}\``;
    leave(link, old.origin, `${key}: ${String(old.value)}`, `A later setting${by} overrides it.`);
  }
  drop(link, key);
  link.entries.push({ key, value, isItem: false, origin });
}

/** Adds an item to a list; one that is there already is not repeated. */
export function add(link: FoundLink, key: string, value: Item, origin: Origin): void {
  const text = JSON.stringify(value);
  const isKnown = link.entries.some(
    (entry) => entry.isItem && entry.key === key && JSON.stringify(entry.value) === text,
  );
  if (!isKnown) link.entries.push({ key, value, isItem: true, origin });
}

/** Removes the items of a list that an empty assignment drops, and reports them. */
export function reset(link: FoundLink, key: string): void {
  for (const { value, origin } of itemsOf(link, key)) {
    leave(link, origin, `${key}: ${String(value)}`, 'A later empty assignment drops it.');
  }
  drop(link, key);
}

/** Removes what is set so far. */
export function drop(link: FoundLink, key: string): void {
  const kept = link.entries.filter((entry) => entry.key !== key);
  link.entries.splice(0, link.entries.length, ...kept);
}

const MOST_SHOWN = 120;

/** Reports a setting that the intent does not have. */
export function leave(link: FoundLink, origin: Origin, setting: string, why?: string): void {
  const shown = setting.length > MOST_SHOWN ? `${setting.slice(0, MOST_SHOWN)}…` : setting;
  link.left.push({ origin, setting: shown, ...(why !== undefined && { why }) });
}

/** The value of a key, other than a list. */
export const scalarOf = (link: FoundLink, key: string): Entry['value'] | undefined =>
  link.entries.find((entry) => entry.key === key && !entry.isItem)?.value;

export const itemsOf = (link: FoundLink, key: string): Entry[] =>
  link.entries.filter((entry) => entry.key === key && entry.isItem);

/** Whether a link has a default route by its files: by a gateway, or by a lease. */
export const hasDefaultRoute = (link: FoundLink): boolean =>
  itemsOf(link, 'routes').some(
    ({ value }) =>
      typeof value === 'object' && 'to' in value && value.to === 'default' && !('table' in value),
  ) ||
  (scalarOf(link, 'dhcp4') === true && scalarOf(link, 'dhcp4-overrides.use-routes') !== false);
