/** Whether NetworkManager configures a link: by a profile, or by the automatic one. */
import type { Claim, HostFile, Watch } from '../foreign.ts';
import { networkManagerWatches } from '../networkmanager/judge.ts';
import { booleanOf } from '../networkmanager/keyfile.ts';
import { type Configuration, configurationOf, deviceSetting } from '../networkmanager/merged.ts';
import { fitsProfile, profilesOf } from '../networkmanager/profiles.ts';
import { matchSpecs } from '../networkmanager/spec.ts';
import type { Claimed } from './claims.ts';
import { isNamedByIfupdown } from './ifupdown.ts';

const MAIN = '/etc/NetworkManager/NetworkManager.conf';

/** Without `/run`, which is empty at the next boot. */
export const networkManagerFiles: readonly Watch[] = networkManagerWatches.filter(
  ({ folder }) => !folder.startsWith('/run/'),
);

const isListed = ({ groups }: Configuration, section: string, key: string, claim: Claim): boolean =>
  matchSpecs(
    (groups.get(section)?.get(key)?.specs ?? []).map(({ text }) => text),
    claim,
  ) === 'match';

/** Whether its settings make it ignore a link. */
function isUnmanaged(claim: Claim, all: Configuration, files: readonly HostFile[]): boolean {
  const managed = deviceSetting(all, 'managed', claim);
  if (managed?.isSure) return booleanOf(managed.value) === false;
  if (isListed(all, 'keyfile', 'unmanaged-devices', claim)) return true;
  const plugins = all.groups.get('main')?.get('plugins')?.text ?? '';
  const byPlugin = all.groups.get('ifupdown')?.get('managed')?.text;
  return (
    plugins.includes('ifupdown') && booleanOf(byPlugin) !== true && isNamedByIfupdown(claim, files)
  );
}

/** Whether its settings make it ignore every NIC. */
export const managesNoNic = (files: readonly HostFile[]): boolean =>
  isListed(configurationOf(files), 'keyfile', 'unmanaged-devices', { name: '', kind: 'ethernet' });

/** A profile that may be activated on the link, or NetworkManager's automatic one for a NIC without. */
export function claimedByNetworkManager(
  claim: Claim,
  files: readonly HostFile[],
): Claimed | undefined {
  const all = configurationOf(files);
  if (isUnmanaged(claim, all, files)) return undefined;
  const profiles = profilesOf(files)
    .filter(({ autoconnects }) => autoconnects)
    .map((profile) => ({ ...profile, fit: fitsProfile(profile, claim) }));
  const own = profiles.find(({ fit }) => fit === 'yes');
  if (own) return { path: own.path, line: own.line, by: 'file' };
  if (claim.kind === 'ethernet' && !isListed(all, 'main', 'no-auto-default', claim)) {
    return { path: MAIN, by: 'default' };
  }
  const other = profiles.find(({ fit }) => fit === 'maybe');
  return other && { path: other.path, line: other.line, by: 'perhaps' };
}
