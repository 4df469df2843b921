/** Which interfaces of libvirt's domains a change of the host's network moves, and to what. */
import { type Attachment, type Domain, type Nic, wordOf } from './domain.ts';
import { type Aim, exchange, restored } from './exchange.ts';

/** A domain as libvirt stores it, and as it runs; one of them may be absent. */
export interface Known {
  readonly stored?: Domain;
  readonly live?: Domain;
}

/** One definition of an interface, before and after. */
export interface Definition {
  /** `<interface>`, on one line. */
  readonly before: string;
  readonly after: string;
  /** Names of elements that `after` does not have. */
  readonly left: readonly string[];
}

export interface Move {
  /** As people call the domain. */
  readonly name: string;
  /** What `virsh` takes for it. */
  readonly word: string;
  readonly uuid?: string;
  readonly mac: string;
  readonly from: Attachment;
  readonly to: Aim;
  /** Whether the domain runs, as far as is known. */
  readonly isRunning: boolean;
  readonly stored?: Definition;
  /** Absent: nothing that runs has this interface there. */
  readonly live?: Definition;
}

/** An interface that would lose its network, and is not moved. */
export interface Stay {
  readonly name: string;
  readonly mac: string;
  readonly from: Attachment;
  /** A sentence. */
  readonly why: string;
}

export interface MovePlan {
  readonly moves: readonly Move[];
  readonly stays: readonly Stay[];
}

/**
 * What an interface is to be attached to: undefined, it stays where it is; a sentence, it cannot stay there, and
 * nobody says where it goes.
 */
export type AimOf = (domain: Domain, nic: Nic) => Aim | string | undefined;

export function planMoves(domains: readonly Known[], aimOf: AimOf): MovePlan {
  const moves: Move[] = [];
  const stays: Stay[] = [];
  for (const { stored, live } of domains) {
    const domain = stored ?? live;
    if (!domain) continue;
    const word = wordOf(domain);
    for (const nic of nicsOf(stored, live)) {
      const aim = aimOf(domain, nic);
      if (aim === undefined) continue;
      const stay = (why: string) =>
        stays.push({ name: domain.name, mac: nic.mac, from: nic.attachment, why });
      if (typeof aim === 'string') {
        stay(aim);
        continue;
      }
      if (word === undefined) {
        stay('The domain has no UUID, and `virsh` could take its name for something else.');
        continue;
      }
      const of = (side: Domain | undefined) => definitionOf(side, nic, aim);
      const [before, running] = [of(stored), of(live)];
      const problem = [before, running].find((one) => typeof one === 'string');
      if (typeof problem === 'string') {
        stay(problem);
        continue;
      }
      moves.push({
        ...{ name: domain.name, word, mac: nic.mac, from: nic.attachment, to: aim },
        isRunning: live !== undefined,
        ...(domain.uuid !== undefined && { uuid: domain.uuid }),
        ...(typeof before === 'object' && { stored: before }),
        ...(typeof running === 'object' && { live: running }),
      });
    }
  }
  return { moves, stays };
}

/** Each MAC once for each place that it is at: what runs may be elsewhere than what is stored. */
function nicsOf(stored: Domain | undefined, live: Domain | undefined): Nic[] {
  const all = new Map<string, Nic>();
  for (const nic of [...(stored?.nics ?? []), ...(live?.nics ?? [])]) {
    const key = `${nic.mac} ${nic.attachment.type} ${nic.attachment.source}`;
    if (!all.has(key)) all.set(key, nic);
  }
  return [...all.values()];
}

/** Of the side that has the interface where it is moved away from. */
function definitionOf(
  domain: Domain | undefined,
  { mac, attachment }: Nic,
  aim: Aim,
): Definition | string | undefined {
  const nic = domain?.nics.find(
    (other) =>
      other.mac === mac &&
      other.attachment.type === attachment.type &&
      other.attachment.source === attachment.source,
  );
  if (!nic) return undefined;
  if ((domain?.nics.filter((other) => other.mac === mac).length ?? 0) > 1)
    return `Two interfaces of the domain have the MAC ${mac}.`;
  const exchanged = exchange(nic, aim);
  const before = restored(nic);
  if (typeof exchanged === 'string') return exchanged;
  return before === undefined
    ? `The interface ${mac} has a character that XML cannot have.`
    : { before, after: exchanged.xml, left: exchanged.left };
}

export const shownAttachment = ({ type, source }: Attachment): string =>
  type === 'bridge' ? `bridge \`${source}\`` : `macvtap on \`${source}\``;
