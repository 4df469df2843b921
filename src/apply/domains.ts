/** libvirt's domains as a part of a change: what is kept of them, what the change script does, and how they ended. */
import type { HostFile } from '../backends/host/foreign.ts';
import type { Severity } from '../diagnostics/diagnostic.ts';
import { type Finding, finding } from '../diagnostics/finding.ts';
import { visible } from '../diagnostics/visible.ts';
import { type DomainDrift, domainDrift } from '../domains/drift.ts';
import { followHost } from '../domains/follow.ts';
import { type Move, planMoves, type Stay, shownAttachment } from '../domains/plan.ts';
import { readDomains, readSaved } from '../domains/read.ts';
import {
  domainWatches,
  networksIn,
  type StoredDomain,
  storedDomains,
  unreadFiles,
} from '../domains/stored.ts';
import type { DomainNotes } from '../install/pending-domains.ts';
import { surveyAll } from '../install/survey-all.ts';
import { kindBelow } from '../install/tree.ts';
import { readKernel } from '../kernel/read.ts';
import type { Model } from '../model/types.ts';
import type { Directory, System } from '../system.ts';

export interface DomainChange extends DomainNotes {
  /** What moves, and where to: a line for each interface. */
  readonly moves: readonly string[];
  readonly findings: readonly Finding[];
  /** Asks libvirt again, after the activation. */
  drift(): readonly DomainDrift[];
}

const NOTHING: DomainChange = { notes: {}, also: [], moves: [], findings: [], drift: () => [] };
const UNKNOWN: DomainChange = { ...NOTHING, isUnknown: true };

/** Why no domain follows. */
export interface Unmoved {
  /** A sentence. */
  readonly why: string;
  /** Of its finding; those of the code by default. */
  readonly severity?: Severity;
  readonly hint?: string;
}

/**
 * Nothing is run on a host without libvirt.
 * @param unmoved absent: the activation moves them
 * @throws SystemError where the system refuses to show a folder
 */
export function domainChange(
  system: System,
  top: Directory,
  model: Model,
  unmoved?: Unmoved,
): DomainChange {
  if (kindBelow(top, ['etc', 'libvirt']) !== 'directory') return NOTHING;
  const { links, problems } = readKernel(system, 'none');
  const noLinks = problems.find(({ part }) => part === 'links');
  const following = followHost(model, links);
  if (!following.isNeeded && !noLinks) return NOTHING;
  const files = surveyAll(top, { steps: [] }, domainWatches);
  if (noLinks) {
    const isAny = storedDomains(files).length + unreadFiles(files).length > 0;
    return { ...UNKNOWN, findings: isAny ? [unknownLinks(noLinks.message)] : [] };
  }
  const stored = storedDomains(files);
  const asked = readDomains(system, networksIn(files));
  const known = asked.problem === undefined ? asked.known : stored.map(fromFile);
  const { moves, stays } = planMoves(known, following.aimOf);
  const name = [...moves, ...stays][0]?.name ?? asked.hidden ?? unreadFiles(files)[0];
  if (asked.problem !== undefined) {
    return { ...UNKNOWN, findings: name === undefined ? [] : [silent(asked.problem, name)] };
  }
  const kept = moves.map((move) =>
    unmoved ? { move, problem: unmoved.why } : withFile(move, stored),
  );
  const right = kept.filter((one) => one.problem === undefined);
  const lost = kept.flatMap(({ move, problem }) =>
    problem === undefined ? [] : [{ ...move, why: problem }],
  );
  const also = [...new Set(right.flatMap(({ path }) => path ?? []))];
  return {
    notes: notesOf(
      right.map(({ move }) => move),
      also,
    ),
    also,
    moves: right.map(({ move }) => shownMove(move)),
    findings: [
      ...[...stays, ...lost].map((one) => cutOff(one, unmoved)),
      ...asked.unread.map(unknown),
      ...right.flatMap(dropped),
      ...savedOf(
        system,
        right.map(({ move }) => move),
      ),
    ],
    drift: () => driftNow(system, networksIn(files), moves),
  };
}

const fromFile = ({ domain }: StoredDomain) => ({ stored: domain });

interface Kept {
  readonly move: Move;
  /** Of its stored definition. */
  readonly path?: string;
  readonly problem?: string;
}

/** The path is one of the folder's: a domain's name is part of none. */
function withFile(move: Move, stored: readonly StoredDomain[]): Kept {
  if (move.uuid === undefined) return { move, problem: 'libvirt does not report its UUID.' };
  if (!move.stored) return { move };
  const file: HostFile | undefined = stored.find(({ domain }) => domain.uuid === move.uuid)?.file;
  if (!file) return { move, problem: 'Its stored definition is in no file that can be kept.' };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the list of files has one a line
  if (/[\u0000-\u001f\u007f]/.test(file.path))
    return { move, problem: 'The name of its file has a control character.' };
  return { move, path: file.path };
}

