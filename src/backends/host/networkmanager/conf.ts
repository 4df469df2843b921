/** Whether NetworkManager's configuration manages exactly the links that it must manage. */

import { type Finding, finding } from '../../../diagnostics/finding.ts';
import type { Model } from '../../../model/types.ts';
import type { RenderedFile } from '../../../view/rendered.ts';
import { CONF_PATH } from '../../shared/networkmanager-words.ts';
import { type Claim, claimsOf, type HostFile, type Watch } from '../foreign.ts';
import { isByNetworkManager, type NetworkOwner } from '../network-owner.ts';
import { booleanOf } from './keyfile.ts';
import {
  CONF_FOLDERS,
  type Configuration,
  configurationOf,
  type Decision,
  deviceSetting,
  type Place,
} from './merged.ts';
import { isExcept, matchSpec, matchSpecs } from './spec.ts';
import { judgeUdev, udevWatches } from './udev.ts';

const STATE = '/var/lib/NetworkManager';

export const networkManagerConfWatches: readonly Watch[] = [
  ...CONF_FOLDERS.map((folder) => ({ folder, name: /\.conf$/ })),
  { folder: '/etc/NetworkManager', name: /^NetworkManager\.conf$/ },
  { folder: STATE, name: /^NetworkManager\.state$/ },
  ...udevWatches,
];

export function judgeNetworkManagerConf(
  model: Model,
  rendered: readonly RenderedFile[],
  files: readonly HostFile[],
  owner: NetworkOwner,
): Finding[] {
  const claims = claimsOf(model);
  const others = configurationOf(files);
  // Without other files there is no conflict.
  if (!isByNetworkManager(owner) && others.groups.size === 0) return [];
  const all = configurationOf([...files, ...ownConf(rendered)]);
  if (!isByNetworkManager(owner)) {
    return [...unwanted(claims, all, 'managed'), ...guests(all)].map(asWarning);
  }
  return [
    ...unread(others, files),
    ...unwanted(claims, all, 'unmanaged'),
    ...claims.flatMap((claim) => deviceConf(claim, all)),
    ...carriers(model, all),
    ...judgeUdev(
      claims.filter((claim) => deviceSetting(all, 'managed', claim) === undefined),
      files,
      owner,
    ),
    ...guests(all).map(asWarning),
  ];
}

const asWarning = (found: Finding): Finding =>
  found.severity === 'error' ? { ...found, severity: 'warning' } : found;

const ownConf = (rendered: readonly RenderedFile[]): HostFile[] =>
  rendered
    .filter(({ path }) => path === CONF_PATH)
    .map(({ path, text }) => {
      const at = path.lastIndexOf('/');
      return { path, folder: path.slice(0, at), name: path.slice(at + 1), text };
    });

const inWords = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

type Verdict = 'managed' | 'unmanaged' | 'maybe';

const LIST = 'unmanaged-devices';

/** What the list of unmanaged devices decides, and its place. */
function listed(
  { groups }: Configuration,
  claim: Claim,
): { readonly verdict: Verdict; readonly place: Place | undefined } {
  const value = groups.get('keyfile')?.get(LIST);
  if (!value) return { verdict: 'managed', place: undefined };
  const answer = matchSpecs(
    value.specs.map(({ text }) => text),
    claim,
  );
  const decides = value.specs.findLast(
    ({ text }) => matchSpec(text, claim) !== 'no' && isExcept(text) === (answer === 'except'),
  );
  const verdict = answer === 'match' ? 'unmanaged' : answer === 'maybe' ? 'maybe' : 'managed';
  const isSure = verdict !== 'maybe' && !value.isConditional;
  return { verdict: isSure ? verdict : 'maybe', place: decides ?? value };
}

