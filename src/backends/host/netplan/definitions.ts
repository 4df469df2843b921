/** netplan's files, merged as netplan does it: by id, lists are joined, the last scalar counts. */
import type { HostFile } from '../foreign.ts';
import { renderer as isRenderer, NETWORK, NEW_SECTIONS, SECTIONS } from './keys.ts';
import { refusedAsItIs, refusedByRenderer } from './refusals.ts';
import { hasOptions, type Refusal } from './rules.ts';
import { readYaml, textOf, valuesOf, type YamlNode, type YamlPair } from './yaml.ts';

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

export interface Problem extends Refusal {
  readonly path: string;
  /** Not even YAML. */
  readonly isSyntax?: boolean;
}

export interface Configuration {
  /** In the order of their first definition. */
  readonly definitions: ReadonlyMap<string, Definition>;
  /** For definitions without a renderer: the last one of all files. */
  readonly renderer: string;
  readonly problems: readonly Problem[];
}

interface Draft {
  readonly definitions: Map<string, Definition>;
  readonly problems: Problem[];
  /** The bridge or bond that a port is in. */
  readonly masters: Map<string, string>;
  renderer?: string;
}

/** @param files in netplan's order */
export function readConfiguration(files: readonly HostFile[]): Configuration {
  const draft: Draft = { definitions: new Map(), problems: [], masters: new Map() };
  for (const file of files) if (file.text !== undefined) addFile(draft, file.path, file.text);
  const { definitions, problems, renderer = 'networkd' } = draft;
  for (const definition of definitions.values()) {
    const refusal = refusedByRenderer(definition, definition.renderer ?? renderer);
    const place = definition.places.at(-1);
    if (refusal !== undefined && place) problems.push({ ...place, because: refusal });
  }
  return { definitions, problems, renderer };
}

/** Reads a file, even if netplan refuses it; reports the first refusal of each kind. */
function addFile(draft: Draft, path: string, text: string): void {
  const found: Refusal[] = [];
  const add = (refusal: Refusal | undefined): void => {
    if (refusal) found.push(refusal);
  };
  const { root, problem } = readYaml(text);
  if (problem) draft.problems.push({ ...problem, path, isSyntax: true });
  if (!root) return;
  const references: Needed[] = [];
  for (const { key, line, value } of pairsIn(root, add)) {
    if (key !== 'network') add({ line, because: `unknown key \`${key ?? ''}\`` });
    else addNetwork(draft, path, value, references, add);
  }
  for (const { id, line, isLoose } of references) {
    if (draft.definitions.has(id)) continue;
    const because = `\`${id}\` is not defined in this file or an earlier one`;
    add({ line, because, ...(isLoose && { by: 'before 0.107' }) });
  }
  const worst = found.find(({ by }) => by === undefined) ?? found[0];
  if (worst) draft.problems.push({ ...worst, path });
}

/** An id that must be defined. */
interface Needed extends Reference {
  /** NetworkManager does not need its definition. */
  readonly isLoose: boolean;
}

type Add = (refusal: Refusal | undefined) => void;

function pairsIn(node: YamlNode, add: Add): readonly YamlPair[] {
  if (node.kind === 'map') return node.pairs;
  add({ line: node.line, because: `a ${node.kind} where a mapping belongs` });
  return [];
}

function addNetwork(
  draft: Draft,
  path: string,
  network: YamlNode,
  references: Needed[],
  add: Add,
): void {
  for (const { key = '', line, value } of pairsIn(network, add)) {
    const version = NEW_SECTIONS.get(key);
    if (version !== undefined) {
      add({ line, because: `unknown key \`${key}\``, by: `before ${version}` });
    }
    if (SECTIONS.has(key)) addSection(draft, path, key, value, references, add);
    else {
      const rule = NETWORK.get(key);
      add(rule ? rule(value) : { line, because: `unknown key \`${key}\`` });
      if (key === 'renderer' && value.kind === 'scalar') draft.renderer = value.text;
    }
  }
}

