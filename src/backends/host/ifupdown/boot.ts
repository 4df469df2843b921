/** Which links ifupdown brings up at boot, and as which stanza. */
import { type Claim, fits } from '../foreign.ts';
import type { Stanza } from './file.ts';
import type { Brought, Interfaces } from './tree.ts';

/** A limit for words and patterns: each is compared with each stanza. */
const MOST_PATTERNS = 256;

/** A link is brought up as a stanza. */
export interface Start {
  readonly path: string;
  readonly line: number;
  /** The name of the stanza. */
  readonly logical: string;
  /** Whether the match is certain: a MAC or driver may be unknown. */
  readonly isSure: boolean;
  /** A mapping whose script chooses another stanza, which is unknown. */
  readonly mapping?: Interfaces['mappings'][number];
}

/** All words that bring a link up. */
export function startsOf(tree: Interfaces, claim: Claim): Start[] {
  const isExcluded = tree.excluded.some(({ pattern }) => fits(pattern, claim.name));
  const chosen = tree.brought
    .filter(({ kind }) => kind === 'hotplug' || !isExcluded)
    .flatMap((brought) => {
      const { path, line } = brought;
      const found = chosenBy(brought, claim, tree.program === 'ifupdown2');
      return found ? [{ path, line, ...found }] : [];
    });
  return chosen.slice(0, MOST_PATTERNS).map((start) => {
    const mapping = mappingOf(tree, start.logical);
    return { ...start, ...(mapping && { mapping }) };
  });
}

/** The first `mapping` for a name; ifupdown2 and ifupdown-ng have none. */
export const mappingOf = (
  { mappings, program }: Interfaces,
  logical: string,
): Interfaces['mappings'][number] | undefined =>
  program === 'ifupdown2'
    ? undefined
    : mappings.find(({ names }) => names.some((pattern) => fits(pattern, logical)));

function chosenBy(
  { word }: Brought,
  claim: Claim,
  isIfupdown2: boolean,
): Pick<Start, 'logical' | 'isSure'> | undefined {
  const { physical, logical } = partsOf(word);
  if (isIfupdown2 && word === 'all') return { logical: claim.name, isSure: true };
  if (isPattern(physical)) {
    const isSure = fitsPattern(physical, claim);
    return isSure === undefined ? undefined : { logical: logical ?? claim.name, isSure };
  }
  const isMeant = baseOf(physical) === claim.name || isInRange(physical, claim.name);
  return isMeant ? { logical: logical ?? physical, isSure: true } : undefined;
}

/** `PHYSICAL=LOGICAL`. */
function partsOf(word: string): { physical: string; logical?: string } {
  const at = word.lastIndexOf('=');
  return at === -1
    ? { physical: word }
    : { physical: word.slice(0, at), logical: word.slice(at + 1) };
}

/** `eth0:1` is one more address of eth0. */
export const baseOf = (name: string): string => name.split(':', 1)[0] ?? name;

const isPattern = (word: string): boolean => word.includes('/') && !word.startsWith('/dev/');

/**
 * `[VARIABLE]/VALUE[/OPTIONS]` (interfaces(5), "Pattern matching interfaces"): of the kernel's
 * names, or of any file in /sys/class/net/NAME. Undefined: does not fit.
 */
function fitsPattern(
  pattern: string,
  { name, kind, permanentMac, mac }: Claim,
): boolean | undefined {
  const [variable = '', value = '', options = ''] = pattern.split('/');
  if (variable === '') return fits(value, name) ? options === '' : undefined;
  if (variable !== 'mac') return kind === 'ethernet' ? false : undefined;
  const known = [permanentMac, mac].filter((item) => item !== undefined);
  if (known.includes(value.toLowerCase())) return true;
  return known.length === 0 && kind === 'ethernet' ? false : undefined;
}

/** ifupdown2: `swp[1-4]`, `swp[1-4].100`. */
export function isInRange(word: string, name: string): boolean {
  const [, before, low, high, after = ''] = /^([^[]*)\[(\d{1,9})-(\d{1,9})\](.*)$/.exec(word) ?? [];
  if (before === undefined || !name.startsWith(before) || !name.endsWith(after)) return false;
  const digits = name.slice(before.length, name.length - after.length);
  return (
    /^\d{1,9}$/.test(digits) && Number(digits) >= Number(low) && Number(digits) <= Number(high)
  );
}

/** Which stanzas are brought up, as some link. */
export function startedIn(tree: Interfaces): (stanza: Stanza) => boolean {
  const names = new Set<string>();
  const patterns: string[] = [];
  for (const { word } of tree.brought) {
    const { physical, logical } = partsOf(word);
    if (logical !== undefined) names.add(logical);
    if (!isPattern(physical)) names.add(physical);
    else if (logical === undefined && physical.startsWith('/')) {
      patterns.push(physical.split('/')[1] ?? '');
    }
  }
  const isAll = tree.program === 'ifupdown2' && names.has('all');
  const first = patterns.slice(0, MOST_PATTERNS);
  return ({ name }) => isAll || names.has(name) || first.some((pattern) => fits(pattern, name));
}
