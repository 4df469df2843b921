/** Other people's files for systemd-networkd: which come before ours, and which change ours. */
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

/** systemd.network(5): later ones are hidden by the same name in an earlier one. */
const FOLDERS = [
  '/etc/systemd/network',
  '/run/systemd/network',
  '/usr/local/lib/systemd/network',
  '/usr/lib/systemd/network',
  '/lib/systemd/network',
];

export const networkdWatches: readonly Watch[] = FOLDERS.flatMap((folder) => [
  { folder, name: /\.(?:network|netdev)$/ },
  { folder, below: /^(?:00-macvtap-|10-netplan-).+\.network\.d$/, name: /\.conf$/ },
]);

/** A link, and the name of the file that is to be the first that matches it. */
export interface Wanted {
  readonly claim: Claim;
  readonly file: string;
  /** Whether a device of ours is made by a `.netdev`. */
  readonly netdev?: string;
}

interface Said {
  /** Whether networkd has the links, or only is to keep off them. */
  readonly severity: 'error' | 'warning';
}

export function judgeNetworkd(
  wanted: readonly Wanted[],
  files: readonly HostFile[],
  { severity }: Said,
): Finding[] {
  const ofKind = (ending: string): HostFile[] =>
    merged(
      files.filter(({ name }) => name.endsWith(ending)),
      FOLDERS,
    );
  const networks = ofKind('.network');
  const netdevs = ofKind('.netdev');
  return wanted.flatMap((one) => [
    ...shadows(one, networks, severity),
    ...twice(one, netdevs),
    ...dropIns(one, files, severity),
  ]);
}

/** Files that sort before ours and match the link: the first that matches has it. */
function shadows(
  { claim, file }: Wanted,
  networks: readonly HostFile[],
  severity: 'error' | 'warning',
): Finding[] {
  return networks
    .filter(({ name }) => name < file)
    .flatMap(({ path, text = '' }) => {
      const settings = settingsOf(text).filter(({ section }) => section === 'Match');
      const answer = text.trim() === '' ? 'no' : matches(settings, claim);
      const line = settings[0]?.line ?? 1;
      const told = `It sorts before \`${file}\` and`;
      if (answer === 'yes') {
        return [
          finding('shadowed', path, `${told} matches \`${claim.name}\`.`, { line, severity }),
        ];
      }
      if (answer === 'no') return [];
      return [finding('may-be-shadowed', path, `${told} may match \`${claim.name}\`.`, { line })];
    });
}

type Answer = 'yes' | 'no' | 'maybe';

/** How networkd calls the type of a link (`networkctl list`): a macvlan is plain Ethernet to it. */
const TYPE: Readonly<Record<Claim['kind'], string>> = {
  ethernet: 'ether',
  macvlan: 'ether',
  macvtap: 'ether',
  vlan: 'vlan',
  bond: 'bond',
  bridge: 'bridge',
};

/** systemd.network(5), [Match]. All keys must fit; a file with none matches every link. */
function matches(settings: readonly Setting[], claim: Claim): Answer {
  const values = new Map<string, string[]>();
  for (const { key, value } of settings) {
    const words = value.split(/\s+/).filter(Boolean);
    values.set(key, words.length === 0 ? [] : [...(values.get(key) ?? []), ...words]);
  }
  const answers = [...values]
    .filter(([, words]) => words.length > 0)
    .map(([key, words]) => matchesKey(key, words, claim));
  if (answers.includes('no')) return 'no';
  return answers.includes('maybe') ? 'maybe' : 'yes';
}

function matchesKey(key: string, words: readonly string[], claim: Claim): Answer {
  const isVirtual = claim.kind !== 'ethernet';
  switch (key) {
    case 'Name':
      return byPatterns(words, claim.name);
    case 'Type':
      return byPatterns(words, TYPE[claim.kind]);
    case 'Kind':
      return byPatterns(words, isVirtual ? claim.kind : '');
    case 'MACAddress':
      return byMac(words, claim.mac ?? claim.permanentMac);
    case 'PermanentMACAddress':
      return isVirtual ? 'no' : byMac(words, claim.permanentMac);
    case 'Path':
      return isVirtual ? 'no' : 'maybe';
    case 'WLANInterfaceType':
    case 'SSID':
    case 'BSSID':
      return 'no';
    default:
      return 'maybe';
  }
}

/** A list whose first word begins with `!` is one of those that do not fit. */
function byPatterns(words: readonly string[], name: string): Answer {
  const isNegated = words[0]?.startsWith('!') === true;
  const isListed = words.some((word) => fits(word.replace(/^!/, ''), name));
  return isListed === isNegated ? 'no' : 'yes';
}

function byMac(words: readonly string[], mac: string | undefined): Answer {
  if (mac === undefined) return 'maybe';
  const plain = (text: string): string => text.toLowerCase().replace(/[^0-9a-f]/g, '');
  return words.some((word) => plain(word) === plain(mac)) ? 'yes' : 'no';
}

/** Of two `.netdev` files for one name the first counts. */
function twice({ claim, netdev }: Wanted, netdevs: readonly HostFile[]): Finding[] {
  if (netdev === undefined) return [];
  return netdevs
    .filter(({ name }) => name < netdev)
    .flatMap(({ path, text = '' }) =>
      settingsOf(text)
        .filter(
          ({ section, key, value }) =>
            section === 'NetDev' && key === 'Name' && value === claim.name,
        )
        .map(({ line }) =>
          finding(
            'device-made-by-others',
            path,
            `It makes a \`${claim.name}\`, and sorts before \`${netdev}\`.`,
            { line },
          ),
        ),
    );
}

/** What a drop-in must not say of a link that is ours. */
const HEAVY =
  /^(?:Address|Gateway|DHCP|LinkLocalAddressing|IPv6AcceptRA|Bridge|Bond|VRF|MACVLAN|Unmanaged|ActivationPolicy|Destination|Mode|Kind|Name)$/;

function dropIns(
  { file, claim }: Wanted,
  files: readonly HostFile[],
  severity: 'error' | 'warning',
): Finding[] {
  return files
    .filter(({ folder }) => folder.endsWith(`/${file}.d`))
    .flatMap(({ path, text = '' }) => {
      const settings = settingsOf(text);
      const heavy = settings.find(({ key }) => HEAVY.test(key));
      const said = heavy ?? settings[0];
      if (!said) return [];
      return [
        finding(
          'drop-in-of-others',
          path,
          `It adds \`${said.key}=${said.value}\` to what we say of \`${claim.name}\`.`,
          { line: said.line, severity: heavy ? severity : 'warning' },
        ),
      ];
    });
}