function addSection(
  draft: Draft,
  path: string,
  section: string,
  value: YamlNode,
  references: Needed[],
  add: Add,
): void {
  let renderer: string | undefined;
  for (const { key: id = '', line, value: body } of pairsIn(value, add)) {
    if (id === 'renderer') {
      add(isRenderer(body));
      if (body.kind === 'scalar') renderer = body.text;
      continue;
    }
    // POSIX's [:alnum:] and [:punct:] in the C locale.
    if (!/^[!-~]+$/.test(id) || /[*?[\]]/.test(id)) {
      add({ line, because: `\`${id}\` cannot be an id` });
    }
    let definition = draft.definitions.get(id);
    if (definition && definition.section !== section) {
      add({ line, because: `\`${id}\` is also in \`${definition.section}\`` });
      continue;
    }
    if (!definition) {
      definition = newDefinition(id, section, renderer);
      draft.definitions.set(id, definition);
    }
    definition.places.push({ path, line });
    add(SECTIONS.get(section)?.(body));
    const named = addBody(definition, path, body);
    const isLoose =
      /^(?:vlans|virtual-ethernets)$/.test(section) &&
      (definition.renderer ?? draft.renderer) === 'NetworkManager';
    references.push(...named.map((item) => ({ ...item, isLoose })));
    for (const refusal of portedTwice(draft, definition)) add(refusal);
    const because = refusedAsItIs(definition, draft.renderer);
    add(because && { line, ...because });
  }
}

const newDefinition = (id: string, section: string, renderer?: string): Definition => ({
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
function addBody(definition: Definition, path: string, body: YamlNode): Reference[] {
  const { section, keys } = definition;
  const named: Reference[] = [];
  if (body.kind !== 'map') return named;
  for (const { key = '', value } of body.pairs) {
    keys.set(key, value.kind === 'scalar' ? value.text : '');
    const { line } = value;
    if (value.kind === 'scalar') {
      if (key === 'renderer' && section !== 'nm-devices') definition.renderer = value.text;
      if (key === 'set-name') definition.setName = value.text;
      if (key === 'link' && /^(?:vlans|tunnels)$/.test(section)) {
        definition.link = { id: value.text, path, line };
        named.push(definition.link);
      }
      // An SR-IOV virtual function of that NIC.
      if (key === 'link' && section === 'ethernets') named.push({ id: value.text, path, line });
      if (key === 'peer') named.push({ id: value.text, path, line });
      if (key === 'gateway4') definition.defaultRoutes.push({ key: 'ipv4  ', path, line });
      if (key === 'gateway6') definition.defaultRoutes.push({ key: 'ipv6  ', path, line });
    }
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
    if (key === 'match') addMatch(definition, value);
    if (key === 'routes') {
      definition.defaultRoutes.push(...defaultRoutes(value, path));
      const isOther = (route: YamlNode): boolean =>
        (textOf(route, 'type') ?? 'unicast').toLowerCase() !== 'unicast';
      if (value.kind === 'list' && value.items.some(isOther)) keys.set('routes not unicast', '');
    }
    if (key === 'parameters') {
      named.push(...namedInParameters(value, path));
    }
    if (key === 'networkmanager') {
      for (const inner of valuesOf(value, 'passthrough')) {
        const type = textOf(inner, 'connection.type');
        if (type !== undefined) keys.set('connection.type', type);
      }
    }
    if (key === 'interfaces' && value.kind === 'list') {
      for (const item of value.items) {
        if (item.kind !== 'scalar') continue;
        const port = { id: item.text, path, line: item.line };
        definition.ports.push(port);
        named.push(port);
      }
    }
  }
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

/** A port is in one bridge or bond. */
function portedTwice({ masters }: Draft, { id: master, section, ports }: Definition): Refusal[] {
  if (section !== 'bridges' && section !== 'bonds') return [];
  return ports.flatMap(({ id, line }) => {
    const other = masters.get(id);
    if (other === undefined) masters.set(id, master);
    if (other === undefined || other === master) return [];
    return [{ line, because: `\`${id}\` is in \`${other}\` already` }];
  });
}
