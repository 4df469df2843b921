/** Two models → what happens on the machine, for reviewers of a change. */

import type { Model, Parent, Shim, Tap } from '../model/types.ts';
import { ofAddresses, ofFirst } from './addresses.ts';
import { ofDynamic } from './leases.ts';
import { CONDITIONS } from './links.ts';
import { ofRoutes, ofRules } from './routes.ts';
import { type Change, change, linkName, SEVERITIES } from './words.ts';

/**
 * Every difference of two models; none exactly if they render the same files. How an existing device
 * takes them over depends on the back end: see `ofEffects`.
 * @param addressesNow addresses that the host has at this moment, if known
 */
export function changesBetween(
  before: Model,
  after: Model,
  addressesNow?: readonly string[],
): Change[] {
  return worstFirst([
    ...ofHost(before, after),
    ...ofFirst(before, after, addressesNow),
    ...ofAddresses(before, after),
    ...ofDynamic(before, after),
    ...ofRoutes(before, after),
    ...ofRules(before, after),
    ...ofNetworkFiles(before, after),
    ...ofLinks('parent', before.parents, after.parents),
    ...ofLinks('shim', before.shims, after.shims),
    ...ofLinks('tap', before.taps, after.taps),
    ...ofGuests(before, after),
  ]);
}

/** The worst first; equally bad ones keep their order. */
export function worstFirst(changes: readonly Change[]): Change[] {
  const rank = ({ severity }: Change): number => SEVERITIES.indexOf(severity);
  return [...changes].sort((a, b) => rank(a) - rank(b));
}

const hostName = ({ host }: Model): string => (host === '' ? 'none' : `\`${host}\``);

function ofHost(before: Model, after: Model): Change[] {
  const found: Change[] = [];
  if (before.host !== after.host) {
    found.push(
      change(
        'drops-connections',
        'host',
        `The host's name becomes ${hostName(after)} (was ${hostName(before)}): every derived MAC and UUID changes. Files of the old name are replaced only with \`--force\`.`,
      ),
    );
  }
  if (before.renderer !== after.renderer) {
    const message = `netplan's renderer becomes ${after.renderer} (was ${before.renderer}), which must be installed and enabled.`;
    found.push({ ...change('may-lock-out', 'renderer', message), only: 'renderer' });
  }
  return found;
}

/** The file that a parent's shims are created from; all else of an unmanaged parent is unknown. */
function ofNetworkFiles(before: Model, after: Model): Change[] {
  return after.unmanaged.flatMap(({ name, networkFile }) => {
    const was = before.unmanaged.find((other) => other.name === name);
    if (!was || was.networkFile === networkFile) return [];
    const message = `The shims of ${linkName(name)} are created from \`${networkFile ?? 'its default file'}\`.`;
    return [change('drops-connections', name, message)];
  });
}

type AnyLink = Parent | Shim | Tap;

function ofLinks(
  kind: keyof typeof CONDITIONS,
  before: readonly AnyLink[],
  after: readonly AnyLink[],
): Change[] {
  const { added, removed, aspects } = CONDITIONS[kind];
  const named = (list: readonly AnyLink[], name: string): AnyLink | undefined =>
    list.find((link) => link.name === name);
  return [
    ...before.filter(({ name }) => !named(after, name)).map((link) => removed(link as never)),
    ...after.flatMap((link) => {
      const old = named(before, link.name);
      if (!old) return [added(link as never)];
      return Object.values(aspects).flatMap((aspect) =>
        aspect ? aspect(old as never, link as never) : [],
      );
    }),
  ];
}

function ofGuests(before: Model, after: Model): Change[] {
  const says = ({ guests }: Model): Map<string, string> =>
    new Map(
      guests.map(({ name, origin: _, parent, ...rest }) => [
        name,
        JSON.stringify({ ...rest, parent: parent.name }),
      ]),
    );
  const had = says(before);
  const has = says(after);
  const when = 'Takes effect when the guest is next started.';
  return [
    ...[...had.keys()]
      .filter((name) => !has.has(name))
      .map((name) =>
        change('harmless', name, `The interface of guest \`${name}\` is no longer in the intent.`),
      ),
    ...[...has].flatMap(([name, text]) => {
      if (had.get(name) === text) return [];
      return had.has(name)
        ? [change('drops-connections', name, `The interface of guest \`${name}\` changes. ${when}`)]
        : [change('harmless', name, `New interface of guest \`${name}\`. ${when}`)];
    }),
  ];
}
