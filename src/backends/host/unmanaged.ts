/**
 * Where two network daemons are installed, each would take the links for its own. What the one
 * back end writes tells the other system to leave them alone; where that is not installed,
 * nobody reads it. It takes over, too, when a host changes from one back end to the other.
 */

import { type Diagnostic, diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Model } from '../../model/types.ts';
import type { Target } from '../../targets/target.ts';
import { inPlace, type Place, RANK } from '../../view/place.ts';
import { type Entry, entry, type RenderedFile } from '../../view/rendered.ts';
import { file } from '../../view/template.ts';
import { DIRECTORY, isUnmanaged, networkEntry } from '../shared/networkd-words.ts';
import { CONF_FILE, isManaging } from '../shared/networkmanager-conf.ts';
import { CONF_PATH, guestDevices, UNMANAGED } from '../shared/networkmanager-words.ts';
import { header } from '../shared/online.ts';
import { WAIT_ONLINE_INSTEAD, waitOnlineFile } from '../shared/wait-online.ts';

const UNMANAGED_CONF = {
  ...CONF_FILE,
  rank: RANK.keepOff,
  isOf: (text: string) => !isManaging(text),
} as const satisfies Place;

const UNMANAGED_NETWORK = {
  folder: DIRECTORY,
  name: /^00-macvtap(?:-.+)?\.network$/,
  rank: RANK.keepOff,
  isOf: isUnmanaged,
} as const satisfies Place;

export const HIDDEN_WAIT = {
  folder: '/etc/systemd/system',
  below: /^systemd-networkd-wait-online\.service\.d$/,
  name: /^10-netplan\.conf$/,
  rank: RANK.keepOff,
} as const satisfies Place;

/** What keeps the other systems off, whichever back end writes it. */
export const UNMANAGED_PLACES: readonly Place[] = [
  UNMANAGED_NETWORK,
  UNMANAGED_CONF,
  WAIT_ONLINE_INSTEAD,
];

/**
 * NetworkManager is to leave parents, shims and guests' devices alone.
 * @param runner what runs them instead
 */
export function unmanagedByNetworkManager(model: Model, runner = 'systemd-networkd'): RenderedFile {
  const links = [...model.parents, ...model.shims, ...model.taps];
  return file({
    path: CONF_PATH,
    mode: 0o644,
    role: 'optional',
    ...inPlace(UNMANAGED_CONF),
    about: entry(
      'NetworkManager keeps off',
      'Where NetworkManager is installed too, it would run DHCP on the parent.',
      UNMANAGED,
      [],
    ),
    template: 'networkmanager/links.conf',
    view: {
      header: header(model),
      devices: [
        ...links.map(({ name, origin }) =>
          entry(`interface-name:${name}`, `${runner} runs this link.`, UNMANAGED, origin),
        ),
        ...guestDevices(model),
      ],
    },
  });
}

/**
 * Where netplan's YAML names the parent too (cloud-init's), netplan 1.0.1 and later has boot wait
 * for an address on it, by a drop-in in /run. One of the same name in /etc hides it; then boot
 * waits for what the links' own files say (systemd.unit(5), drop-ins). Elsewhere it says nothing.
 */
export function hideNetplansWait(model: Model): RenderedFile {
  return file({
    path: '/etc/systemd/system/systemd-networkd-wait-online.service.d/10-netplan.conf',
    mode: 0o644,
    role: 'optional',
    ...inPlace(HIDDEN_WAIT),
    about: entry(
      "netplan's own wait",
      'Where netplan names the parent too, it would have boot wait for an address on it.',
      'systemd.unit(5), drop-in files',
      [],
    ),
    template: 'networkd/hidden-wait.conf',
    view: { header: header(model) },
  });
}

/** What these ways leave to libvirt. */
export const checkGuests = (model: Model, backend: string): Diagnostic[] =>
  model.guests.map(({ name, origin }) =>
    diagnostic(
      'guest-not-made',
      origin,
      `The interface of \`${name}\` is not created: libvirt does that.`,
      {
        backend,
        at: 'key',
      },
    ),
  );

/** For all ways: systemd-networkd is to leave guests' devices alone, whatever else it matches. */
export function unmanagedGuests(model: Model): RenderedFile {
  return unmanagedFile(
    model,
    `${DIRECTORY}/00-macvtap.network`,
    ['macvtap*', ...targetsOf(model)].map((name) =>
      networkEntry('Match', 'Name', name, "A guest's device, which libvirt makes and takes away.", [
        'guests',
      ]),
    ),
    "A file that matches any Ethernet device would have systemd-networkd give a guest's device an address.",
  );
}

const targetsOf = (model: Model): string[] =>
  model.guests.flatMap(({ target }) =>
    target === undefined || /^macvtap/.test(target) ? [] : [target],
  );

/**
 * systemd-networkd is to leave our links alone, and boot not to wait until it has set up a link,
 * where none is left to it.
 * @param runner what runs the links instead
 */
export function unmanagedByNetworkd(
  model: Model,
  target: Target,
  runner = 'NetworkManager',
): RenderedFile[] {
  const wait = waitOnlineFile(model, target, {
    role: 'optional',
    why: 'Where systemd-networkd is enabled too, with no link left to it, boot would wait for two minutes.',
  });
  const unmanaged = [...model.shims, ...model.taps, ...model.parents].map(({ name, origin }) =>
    unmanagedFile(
      model,
      `${DIRECTORY}/00-macvtap-${name}.network`,
      [networkEntry('Match', 'Name', name, `${runner} runs this link.`, origin)],
      `Where systemd-networkd runs too, another of its files may match \`${name}\`.`,
    ),
  );
  return [...unmanaged, ...(wait ? [wait] : []), unmanagedGuests(model)];
}

function unmanagedFile(
  model: Model,
  path: string,
  names: readonly Entry[],
  why: string,
): RenderedFile {
  const origin = names[0]?.origin ?? [];
  const unmanaged = networkEntry(
    'Link',
    'Unmanaged',
    'yes',
    'systemd-networkd leaves the link alone.',
    origin,
  );
  return file({
    path,
    mode: 0o644,
    role: 'optional',
    ...inPlace(UNMANAGED_NETWORK),
    about: entry('networkd keeps off', why, 'systemd.network(5)', origin),
    template: 'networkd/unmanaged.network',
    view: {
      header: header(model),
      names,
      unmanaged,
    },
    keyEntry: unmanaged,
  });
}
