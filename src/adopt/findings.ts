/** What the intent does not have, each with its place. */
import { type Finding, finding } from '../diagnostics/finding.ts';
import { isMacvlan } from './build.ts';
import { type Entry, type FoundLink, type Left, scalarOf } from './found.ts';
import { canApply } from './moved-guests.ts';
import type { Owned } from './owners.ts';
import type { Pattern } from './reader.ts';

interface Judged {
  readonly owned: Owned;
  readonly parent: FoundLink;
  readonly others: readonly FoundLink[];
  readonly shims: readonly FoundLink[];
  /** Links that are not connected with the parent. */
  readonly rest: readonly FoundLink[];
  /** Definitions for NICs by a pattern that none of these links has. */
  readonly patterns: readonly Pattern[];
  /** Whether the MAC of a lease is known, or not wanted. */
  readonly hasMac: boolean;
  /** Whether the shim is an ipvlan, whose lease is not by its MAC. */
  readonly isIpvlan: boolean;
}

/** A function, as values are left out while the intent is built. */
export const findingsOf = (judged: Judged) => (): Finding[] => {
  const { owned, parent, others, shims, rest, patterns } = judged;
  const { link: uplink } = owned;
  const links = [...new Set([uplink, parent, ...others, ...shims])];
  return [
    ...ownerFindings(owned),
    ...lease(judged),
    ...(uplink.kind === 'bridge' && parent !== uplink ? bridgeGoes(owned, parent) : []),
    ...links.flatMap((link) => link.left.map((left) => notAdopted(link, left))),
    ...rest.map(otherLink),
    ...patterns.map(({ path, line, pattern }) =>
      finding(
        'link-not-adopted',
        path,
        `NICs that match \`${pattern}\` keep their configuration.`,
        { line },
      ),
    ),
  ];
};

const notAdopted = ({ name }: FoundLink, { origin, setting, why, isNote, hint }: Left): Finding =>
  finding(
    'setting-not-adopted',
    origin.path ?? '/',
    `\`${setting}\` of \`${name}\` is not in the intent. ${why ?? 'The language has no word for it.'}`,
    {
      ...(origin.line !== undefined && { line: origin.line }),
      ...(isNote && { severity: 'note' as const, hint: hint ?? 'Nothing to do.' }),
    },
  );

const otherLink = ({ name, origin, kind, master }: FoundLink): Finding =>
  finding(
    'link-not-adopted',
    origin.path ?? '/',
    master === undefined
      ? `\`${name}\` keeps its configuration${kind === 'other' ? ': the language has no such link' : ''}.`
      : `\`${name}\` stays in \`${master}\`, and keeps its configuration.`,
    {
      ...(origin.line !== undefined && { line: origin.line }),
      // `init --parent` refuses these.
      ...((name === 'lo' || master !== undefined) && { hint: 'Nothing to do.' }),
    },
  );

/**
 * Where no back end writes for the system that has the link.
 * @param isBeside whether that system keeps it, beside a shim of another one
 */
export const ownerFindings = ({ backend, link, title }: Owned, isBeside = false): Finding[] =>
  backend !== undefined
    ? []
    : [
        finding(
          'owner-without-back-end',
          link.origin.path ?? '/',
          `${title} configures \`${link.name}\`, and no back end writes for it.`,
          isBeside
            ? {
                hint: `Enable a system of a back end for the shim, and have it ignore \`${link.name}\`, which ${title} keeps.`,
              }
            : {},
        ),
      ];

/** Only what a file sets counts: a default is of every link. */
function lease({ owned: { link }, hasMac, isIpvlan }: Judged): Finding[] {
  const client = link.entries.find(
    ({ key, value, origin }) =>
      value === true &&
      (/^dhcp[46]$/.test(key) || (key === 'accept-ra' && origin.path !== undefined)),
  );
  const hasOwn = link.entries.some(({ key }) => key === 'macaddress') || isMacvlan(link);
  if (client && isIpvlan) return [mayChange(link, client, BY_DUID)];
  if (!client || hasMac || hasOwn || scalarOf(link, 'match.macaddress') !== undefined) return [];
  const why = `The MAC of \`${link.name}\` is not in these files: the shim gets another MAC, and perhaps another lease.`;
  return [mayChange(link, client, why)];
}

const BY_DUID =
  'Containers have ipvlans, and so the shim is one: it asks for its lease by a DUID, as it shares its MAC with its parent.';

const mayChange = (link: FoundLink, { origin }: Entry, message: string): Finding =>
  finding(
    'lease-may-change',
    origin.path ?? link.origin.path ?? '/',
    message,
    origin.line === undefined ? {} : { line: origin.line },
  );

const MOVED = "Move the bridge's files with the change: `apply` with `--move FILE` for each.";
const BY_HAND =
  'With a console at hand, bring the bridge down and remove it there, then run `apply`: it refuses a port.';

/** What a bridge is, beside its addresses, goes with it. */
function bridgeGoes(owned: Owned, { name }: FoundLink): Finding[] {
  const { link: bridge } = owned;
  const hint = canApply(owned) ? MOVED : BY_HAND;
  const own = bridge.entries.filter(
    ({ key }) => key === 'interfaces' || key.startsWith('parameters.'),
  );
  return own.map(({ key, value, origin }) =>
    finding(
      'setting-not-adopted',
      origin.path ?? '/',
      `\`${key.replace('parameters.', '')}: ${String(value)}\` of \`${bridge.name}\` is not in the intent. The shim on \`${name}\` takes the place of the bridge.`,
      {
        severity: 'note',
        ...(origin.line !== undefined && { line: origin.line }),
        ...(key === 'interfaces' && { hint }),
      },
    ),
  );
}
