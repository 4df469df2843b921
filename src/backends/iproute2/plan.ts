/** What the script for a trial checks and does on a host, one line a step, in their order. */
import {
  asLink,
  type Link,
  type Model,
  type Parent,
  type Shim,
  type Tap,
} from '../../model/types.ts';
import { entry } from '../../view/rendered.ts';
import {
  addressWords,
  deviceWords,
  IP_LINK,
  queueWords,
  routeWords,
  ruleWords,
  sourceWords,
  typeOfUpper,
  upperWords,
  vlanLinkWords,
} from '../shared/ip-words.ts';
import { ipv6Settings, kernelPath } from '../shared/ipv6-settings.ts';
import { allLinks, byHeight, isSilent } from '../shared/link-order.ts';
import {
  interfaceIdAt,
  WHY_ACCESS,
  WHY_ALL_MULTICAST,
  WHY_MTU_PARENT,
  whyAddress,
  whyInterfaceId,
  whyMac,
} from '../shared/reasons.ts';
import { arpSettings, type KernelSetting } from '../shared/sysctl.ts';
import { accessOf } from '../shared/udev-rules.ts';
import { checksOf } from './checks.ts';
import { onAddress, onLink, onRoute, type Step, stepsOf } from './step.ts';

export function planOf(model: Model): Step[] {
  const links = [...allLinks(model), ...model.taps.map(asLink)];
  const settings = [...arpSettings(model), ...links.flatMap(ipv6Settings)];
  const parents = byHeight(model.parents);
  return [
    ...checksOf(model),
    ...parents.map((parent) =>
      onAddress('save', 'What the link has now is saved for the rollback.', parent),
    ),
    ...parents.flatMap((parent) => parentSteps(model, parent)),
    ...[...model.shims, ...model.taps].flatMap(upperSteps),
    ...links.flatMap((link) =>
      addressSteps(
        link,
        settings.filter((setting) => setting.link === link.name),
      ),
    ),
    ...links.flatMap(routeSteps),
    ...(links.length === 0 ? [] : [announceStep(links)]),
  ];
}

function parentSteps(model: Model, parent: Parent): Step[] {
  const { name, kind, macaddress, mtu, members, origin } = parent;
  const set = (key: 'address' | 'mtu', value: string | number, why: string, at: string): Step =>
    onLink(
      'ip_link_set',
      why,
      parent,
      [entry(`${key} ${value}`, why, `${IP_LINK}, ${key}`, [...origin, at])],
      [...origin, at],
    );
  return [
    ...(kind === 'ethernet'
      ? macaddress === undefined
        ? []
        : [set('address', macaddress, whyMac(false), 'macaddress')]
      : [
          onLink('ip_link_add', `Creates the ${kind}, the parent of the shim.`, parent, [
            ...vlanLinkWords(parent),
            ...deviceWords(parent),
          ]),
        ]),
    ...members.flatMap((member) => {
      const at = model.parents.find((candidate) => candidate.name === member)?.origin ?? origin;
      const link = { name: member, origin: at };
      const why = `Makes it a member of \`${name}\`.`;
      return [
        onLink('ip_link_master', why, link, [entry(name, why, `${IP_LINK}, master`, at)]),
        onLink('ip_link_up', WHY_UP, link),
      ];
    }),
    ...(mtu === undefined ? [] : [set('mtu', mtu, WHY_MTU_PARENT, 'mtu')]),
  ];
}

const WHY_UP = 'A link that is down neither sends nor receives.';

const upperSteps = (upper: Shim | Tap): Step[] => [
  onLink(
    'ip_link_add',
    `Creates the ${'families' in upper ? 'shim' : 'tap'} on top of the NIC.`,
    upper,
    upperWords(upper),
  ),
  ...sourceWords(upper).map((mac) =>
    onLink('ip_source_add', mac.why, upper, [
      entry(typeOfUpper(upper), mac.why, mac.authority, mac.origin),
      mac,
    ]),
  ),
  ...('families' in upper ? queueSteps(upper) : tapSteps(upper)),
];

function queueSteps(shim: Shim): Step[] {
  return queueWords(shim).map(({ word, value, why, authority, at }) =>
    onLink(
      'ip_link_queue',
      why,
      shim,
      [word, value].map((text) => entry(text, why, authority, at)),
      at,
    ),
  );
}

function tapSteps(tap: Tap): Step[] {
  const { account, permissions } = accessOf(tap) ?? {};
  const access = [permissions, account].flatMap((word) =>
    word === undefined ? [] : [entry(word, WHY_ACCESS, 'ip(8)', tap.origin)],
  );
  return [
    ...(tap.allMulticast ? [onLink('ip_link_allmulticast', WHY_ALL_MULTICAST, tap)] : []),
    ...(access.length > 0 ? [onLink('ip_tap_access', WHY_ACCESS, tap, access)] : []),
  ];
}

function addressSteps(link: Link, settings: readonly KernelSetting[]): Step[] {
  return [
    ...(isSilent(link)
      ? [
          onAddress(
            'ip_address_flush',
            'The link falls silent: its addresses move to the shim.',
            link,
          ),
        ]
      : []),
    ...settings.map((setting) => ({
      step: entry('kernel', setting.why, setting.authority, setting.origin),
      words: [
        entry(
          `${kernelPath(setting)} ${setting.value}`,
          setting.why,
          setting.authority,
          setting.origin,
        ),
      ],
    })),
    ...interfaceIdSteps(link),
    ...link.addresses.map((address) =>
      onAddress(
        'ip_address_add',
        whyAddress(link),
        link,
        addressWords(address, whyAddress(link)),
        address.origin,
      ),
    ),
    onLink('ip_link_up', WHY_UP, link),
  ];
}

/** How addresses by router advertisement end. */
function interfaceIdSteps(link: Link): Step[] {
  const { addressToken, addressGeneration } = link;
  const why = whyInterfaceId(link);
  const at = interfaceIdAt(link);
  if (addressToken !== undefined) {
    const token = entry(addressToken, why, 'ip-token(8)', at);
    return [stepsOf('ip-token(8)')('ip_token_set', why, link, [token], at)];
  }
  const ofKernel = stepsOf('Linux Documentation/networking/ip-sysctl, stable_secret');
  return addressGeneration === 'eui64' ? [] : [ofKernel('stable_secret', why, link, [], at)];
}

function routeSteps(link: Link): Step[] {
  // An address that is still tentative (RFC 4862, 5.4) cannot be a source yet.
  const waits = link.routes.some(({ family, from }) => family === 'ipv6' && from !== undefined);
  return [
    ...(waits
      ? [
          onAddress(
            'ip_address_wait',
            'A route has an address as its source, which the kernel accepts only when it is ready.',
            link,
          ),
        ]
      : []),
    ...link.routes.map((route) => {
      const { to, options } = routeWords(route);
      const why = 'Adds the route over this link.';
      return onRoute('ip_route_add', why, link, [...to, ...options], route.origin);
    }),
    ...link.rules.map((rule) => ({
      step: entry('ip_rule_add', 'Adds the rule.', 'ip-rule(8)', rule.origin),
      words: ruleWords(rule),
    })),
  ];
}

function announceStep(links: readonly Link[]): Step {
  const why = 'The LAN learns at once which MAC the addresses have now.';
  const authority = 'RFC 826';
  return {
    step: entry('announce', why, authority, []),
    words: links.map(({ name, origin }) => entry(name, why, authority, origin)),
  };
}
