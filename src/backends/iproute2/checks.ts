/** What the script for a trial checks on a host before it changes anything. */
import { isIpvlanMode, type Model, type Parent } from '../../model/types.ts';
import { entry } from '../../view/rendered.ts';
import { IP_LINK, typeOfUpper } from '../shared/ip-words.ts';
import { byHeight, isSilent } from '../shared/link-order.ts';
import { type Named, onAddress, onLink, type Step } from './step.ts';

/** What must be true of the host before anything is changed. */
export function checksOf(model: Model): Step[] {
  const { parents, unmanaged, shims, taps } = model;
  return [
    ...[...byHeight(parents), ...unmanaged].flatMap(parentChecks),
    ...parents.flatMap(nameChecks),
    ...[...shims, ...taps].flatMap((upper) =>
      needName(upper, [
        `${upper.name}@${upper.parent.name}:`,
        // Between the two of an ipvlan, ip(8) prints two spaces.
        ...(isIpvlanMode(upper.mode)
          ? [typeOfUpper(upper), `mode ${upper.mode}`]
          : [`${typeOfUpper(upper)} mode ${upper.mode}`]),
        ...(upper.macaddress === undefined ? [] : [`link/ether ${upper.macaddress}`]),
      ]),
    ),
    ...parents
      .filter(isSilent)
      .map((parent) => onLink('falls_silent', 'It keeps no address of its own.', parent)),
    ...[...parents, ...shims].flatMap(({ addresses }) =>
      addresses.map(({ address, origin }) =>
        onAddress('is_kept', 'A session to this address survives the trial.', {
          name: address,
          origin,
        }),
      ),
    ),
  ];
}

function parentChecks(parent: Parent): Step[] {
  const { kind, managed, permanentMac, master, origin } = parent;
  const mac =
    permanentMac === undefined
      ? []
      : [
          entry(permanentMac, 'It must be the NIC with this permanent MAC.', IP_LINK, [
            ...origin,
            'match',
            'macaddress',
          ]),
        ];
  const within = master
    ? [entry(master.name, 'The one that it may be a member of already.', IP_LINK, origin)]
    : [];
  return [
    ...(kind === 'ethernet' || !managed
      ? [onLink('need_nic', `The ${managed ? 'NIC' : 'link'} must exist.`, parent, mac)]
      : []),
    onLink('need_no_master', 'It must be a member of no other bond or bridge.', parent, within),
  ];
}

function nameChecks(parent: Parent): Step[] {
  const { name, kind, vlan } = parent;
  if (kind === 'ethernet') return [];
  return needName(
    parent,
    vlan ? [`${name}@${vlan.link}:`, `vlan protocol 802.1Q id ${vlan.id}`] : [kind],
  );
}

const needName = (link: Named, parts: readonly string[]): Step[] =>
  parts.map((part) =>
    onLink('need_name', 'A link of this name that exists already must be the same.', link, [
      entry(part, 'As `ip -d link` shows it.', `${IP_LINK}, show`, link.origin),
    ]),
  );
