/** Other files of systemd-networkd: those that shadow generated files, change them, or claim a link. */

import { type Finding, finding } from '../../../diagnostics/finding.ts';
import type { RenderedFile } from '../../../view/rendered.ts';
import { type Claim, type HostFile, merged, type Setting, type Watch } from '../foreign.ts';
import { systemdSettings } from '../systemd-file.ts';
import { type Answer, type Matcher, matchOf } from './match.ts';

/** systemd.network(5): later ones are hidden by the same name in an earlier one. */
const FOLDERS = [
  '/etc/systemd/network',
  '/run/systemd/network',
  '/usr/local/lib/systemd/network',
  '/usr/lib/systemd/network',
  '/lib/systemd/network',
];

export const networkdWatches: readonly Watch[] = FOLDERS.flatMap((folder) => [
  { folder, name: /\.(?:network|netdev|link)$/ },
  { folder, below: /\.(?:network|netdev|link)\.d$/, name: /\.conf$/ },
]);

/** A link, and the name of the file that is to be the first that matches it. */
export interface Wanted {
  readonly claim: Claim;
  readonly file: string;
  /** Of a device of ours, the `.netdev` that makes it. */
  readonly netdev?: string;
  /** The `.link` file by which udev names it, where that is not ours but netplan's. */
  readonly link?: string;
}

interface JudgeOptions {
  /** An error where networkd runs the links; a warning where it is only to ignore them. */
  readonly severity: 'error' | 'warning';
  /** What is to be installed; its `.link` files name NICs whoever runs the links. */
  readonly rendered: readonly RenderedFile[];
}

/** A file, with its drop-ins. */
export interface Unit {
  readonly path: string;
  readonly name: string;
  readonly settings: readonly (Setting & { readonly path: string })[];
}

export function judgeNetworkd(
  wanted: readonly Wanted[],
  files: readonly HostFile[],
  { severity, rendered }: JudgeOptions,
): Finding[] {
  const written = new Set(rendered.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)));
  const networks = unitsOf(files, '.network');
  const netdevs = unitsOf(files, '.netdev');
  const links = unitsOf(files, '.link');
  const names = new Set(wanted.map(({ claim }) => claim.name));
  return wanted.flatMap((item) => {
    const { claim, file, netdev } = item;
    const own = `00-macvtap-${claim.name}.link`;
    const link = item.link ?? (written.has(own) ? own : undefined);
    return [
      ...shadows(claim, file, networks, 'network', severity),
      ...(link === undefined ? [] : shadows(claim, link, links, 'link', 'error')),
      ...twice(item, netdevs),
      ...dropIns(claim, file, files, severity),
      ...dropIns(claim, netdev, files, severity),
      ...dropIns(claim, link, files, 'error'),
      ...joined(claim, networks, names, severity),
    ];
  });
}

/**
 * Files of a kind as systemd merges them: drop-ins add to the file. One that is empty, or that
 * systemd cannot parse, is ignored with its drop-ins.
 */
export function unitsOf(files: readonly HostFile[], ending: string): Unit[] {
  const own = files.filter(({ name }) => name.endsWith(ending));
  return merged(own, FOLDERS).flatMap(({ path, name, text = '' }) => {
    if (text === '') return [];
    const added = merged(
      files,
      FOLDERS.map((folder) => `${folder}/${name}.d`),
    );
    const parts = [{ path, text }, ...added].map((part) =>
      systemdSettings(part.text ?? '')?.map((setting) => ({ ...setting, path: part.path })),
    );
    const settings = parts.flatMap((part) => part ?? []);
    return parts.includes(undefined) ? [] : [{ path, name, settings }];
  });
}

/** Files that sort before ours and match the link: the first that matches has it. */
function shadows(
  claim: Claim,
  file: string,
  units: readonly Unit[],
  matcher: Matcher,
  severity: 'error' | 'warning',
): Finding[] {
  return units
    .filter(({ name }) => name < file)
    .flatMap(({ path, settings }) => {
      const answer = matchOf(settings, claim, matcher);
      const line =
        settings.find((item) => item.path === path && item.section === 'Match')?.line ?? 1;
      const order = `It sorts before \`${file}\``;
      if (answer === 'yes') {
        const message = `${order} and matches \`${claim.name}\`.`;
        return [finding('shadowed', path, message, { line, severity })];
      }
      if (answer === undefined) {
        const message = `${order} and has no valid [Match]: systemd ignores it from 245 on; before, it matches \`${claim.name}\`.`;
        return [finding('may-be-shadowed', path, message, { line, severity: 'note' })];
      }
      if (answer === 'no') return [];
      // Where networkd is only to ignore the link, its configuration does not matter.
      const isLikely = answer === 'maybe' && severity === 'error';
      return [
        finding(
          'may-be-shadowed',
          path,
          answer === 'maybe'
            ? `${order} and may match \`${claim.name}\`.`
            : `${order} and matches \`${claim.name}\` if that has an alternative name that fits.`,
          { line, severity: isLikely ? 'warning' : 'note' },
        ),
      ];
    });
}

