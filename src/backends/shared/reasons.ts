import type { Attachment } from '../../model/types.ts';

export const whyMac = (macDerived: boolean): string =>
  macDerived
    ? 'Derived from host and name: the same at every boot, and on no other host.'
    : 'As the intent says.';

export const whyMode = (mode: Attachment['mode']): string =>
  mode === 'bridge'
    ? 'Only in bridge mode do the host and its guests reach each other; left out, the mode would be vepa.'
    : 'As the intent says; host and guests do not reach each other so.';
