/** Wake-on-LAN, which udev sets. */
import { type Diagnostic, diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Model } from '../../model/types.ts';

/** Under networkd, udev arms the NIC, which it must find by its permanent MAC. */
export function checkWakeOnLan(model: Model, backend: string): Diagnostic[] {
  return model.parents
    .filter(({ wakeonlan, permanentMac }) => wakeonlan && permanentMac === undefined)
    .map(({ name, origin }) => {
      const message = `Wake-on-LAN is set before the NIC is renamed to \`${name}\`.`;
      return diagnostic('wakeonlan-without-match', [...origin, 'wakeonlan'], message, { backend });
    });
}
