/**
 * Files of ifupdown that a change is given (`apply --move FILE`): without the stanzas of the intent's links, and of
 * a bridge that has one of them as a port. Other stanzas stay: ifupdown may have all links of a host in one file.
 */

import type { Model } from '../../model/types.ts';
import type { Replaced } from '../backend.ts';
import { claimsOf, type HostFile } from '../host/foreign.ts';
import { baseOf } from '../host/ifupdown/boot.ts';
import { type Option, readInterfaces, type Stanza, type Statement } from '../host/ifupdown/file.ts';
import { optionsOf } from '../host/ifupdown/options.ts';
import { portIn } from '../host/ifupdown/ports.ts';
import { type Interfaces, readTree } from '../host/ifupdown/tree.ts';
import { withoutStanzas } from '../host/ifupdown/without.ts';
import { allLinks } from '../shared/link-order.ts';
import { DIRECTORY, STANZAS } from './interfaces.ts';

/** Without it ifupdown reads no other file, the generated one included: it is never moved away. */
export const MAIN = '/etc/network/interfaces';

/** Each after what it is on top of. */
export const namesOf = (model: Model): string[] =>
  [...allLinks(model), ...model.taps].map(({ name }) => name);

type Problem = NonNullable<Replaced['problem']>;

/**
 * @param files what ifupdown reads
 * @param named paths that the user gives up
 * @returns undefined where none of them has a stanza of ifupdown's
 */
export function replaceStanzas(
  files: readonly HostFile[],
  model: Model,
  named: readonly string[],
): Replaced | undefined {
  const read = files.flatMap((file) =>
    isOfSite(file) ? [{ ...file, text: file.text ?? '' }] : [],
  );
  const given = read.filter(({ path }) => named.includes(path));
  if (given.length === 0) return undefined;
  const tree = readTree(files);
  const bridges = bridgesIn(tree, model, named);
  const names = [...namesOf(model), ...bridges.keys()];
  const texts = new Map<string, string>();
  for (const { path, text } of read) {
    const rest = path === MAIN || named.includes(path) ? withoutStanzas(text, names) : undefined;
    if (rest !== undefined) texts.set(path, rest);
  }
  const isGone = ({ path, text }: { readonly path: string; readonly text: string }): boolean =>
    path !== MAIN && (!texts.has(path) || isEmpty(texts.get(path) ?? text));
  const moved = given.filter(isGone).map(({ path }) => path);
  const stays = read.flatMap((file) =>
    statementsLeft(file, texts.has(file.path) ? new Set(names) : new Set()),
  );
  const problem =
    problemOfMain(given, texts) ??
    problemOfPorts(bridges, model) ??
    problemOfUses(stays, [...bridges.keys()], named) ??
    problemOfMasters(tree, stays, model, named);
  return {
    texts: new Map([...texts].filter(([path]) => !moved.includes(path))),
    moved,
    links: bridges.size === 0 ? [] : stanzasOf(tree, names),
    ...(problem && { problem }),
  };
}

/** Of people: not the generated file, and no setting of ifupdown itself. */
const isOfSite = ({ folder, name, text }: HostFile): boolean =>
  text !== undefined &&
  folder !== '/etc/default' &&
  !/^ifupdown(?:2|-ng)\.conf$/.test(name) &&
  !(folder === DIRECTORY && STANZAS.name.test(name));

/** Comments and empty lines only. */
const isEmpty = (text: string): boolean =>
  text.split('\n').every((line) => line.trim() === '' || line.trimStart().startsWith('#'));

const PORTS = 'bridge-ports';
/** A name that a shell takes as it is, in a path, too. */
const PLAIN = /^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,14}$/;

/** Stanzas of bridges, in the files that are given, that have a link of the intent as a port. */
function bridgesIn(
  tree: Interfaces,
  model: Model,
  named: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  const options = optionsOf(tree);
  for (const stanza of tree.stanzas) {
    if (!named.includes(stanza.path) || !PLAIN.test(stanza.name)) continue;
    const lists = options(stanza).filter(({ key }) => key === PORTS);
    if (!hasPort(stanza, lists, model)) continue;
    const words = lists.flatMap(({ value }) => value.split(/\s+/));
    const ports = [...(found.get(stanza.name) ?? []), ...words];
    found.set(
      stanza.name,
      [...new Set(ports)].filter((word) => word !== '' && word !== 'none'),
    );
  }
  return found;
}

