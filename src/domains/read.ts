/** Asks libvirt for its domains, by `virsh`; changes nothing. */
import { type System, SystemError } from '../system.ts';
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
  /** Why libvirt could not be asked, in one sentence; then there may be more. */
  readonly problem?: string;
}

/** @param networks of the files of the host: what a stored interface on a network is attached to */
export function readDomains(system: System, networks: BridgeNetworks): Domains {
  try {
    const stored = uuids(system, ['--all', '--persistent']);
    const live = uuids(system, []);
    const all = [...new Set([...stored, ...live])].slice(0, MOST_DOMAINS);
    return {
      known: all.map((uuid) => {
        const before = stored.has(uuid) && dump(system, uuid, ['--inactive'], networks);
        const running = live.has(uuid) && dump(system, uuid, [], networks);
        return { ...(before && { stored: before }), ...(running && { live: running }) };
      }),
    };
  } catch (error) {
    if (error instanceof SystemError) return { known: [], problem: `virsh: ${error.message}.` };
    throw error;
  }
}

const uuids = (system: System, words: readonly string[]): Set<string> =>
  new Set(
    virsh(system, ['list', '--uuid', ...words])
      .split('\n')
      .map((line) => line.trim().toLowerCase())
      .filter(isUuid),
  );

/** @returns undefined for one that ended, or was undefined, since it was listed */
function dump(
  system: System,
  uuid: string,
  words: readonly string[],
  networks: BridgeNetworks,
): Domain | undefined {
  const { status, stdout } = run(system, ['dumpxml', uuid, ...words]);
  return status === 0 ? domainOf(stdout, networks) : undefined;
}

/** @throws SystemError where it fails */
function virsh(system: System, words: readonly string[]): string {
  const { status, stdout, stderr } = run(system, words);
  if (status === 0) return stdout;
  const [line = ''] = stderr.split('\n');
  throw new SystemError(
    'refused',
    'virsh',
    status === undefined ? 'no answer' : line.replace(/^error: /, '').slice(0, 200),
  );
}

const run = (system: System, words: readonly string[]) =>
  system.run('virsh', [...CONNECT, ...words], { timeoutMs: TIMEOUT_MS, limitBytes: MOST_BYTES });
