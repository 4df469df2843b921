/** Interface identifiers of addresses by router advertisement. */
import { diagnostic } from '../../diagnostics/diagnostic.ts';
import type { AddressingIntent } from '../../intent/schema.ts';
import type { Link } from '../types.ts';
import type { Context } from './context.ts';

const TOKEN = 'ipv6-address-token';
const GENERATION = 'ipv6-address-generation';

/** An identifier is decided in one way (netplan-yaml(5)), and no two links of a LAN have the same. */
export function checkTokens({ intent, model, report }: Context): void {
  const seen = new Map<string, string>();
  const check = (link: Link, lan: string, given: AddressingIntent | undefined): void => {
    if (given?.[TOKEN] !== undefined && given[GENERATION] !== undefined) {
      const message = `\`${TOKEN}\` and \`${GENERATION}\` exclude each other.`;
      report(diagnostic('exclusive-keys', [...link.origin, TOKEN], message, { at: 'key' }));
    }
    if (link.addressToken === undefined) return;
    const key = `${lan} ${link.addressToken}`;
    const other = seen.get(key);
    if (other === undefined) seen.set(key, link.name);
    else {
      const message = `\`${other}\` has the same token in the same LAN.`;
      report(diagnostic('token-taken', [...link.origin, TOKEN], message));
    }
  };
  for (const parent of model.parents) check(parent, parent.name, intent.parents?.get(parent.id));
  for (const shim of model.shims) check(shim, shim.parent.name, intent.shims?.get(shim.name));
}
