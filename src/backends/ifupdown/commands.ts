/** Commands at the four moments of interfaces(5), for what has no option that all three programs know. */
import type { Link } from '../../model/types.ts';
import type { Entry } from '../../view/rendered.ts';
import { quote } from '../../view/shell.ts';
import { ipv6Settings, kernelDefault, kernelPath } from '../shared/ipv6-settings.ts';
import { isSilent } from '../shared/link-order.ts';
import { interfaceIdAt, whyInterfaceId } from '../shared/reasons.ts';
import type { KernelSetting } from '../shared/sysctl.ts';
import { deviceCommands, WHY_UP } from './device-commands.ts';
import { hook } from './hook.ts';
import type { Links } from './links.ts';

/** Creates the device and its settings, before it is up. */
export function commandsBefore(links: Links, link: Link): Entry[] {
  return [
    ...deviceCommands(links, link),
    ...settingCommands(links, link),
    ...interfaceIdCommands(link),
  ];
}

/**
 * How addresses by router advertisement end. The kernel takes a token only of a link that follows
 * advertisements; with a secret it makes addresses by RFC 7217 (ip-sysctl, stable_secret).
 */
function interfaceIdCommands(link: Link): Entry[] {
  const { name, addressToken, addressGeneration } = link;
  const command = (text: string, authority: string): Entry[] => [
    hook('pre-up', text, whyInterfaceId(link), authority, interfaceIdAt(link)),
  ];
  if (addressToken !== undefined)
    return command(`ip token set ${addressToken} dev ${quote(name)}`, 'ip-token(8)');
  if (addressGeneration === 'eui64') return [];
  const secret = quote(`/proc/sys/net/ipv6/conf/${name}/stable_secret`);
  return command(
    `[ ! -e ${secret} ] || [ ! -s /etc/machine-id ] || sed 's/..../&:/g; s/:$//' /etc/machine-id > ${secret}`,
    'Linux Documentation/networking/ip-sysctl, stable_secret',
  );
}

function settingCommands(links: Links, link: Link): Entry[] {
  return settingsOf(links, link).map((setting) =>
    hook('pre-up', write(setting, setting.value), setting.why, setting.authority, setting.origin),
  );
}

/** Written to `/proc`: not every host has sysctl(8). A kernel without IPv6 has nothing to set. */
function write(setting: KernelSetting, value: number): string {
  const path = quote(`/proc/sys/${kernelPath(setting)}`);
  const guard = setting.family === 'ipv6' ? `[ ! -e ${path} ] || ` : '';
  return `${guard}echo ${value} > ${path}`;
}

const settingsOf = (links: Links, link: Link): KernelSetting[] => [
  ...(links.arp.get(link.name) ?? []),
  ...ipv6Settings(link),
];

/** Up, whatever the method; a silent parent without what an earlier configuration left on it. */
export function bringUp(link: Link): Entry[] {
  const { name, origin } = link;
  return [
    ...(isSilent(link)
      ? [
          hook(
            'pre-up',
            `ip address flush dev ${quote(name)}`,
            'Removes what an earlier configuration may have left there: the addresses move to the shim.',
            'ip-address(8), flush',
            origin,
          ),
        ]
      : []),
    hook(
      'pre-up',
      `ip link set dev ${quote(name)} up`,
      `${WHY_UP} The method \`manual\` of classic ifupdown leaves it down.`,
      'ip-link(8)',
      origin,
    ),
  ];
}

/** `ifdown`: created devices go; a NIC is left as it was, for whoever uses it next. */
export function takeDown(links: Links, link: Link): Entry[] {
  const { name, origin } = link;
  const isNic = 'kind' in link && link.kind === 'ethernet';
  const down = (command: string, why: string, authority = 'ip-link(8)'): Entry =>
    hook('post-down', command, why, authority, origin);
  if (!isNic) {
    return [
      down(
        `[ ! -e /sys/class/net/${quote(name)} ] || ip link del dev ${quote(name)}`,
        'Deletes the device with its addresses and routes, unless it went with the link below.',
      ),
    ];
  }
  return [
    ...(link.addressToken === undefined
      ? []
      : [
          down(
            `ip token set :: dev ${quote(name)} || true`,
            'The NIC has no token again, as before `ifup`.',
            'ip-token(8)',
          ),
        ]),
    ...(link.addressGeneration === 'eui64'
      ? []
      : [
          down(
            `echo 0 > ${quote(`/proc/sys/net/ipv6/conf/${name}/addr_gen_mode`)} || true`,
            'Addresses follow from the MAC again; a secret makes them from it.',
            'Linux Documentation/networking/ip-sysctl, addr_gen_mode',
          ),
        ]),
    down(`ip link set dev ${quote(name)} down`, 'The NIC is down again, as before `ifup`.'),
    ...settingsOf(links, link)
      .filter((setting) => setting.value !== kernelDefault(setting))
      .map((setting) =>
        down(
          write(setting, kernelDefault(setting)),
          "Restores the kernel's default for whoever uses the NIC next.",
          setting.authority,
        ),
      ),
  ];
}
