/** The `.network` file of an unmanaged parent, to which a drop-in adds shims: it must be of this link alone. */
import { type Finding, finding } from '../../../diagnostics/finding.ts';
import type { Model, Parent } from '../../../model/types.ts';
import type { Claim, HostFile, Watch } from '../foreign.ts';
import { wordsOf } from '../systemd-file.ts';
import { networkdWatches, type Unit, unitsOf } from './judge.ts';
import { matchOf } from './match.ts';

/** @param fileOf the name of the file that configures a parent */
export function judgeNetworkFiles(
  model: Model,
  fileOf: (parent: Parent) => string,
  files: readonly HostFile[],
): Finding[] {
  const units = unitsOf(files, '.network');
  return model.unmanaged
    .filter(({ shims, taps }) => shims.length + taps.length > 0)
    .flatMap((parent) => judgeFile(parent, fileOf(parent), units));
}

/** Where that may be. */
export const networkFileWatches: readonly Watch[] = networkdWatches.filter(
  ({ below, name }) => name.test('x.network') || below?.test('x.network.d'),
);

/**
 * The file that configures a link: the first that surely matches it.
 * @returns its name; undefined: none does
 */
export const networkFileFor = (claim: Claim, files: readonly HostFile[]): string | undefined =>
  unitsOf(files, '.network').find(({ settings }) => matchOf(settings, claim, 'network') === 'yes')
    ?.name;

function judgeFile(parent: Parent, file: string, units: readonly Unit[]): Finding[] {
  const { name, kind, found = {} } = parent;
  const claim: Claim = { name, kind, ...found };
  const unit = units.find((one) => one.name === file);
  const first = units.find(
    (one) => one.name < file && matchOf(one.settings, claim, 'network') === 'yes',
  );
  if (first) {
    const message = `It matches \`${name}\` and sorts before \`${file}\`.`;
    const hint = `Write \`network-file: ${first.name}\`, if it matches \`${name}\` alone.`;
    return [finding('network-file-shadowed', first.path, message, { hint })];
  }
  if (!unit) {
    // netplan's generator writes its own at each boot; in a tree there is none.
    const isGenerated = file.startsWith('10-netplan-');
    const by = units.find((one) => matchOf(one.settings, claim, 'network') === 'yes');
    if (isGenerated && !by) return [];
    const path = `/etc/systemd/network/${file}`;
    const message = by
      ? `It does not exist; \`${by.path}\` configures \`${name}\`.`
      : `It does not exist: \`${name}\` has no file to which the shim is added.`;
    const hint = by && `Write \`network-file: ${by.name}\`.`;
    return [finding('network-file-missing', path, message, hint === undefined ? {} : { hint })];
  }
  const line = unit.settings.find(({ section }) => section === 'Match')?.line;
  if (matchOf(unit.settings, claim, 'network') === 'no' && found.mac !== undefined) {
    const message = `Its [Match] does not match \`${name}\`, whose MAC is ${found.mac}.`;
    const hint = `\`networkctl status ${name}\` prints the file that does as \`Network File\`.`;
    return [
      finding('network-file-not-exact', unit.path, message, {
        hint,
        ...(line !== undefined && { line }),
      }),
    ];
  }
  if (isExact(unit, name)) return [];
  const message = `Its [Match] does not name \`${name}\` alone.`;
  return [
    finding('network-file-not-exact', unit.path, message, line === undefined ? {} : { line }),
  ];
}

/** Whether it matches by one whole name, or by one MAC; other conditions only narrow it. */
function isExact({ settings }: Unit, name: string): boolean {
  const wordsIn = (key: string): string[] =>
    settings
      .filter((setting) => setting.section === 'Match' && setting.key === key)
      .flatMap(({ value }) => wordsOf(value, 'unescaped'));
  const names = wordsIn('Name');
  if (names.length > 0) return names.length === 1 && names[0] === name;
  return ['PermanentMACAddress', 'MACAddress'].some((key) => wordsIn(key).length === 1);
}
