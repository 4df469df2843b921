/** How written files take effect on a host that runs: what to type, and what it does. */
import type { Model } from '../model/types.ts';
import { settingsOf } from './foreign.ts';

export interface Activation {
  /** One command line. */
  readonly activate: string;
  /** What that does to the running network; whole sentences. */
  readonly effect: string;
  /** Of the way back: what has to be done while our files are still there. */
  readonly before?: readonly string[];
  /** Once the files are as they were: how the running network follows. */
  readonly back: readonly string[];
}

/** Devices that are ours to make, the uppermost first. */
export const devicesOf = ({ parents, shims, taps }: Model): string[] => [
  ...[...shims, ...taps].map(({ name }) => name),
  ...parents
    .filter(({ kind }) => kind !== 'ethernet')
    .sort((a, b) => b.height - a.height)
    .map(({ name }) => name),
];

export function networkdActivation(model: Model, generate: string): Activation {
  const devices = devicesOf(model);
  return {
    activate: `${generate}networkctl reload`,
    effect:
      'The addresses move at once; seen in tests, the host is out of reach for 0.2 s at most. Never restart systemd-networkd: that leaves the old address on the NIC.',
    back: [
      ...(generate === '' ? [] : ['netplan generate']),
      // A device outlives its file.
      ...(devices.length > 0 ? [`networkctl delete ${devices.join(' ')}`] : []),
      'networkctl reload',
      ...announced(model),
    ],
  };
}

/**
 * The LAN goes on sending to the MAC of the shim until the NIC says something under the address,
 * and a host that has nothing to say stays out of reach for half a minute (seen on 252 and 257).
 */
function announced({ parents, shims }: Model): string[] {
  const flush = parents
    .filter(({ carries, kind }) => carries && kind === 'ethernet')
    .map(({ name }) => `ip neigh flush dev ${name}`);
  const gateways = new Set(
    [...parents, ...shims].flatMap(({ routes }) =>
      routes.flatMap(({ isDefault, via }) => (isDefault && via !== undefined ? [via] : [])),
    ),
  );
  const ping = [...gateways].map(
    (gateway) =>
      `for n in 1 2 3 4 5 6 7 8 9; do ping -c 1 -W 1 ${gateway} && break; sleep 0.2; done`,
  );
  return [...flush, ...ping];
}

export function networkManagerActivation(model: Model, generate: string): Activation {
  // A bond or bridge before its members; a shim before its parent, which then gives the address up.
  const parents = [...model.parents].sort(
    (a, b) => Number(Boolean(a.master)) - Number(Boolean(b.master)),
  );
  const takesOver = model.parents.some(({ macaddress }) => macaddress !== undefined);
  const uppers = [...model.shims, ...model.taps].map(({ name }) => name);
  const lowers = parents.map(({ name }) => name);
  const names = takesOver ? [...lowers, ...uppers] : [...uppers, ...lowers];
  const up = names.map((name) => `nmcli connection up macvtap-${name}`);
  return {
    activate: [`${generate}nmcli general reload conf`, 'nmcli connection reload', ...up].join(
      ' && ',
    ),
    effect:
      'The addresses move at once; seen in tests, the host is out of reach for 0.2 s at most. Never restart NetworkManager: both links then keep the address.',
    back: [
      ...(generate === '' ? [] : ['netplan generate']),
      'nmcli general reload conf',
      'nmcli connection reload',
      ...model.parents
        .filter(({ kind }) => kind === 'ethernet')
        .map(({ name }) => `nmcli device connect ${name}`),
    ],
  };
}

/**
 * ifupdown adds up all it finds of a link, so that what is there of it goes in the same moment. Where
 * a link has no `iface` yet, `ifdown` does nothing.
 * @param up every link, each after what it stands on
 */
export function ifupdownActivation(model: Model, up: readonly string[]): Activation {
  const nics = model.parents.filter(({ kind }) => kind === 'ethernet').map(({ name }) => name);
  const file = '/etc/network/interfaces';
  return {
    activate: [
      `cp ${file} ${file}.before`,
      `ifdown ${nics.join(' ')}`,
      `cp ${file}.new ${file}`,
      `ifup ${up.join(' ')}`,
    ].join('; '),
    effect: `Make ${file}.new first: a copy of ${file} without the old \`iface\` of ${nics.join(', ')}, and with the line \`source /etc/network/interfaces.d/*\` (ifupdown-ng: \`source-directory /etc/network/interfaces.d\`). The line is one script: after \`ifdown\` the host is out of reach until \`ifup\`.`,
    before: [`ifdown ${[...up].reverse().join(' ')}`],
    back: [
      `[ ! -e ${file}.before ] || cp ${file}.before ${file}`,
      `ifup ${nics.join(' ')}`,
      ...announced(model),
    ],
  };
}

/** One thing about a device that is settled when it is made, as a file of ours says it. */
export interface Settled {
  readonly device: string;
  readonly aspect: 'device' | 'stands-on';
  /** Another text: the device has to be made anew (its kind, MAC, mode, what it stands on). */
  readonly text: string;
}

export function settledIn(path: string, text: string): Settled[] {
  const settings = settingsOf(text);
  const valueAt = (section: string, key: string): string =>
    settings.find((one) => one.section === section && one.key === key)?.value ?? '';
  const shown = (section?: RegExp): string =>
    settings
      .filter((one) => section === undefined || section.test(one.section))
      .map(({ key, value }) => `${key}=${value}`)
      .join('\n');
  if (path.endsWith('.netdev'))
    return text === ''
      ? []
      : [{ device: valueAt('NetDev', 'Name'), aspect: 'device', text: shown() }];
  if (path.endsWith('.nmconnection')) {
    const settled = shown(/^(?:macvlan|vlan)$/);
    const device = valueAt('connection', 'interface-name');
    return settled === '' ? [] : [{ device, aspect: 'device', text: settled }];
  }
  if (path.endsWith('.network')) {
    return settings
      .filter(({ key }) => /^(?:MACVLAN|MACVTAP|VLAN)$/.test(key))
      .map(({ value }) => ({
        device: value,
        aspect: 'stands-on',
        text: valueAt('Match', 'Name'),
      }));
  }
  if (path === '/etc/network/interfaces.d/60-macvtap') {
    return [...text.matchAll(/^iface (\S+) .*\n(?: .*\n)*? .*(ip link add .*)$/gm)].map(
      ([, device = '', made = '']) => ({ device, aspect: 'device', text: made }),
    );
  }
  // netplan's passthrough: the id, then what stands deeper.
  return [...text.matchAll(/^ {4}(\S+):\n((?: {5,}.*\n)+)/gm)].flatMap(
    ([, id = '', body = '']): Settled[] => {
      const lines = body.split('\n').filter((line) => /^\s*"?macvlan\./.test(line));
      return lines.length > 0
        ? [{ device: id.replace(/"/g, ''), aspect: 'device', text: lines.join('\n') }]
        : [];
    },
  );
}
