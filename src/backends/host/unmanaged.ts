/**
 * Files that make other network daemons ignore the links of the intent, as each installed daemon
 * would configure them. They are harmless if the daemon is not installed, and also cover the change
 * of a host from one back end to another.
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

/** Files that make other systems ignore the links, for every back end. */
export const UNMANAGED_PLACES: readonly Place[] = [
  UNMANAGED_NETWORK,
  UNMANAGED_CONF,
  WAIT_ONLINE_INSTEAD,
];

/**
 * Makes NetworkManager ignore parents, shims and guests' devices.
 * @param runner the system that configures them
 */
export function unmanagedByNetworkManager(model: Model, runner = 'systemd-networkd'): RenderedFile {
  const links = [...model.parents, ...model.shims, ...model.taps];
  return file({
    path: CONF_PATH,
    mode: 0o644,
    role: 'optional',
    ...inPlace(UNMANAGED_CONF),
    about: entry(
      'unmanaged by NetworkManager',
      'If NetworkManager is installed, it would run DHCP on the parent.',
      UNMANAGED,
      [],
    ),
    template: 'networkmanager/links.conf',
    view: {
      header: header(model),
      devices: [
        ...links.map(({ name, origin }) =>
          entry(`interface-name:${name}`, `${runner} configures this link.`, UNMANAGED, origin),
        ),
        ...guestDevices(model),
      ],
    },
  });
}

/** Notes on guests, which these back ends leave to libvirt. */
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

/** For all back ends: makes systemd-networkd ignore guests' devices. */
export function unmanagedGuests(model: Model): RenderedFile {
  return unmanagedFile(
    model,
    `${DIRECTORY}/00-macvtap.network`,
    ['macvtap*', ...targetsOf(model)].map((name) =>
      networkEntry('Match', 'Name', name, 'Devices of guests, which libvirt creates and removes.', [
        'guests',
      ]),
    ),
    "Another file that matches every Ethernet device would make networkd configure a guest's device.",
  );
}

const targetsOf = (model: Model): string[] =>
  model.guests.flatMap(({ target }) =>
    target === undefined || /^macvtap/.test(target) ? [] : [target],
  );

/**
 * Makes systemd-networkd ignore the links, and boot not wait for a link of networkd if it has none.
 * @param runner the system that configures them
 */
export function unmanagedByNetworkd(
  model: Model,
  target: Target,
  runner = 'NetworkManager',
): RenderedFile[] {
  // An unmanaged parent may be systemd-networkd's, whose own waiting is then right.
  const wait =
    model.unmanaged.length > 0
      ? undefined
      : waitOnlineFile(model, target, {
          role: 'optional',
          why: 'If systemd-networkd is enabled without any link, boot would wait for two minutes.',
        });
  const unmanaged = [...model.shims, ...model.taps, ...model.parents].map(({ name, origin }) =>
    unmanagedFile(
      model,
      `${DIRECTORY}/00-macvtap-${name}.network`,
      [networkEntry('Match', 'Name', name, `${runner} configures this link.`, origin)],
      `If systemd-networkd runs, another of its files may match \`${name}\`.`,
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
    'networkd must not configure this link.',
    origin,
  );
  return file({
    path,
    mode: 0o644,
    role: 'optional',
    ...inPlace(UNMANAGED_NETWORK),
    about: entry('unmanaged by networkd', why, 'systemd.network(5)', origin),
    template: 'networkd/unmanaged.network',
    view: {
      header: header(model),
      names,
      unmanaged,
    },
    keyEntry: unmanaged,
  });
}
