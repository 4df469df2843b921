/** Reasons that several back ends have in common. */
import type { Attachment, Link } from '../../model/types.ts';

export const whyAddress = ({ origin }: Pick<Link, 'origin'>): string =>
  origin[0] === 'shims'
    ? "The host's address is on the shim."
    : 'As the intent says: this link keeps an address of its own.';

export const whyMac = (macDerived: boolean): string =>
  macDerived
    ? 'Derived from host and name: the same at every boot, and on no other host.'
    : 'As the intent says.';

export const whyMode = (mode: Attachment['mode']): string =>
  mode === 'bridge'
    ? 'Only in bridge mode do the host and its guests reach each other; left out, the mode would be vepa.'
    : 'As the intent says; host and guests do not reach each other so.';
