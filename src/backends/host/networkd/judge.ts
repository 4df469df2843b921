/** Other files of systemd-networkd: those that shadow generated files, change them, or claim a link. */

import { type Finding, finding } from '../../../diagnostics/finding.ts';
import type { RenderedFile } from '../../../view/rendered.ts';
import { type Claim, type HostFile, merged, type Setting, type Watch } from '../foreign.ts';
import { systemdSettings } from '../systemd-file.ts';
import { type Answer, type Matcher, matchOf } from './match.ts';

/** systemd.network(5): a name in an earlier folder hides the same name in a later one. */
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

/** A link, and the generated file, which must be the first that matches it. */
export interface Wanted {
  readonly claim: Claim;
  readonly file: string;
  /** The `.netdev` that creates it. */
  readonly netdev?: string;
  /** The `.link` file that names it, if netplan writes that. */
  readonly link?: string;
}

interface JudgeOptions {
  /** An error if networkd configures the links; a warning if it must ignore them. */
  readonly severity: 'error' | 'warning';
  /** The rendered files; their `.link` files name NICs under every system. */
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

/** Files that sort before the generated one and match the link: the first match counts. */
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
      // If networkd must ignore the link, its configuration does not matter.
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

/** The first `.netdev` file for a name counts. */
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

/** What a drop-in must not set on a link of the intent; also conditions, which may exclude it. */
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

/** Keys that make a link a port: a port has no address and cannot have a macvlan. */
const MASTERS = ['Bridge', 'Bond', 'VRF', 'BatmanAdvanced'];
/** Keys that create a device on top of a link. */
const UPPERS = ['VLAN', 'MACVLAN', 'MACVTAP', 'IPVLAN', 'IPVTAP', 'VXLAN', 'MACsec'];

/** netplan writes them again at each boot, from YAML that is checked separately (and may be generated). */
const OF_NETPLAN = /^\/run\/systemd\/network\/10-netplan-/;

/**
 * What makes a link of the intent a port, or stacks another on it: in the first file that matches it
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

/** The severity, by how certain the match is. */
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
          `It creates \`${value}\` (\`${key}=\`) on top of \`${claim.name}\`; the generated file replaces it and does not.`,
          { line, severity: answer === 'yes' ? severity : SEVERITY[answer] },
        ),
      ),
  );
}

type Located = Setting & { readonly path: string };

/** The last assignment, which overrides the earlier ones. */
const last = (settings: readonly Located[], section: string, key: string): Located | undefined =>
  settings.findLast((setting) => setting.section === section && setting.key === key);

/** The assignments of a list; an empty one drops those before it. */
function listed(settings: readonly Located[], key: string): Located[] {
  const own = settings.filter((setting) => setting.section === 'Network' && setting.key === key);
  return own.slice(own.findLastIndex(({ value }) => value === '') + 1);
}
