/**
 * Networks of compose files (compose-spec 3.x, `networks`): those that containers of Docker have in their labels, and
 * those that the command line names. Docker itself has its networks in a database.
 */
import type { HostFile, Included, Watch } from '../../backends/host/foreign.ts';
import type { YamlNode, YamlScalar } from '../../backends/host/netplan/yaml.ts';
import { parseIp } from '../../model/ip.ts';
import type { Origin } from '../found.ts';
import {
  type Attachment,
  attachment,
  type Found,
  hostSpanOf,
  joined,
  linkNameOf,
  NOTHING,
  spanOf,
  type Unread,
} from './attachment.ts';
import { mergedNode, type Unmerged, withMergeKeys, withoutReset } from './compose-merge.ts';
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

/** Every path of the labels, in the order in which Compose merges the files. */
function labelledFiles(text: string): string[] {
  const label = (pattern: RegExp): string => stringIn(pattern.exec(text)?.[1]);
  const folder = label(FOLDER);
  return label(FILES)
    .split(',')
    .filter((path) => path !== '')
    .map((path) => (path.startsWith('/') ? path : `${folder}/${path.replace(/^\.\//, '')}`));
}

const composeFiles = (text: string): string[] =>
  labelledFiles(text).filter((path) => PLAIN.test(path));

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
  const containers = files.filter(({ folder }) => folder.startsWith(`${CONTAINERS}/`));
  const projects = longest(distinct(containers.map(({ text = '' }) => composeFiles(text))));
  const wanted = new Set(projects.flat());
  const found = new Map(
    files.flatMap((file) => (wanted.has(file.path) ? [[file.path, file]] : [])),
  );
  return [
    ...rejectedIn(containers),
    ...[...wanted].flatMap((path) => {
      const file = found.get(path);
      if (!file)
        return [unread(path, 'Labels of a container name this compose file, which is not there.')];
      return file.text === undefined ? [unread(path, 'The file cannot be read.')] : [];
    }),
    ...distinct(
      projects.map((paths) =>
        paths.flatMap((path) => {
          const text = found.get(path)?.text;
          return text === undefined ? [] : [{ path, text }];
        }),
      ),
    ).map(readProject),
    ...byFolder(others).map(readProject),
  ];
}

/** Lists that differ: every container of a project has the same labels. */
const distinct = <T>(lists: readonly (readonly T[])[]): (readonly T[])[] => [
  ...new Map(lists.map((list) => [JSON.stringify(list), list])).values(),
];

/** Compose names a project after the folder of its files, by default. */
function byFolder(files: readonly NamedFile[]): NamedFile[][] {
  const found = new Map<string, NamedFile[]>();
  for (const file of files) {
    const folder = file.path.slice(0, file.path.lastIndexOf('/') + 1);
    found.set(folder, [...(found.get(folder) ?? []), file]);
  }
  return [...found.values()];
}

/** Without those that others include: old containers of a project have the list without a new file. */
const longest = (lists: readonly (readonly string[])[]): (readonly string[])[] =>
  lists.filter(
    (list) =>
      !lists.some(
        (other) => other.length > list.length && list.every((path) => other.includes(path)),
      ),
  );

/** Once for all containers of a project. */
function rejectedIn(containers: readonly HostFile[]): Found[] {
  const found = new Map<string, Found>();
  for (const { path, text = '' } of containers) {
    for (const file of labelledFiles(text).filter((item) => !PLAIN.test(item))) {
      const message = `Labels of the container name the compose file${named(file)}, whose path is not followed: it has \`..\` or a pattern.`;
      if (!found.has(file)) found.set(file, unread(path, message));
    }
  }
  return [...found.values()];
}

const unread = (path: string, message: string): Found => ({
  attachments: [],
  unread: [{ path, message }],
});

/** Files of one project, merged as Compose does. */
function readProject(files: readonly NamedFile[]): Found {
  const homes = new Map<YamlNode, string>();
  const problems: Unread[] = [];
  const placed: Unmerged[] = [];
  const merging = { homes, report: (item: Unmerged) => placed.push(item) };
  let root: YamlNode | undefined;
  for (const { path, text } of files) {
    const read = readDocument(text);
    if ('message' in read) {
      problems.push({ path, ...read });
      continue;
    }
    const own = withMergeKeys(read.root, (node) => homes.set(node, path));
    const included = at(own, 'include');
    if (included) placed.push({ node: included, message: 'Files of `include` are not read.' });
    placed.push(...extended(own, path, files));
    root = root ? mergedNode(root, own, merging) : own;
  }
  root = root && withoutReset(root, homes);
  const place: PlaceOf = (node) => inFile((node && homes.get(node)) ?? files[0]?.path ?? '/')(node);
  const all = pairsIn(at(root, 'networks')).map(({ key = '', value }) =>
    networkOf(key, value, root, place),
  );
  const unmerged = placed.map(({ node, message }): Unread => {
    const { path = '/', line } = place(node);
    return { path, ...(line !== undefined && { line }), message };
  });
  return joined([{ attachments: [], unread: [...problems, ...unmerged] }, ...all]);
}

