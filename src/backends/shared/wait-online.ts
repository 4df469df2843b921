/**
 * Drop-ins for what boot waits for, where the default of systemd-networkd is wrong: under netplan,
 * and where networkd is enabled beside NetworkManager.
 */

import type { Path } from '../../diagnostics/diagnostic.ts';
import type { Model, Parent, Shim } from '../../model/types.ts';
import { knows } from '../../targets/since.ts';
import type { Target } from '../../targets/target.ts';
import { inPlace, type Place, RANK } from '../../view/place.ts';
import { type Entry, entry, type RenderedFile } from '../../view/rendered.ts';
import { file } from '../../view/template.ts';
import { header, linkOnline } from './online.ts';

const SERVICE = 'systemd-networkd-wait-online.service';
const MANUAL = `${SERVICE}(8)`;
const STATES = `${MANUAL}, -i INTERFACE:STATE`;

const DROP_IN = {
  folder: '/etc/systemd/system',
  below: /^systemd-networkd-wait-online\.service\.d$/,
  name: /^90-macvtap\.conf$/,
} as const satisfies Partial<Place>;

const hasConditions = (text: string): boolean => /^\[Unit\]$/m.test(text);

/** It has conditions of its own and makes boot wait. */
export const WAIT_ONLINE = {
  ...DROP_IN,
  rank: RANK.boot,
  isOf: hasConditions,
} as const satisfies Place;

/** Replaces the waiting of another system. */
export const WAIT_ONLINE_INSTEAD = {
  ...DROP_IN,
  rank: RANK.keepOff,
  isOf: (text: string) => !hasConditions(text),
} as const satisfies Place;

export const WAIT_FOR_CREATED = {
  ...DROP_IN,
  name: /^10-netplan\.conf$/,
  rank: RANK.keepOff,
} as const satisfies Place;

export const NETWORK_ONLINE = {
  folder: '/etc/systemd/system',
  below: /^network-online\.target\.d$/,
  name: /^90-macvtap\.conf$/,
  rank: RANK.boot,
} as const satisfies Place;

interface Waiting {
  readonly role: RenderedFile['role'];
  readonly why: string;
  /** Files without which there is nothing to wait for; absent: netplan's conditions hold. */
  readonly after?: readonly { readonly path: string; readonly origin: Path }[];
}

/** Waits for the links of the intent and for no others; undefined where all are optional. */
export function waitOnlineFile(
  model: Model,
  target: Target,
  { role, why, after }: Waiting,
): RenderedFile | undefined {
  // An optional parent may be absent: boot would wait for it until the timeout.
  const links = [
    ...model.parents.filter(({ optional, master }) => !optional && !master),
    ...model.shims.filter(({ optional }) => !optional),
  ];
  if (links.length === 0) return undefined;
  const command = waitCommand(
    links,
    target,
    "Boot waits for the parent's carrier and the shim's addresses; by default it could wait for another link, or not for the shim.",
  );
  return file({
    path: `/etc/systemd/system/${SERVICE}.d/90-macvtap.conf`,
    mode: 0o644,
    role,
    ...inPlace(after ? WAIT_ONLINE : WAIT_ONLINE_INSTEAD),
    about: entry('what boot waits for', why, MANUAL, []),
    template: 'shared/wait-online.conf',
    view: {
      header: header(model),
      unit: after && {
        reset: entry(
          'ConditionPathIsSymbolicLink=',
          'Removes the condition by which netplan disables the service.',
          'systemd.unit(5), ConditionPathIsSymbolicLink=',
          [],
        ),
        conditions: after.map(({ path, origin }) =>
          entry(
            path,
            'Half installed, without this file, there is no shim to wait for.',
            'systemd.unit(5), ConditionPathExists=',
            origin,
          ),
        ),
      },
      // What boot waits for on an unmanaged parent is for its own configuration to say.
      resets:
        model.unmanaged.length > 0
          ? []
          : [
              entry(
                'ExecStart=',
                'Removes every other list of links; without this line the commands would add up.',
                'systemd.service(5), ExecStart=',
                [],
              ),
            ],
      command,
    },
    keyEntry: command,
  });
}

/**
 * Waits for links by name, until they are there and set up.
 * @param links at least one
 */
function waitCommand(links: readonly (Shim | Parent)[], target: Target, why: string): Entry {
  // Versions without states wait for an address, which a bare parent never gets.
  const addressed = links.filter(({ families }) => families.length > 0);
  const hasStates = knows(target, STATES) || addressed.length === 0;
  const options = hasStates
    ? links.map((link) => `-i ${link.name}:${linkOnline(link)}`)
    : addressed.map(({ name }) => `-i ${name}`);
  // The path that netplan uses too, valid whether `/usr` is merged or not.
  return entry(
    `/lib/systemd/systemd-networkd-wait-online ${options.join(' ')}`,
    why,
    hasStates ? STATES : `${MANUAL}, -i INTERFACE`,
    ['shims'],
  );
}

/**
 * Waits for the links that systemd-networkd creates, after whatever else boot waits for. Without names the service ends as
 * soon as the links that exist are set up, and a shim is created a moment after its parent (seen on 247 and 252). The file
 * has the name of netplan's in /run and hides it (systemd.unit(5), drop-in files): netplan 1.0.1 and later makes boot wait
 * for an address on the parent, if its YAML also has that (cloud-init's).
 */
export function waitForCreatedFile(model: Model, target: Target): RenderedFile {
  const created = [
    ...model.parents.filter(({ kind, families }) => kind !== 'ethernet' && families.length > 0),
    ...model.shims,
  ].filter(({ optional }) => !optional);
  const why =
    'Boot waits for these links, too, where they are not there yet when the link below them is set up.';
  return file({
    path: `/etc/systemd/system/${SERVICE}.d/10-netplan.conf`,
    mode: 0o644,
    role: 'optional',
    ...inPlace(WAIT_FOR_CREATED),
    about: entry(
      'what boot waits for',
      created.length > 0
        ? "Boot waits for shims and other links that are created; and if netplan's YAML also has the parent, not for an address on it."
        : "If netplan's YAML also has the parent, boot would wait for an address on it.",
      'systemd.unit(5), drop-in files',
      [],
    ),
    template: 'networkd/wait-for-created.conf',
    view: {
      header: header(model),
      service: created.length > 0 ? { command: waitCommand(created, target, why) } : undefined,
    },
  });
}

/** Starts the service at all: netplan 1.0.1 and later starts it only for links that it knows. */
export function wantWaitOnline(model: Model): RenderedFile {
  const authority = 'systemd.unit(5), Wants=';
  const wants: Entry = entry(
    SERVICE,
    'Where no YAML names a link for systemd-networkd, netplan leaves the service out of the boot.',
    authority,
    ['shims'],
  );
  return file({
    path: '/etc/systemd/system/network-online.target.d/90-macvtap.conf',
    mode: 0o644,
    role: 'required',
    ...inPlace(NETWORK_ONLINE),
    about: entry(
      'boot waits',
      'Starts the service that makes boot wait for the shim.',
      authority,
      [],
    ),
    template: 'shared/network-online.conf',
    view: { header: header(model), wants },
  });
}