/** Of two `.netdev` files for one name the first counts. */
function twice({ claim, netdev }: Wanted, netdevs: readonly Unit[]): Finding[] {
  if (netdev === undefined) return [];
  return netdevs
    .filter(({ name }) => name < netdev)
    .flatMap(({ settings }) => {
      const name = last(settings, 'NetDev', 'Name');
      if (name?.value !== claim.name) return [];
      const message = `It defines \`${claim.name}\`, and sorts before \`${netdev}\`.`;
      return [finding('device-made-by-others', name.path, message, { line: name.line })];
    });
}

/** What a drop-in must not set on a link that is ours; conditions neither, by which ours may not match. */
const HEAVY =
  /^(?:Address|Gateway|DHCP|LinkLocalAddressing|IPv6AcceptRA|Bridge|Bond|VRF|BatmanAdvanced|MACVLAN|MACVTAP|MACAddress|Unmanaged|ActivationPolicy|Destination|Mode|Kind|Name)$/;

function dropIns(
  claim: Claim,
  file: string | undefined,
  files: readonly HostFile[],
  severity: 'error' | 'warning',
): Finding[] {
  return files
    .filter(({ folder }) => file !== undefined && folder.endsWith(`/${file}.d`))
    .flatMap(({ path, text = '' }) => {
      const settings = systemdSettings(text);
      if (!settings) {
        const message = `systemd cannot parse it, and then ignores \`${file}\` with it.`;
        return [finding('drop-in-of-others', path, message, { severity })];
      }
      const heavy = settings.find(({ section, key }) => section === 'Match' || HEAVY.test(key));
      const added = heavy ?? settings[0];
      if (!added) return [];
      return [
        finding(
          'drop-in-of-others',
          path,
          `It adds \`${added.key}=${added.value}\` to the configuration of \`${claim.name}\`.`,
          { line: added.line, severity: heavy ? severity : 'warning' },
        ),
      ];
    });
}

/** Keys by which a link becomes a port: it then has no address of its own, and takes no macvlan. */
const MASTERS = ['Bridge', 'Bond', 'VRF', 'BatmanAdvanced'];
/** Keys by which a device is made on top of a link. */
const UPPERS = ['VLAN', 'MACVLAN', 'MACVTAP', 'IPVLAN', 'IPVTAP', 'VXLAN', 'MACsec'];

/** netplan writes them again at each boot, from YAML that is judged by itself (and may be ours). */
const OF_NETPLAN = /^\/run\/systemd\/network\/10-netplan-/;

/**
 * What joins a link of ours with another: in the file that has it today, the first that matches,
 * and in those that may.
 */
function joined(
  claim: Claim,
  networks: readonly Unit[],
  generated: ReadonlySet<string>,
  severity: 'error' | 'warning',
): Finding[] {
  const found: Finding[] = [];
  for (const unit of networks) {
    const answer = matchOf(unit.settings, claim, 'network');
    if (answer === undefined || answer === 'no') continue;
    const all = [
      ...enslaves(claim, unit, answer),
      ...stacks(claim, unit, answer, generated, severity),
    ];
    found.push(...all.filter(({ path }) => !OF_NETPLAN.test(path)));
    if (answer === 'yes') break;
  }
  return found;
}

/** How bad it is that a link is joined with another, by how sure it is. */
const SEVERITY = { yes: 'error', maybe: 'warning', unlikely: 'note', no: 'note' } as const;

function enslaves(claim: Claim, { settings }: Unit, answer: Answer): Finding[] {
  return MASTERS.flatMap((key) => {
    const master = last(settings, 'Network', key);
    if (!master || master.value === '' || master.value === claim.master) return [];
    const { path, line, value } = master;
    return [
      finding(
        'link-enslaved-by-others',
        path,
        `It ${answer === 'yes' ? 'puts' : 'may put'} \`${claim.name}\` into \`${value}\` (\`${key}=\`), which keeps its addresses and loses the link.`,
        { line, severity: SEVERITY[answer] },
      ),
    ];
  });
}

function stacks(
  claim: Claim,
  { settings }: Unit,
  answer: Answer,
  generated: ReadonlySet<string>,
  severity: 'error' | 'warning',
): Finding[] {
  return UPPERS.flatMap((key) =>
    listed(settings, key)
      .filter(({ value }) => !generated.has(value))
      .map(({ path, line, value }) =>
        finding(
          'link-used-by-others',
          path,
          `It creates \`${value}\` (\`${key}=\`) on top of \`${claim.name}\`; the generated file takes its place and does not.`,
          { line, severity: answer === 'yes' ? severity : SEVERITY[answer] },
        ),
      ),
  );
}

type Located = Setting & { readonly path: string };

/** The assignment that counts, where each overrides the one before. */
const last = (settings: readonly Located[], section: string, key: string): Located | undefined =>
  settings.findLast((setting) => setting.section === section && setting.key === key);

/** The assignments of a list, of which an empty one drops those before it. */
function listed(settings: readonly Located[], key: string): Located[] {
  const own = settings.filter((setting) => setting.section === 'Network' && setting.key === key);
  return own.slice(own.findLastIndex(({ value }) => value === '') + 1);
}
