/** The definition of one id in netplan's files: its keys, one file after the other. */
import { hasOptions } from './rules.ts';
import { textOf, valuesOf, type YamlNode, type YamlScalar } from './yaml.ts';

/** A place in a file. */
export interface At {
  readonly path: string;
  readonly line: number;
}

/** The id that a definition names, and where. */
export interface Reference extends At {
  readonly id: string;
}

export interface DefaultRoute extends At {
  /** Family, table and metric: netplan takes one route of each. */
  readonly key: string;
}

/** The definition of one id, from all files. */
export interface Definition {
  readonly id: string;
  readonly section: string;
  /** Where it is defined, file by file. */
  readonly places: At[];
  /** Its own, or that of its section where it is first defined. */
  renderer?: string;
  match?: { name?: string; macaddress?: string; drivers: boolean };
  setName?: string;
  /** Of a bridge, bond, VRF. */
  readonly ports: Reference[];
  /** Of a VLAN or VXLAN. */
  link?: Reference;
  readonly defaultRoutes: DefaultRoute[];
  /** Keys anywhere in it, with the last text of each. */
  readonly keys: Map<string, string>;
}

export const newDefinition = (id: string, section: string, renderer?: string): Definition => ({
  id,
  section,
  places: [],
  ports: [],
  defaultRoutes: [],
  keys: new Map(),
  ...(section === 'nm-devices'
    ? { renderer: 'NetworkManager' }
    : renderer !== undefined && { renderer }),
});

/** Adds a definition of an id; returns the ids that it refers to. */
export function addBody(definition: Definition, path: string, body: YamlNode): Reference[] {
  if (body.kind !== 'map') return [];
  return body.pairs.flatMap(({ key = '', value }) => {
    definition.keys.set(key, value.kind === 'scalar' ? value.text : '');
    addWords(definition, key, value);
    addRoutes(definition, path, key, value);
    if (key === 'match') addMatch(definition, value);
    if (value.kind === 'scalar') return addScalar(definition, path, key, value);
    if (key === 'parameters') return namedInParameters(value, path);
    return key === 'interfaces' ? addPorts(definition, path, value) : [];
  });
}

/** A setting of a definition; returns the id that it refers to. */
function addScalar(
  definition: Definition,
  path: string,
  key: string,
  { text, line }: YamlScalar,
): Reference[] {
  const { section } = definition;
  if (key === 'renderer' && section !== 'nm-devices') definition.renderer = text;
  if (key === 'set-name') definition.setName = text;
  const named = { id: text, path, line };
  if (key === 'link' && /^(?:vlans|tunnels)$/.test(section)) definition.link = named;
  // The link of an SR-IOV virtual function is its NIC.
  const isNamed =
    key === 'peer' || (key === 'link' && /^(?:vlans|tunnels|ethernets)$/.test(section));
  return isNamed ? [named] : [];
}

/** What is refused or merged by the values inside of a key, as keys of its own. */
function addWords({ keys }: Definition, key: string, value: YamlNode): void {
  if (key === 'addresses' && value.kind === 'list' && value.items.some(hasOptions)) {
    keys.set('addresses with options', '');
  }
  if (/^dhcp[46]-overrides$/.test(key) && value.kind === 'map') {
    for (const { key: inner = '' } of value.pairs) {
      keys.set(`${key} ${inner}`, (textOf(value, inner) ?? '').toLowerCase());
    }
  }
  if (key === 'access-points' && value.kind === 'map' && value.pairs.length === 0) {
    keys.set(key, 'none');
  }
  if (key === 'routes' && value.kind === 'list' && value.items.some(isNotUnicast)) {
    keys.set('routes not unicast', '');
  }
  if (key !== 'networkmanager') return;
  for (const inner of valuesOf(value, 'passthrough')) {
    const type = textOf(inner, 'connection.type');
    if (type !== undefined) keys.set('connection.type', type);
  }
}

const isNotUnicast = (route: YamlNode): boolean =>
  (textOf(route, 'type') ?? 'unicast').toLowerCase() !== 'unicast';

/** Default routes of a definition. */
function addRoutes(definition: Definition, path: string, key: string, value: YamlNode): void {
  const { line } = value;
  const { defaultRoutes: all } = definition;
  if (key === 'routes') all.push(...defaultRoutes(value, path));
  if (value.kind !== 'scalar') return;
  if (key === 'gateway4') all.push({ key: 'ipv4  ', path, line });
  if (key === 'gateway6') all.push({ key: 'ipv6  ', path, line });
}

function addPorts({ ports }: Definition, path: string, value: YamlNode): Reference[] {
  if (value.kind !== 'list') return [];
  const named = value.items.flatMap((item) =>
    item.kind === 'scalar' ? [{ id: item.text, path, line: item.line }] : [],
  );
  ports.push(...named);
  return named;
}

/** Ports are named in the parameters of bonds and bridges, too. */
function namedInParameters(value: YamlNode, path: string): Reference[] {
  const primaries = valuesOf(value, 'primary').flatMap((node) =>
    node.kind === 'scalar' ? [{ id: node.text, path, line: node.line }] : [],
  );
  const perPort = ['path-cost', 'port-priority']
    .flatMap((key) => valuesOf(value, key))
    .flatMap((node) => (node.kind === 'map' ? node.pairs : []))
    .map(({ key = '', line }) => ({ id: key, path, line }));
  return [...primaries, ...perPort];
}

/** Each key of a later `match` is one more condition, or another value of one. */
function addMatch(definition: Definition, value: YamlNode): void {
  const name = textOf(value, 'name');
  const macaddress = textOf(value, 'macaddress')?.toLowerCase();
  const { match } = definition;
  definition.match = {
    ...match,
    ...(name !== undefined && { name }),
    ...(macaddress !== undefined && { macaddress }),
    drivers: match?.drivers === true || valuesOf(value, 'driver').length > 0,
  };
}

function defaultRoutes(value: YamlNode, path: string): DefaultRoute[] {
  if (value.kind !== 'list') return [];
  return value.items.flatMap((route) => {
    const to = textOf(route, 'to') ?? '';
    if (to !== 'default' && !to.endsWith('/0')) return [];
    const isIp6 = `${to}${textOf(route, 'via') ?? ''}`.includes(':');
    const rest = `${textOf(route, 'table') ?? ''} ${textOf(route, 'metric') ?? ''}`;
    return [{ key: `${isIp6 ? 'ipv6' : 'ipv4'} ${rest}`, path, line: route.line }];
  });
}
