/** Reasons that several back ends have in common. */
import type { Attachment, Link } from '../../model/types.ts';

export const whyAddress = ({ origin }: Pick<Link, 'origin'>): string =>
  origin[0] === 'shims'
    ? "The host's address is on the shim."
    : 'The intent gives this link an address of its own beside the shim.';

export const whyMac = (macDerived: boolean): string =>
  macDerived
    ? 'Derived from host and name: the same at every boot, and on no other host.'
    : 'The intent sets this MAC.';

/** Why a DHCP client identifies itself so. */
export const WHY_IDENTIFIER: Readonly<Record<Link['identifier'], string>> = {
  mac: 'Clones of one image share the machine-id that a DUID is made from; each has a MAC of its own.',
  duid: 'The intent asks for a DUID, which stays the same when the MAC changes.',
};

export const whyMode = (mode: Attachment['mode']): string =>
  mode === 'bridge'
    ? 'Only in bridge mode do the host and its guests reach each other; by default the mode would be vepa.'
    : 'The intent has this mode; host and guests do not reach each other in it.';