/** Links for which the list is wrong, one finding for each place that decides. */
function unwanted(
  claims: readonly Claim[],
  all: Configuration,
  wrong: 'managed' | 'unmanaged',
): Finding[] {
  const byPlace = new Map<string, { place: Place; names: string[]; isSure: boolean }>();
  for (const claim of claims) {
    const { verdict, place } = listed(all, claim);
    if ((verdict !== wrong && verdict !== 'maybe') || !place || place.path === CONF_PATH) continue;
    const key = `${place.path}:${place.line}:${verdict}`;
    const at = byPlace.get(key) ?? { place, names: [], isSure: verdict === wrong };
    byPlace.set(key, at);
    at.names.push(claim.name);
  }
  return [...byPlace.values()].map(({ place: { path, line }, names, isSure }) => {
    const does = isSure ? '' : 'may ';
    const message =
      wrong === 'unmanaged'
        ? `With this \`${LIST}\`, NetworkManager ${isSure ? 'does' : 'may'} not manage ${inWords(names)}.`
        : `With this \`${LIST}\`, NetworkManager ${does}manage${isSure ? 's' : ''} ${inWords(names)}, which another system configures.`;
    const sign = wrong === 'unmanaged' ? 'except:interface-name:' : 'interface-name:';
    const wanted = names.map((name) => `${sign}${name}`).join(';');
    return finding('unmanaged-by-others', path, message, {
      line,
      severity: isSure ? 'error' : 'warning',
      hint:
        wrong === 'unmanaged'
          ? `Write \`${LIST}+=\` there, or add \`${wanted}\` to the list.`
          : `Remove \`except:\` for these links there; where the list is set again, add \`${wanted}\`.`,
    });
  });
}

/** A later list without guests' devices is only a warning: NetworkManager may touch them. */
function guests(all: Configuration): Finding[] {
  const { verdict, place } = listed(all, { name: 'macvtap0', kind: 'macvtap' });
  if (verdict !== 'managed' || !place || place.path === CONF_PATH) return [];
  return [
    finding(
      'unmanaged-by-others',
      place.path,
      `With this \`${LIST}\`, NetworkManager no longer ignores the devices of guests (\`macvtap*\`).`,
      { line: place.line, hint: `Write \`${LIST}+=\` there.` },
    ),
  ];
}

/** `[device…] managed=`: unlike the list it also manages what udev excludes. */
function deviceConf(claim: Claim, all: Configuration): Finding[] {
  const found: Finding[] = [];
  const managed = deviceSetting(all, 'managed', claim);
  if (managed && booleanOf(managed.value) === false) {
    found.push(
      inSection('unmanaged-by-others', managed, `\`${claim.name}\` is not managed`, {
        severity: managed.isSure ? 'error' : 'warning',
      }),
    );
  }
  // Since 1.52: which profiles a device may use.
  const allowed = deviceSetting(all, 'allowed-connections', claim);
  if (allowed) {
    const effect = `the profiles that \`${claim.name}\` may use are restricted`;
    found.push(inSection('device-settings-overridden', allowed, effect));
  }
  return found;
}

function inSection(
  code: 'unmanaged-by-others' | 'device-settings-overridden',
  { path, line, section, isSure }: Decision,
  effect: string,
  extra: Partial<Finding> = {},
): Finding {
  const message = `${isSure ? 'With' : 'Perhaps with'} section \`[${section}]\`, ${effect}.`;
  const hint = 'Exclude the link from `match-device` of that section, or remove the key.';
  return finding(code, path, message, { line, hint, ...extra });
}

/** The generated file sets `ignore-carrier` in its own section; an earlier section may win. */
const carriers = (model: Model, all: Configuration): Finding[] =>
  [...model.parents, ...model.shims]
    .filter(({ ignoreCarrier }) => ignoreCarrier)
    .flatMap((link) => {
      const [claim] = claimsOf(model).filter(({ name }) => name === link.name);
      const setting = claim && deviceSetting(all, 'ignore-carrier', claim);
      if (!setting || setting.path === CONF_PATH || booleanOf(setting.value) === true) return [];
      const effect = `\`${link.name}\` loses its addresses while there is no carrier`;
      return [inSection('device-settings-overridden', setting, effect)];
    });

/** Why NetworkManager reads no profile. */
function unread({ groups, refused }: Configuration, files: readonly HostFile[]): Finding[] {
  const found = refused.map((path) =>
    finding(
      'profiles-not-read',
      path,
      'NetworkManager cannot parse it, and does not start: each line is `[section]`, `key=value` or a comment with `#`.',
    ),
  );
  const path = groups.get('keyfile')?.get('path');
  if (path && path.text.replace(/\/$/, '') !== '/etc/NetworkManager/system-connections') {
    const message = `NetworkManager reads its profiles from \`${path.text}\`.`;
    found.push(finding('profiles-not-read', path.path, message, { line: path.line }));
  }
  const state = files.find((file) => file.folder === STATE);
  const off = state?.text?.split('\n').findIndex((line) => /^NetworkingEnabled=false$/.test(line));
  if (state && off !== undefined && off >= 0) {
    const message = 'Networking is off in NetworkManager.';
    const hint = 'Switch it on: `nmcli networking on`.';
    found.push(finding('profiles-not-read', state.path, message, { line: off + 1, hint }));
  }
  return found;
}
