/** libvirt's stored domains → guests of the intent: their interfaces on a link or on a bridge of the host. */
import type { HostFile } from '../backends/host/foreign.ts';
import { type Finding, finding } from '../diagnostics/finding.ts';
import { visible } from '../diagnostics/visible.ts';
import type { Nic } from '../domains/domain.ts';
import type { StoredDomain } from '../domains/stored.ts';
import { childOf } from '../domains/xml.ts';
import type { Origin } from './found.ts';

export interface FoundGuest {
  readonly name: string;
  /** The bridge or link that it is attached to. */
  readonly on: string;
  readonly mac: string;
  readonly model?: string;
  readonly mode?: string;
  readonly origin: Origin;
}

/** What a guest of an intent can be called, and a file of its own. */
const GUEST_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,59}$/;

export function guestsIn(domains: readonly StoredDomain[], on: ReadonlySet<string>): FoundGuest[] {
  const named = domains.filter(isNamed);
  const taken = new Set(named.map(({ domain }) => domain.name));
  return named.flatMap(({ domain, file }) =>
    domain.nics
      .filter(({ attachment }) => on.has(attachment.source))
      .map((nic, index) => {
        const name = index === 0 ? domain.name : freeName(domain.name, index + 1, taken);
        taken.add(name);
        return { name, ...guestOf(nic), origin: originOf(nic, file) };
      }),
  );
}

const isNamed = ({ domain }: StoredDomain): boolean => GUEST_NAME.test(domain.name);

/** The second interface of `vm1` is `vm1-2`, unless a domain has that name. */
function freeName(domain: string, first: number, taken: ReadonlySet<string>): string {
  let number = first;
  while (taken.has(`${domain}-${number}`)) number += 1;
  return `${domain}-${number}`;
}

function originOf({ element }: Nic, { path, text = '' }: HostFile): Origin {
  return { path, line: text.slice(0, element.offset).split('\n').length };
}

function guestOf({ mac, attachment, element }: Nic): Omit<FoundGuest, 'name' | 'origin'> {
  const model = childOf(element, 'model')?.attributes.get('type');
  const mode =
    attachment.type === 'direct' ? childOf(element, 'source')?.attributes.get('mode') : undefined;
  return {
    on: attachment.source,
    mac,
    ...(model !== undefined && /^[A-Za-z0-9_-]{1,32}$/.test(model) && { model }),
    ...(mode !== undefined && /^(?:bridge|private|vepa|passthrough)$/.test(mode) && { mode }),
  };
}

/** Domains on these links that no guest of the intent is for. */
export const unnamedGuests = (
  domains: readonly StoredDomain[],
  on: ReadonlySet<string>,
): Finding[] =>
  domains
    .filter((stored) => !isNamed(stored))
    .flatMap(({ domain, file }) =>
      domain.nics
        .filter(({ attachment }) => on.has(attachment.source))
        .map((nic) =>
          finding(
            'guest-not-adopted',
            file.path,
            `The domain \`${visible(domain.name)}\` on \`${nic.attachment.source}\` has a name that a guest of an intent cannot have.`,
            { line: originOf(nic, file).line ?? 1 },
          ),
        ),
    );
