/** Other people's profiles and settings for NetworkManager: which claim a link of ours. */
import {
  type Claim,
  type Finding,
  finding,
  fits,
  type HostFile,
  merged,
  type Setting,
  settingsOf,
  type Watch,
} from './foreign.ts';

const CONF = '/etc/NetworkManager/conf.d';
const OURS = '90-macvtap.conf';

/** NetworkManager.conf(5), [keyfile] path: later ones are hidden by the same name in an earlier one. */
const PROFILES = [
  '/etc/NetworkManager/system-connections',
  '/run/NetworkManager/system-connections',
  '/usr/lib/NetworkManager/system-connections',
];
const IFCFG = '/etc/sysconfig/network-scripts';

/** What decides whether NetworkManager manages our links. */
export const networkManagerConfWatches: readonly Watch[] = [{ folder: CONF, name: /\.conf$/ }];

export const networkManagerWatches: readonly Watch[] = [
  ...networkManagerConfWatches,
  // A profile needs no ending, and is none with a dot in front or a `~` behind.
  ...PROFILES.map((folder) => ({ folder, name: /^[^.].*[^~]$/ })),
  { folder: IFCFG, name: /^ifcfg-/ },
];

/** Our parent's profile has it; of several that fit, the highest is brought up. */
const OUR_PRIORITY = 100;

interface Said {
  /** Whether NetworkManager is to have the links, or to keep off them. */
  readonly isOwner: boolean;
}

/** What sorts after ours in conf.d: a later `unmanaged-devices=` takes ours back. */
export function judgeNetworkManagerConf(
  claims: readonly Claim[],
  files: readonly HostFile[],
  { isOwner }: Said,
): Finding[] {
  return files
    .filter(({ folder, name }) => folder === CONF && name > OURS)
    .flatMap(({ path, name, text = '' }) =>
      settingsOf(text)
        .filter(
          ({ section, key, value }) =>
            section === 'keyfile' &&
            key === 'unmanaged-devices' &&
            claims.some((claim) => !value.includes(`interface-name:${claim.name}`)),
        )
        .map(({ line }) =>
          finding(
            'unmanaged-by-others',
            path,
            isOwner
              ? `It sets the list of what NetworkManager leaves alone, after \`${OURS}\` has taken our links out of it.`
              : `It sets the list of what NetworkManager leaves alone, after \`${OURS}\` has put our links on it.`,
            {
              line,
              severity: isOwner ? 'error' : 'warning',
              hint: `Write \`unmanaged-devices+=\` there, or give ${name} a name that sorts before ${OURS}.`,
            },
          ),
        ),
    );
}

/** Profiles that NetworkManager may bring up on a link of ours in the place of ours. */
export function judgeProfiles(claims: readonly Claim[], files: readonly HostFile[]): Finding[] {
  const profiles = merged(files, PROFILES).map(profileOf);
  const older = files.filter(({ folder }) => folder === IFCFG).map(ifcfgOf);
  return [...profiles, ...older].flatMap((profile) =>
    profile ? claims.flatMap((claim) => judgeProfile(profile, claim)) : [],
  );
}

interface Profile {
  readonly path: string;
  readonly line: number;
  readonly type: string;
  readonly interfaceName?: string;
  readonly mac?: string;
  readonly priority: number;
  readonly autoconnects: boolean;
  readonly isPort: boolean;
}

function profileOf({ path, text = '' }: HostFile): Profile | undefined {
  const settings = settingsOf(text);
  const find = (section: string, ...keys: string[]): Setting | undefined =>
    settings.find((setting) => setting.section === section && keys.includes(setting.key));
  const type = find('connection', 'type');
  if (!type) return undefined;
  const name = find('connection', 'interface-name');
  const mac = find('ethernet', 'mac-address') ?? find('802-3-ethernet', 'mac-address');
  const priority = find('connection', 'autoconnect-priority');
  return {
    path,
    line: (priority ?? name ?? type).line,
    type: type.value,
    ...(name && { interfaceName: name.value }),
    ...(mac && { mac: mac.value.toLowerCase() }),
    priority: Number(priority?.value ?? 0),
    autoconnects: !/^(?:false|no|0)$/.test(find('connection', 'autoconnect')?.value ?? ''),
    isPort: find('connection', 'master', 'controller') !== undefined,
  };
}

/** An ifcfg file of Enterprise Linux: NetworkManager reads it as a profile. */
function ifcfgOf({ path, text = '' }: HostFile): Profile | undefined {
  const settings = settingsOf(text);
  const value = (key: string): string | undefined =>
    settings.find((setting) => setting.key === key)?.value.replace(/^["']|["']$/g, '');
  const name = value('DEVICE');
  const mac = value('HWADDR');
  return {
    path,
    line: settings.find(({ key }) => key === 'DEVICE')?.line ?? 1,
    type: 'ethernet',
    ...(name !== undefined && { interfaceName: name }),
    ...(mac !== undefined && { mac: mac.toLowerCase() }),
    priority: Number(value('AUTOCONNECT_PRIORITY') ?? 0),
    autoconnects: value('ONBOOT')?.toLowerCase() !== 'no',
    isPort: ['BRIDGE', 'MASTER', 'TEAM_MASTER'].some((key) => value(key) !== undefined),
  };
}

function judgeProfile(profile: Profile, claim: Claim): Finding[] {
  const { path, line, priority } = profile;
  if (!profile.autoconnects) return [];
  const isNic = claim.kind === 'ethernet';
  const isOfType = /^(?:ethernet|802-3-ethernet)$/.test(profile.type)
    ? isNic
    : profile.type === claim.kind;
  if (profile.interfaceName !== undefined && !fits(profile.interfaceName, claim.name)) return [];
  if (!isNic && profile.interfaceName === claim.name) {
    return [
      finding('profile-claims-link', path, `It is for \`${claim.name}\`, which is ours.`, { line }),
    ];
  }
  if (!isOfType || priority < OUR_PRIORITY) return [];
  const hasMac = profile.mac !== undefined;
  if (hasMac && claim.permanentMac !== undefined && profile.mac !== claim.permanentMac) return [];
  // By its MAC alone: whether that is this NIC's cannot be known from here.
  const isSure = profile.interfaceName !== undefined || !hasMac || claim.permanentMac !== undefined;
  return [
    finding(
      'profile-claims-link',
      path,
      `${isSure ? 'It is' : 'It may be'} for \`${claim.name}\`, and its priority is ${priority}: NetworkManager takes it rather than ours, of ${OUR_PRIORITY}.`,
      {
        line,
        severity: isSure ? 'error' : 'warning',
        hint: `Move it away, or set \`autoconnect-priority\` there below ${OUR_PRIORITY}.`,
      },
    ),
  ];
}