/**
 * Services that extend one of a file that is not of the project (compose-spec, `extends`): that one may have addresses of
 * its own. One of the project has them in its place.
 */
const extended = (root: YamlNode, own: string, files: readonly NamedFile[]): Unmerged[] =>
  pairsIn(at(root, 'services')).flatMap(({ key, value }) => {
    const file = at(value, 'extends', 'file');
    if (file?.kind !== 'scalar' || files.some(({ path }) => path === beside(own, file.text)))
      return [];
    const message = `Service${named(key)} extends one of${named(file.text)}, which is not read.`;
    return [{ node: file, message }];
  });

const beside = (own: string, name: string): string =>
  name.startsWith('/') ? name : own.slice(0, own.lastIndexOf('/') + 1) + name.replace(/^\.\//, '');

/** `lan: {driver: macvlan, driver_opts: {parent: eth0}, ipam: {config: [{subnet: …, ip_range: …}]}}` */
function networkOf(
  key: string,
  network: YamlNode,
  root: YamlNode | undefined,
  place: PlaceOf,
): Found {
  const device = textAt(network, 'driver');
  const parent = textAt(network, 'driver_opts', 'parent');
  // Without a parent Docker makes a dummy link.
  const isOther = device !== 'macvlan' && device !== 'ipvlan' && !device?.includes('$');
  if (isOther || parent === undefined) return NOTHING;
  const pools = itemsAt(network, 'ipam', 'config');
  const origin = place(network);
  const mode = textAt(network, 'driver_opts', `${device}_mode`);
  const values = [
    ...[device, parent, mode],
    ...pools.flatMap((pool) => [textAt(pool, 'subnet'), textAt(pool, 'ip_range')]),
  ];
  const variable = values.find((value) => value?.includes('$'));
  if (variable !== undefined || (device !== 'macvlan' && device !== 'ipvlan'))
    return variableOf(key, variable, origin);
  const hosts = addressesOf(key, root);
  const kept = pools.flatMap((pool) => pairsIn(at(pool, 'aux_addresses')));
  const found = attachment({
    title: `Docker's network${named(textAt(network, 'name') ?? key)}`,
    device,
    ...(linkNameOf(parent) !== undefined && { parent }),
    ...(mode !== undefined && { mode: mode.toLowerCase() }),
    ranges: pools.flatMap((pool) => spanOf(textAt(pool, 'ip_range'), place(pool))),
    subnets: pools.flatMap((pool) => spanOf(textAt(pool, 'subnet'), place(pool))),
    addresses: hosts.flatMap((node) => hostSpanOf(node.text, place(node))),
    reserved: kept.flatMap(({ key: name = '', value }) => {
      const ip = value.kind === 'scalar' ? parseIp(value.text) : undefined;
      return ip ? [{ name: name.slice(0, 64), address: ip.text }] : [];
    }),
    origin,
  });
  const variables = [...hosts, ...kept.map(({ value }) => value)].flatMap((node) =>
    node.kind === 'scalar' && node.text.includes('$')
      ? variableOf(key, node.text, place(node)).unread
      : [],
  );
  return { attachments: [found], unread: variables };
}

const variableOf = (
  key: string,
  variable: string | undefined,
  { path = '/', line }: Origin,
): Found => ({
  attachments: [],
  unread: [
    {
      path,
      ...(line !== undefined && { line }),
      message: `Network${named(key)} has a variable (${named(variable).trim()}), which is not read.`,
    },
  ],
});

/** `services: {web: {networks: {lan: {ipv4_address: 198.51.100.194}}}}` */
const addressesOf = (network: string, root: YamlNode | undefined): YamlScalar[] =>
  pairsIn(at(root, 'services')).flatMap(({ value }) =>
    ['ipv4_address', 'ipv6_address'].flatMap((key) => {
      const node = at(value, 'networks', network, key);
      return node?.kind === 'scalar' ? [node] : [];
    }),
  );

/** The same network in Docker's own words, which count. */
export const isKnown = (item: Attachment, others: readonly Attachment[]): boolean =>
  others.some(
    ({ device, parent, subnets }) =>
      device === item.device &&
      parent === item.parent &&
      (item.subnets.length === 0 ||
        item.subnets.some(({ to }) => subnets.some((own) => own.to === to))),
  );
