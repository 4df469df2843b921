/** What back ends cannot express of ipvlans. */
import { type Diagnostic, diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Model } from '../../model/types.ts';

/**
 * The kernel passes a frame to an ipvlan by its IP address, so that an ipvlan without one receives
 * broadcasts only (Documentation/networking/ipvlan): a DHCPv4 client has to ask for these.
 * @param who the subject and what it does instead: `NetworkManager asks …`
 */
export const checkBroadcastAnswers = (model: Model, backend: string, who: string): Diagnostic[] =>
  model.shims
    .filter(({ device, dhcp4 }) => device === 'ipvlan' && dhcp4)
    .map(({ name, origin }) =>
      diagnostic(
        'setting-not-expressible',
        [...origin, 'dhcp4'],
        `${who}, which do not reach the ipvlan \`${name}\` before it has an address.`,
        { backend, hint: 'Write the address in `addresses`, or use the back end `networkd`.' },
      ),
    );

/** netplan has no type for an ipvlan (netplan-yaml(5), 1.2). */
export const checkNoIpvlan = (model: Model, backend: string): Diagnostic[] =>
  model.shims
    .filter(({ device }) => device === 'ipvlan')
    .map(({ name, origin }) =>
      diagnostic(
        'kind-not-expressible',
        [...origin, 'kind'],
        `netplan has no type for an ipvlan: \`${name}\` cannot be in its YAML.`,
        { backend },
      ),
    );
