/** Asks libvirt for its domains, by `virsh`; changes nothing. */
import { visible } from '../diagnostics/visible.ts';
import { type ProgramResult, type System, SystemError } from '../system.ts';
import { type BridgeNetworks, type Domain, domainOf, isUuid } from './domain.ts';
import type { Known } from './plan.ts';

/** Whatever the user's environment says: the domains of the host, not those of a session. */
const CONNECT = ['--quiet', '--connect', 'qemu:///system'];
const TIMEOUT_MS = 10_000;
/** Far above what a host has. */
const MOST_DOMAINS = 1000;
const MOST_BYTES = 4 * 1024 * 1024;

export interface Domains {
  readonly known: readonly Known[];
  /** Those whose XML cannot be read: how they are called. */
  readonly unread: readonly string[];
  /** Why libvirt could not be asked, in one sentence; then there may be more. */
  readonly problem?: string;
  /** The domain that libvirt listed, and did not show. */
  readonly hidden?: string;
}

/** @param networks of the files of the host: what a stored interface on a network is attached to */
export function readDomains(system: System, networks: BridgeNetworks): Domains {
  const known: Known[] = [];
  const unread = new Set<string>();
  let hidden: string | undefined;
  try {
    const stored = uuids(system, STORED);
    const live = uuids(system, LIVE);
    const read = (uuid: string, isStored: boolean): Domain | undefined => {
      const text = dump(system, uuid, isStored);
      const domain = text === undefined ? undefined : domainOf(text, networks);
      if (text !== undefined && !domain) unread.add(calledIn(text, uuid));
      return domain;
    };
    for (const uuid of [...new Set([...stored, ...live])].slice(0, MOST_DOMAINS)) {
      hidden = uuid;
      const before = stored.has(uuid) && read(uuid, true);
      const running = live.has(uuid) && read(uuid, false);
      known.push({ ...(before && { stored: before }), ...(running && { live: running }) });
    }
    return { known, unread: [...unread] };
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    const problem = problemOf(error);
    return { known: [], unread: [], problem, ...(hidden !== undefined && { hidden }) };
  }
}

/** Domains with more than a stored definition in libvirt: old interfaces are in it, and stay there. */
export interface SavedDomains {
  /** UUIDs, in lower case. */
  readonly images: ReadonlySet<string>;
  readonly snapshots: ReadonlySet<string>;
}

/**
 * Filters of `virsh list` and not `virsh dominfo`, whose words are in the language of the user.
 * @returns one sentence where libvirt does not answer
 */
export function readSaved(system: System): SavedDomains | string {
  try {
    return {
      images: uuids(system, ['--all', '--with-managed-save']),
      snapshots: uuids(system, ['--all', '--with-snapshot']),
    };
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return problemOf(error);
  }
}

const problemOf = ({ message }: SystemError): string => `virsh: ${message}.`;

/** For people: a name from text that cannot be read, beside the UUID, which is certain. */
function calledIn(text: string, uuid: string): string {
  const name = /<name>([^<]{1,255})<\/name>/.exec(text)?.[1];
  return name === undefined ? `\`${uuid}\`` : `\`${visible(name)}\` (${uuid})`;
}

const STORED = ['--all', '--persistent'];
const LIVE: readonly string[] = [];

const uuids = (system: System, words: readonly string[]): Set<string> =>
  new Set(
    virsh(system, ['list', '--uuid', ...words])
      .split('\n')
      .map((line) => line.trim().toLowerCase())
      .filter(isUuid),
  );

/**
 * @returns undefined for one that ended, or was undefined, since it was listed
 * @throws SystemError where libvirt still lists it, or does not answer
 */
function dump(system: System, uuid: string, isStored: boolean): string | undefined {
  const result = run(system, ['dumpxml', uuid, ...(isStored ? ['--inactive'] : [])]);
  if (result.status === 0) return result.stdout;
  const isGone = result.status !== undefined && !uuids(system, isStored ? STORED : LIVE).has(uuid);
  if (isGone) return undefined;
  throw failed(result);
}

/** @throws SystemError where it fails */
function virsh(system: System, words: readonly string[]): string {
  const result = run(system, words);
  if (result.status === 0) return result.stdout;
  throw failed(result);
}

function failed({ status, stderr }: ProgramResult): SystemError {
  const [line = ''] = stderr.split('\n');
  const why = status === undefined ? 'no answer' : line.replace(/^error: /, '').slice(0, 200);
  return new SystemError('refused', 'virsh', why);
}

const run = (system: System, words: readonly string[]) =>
  system.run('virsh', [...CONNECT, ...words], { timeoutMs: TIMEOUT_MS, limitBytes: MOST_BYTES });
