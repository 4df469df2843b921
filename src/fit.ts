/**
 * Fits rendered files to the versions of a target: what they do not know is left out and reported.
 * `since.ts` has the versions; the back end chooses an older key in
 * place of a newer one, with `knows`.
 */

import { type Diagnostic, diagnostic } from './diagnostics/diagnostic.ts';
import { daemonOf, isKnown, type Since, sinceOf } from './targets/since.ts';
import type { Target } from './targets/target.ts';
import { type Entry, isEntry, type RenderedFile, type View } from './view/rendered.ts';
import { entriesOfView, withView } from './view/template.ts';

interface Fitted {
  readonly files: RenderedFile[];
  readonly diagnostics: Diagnostic[];
}

/** @param backend its id, for the diagnostics */
export function fit(files: readonly RenderedFile[], target: Target, backend: string): Fitted {
  const found = new Map<string, Diagnostic>();
  const report = (entry: Entry, since: Since, isOlder: boolean): void => {
    const { key } = since;
    const lacking = lackOf(entry, since, target);
    const [code, message] = isOlder
      ? ([
          'older-spelling',
          `${versionOf(entry, target)} knows \`${since.newer}\` as \`${key}\`.`,
        ] as const)
      : since.lacking === 'refused'
        ? (['target-lacks-key', `${lacking}.`] as const)
        : (['left-out-for-target', `${lacking}: ${without(entry)}`] as const);
    const path = code === 'target-lacks-key' ? entry.origin : entry.origin.slice(0, 2);
    // Once for a key: wherever else it is missing, the remedy is the same.
    const id = `${code} ${key}`;
    if (!found.has(id)) found.set(id, diagnostic(code, path, message, { backend }));
  };
  const keep = (entry: Entry): boolean => {
    const since = sinceOf(entry.authority, entry.text);
    if (!since) return true;
    if (isKnown(target, since)) {
      if (since.newer !== undefined) report(entry, since, true);
      return true;
    }
    report(entry, since, false);
    return since.lacking === 'refused';
  };
  const kept = files.flatMap((rendered) => {
    const { keyEntry, view: whole } = rendered;
    if (keyEntry && !keep(keyEntry)) return [];
    const view = isKept(whole, keep) ? whole : pruned(whole, keep);
    return view === whole || view === undefined ? rendered : withView(rendered, view);
  });
  // In the order in which they take effect; within one rank, by path.
  kept.sort((a, b) => a.rank - b.rank || (a.path < b.path ? -1 : 1));
  return { files: kept, diagnostics: [...found.values()] };
}

/** Of keys that another program writes for us, those that the target cannot do without and lacks. */
export function refusedIn(view: View, target: Target, backend: string): Diagnostic[] {
  const found = new Map<string, Diagnostic>();
  for (const entry of entriesOfView(view)) {
    const since = sinceOf(entry.authority, entry.text);
    if (since?.lacking !== 'refused') continue;
    if (isKnown(target, since) || found.has(since.key)) continue;
    const message = `${lackOf(entry, since, target)}.`;
    found.set(since.key, diagnostic('target-lacks-key', entry.origin, message, { backend }));
  }
  return [...found.values()];
}

/** `systemd 241` */
function versionOf({ authority }: Entry, { versions }: Target): string {
  const daemon = daemonOf(authority) ?? 'systemd';
  return `${daemon} ${versions[daemon].join('.')}`;
}

/** ``systemd 241 has no `[Link] RequiredFamilyForOnline=` (since 249)`` */
function lackOf(entry: Entry, { key, newer, since }: Since, target: Target): string {
  const name = newer === undefined ? '' : `, as \`${key}\``;
  return `${versionOf(entry, target)} has no \`${newer ?? key}\` (since ${since}${name})`;
}

/** What is done without: the reason that the entry would have had. */
const without = ({ why }: Entry): string => `without it there is no ${JSON.stringify(why)}`;

/** Whether every entry is kept, which is so nearly always. */
function isKept(view: View, keep: (entry: Entry) => boolean): boolean {
  for (const key in view) {
    const value = view[key];
    if (value === undefined) continue;
    if (Array.isArray(value)) {
      for (const item of value as readonly (Entry | View)[]) {
        if (!isKeptValue(item, keep)) return false;
      }
    } else if (!isKeptValue(value as Entry | View, keep)) return false;
  }
  return true;
}

const isKeptValue = (value: Entry | View, keep: (entry: Entry) => boolean): boolean =>
  isEntry(value) ? keep(value) : isKept(value, keep);

/** The view itself where all is kept; a group that is left empty goes, too. */
function pruned(view: View, keep: (entry: Entry) => boolean): View | undefined {
  const prunedValue = (value: Entry | View): Entry | View | undefined =>
    isEntry(value) ? (keep(value) ? value : undefined) : pruned(value, keep);
  let isChanged = false;
  const kept: { [key: string]: View[string] } = {};
  for (const [key, value] of Object.entries(view)) {
    if (value === undefined) continue;
    if (Array.isArray(value)) {
      const items = value as readonly (Entry | View)[];
      const list = items.map(prunedValue).filter((item) => item !== undefined);
      isChanged ||= list.length < items.length || list.some((item, at) => item !== items[at]);
      if (list.length > 0 || items.length === 0) kept[key] = list;
    } else {
      const single = prunedValue(value as Entry | View);
      isChanged ||= single !== value;
      if (single !== undefined) kept[key] = single;
    }
  }
  if (!isChanged) return view;
  return Object.keys(kept).length === 0 ? undefined : kept;
}
