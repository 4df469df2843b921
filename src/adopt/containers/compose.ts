/**
 * Networks of compose files (compose-spec 3.x, `networks`): those that containers of Docker have in their labels, and
 * those that the command line names. Docker itself has its networks in a database.
 */
import type { HostFile, Included, Watch } from '../../backends/host/foreign.ts';
import type { YamlNode } from '../../backends/host/netplan/yaml.ts';
import { parseIp } from '../../model/ip.ts';
import {
  type Attachment,
  attachment,
  type Found,
  hostSpanOf,
  linkNameOf,
  spanOf,
  type Unread,
} from './attachment.ts';
import {
  at,
  inFile,
  itemsAt,
  named,
  type PlaceOf,
  pairsIn,
  readDocument,
  textAt,
} from './documents.ts';

const CONTAINERS = '/var/lib/docker/containers';

/** Labels of `docker compose` since 1.25; the paths are separated by commas. */
const FILES = /"com\.docker\.compose\.project\.config_files":\s*("(?:[^"\\]|\\.)*")/;
const FOLDER = /"com\.docker\.compose\.project\.working_dir":\s*("(?:[^"\\]|\\.)*")/;

export const composeWatches: readonly Watch[] = [
  {
    folder: CONTAINERS,
    below: /^[0-9a-f]{12,64}$/,
    name: /^config\.v2\.json$/,
    follow: includedBy,
  },
];

/** A file by name: no part of it is a pattern, or leads upwards. */
const PLAIN = /^(?:\/(?!\.{1,2}(?:\/|$))[^/*?[\]\\]+)+$/;

const composeFiles = (text: string): string[] => {
  const label = (pattern: RegExp): string => stringIn(pattern.exec(text)?.[1]);
  const folder = label(FOLDER);
  return label(FILES)
    .split(',')
    .map((path) => (path.startsWith('/') ? path : `${folder}/${path.replace(/^\.\//, '')}`))
    .filter((path) => PLAIN.test(path));
};

function includedBy({ folder, text = '' }: HostFile): Included[] {
  return folder.startsWith(`${CONTAINERS}/`)
    ? composeFiles(text).map((pattern) => ({ pattern }))
    : [];
}

function stringIn(literal: string | undefined): string {
  if (literal === undefined) return '';
  try {
    const value: unknown = JSON.parse(literal);
    return typeof value === 'string' ? value : '';
  } catch {
    return '';
  }
}

/** A file that the command line names. */
export interface NamedFile {
  readonly path: string;
  readonly text: string;
}

export function readCompose(files: readonly HostFile[], others: readonly NamedFile[]): Found[] {
  const wanted = new Set(
    files.flatMap(({ folder, text = '' }) =>
      folder.startsWith(`${CONTAINERS}/`) ? composeFiles(text) : [],
    ),
  );
  const found = files.filter(({ path }) => wanted.has(path));
  const missing = [...wanted].filter((path) => !found.some((file) => file.path === path));
  return [
    ...found.map(({ path, text }) =>
      text === undefined ? unread(path, 'The file cannot be read.') : readFile({ path, text }),
    ),
    ...missing.map((path) =>
      unread(path, 'Labels of a container name this compose file, which is not there.'),
    ),
    ...others.map(readFile),
  ];
}

const unread = (path: string, message: string): Found => ({
  attachments: [],
  unread: [{ path, message }],
});

function readFile({ path, text }: NamedFile): Found {
  const read = readDocument(text);
  if ('message' in read) return { attachments: [], unread: [{ path, ...read }] };
  const place = inFile(path);
  const all = pairsIn(at(read.root, 'networks')).map(({ key = '', value }) =>
    networkOf(key, value, read.root, place),
  );
  return {
    attachments: all.flatMap((item) => (item && 'device' in item ? [item] : [])),
    unread: all.flatMap((item) => (item && 'message' in item ? [{ ...item, path }] : [])),
  };
}

/** `lan: {driver: macvlan, driver_opts: {parent: eth0}, ipam: {config: [{subnet: …, ip_range: …}]}}` */
function networkOf(
  key: string,
  network: YamlNode,
  root: YamlNode,
  place: PlaceOf,
): Attachment | Omit<Unread, 'path'> | undefined {
  const device = textAt(network, 'driver');
  const parent = textAt(network, 'driver_opts', 'parent');
  // Without a parent Docker makes a dummy link.
  if ((device !== 'macvlan' && device !== 'ipvlan') || parent === undefined) return undefined;
  const pools = itemsAt(network, 'ipam', 'config');
  const origin = place(network);
  const values = [
    parent,
    ...pools.flatMap((pool) => [textAt(pool, 'subnet'), textAt(pool, 'ip_range')]),
  ];
  const variable = values.find((value) => value?.includes('$'));
  if (variable !== undefined) {
    const message = `Network${named(key)} has a variable (${named(variable).trim()}), which is not read.`;
    return { line: network.line, message };
  }
  const mode = textAt(network, 'driver_opts', `${device}_mode`);
  return attachment({
    title: `Docker's network${named(textAt(network, 'name') ?? key)}`,
    device,
    ...(linkNameOf(parent) !== undefined && { parent }),
    ...(mode !== undefined && { mode: mode.toLowerCase() }),
    ranges: pools.flatMap((pool) => spanOf(textAt(pool, 'ip_range'), place(pool))),
    subnets: pools.flatMap((pool) => spanOf(textAt(pool, 'subnet'), place(pool))),
    addresses: addressesOf(key, root, place),
    reserved: pools
      .flatMap((pool) => pairsIn(at(pool, 'aux_addresses')))
      .flatMap(({ key: name = '', value }) => {
        const ip = value.kind === 'scalar' ? parseIp(value.text) : undefined;
        return ip ? [{ name: name.slice(0, 64), address: ip.text }] : [];
      }),
    origin,
  });
}

/** `services: {web: {networks: {lan: {ipv4_address: 198.51.100.194}}}}` */
const addressesOf = (network: string, root: YamlNode, place: PlaceOf) =>
  pairsIn(at(root, 'services')).flatMap(({ value }) => {
    const own = at(value, 'networks', network);
    return ['ipv4_address', 'ipv6_address'].flatMap((key) =>
      hostSpanOf(textAt(own, key), place(own)),
    );
  });

/** The same network in Docker's own words, which count. */
export const isKnown = (item: Attachment, others: readonly Attachment[]): boolean =>
  others.some(
    ({ device, parent, subnets }) =>
      device === item.device &&
      parent === item.parent &&
      (item.subnets.length === 0 ||
        item.subnets.some(({ to }) => subnets.some((own) => own.to === to))),
  );