/**
 * `domains` has a line for each interface: its number, UUID and MAC, how it is attached before and after (type and
 * source). `domain-1-stored` and the like have its XML: without `after` and `before` a running guest stays as it is.
 * No value has a blank in it: UUIDs, MACs, names of links.
 */
function notesOf(moves: readonly Move[], files: readonly string[]): Record<string, string> {
  if (moves.length === 0) return {};
  const notes: Record<string, string> = {};
  const lines = moves.map(({ uuid, mac, from, to, isRunning, stored, live }, index) => {
    const number = index + 1;
    // One that does not run may be started meanwhile, as it is stored.
    const running = isRunning ? live : stored;
    const put = (name: string, xml: string | undefined): void => {
      if (xml !== undefined) notes[`domain-${number}-${name}`] = `${xml}\n`;
    };
    put('stored', stored?.after);
    put('after', running?.after);
    put('before', running?.before);
    return `${[number, uuid, mac, from.type, from.source, to.type, to.source].join(' ')}\n`;
  });
  return {
    domains: lines.join(''),
    'domain-files': files.map((path) => `${path}\n`).join(''),
    ...notes,
  };
}

function shownMove({ name, mac, from, to, stored, live }: Move): string {
  const sides = [...(stored ? ['stored'] : []), ...(live ? ['running'] : [])].join(' and ');
  return `domain \`${visible(name)}\` (${sides}), interface ${mac}, from ${shownAttachment(from)} to ${shownAttachment(to)}`;
}

const PLACE = '/etc/libvirt/qemu';

const cutOff = (
  { name, mac, from, why }: Pick<Stay, 'name' | 'mac' | 'from' | 'why'>,
  { severity, hint }: Partial<Unmoved> = {},
): Finding =>
  finding(
    'guest-cut-off',
    PLACE,
    `The domain \`${visible(name)}\` would lose the LAN with its interface ${mac} (${shownAttachment(from)}). ${why}`,
    { ...(severity && { severity }), ...(hint !== undefined && { hint }) },
  );

const unknown = (name: string): Finding =>
  finding(
    'guest-cut-off',
    PLACE,
    `Whether the domain ${name} would lose the LAN is unknown: its XML cannot be read.`,
  );

const unknownLinks = (problem: string): Finding =>
  finding(
    'guest-cut-off',
    PLACE,
    `Whether domains would lose the LAN is unknown: the links of this host cannot be read: ${visible(problem)}`,
    { severity: 'warning', hint: 'See `ip -d link` and `virsh domiflist`.' },
  );

const dropped = ({ move: { name, mac, stored, live } }: Kept): Finding[] =>
  [...new Set([...(stored?.left ?? []), ...(live?.left ?? [])])].map((element) =>
    finding(
      'guest-setting-dropped',
      PLACE,
      `\`<${element}>\` of the interface ${mac} of \`${visible(name)}\` is not in the new interface.`,
    ),
  );

/** Each domain once, however many interfaces it has. */
function savedOf(system: System, moves: readonly Move[]): Finding[] {
  const [first] = moves;
  if (!first) return [];
  const saved = readSaved(system);
  if (typeof saved === 'string') return [silent(saved, first.name)];
  const domains = new Map(moves.map((move) => [move.uuid ?? '', move]));
  return [...domains].flatMap(([uuid, move]) => [
    ...(saved.images.has(uuid) ? [savedState(move, 'its managed save image')] : []),
    ...(saved.snapshots.has(uuid) ? [savedState(move, 'its snapshots')] : []),
  ]);
}

const savedState = ({ name, from }: Move, where: string): Finding =>
  finding(
    'guest-saved-state',
    PLACE,
    `The domain \`${visible(name)}\` is attached to ${shownAttachment(from)} in ${where}, which the change does not alter.`,
  );

const silent = (problem: string, name: string): Finding =>
  finding(
    'libvirt-silent',
    PLACE,
    `The domain \`${visible(name)}\` may have to move with the host, and libvirt does not answer: ${visible(problem)}`,
  );

const unreadProblem = ([name]: readonly string[]): string | undefined =>
  name === undefined ? undefined : `The XML of ${name} cannot be read.`;

function driftNow(
  system: System,
  networks: Parameters<typeof readDomains>[1],
  moves: readonly Move[],
): readonly DomainDrift[] {
  if (moves.length === 0) return [];
  const { known, unread, problem = unreadProblem(unread) } = readDomains(system, networks);
  return problem === undefined
    ? domainDrift(moves, known)
    : [
        {
          severity: 'warning',
          message: `Whether the domains have followed the host is unknown: ${visible(problem)}`,
          hint: 'See `virsh list --all` and `virsh domiflist`.',
        },
      ];
}
