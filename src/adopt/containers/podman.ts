/**
 * Podman's networks: netavark's files (podman-network-create(1), containers-common 0.44 to 0.63), and those of CNI
 * that Podman before 5.0 and others have (the macvlan, ipvlan and host-local plugins).
 */
import type { HostFile, Watch } from '../../backends/host/foreign.ts';
import type { YamlNode } from '../../backends/host/netplan/yaml.ts';
import {
  type Attachment,
  attachment,
  type Found,
  hostSpanOf,
  linkNameOf,
  rangeSpanOf,
  type Span,
  spanOf,
  unreadable,
} from './attachment.ts';
import { at, inFile, itemsAt, named, type PlaceOf, readDocument, textAt } from './documents.ts';

const NETAVARK = '/etc/containers/networks';
const CNI = '/etc/cni/net.d';

export const podmanWatches: readonly Watch[] = [
  { folder: NETAVARK, name: /^[^.].*\.json$/ },
  { folder: CNI, name: /^[^.].*\.(?:conf|conflist|json)$/ },
];

export const readPodman = (files: readonly HostFile[]): Found[] =>
  files
    .filter(({ folder }) => folder === NETAVARK || folder === CNI)
    .map((file) => readNetwork(file, file.folder === NETAVARK ? netavark : cni));

type Reader = (root: YamlNode, place: PlaceOf) => Attachment[];

function readNetwork(file: HostFile, reader: Reader): Found {
  const { path, text } = file;
  if (text === undefined) return unreadable(file);
  const read = readDocument(text);
  if ('message' in read) return { attachments: [], unread: [{ path, ...read }] };
  return { attachments: reader(read.root, inFile(path)), unread: [] };
}

/** `{"name": "lan", "driver": "macvlan", "network_interface": "eth0", "subnets": [{…}]}` */
const netavark: Reader = (root, place) => {
  const device = deviceOf(textAt(root, 'driver'));
  if (!device) return [];
  const parent = linkNameOf(textAt(root, 'network_interface') ?? textAt(root, 'options', 'parent'));
  const mode = textAt(root, 'options', 'mode');
  const subnets = itemsAt(root, 'subnets');
  return [
    attachment({
      title: `Podman's network${named(textAt(root, 'name'))}`,
      device,
      ...(parent !== undefined && { parent }),
      ...(mode !== undefined && { mode }),
      subnets: subnets.flatMap((subnet) => spanOf(textAt(subnet, 'subnet'), place(subnet))),
      ranges: subnets.flatMap((subnet) =>
        rangeSpanOf(
          textAt(subnet, 'lease_range', 'start_ip'),
          textAt(subnet, 'lease_range', 'end_ip'),
          place(subnet),
        ),
      ),
      origin: place(root),
    }),
  ];
};

/** `{"name": "lan", "plugins": [{"type": "macvlan", "master": "eth0", "ipam": {…}}]}`, or one plugin alone. */
const cni: Reader = (root, place) => {
  const chain = itemsAt(root, 'plugins');
  return (chain.length > 0 ? chain : [root]).flatMap((plugin) => {
    const device = deviceOf(textAt(plugin, 'type'));
    if (!device) return [];
    const parent = linkNameOf(textAt(plugin, 'master'));
    const mode = textAt(plugin, 'mode');
    const pools = poolsOf(plugin);
    return [
      attachment({
        title: `The CNI network${named(textAt(root, 'name'))}`,
        device,
        ...(parent !== undefined && { parent }),
        ...(mode !== undefined && { mode }),
        subnets: pools.flatMap((pool) => spanOf(textAt(pool, 'subnet'), place(pool))),
        ranges: pools.flatMap((pool): Span[] =>
          rangeSpanOf(textAt(pool, 'rangeStart'), textAt(pool, 'rangeEnd'), place(pool)),
        ),
        addresses: itemsAt(plugin, 'ipam', 'addresses').flatMap((item) =>
          hostSpanOf(textAt(item, 'address'), place(item)),
        ),
        origin: place(plugin),
      }),
    ];
  });
};

/** `ranges` is a list of lists, one for each address of a container; older files have one subnet in `ipam` itself. */
function poolsOf(plugin: YamlNode): YamlNode[] {
  const ipam = at(plugin, 'ipam');
  return [...(ipam ? [ipam] : []), ...itemsAt(ipam, 'ranges').flatMap((set) => itemsAt(set))];
}

const deviceOf = (text: string | undefined): 'macvlan' | 'ipvlan' | undefined =>
  text === 'macvlan' || text === 'ipvlan' ? text : undefined;
