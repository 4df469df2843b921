/** What may be written at a place of an intent: completion and hover, from the schema. */
import { type KeyPlace, keyPlaces, sharedKeys } from '../explain/keys.ts';
import { referencePage } from '../explain/reference.ts';
import { type Context, contextAt } from './context.ts';

export interface Offer {
  readonly label: string;
  /** What takes the place of what is typed. */
  readonly insert: string;
  /** Half a line beside it. */
  readonly detail: string;
  /** A key's or value's reason. */
  readonly info: string;
}

export interface Offers {
  /** Where what is typed so far begins. */
  readonly from: number;
  readonly offers: readonly Offer[];
}

const places = keyPlaces();
const shared = new Set(sharedKeys());

/** Keys of a file with several hosts, which are not of the intent of one. */
const FLEET: readonly KeyPlace[] = [
  {
    path: 'hosts',
    key: 'hosts',
    description: 'The hosts of a fleet, by their names.',
    holds: 'a mapping',
  },
  {
    path: 'defaults',
    key: 'defaults',
    description: 'What all hosts of a fleet have in common.',
    holds: 'a mapping',
  },
];

/** @returns nothing where a name or a text of one's own is expected */
export function offersAt(text: string, offset: number): Offers | undefined {
  const context = contextAt(text, offset);
  if (!context) return undefined;
  const offers = context.key === undefined ? keysAt(context) : valuesAt(text, context, context.key);
  return offers.length > 0 ? { from: context.from, offers } : undefined;
}

function keysAt({ path }: Context): Offer[] {
  return childrenOf(path).map(({ key, description, holds }) => ({
    label: key,
    insert: /^a (?:list; each a )?mapping$/.test(holds) ? `${key}:` : `${key}: `,
    detail: holds.length > 32 ? '' : holds,
    info: `${description} Holds ${holds}.`,
  }));
}

function valuesAt(text: string, { path }: Context, key: string): Offer[] {
  const place = childrenOf(path).find((item) => item.key === key);
  if (!place) return [];
  const words = wordsOf(place.holds);
  const names = LINKS.has(key) ? linksIn(text) : [];
  return [...words, ...names].map((word) => ({
    label: word,
    insert: word,
    detail: '',
    info: place.description,
  }));
}

/** Keys that hold the name of a link which is elsewhere in the intent. */
const LINKS = new Set(['parent', 'link', 'primary', 'interfaces', 'iif', 'oif']);

/** Names of parents, as they are written. */
function linksIn(text: string): string[] {
  const used = [...text.matchAll(/\bparent: *([A-Za-z0-9_.-]+)/g)].map(([, name = '']) => name);
  const block = /^parents:[^\n]*\n((?:[ #][^\n]*\n|\n)*)/m.exec(`${text}\n`)?.[1] ?? '';
  const declared = [...block.matchAll(/^ {2}([A-Za-z0-9_.-]+):/gm)].map(([, name = '']) => name);
  return [...new Set([...declared, ...used])];
}

/** The words that a key's value may be. */
function wordsOf(holds: string): string[] {
  const listed = /one of: ([^;]*)/.exec(holds)?.[1]?.split(', ') ?? [];
  const flags = holds.startsWith('true or false') ? ['true', 'false'] : [];
  const other = /^true or false, or ([a-z]+)$/.exec(holds)?.[1];
  return [...listed, ...flags, ...(other === undefined ? [] : [other])];
}

/** The keys that a mapping may have. @param path as `Context` has it */
function childrenOf(path: readonly string[]): KeyPlace[] {
  const own = withoutHost(path);
  const children = places.filter(
    ({ path: at, key }) => !key.startsWith('<') && isParent(own, at.split('.').slice(0, -1)),
  );
  const isLink = own.length === 2 && own[0] === 'parents';
  const addressing = isLink
    ? places.filter(({ path: at, key }) => at === `shims.<name>.${key}` && shared.has(key))
    : [];
  return [...children, ...(path.length === 0 ? FLEET : []), ...addressing];
}

/** The path within one host of a fleet. */
const withoutHost = (path: readonly string[]): readonly string[] =>
  path[0] === 'hosts' && path.length > 1
    ? path.slice(2)
    : path[0] === 'defaults'
      ? path.slice(1)
      : path;

/** @param place `shims`, `<name>`, `routes[]` */
const isParent = (path: readonly string[], place: readonly string[]): boolean =>
  path.length === place.length &&
  path.every((step, index) => step === place[index] || place[index]?.startsWith('<') === true);

/** The page of the key that an offset is in. */
export function pageAt(
  text: string,
  offset: number,
): { readonly from: number; readonly to: number; readonly page: string } | undefined {
  const start = text.slice(0, offset).search(/[A-Za-z0-9_-]*$/);
  const word = /^([A-Za-z0-9_-]+) *:/.exec(text.slice(start, start + 100))?.[1];
  if (word === undefined) return undefined;
  const context = contextAt(text, start);
  if (!context || context.key !== undefined) return undefined;
  const path = [...withoutHost(context.path), word].join('.');
  const page = referencePage(path) ?? (shared.has(word) ? referencePage(word) : undefined);
  return page === undefined ? undefined : { from: start, to: start + word.length, page };
}
