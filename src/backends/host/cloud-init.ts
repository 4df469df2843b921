/** cloud-init: whether it writes network configuration again, and which links of the intent that has. */
import { type Finding, finding } from '../../diagnostics/finding.ts';
import type { Claim, HostFile, Watch } from './foreign.ts';
import { isOf } from './netplan/links.ts';
import { readYaml, textOf, valuesOf, type YamlNode } from './netplan/yaml.ts';

const FOLDER = '/etc/cloud';
const SEED = '/var/lib/cloud/seed';
const CODE = 'cloud-init-writes-network';

export const cloudInitWatches: readonly Watch[] = [
  { folder: FOLDER, name: /^(?:cloud\.cfg|cloud-init\.disabled)$/ },
  { folder: `${FOLDER}/cloud.cfg.d`, name: /^[^.].*\.cfg$/ },
  // NoCloud, and Raspberry Pi OS.
  { folder: SEED, below: /^nocloud(?:-net)?$/, name: /^network-config$/ },
  { folder: '/boot/firmware', name: /^network-config$/ },
];

/** The profile that it writes for a NIC under NetworkManager. */
export const profileOfCloudInit = (nic: string): string =>
  `/etc/NetworkManager/system-connections/cloud-init-${nic}.nmconnection`;

/** cloud-init writes the network again at each boot of a new instance, and some of it at every boot. */
export function judgeCloudInit(claims: readonly Claim[], files: readonly HostFile[]): Finding[] {
  const main = files.find(({ path }) => path === `${FOLDER}/cloud.cfg`);
  if (!main || files.some(({ path }) => path === `${FOLDER}/cloud-init.disabled`)) return [];
  const config = [
    main,
    ...files
      .filter(({ folder }) => folder === `${FOLDER}/cloud.cfg.d`)
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  ].flatMap(({ path, text = '' }) =>
    valuesOf(readYaml(text).root, 'network').map((network) => ({ path, network })),
  );
  // The last file with the key counts (read_conf_with_confd).
  const last = config.flatMap(({ network }) => valuesOf(network, 'config')).at(-1);
  if (last?.kind === 'scalar' && last.text === 'disabled') return [];
  const seeds = files
    .filter(({ name }) => name === 'network-config')
    .flatMap(({ path, text = '' }) => {
      const { root } = readYaml(text);
      return root ? [{ path, network: valuesOf(root, 'network').at(-1) ?? root }] : [];
    });
  const found = [...config, ...seeds].flatMap(({ path, network }) =>
    judgeNetwork(claims, path, network),
  );
  return found.length > 0
    ? found
    : [finding(CODE, main.path, 'cloud-init is installed, and writes the network configuration.')];
}

interface Named {
  readonly id: string;
  readonly match?: {
    readonly name?: string;
    readonly macaddress?: string;
    readonly drivers: boolean;
  };
  readonly setName?: string;
  readonly line: number;
}

function judgeNetwork(claims: readonly Claim[], path: string, network: YamlNode): Finding[] {
  const links = [...version2(network), ...version1(network)];
  return claims.flatMap((claim) => {
    const link = links.find((item) => isOf({ ...item, section: 'ethernets' }, claim) !== 'no');
    if (!link) return [];
    const message = `cloud-init's configuration has \`${claim.name}\`: cloud-init writes it again at the first boot of an instance.`;
    return [finding(CODE, path, message, { line: link.line })];
  });
}

/** Version 2: like netplan, by sections. */
const version2 = (network: YamlNode): Named[] =>
  ['ethernets', 'wifis', 'bonds', 'bridges', 'vlans']
    .flatMap((section) => valuesOf(network, section))
    .flatMap((section) => (section.kind === 'map' ? section.pairs : []))
    .map(({ key: id = '', line, value }) => {
      const match = valuesOf(value, 'match').at(-1);
      const setName = textOf(value, 'set-name');
      return {
        id,
        line,
        ...(match && { match: matchOf(textOf(match, 'name'), textOf(match, 'macaddress'), match) }),
        ...(setName !== undefined && { setName }),
      };
    });

/** Version 1: a list of links, each with its name and perhaps a MAC to match. */
const version1 = (network: YamlNode): Named[] =>
  valuesOf(network, 'config')
    .flatMap((config) => (config.kind === 'list' ? config.items : []))
    .flatMap((item) => {
      const id = textOf(item, 'name');
      return id === undefined || textOf(item, 'type') === 'nameserver'
        ? []
        : [{ id, line: item.line }];
    });

const matchOf = (
  name: string | undefined,
  macaddress: string | undefined,
  match: YamlNode,
): NonNullable<Named['match']> => ({
  ...(name !== undefined && { name }),
  ...(macaddress !== undefined && { macaddress: macaddress.toLowerCase() }),
  drivers: valuesOf(match, 'driver').length > 0,
});
