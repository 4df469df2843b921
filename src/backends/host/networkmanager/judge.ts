/** Other profiles and settings of NetworkManager that conflict with the generated ones. */

import { type Finding, finding } from '../../../diagnostics/finding.ts';
import type { Model } from '../../../model/types.ts';
import type { RenderedFile } from '../../../view/rendered.ts';
import { type Claim, claimsOf, type HostFile, UPPER, type Watch } from '../foreign.ts';
import { isByNetworkManager, type NetworkOwner } from '../network-owner.ts';
import { judgeNetworkManagerConf, networkManagerConfWatches } from './conf.ts';
import { fitsProfile, type Profile, profilesOf, profileWatches } from './profiles.ts';

export const networkManagerWatches: readonly Watch[] = [
  ...networkManagerConfWatches,
  ...profileWatches,
];

export function judgeNetworkManager(
  model: Model,
  rendered: readonly RenderedFile[],
  files: readonly HostFile[],
  owner: NetworkOwner,
): Finding[] {
  const profiles = profilesOf(files);
  const claims = claimsOf(model);
  return [
    ...judgeNetworkManagerConf(model, rendered, files, owner),
    ...claims.flatMap((claim) =>
      profiles.flatMap((profile) => [
        ...judgePort(profile, claim, profiles, model),
        ...(isByNetworkManager(owner) ? judgeClaim(profile, claim) : []),
      ]),
    ),
  ];
}

/** netplan writes them again at each boot, from YAML that is checked separately (and may be generated). */
const OF_NETPLAN = /^\/run\/NetworkManager\/system-connections\/netplan-/;

/** Of the generated profiles: a parent's has 100, a shim's the default. */
const priorityOf = ({ kind }: Claim): number => (UPPER.has(kind) ? 0 : 100);

/** A profile that NetworkManager may activate on a link instead of the generated one. */
function judgeClaim(profile: Profile, claim: Claim): Finding[] {
  const { path, line, priority } = profile;
  const ownPriority = priorityOf(claim);
  const fit = fitsProfile(profile, claim);
  if (!profile.autoconnects || priority < ownPriority || fit === 'no' || OF_NETPLAN.test(path))
    return [];
  const message =
    priority === ownPriority
      ? `It ${fit === 'yes' ? 'is' : 'may be'} for \`${claim.name}\`, with the priority of the generated profile (${ownPriority}): NetworkManager activates the one that was used last.`
      : `It ${fit === 'yes' ? 'is' : 'may be'} for \`${claim.name}\`, and its priority of ${priority} is above that of the generated profile (${ownPriority}).`;
  return [
    finding('profile-claims-link', path, message, {
      line,
      severity: fit === 'yes' ? 'error' : 'warning',
      hint: `Set \`autoconnect-priority\` in it below ${ownPriority}, or move it away; \`apply --move FILE\` does that with the change.`,
    }),
  ];
}

/** A profile that makes a link of the intent a port of another bridge, bond or team. */
function judgePort(
  profile: Profile,
  claim: Claim,
  profiles: readonly Profile[],
  model: Model,
): Finding[] {
  const { path, controller } = profile;
  if (!controller || OF_NETPLAN.test(path)) return [];
  const upper = profiles.find(
    ({ uuid, interfaceName }) =>
      uuid === controller.name.toLowerCase() || interfaceName === controller.name,
  );
  const name = upper?.interfaceName ?? controller.name;
  const fit = fitsProfile(profile, claim);
  const isActivated = profile.autoconnects || upper?.activatesPorts === true;
  if (fit === 'no' || !isActivated || name === claim.master) return [];
  return [
    finding(
      'link-enslaved-by-others',
      path,
      `It ${fit === 'yes' ? 'makes' : 'may make'} \`${claim.name}\` a port of \`${name}\`, which ${keeps(upper, model)}.`,
      { line: controller.line, severity: fit === 'yes' ? 'error' : 'warning' },
    ),
  ];
}

/** The consequence: addresses that the bridge or bond keeps. */
function keeps(upper: Profile | undefined, { shims, parents }: Model): string {
  const own = [...shims, ...parents].flatMap(({ addresses }) =>
    addresses.map(({ address }) => address),
  );
  const both = upper?.addresses
    .map((item) => item.split('/')[0] ?? '')
    .find((item) => own.includes(item));
  return both === undefined
    ? 'keeps its addresses and loses the link'
    : `keeps ${both}, an address of the intent, and loses the link`;
}
