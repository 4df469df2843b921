/**
 * Instances of Incus and LXD (their `nic` devices, as of LXD 4.0 to 5.21 and Incus 6.0), from the running daemon as
 * JSON, or from the `backup.yaml` that they keep beside the files of each instance.
 */
import type { HostFile, Watch } from '../../backends/host/foreign.ts';
import type { YamlNode } from '../../backends/host/netplan/yaml.ts';
import {
  type Attachment,
  attachment,
  type Found,
  hostSpanOf,
  joined,
  linkNameOf,
  MOST,
  type Span,
  unreadable,
} from './attachment.ts';
import {
  at,
  inAnswer,
  inFile,
  itemsAt,
  named,
  type PlaceOf,
  pairsIn,
  readDocument,
  textAt,
} from './documents.ts';

export const INCUS_FOLDERS: Readonly<Record<string, string>> = {
  '/var/lib/incus': 'Incus',
  '/var/lib/lxd': 'LXD',
  '/var/snap/lxd/common/lxd': 'LXD',
};

export const incusWatches: readonly Watch[] = Object.keys(INCUS_FOLDERS).flatMap((folder) => [
  { folder: `${folder}/database`, isOfNames: true as const, name: /^local\.db$/ },
  ...['containers', 'virtual-machines'].map((kind) => ({
    folder: `${folder}/${kind}`,
    below: /./,
    name: /^backup\.yaml$/,
  })),
]);

/** Networks of type macvlan, by name, which devices name in the place of a parent. */
type Networks = ReadonlyMap<string, { readonly parent?: string; readonly vlan?: string }>;

/** @param engine `Incus` or `LXD`; the texts are what its client prints as JSON */
export function readIncus(
  engine: string,
  command: string,
  instances: string,
  networks: string,
): Found {
  const path = Object.keys(INCUS_FOLDERS).find((key) => INCUS_FOLDERS[key] === engine) ?? '/';
  const [list, nets] = [readDocument(instances), readDocument(networks)];
  for (const read of [list, nets]) {
    if (!('message' in read)) continue;
    const message = `\`${command}\` prints no list. ${read.message}`;
    return { attachments: [], unread: [{ path, message }] };
  }
  const known = networksIn('root' in nets ? nets.root : undefined);
  const all = 'root' in list && list.root.kind === 'list' ? list.root.items.slice(0, MOST) : [];
  const place = inAnswer(`${command} list`);
  return {
    attachments: all.flatMap((instance) => nicsOf(instance, engine, known, place)),
    unread: [],
  };
}

function networksIn(root: YamlNode | undefined): Networks {
  const all = root?.kind === 'list' ? root.items.slice(0, MOST) : [];
  return new Map(
    all
      .filter((network) => textAt(network, 'type') === 'macvlan')
      .map((network) => {
        const parent = textAt(network, 'config', 'parent');
        const vlan = textAt(network, 'config', 'vlan');
        return [
          textAt(network, 'name') ?? '',
          { ...(parent !== undefined && { parent }), ...(vlan !== undefined && { vlan }) },
        ] as const;
      }),
  );
}

/** The instances of one daemon, from the files of a tree. */
export function readBackups(files: readonly HostFile[]): Found[] {
  return Object.entries(INCUS_FOLDERS).map(([folder, engine]) => {
    const own = files.filter(({ path }) => path.startsWith(`${folder}/`));
    const backups = own.filter(({ name }) => name === 'backup.yaml');
    const database = own.find(({ name }) => name === 'local.db');
    const found = joined(backups.map((file) => readBackup(file, engine)));
    if (!database || backups.length > 0) return found;
    const message = `${engine} has its instances in a database that is not read, and none has a \`backup.yaml\` here.`;
    return { ...found, unread: [...found.unread, { path: database.path, message }] };
  });
}

function readBackup(file: HostFile, engine: string): Found {
  const { path, text } = file;
  if (text === undefined) return unreadable(file);
  const read = readDocument(text);
  if ('message' in read) return { attachments: [], unread: [{ path, ...read }] };
  // `instance` since LXD 4.21; `container` before.
  const instance = at(read.root, 'instance') ?? at(read.root, 'container');
  if (!instance) {
    return { attachments: [], unread: [{ path, message: 'It has no instance.' }] };
  }
  const nets = itemsAt(read.root, 'networks').filter((item) => textAt(item, 'type') === 'macvlan');
  const known = networksIn({ kind: 'list', items: nets, line: 1 });
  return { attachments: nicsOf(instance, engine, known, inFile(path)), unread: [] };
}

/** Devices as the instance has them with those of its profiles. */
function nicsOf(
  instance: YamlNode,
  engine: string,
  networks: Networks,
  place: PlaceOf,
): Attachment[] {
  const name = textAt(instance, 'name');
  const devices = at(instance, 'expanded_devices') ?? at(instance, 'devices');
  return pairsIn(devices).flatMap(({ key, value }) => {
    if (textAt(value, 'type') !== 'nic') return [];
    const network = networks.get(textAt(value, 'network') ?? '');
    const type = network ? 'macvlan' : textAt(value, 'nictype');
    const device = type === 'bridged' ? 'bridge' : type;
    if (device !== 'macvlan' && device !== 'ipvlan' && device !== 'bridge') return [];
    const below = textAt(value, 'parent') ?? network?.parent;
    const vlan = textAt(value, 'vlan') ?? network?.vlan;
    const isTagged = vlan !== undefined && device !== 'bridge';
    const parent = linkNameOf(isTagged && below !== undefined ? `${below}.${vlan}` : below);
    if (parent === undefined) return [];
    const mode = textAt(value, 'mode');
    return [
      attachment({
        title: `${engine}'s instance${named(name)}`,
        device,
        parent,
        // LXD and Incus, "type: nic", nictype ipvlan: l3s by default.
        ...(device === 'ipvlan' ? { mode: mode ?? 'l3s' } : mode !== undefined && { mode }),
        addresses: [
          ...fixed(value, place),
          ...running(instance, textAt(value, 'name') ?? key, place),
        ],
        origin: place(value),
      }),
    ];
  });
}

/** Of an ipvlan, whose addresses the daemon sets; several are separated by commas. */
const fixed = (device: YamlNode, place: PlaceOf): Span[] =>
  ['ipv4.address', 'ipv6.address'].flatMap((key) =>
    (textAt(device, key) ?? '').split(',').flatMap((text) => hostSpanOf(text, place(device))),
  );

/** What the instance has now, by the name of the link in it. */
const running = (instance: YamlNode, link: string | undefined, place: PlaceOf): Span[] =>
  link === undefined
    ? []
    : itemsAt(instance, 'state', 'network', link, 'addresses')
        .filter((item) => textAt(item, 'scope') === 'global')
        .flatMap((item) => hostSpanOf(textAt(item, 'address'), place(item)));
