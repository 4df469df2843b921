/** Two models → what happens on the machine, for reviewers of a change. */

import type { Model, Parent, Shim, Tap } from '../model/types.ts';
import { ofAddresses, ofDynamic, ofFirst } from './addresses.ts';
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
    ...ofManaged(before, after),
    ...ofLinks(
      'parent',
      without(before.parents, after.unmanaged),
      without(after.parents, before.unmanaged),
    ),
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

const without = (parents: readonly Parent[], others: readonly Parent[]): Parent[] =>
  parents.filter(({ name }) => others.every((other) => other.name !== name));

/** Parents that are handed over to their own configuration, or taken from it. */
function ofManaged(before: Model, after: Model): Change[] {
  const were = new Map([...before.parents, ...before.unmanaged].map((link) => [link.name, link]));
  const handedOver = after.unmanaged.flatMap((now): Change[] => {
    const was = were.get(now.name);
    const name = linkName(now.name);
    if (!was) return [change('harmless', now.name, `${name} keeps its own configuration.`)];
    if (was.managed) {
      const message = `${name} is no longer configured by the generated files: its other configuration applies, if there is any.`;
      return [change('may-lock-out', now.name, message)];
    }
    if (was.networkFile === now.networkFile && was.kind === now.kind) return [];
    const message = `The file that configures ${name} is another one: its shims are created from there.`;
    return [change('drops-connections', now.name, message)];
  });
  const taken = before.unmanaged.flatMap((was): Change[] => {
    if (after.unmanaged.some(({ name }) => name === was.name)) return [];
    const name = linkName(was.name);
    const isTaken = after.parents.some((parent) => parent.name === was.name);
    return isTaken
      ? [
          change(
            'may-lock-out',
            was.name,
            `${name} is configured by the generated files: its other configuration no longer applies.`,
          ),
        ]
      : [change('harmless', was.name, `${name} is no longer in the intent.`)];
  });
  return [...handedOver, ...taken];
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
