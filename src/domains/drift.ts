/** Whether libvirt's domains are where a change has moved them. */
import { visible } from '../diagnostics/visible.ts';
import type { Attachment, Domain } from './domain.ts';
import { type Known, type Move, shownAttachment } from './plan.ts';

export interface DomainDrift {
  /** An error: the next start of the domain fails, or is without its network. */
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly hint: string;
}

/** @param known after the change */
export const domainDrift = (moves: readonly Move[], known: readonly Known[]): DomainDrift[] =>
  moves.flatMap((move) => {
    const of = (side: 'stored' | 'live'): Domain | undefined =>
      known.map((one) => one[side]).find((one) => one !== undefined && one.uuid === move.uuid);
    return [...storedDrift(move, of('stored')), ...liveDrift(move, of('live'))];
  });

const isAt = (domain: Domain, { mac }: Move, { type, source }: Attachment): boolean =>
  domain.nics.some(
    (nic) => nic.mac === mac && nic.attachment.type === type && nic.attachment.source === source,
  );

function storedDrift(move: Move, domain: Domain | undefined): DomainDrift[] {
  if (!move.stored || !domain || isAt(domain, move, move.to)) return [];
  return [
    {
      severity: 'error',
      message: `The stored definition of \`${visible(move.name)}\` does not have the interface ${move.mac} as ${shownAttachment(move.to)}.`,
      hint: `See \`virsh dumpxml --inactive ${move.word}\` and the journal of libvirt.`,
    },
  ];
}

/** A guest releases a device by itself, or not: what hangs or has no driver keeps it. */
function liveDrift(move: Move, domain: Domain | undefined): DomainDrift[] {
  if (!move.live || !domain || isAt(domain, move, move.to)) return [];
  const keeps = domain.nics.some(({ mac }) => mac === move.mac);
  return [
    {
      severity: 'warning',
      message: keeps
        ? `\`${visible(move.name)}\` has not released its interface ${move.mac}, and is without the LAN until it is stopped and started.`
        : `The running \`${visible(move.name)}\` has no interface ${move.mac}, and is without the LAN until it is stopped and started.`,
      hint: `Run \`virsh shutdown ${move.word}\` and, once it is off, \`virsh start ${move.word}\`.`,
    },
  ];
}