/** Not one that the intent itself has there. */
function hasPort(stanza: Stanza, options: readonly Option[], model: Model): boolean {
  const masters = new Map(model.parents.map(({ name, master }) => [name, master?.name]));
  return claimsOf(model).some((claim) => {
    const port = portIn(stanza, options, claim);
    return port !== undefined && port.master !== masters.get(claim.name);
  });
}

/** Links that have a stanza, each after what it is on top of. */
function stanzasOf({ stanzas }: Interfaces, names: readonly string[]): string[] {
  const own = new Set(stanzas.map(({ name }) => name));
  return [...new Set(names)].filter((name) => own.has(name));
}

const problemOfMain = (
  given: readonly HostFile[],
  texts: ReadonlyMap<string, string>,
): Problem | undefined =>
  given.some(({ path }) => path === MAIN) && !texts.has(MAIN)
    ? {
        message: `\`--move\`: ${MAIN} has no stanza of the intent's links or their bridge`,
        hint: 'Leave it out: `apply` never moves that file.',
      }
    : undefined;

/** What else is in the bridge would be cut off. */
function problemOfPorts(
  bridges: ReadonlyMap<string, readonly string[]>,
  model: Model,
): Problem | undefined {
  const own = new Set(claimsOf(model).map(({ name }) => name));
  for (const [bridge, ports] of bridges) {
    const other = ports.find((port) => !own.has(port));
    if (other === undefined) continue;
    return {
      message: `\`--move\`: the bridge ${bridge} has \`${PORTS}\` that the intent does not have: ${other}`,
      hint: 'Take it out of the bridge first, or describe it in the intent.',
    };
  }
  return undefined;
}

interface Left {
  readonly path: string;
  readonly statement: Statement;
}

/** Statements of a file, without those that go; with the lines that they have now. */
function statementsLeft(
  { path, text }: HostFile & { readonly text: string },
  gone: ReadonlySet<string>,
): Left[] {
  return readInterfaces(text).statements.flatMap((statement): Left[] => {
    if (statement.kind === 'iface' && gone.has(statement.name)) return [];
    if (!('names' in statement) || statement.kind === 'mapping') return [{ path, statement }];
    const names = statement.names.filter((name) => !gone.has(name));
    return [{ path, statement: { ...statement, names } }];
  });
}

/** What stays, and names a bridge that goes: an alias, a VLAN on it, a command. */
function problemOfUses(
  stays: readonly Left[],
  bridges: readonly string[],
  named: readonly string[],
): Problem | undefined {
  for (const { path, statement } of stays) {
    const bridge = bridges.find((name) => usesLink(statement, name));
    if (bridge === undefined) continue;
    const isOwn =
      statement.kind === 'iface'
        ? statement.name === bridge
        : 'names' in statement && statement.names.includes(bridge);
    const at = `\`--move\`: ${path}:${statement.line}`;
    return isOwn && !named.includes(path)
      ? {
          message: `${at} has the bridge ${bridge}, too, which the change removes`,
          hint: `Add \`--move ${path}\`.`,
        }
      : {
          message: `${at} needs the bridge ${bridge}, which the change removes`,
          hint: 'Remove that first, or describe it in the intent.',
        };
  }
  return undefined;
}

function usesLink(statement: Statement, link: string): boolean {
  const isOn = (word: string): boolean =>
    baseOf(word) === link || word === link || word.startsWith(`${link}.`);
  switch (statement.kind) {
    case 'iface':
      return (
        isOn(statement.name) ||
        statement.inherits === link ||
        statement.options.some(({ value }) => value.split(/[\s;|&"'=/()]+/).some(isOn))
      );
    case 'source':
    case 'source-directory':
      return false;
    default:
      return statement.names.some((name) => name.split('=').some(isOn));
  }
}

/** A bond, or a master that a command gives: it is not removed. */
function problemOfMasters(
  tree: Interfaces,
  stays: readonly Left[],
  model: Model,
  named: readonly string[],
): Problem | undefined {
  const options = optionsOf(tree);
  const found = stays.find(
    ({ path, statement }) =>
      named.includes(path) &&
      statement.kind === 'iface' &&
      hasPort(statement, options(statement), model),
  );
  return (
    found && {
      message: `\`--move\`: ${found.path}:${found.statement.line} makes a link of the intent a port, and is not a bridge that the change can remove (\`${PORTS}\`)`,
      hint: 'Remove it by hand, with a console at hand, or describe it in the intent.',
    }
  );
}
