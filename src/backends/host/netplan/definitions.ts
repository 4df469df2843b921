/** netplan's files, merged as netplan does it: by id, lists are joined, the last scalar counts. */
import type { HostFile } from '../foreign.ts';
import { addBody, type Definition, newDefinition, type Reference } from './definition.ts';
import { renderer as isRenderer, NETWORK, NEW_SECTIONS, SECTIONS } from './keys.ts';
import { refusedAsItIs, refusedByRenderer } from './refusals.ts';
import type { Refusal } from './rules.ts';
import { readYaml, type YamlNode, type YamlPair } from './yaml.ts';

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
