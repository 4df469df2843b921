/** `--target host`: assumptions about the distribution are replaced by facts of the host. */

import type { Distribution, Owner, TargetSpec } from '../../targets/target.ts';
import { cloudInitWatches, judgeCloudInit } from './cloud-init.ts';
import type { HostFile, Watch } from './foreign.ts';
import { managesNoNic, networkManagerFiles } from './owner/networkmanager.ts';
import { generator, hasUnitOf, unitWatches } from './owner/units.ts';

const PROGRAM_FOLDERS = ['/sbin', '/usr/sbin', '/usr/bin', '/lib/systemd', '/usr/lib/systemd'];

/** From Debian 13 on the program of ifupdown-ng has another name. */
const PROGRAMS: Readonly<Record<Owner, readonly string[]>> = {
  networkd: ['systemd-networkd'],
  networkmanager: ['NetworkManager'],
  netplan: ['netplan'],
  ifupdown: ['ifup', 'ifup-ng'],
};

const RP_FILTER = '/proc/sys/net/ipv4/conf';

export const hostTargetWatches: readonly Watch[] = [
  ...unitWatches,
  ...networkManagerFiles,
  ...PROGRAM_FOLDERS.map(
    (folder): Watch => ({
      folder,
      name: /^(?:systemd-networkd|NetworkManager|netplan|ifup|ifup-ng)$/,
      isOfNames: true,
    }),
  ),
  ...cloudInitWatches,
  { folder: RP_FILTER, below: /^(?:all|default)$/, name: /^rp_filter$/ },
];

/** @param files the files at `hostTargetWatches` */
export function asFound(spec: TargetSpec, files: readonly HostFile[]): TargetSpec {
  const { distribution } = spec;
  if (!distribution || files.length === 0) return spec;
  const found: Distribution = {
    ...distribution,
    presence: {
      networkd: presenceOf(files, 'networkd'),
      networkmanager: presenceOf(files, 'networkmanager'),
      netplan: presenceOf(files, 'netplan'),
      ifupdown: presenceOf(files, 'ifupdown'),
    },
    managesNothing: managesNoNic(files),
    hasStrictRpFilter: files.some(
      ({ path, text }) => path.startsWith(`${RP_FILTER}/`) && text?.trim() === '1',
    ),
    hasCloudInit: judgeCloudInit([], files).length > 0,
  };
  return { ...spec, distribution: found, isHost: true };
}

function presenceOf(files: readonly HostFile[], owner: Owner): 'installed' | 'missing' {
  const hasProgram = files.some(
    ({ folder, name }) => PROGRAM_FOLDERS.includes(folder) && PROGRAMS[owner].includes(name),
  );
  const hasUnit =
    owner === 'netplan' ? generator(files, 'netplan') !== undefined : hasUnitOf(files, owner);
  return hasProgram || hasUnit ? 'installed' : 'missing';
}
