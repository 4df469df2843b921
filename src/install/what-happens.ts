/**
 * What the activation of an installation does to the host, from the generated files before and after,
 * as the old intent is not available. The sentences are those of `diff`.
 */

import { type Files, type FilesRead, readGenerated } from '../backends/generated.ts';
import { changesBetween } from '../changes/changes.ts';
import { changesUnder, ofSystem } from '../changes/devices.ts';
import { parametersText } from '../changes/links.ts';
import { changesText } from '../changes/text.ts';
import { type Change, type ChangeSeverity, change } from '../changes/words.ts';
import type { Model } from '../model/types.ts';
import { intentNamed } from '../view/ownership.ts';
import { modelOfLinks } from './links-model.ts';
import { recreatedBetween } from './recreated.ts';

/** One generated file, before and after; absent: no file. */
export interface InstalledFile {
  /** Absolute, on the target. */
  readonly target: string;
  readonly before?: string | undefined;
  readonly after?: string | undefined;
}

export interface WhatHappens {
  /** The worst first. */
  readonly changes: readonly Change[];
  /** Whether the host is certain to keep its addresses and routes. */
  readonly keepsAddresses: boolean;
  /** Whether no link goes down or is removed: the condition under which trials saw an outage of at most a second. */
  readonly isBrief: boolean;
  /** Whether only shims and taps on unmanaged parents change: the links with the host's addresses stay up. */
  readonly isBeside: boolean;
  /** Whether something changes only at a reboot. */
  readonly isReboot: boolean;
}

/**
 * @param backend the back end that is installed, by its id
 * @param installed every generated file, old and new
 * @param addressesNow addresses of the host at this moment, if known
 */
export function whatHappens(
  backend: string,
  installed: readonly InstalledFile[],
  addressesNow?: readonly string[],
): WhatHappens {
  const was = sideOf(
    installed.map(({ target, before }) => [target, before]),
    backend,
  );
  const is = sideOf(
    installed.map(({ target, after }) => [target, after]),
    backend,
  );
  // Without an old file there is no old host name.
  const before = was.links.size > 0 ? was.model : { ...was.model, host: is.model.host };
  const effects = recreatedBetween(was, is);
  const changes = changesUnder(
    [
      ...ofSystem(was.title, is.title),
      ...changesBetween(before, is.model, addressesNow),
      ...ofParameters(was, is),
    ],
    { backends: [backend], effects: effects.map((effect) => ({ ...effect, backend })) },
  );
  const keepsAddresses = changes.every(({ severity }) => severity !== 'may-lock-out');
  const isOneSystem = was.title === is.title && is.staysUp;
  const staysUp = [...was.links.keys()].every((name) => is.links.has(name));
  const isLive = effects.every(({ how }) => how === 'live');
  const isBrief = keepsAddresses && isOneSystem && staysUp && isLive;
  const isBeside =
    (was.title === '' || was.title === is.title) &&
    [was, is].every(({ model }) => model.parents.length === 0);
  const isReboot = effects.some(({ how }) => how === 'reboot');
  return { changes, keepsAddresses, isBrief, isBeside, isReboot };
}

/** The files before, or after. */
interface Side extends FilesRead {
  readonly model: Model;
}

function sideOf(texts: readonly (readonly [string, string | undefined])[], backend: string): Side {
  const files: Files = new Map(
    texts.flatMap(([path, text]): [string, string][] => (text === undefined ? [] : [[path, text]])),
  );
  const read = readGenerated(files, backend);
  return { ...read, model: modelOfLinks(hostOf(files), read.links) };
}

/** The host that the first line of each file names. */
function hostOf(files: Files): string {
  const [text = ''] = [...files.values()];
  return /^the intent of host (\S+)$/.exec(intentNamed(text))?.[1] ?? '';
}

/** Parameters of bonds and bridges have different names in each system. */
function ofParameters(was: Side, is: Side): Change[] {
  if (was.title !== is.title) return [];
  return [...is.links.values()].flatMap((now) => {
    const { name, kind, bondMode, parameters } = now;
    const then = was.links.get(name);
    if (!then || (kind !== 'bond' && kind !== 'bridge') || then.kind !== kind) return [];
    if (then.bondMode !== bondMode || then.parameters === parameters) return [];
    return [change('drops-connections', name, parametersText({ name, kind }))];
  });
}

/** Why the host may differ from its files. */
export interface PrintOptions {
  /** An interrupted run has changed some of the files already. */
  readonly isResumed?: boolean;
  /** Conflicts with other files are ignored. */
  readonly isForced?: boolean;
  /** The next boot is the activation. */
  readonly isReboot?: boolean;
}

/**
 * The text for the top of an installation; control characters of the files may be in it.
 */
export function whatHappensText(
  happens: WhatHappens,
  paint: (severity: ChangeSeverity, text: string) => string,
  { isResumed, isForced, isReboot = happens.isReboot }: PrintOptions = {},
): string {
  const { changes, keepsAddresses } = happens;
  const listing =
    changes.length === 0 ? 'No link, address or route changes.\n' : changesText(changes, paint);
  const resumed = isResumed
    ? '\nAn earlier run was interrupted: files that it has already changed are not listed.\n'
    : '';
  const stays = keepsAddresses
    ? `\nThe host keeps its addresses${outage(happens, isReboot)}\n`
    : '';
  const promise = isResumed || isForced ? '' : stays;
  return `\nWhat the activation does:\n\n${listing}${resumed}${promise}\n`;
}

/** How long the host is unreachable, as the rest of a sentence. */
function outage({ isBrief, isBeside }: WhatHappens, isReboot: boolean): string {
  if (isReboot) return ', and is unreachable while it reboots.';
  if (isBeside) return '.';
  return isBrief
    ? '. In tests it was unreachable for at most one second.'
    : ', and is unreachable until the activation ends.';
}
